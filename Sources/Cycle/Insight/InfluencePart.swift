internal import Decisioning
internal import EngagementModel
internal import Foundation
internal import Insight
internal import Warehouse

/// Who stands in the middle of the ties, who belongs together, and whose start moves others to start.
///
/// Influence is a discrete-time hazard of the first prescription with the company's own contacts as controls: without
/// them, what marketing did would be credited to colleagues.
enum InfluencePart {
    static let part = InsightPart(
        name: "influence", version: "influence-1",
        // Ties change every day and say the same: once a month is enough, and whenever the HCPs are others.
        stages: ["resolve/hcp_number"], rhythm: .monthly, isModel: true,
        tables: ["influence", "influence_model"]
    ) { context in try await run(context) }

    /// Months of the adoption history, and the first of them in which a prescription does not yet count as new.
    private static let months = 24
    private static let washout = 3
    /// Fewer beginners say nothing about who moved them.
    private static let fewestAdoptions = 20

    private static func run(_ context: RunContext) async throws -> InsightPart.Outcome {
        let connection = context.connection
        let ties = try await connection.query("SELECT from_no, to_no, weight FROM insight.tie ORDER BY from_no, to_no")
        let count = Int(try await connection.query("SELECT count(*) AS n FROM mart.hcp").int64s("n")[0])
        guard ties.rowCount > 0, count > 0 else {
            throw Diagnostic(
                "no_input", "switched off: no ties between HCPs (referral, claim, affiliation, event_attendance)")
        }
        let graph = try NetworkGraph.directed(
            nodeCount: count, from: try ties.int32s("from_no"), to: try ties.int32s("to_no"),
            weights: try ties.doubles("weight")
        ).graph
        let back = graph.reversed()
        let both = graph.undirected(reversed: back)
        let rank = PageRank.values(graph, incoming: back, tolerance: 1e-9).values
        let communities = Leiden.suited(to: both).communities(of: both, seed: context.workspace.strategy.seed)
        let (influence, coefficients, note) = try await influence(graph, count, context)
        let nodes = (0..<count).filter { both.degree($0) > 0 }
        let order = nodes.sorted { (rank[$1], $0) < (rank[$0], $1) }
        var place = [Int32](repeating: 0, count: count)
        for (number, node) in order.enumerated() { place[node] = Int32(number + 1) }
        try await connection.replace(
            "influence",
            ColumnSet([
                ("hcp_no", .int32(nodes.map { Int32($0) })),
                ("community", .int32(nodes.map { communities.communities[$0] })),
                // Times the mean: 1 is an average colleague.
                ("centrality", .double(nodes.map { rank[$0] * Double(count) })),
                ("centrality_rank", .int32(nodes.map { place[$0] })),
                ("ties", .int32(nodes.map { Int32(both.degree($0)) })),
                ("influence", .double(nodes.map { influence[$0] })),
            ]))
        try await write(coefficients, connection)
        return .init(
            rows: nodes.count,
            note:
                "\(communities.count) communities, modularity \(String(format: "%.2f", communities.modularity)); \(note)"
        )
    }

    private struct Coefficients: Sendable {
        var product: String
        var measure: String
        var model: ExposureModel
    }

    /// Added adoptions by the model of the first objective that has one; exposure given where none has.
    private static func influence(
        _ graph: NetworkGraph, _ count: Int, _ context: RunContext
    ) async throws -> (values: [Double], models: [Coefficients], note: String) {
        var found: [Coefficients] = []
        var note = "influence: exposure given, no adoption to learn from"
        for objective in context.workspace.strategy.objectives.prefix(2) {
            do {
                guard let history = try await history(objective, count, context) else { continue }
                let model = try ExposureModel.fit(graph, history)
                guard model.adoptions >= fewestAdoptions else {
                    note = "influence: exposure given, only \(model.adoptions) HCPs began with \(objective.product)"
                    continue
                }
                found.append(Coefficients(product: objective.product, measure: objective.measure, model: model))
            } catch let refusal as NetworkRefusal {
                note = "influence: exposure given, adoption says nothing (\(refusal.cause))"
            }
        }
        guard let first = found.first else { return (Influence.exposureGiven(graph), [], note) }
        let exposure = first.model.exposure
        note =
            "influence on \(first.product): exposure \(String(format: "%.2f", exposure.value)) "
            + "(\(String(format: "%.2f", exposure.low)) to \(String(format: "%.2f", exposure.high))), "
            + "\(first.model.adoptions) adoptions, contacts held constant"
        // Colleagues who hold each other back would be no influence to use.
        guard exposure.value > 0 else { return (Influence.exposureGiven(graph), found, note) }
        return (Influence.addedAdoptions(graph, first.model), found, note)
    }

    /// First months with a volume; contacts of the three months before each month as the control.
    private static func history(
        _ objective: Strategy.Objective, _ count: Int, _ context: RunContext
    ) async throws -> AdoptionHistory? {
        let connection = context.connection
        let first = try await connection.query(
            """
            WITH span AS (
              SELECT max(month) AS last, min(month) AS first FROM mart.volume_month WHERE product_id = ? AND measure = ?
            )
            SELECT v.hcp_no, CAST(datediff('month', greatest(s.first, s.last - to_months(?)), min(CASE WHEN v.value > 0 THEN v.month END)) AS INTEGER)
                AS start, CAST(datediff('month', greatest(s.first, s.last - to_months(?)), s.last) AS INTEGER) AS periods
            FROM mart.volume_month AS v, span AS s WHERE v.product_id = ? AND v.measure = ?
            GROUP BY v.hcp_no, s.first, s.last ORDER BY v.hcp_no
            """,
            [
                .text(objective.product), .text(objective.measure), .int(Int64(months)), .int(Int64(months)),
                .text(objective.product), .text(objective.measure),
            ])
        guard first.rowCount > 0, let all = try first.ints("periods").first ?? nil, all > Int64(washout + 2) else {
            return nil
        }
        let periods = Int(all) + 1 - washout
        var adopted = [Int?](repeating: nil, count: count)
        var observed = [Bool](repeating: false, count: count)
        let hcps = try first.int32s("hcp_no")
        for (i, start) in try first.ints("start").enumerated() {
            observed[Int(hcps[i])] = true
            // Who prescribed in the first months had begun before: a peer, nobody to explain.
            adopted[Int(hcps[i])] = start.map { max(0, Int($0) + 1 - washout) }
        }
        let contacts = try await contacts(objective, count, periods, context)
        return AdoptionHistory(
            adopted: adopted, periods: periods, observed: observed,
            covariates: [.init(name: "contacts", values: .perPeriod(contacts), isContact: true)])
    }

    private static func contacts(
        _ objective: Strategy.Objective, _ count: Int, _ periods: Int, _ context: RunContext
    ) async throws -> [Double] {
        let table = try await context.connection.query(
            """
            WITH last AS (SELECT max(month) AS month FROM mart.volume_month WHERE product_id = ? AND measure = ?)
            SELECT c.hcp_no, CAST(datediff('month', CAST(date_trunc('month', c.day) AS DATE), l.month) AS INTEGER) AS back,
              CAST(count(*) AS INTEGER) AS n
            FROM feature.contact AS c, last AS l
            WHERE c.direction = 'push' AND c.level >= 1 AND (c.product_id = ? OR c.product_id IS NULL)
            GROUP BY 1, 2
            """, [.text(objective.product), .text(objective.measure), .text(objective.product)])
        var touched = [Double](repeating: 0, count: count * periods)
        let (hcps, back, n) = (try table.int32s("hcp_no"), try table.int32s("back"), try table.int32s("n"))
        for i in hcps.indices {
            // Period p is `periods − p` months before the last; a contact counts for the three months after its own.
            let own = periods - Int(back[i])
            for period in (own + 1)...(own + 3) where (1...periods).contains(period) {
                touched[Int(hcps[i]) * periods + period - 1] += Double(n[i])
            }
        }
        return touched.map { log1p($0) }
    }

    private static func write(_ models: [Coefficients], _ connection: WarehouseConnection) async throws {
        let rows = models.flatMap { model in
            [(model, model.model.exposure, false)] + model.model.contact.map { (model, $0, true) }
        }
        try await connection.replace(
            "influence_model",
            ColumnSet([
                ("product_id", .text(rows.map(\.0.product))), ("measure", .text(rows.map(\.0.measure))),
                ("name", .text(rows.map(\.1.name))), ("is_contact", .bool(rows.map(\.2))),
                ("value", .double(rows.map(\.1.value))), ("low", .double(rows.map(\.1.low))),
                ("high", .double(rows.map(\.1.high))), ("p", .double(rows.map(\.1.p))),
                ("nodes", .int64(rows.map { Int64($0.0.model.nodes) })),
                ("adoptions", .int64(rows.map { Int64($0.0.model.adoptions) })),
            ]))
    }
}
