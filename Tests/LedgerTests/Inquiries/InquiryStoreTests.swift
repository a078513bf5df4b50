import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

/// Inquiries in the ledger: once each, with deadline, flag, event and case in one transaction; who sees what; erasure.
struct InquiryStoreTests {
    static let hour: Int64 = 3_600_000_000

    struct Inbox {
        let clock = TestClock()
        let ledger: Ledger

        init() async throws {
            let clock = clock
            ledger = try Ledger.inMemory(options: options(), now: clock.read)
            try await ledger.registerRecipients([
                Recipient(hcpID: "h1", country: "DE", zone: "Europe/Berlin", language: "de"),
                Recipient(hcpID: "h2", country: "FR", zone: "Europe/Paris", language: "fr"),
            ])
            try await ledger.replaceAlignments(
                senders: [("r1", .field), ("m1", .msl)],
                alignments: [
                    ("r1", "h1", Day("2020-01-01")!, nil), ("m1", "h2", Day("2020-01-01")!, Day("2035-01-01")!),
                ])
        }

        /// Reads by marks in the text, so that a test says what is read.
        func desk(_ rules: InquiryRules = InquiryRules()) -> InquiryDesk {
            InquiryDesk(ledger: ledger, rules: rules, reader: { _, body in InquiryStoreTests.read(body) })
        }

        func draft(
            _ id: String, _ body: String, hcp: String? = "h1", from: String? = nil, source: String = "mail"
        ) -> InquiryDraft {
            var draft = InquiryDraft(
                source: source, sourceID: id, channel: .email, receivedAt: clock.now, subject: "S", body: body)
            (draft.hcpID, draft.identifiedBy, draft.fromAddress) = (hcp, hcp == nil ? nil : .reply, from)
            draft.messageID = id
            return draft
        }
    }

    static func read(_ body: String) -> InquiryFinding {
        var finding = InquiryFinding(reader: "test")
        for kind in InquiryKind.allCases where body.contains("[\(kind.rawValue)]") { finding.kind = kind }
        finding.isMedical = finding.kind.isMedical
        for kind in SafetyKind.allCases where body.contains("[\(kind.rawValue)]") {
            finding.safety.append(.init(kind: kind, isSerious: body.contains("[serious]")))
        }
        if body.contains("[high]") { finding.urgency = .high }
        return finding
    }

    static func sight(
        _ queues: Set<InquiryQueue>, medical: Bool = false, flagged: Bool = false, reps: [String]? = nil,
        user: String = "user:1"
    ) -> InquirySight {
        InquirySight(
            queues: queues, acts: queues, seesMedical: medical, seesFlagged: flagged, reps: reps, user: user)
    }

    @Test func theSameMessageIsOneInquiry() async throws {
        let inbox = try await Inbox()
        let first = try await inbox.desk().take(inbox.draft("a", "how much [price]"))
        inbox.clock.advance(seconds: 60)
        let again = try await inbox.desk().take(inbox.draft("a", "how much [price]"))
        #expect(first.isNew && !again.isNew && first.number == again.number && again.dueAt == first.dueAt)
        await #expect(throws: Diagnostic.self) { try await inbox.desk().take(inbox.draft("a", "other words")) }
        // Another source may use the same id.
        let other = try await inbox.desk().take(inbox.draft("a", "how much [price]", source: "key:1"))
        #expect(other.isNew && other.number != first.number)
        #expect(try await inbox.ledger.inquiries(InquiryFilter(), seenBy: .all).total == 2)
        let events = try await inbox.ledger.events(after: 0, limit: 10).map(\.event.name)
        #expect(events == ["inquiry_opened", "inquiry_opened"])
    }

    @Test func deadlinesComeFromTheLevelAndTheLaw() async throws {
        let inbox = try await Inbox()
        let plain = try await inbox.desk().take(inbox.draft("a", "[price]"))
        #expect(plain.queue == .insideSales && plain.dueAt == inbox.clock.now + 8 * Self.hour)
        let high = try await inbox.desk().take(inbox.draft("b", "[price][high]"))
        #expect(high.dueAt == inbox.clock.now + 2 * Self.hour)
        let harm = try await inbox.desk().take(inbox.draft("c", "[adverse_event]"))
        #expect(harm.queue == .medical && harm.safetyDueAt == inbox.clock.now + 24 * Self.hour)
        let grave = try await inbox.desk().take(inbox.draft("d", "[adverse_event][serious]"))
        #expect(grave.safetyDueAt == inbox.clock.now + 4 * Self.hour)
        // No program can give safety more time than the law does.
        await #expect(throws: (any Error).self) {
            try await inbox.ledger.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO safety_flag (inquiry_no, kind, serious, raised_at, due_at, state)
                        VALUES (1, 'adverse_event', 1, 0, 14400000001, 'open')
                        """)
            }
        }
    }

    @Test func medicalQuestionsRaiseNoPromotionalTrigger() async throws {
        let inbox = try await Inbox()
        _ = try await inbox.desk().take(inbox.draft("a", "[dosing] secret words"))
        _ = try await inbox.desk().take(inbox.draft("b", "[order]"))
        let events = try await inbox.ledger.events(after: 0, limit: 10)
        #expect(events.map(\.event.name) == ["medical_inquiry_opened", "inquiry_opened"])
        #expect(
            events[0].event.attributes == [
                "inquiry_id": "1", "channel": "email", "medical": "true", "purpose": "medical",
            ])
        #expect(events[1].event.attributes["kind"] == "order")
        #expect(!events.contains { $0.event.attributes.values.contains { $0.contains("words") } })
        let (rows, _) = try await inbox.ledger.interactions(after: InteractionPlace())
        #expect(rows.map(\.kind) == ["question"])
    }

    @Test func theFirewallHoldsWhateverProgramWrites() async throws {
        let inbox = try await Inbox()
        let medical = try await inbox.desk().take(inbox.draft("a", "[dosing]"))
        for sql in [
            "UPDATE inquiry SET queue = 'inside_sales', version = version + 1",
            "UPDATE inquiry SET body = 'other'", "DELETE FROM inquiry", "DELETE FROM timeline_entry",
            "UPDATE timeline_entry SET text = 'other'", "UPDATE inquiry SET state = 'closed'",
            "UPDATE inquiry SET state = 'assigned', version = version + 1",
        ] {
            await #expect(throws: (any Error).self, "\(sql)") {
                try await inbox.ledger.write { db in try db.execute(sql: sql) }
            }
        }
        // Sales cannot take it, medical can hand it on and says that it is none.
        let sales = Self.sight([.insideSales, .medical])
        await #expect(throws: Diagnostic.self) {
            try await inbox.ledger.act(
                onInquiry: medical.number, .handOver(to: .insideSales, reason: "ours"), seenBy: sales)
        }
        let expert = Self.sight([.medical], medical: true)
        let after = try await inbox.ledger.act(
            onInquiry: medical.number, .handOver(to: .insideSales, reason: "only the price"), seenBy: expert)
        #expect(!after.isMedical && after.queue == .insideSales)
        #expect(try await inbox.ledger.inquiry(medical.number, seenBy: sales)?.body == "[dosing]")
        // With an open flag it stays.
        let harm = try await inbox.desk().take(inbox.draft("b", "[adverse_event]"))
        await #expect(throws: Diagnostic.self) {
            try await inbox.ledger.act(
                onInquiry: harm.number, .handOver(to: .insideSales, reason: "no"), seenBy: expert)
        }
    }

    @Test func everyStepIsTheMachinesAndIsWrittenDown() async throws {
        let inbox = try await Inbox()
        let number = try await inbox.desk().take(inbox.draft("a", "[price]")).number
        let sales = Self.sight([.insideSales])
        func act(_ act: InquiryAct, version: Int? = nil, once: String? = nil) async throws -> Inquiry {
            try await inbox.ledger.act(onInquiry: number, act, version: version, once: once, seenBy: sales)
        }
        var now = try await act(.assign(to: "user:1"), version: 1)
        #expect(now.state == .assigned && now.assignee == "user:1" && now.version == 2)
        // Who saw an older state is told.
        await #expect(throws: Diagnostic.self) { try await act(.close(reason: "x"), version: 1) }
        await #expect(throws: Diagnostic.self) { try await act(.close(reason: "")) }
        await #expect(throws: Diagnostic.self) { try await act(.reopen(reason: "x")) }
        now = try await act(.answer(.phone, text: "told", claim: nil, content: nil), once: "form:1")
        #expect(now.state == .answered)
        now = try await act(.answer(.phone, text: "told", claim: nil, content: nil), once: "form:1")
        #expect(now.version == 3)
        now = try await act(.reopen(reason: "asks again"))
        #expect(now.state == .new && now.assignee == nil)
        now = try await act(.close(reason: "spam"))
        #expect(now.state == .closed)
        let kinds = try await inbox.ledger.timeline(ofInquiry: number, seenBy: sales).map(\.kind)
        #expect(kinds == [.messageIn, .assigned, .messageOut, .state, .state])
        let trail = try await inbox.ledger.auditTrail(subject: "inquiry:\(number)").map(\.action)
        #expect(
            trail.reversed() == [
                "inquiry.opened", "inquiry.assigned", "inquiry.answered", "inquiry.reopened", "inquiry.closed",
            ])
        guard case .intact = try await inbox.ledger.verifyAudit() else {
            Issue.record("the trail is broken")
            return
        }
    }

    @Test func aThreadGoesOnAndMayTurnMedical() async throws {
        let inbox = try await Inbox()
        let first = try await inbox.desk().take(inbox.draft("m1", "[price]", from: "a@x.example"))
        let sales = Self.sight([.insideSales])
        try await inbox.ledger.act(
            onInquiry: first.number, .answer(.email, text: "ten", claim: nil, content: nil), seenBy: sales)
        var more = inbox.draft("m2", "and [adverse_event][serious]", from: "a@x.example")
        more.answers = ["m1"]
        let second = try await inbox.desk().take(more)
        #expect(second.number == first.number && second.continues && second.queue == .medical)
        #expect(second.safetyDueAt == inbox.clock.now + 4 * Self.hour)
        #expect(try await inbox.ledger.inquiry(first.number, seenBy: sales) == nil)
        #expect(try await inbox.ledger.inquiry(first.number, seenBy: .all)?.state == .new)
        #expect(try await inbox.desk().take(more).isNew == false)
        // Somebody else who names the same message begins an inquiry of their own.
        var stranger = inbox.draft("m3", "[price]", hcp: "h2", from: "b@x.example")
        stranger.answers = ["m1"]
        let other = try await inbox.desk().take(stranger)
        #expect(other.number != first.number)
    }

    @Test func everybodySeesTheOwn() async throws {
        let inbox = try await Inbox()
        let price = try await inbox.desk().take(inbox.draft("a", "[price]")).number
        let dose = try await inbox.desk().take(inbox.draft("b", "[dosing]")).number
        let talk = try await inbox.desk().take(inbox.draft("c", "[training]")).number
        let fault = try await inbox.desk().take(inbox.draft("d", "[device_complaint]", hcp: "h2")).number
        func seen(_ sight: InquirySight) async throws -> Set<Int64> {
            var filter = InquiryFilter()
            filter.stage = .all
            return Set(try await inbox.ledger.inquiries(filter, seenBy: sight).rows.map(\.number))
        }
        let rep = Self.sight([.rep, .insideSales, .service], reps: ["r1"])
        #expect(try await seen(rep) == [price, talk])
        #expect(try await seen(Self.sight([.rep], reps: ["r9"])).isEmpty)
        #expect(try await seen(Self.sight([.rep], reps: [])).isEmpty)
        #expect(try await seen(Self.sight([.medical], medical: true)) == [dose])
        #expect(try await seen(Self.sight([.medical])).isEmpty)
        #expect(try await seen(Self.sight([.safety], medical: true, flagged: true)) == [fault])
        // What one has taken on, one sees, wherever the HCP lives.
        let technician = Self.sight([.service], reps: ["r1"], user: "user:7")
        #expect(try await seen(technician).isEmpty)
        try await inbox.ledger.act(
            onInquiry: fault, .assign(to: "user:7"), seenBy: Self.sight([.service]))
        #expect(try await seen(technician) == [fault])
        // The case of the fault is the technician's territory's, or nobody's of theirs.
        #expect(try await inbox.ledger.serviceCases(seenBy: rep).total == 0)
        #expect(try await inbox.ledger.serviceCases(seenBy: Self.sight([.service])).total == 1)
    }

    @Test func aCaseSharesItsTimelineButNothingMedical() async throws {
        let inbox = try await Inbox()
        let fault = try await inbox.desk().take(inbox.draft("a", "[technical] it is stuck"))
        let caseNumber = try #require(fault.caseNumber)
        let harm = try await inbox.desk().take(inbox.draft("b", "[dosing] and [device_complaint] secret"))
        let rep = Self.sight([.rep, .service], reps: ["r1"])
        let service = Self.sight([.service])
        try await inbox.ledger.act(onCase: caseNumber, .entry(.visit, text: "went there", part: nil), seenBy: service)
        try await inbox.ledger.act(onCase: caseNumber, .entry(.call, text: "called", part: nil), seenBy: rep)
        try await inbox.ledger.act(onCase: caseNumber, .entry(.partUsed, text: "", part: "valve"), seenBy: service)
        let shared = try await inbox.ledger.timeline(ofCase: caseNumber, seenBy: rep)
        #expect(shared.map(\.kind) == [.messageIn, .visit, .call, .partUsed])
        #expect(shared[0].text.contains("stuck"))
        // Harm and a broken device in one text: service gets a case without the words.
        let second = try #require(harm.caseNumber)
        #expect(harm.queue == .medical)
        #expect(try await inbox.ledger.serviceCase(second, seenBy: rep)?.title == "Device complaint")
        #expect(try await inbox.ledger.timeline(ofCase: second, seenBy: rep).isEmpty)
        #expect(try await inbox.ledger.timeline(ofCase: second, seenBy: .all).first?.text.contains("secret") == true)
        for (state, text) in [
            (CaseState.inProgress, ""), (.waiting, "a part"), (.resolved, "new valve"), (.closed, "ok"),
        ] {
            try await inbox.ledger.act(onCase: caseNumber, .move(to: state, text: text), seenBy: service)
        }
        await #expect(throws: Diagnostic.self) {
            try await inbox.ledger.act(onCase: caseNumber, .move(to: .waiting, text: "x"), seenBy: service)
        }
        #expect(try await inbox.ledger.serviceCase(caseNumber, seenBy: service)?.state == .closed)
        let events = try await inbox.ledger.events(after: 0, limit: 20).filter { $0.event.name == "case_opened" }
        #expect(events.map { $0.event.attributes["medical"] } == [nil, "true"])
    }

    @Test func safetySettlesItsFlagsOnce() async throws {
        let inbox = try await Inbox()
        let harm = try await inbox.desk().take(inbox.draft("a", "[adverse_event][serious]")).number
        let safety = Self.sight([.safety, .medical], medical: true, flagged: true, user: "user:5")
        let flag = try #require(try await inbox.ledger.inquiry(harm, seenBy: safety)?.flags.first)
        await #expect(throws: Diagnostic.self) {
            try await inbox.ledger.settleSafety(
                flag: flag.number, to: .reported, words: "X", seenBy: Self.sight([.medical], medical: true))
        }
        try await inbox.ledger.settleSafety(flag: flag.number, to: .acknowledged, words: "", seenBy: safety)
        await #expect(throws: Diagnostic.self) {
            try await inbox.ledger.settleSafety(flag: flag.number, to: .reported, words: "", seenBy: safety)
        }
        #expect(try await inbox.ledger.openInquiries(seenBy: safety)[.safety] == 1)
        try await inbox.ledger.settleSafety(flag: flag.number, to: .reported, words: "ARG-17", seenBy: safety)
        await #expect(throws: Diagnostic.self) {
            try await inbox.ledger.settleSafety(flag: flag.number, to: .dismissed, words: "no", seenBy: safety)
        }
        #expect(try await inbox.ledger.openInquiries(seenBy: safety)[.safety] == 0)
        let after = try #require(try await inbox.ledger.inquiry(harm, seenBy: safety)?.flags.first)
        #expect(after.reference == "ARG-17" && after.actor == "user:5" && after.dueAt == flag.dueAt)
    }

    @Test func erasureEmptiesTheWordsAndKeepsThatSomethingHappened() async throws {
        let inbox = try await Inbox()
        let mine = try await inbox.desk().take(
            inbox.draft("<a@x.example>", "secretword [dosing] [device_complaint]", from: "Who@X.example"))
        let loose = try await inbox.desk().take(
            inbox.draft("b", "otherword [price]", hcp: nil, from: "who@x.example"))
        let kept = try await inbox.desk().take(inbox.draft("c", "[price] theirs", hcp: "h2"))
        try await inbox.ledger.act(
            onInquiry: mine.number, .note("secretword again"), seenBy: .all)
        let flag = try #require(try await inbox.ledger.inquiry(mine.number, seenBy: .all)?.flags.first)
        try await inbox.ledger.settleSafety(flag: flag.number, to: .reported, words: "DC-1", seenBy: .all)
        let report = try await inbox.ledger.eraseSubject(
            "h1", addresses: [(.email, "who@x.example")], by: .system)
        #expect(report.inquiries >= 2 && report.heldReports == 0)
        let dump = try await inbox.ledger.read { db in
            try ["inquiry", "timeline_entry", "service_case", "event"].map { table in
                try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\($0)" }.joined()
            }.joined()
        }
        for word in ["secretword", "otherword", "who@x", "h1\"", "a@x.example"] {
            #expect(!dump.contains(word), "\(word)")
        }
        let gone = try #require(try await inbox.ledger.inquiry(mine.number, seenBy: .all))
        #expect(gone.hcpID?.hasPrefix("erased:") == true && gone.body.isEmpty && gone.queue == .medical)
        #expect(gone.flags.first?.dueAt == mine.safetyDueAt)
        #expect(try await inbox.ledger.inquiry(loose.number, seenBy: .all)?.body == "")
        #expect(try await inbox.ledger.inquiry(kept.number, seenBy: .all)?.body == "[price] theirs")
        #expect(try await inbox.ledger.timeline(ofInquiry: mine.number, seenBy: .all).count >= 3)
    }

    @Test func aTextIsCleanedAndBounded() async throws {
        let inbox = try await Inbox()
        var draft = inbox.draft("a", "line\r\n\r\n\r\n\r\n\r\n\u{0}\u{202E}end \u{7} [price]")
        draft.subject = "one\r\nBcc: x@y.example\u{0}"
        let number = try await inbox.desk().take(draft).number
        let kept = try #require(try await inbox.ledger.inquiry(number, seenBy: .all))
        #expect(kept.subject == "one Bcc: x@y.example")
        #expect(kept.body == "line\n\n\nend  [price]")
        for body in ["", " \n\t ", "\u{0}\u{1}"] {
            var empty = inbox.draft("e", body)
            empty.subject = ""
            await #expect(throws: Diagnostic.self) { try await inbox.desk().take(empty) }
        }
        await #expect(throws: Diagnostic.self) {
            try await inbox.desk().take(inbox.draft("l", String(repeating: "x", count: 20_001)))
        }
    }

    @Test func anAnswerToAMessageIsProvenByItsAddress() async throws {
        let inbox = try await Inbox()
        let prefix = try await inbox.ledger.write { db in hex(try inbox.ledger.secret(db, "ledger_id").prefix(8)) }
        // A claim as the claim desk writes it, with the digest of the address that it went to.
        try await inbox.ledger.write { db in
            let digest = try inbox.ledger.digests(db).address("h.one@x.example", .email)
            try db.execute(
                sql: """
                    INSERT INTO contact (hcp_id, channel, direction, purpose, campaign_id, step_id, sender, occurred_at,
                        day, status, origin, recorded_at, claim_state, claimed_at, changed_at, basis, address_hash)
                    VALUES ('h1', 'email', 'push', 'service', 'c', 's', 'system', 0, 0, 'planned', 'rapport', 0,
                        'claimed', 0, 0, 'service:service:DE', ?)
                    """, arguments: [Data(digest)])
        }
        let right = try await inbox.ledger.recipient(
            ofMessageID: "1.\(prefix)@mail.example", address: "H.One@x.example")
        #expect(right?.hcpID == "h1" && right?.claim == 1)
        for (id, address) in [
            ("1.\(prefix)@mail.example", "other@x.example"), ("1.ffffffffffffffff@mail.example", "h.one@x.example"),
            ("2.\(prefix)@mail.example", "h.one@x.example"), ("01.\(prefix)@x", "h.one@x.example"), ("", ""),
        ] {
            #expect(try await inbox.ledger.recipient(ofMessageID: id, address: address) == nil, "\(id)")
        }
    }
}
