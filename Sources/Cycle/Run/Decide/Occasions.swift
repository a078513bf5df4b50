internal import EngagementModel
internal import Warehouse

/// The alarms of the day as reasons: "Orders every 41 days; the next is due on 3 March (±6 days)."
///
/// They explain a touch, they do not choose it: the models of response and outcome do not read them.
struct Occasions: Sendable {
    private struct Key: Hashable {
        var hcp: Int32
        var product: String
    }

    private var texts: [Key: String] = [:]

    /// Alarms that anybody may read, the surest of each HCP and product.
    static func read(_ connection: WarehouseConnection) async throws -> Occasions {
        var occasions = Occasions()
        guard try await connection.has("insight", "trigger") else { return occasions }
        let table = try await connection.query(
            """
            SELECT t.hcp_no, t.product_id, t.evidence, CASE WHEN t.subject_kind = 'hco' THEN o.name END AS account
            FROM insight.trigger AS t LEFT JOIN mart.hco AS o ON o.hco_id = t.hco_id
            WHERE t.alarm AND t.audience = 'all' AND t.hcp_no IS NOT NULL AND t.product_id IS NOT NULL
              AND t.kind IN ('need_due', 'silent_customer', 'ordering_fall', 'ordering_rise', 'prescribing_fall',
                'prescribing_rise', 'treatment_research', 'order_proposal')
            ORDER BY t.score, t.kind DESC
            """)
        let (hcps, products) = (try table.int32s("hcp_no"), try table.texts("product_id"))
        let (evidence, accounts) = (try table.texts("evidence"), try table.strings("account"))
        for row in hcps.indices {
            let text = accounts[row].map { "\($0): \(evidence[row])" } ?? evidence[row]
            // In order of score: the surest comes last and stays.
            occasions.texts[Key(hcp: hcps[row], product: products[row])] = text
        }
        return occasions
    }

    /// The occasion before the reasons of the model; an assumption that must be told keeps its place at the end.
    func leading(_ reasons: [String], hcp: Int, product: String, isDisclosed: Bool) -> [String] {
        guard let text = texts[Key(hcp: Int32(hcp), product: product)] else { return reasons }
        guard isDisclosed, let last = reasons.last else { return [text] + reasons.prefix(2) }
        return [text] + reasons.dropLast().prefix(1) + [last]
    }
}
