import EngagementModel
import Ledger
import Warehouse

/// Reads the unclear pairs of the last run, without those that were settled since.
struct IdentityReads: Sendable {
    let snapshot: Snapshot

    private struct Question {
        var left: IdentityPage.Record
        var right: IdentityPage.Record
        var probability: Double
        var bits: Double
        var affected: Int
        var fields: String
    }

    private func questions() async throws -> [Question] {
        guard let table = try await snapshot.rows("identity-pairs") else { return [] }
        let (leftHCPs, rightHCPs) = (try table.texts("left_hcp_id"), try table.texts("right_hcp_id"))
        let (leftSources, leftIDs) = (try table.texts("left_source"), try table.texts("left_source_id"))
        let (rightSources, rightIDs) = (try table.texts("right_source"), try table.texts("right_source_id"))
        let (probability, bits) = (try table.doubles("probability"), try table.doubles("bits"))
        let (affected, fields) = (try table.int64s("affected"), try table.texts("fields"))
        return leftHCPs.indices.map {
            Question(
                left: .init(hcpID: leftHCPs[$0], source: leftSources[$0], sourceID: leftIDs[$0]),
                right: .init(hcpID: rightHCPs[$0], source: rightSources[$0], sourceID: rightIDs[$0]),
                probability: probability[$0], bits: bits[$0], affected: Int(affected[$0]), fields: fields[$0])
        }
    }

    /// Whether the last run asked about these two records.
    func asks(_ a: (source: String, id: String), _ b: (source: String, id: String)) async throws -> Bool {
        try await questions().contains { question in
            let left = (question.left.source, question.left.sourceID)
            let right = (question.right.source, question.right.sourceID)
            return (left == a && right == b) || (left == b && right == a)
        }
    }

    /// The most useful question that is open, after `skip` others, and how many are open.
    func next(_ answers: [IdentityAnswer], skip: Int) async throws -> (IdentityPage.Pair?, Int) {
        func key(_ a: String, _ b: String, _ c: String, _ d: String) -> [String] {
            (a, b) < (c, d) ? [a, b, c, d] : [c, d, a, b]
        }
        let settled = Set(answers.map { key($0.leftSource, $0.leftID, $0.rightSource, $0.rightID) })
        let open = try await questions().filter {
            !settled.contains(key($0.left.source, $0.left.sourceID, $0.right.source, $0.right.sourceID))
        }
        guard !open.isEmpty else { return (nil, 0) }
        let question = open[skip % open.count]
        async let left = cells(question.left)
        async let right = cells(question.right)
        let fields = Self.fields(question.fields, try await left, try await right)
        return (
            .init(
                left: question.left, right: question.right, probability: question.probability, bits: question.bits,
                affected: question.affected, fields: fields), open.count
        )
    }

    static let columns = [
        "first_name", "last_name", "specialty", "email", "phone", "address_line", "city", "postal_code", "country",
        "npi",
    ]

    private func cells(_ record: IdentityPage.Record) async throws -> [String: String] {
        guard
            let table = try await snapshot.rows("identity-record", [.text(record.source), .text(record.sourceID)]),
            table.rowCount > 0
        else { return [:] }
        var cells: [String: String] = [:]
        for column in Self.columns { cells[column] = try table.strings(column)[0] }
        return cells
    }

    /// The evidence as the run wrote it: `field<US>level<US>bits`, fields separated by record separators.
    static func fields(_ text: String, _ left: [String: String], _ right: [String: String]) -> [IdentityPage.Field] {
        var compared: [String: (level: String, bits: Double)] = [:]
        for entry in text.split(separator: "\u{1e}") {
            let parts = entry.split(separator: "\u{1f}", omittingEmptySubsequences: false).map(String.init)
            if parts.count == 3, let bits = Double(parts[2]) { compared[parts[0]] = (parts[1], bits) }
        }
        return columns.map { name in
            .init(
                name: name, left: left[name], right: right[name], level: compared[name]?.level,
                bits: compared[name]?.bits)
        }
    }
}
