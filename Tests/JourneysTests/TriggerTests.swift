import EngagementModel
import Testing

@testable import Journeys
@testable import Ledger

/// What starts a journey: every event of the field by its own name, whatever the clock of whoever reports it says; and
/// what starts none.
@Suite struct TriggerTests {
    private static func journey(_ event: String, purpose: Purpose = .promotional) -> JourneyDefinition {
        JourneyDefinition(
            id: "on-\(event)", title: event, purpose: purpose, productID: "P1",
            entry: JourneyEntry(door: .event(EventMatch(event)), again: Span(seconds: 1)), start: "wait",
            nodes: ["wait": .init(.wait(Span(seconds: 86_400)), next: "done"), "done": .init(.goal("done"))])
    }

    private struct Room {
        let clock = Clock()
        let ledger: Ledger
        let runner: JourneyRunner
        let pump: EventPump

        init(_ events: [String]) async throws {
            ledger = try await journeyLedger(clock, hcps: ["h1", "h2"])
            for event in events { try await JourneyRunner.register(journey(event), in: ledger, by: .system) }
            let runner = try await JourneyRunner(ledger: ledger, policy: openPolicy(), world: PlainWorld())
            self.runner = runner
            pump = JourneyTriggers.pump(ledger: ledger, runner: { runner })
            try await pump.prepare()
        }

        func entered(_ event: String) async throws -> Int {
            try await ledger.journeyCounts("on-\(event)").present.values.flatMap(\.values).reduce(0, +)
        }

        func inbox() -> InquiryDesk {
            InquiryDesk(
                ledger: ledger, rules: InquiryRules(),
                reader: { _, body in
                    var finding = InquiryFinding(reader: "test")
                    finding.kind = body.contains("dose") ? .dosing : .price
                    finding.isMedical = finding.kind.isMedical
                    if body.contains("rash") { finding.safety = [.init(kind: .adverseEvent, isSerious: false)] }
                    return finding
                })
        }

        func ask(_ id: String, _ body: String, at: Int64) async throws -> InquiryReceipt {
            var draft = InquiryDraft(source: "key:1", sourceID: id, channel: .phone, receivedAt: at, body: body)
            (draft.hcpID, draft.identifiedBy) = ("h1", .program)
            return try await inbox().take(draft)
        }
    }

    @Test func everyTriggerOfTheFieldStartsItsJourney() async throws {
        let names = [
            "email_opened", "email_clicked", "page_viewed", "topic_researched", "case_opened", "inquiry_opened",
            "insight.contract_lapse", "insight.silent_customer",
        ]
        let room = try await Room(names)
        for (place, name) in names.prefix(4).enumerated() {
            try await room.ledger.record([
                EngagementEvent(
                    source: place < 2 ? "delivery" : "portal", messageID: name, hcpID: "h1", name: name,
                    occurredAt: morning, receivedAt: morning)
            ])
        }
        // A machine's open and an event of nobody start nothing.
        try await room.ledger.record([
            EngagementEvent(
                source: "delivery", messageID: "m", hcpID: "h2", name: "email_opened", occurredAt: morning,
                receivedAt: morning, attributes: ["machine": "true"]),
            EngagementEvent(
                source: "delivery", messageID: "n", hcpID: "h2", name: "machine_open", occurredAt: morning,
                receivedAt: morning),
            EngagementEvent(
                source: "delivery", messageID: "o", hcpID: nil, name: "email_opened", occurredAt: morning,
                receivedAt: morning),
        ])
        var fault = CaseDraft(source: "crm", sourceID: "c1", openedAt: morning, title: "Pump")
        fault.hcpID = "h1"
        try await room.ledger.openCase(fault, by: .system)
        _ = try await room.ask("q", "what does it cost", at: morning)
        try await room.pump.drain()
        // What a run notices comes by the run itself.
        for name in names.suffix(2) {
            _ = try await room.runner.deliver([JourneyEvent(id: "alarm:\(name)", name: name, hcpID: "h1")])
        }
        for name in names { #expect(try await room.entered(name) == 1, "\(name)") }
    }

    /// The clocks of those who report are wrong by up to ten years: nothing is lost, nothing comes twice, a deadline
    /// begins with our own clock, and what is medical opens no promotional door.
    @Test(arguments: [-10 * 365 * 86_400, -3_600, -300, 0, 300, 3_600, 86_400, 10 * 365 * 86_400] as [Int64])
    func aWrongClockLosesNothingAndOpensNoDoor(_ skew: Int64) async throws {
        let doors = ["inquiry_opened", "medical_inquiry_opened", "question_asked"]
        let room = try await Room(doors)
        let said = morning + skew * 1_000_000

        let medical = try await room.ask("m", "which dose, there was a rash", at: said)
        let price = try await room.ask("p", "what does it cost", at: said)
        #expect(medical.isNew && medical.queue == .medical && price.isNew)
        #expect(medical.safetyDueAt == morning + 24 * hour && medical.dueAt > morning && price.dueAt > morning)
        for with in [true, false] {
            _ = try await room.ledger.store([
                EventBatch(
                    source: .key("site"),
                    events: [
                        InboundEvent(
                            kind: .track, messageID: "t\(with)", name: "question_asked", userID: "h1",
                            times: EventTimes(original: said, sent: with ? said : nil, received: morning),
                            payload: "{}")
                    ], receivedAt: morning)
            ])
        }
        // A client that speaks of a medical inquiry itself opens no door either.
        try await room.ledger.record([
            EngagementEvent(
                source: "portal", messageID: "x", hcpID: "h1", name: "medical_inquiry_opened", occurredAt: said,
                receivedAt: morning)
        ])
        try await room.pump.drain()
        try await room.pump.drain()
        #expect(try await room.entered("inquiry_opened") == 1)
        #expect(try await room.entered("question_asked") >= 1)
        #expect(try await room.entered("medical_inquiry_opened") == 0)
        // All of them are in the ledger, and the corrected one at the time of our clock.
        let events = try await room.ledger.events(after: 0, limit: 10).map(\.event)
        #expect(events.count == 5 && events.contains { $0.name == "medical_inquiry_opened" && $0.source == "inbox" })
        let corrected = try #require(events.first { $0.messageID == "ttrue" })
        #expect(abs(corrected.occurredAt - morning) <= 1_000_000)
        // The inbox has both, whatever day they say they are of.
        #expect(try await room.ledger.inquiries(InquiryFilter(), seenBy: .all).total == 2)
    }
}
