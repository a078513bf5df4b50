import EngagementModel
import Statistics
import Testing

@testable import Decisioning

/// The same content not twice: planned against enumeration, and against contents that are told apart.
@Suite struct PlanRepeatTests {
    @Test func `bound and plan enclose the exhaustive optimum`() throws {
        var (lost, total, bites) = (0.0, 0.0, 0)
        for seed in 0..<300 as Range<UInt64> {
            var small = SmallPlan.random(
                seed, hcps: 1 + Int(seed % 3), actions: 1 + Int(seed % 4), days: 1 + Int(seed / 3 % 3),
                rich: seed % 2 == 1)
            let free = try #require(small.optimum())
            small.repeatContents(seed)
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1))
            let best = try #require(small.optimum())
            #expect(small.faults(plan) == [], "seed \(seed)")
            #expect(plan.upperBound >= best - 1e-4, "seed \(seed)")
            #expect(plan.objective <= best + 1e-4, "seed \(seed)")
            if best < free - 1e-6 { bites += 1 }
            lost += best - plan.objective
            total += best
        }
        // As without the rule, not every tiny knapsack is solved to the end.
        #expect(lost <= 0.02 * total, "lost \(lost) of \(total)")
        #expect(bites > 40, "the rule changed \(bites) optima")
    }

    @Test func `without shared limits the plan is the optimum`() throws {
        for seed in 500..<700 as Range<UInt64> {
            var small = SmallPlan.random(seed, hcps: 3, actions: 4, days: 3, rich: true)
            small.loosen()
            small.repeatContents(seed)
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1))
            #expect(abs(plan.objective - (try #require(small.optimum()))) <= 1e-4, "seed \(seed)")
            #expect(small.faults(plan) == [], "seed \(seed)")
        }
    }

    @Test(arguments: [PlanArm.engine, .random])
    func `probabilities agree with enumeration`(arm: PlanArm) throws {
        for seed in 0..<200 as Range<UInt64> {
            var small = SmallPlan.random(
                seed, hcps: 3, actions: 1 + Int(seed % 4), days: 1 + Int(seed / 2 % 4), rich: true)
            small.loosen()
            small.repeatContents(seed)
            let tau = [0.5, 2, 8][Int(seed % 3)]
            small.problem.temperature = .fixed(tau)
            small.problem.arms = [arm, arm, arm]
            small.problem.randomTouchRate = 0.4
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1, marginals: [0, 1, 2]))
            let (actions, width) = (
                small.problem.actionCount, small.problem.dayCount * (small.problem.actionCount + 1)
            )
            for hcp in 0..<3 {
                let eligible = (0..<actions).count { a in
                    small.problem.value[hcp * actions + a] > -.infinity
                        && (small.problem.senderSlot[a] < 0 || small.problem.sender[hcp] >= 0)
                }
                let each = 0.4 / 0.6 / Double(max(1, eligible))
                let expected = small.marginals(hcp) { sequence in
                    arm == .engine
                        ? Double(small.value(hcp, sequence) / tau).exponential
                        : sequence.reduce(1) { $1 >= 0 ? $0 * each : $0 }
                }
                for k in 0..<width {
                    #expect(
                        abs(Double(plan.marginals[hcp * width + k]) - expected[k]) < 2e-4,
                        "seed \(seed) hcp \(hcp) cell \(k)")
                }
            }
        }
    }

    /// Two offers with contents of their own: what the levels allow holds every plan that uses no content twice.
    @Test func `the optimum over contents told apart is never above the bound`() throws {
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededGenerator(seed: seed, stream: 31)
            let contents = (0..<2).map { _ in (0...random.below(3)).map { _ in Float(1 + random.uniform() * 9) } }
            var problem = PlanProblem(
                hcpCount: 1, actionCount: 2, dayOffsets: [1, 2, 3, 4], dayWeekdays: [0, 1, 2, 3],
                value: contents.map { $0.max() ?? 0 }, actionClass: [0, 0], senderSlot: [-1, -1],
                actionMinutes: [0, 0])
            problem.temperature = .fixed(0)
            problem.repeats = PlanRepeats(
                classes: 1, windowDays: 14, actions: [0, 1], depth: 3, later: Self.later(contents, depth: 3))
            let plan = try Planner.plan(problem, options: PlanOptions(threads: 1))
            let best = contents.flatMap { $0 }.sorted(by: >).prefix(4).reduce(0, +)
            #expect(abs(plan.upperBound - Double(best)) < 1e-4, "seed \(seed)")
            #expect(abs(plan.objective - Double(best)) < 1e-4, "seed \(seed)")
        }
    }

    /// After k touches an action has its best content that is not among the k best of all.
    private static func later(_ contents: [[Float]], depth: Int) -> [Float] {
        let order = contents.enumerated().flatMap { offer, values in values.map { (offer, $0) } }.sorted { $0.1 > $1.1 }
        return (1...depth).flatMap { k in
            contents.indices.map { offer in
                order.dropFirst(k).first { $0.0 == offer }?.1 ?? -.infinity
            }
        }
    }

    /// Rules that leave room for no more states still plan, without the count of messages.
    @Test func `rules that are nearly too rich are planned without the count`() throws {
        let days = Array(1...20)
        // Whom which of two classes touched on each of ten days: 3¹⁰ states, and more with the count.
        let rules = ContactRules(caps: [1, 2].map { .init(classes: $0, max: 11, windowDays: 11) })
        var problem = PlanProblem(
            hcpCount: 2, actionCount: 2, dayOffsets: days, dayWeekdays: days.map { $0 % 7 }, value: [3, 2, 1, 4],
            actionClass: [0, 1], senderSlot: [-1, -1], actionMinutes: [0, 0])
        problem.ruleSets = [rules]
        problem.repeats = PlanRepeats(
            classes: 1, windowDays: 30, actions: [0], depth: 16, later: [Float](repeating: 1, count: 32))
        #expect(throws: Diagnostic.self) {
            try ContactAutomaton(
                rules: rules, effects: problem.allEffects, dayOffsets: days, fixedOffsets: [], classes: 3)
        }
        let plan = try Planner.plan(problem, options: PlanOptions(threads: 1))
        #expect(plan.violations == 0 && plan.touches > 0)
        problem.repeats = nil
        #expect(try Planner.plan(problem, options: PlanOptions(threads: 1)).choice == plan.choice)
    }

    @Test func `values that do not fit are refused`() throws {
        var small = SmallPlan.random(5, hcps: 2, actions: 3, days: 2, rich: false)
        small.repeatContents(5)
        var short = small.problem
        short.repeats?.later.removeLast()
        #expect(throws: Diagnostic.self) { try Planner.plan(short) }
        var spoilt = small.problem
        spoilt.repeats?.later[0] = .nan
        #expect(throws: Diagnostic.self) { try Planner.plan(spoilt) }
        var other = small.problem
        other.repeats?.actions = []
        #expect(throws: Diagnostic.self) { try Planner.plan(other) }
    }
}
