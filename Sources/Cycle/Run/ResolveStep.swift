internal import EngagementModel
internal import Ledger
internal import Warehouse

/// One golden record per person; then the ledger learns who was touched lately and what they consented to.
enum ResolveStep {
    /// What the ledger is to know of it. Nothing but deciding reads it, so that it is written while the models learn.
    struct Record: Sendable {
        fileprivate var window: ClosedRange<Day>
        fileprivate var contacts: ContactColumns
        fileprivate var consents: LedgerConsents
        fileprivate var crosswalk: [(externalID: String, hcpID: String)]

        func write(_ ledger: Ledger) async throws {
            _ = try await ledger.replaceLoadedContacts(window: window, contacts)
            _ = try await ledger.recordConsents(consents)
            try await ledger.replaceCrosswalk(crosswalk)
        }
    }

    static func run(_ context: RunContext, _ summary: inout RunSummary) async throws -> Record {
        try await Marts.prepare(context.connection)
        let answers = try await MatchPart.recordAnswers(context)
        try await recordMoves(context)
        _ = try await Marts.resolve(context.connection, runID: context.runID)
        if !context.request.rulesOnly, try await MatchPart.run(context, answers) > 0 {
            _ = try await Marts.resolve(context.connection, runID: context.runID)
            _ = try await MatchPart.run(context, answers)
        }
        let first = context.asOf + -context.windowDays
        let record = Record(
            window: first...context.asOf, contacts: try await contacts(context, from: first),
            consents: try await consents(context), crosswalk: try await Crosswalk.read(context))
        let table = try await context.connection.query(
            """
            SELECT (SELECT count(*) FROM mart.hcp) AS hcps, (SELECT count(*) FROM mart.hco) AS accounts,
              (SELECT count(*) FROM mart.rep) AS reps,
              (SELECT count(*) FROM mart.xref WHERE rule <> 'shared id') - (SELECT count(*) FROM mart.hcp) AS merged
            """)
        summary.people.hcps = Int(try table.int64s("hcps")[0])
        summary.people.accounts = Int(try table.int64s("accounts")[0])
        summary.people.reps = Int(try table.int64s("reps")[0])
        summary.people.merged = Int(try table.int64s("merged")[0])
        return record
    }

    /// What leaders decided about accounts since the last run: who looks after whom follows it.
    private static func recordMoves(_ context: RunContext) async throws {
        let moves = try await context.ledger.accountMoves()
        try await context.connection.execute("DELETE FROM history.account_move")
        guard !moves.isEmpty else { return }
        try await context.connection.ingest(
            ColumnSet([
                ("hco_id", .text(moves.map(\.hcoID))), ("from_rep", .text(moves.map(\.fromRep))),
                ("to_rep", .text(moves.map(\.toRep))),
            ]), into: "history.account_move", mode: .append)
    }

    /// Touches inside the longest cap window enter the ledger, whoever sent them, so that caps have one memory.
    private static func contacts(_ context: RunContext, from first: Day) async throws -> ContactColumns {
        let table = try await context.connection.query(
            """
            SELECT i.source || ':' || i.interaction_id AS interaction_id, x.hcp_id, i.channel, coalesce(i.direction, 'push') AS direction,
              i.purpose, i.product_id, i.content_id, i.campaign_id, i.rep_id, i.decision_id,
              epoch_us(i.occurred_at) AS at, CAST(i.occurred_at AS DATE) AS day, coalesce(i.status, 'sent') AS status
            FROM canon.interaction AS i
            JOIN mart.xref AS x ON x.source = i.source AND x.source_hcp_id = i.hcp_id, history.clock AS k
            WHERE coalesce(i.kind, 'touch') = 'touch' AND i.parent_interaction_id IS NULL AND i.source <> 'rapport'
              AND i.occurred_at >= CAST(? AS DATE) AND i.occurred_at <= k.as_of_end
            """, [.day(first)])
        var columns = ContactColumns()
        columns.interactionID = try table.texts("interaction_id")
        columns.hcpID = try table.texts("hcp_id")
        columns.channel = try table.texts("channel").map { Channel(rawValue: $0) ?? .portal }
        columns.direction = try table.texts("direction").map { Direction(rawValue: $0) ?? .push }
        columns.purpose = try table.strings("purpose").map { $0.flatMap(Purpose.init(rawValue:)) }
        columns.productID = try table.strings("product_id")
        columns.contentID = try table.strings("content_id")
        columns.campaignID = try table.strings("campaign_id")
        columns.sender = try table.strings("rep_id").map { $0 ?? "system" }
        columns.decisionID = try table.strings("decision_id")
        columns.occurredAt = try table.int64s("at")
        columns.day = try table.days("day").map { $0 ?? context.asOf }
        columns.status = try table.texts("status").map { TouchStatus(rawValue: $0) ?? .sent }
        return columns
    }

    private static func consents(_ context: RunContext) async throws -> LedgerConsents {
        let table = try await context.connection.query(
            """
            SELECT c.source || ':' || coalesce(c.consent_id, x.hcp_id || '/' || c.channel || '/' || c.purpose || '/' || coalesce(c.product_id, '') || '/' || CAST(c.captured_at AS VARCHAR)) AS consent_id,
              x.hcp_id, c.channel, c.address, c.purpose, c.product_id, c.status, c.basis, c.text_version,
              epoch_us(c.captured_at) AS captured, epoch_us(c.expires_at) AS expires, c.evidence
            FROM canon.consent AS c
            JOIN mart.xref AS x ON x.source = c.source AND x.source_hcp_id = c.hcp_id, history.clock AS k
            WHERE c.captured_at <= k.as_of_end ORDER BY captured, consent_id
            """)
        var columns = LedgerConsents()
        columns.consentID = try table.texts("consent_id")
        columns.hcpID = try table.texts("hcp_id")
        columns.channel = try table.texts("channel").map { Channel(rawValue: $0) ?? .portal }
        columns.address = try table.strings("address")
        columns.purpose = try table.texts("purpose").map { Purpose(rawValue: $0) ?? .promotional }
        columns.productID = try table.strings("product_id")
        columns.status = try table.texts("status").map { ConsentStatus(rawValue: $0) ?? .pending }
        columns.basis = try table.strings("basis").map { $0.flatMap(ConsentBasis.init(rawValue:)) }
        columns.textVersion = try table.strings("text_version")
        columns.capturedAt = try table.int64s("captured")
        columns.expiresAt = try table.ints("expires")
        columns.evidence = try table.strings("evidence")
        return columns
    }
}
