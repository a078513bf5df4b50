internal import EngagementModel
internal import Foundation
internal import Ledger
internal import Warehouse

/// Brings inquiries and open service cases that other systems delivered to `sources/` into the inbox, by the same door as
/// forms and mail: read, routed, flagged. What came before is known by its source and id, and stays one.
public struct InquiryImport: Sendable {
    private let workspace: Workspace
    private let now: @Sendable () -> Int64

    public init(workspace: Workspace, now: @escaping @Sendable () -> Int64) {
        self.workspace = workspace
        self.now = now
    }

    public struct Report: Sendable, Codable {
        public var inquiries = 0
        public var cases = 0
        /// Known from an earlier import.
        public var known = 0
        /// Empty, too long, or the same id with other words.
        public var refused = 0
        public var safety = 0

        public func rendered() -> String {
            "\(inquiries) inquiries and \(cases) cases taken in, \(known) known before, \(refused) refused; "
                + "\(safety) with a flag for safety\n"
        }
    }

    /// Takes in what was received in the last `days` days before the snapshot's as-of day.
    ///
    /// - Throws: `no_snapshot` before the first run.
    public func run(days: Int) async throws -> Report {
        guard let current = SnapshotStore(directory: workspace.snapshotDirectory).current else {
            throw Diagnostic("no_snapshot", "nothing has been published yet", remedy: "run `rapport run` first")
        }
        let ledger = try workspace.openLedger(now: now)
        defer { try? ledger.close() }
        let desk = try InquiryRoom.desk(workspace, ledger: ledger, engagement: nil)
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        var report = Report()
        try await takeInquiries(connection, desk, days, &report)
        try await takeCases(connection, desk, &report)
        return report
    }

    private func takeInquiries(
        _ connection: WarehouseConnection, _ desk: InquiryDesk, _ days: Int, _ report: inout Report
    ) async throws {
        guard try await connection.has("insight", "message") else { return }
        let table = try await connection.query(
            """
            SELECT m.source, m.message_id, h.hcp_id, epoch_us(m.at) AS at, m.channel, m.product_id, m.body, h.language
            FROM insight.message AS m LEFT JOIN mart.hcp AS h ON h.hcp_no = m.hcp_no, plan.run AS r
            WHERE m.message_kind = 'inquiry' AND m.at >= r.as_of - CAST(? AS INTEGER) AND m.at < r.as_of + 1
            ORDER BY m.at, m.source, m.message_id
            """, [.int(Int64(days))])
        let (sources, ids) = (try table.texts("source"), try table.texts("message_id"))
        let (hcps, times) = (try table.strings("hcp_id"), try table.int64s("at"))
        let (channels, products) = (try table.strings("channel"), try table.strings("product_id"))
        let (bodies, languages) = (try table.texts("body"), try table.strings("language"))
        for row in ids.indices {
            var draft = InquiryDraft(
                source: "source:\(sources[row])", sourceID: ids[row],
                channel: channels[row].flatMap(Channel.init(rawValue:)) ?? .email, receivedAt: min(times[row], now()),
                body: bodies[row])
            (draft.hcpID, draft.identifiedBy) = (hcps[row], hcps[row] == nil ? nil : .program)
            (draft.productID, draft.language) = (products[row], languages[row])
            try await take(draft, desk, &report)
        }
    }

    private func take(_ draft: InquiryDraft, _ desk: InquiryDesk, _ report: inout Report) async throws {
        do {
            let receipt = try await desk.take(draft)
            if receipt.isNew {
                report.inquiries += 1
                if receipt.safetyDueAt != nil { report.safety += 1 }
            } else {
                report.known += 1
            }
        } catch let refusal as Diagnostic
            where ["inquiry_empty", "inquiry_too_long", "idempotency_mismatch"].contains(refusal.code)
        { report.refused += 1 }
    }

    private func takeCases(_ connection: WarehouseConnection, _ desk: InquiryDesk, _ report: inout Report) async throws
    {
        guard try await connection.has("canon", "service_case") else { return }
        let table = try await connection.query(
            """
            SELECT c.source, c.case_id, h.hcp_id, c.hco_id, c.product_id, c.asset_id, epoch_us(c.opened_at) AS at,
                c.kind, c."text" AS body
            FROM canon.service_case AS c LEFT JOIN mart.xref AS x ON x.source = c.source AND x.source_hcp_id = c.hcp_id
            LEFT JOIN mart.hcp AS h ON h.hcp_no = x.hcp_no
            WHERE c.closed_at IS NULL AND c.opened_at IS NOT NULL ORDER BY c.opened_at, c.source, c.case_id
            """)
        let (sources, ids) = (try table.texts("source"), try table.texts("case_id"))
        let (hcps, accounts) = (try table.strings("hcp_id"), try table.strings("hco_id"))
        let (products, assets) = (try table.strings("product_id"), try table.strings("asset_id"))
        let (times, kinds) = (try table.int64s("at"), try table.strings("kind"))
        let bodies = try table.strings("body")
        for row in ids.indices {
            let kind = kinds[row].map { $0.replacing("_", with: " ") } ?? "Service case"
            var draft = CaseDraft(
                source: "source:\(sources[row])", sourceID: ids[row], openedAt: min(times[row], now()),
                title: String("\(kind) \(assets[row] ?? "")".prefix(200)))
            (draft.hcpID, draft.accountID, draft.productID) = (hcps[row], accounts[row], products[row])
            draft.asset = assets[row]
            let body = bodies[row] ?? ""
            let finding = desk.read("", body)
            draft.due = workspace.inquiries.due(.service, finding.urgency)
            // A rep reads the case: what is medical in its text stays where it was.
            let opened = try await desk.ledger.openCase(
                draft, text: finding.isMedical || !finding.safety.isEmpty ? "" : String(body.prefix(2_000)),
                by: .system)
            if opened.isNew { report.cases += 1 } else { report.known += 1 }
            // Harm and broken devices are safety's wherever they are told: the text comes in as a report of the case.
            guard !finding.safety.isEmpty else { continue }
            var told = InquiryDraft(
                source: draft.source, sourceID: "case:\(ids[row])", channel: .phone, receivedAt: draft.openedAt,
                body: body)
            (told.hcpID, told.identifiedBy) = (hcps[row], hcps[row] == nil ? nil : .program)
            (told.accountID, told.productID, told.caseNumber) = (draft.accountID, draft.productID, opened.number)
            try await take(told, desk, &report)
        }
    }
}
