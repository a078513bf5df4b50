import EngagementModel
import Statistics
import Testing

@testable import Decisioning

@Suite struct PlanEdgeTests {
    private func instance(_ hcps: Int = 400, reps: Int = 5, seed: UInt64 = 3) -> PlanProblem {
        PlanInstance(hcps: hcps, reps: reps, seed: seed).problem()
    }

    @Test func `the same seed gives the same bytes on any number of threads`() throws {
        var problem = instance(1500, reps: 12)
        problem.arms = (0..<1500).map { $0 % 40 == 0 ? .random : $0 % 31 == 0 ? .rules : .engine }
        problem.ruleRanking = [0, 13, 4]
        problem.explorationFloor = 0.02
        let one = try Planner.plan(problem, options: PlanOptions(threads: 1))
        for threads in [2, 3] {
            let other = try Planner.plan(problem, options: PlanOptions(threads: threads))
            #expect(one.choice == other.choice)
            #expect(one.propensity == other.propensity)
            #expect(one.prices == other.prices)
            #expect(one.objective == other.objective && one.upperBound == other.upperBound)
        }
        problem.seed += 1
        #expect(try Planner.plan(problem).choice != one.choice)
    }

    @Test func `control arms spend no more than their share of HCPs' share of a limit`() throws {
        var problem = instance(600, reps: 6)
        let actions = problem.actionCount
        problem.arms = (0..<600).map { $0 % 20 == 0 ? .random : $0 % 20 == 1 ? .rules : .engine }
        problem.ruleRanking = (0..<UInt8(actions)).map { $0 }
        problem.randomTouchRate = 0.9
        problem.limits = [SharedLimit(name: "money", usage: [Float](repeating: 1, count: actions), ceiling: 100)]
        let plan = try Planner.plan(problem)
        #expect(plan.violations == 0)
        func touches(_ arm: PlanArm) -> Int {
            (0..<600).filter { problem.arms[$0] == arm }.reduce(0) { sum, hcp in
                let days = (hcp * problem.dayCount)..<((hcp + 1) * problem.dayCount)
                return sum + plan.choice[days].count { $0 >= 0 }
            }
        }
        // Without a cap each arm would take nearly all: thirty HCPs with a touch or more each.
        #expect((1...5).contains(touches(.random)), "\(touches(.random))")
        #expect((1...5).contains(touches(.rules)), "\(touches(.rules))")
        #expect(touches(.engine) >= 85, "\(touches(.engine))")
    }

    @Test func `two thousand HCPs are planned within one per cent of the bound`() throws {
        let figures = try PlanBenchmark.run(PlanInstance(hcps: 2000, reps: 24))
        print(figures)
        #expect(figures.plan.gap <= 0.01)
        #expect(figures.plan.violations == 0)
        #expect(figures.plan.explorationCost <= 0.05 * figures.plan.upperBound)
    }

    @Test func `clones are planned within one per cent and ties within two`() throws {
        // 0.78%; 1.17% when passes took over columns with regrets of other prices.
        var clones = PlanInstance(hcps: 5000, reps: 10)
        clones.clones = 20
        let figures = try PlanBenchmark.run(clones)
        #expect(figures.plan.gap <= 0.01)
        // All values alike: prices alone decide nothing, capacity must still be filled.
        var same = instance(300, reps: 3)
        same.value = same.value.map { _ in 10 }
        same.weekdayFactor = []
        same.effects = []
        same.actionCost = []
        same.temperature = .fixed(0)
        let plan = try Planner.plan(same)
        #expect(plan.violations == 0)
        #expect(plan.gap <= 0.02)
    }

    @Test func `a limit of zero and a rep without minutes take nothing`() throws {
        var problem = instance()
        problem.limits[1].ceiling = 0
        for k in 0..<10 { problem.repMinutes[k] = 0 }
        let plan = try Planner.plan(problem)
        #expect(plan.violations == 0)
        #expect(plan.limitUsed[1] == 0)
        #expect(plan.repMinutesUsed[0..<10].allSatisfy { $0 == 0 })
        problem.limits[0].ceiling = 0
        problem.repMinutes = problem.repMinutes.map { _ in 0 }
        let none = try Planner.plan(problem)
        #expect(none.touches == 0 && none.objective == 0 && none.gap <= 1e-6)
    }

    @Test func `an HCP without eligible action gets nothing, certainly`() throws {
        var problem = instance()
        for a in 0..<problem.actionCount { problem.value[7 * problem.actionCount + a] = -.infinity }
        let plan = try Planner.plan(problem)
        #expect((0..<10).allSatisfy { plan.choice[70 + $0] == -1 && plan.propensity[70 + $0] > 0.9999 })
        problem.value = problem.value.map { _ in -.infinity }
        #expect(try Planner.plan(problem).touches == 0)
    }

    @Test func `no HCPs, no problem`() throws {
        var problem = instance(1, reps: 1)
        problem.hcpCount = 0
        (problem.value, problem.weekdayFactor, problem.sender) = ([], [], [])
        (problem.touchStart, problem.touchDay, problem.touchClass) = ([], [], [])
        let plan = try Planner.plan(problem)
        #expect(plan.choice.isEmpty && plan.upperBound == 0)
    }

    @Test func `values a million-fold apart and tiny currencies are planned alike`() throws {
        var problem = instance()
        problem.temperature = .fixed(0)
        let plain = try Planner.plan(problem)
        var small = problem
        small.value = small.value.map { $0 * 1e-6 }
        small.actionCost = small.actionCost.map { $0 * 1e-6 }
        let tiny = try Planner.plan(small)
        #expect(tiny.violations == 0)
        #expect(abs(tiny.objective * 1e6 / plain.objective - 1) < 0.01)
        for a in 0..<problem.actionCount where problem.value[a] > 0 { problem.value[a] *= 1e6 }
        let mixed = try Planner.plan(problem)
        #expect(mixed.violations == 0)
        #expect(mixed.gap <= 0.01)
    }

    @Test func `bad numbers are refused with a place`() throws {
        func refusal(_ change: (inout PlanProblem) -> Void) -> Diagnostic? {
            var problem = instance(20, reps: 2)
            change(&problem)
            do {
                _ = try Planner.plan(problem)
                return nil
            } catch {
                return error
            }
        }
        let nan = refusal { $0.value[24 * 3 + 5] = .nan }
        #expect(nan?.code == "plan_value")
        #expect(nan?.message.contains("HCP 3 and action 5") == true)
        #expect(refusal { $0.value[0] = .infinity }?.code == "plan_value")
        #expect(refusal { $0.repMinutes[3] = .nan }?.code == "plan_number")
        #expect(refusal { $0.actionMinutes[0] = -1 }?.code == "plan_number")
        #expect(refusal { $0.limits[0].usage[0] = -1 }?.code == "plan_limit")
        #expect(refusal { $0.limits[0].ceiling = .nan }?.code == "plan_limit")
        #expect(refusal { $0.limits[0].floor = 1e12 }?.code == "plan_limit")
        #expect(refusal { $0.sender[0] = 9 }?.code == "plan_shape")
        #expect(refusal { $0.dayOffsets[1] = 1 }?.code == "plan_days")
        #expect(refusal { $0.value.removeLast() }?.code == "plan_shape")
        #expect(refusal { $0.touchStart[5] = 999 }?.code == "plan_shape")
        #expect(refusal { $0.temperature = .fixed(-1) }?.code == "plan_exploration")
    }

    @Test func `the rules arm takes the ranking in order on the first free day`() throws {
        var problem = instance(40, reps: 2)
        problem.arms = [PlanArm](repeating: .rules, count: 40)
        problem.ruleRanking = [4, 13]
        problem.ruleSets = [ContactRules()]
        problem.touchStart = []
        (problem.touchDay, problem.touchClass) = ([], [])
        let plan = try Planner.plan(problem)
        #expect(plan.violations == 0)
        #expect(plan.propensity.allSatisfy { $0 == 1 })
        for hcp in 0..<40 where problem.value[hcp * 24 + 13] > -.infinity {
            let days = (0..<10).filter { plan.choice[hcp * 10 + $0] >= 0 }
            #expect(days.count { plan.choice[hcp * 10 + $0] == 13 } == 1)
            #expect(days.count <= 2)
        }
    }

    @Test func `the rules arm has its share of a rep's time and no more`() throws {
        var problem = instance(600, reps: 3)
        problem.arms = (0..<600).map { $0 % 20 == 0 ? .rules : .engine }
        problem.ruleRanking = (0..<UInt8(problem.actionCount)).map { $0 }
        let plan = try Planner.plan(problem)
        #expect(plan.violations == 0)
        var (own, all) = ([Double](repeating: 0, count: 3), [Double](repeating: 0, count: 3))
        var used = [Double](repeating: 0, count: 30)
        var longest = 0.0
        for hcp in 0..<600 {
            for slot in 0..<problem.slotCount where problem.sender[hcp * problem.slotCount + slot] >= 0 {
                let rep = Int(problem.sender[hcp * problem.slotCount + slot])
                all[rep] += 1
                if problem.arms[hcp] == .rules { own[rep] += 1 }
            }
            for t in 0..<10 where problem.arms[hcp] == .rules && plan.choice[hcp * 10 + t] >= 0 {
                let action = Int(plan.choice[hcp * 10 + t])
                guard problem.senderSlot[action] >= 0 else { continue }
                let rep = Int(problem.sender[hcp * problem.slotCount + Int(problem.senderSlot[action])])
                used[rep * 10 + t] += Double(problem.actionMinutes[action])
                longest = max(longest, Double(problem.actionMinutes[action]))
            }
        }
        for rep in 0..<3 {
            let days = (0..<10).map { Double(problem.repMinutes[rep * 10 + $0]) * own[rep] / all[rep] }
            let spent = used[rep * 10..<rep * 10 + 10]
            #expect(spent.reduce(0, +) <= days.reduce(0, +) + 1e-3)
            #expect(zip(spent, days).allSatisfy { $0 <= max($1, longest) + 1e-3 })
            #expect(spent.reduce(0, +) > 0)
        }
    }

    @Test func `stability bounds the share of touches that change`() throws {
        var problem = instance(600, reps: 6)
        let before = try Planner.plan(problem)
        problem.previousChoice = before.choice
        problem.seed += 99
        for k in problem.value.indices where k % 3 == 0 && problem.value[k] > 0 { problem.value[k] *= 0.6 }
        let free = try Planner.plan(problem)
        problem.maxChangedShare = 0.1
        let bound = try Planner.plan(problem)
        #expect(bound.violations == 0)
        #expect(bound.previousTouches == before.touches)
        #expect(free.changedTouches > bound.changedTouches)
        #expect(Double(bound.changedTouches) <= 0.1 * Double(bound.previousTouches) + 1)
    }

    @Test func `a warm start needs fewer sweeps and is no worse`() throws {
        var problem = instance(2000, reps: 24)
        problem.temperature = .fixed(0)
        let cold = try Planner.plan(problem)
        problem.warmStart = cold.prices
        let warm = try Planner.plan(problem)
        #expect(warm.sweeps < cold.sweeps)
        #expect(warm.upperBound <= cold.upperBound * 1.001)
        #expect(warm.gap <= 0.01)
    }

    @Test func `prices are carried to tomorrow's days and reps`() throws {
        let prices = PlanPrices(repDay: [1, 2, 3, 7, 8, 9], limit: [5, -1])
        let next = prices.carried(
            from: (["a", "b"], [10, 11, 12], ["cost", "floor"]), to: (["b", "c"], [11, 12, 13], ["floor", "new"]))
        #expect(next.repDay == [8, 9, 8, 5, 5, 5])
        #expect(next.limit == [-1, 0])
        #expect(prices.carried(from: (["a"], [10], []), to: (["a"], [11], ["x"])).repDay == [0])
    }

    @Test func `estimated propensities stay near the formula where capacity is wide`() throws {
        var problem = instance(300, reps: 3)
        problem.repMinutes = problem.repMinutes.map { _ in 1e5 }
        problem.limits = []
        let formula = try Planner.plan(problem)
        let estimated = try Planner.plan(problem, options: PlanOptions(propensitySeeds: 60))
        #expect(formula.choice == estimated.choice)
        var difference = 0.0
        for k in formula.propensity.indices { difference += Double(formula.propensity[k] - estimated.propensity[k]) }
        #expect(abs(difference) / Double(formula.propensity.count) < 0.01)
    }

    @Test func `two senders share an HCP without exceeding either`() throws {
        var problem = instance(500, reps: 6)
        problem.slotCount = 2
        problem.sender = []
        for hcp in 0..<500 { problem.sender += [Int32(hcp % 4), hcp % 9 == 0 ? -1 : Int32(4 + hcp % 2)] }
        for (a, minutes) in problem.actionMinutes.enumerated() where minutes > 0 {
            problem.senderSlot[a] = minutes >= 30 ? 0 : 1
        }
        let plan = try Planner.plan(problem)
        #expect(plan.violations == 0)
        #expect(plan.gap <= 0.02)
    }
}
