import EngagementModel
import Testing

@testable import Ledger

@Suite struct ActionTests {
    private let plan = run("r1")

    private func ledger(_ decisions: [Decision]? = nil) async throws -> Ledger {
        let ledger = try memoryLedger()
        _ = try await ledger.publish(plan, decisions: decisions ?? [touch(plan, "h1", on: monday + 1)])
        return ledger
    }
    private var id: String { touch(plan, "h1", on: monday + 1).decisionID }

    @Test func anEditKeepsThePlanAndRecordsTheChange() async throws {
        let ledger = try await ledger()
        let edit = DecisionEdit(day: monday + 3, hour: 14, contentID: "c-2", note: "dr.x@example.org prefers Thursday")
        let after = try await ledger.act(on: id, by: .user(7), .edit(edit), at: 5)
        #expect(after.decision.status == .edited)
        #expect(after.decision.day == monday + 1 && after.decision.hour == 9 && after.decision.contentID == "c-1")
        #expect(after.dueDay == monday + 3 && after.dueHour == 14 && after.dueContentID == "c-2")
        #expect(after.changedAt == 5)
        let event = try #require(try await ledger.events(of: id).last)
        #expect(event.kind == .edited && event.actor == "user:7" && event.note == edit.note)
        #expect(event.edits?.contains("\"day\":\"2026-01-08\",\"day_before\":\"2026-01-06\"") == true)
        let entry = try #require(try await ledger.auditTrail(subject: id).first)
        #expect(entry.action == "decision.edited")
        #expect(entry.before == #"{"content_id":"c-1","day":"2026-01-06","hour":"9","status":"planned"}"#)
        #expect(
            entry.after
                == #"{"content_id":"c-2","day":"2026-01-08","hour":"14","note":"yes","status":"edited"}"#)
        // The list follows the new day.
        let list = try await ledger.decisions(of: "rep-1", from: monday + 3, through: monday + 3)
        #expect(list.decisions.map(\.decision.decisionID) == [id])
    }

    @Test func aRefusedActionLeavesNoTrace() async throws {
        let ledger = try await ledger()
        try await ledger.act(on: id, by: .user(1), .execute())
        let (events, trail) = (try await ledger.events(of: id), try await ledger.auditTrail())
        #expect(await code { try await ledger.act(on: id, by: .user(1), .accept()) } == "already_executed")
        #expect(await code { try await ledger.act(on: "no", by: .user(1), .accept()) } == "unknown_decision")
        let long = String(repeating: "x", count: 4001)
        #expect(await code { try await ledger.act(on: id, by: .user(1), .accept(note: long)) } == "note_too_long")
        #expect(try await ledger.events(of: id) == events)
        #expect(try await ledger.auditTrail() == trail)
    }

    @Test func anExpiredDecisionSaysSo() async throws {
        let ledger = try await ledger()
        let next = run("r2", asOf: monday + 1)
        _ = try await ledger.publish(next, decisions: [touch(next, "h1", on: monday + 2)])
        #expect(await code { try await ledger.act(on: id, by: .user(1), .accept()) } == "expired")
        #expect(try await ledger.decisions(ofHCP: "h1", from: monday).map(\.decision.runID) == ["r2"])
        #expect(try await ledger.decisions(ofHCP: "h1", from: monday, expired: true).count == 2)
    }

    @Test func aMovedTouchMustNotMeetAnother() async throws {
        let other = touch(plan, "h1", on: monday + 2, sender: "rep-2", channel: .phone)
        let ledger = try await ledger([touch(plan, "h1", on: monday + 1), other])
        let move = DecisionAction.edit(DecisionEdit(day: monday + 2))
        #expect(await code { try await ledger.act(on: id, by: .user(1), move) } == "day_taken")
        #expect(await code { try await ledger.act(on: id, by: .user(1), .snooze(until: monday + 2)) } == "day_taken")
        try await ledger.act(on: other.decisionID, by: .user(2), .dismiss(cause: .wrongTime))
        #expect(try await ledger.act(on: id, by: .user(1), move).dueDay == monday + 2)
    }

    @Test func aRepeatedRequestActsOnce() async throws {
        let ledger = try await ledger()
        let dismiss = DecisionAction.dismiss(cause: .alreadyDone, note: "met at the congress")
        for _ in 0..<3 {
            let after = try await ledger.act(on: id, by: .user(1), dismiss, idempotencyKey: "k")
            #expect(after.decision.status == .dismissed)
        }
        #expect(try await ledger.events(of: id).count == 1)
        let other = await code {
            try await ledger.act(on: id, by: .user(1), .accept(), idempotencyKey: "k")
        }
        #expect(other == "idempotency_mismatch")
        // The key belongs to the person.
        try await ledger.act(on: id, by: .user(2), .accept(), idempotencyKey: "k")
        #expect(try await ledger.events(of: id).map(\.kind) == [.dismissed, .accepted])
    }

    @Test func manyAtOnceExecuteOnce() async throws {
        let ledger = try await ledger()
        let codes = await withTaskGroup(of: String.self) { group in
            for user in 0..<20 {
                group.addTask {
                    await code { try await ledger.act(on: id, by: .user(Int64(user)), .execute()) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0.isEmpty } == 1)
        #expect(codes.count { $0 == "already_executed" } == 19)
        #expect(try await ledger.events(of: id).count == 1)
    }

    @Test func seeingAListIsRecordedOnce() async throws {
        let two = [touch(plan, "h1", on: monday + 1), touch(plan, "h2", on: monday + 1), noTouch(plan, "h3")]
        let ledger = try await ledger(two)
        try await ledger.act(on: two[1].decisionID, by: .user(1), .accept())
        for _ in 0..<2 { try await ledger.markShown(two.map(\.decisionID) + ["unknown"], to: .user(1)) }
        #expect(
            try await ledger.statuses(of: two.map(\.decisionID)) == [
                two[0].decisionID: .shown, two[1].decisionID: .accepted, two[2].decisionID: .planned,
            ])
        #expect(try await ledger.events(of: two[0].decisionID).map(\.kind) == [.shown])
    }

    @Test func plannersSeeWhatPeopleTookInHand() async throws {
        let four = (1...4).map { touch(plan, "h\($0)", on: monday + 1) }
        let ledger = try await ledger(four)
        try await ledger.act(on: four[0].decisionID, by: .user(1), .accept())
        try await ledger.act(on: four[1].decisionID, by: .user(1), .snooze(until: monday + 4))
        try await ledger.act(on: four[2].decisionID, by: .user(1), .execute())
        let held = try await ledger.commitments(from: monday + 1)
        #expect(held.hcpID == ["h1", "h2"])
        #expect(held.day == [monday + 1, monday + 4])
        #expect(held.status == [.accepted, .snoozed])
        #expect(try await ledger.commitments(from: monday + 2).hcpID == ["h2"])
    }

    @Test func feedbackIsAppliedOnceAndBadRowsStopNoOther() async throws {
        let three = (1...3).map { touch(plan, "h\($0)", on: monday + 1) }
        let ledger = try await ledger(three)
        let rows = [
            Feedback(externalID: "v1", decisionID: three[0].decisionID, outcome: .completed, at: 20),
            Feedback(externalID: "v1", decisionID: three[0].decisionID, outcome: .actioned, at: 10),
            Feedback(externalID: "v2", decisionID: three[1].decisionID, outcome: .dismissed, at: 10),
            Feedback(externalID: "v3", decisionID: "gone", outcome: .actioned, at: 10),
            Feedback(externalID: "v4", decisionID: three[0].decisionID, outcome: .dismissed, at: 30),
        ]
        let load = try await ledger.importFeedback(rows, source: "veeva")
        #expect(
            load
                == FeedbackLoad(
                    applied: 3, repeated: 0, unchanged: 0, refused: ["unknown_decision": 1, "already_executed": 1]))
        #expect(try await ledger.events(of: three[0].decisionID).map(\.kind) == [.accepted, .executed])
        #expect(try await ledger.events(of: three[1].decisionID).first?.cause == "unstated")
        #expect(try await ledger.importFeedback(rows, source: "veeva") == FeedbackLoad(repeated: 5))
    }
}
