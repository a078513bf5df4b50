import EngagementModel
import Testing

@testable import Journeys
@testable import Ledger

@Suite struct JourneyRunTests {
    private func runner(_ ledger: Ledger, _ world: PlainWorld = PlainWorld()) async throws -> JourneyRunner {
        try await JourneyRunner(ledger: ledger, policy: openPolicy(), world: world)
    }

    private func path(_ ledger: Ledger, _ hcp: String) async throws -> [String] {
        let instance = try #require(try await ledger.journeyInstances(ofHCP: hcp).last)
        return try await ledger.journeySteps(of: instance.number).map { "\($0.node) \($0.result)" }
    }

    @Test func theWebinarSeriesTakesEveryoneTheirOwnWay() async throws {
        let clock = Clock()
        let ledger = try await journeyLedger(clock, hcps: ["h1", "h2", "h3", "h4"], consenting: ["h1", "h2", "h4"])
        #expect(try await JourneyRunner.register(webinar(), in: ledger, by: .user(1)) == 1)
        let runner = try await runner(ledger)
        #expect(try await runner.enter("webinar", ["h1", "h2", "h3", "h4"], attributes: ["webinar": "w7"]) == 4)
        #expect(try await ledger.claims(in: .claimed).map(\.hcpID) == ["h1", "h2", "h4"])
        // Without consent no message, but a task for the rep.
        #expect(try await path(ledger, "h3") == ["invite refused:no_consent", "call task", "done goal"])
        clock.now += day
        #expect(try await runner.deliver([event("e1", "registered", "h1"), event("e1", "registered", "h1")]) == 1)
        #expect(try await runner.deliver([event("e2", "attended", "h1", key: "w6")]) == 0, "another webinar")
        #expect(try await runner.deliver([event("e3", "attended", "h1", key: "w7", ["questions": "2"])]) == 4)
        #expect(
            try await path(ledger, "h1") == [
                "invite claimed", "answer event:registered", "attend event:attended", "asked branch:call", "call task",
                "done goal",
            ])
        // Nothing is due before its time, everything at it.
        #expect(try await runner.runDue().instances == 0)
        clock.now = morning + 7 * day
        #expect(try await runner.runDue() == (instances: 2, steps: 4))
        #expect(try await ledger.journeyCounts("webinar").present == [1: ["attend": 2]])
        _ = try await runner.deliver([event("e4", "demo_requested", "h2"), event("e5", "unsubscribe", "h4")])
        #expect(
            try await ledger.journeyCounts("webinar").ended == [
                1: ["goal:informed": 2, "goal:demo_requested": 1, "exit:unsubscribe": 1]
            ])
        let tasks = try await ledger.openTasks(ofHCPs: ["h1", "h3", "h9"])
        #expect(tasks.map(\.hcpID) == ["h3", "h1"] && tasks[0].dueAt == morning + 2 * day)
        try await ledger.finishTask(tasks[0].number, by: .user(1))
        #expect(try await ledger.openTasks(ofHCPs: ["h1", "h3"]).count == 1)
    }

    @Test func thatAttendsWithoutQuestionsWaitsForTheBestHour() async throws {
        let clock = Clock()
        let ledger = try await journeyLedger(clock, hcps: ["h1"])
        try await JourneyRunner.register(webinar(), in: ledger, by: .user(1))
        let runner = try await runner(ledger)
        try await runner.enter("webinar", ["h1"], attributes: ["webinar": "w7"])
        _ = try await runner.deliver([
            event("e1", "registered", "h1"), event("e2", "attended", "h1", key: "w7", ["questions": "0"]),
        ])
        let waiting = try #require(try await ledger.journeyInstances(ofHCP: "h1").first)
        #expect(waiting.node == "hour" && waiting.dueAt == morning + 5 * hour)
        clock.now = morning + 5 * hour
        #expect(try await runner.runDue().steps == 2)
        #expect(try await ledger.journeyInstances(ofHCP: "h1").first?.outcome == "goal:informed")
    }

    @Test func oneInstanceAtATimeAndAgainOnlyAfterThePause() async throws {
        let clock = Clock()
        let ledger = try await journeyLedger(clock, hcps: ["h1"])
        try await JourneyRunner.register(webinar(), in: ledger, by: .user(1))
        let runner = try await runner(ledger)
        #expect(try await runner.enter("webinar", ["h1", "h1"]) == 1)
        #expect(try await runner.enter("webinar", ["h1"]) == 0)
        _ = try await runner.deliver([event("e", "unsubscribe", "h1")])
        clock.now += 99 * day
        #expect(try await runner.enter("webinar", ["h1"]) == 0)
        clock.now += day
        #expect(try await runner.enter("webinar", ["h1"]) == 1)
        // The second time it is another message, with another row.
        #expect(try await ledger.claims(in: .claimed).count == 2)
        #expect(await failure { _ = try await runner.enter("nothing", ["h1"]) } == "unknown_journey")
    }

    @Test func runningInstancesStayWithTheirVersion() async throws {
        let clock = Clock()
        let ledger = try await journeyLedger(clock, hcps: ["h1", "h2"])
        func waiting(_ seconds: Int, _ outcome: String) -> JourneyDefinition {
            JourneyDefinition(
                id: "j", entry: .init(door: .segment("s")), start: "w",
                nodes: [
                    "w": .init(.wait(Span(seconds: seconds)), next: "end"), "end": .init(.goal(outcome)),
                ])
        }
        #expect(try await JourneyRunner.register(waiting(3600, "old"), in: ledger, by: .user(1)) == 1)
        #expect(try await JourneyRunner.register(waiting(3600, "old"), in: ledger, by: .user(1)) == 1)
        try await runner(ledger).enter("j", ["h1"])
        #expect(try await JourneyRunner.register(waiting(60, "new"), in: ledger, by: .user(1)) == 2)
        let runner = try await runner(ledger)
        try await runner.enter("j", ["h2"])
        clock.now += 60_000_000
        #expect(try await runner.runDue().instances == 1)
        clock.now += hour
        #expect(try await runner.runDue().instances == 1)
        #expect(try await ledger.journeyCounts("j").ended == [1: ["goal:old": 1], 2: ["goal:new": 1]])
    }

    @Test func aPausedJourneyStandsStill() async throws {
        let clock = Clock()
        let ledger = try await journeyLedger(clock, hcps: ["h1"])
        try await JourneyRunner.register(webinar(), in: ledger, by: .user(1))
        let runner = try await runner(ledger)
        try await runner.enter("webinar", ["h1"])
        try await ledger.setJourney("webinar", paused: true, by: .user(1))
        clock.now += 30 * day
        #expect(try await runner.runDue().instances == 0)
        #expect(try await runner.deliver([event("e", "registered", "h1")]) == 0)
        #expect(try await runner.enter("webinar", ["h1"]) == 0, "it is still on its way")
        try await ledger.setJourney("webinar", paused: false, by: .user(1))
        #expect(try await runner.runDue().instances == 1)
    }

    @Test func anEventLetsInWhomTheConditionAdmits() async throws {
        let clock = Clock()
        let ledger = try await journeyLedger(clock, hcps: ["h1", "h7"])
        var definition = webinar(
            entry: .init(
                door: .event(EventMatch("page_viewed", values: ["topic": "heart"])), condition: .atLeast("number", 5)))
        definition.start = "attend"
        try await JourneyRunner.register(definition, in: ledger, by: .user(1))
        let runner = try await runner(ledger)
        #expect(
            try await runner.deliver([
                event("1", "page_viewed", "h1", ["topic": "heart"]), event("2", "page_viewed", "h7", ["topic": "lung"]),
            ]) == 0)
        #expect(try await runner.deliver([event("3", "page_viewed", "h7", ["topic": "heart"])]) == 1)
        #expect(try await ledger.journeyInstances(ofHCP: "h7").first?.attributes["topic"] == "heart")
    }

    /// A message that only time refuses waits, and gives up when its patience ends.
    @Test func aMessageWaitsForQuietHoursToEnd() async throws {
        let clock = Clock(morning + 13 * hour)
        let ledger = try await journeyLedger(clock, hcps: ["h1", "h2"])
        var strategy = Strategy()
        strategy.consent = [.email: .optIn]
        strategy.caps = [.init(channels: [.email], max: 1, window: Span(seconds: 30 * 86_400), name: "")]
        let policy = ClaimPolicy(strategy: strategy, clockTolerance: 0)
        try await JourneyRunner.register(webinar(), in: ledger, by: .user(1))
        let runner = try await JourneyRunner(ledger: ledger, policy: policy, world: PlainWorld())
        try await runner.enter("webinar", ["h1"])
        let asleep = try #require(try await ledger.journeyInstances(ofHCP: "h1").first)
        #expect(asleep.node == "invite" && asleep.dueAt == morning + 22 * hour && asleep.visit == 0)
        clock.now = morning + 22 * hour
        _ = try await runner.runDue()
        #expect(try await path(ledger, "h1") == ["invite claimed"])
        // The cap leaves no room within the reminder's patience of a day: it goes on without.
        clock.now += 7 * day
        _ = try await runner.runDue()
        #expect(
            try await path(ledger, "h1") == ["invite claimed", "answer timeout", "remind refused:cap_reached"])
    }

    @Test func theNextBestActionIsTheEnginesAndStaysWithinThePurpose() async throws {
        let clock = Clock()
        let ledger = try await journeyLedger(clock, hcps: ["h1", "h2", "h3"])
        let definition = JourneyDefinition(
            id: "n", purpose: .educational, entry: .init(door: .segment("s")), start: "a",
            nodes: [
                "a": .init(
                    .nextBestAction(channels: [.email], patience: Span(seconds: 60), refused: "no"), next: "yes"),
                "yes": .init(.goal("touched")), "no": .init(.exit("untouched")),
            ])
        try await JourneyRunner.register(definition, in: ledger, by: .user(1))
        for (hcp, offer, expected) in [
            (
                "h1", JourneyOffer(channel: .email, contentID: "paper", purpose: .educational, decisionID: "d1"),
                "a claimed"
            ),
            (
                "h2", JourneyOffer(channel: .email, contentID: "paper", purpose: .promotional),
                "a refused:purpose_firewall"
            ),
            ("h3", nil, "a refused:no_touch"),
        ] as [(String, JourneyOffer?, String)] {
            try await runner(ledger, PlainWorld(offer: offer)).enter("n", [hcp])
            #expect(try await path(ledger, hcp).first == expected)
        }
        #expect(try await ledger.claims(in: .claimed).map(\.decisionID) == ["d1"])
    }

    @Test func schedulesFallDueOnceARound() async throws {
        let clock = Clock()
        let ledger = try await journeyLedger(clock, hcps: [])
        var definition = webinar(
            entry: .init(door: .schedule(first: morning, every: Span(seconds: 86_400), segment: "s")))
        definition.id = "daily"
        try await JourneyRunner.register(definition, in: ledger, by: .user(1))
        let runner = try await runner(ledger)
        func due(_ first: Int64, _ last: Int64) -> Int { runner.scheduled(after: first, through: last).count }
        #expect(due(0, morning - 1) == 0)
        #expect(due(morning - 1, morning) == 1)
        #expect(due(morning, morning + day - 1) == 0)
        #expect(due(morning, morning + 5 * day) == 1)
    }

    @Test func randomBranchesKeepTheirShares() async throws {
        var counts: [String: Int] = [:]
        let machine = JourneyMachine(
            JourneyDefinition(
                id: "r", entry: .init(door: .segment("s")), start: "split",
                nodes: ["split": .init(.random([.init(weight: 3, node: "a"), .init(weight: 1, node: "b")]))]))
        for index in 0..<40_000 {
            let row = JourneyRow(
                number: 1, journeyID: "r", version: 1, hcpID: "h\(index)", node: "split", dueAt: 0, since: 0,
                enteredAt: 0)
            guard case .move(let next, _) = machine.step(row, .time, now: 5) else { continue }
            counts[next.node, default: 0] += 1
            #expect(machine.step(row, .time, now: 5) == machine.step(row, .time, now: 5))
        }
        // Five standard deviations around 30,000.
        #expect(abs((counts["a"] ?? 0) - 30_000) < 434 && (counts["a"] ?? 0) + (counts["b"] ?? 0) == 40_000)
    }
}

/// The code of the diagnostic that `body` throws; "" when it throws none.
func failure(_ body: () async throws -> Void) async -> String {
    do {
        try await body()
        return ""
    } catch let error as Diagnostic { return error.code } catch { return "not a diagnostic: \(type(of: error))" }
}
