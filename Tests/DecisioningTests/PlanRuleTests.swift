import EngagementModel
import Statistics
import Testing

@testable import Decisioning

@Suite struct PlanRuleTests {
    @Test func `ten thousand random histories never lead to a broken cap, gap or day`() throws {
        for seed in 0..<500 as Range<UInt64> {
            var small = SmallPlan.random(
                seed, hcps: 20, actions: 1 + Int(seed % 6), days: 1 + Int(seed % 10), rich: true, maxOffset: 18)
            switch seed % 4 {
            case 0: small.problem.temperature = .auto
            case 1: (small.problem.temperature, small.problem.explorationFloor) = (.fixed(5), 0.3)
            default: break
            }
            if seed % 3 == 0 {
                small.problem.arms = (0..<20).map { [.engine, .random, .rules][$0 % 3] }
                small.problem.ruleRanking = (0..<UInt8(small.problem.actionCount)).reversed()
            }
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1))
            #expect(small.faults(plan) == [], "seed \(seed)")
            #expect(plan.propensity.allSatisfy { $0 >= 1e-6 && $0 <= 1 }, "seed \(seed)")
            #expect(plan.upperBound >= plan.objective - 1e-3, "seed \(seed)")
        }
    }

    @Test func `classes tell apart what the rules tell apart and nothing else`() {
        let caps = [Strategy.Cap(channels: Set(Channel.allCases), max: 3, window: Span(seconds: 604_800), name: "any")]
        let gaps = [Strategy.Gap(channels: [.email, .emailRep], min: Span(seconds: 36 * 3600), name: "e-mail")]
        let classes = ContactClasses(caps: caps, gaps: gaps)
        #expect(classes.count == 2)
        #expect(classes(.email) == classes(.emailRep))
        #expect(classes(.email) != classes(.phone))
        #expect(ContactClasses(caps: caps, gaps: gaps, apart: [[.phone]]).count == 3)
        let rules = classes.rules(caps: caps, gaps: gaps)
        #expect(rules.gaps == [.init(classes: classes.mask([.email]), minDays: 2)])
        #expect(rules.caps[0].classes == 3 && rules.caps[0].windowDays == 7)
    }

    @Test func `a booked appointment is never crowded, before it or after`() throws {
        // One touch at most in any seven days, an appointment on the fifth day: nothing may be planned near it.
        var problem = PlanProblem(
            hcpCount: 1, actionCount: 1, dayOffsets: Array(1...12), dayWeekdays: (1...12).map { $0 % 7 }, value: [5],
            actionClass: [0], senderSlot: [-1], actionMinutes: [0])
        problem.ruleSets = [ContactRules(caps: [.init(classes: 1, max: 1, windowDays: 4)])]
        problem.touchStart = [0, 1]
        problem.touchDay = [5]
        problem.touchClass = [0]
        problem.temperature = .fixed(0)
        let plan = try Planner.plan(problem)
        let days = (0..<12).filter { plan.choice[$0] >= 0 }.map { $0 + 1 }
        #expect(days.count == 2)
        #expect(days.allSatisfy { abs($0 - 5) >= 4 })
    }

    @Test func `an appointment beyond the horizon still counts`() throws {
        var problem = PlanProblem(
            hcpCount: 1, actionCount: 1, dayOffsets: [1, 2, 3], dayWeekdays: [0, 1, 2], value: [5], actionClass: [0],
            senderSlot: [-1], actionMinutes: [0])
        problem.ruleSets = [ContactRules(gaps: [.init(classes: 1, minDays: 4)])]
        problem.touchStart = [0, 1]
        problem.touchDay = [6]
        problem.touchClass = [0]
        problem.temperature = .fixed(0)
        let plan = try Planner.plan(problem)
        #expect(plan.choice[1] == -1 || plan.choice[1] == 0)
        #expect(plan.choice[2] == -1)
        #expect(plan.touches == 1)
    }
}
