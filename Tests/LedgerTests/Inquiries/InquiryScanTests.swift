import EngagementModel
import Foundation
import Ledger
import Testing

/// Files in which a virus was found, and the list of what waits for anybody.
struct InquiryScanTests {
    private static func desk(_ ledger: Ledger, _ finds: @escaping @Sendable ([UInt8]) async throws -> Bool)
        -> InquiryDesk
    {
        InquiryDesk(
            ledger: ledger, rules: InquiryRules(),
            reader: { _, body in
                var finding = InquiryFinding(reader: "test")
                if body.contains("harm") { finding.safety = [.init(kind: .adverseEvent, isSerious: true)] }
                return finding
            }, finds: finds)
    }

    private static func draft(_ id: String, _ text: String = "Our pump does not start.", _ files: [String] = [])
        -> InquiryDraft
    {
        var draft = InquiryDraft(
            source: "test", sourceID: id, channel: .email, receivedAt: 1_767_603_600_000_000, body: text)
        draft.files = files.map { AttachedFile(name: "\($0).txt", bytes: Array($0.utf8)) }
        return draft
    }

    @Test func aVirusIsNotKeptAndItsWordsAre() async throws {
        let ledger = try Ledger.inMemory(now: { 1_767_603_600_000_000 })
        let desk = Self.desk(ledger) { String(decoding: $0, as: UTF8.self).contains("EICAR") }
        let draft = Self.draft("a", "harm was done, see the files", ["clean", "EICAR"])
        let receipt = try await desk.take(draft)
        #expect(receipt.isNew && receipt.safetyDueAt != nil)
        let files = try await ledger.files(ofInquiry: receipt.number, seenBy: .all)
        #expect(files.map(\.fault) == [nil, .infected] && files.map(\.isKept) == [true, false])
        #expect(
            try await ledger.file(files[0].number, ofInquiry: receipt.number, seenBy: .all)?.bytes
                == Array("clean".utf8))
        #expect(try await ledger.file(files[1].number, ofInquiry: receipt.number, seenBy: .all) == nil)
        // The same message again is the same, whatever is found now.
        #expect(try await Self.desk(ledger) { _ in false }.take(draft).isNew == false)
    }

    @Test func withoutAnAnswerNothingIsTakenIn() async throws {
        let ledger = try Ledger.inMemory(now: { 1_767_603_600_000_000 })
        let desk = Self.desk(ledger) { _ in throw Diagnostic("scan_failed", "no answer") }
        await #expect(throws: Diagnostic.self) { try await desk.take(Self.draft("a", "With a file.", ["x"])) }
        #expect(try await ledger.inquiries(InquiryFilter(), seenBy: .all).total == 0)
        #expect(try await desk.take(Self.draft("b", "Without a file.")).isNew)
    }

    /// What was answered waits on as long as safety has not settled its flag: among all, and in no queue's own list.
    @Test func anAnswerDoesNotHideAnOpenFlag() async throws {
        let ledger = try Ledger.inMemory(now: { 1_767_603_600_000_000 })
        let desk = Self.desk(ledger) { _ in false }
        let harm = try await desk.take(Self.draft("a", "harm was done")).number
        let plain = try await desk.take(Self.draft("b")).number
        for number in [harm, plain] {
            try await ledger.act(
                onInquiry: number, .answer(.phone, text: "Explained", claim: nil, content: nil), seenBy: .all)
        }
        func open(_ change: (inout InquiryFilter) -> Void = { _ in }) async throws -> [Int64] {
            var filter = InquiryFilter()
            change(&filter)
            let (rows, total) = try await ledger.inquiries(filter, seenBy: .all)
            #expect(total == rows.count)
            return rows.map(\.number)
        }
        #expect(try await open() == [harm])
        #expect(try await ledger.waitingInquiries(seenBy: .all) == 1)
        let queue = try #require(try await ledger.inquiry(harm, seenBy: .all)?.queue)
        #expect(try await open { $0.queue = queue } == [])
        #expect(try await open { $0.isMine = true } == [])
        #expect(try await open { $0.queue = .safety } == [harm])
        let flag = try #require(try await ledger.inquiry(harm, seenBy: .all)?.flags.first)
        for (state, words) in [(SafetyState.acknowledged, ""), (.reported, "ARG-1")] {
            try await ledger.settleSafety(flag: flag.number, to: state, words: words, seenBy: .all)
        }
        #expect(try await open() == [])
        #expect(try await ledger.waitingInquiries(seenBy: .all) == 0)
    }
}
