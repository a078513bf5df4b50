public import EngagementModel
public import Foundation
internal import Ledger
internal import Warehouse

/// Formats of `rapport export`.
public enum ExchangeFormat: String, CaseIterable, Sendable { case csv, parquet, veeva, features }

/// What an import of feedback did.
public struct FeedbackImport: Sendable, Codable {
    public var rows: Int
    public var applied: Int
    public var repeated: Int
    public var unchanged: Int
    public var refused: [String: Int]
    public var diagnostics: [Diagnostic]

    public func rendered() -> String {
        var text =
            "\(rows) rows with feedback: \(applied) applied, \(repeated) known already, \(unchanged) without effect"
        if !refused.isEmpty {
            text +=
                "; not applied: "
                + refused.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        }
        return text + "\n"
    }
}

extension DecisionBook {
    /// The plan's rep touches as `Suggestion_vod__c`, with each HCP's own Veeva id where a source gave one.
    public func veevaSuggestions(_ rows: [Decision]) async throws -> String {
        let connection = try snapshot()
        let ids = try await connection.query(
            """
            SELECT x.hcp_id, min(i.value) AS veeva_id
            FROM canon.identifier AS i JOIN mart.xref AS x ON x.source = i.source AND x.source_hcp_id = i.subject_id
            WHERE i.subject_kind = 'hcp' AND lower(i.scheme) = 'veeva' GROUP BY x.hcp_id
            """)
        let accounts = Dictionary(
            zip(try ids.texts("hcp_id"), try ids.texts("veeva_id")), uniquingKeysWith: { first, _ in first })
        let contents = try await connection.query(
            "SELECT content_id, coalesce(title, content_id) AS title FROM mart.content")
        let titles = Dictionary(
            zip(try contents.texts("content_id"), try contents.texts("title")), uniquingKeysWith: { first, _ in first })
        return VeevaSuggestions.csv(rows, account: { accounts[$0] ?? $0 }, contentTitle: { titles[$0] })
    }

    /// Reads what reps did with exported suggestions.
    public func importVeevaFeedback(_ data: Data, file: String) async throws -> FeedbackImport {
        let (rows, diagnostics) = try VeevaSuggestions.feedback(data, file: file)
        let asOf = try await run(asOf: nil).record.asOf
        let load = try await ledger.importFeedback(
            rows.map { row in
                let outcome: Feedback.Outcome =
                    switch row.kind {
                    case .actioned: .actioned
                    case .dismissed: .dismissed
                    case .completed: .completed
                    }
                let at = Int64((row.day ?? asOf).number) * 86_400_000_000 + 43_200_000_000
                return Feedback(externalID: row.externalID, decisionID: row.decisionID, outcome: outcome, at: at)
            }, source: "veeva")
        return FeedbackImport(
            rows: rows.count, applied: load.applied, repeated: load.repeated, unchanged: load.unchanged,
            refused: load.refused, diagnostics: diagnostics)
    }
}
