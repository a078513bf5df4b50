internal import EngagementModel
internal import Foundation
internal import Insight
internal import Ledger
internal import Warehouse

/// People without a shared key: probabilistic matching over the records of all sources, after the keys have spoken.
///
/// What the keys joined, and what a person answered, teaches the model. A pair that is all but certain is joined; one
/// that is unclear becomes a question (`insight.identity_pair`, the page `/identity`). Two valid NPIs are two people,
/// whatever else agrees. Golden identifiers never change by this: a merged identity leads to the one that stays.
enum MatchPart {
    static let version = "match-1"
    /// From here on the model joins by itself.
    static let certain = 0.995
    /// Below, a pair is no question.
    static let unclear = 0.2...0.995

    private struct Records: Sendable {
        var hcp: [Int32]
        var hcpID: [String]
        var source: [String]
        var sourceID: [String]
        var npi: [String?]
        var columns: [IdentityColumn]
    }

    /// The verdicts of people as link rows, before the stages of identity are built. Returns whether they changed.
    static func recordAnswers(_ context: RunContext) async throws -> [IdentityAnswer] {
        let answers = try await context.ledger.identityAnswers()
        let connection = context.connection
        try await connection.execute("DELETE FROM history.match_link WHERE origin = 'person'")
        guard !answers.isEmpty else { return [] }
        try await connection.ingest(
            ColumnSet([
                ("left_source", .text(answers.map(\.leftSource))), ("left_id", .text(answers.map(\.leftID))),
                ("right_source", .text(answers.map(\.rightSource))), ("right_id", .text(answers.map(\.rightID))),
                ("same", .bool(answers.map(\.isSame))), ("origin", .text(answers.map { _ in "person" })),
                ("probability", .double(answers.map { $0.isSame ? 1 : 0 })),
            ]), into: "history.match_link", mode: .append)
        // A person's word ends what the model said of the same two.
        try await connection.execute(
            """
            DELETE FROM history.match_link WHERE origin = 'model' AND EXISTS (
              SELECT 1 FROM history.match_link AS p WHERE p.origin = 'person' AND NOT p.same
                AND ((p.left_source, p.left_id, p.right_source, p.right_id)
                    = (history.match_link.left_source, history.match_link.left_id, history.match_link.right_source, history.match_link.right_id)
                  OR (p.right_source, p.right_id, p.left_source, p.left_id)
                    = (history.match_link.left_source, history.match_link.left_id, history.match_link.right_source, history.match_link.right_id)))
            """)
        return answers
    }

    /// Looks for people among the golden records. Returns how many pairs were newly joined: then identity is built again.
    static func run(_ context: RunContext, _ answers: [IdentityAnswer]) async throws -> Int {
        let connection = context.connection
        let serials = try await Marts.serials(connection)
        let last = answers.map(\.number).max() ?? 0
        let inputs = "\(version); resolve/hcp_record \(serials["resolve/hcp_record"] ?? 0); answers \(last)"
        let known = try await connection.query("SELECT inputs FROM insight.part WHERE part = 'match'")
        if try known.texts("inputs").first == inputs { return 0 }
        let (joined, rows, note) = try await match(context, answers)
        try await connection.execute("DELETE FROM insight.part WHERE part = 'match'")
        // After a join the records are built again, and looked at once more.
        try await connection.execute(
            "INSERT INTO insight.part VALUES ('match', ?, ?, ?, ?, ?, ?)",
            [
                .text(version), .text(joined > 0 ? "" : inputs), .day(context.asOf), .text(context.runID),
                .int(Int64(rows)), .text(note),
            ])
        return joined
    }

    private static func match(
        _ context: RunContext, _ answers: [IdentityAnswer]
    ) async throws -> (joined: Int, rows: Int, note: String) {
        let connection = context.connection
        let records = try await records(connection)
        guard records.hcp.count >= 2 else { return (0, 0, "switched off: fewer than two HCPs") }
        var options = IdentityOptions()
        options.seed = context.workspace.strategy.seed
        options.threshold = certain
        options.floor = unclear.lowerBound
        options.pairsPerRow = 10
        options.answers = settled(records, answers)
        // Golden records are nearly all different people. Records that a key joined are one person for sure: they, and the
        // answers, correct what is assumed.
        options.twinShare = 0.01
        let result: IdentityResult
        do {
            result = try IdentityResolution.resolve(records.columns, options: options)
        } catch let problem as Diagnostic {
            try await connection.execute("DELETE FROM insight.identity_pair")
            return (0, 0, problem.message)
        }
        let fresh = joins(result, records, options.answers)
        if !fresh.isEmpty { try await append(fresh, records, connection) }
        let questions = questions(
            result, records, options.answers, joined: Set(fresh.map { RowPair($0.left, $0.right) }))
        try await write(questions, result, records, connection)
        return (
            fresh.count, questions.count,
            "\(fresh.count) joined, \(questions.count) unclear, \(options.answers.same.count) settled pairs to learn from"
        )
    }

    private static func records(_ connection: WarehouseConnection) async throws -> Records {
        let table = try await connection.query(
            """
            SELECT r.hcp_no, h.hcp_id, r.source, r.source_hcp_id, r.npi, r.first_name, r.last_name, r.specialty, r.email,
              r.phone, r.address_line, r.city, r.postal_code, r.country
            FROM mart.hcp_record AS r JOIN mart.hcp AS h ON h.hcp_no = r.hcp_no ORDER BY r.hcp_no, r.place
            """)
        // A mailbox is the same or another: its letters are those of the name, which counts already.
        let kinds: [(String, FieldKind)] = [
            ("first_name", .name), ("last_name", .name), ("specialty", .category), ("email", .category),
            ("phone", .phone),
            ("address_line", .address), ("city", .category), ("postal_code", .postcode), ("country", .category),
        ]
        let columns = try kinds.map { name, kind in
            IdentityColumn(name: name, kind: kind, cells: try table.strings(name).map { $0?.lowercased() ?? "" })
        }
        return Records(
            hcp: try table.int32s("hcp_no"), hcpID: try table.texts("hcp_id"), source: try table.texts("source"),
            sourceID: try table.texts("source_hcp_id"), npi: try table.strings("npi"), columns: columns)
    }

    /// What is certain already: records of one golden identity, and the answers of people.
    private static func settled(_ records: Records, _ answers: [IdentityAnswer]) -> PairAnswers {
        var pairs = PairAnswers(same: StableIdentifiers.ties(known: records.hcpID))
        guard !answers.isEmpty else { return pairs }
        var rows: [String: Int32] = [:]
        for row in records.source.indices { rows["\(records.source[row])\u{1f}\(records.sourceID[row])"] = Int32(row) }
        for answer in answers where !answer.isSame {
            guard let a = rows["\(answer.leftSource)\u{1f}\(answer.leftID)"],
                let b = rows["\(answer.rightSource)\u{1f}\(answer.rightID)"],
                records.hcp[Int(a)] != records.hcp[Int(b)]
            else { continue }
            pairs.different.append(RowPair(a, b))
        }
        return pairs
    }

    /// Golden identities that a person has told apart, by whichever of their records.
    private static func apart(_ answers: PairAnswers, _ records: Records) -> Set<RowPair> {
        Set(answers.different.map { RowPair(records.hcp[Int($0.left)], records.hcp[Int($0.right)]) })
    }

    private static func contradict(_ a: Int, _ b: Int, _ records: Records) -> Bool {
        if let left = records.npi[a], let right = records.npi[b] { return left != right }
        return false
    }

    /// Pairs of two golden identities that the model is sure of, each identity once: the best partner on both sides.
    private static func joins(
        _ result: IdentityResult, _ records: Records, _ answers: PairAnswers
    ) -> [ScoredPair] {
        var npis: [Int32: Set<String>] = [:]
        for row in records.hcp.indices {
            if let npi = records.npi[row] { npis[records.hcp[row], default: []].insert(npi) }
        }
        let apart = apart(answers, records)
        let candidates = result.matches.filter { pair in
            let (a, b) = (records.hcp[Int(pair.left)], records.hcp[Int(pair.right)])
            guard a != b, !apart.contains(RowPair(a, b)),
                result.clusters[Int(pair.left)] == result.clusters[Int(pair.right)]
            else { return false }
            return (npis[a] ?? []).union(npis[b] ?? []).count <= 1
        }.filter { isPlain($0, result) }.sorted { $0.bits > $1.bits }
        var taken: Set<Int32> = []
        return candidates.filter { pair in
            let (a, b) = (records.hcp[Int(pair.left)], records.hcp[Int(pair.right)])
            guard !taken.contains(a), !taken.contains(b) else { return false }
            taken.formUnion([a, b])
            return true
        }
    }

    /// A join that nobody has looked at needs both names to agree, and a phone or a mailbox to be the same: people of one
    /// name in one street are often two.
    private static func isPlain(_ pair: ScoredPair, _ result: IdentityResult) -> Bool {
        var steps: [String: MatchExplanation.Step] = [:]
        for step in result.explain(Int(pair.left), Int(pair.right)).steps { steps[step.field] = step }
        let isReachedAlike = ["phone", "email"].contains { steps[$0]?.level?.hasPrefix("exact") == true }
        return isReachedAlike && ["first_name", "last_name"].allSatisfy { (steps[$0]?.total ?? 0) > 0 }
    }

    private static func append(
        _ pairs: [ScoredPair], _ records: Records, _ connection: WarehouseConnection
    ) async throws {
        try await connection.ingest(
            ColumnSet([
                ("left_source", .text(pairs.map { records.source[Int($0.left)] })),
                ("left_id", .text(pairs.map { records.sourceID[Int($0.left)] })),
                ("right_source", .text(pairs.map { records.source[Int($0.right)] })),
                ("right_id", .text(pairs.map { records.sourceID[Int($0.right)] })),
                ("same", .bool(pairs.map { _ in true })), ("origin", .text(pairs.map { _ in "model" })),
                ("probability", .double(pairs.map(\.probability))),
            ]), into: "history.match_link", mode: .append)
    }

    private static func questions(
        _ result: IdentityResult, _ records: Records, _ answers: PairAnswers, joined: Set<RowPair>
    ) -> [ClericalReview.Question] {
        let apart = apart(answers, records)
        let open = result.pairs.filter { pair in
            let people = RowPair(records.hcp[Int(pair.left)], records.hcp[Int(pair.right)])
            return people.left != people.right && !apart.contains(people)
                && !contradict(Int(pair.left), Int(pair.right), records)
                && !joined.contains(RowPair(pair.left, pair.right))
        }
        // What stands are the golden identities: a pair that is sure, and yet was not joined, is a question too.
        return ClericalReview(open, clusters: records.hcp, answers: answers, unclear: unclear, limit: 500).questions
    }

    /// Each question with its evidence: `field<US>level<US>bits` joined by record separators.
    private static func write(
        _ questions: [ClericalReview.Question], _ result: IdentityResult, _ records: Records,
        _ connection: WarehouseConnection
    ) async throws {
        let (left, right) = (questions.map { Int($0.pair.left) }, questions.map { Int($0.pair.right) })
        let fields = questions.map { question in
            result.explain(Int(question.pair.left), Int(question.pair.right)).steps.map { step in
                [step.field, step.level ?? "missing", String(format: "%.2f", step.total)].joined(separator: "\u{1f}")
            }.joined(separator: "\u{1e}")
        }
        try await connection.replace(
            "identity_pair",
            ColumnSet([
                ("left_hcp_id", .text(left.map { records.hcpID[$0] })),
                ("right_hcp_id", .text(right.map { records.hcpID[$0] })),
                ("left_source", .text(left.map { records.source[$0] })),
                ("left_source_id", .text(left.map { records.sourceID[$0] })),
                ("right_source", .text(right.map { records.source[$0] })),
                ("right_source_id", .text(right.map { records.sourceID[$0] })),
                ("probability", .double(questions.map(\.pair.probability))),
                ("bits", .double(questions.map(\.pair.bits))),
                ("worth", .double(questions.map(\.worth))), ("affected", .int32(questions.map { Int32($0.affected) })),
                ("fields", .text(fields)),
            ]))
    }
}
