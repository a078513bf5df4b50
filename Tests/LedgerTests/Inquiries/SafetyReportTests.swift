import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

/// Safety flags in the ledger: one for each kind of harm, and an erasure that waits for those that are open.
struct SafetyReportTests {
    private typealias Inbox = InquiryStoreTests.Inbox
    private let safety = InquiryStoreTests.sight([.safety, .medical], medical: true, flagged: true, user: "user:5")

    private func dump(_ inbox: Inbox) async throws -> String {
        try await inbox.ledger.read { db in
            try ["inquiry", "timeline_entry", "service_case", "event"].map { table in
                try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\($0)" }.joined()
            }.joined()
        }
    }

    @Test func harmAndABrokenDeviceAreTwoReportsWithTheirOwnDeadlines() async throws {
        let inbox = try await Inbox()
        var rules = InquiryRules()
        rules.seriousSafety = Span(seconds: 7_200)
        let desk = InquiryDesk(
            ledger: inbox.ledger, rules: rules,
            reader: { _, _ in
                InquiryFinding(
                    safety: [
                        .init(kind: .adverseEvent, isSerious: true), .init(kind: .deviceComplaint, isSerious: false),
                    ], reader: "test")
            })
        let receipt = try await desk.take(inbox.draft("a", "both"))
        #expect(receipt.queue == .medical && receipt.caseNumber != nil)
        #expect(receipt.safetyDueAt == inbox.clock.now + 2 * InquiryStoreTests.hour)
        let flags = try #require(try await inbox.ledger.inquiry(receipt.number, seenBy: safety)).flags
        #expect(flags.map(\.kind) == [.adverseEvent, .deviceComplaint])
        #expect(
            flags.map(\.dueAt) == [2, 24].map { inbox.clock.now + $0 * InquiryStoreTests.hour })
        // One settled, the other stays open.
        try await inbox.ledger.settleSafety(flag: flags[0].number, to: .reported, words: "AE-1", seenBy: safety)
        #expect(try await inbox.ledger.openInquiries(seenBy: safety)[.safety] == 1)
        try await inbox.ledger.settleSafety(flag: flags[1].number, to: .reported, words: "MDR-1", seenBy: safety)
        #expect(try await inbox.ledger.openInquiries(seenBy: safety)[.safety] == 0)
    }

    @Test func anErasureWaitsForAnOpenReportAndEndsWithIt() async throws {
        let inbox = try await Inbox()
        let harm = try await inbox.desk().take(
            inbox.draft("<a@x.example>", "secretword [adverse_event][device_complaint]", from: "who@x.example"))
        let plain = try await inbox.desk().take(inbox.draft("b", "otherword [price]", from: "who@x.example"))
        let ledger = inbox.ledger
        let report = try await ledger.eraseSubject("h1", addresses: [(.email, "who@x.example")], by: .system)
        #expect(report.heldReports == 1)
        // Everything else is gone at once.
        #expect(try await ledger.inquiry(plain.number, seenBy: .all)?.body == "")
        #expect(try await !dump(inbox).contains("otherword"))
        // The report can be worked: words, reporter, both flags, for safety and medical alone.
        let held = try #require(try await ledger.inquiry(harm.number, seenBy: safety))
        #expect(held.body.contains("secretword") && held.fromAddress == "who@x.example")
        #expect(held.heldSince == inbox.clock.now && held.isMedical && held.queue.isMedical)
        #expect(try await ledger.inquiry(harm.number, seenBy: InquiryStoreTests.sight([.service, .rep])) == nil)
        await #expect(throws: Diagnostic.self) {
            try await ledger.act(onInquiry: harm.number, .handOver(to: .service, reason: "no"), seenBy: .all)
        }
        await #expect(throws: Diagnostic.self) {
            try await ledger.act(onInquiry: harm.number, .identify(hcpID: "h2"), seenBy: .all)
        }
        // No program can end it early, nor lay it elsewhere.
        for sql in [
            "UPDATE erasure_hold SET completed_at = 1", "DELETE FROM erasure_hold",
            "UPDATE inquiry SET medical = 0, version = version + 1 WHERE inquiry_no = \(harm.number)",
        ] {
            await #expect(throws: (any Error).self, "\(sql)") {
                try await ledger.write { db in try db.execute(sql: sql) }
            }
        }
        // Again: nothing more is held, nothing is lost.
        let again = try await ledger.eraseSubject("h1", addresses: [(.email, "who@x.example")], by: .system)
        #expect(again.heldReports == 1)
        #expect(held.flags.count == 2)
        try await ledger.settleSafety(flag: held.flags[0].number, to: .acknowledged, words: "", seenBy: safety)
        try await ledger.settleSafety(flag: held.flags[0].number, to: .reported, words: "AE-7", seenBy: safety)
        #expect(try await ledger.inquiry(harm.number, seenBy: safety)?.body.contains("secretword") == true)
        try await ledger.settleSafety(flag: held.flags[1].number, to: .dismissed, words: "none", seenBy: safety)
        let gone = try #require(try await ledger.inquiry(harm.number, seenBy: .all))
        #expect(gone.body.isEmpty && gone.hcpID?.hasPrefix("erased:") == true && gone.heldSince == nil)
        #expect(gone.flags.map(\.reference) == ["AE-7", nil])
        let dump = try await dump(inbox)
        for word in ["secretword", "who@x", "a@x.example", "h1\""] { #expect(!dump.contains(word), "\(word)") }
        let trail = try await ledger.auditTrail(subject: "inquiry:\(harm.number)").map(\.action)
        #expect(trail.contains("erasure.held") && trail.contains("erasure.completed"))
    }

    /// Of two reports of one case the case is emptied with the last.
    @Test func aCaseIsKeptAsLongAsOneOfItsReports() async throws {
        let inbox = try await Inbox()
        let first = try await inbox.desk().take(inbox.draft("a", "secretword [device_complaint]"))
        let number = try #require(first.caseNumber)
        var draft = inbox.draft("b", "secretword too [adverse_event]")
        draft.caseNumber = number
        let second = try await inbox.desk().take(draft)
        #expect(second.caseNumber == number)
        _ = try await inbox.ledger.eraseSubject("h1", by: .system)
        for (place, report) in [first, second].enumerated() {
            #expect(try await inbox.ledger.serviceCase(number, seenBy: .all)?.title.isEmpty == false)
            let flags = try #require(try await inbox.ledger.inquiry(report.number, seenBy: safety)).flags
            try await inbox.ledger.settleSafety(
                flag: flags[0].number, to: .reported, words: "R-\(place)", seenBy: safety)
        }
        let kept = try #require(try await inbox.ledger.serviceCase(number, seenBy: .all))
        #expect(kept.title.isEmpty && kept.hcpID?.hasPrefix("erased:") == true)
        #expect(try await !dump(inbox).contains("secretword"))
    }
}
