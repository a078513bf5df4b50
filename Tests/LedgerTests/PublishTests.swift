import EngagementModel
import Testing

@testable import Ledger

@Suite struct PublishTests {
    private let first = run("r1")
    private var second: RunRecord { run("r2", asOf: monday + 1) }

    @Test func everyColumnComesBackAsPublished() async throws {
        let ledger = try memoryLedger()
        var other = touch(first, "h2", on: monday + 2)
        other.modelVersion = "m2"
        let plan = [touch(first, "h1", on: monday + 1), other, noTouch(first, "h3")]
        let outcome = try await ledger.publish(first, decisions: plan, ranks: [7, 8, 9])
        #expect(outcome.run.touches == 2)
        #expect(outcome.run.idle == 1)
        let found = try await ledger.decisions(ofRun: "r1")
        #expect(found.map(\.decision) == plan)
        #expect(found.map(\.rank) == [7, 8, 9])
        #expect(found.map(\.dueDay) == [monday + 1, monday + 2, nil])
        #expect(try await ledger.decisions(ofRun: "r1", includingNoTouch: false).count == 2)
        #expect(try await ledger.decisions(ofRun: "r1", hcpID: "h2").map(\.decision.hcpID) == ["h2"])
        #expect(try await ledger.latestRun() == outcome.run)
    }

    @Test func publishingAgainChangesNothing() async throws {
        let clock = TestClock()
        let ledger = try memoryLedger(clock)
        let plan = [touch(first, "h1", on: monday + 1), touch(first, "h2", on: monday + 1), noTouch(first, "h3")]
        let published = try await ledger.publish(first, decisions: plan)
        try await ledger.act(on: plan[0].decisionID, by: .user(1), .accept())
        let (events, trail) = (try await ledger.events(of: plan[0].decisionID), try await ledger.auditTrail())
        clock.advance(seconds: 60)
        let again = try await ledger.publish(first, decisions: plan)
        #expect(again.wasAlreadyPublished)
        #expect(again.run == published.run)
        #expect(try await ledger.decision(plan[0].decisionID)?.decision.status == .accepted)
        #expect(try await ledger.events(of: plan[0].decisionID) == events)
        #expect(try await ledger.auditTrail() == trail)
    }

    @Test func anotherPlanUnderTheSameRunIsRefused() async throws {
        let ledger = try memoryLedger()
        _ = try await ledger.publish(first, decisions: [touch(first, "h1", on: monday + 1)])
        let moved = await code {
            _ = try await ledger.publish(first, decisions: [touch(first, "h1", on: monday + 2)])
        }
        #expect(moved == "run_differs")
    }

    @Test func aPlanWithOneBadRowLeavesNothing() async throws {
        let ledger = try memoryLedger()
        let good = touch(first, "h1", on: monday + 1)
        var twin = good
        twin.decisionID = "another id, the same HCP and day"
        var halved = touch(first, "h2", on: monday + 1)
        halved.channel = nil
        for (bad, expected) in [
            (twin, "ledger_conflict"), (halved, "run_mismatch"), (touch(second, "h2", on: monday + 2), "run_mismatch"),
        ] {
            #expect(await code { _ = try await ledger.publish(first, decisions: [good, bad]) } == expected)
            #expect(try await ledger.runs().isEmpty)
            #expect(try await ledger.decision(good.decisionID) == nil)
        }
        let twice = [noTouch(first, "h1"), noTouch(first, "h1")]
        #expect(await code { _ = try await ledger.publish(first, decisions: twice) } == "ledger_conflict")
        #expect(await code { _ = try await ledger.publish(first, decisions: [good], ranks: []) } == "run_mismatch")
    }

    /// One decision in every status before the newer plan, due on the as-of day and the day before.
    @Test(arguments: [0, -1]) func aNewerPlanReplacesWhatNobodyTookInHand(offset: Int) async throws {
        let ledger = try memoryLedger()
        let day = second.asOf + offset
        let plan = DecisionStatus.allCases.map { touch(first, $0.rawValue, on: day) }
        _ = try await ledger.publish(first, decisions: plan + [noTouch(first, "idle")])
        for (status, decision) in zip(DecisionStatus.allCases, plan) {
            let action: DecisionAction? =
                switch status {
                case .planned, .expired: nil
                case .shown: .show
                case .accepted: .accept()
                case .edited: .edit(DecisionEdit(hour: 15))
                case .dismissed: .dismiss(cause: .noCapacity)
                case .snoozed: .snooze(until: day)
                case .executed: .execute()
                }
            if let action { try await ledger.act(on: decision.decisionID, by: .user(1), action) }
        }
        let expected = try await machineExpiry(ledger, plan, asOf: second.asOf)
        let outcome = try await ledger.publish(second, decisions: [touch(second, "h", on: second.asOf + 1)])
        let after = try await ledger.statuses(of: plan.map(\.decisionID))
        #expect(after == expected)
        #expect(outcome.run.expired == expected.values.count { $0 == .expired })
        let cause = offset < 0 ? "lapsed" : "superseded"
        let event = try await ledger.events(of: plan[0].decisionID).last
        #expect(event?.kind == .expired && event?.cause == cause && event?.actor == "system")
        #expect(try await ledger.decision("r1/idle/none")?.decision.status == .planned)
    }

    /// What the machine says to the set-based statement.
    private func machineExpiry(_ ledger: Ledger, _ plan: [Decision], asOf: Day) async throws
        -> [String: DecisionStatus]
    {
        var result: [String: DecisionStatus] = [:]
        for decision in plan {
            let found = try #require(try await ledger.decision(decision.decisionID))
            let state = DecisionMachine(status: found.decision.status, day: found.dueDay)
            let cause: ExpiryCause = (found.dueDay ?? asOf) < asOf ? .lapsed : .superseded
            if case .changed(let next) = state.apply(.expire(cause)) {
                result[decision.decisionID] = next.status
            } else {
                result[decision.decisionID] = state.status
            }
        }
        return result
    }

    @Test func repsSeeTheirOwnListInPagesAndInOrder() async throws {
        let ledger = try memoryLedger()
        var plan: [Decision] = []
        for index in 0..<60 {
            plan.append(
                touch(
                    first, "h\(index)", on: monday + 1 + index % 3, sender: "rep-\(index % 2)",
                    channel: index % 5 == 0 ? .phone : .inPerson))
        }
        let ranks = (0..<60).map { Int32((59 - $0) / 7) }  // ties on purpose
        _ = try await ledger.publish(first, decisions: plan, ranks: ranks)
        var seen: [LedgerDecision] = []
        var cursor: DecisionCursor?
        repeat {
            let page = try await ledger.decisions(
                of: "rep-1", from: monday, through: monday + 2, after: cursor.flatMap { DecisionCursor($0.token) },
                limit: 7)
            #expect(page.decisions.count <= 7)
            seen += page.decisions
            cursor = page.next
        } while cursor != nil
        let expected = zip(plan, ranks).filter { $0.0.sender == "rep-1" && ($0.0.day ?? monday) <= monday + 2 }
        #expect(seen.count == expected.count)
        #expect(Set(seen.map(\.decision.hcpID)) == Set(expected.map(\.0.hcpID)))
        let keys = seen.map { [Int64($0.dueDay?.number ?? 0), Int64($0.rank), $0.number] }
        #expect(keys == keys.sorted { $0.lexicographicallyPrecedes($1) })
        let phone = try await ledger.decisions(of: "rep-1", from: monday, through: monday + 9, channels: [.phone])
        #expect(phone.decisions.count == 6)
        let shown = try await ledger.decisions(of: "rep-1", from: monday, through: monday + 9, statuses: [.shown])
        #expect(shown.decisions.isEmpty)
        #expect(DecisionCursor("1.2") == nil && DecisionCursor("a.b.c") == nil)
    }

    /// Five runs with random actions in between: what pages read is what the machine says, decision for decision.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8]) func listsAgreeWithTheMachine(seed: UInt64) async throws {
        var random = Seeded(seed)
        let ledger = try memoryLedger()
        var expected: [String: DecisionMachine] = [:]
        var published: [String: Decision] = [:]
        for number in 0..<5 {
            let plan = run("r\(number)", asOf: monday + number)
            let decisions = (0..<30).map { index in
                touch(plan, "h\(index % 10)", on: plan.asOf + 1 + index / 10, sender: "rep-\(index % 3)")
            }
            _ = try await ledger.publish(plan, decisions: decisions.shuffled(using: &random))
            for (id, state) in expected {
                let cause: ExpiryCause = (state.day ?? plan.asOf) < plan.asOf ? .lapsed : .superseded
                if case .changed(let next) = state.apply(.expire(cause)) { expected[id] = next }
            }
            for decision in decisions {
                published[decision.decisionID] = decision
                expected[decision.decisionID] = DecisionMachine(
                    status: .planned, day: decision.day, hour: decision.hour, contentID: decision.contentID)
            }
            for id in expected.keys.sorted().shuffled(using: &random).prefix(12) {
                let action = randomAction(plan.asOf, &random)
                let failure = await code { try await ledger.act(on: id, by: .user(1), action) }
                // Days that are taken are the ledger's own rule; the machine knows one decision alone.
                if failure == "day_taken" { continue }
                switch try #require(expected[id]).apply(action) {
                case .changed(let next):
                    expected[id] = next
                    #expect(failure == "")
                case .unchanged: #expect(failure == "")
                case .refused(let refusal): #expect(failure == refusal.rawValue)
                }
            }
            try await check(ledger, expected, published)
        }
    }

    private func randomAction(_ today: Day, _ random: inout Seeded) -> DecisionAction {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: .show
        case 1: .accept()
        case 2: .edit(DecisionEdit(day: today + Int.random(in: 1...9, using: &random)))
        case 3: .dismiss(cause: .notRelevant)
        case 4: .snooze(until: today + Int.random(in: 1...3, using: &random))
        default: .execute()
        }
    }

    private func check(
        _ ledger: Ledger, _ expected: [String: DecisionMachine], _ published: [String: Decision]
    ) async throws {
        #expect(try await ledger.statuses(of: Array(expected.keys)) == expected.mapValues(\.status))
        let standing = expected.filter { $0.value.status != .expired }
        let span = (monday, monday + 30)
        for sender in ["rep-0", "rep-1", "rep-2"] {
            let page = try await ledger.decisions(of: sender, from: span.0, through: span.1, limit: 1000)
            let mine = standing.filter { published[$0.key]?.sender == sender }
            #expect(Set(page.decisions.map(\.decision.decisionID)) == Set(mine.keys))
            #expect(page.decisions.allSatisfy { mine[$0.decision.decisionID]?.day == $0.dueDay })
        }
        for hcp in (0..<10).map({ "h\($0)" }) {
            let found = try await ledger.decisions(ofHCP: hcp, from: span.0).map(\.decision.decisionID)
            #expect(Set(found) == Set(standing.keys.filter { published[$0]?.hcpID == hcp }))
            let all = try await ledger.decisions(ofHCP: hcp, from: span.0, expired: true)
            #expect(all.count == published.values.count { $0.hcpID == hcp })
        }
        for (id, state) in expected where state.status != .planned {
            #expect(try await ledger.events(of: id).last?.kind == state.status)
        }
    }
}
