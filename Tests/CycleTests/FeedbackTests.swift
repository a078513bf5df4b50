import EngagementModel
import Foundation
import Testing

@testable import Cycle
@testable import Ledger
@testable import Warehouse

/// What the ledger hears between two runs reaches the touches of the second, once, and no run that looks further back.
@Suite struct FeedbackTests {
    private static let asOf = Day(year: 2026, month: 6, day: 1)
    /// 2026-06-02 16:00 UTC.
    private static let now: Int64 = Int64(Day(year: 2026, month: 6, day: 2).number) * 86_400_000_000 + 57_600_000_000
    private static let hour: Int64 = 3_600_000_000

    private static func touches(_ workspace: Workspace) async throws -> [String] {
        let current = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        let table = try await connection.query(
            """
            SELECT CASE WHEN interaction_id LIKE 'contact:%' THEN 'contact' ELSE interaction_id END || ' ' || h.hcp_id || ' ' || channel || ' ' || direction || ' ' || kind || ' '
                || level || ' ' || head || ' ' || machine AS line
            FROM mart.touch AS t JOIN mart.hcp AS h USING (hcp_no) WHERE source = 'rapport' ORDER BY line
            """)
        let lines = try table.texts("line")
        await connection.close()
        return lines
    }

    private static func run(_ workspace: Workspace, _ day: Day) async throws -> RunSummary {
        try await CycleRun(workspace: workspace, request: RunRequest(asOf: day), now: { now }).perform()
    }

    private static func event(
        _ id: String, _ kind: EventKind, _ name: String, user: String? = nil, visitor: String? = nil,
        _ properties: String = "{}"
    ) -> InboundEvent {
        InboundEvent(
            kind: kind, messageID: id, name: name, userID: user, anonymousID: visitor,
            times: EventTimes(original: now - 2 * hour, sent: now - hour, received: now - hour),
            payload: "{\"properties\":\(properties)}")
    }

    @Test func eventsTalksAndOutcomesReachTheTouches() async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "feedback-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 3, seed: 9, endingOn: Self.asOf)
        let workspace = try #require(Workspace.read(at: root).workspace)
        _ = try await Self.run(workspace, Self.asOf)
        #expect(try await Self.touches(workspace).isEmpty)
        let ledger = try workspace.openLedger(now: { Self.now })
        let people = try await DecisionBook(workspace: workspace, now: { Self.now }).decisions(
            DecisionFilter(includesNoTouch: true)
        ).map(\.hcpID)
        let (a, b) = (people.min() ?? "", people.max() ?? "")
        try await ledger.registerRecipients([a, b].map { Recipient(hcpID: $0, zone: "Europe/Berlin") })
        let day = Self.asOf + 1
        try await ledger.recordContact(
            Contact(
                interactionID: "talk-1", hcpID: a, channel: .phone, direction: .push, sender: "system",
                occurredAt: Self.now - 3 * Self.hour, day: day, status: .delivered, origin: .rapport), by: .system)
        _ = try await ledger.appendLive(
            outcomes: [
                LiveOutcomeRecord(
                    outcome: LiveOutcome(
                        outcomeID: "o1", hcpID: a, channel: .phone, occurredAt: Self.now - 3 * Self.hour,
                        response: .advanced, key: 1), day: day)
            ], decisions: [], after: 0)
        let batch = EventBatch(
            source: .key("portal"),
            events: [
                Self.event("1", .page, "page_viewed", user: a, #"{"duration_seconds":60}"#),
                Self.event("2", .page, "page_viewed", visitor: "v"),
                Self.event("3", .track, "Button Pressed", user: a),
                Self.event("4", .page, "page_viewed", user: "nobody"),
                Self.event("5", .track, "Email Opened", user: b, #"{"machine":true}"#),
            ], receivedAt: Self.now)
        _ = try await ledger.store([batch, batch])
        _ = try await Self.run(workspace, day)
        let first = [
            "contact \(a) phone push touch 3 true false",
            "event:1 \(a) portal pull view 2 true false", "event:5 \(b) email push open 0 false true",
            "outcome:1 \(a) phone push view 3 false false",
        ]
        #expect(try await Self.touches(workspace) == first.sorted())
        // Nothing new, nothing done. Then the visitor says who they are, and what they read before is theirs.
        #expect(try await Self.run(workspace, day).unchanged)
        _ = try await ledger.store([
            EventBatch(
                source: .key("portal"), events: [Self.event("6", .identify, "identified", user: b, visitor: "v")],
                receivedAt: Self.now)
        ])
        _ = try await Self.run(workspace, day)
        #expect(
            try await Self.touches(workspace) == (first + ["event:2 \(b) portal pull view 1 true false"]).sorted())
        // The day before knew nothing of it.
        _ = try await Self.run(workspace, Self.asOf)
        #expect(try await Self.touches(workspace).isEmpty)
        // No file with what people did is left behind.
        let left = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "state/inbound").path)
        #expect(left.isEmpty)
        try ledger.close()
    }
}
