package import EngagementModel
import Foundation
import Statistics

/// Plans the touches of all HCPs jointly: arms, then prices, then sequences, then propensities.
///
/// CPU work that blocks its thread and starts others: call it off the cooperative pool.
package struct Planner {
    let layout: PlanLayout
    let crew: PlanCrew
    let options: PlanOptions
    private var problem: PlanProblem { layout.problem }

    package static func plan(_ problem: PlanProblem, options: PlanOptions = PlanOptions()) throws(Diagnostic) -> Plan {
        try problem.check()
        guard problem.hcpCount > 0 else {
            var empty = Plan()
            empty.prices = PlanPrices(
                repDay: problem.repMinutes.map { _ in 0 }, limit: problem.limits.map { _ in 0 })
            empty.repMinutesUsed = problem.repMinutes.map { _ in 0 }
            empty.limitUsed = problem.limits.map { _ in 0 }
            return empty
        }
        let threads = options.threads > 0 ? options.threads : min(8, ProcessInfo.processInfo.activeProcessorCount)
        let layout = try PlanLayout.fitting(problem)
        return try Planner(layout: layout, crew: PlanCrew(layout, threads: threads), options: options).run()
    }

    private func run() throws(Diagnostic) -> Plan {
        var plan = Plan()
        let hcps = (0..<Int32(problem.hcpCount)).map { $0 }
        let engine = hcps.filter { problem.arms.isEmpty || problem.arms[Int($0)] == .engine }
        let base = serveArms(hcps)
        plan.armValue = base.objective

        let working = workingTemperature
        let partition = LanePartition(engine, layout: layout)
        let solver = PriceSolver(
            layout: layout, crew: crew, partition: partition, capacity: base.room.capacity, bounds: base.room.bounds)
        let (start, sampleSweeps) = startingPrices(engine, solver)
        var outcome = solver.solve(
            from: start ?? solver.origin, isWarm: start != nil, working: working)
        plan.sweeps = outcome.sweeps + sampleSweeps

        let kept = keepPrevious(engine, at: outcome.best, on: base)
        let (best, filled) = round(
            kept, at: outcome.best, solver: solver, bound: base.objective + outcome.bound)
        // While they filled the days the clusters have settled their own prices: another bound, and often a lower one.
        if let filled, kept.open.count == engine.count, filled.bound < outcome.bound {
            (outcome.best, outcome.bound) = (filled.point, filled.bound)
        }
        var published = best
        if let manner = samplingManner(working) {
            published = draw(kept, at: outcome.working, manner: manner, solver: solver, seed: problem.seed)
            plan.explorationCost = best.objective - published.objective
            plan.temperature = Double(working?.tau(scale: Float(layout.meanScale)) ?? 0)
        }
        plan.choice = published.choice
        plan.objective = published.objective
        plan.upperBound = base.objective + outcome.bound + relaxation(best, outcome.best)
        plan.gap = max(0, plan.upperBound - best.objective) / max(abs(plan.upperBound), 1e-9)
        if !options.isProbe { plan.shortfalls = try shortfalls(published) }
        plan.prices = prices(outcome.best)
        (plan.repMinutesUsed, plan.limitUsed) = used(published.choice)
        plan.violations = violations(published.choice)
        (plan.previousTouches, plan.changedTouches) = changes(published.choice)
        fillPropensities(&plan, published, at: outcome.working, manner: samplingManner(working))
        keepCertain(&plan, engine, open: kept.open)
        if options.propensitySeeds > 0, let manner = samplingManner(working) {
            estimatePropensities(&plan, kept, at: outcome.working, manner: manner, solver: solver)
        }
        countRandomArm(&plan)
        return plan
    }

    /// nil when nothing is sampled.
    private var workingTemperature: LaneTemperature? {
        switch problem.temperature {
        case .auto: LaneTemperature(relative: Float(PriceSolver.workingTemperature))
        case .fixed(let tau): tau > 0 ? LaneTemperature(relative: 0, absolute: Float(tau)) : nil
        }
    }

    private func samplingManner(_ working: LaneTemperature?) -> PlanRounding.Manner? {
        guard working != nil || problem.explorationFloor > 0 else { return nil }
        return .sample(working ?? LaneTemperature(relative: 0), floor: problem.explorationFloor)
    }

    /// The previous plan's prices, or those of a sample of HCPs with their share of the capacity when there are
    /// many: warm stages only have to arrive quickly.
    private func startingPrices(_ engine: [Int32], _ solver: PriceSolver) -> (DualPoint?, Int) {
        if let warm = warmStart(solver.origin) { return (warm, 0) }
        let stride = min(engine.count > 400_000 ? 16 : 8, engine.count / max(1, problem.repCount * 40))
        guard engine.count >= 20_000, stride >= 2 else { return (nil, 0) }
        let sample = engine.filter { PlanNoise.uniform(seed: problem.seed, hcp: Int($0), day: 61) * Float(stride) < 1 }
        let share = Double(sample.count) / Double(engine.count)
        var size = [Double](repeating: 0, count: problem.repCount)
        var part = size
        for hcp in engine { forEachRep(hcp) { size[$0] += 1 } }
        for hcp in sample { forEachRep(hcp) { part[$0] += 1 } }
        let t = problem.dayCount
        let few = PriceSolver(
            layout: layout, crew: crew, partition: LanePartition(sample, layout: layout),
            capacity: solver.capacity.indices.map { k in
                solver.capacity[k] * (size[k / t] > 0 ? part[k / t] / size[k / t] : share)
            }, bounds: solver.bounds.map { $0 * share }, room: (solver.capacity, solver.bounds))
        return (few.approach(), few.notes.count)
    }

    private func forEachRep(_ hcp: Int32, _ body: (Int) -> Void) {
        for slot in 0..<problem.slotCount {
            let rep = Int(problem.sender[Int(hcp) * problem.slotCount + slot])
            if rep >= 0 { body(rep) }
        }
    }

    private func warmStart(_ origin: DualPoint) -> DualPoint? {
        guard let warm = problem.warmStart, warm.repDay.count == problem.repMinutes.count,
            warm.limit.count == problem.limits.count, (warm.repDay + warm.limit).allSatisfy(\.isFinite)
        else { return nil }
        var point = origin
        point.rep = warm.repDay.map { max(0, $0) }
        point.side = layout.sides.map { max(0, warm.limit[$0.limit] * $0.sign) }
        return point
    }

    private func prices(_ point: DualPoint) -> PlanPrices {
        var limit = [Double](repeating: 0, count: problem.limits.count)
        for (k, side) in layout.sides.enumerated() { limit[side.limit] += point.side[k] * side.sign }
        // Where long touches are counted, a minute is worth what it is to one of them.
        var repDay = point.rep
        for (k, price) in point.visit.enumerated() where price > 0 {
            repDay[k] += price / Double(point.limits.minutes[k])
        }
        return PlanPrices(repDay: repDay, limit: limit)
    }

    // MARK: Sequences

    private typealias Kept = (rounding: PlanRounding, open: [Int32])

    /// A plan drawn from the policy.
    private func draw(
        _ kept: Kept, at point: DualPoint, manner: PlanRounding.Manner, solver: PriceSolver, seed: UInt64
    ) -> PlanRounding {
        guard case .sample(let temperature, _) = manner else { return kept.rounding }
        let rounding = PlanRounding(continuing: kept.rounding, seed: seed)
        // What is drawn stays drawn: bettering it would undo the exploration and falsify its propensities.
        rounding.serve(
            kept.open, at: point, manner: manner, expectation: temperature, repReach: solver.repReach,
            sideReach: solver.sideReach)
        meetFloors(rounding, kept.open, at: point)
        return rounding
    }

    /// The best plan found.
    ///
    /// - Parameter bound: what no rounding can be worth; the search stops near it.
    private func round(
        _ kept: Kept, at point: DualPoint, solver: PriceSolver, bound: Double
    ) -> (PlanRounding, PlanRounding.Filled?) {
        // Few HCPs leave little to choose from, and make another start cheap.
        let (starts, enough) = kept.open.count <= 12 ? (32, 1e-5) : kept.open.count <= 200 ? (4, 1e-3) : (2, 0.01)
        let first = start(0, kept, at: point, solver: solver)
        var best = first.0
        for k in 1..<starts where best.room.floorLack > 1e-9 || bound - best.objective > enough * abs(bound) {
            let (other, _) = start(k, kept, at: point, solver: solver)
            let (lack, least) = (other.room.floorLack, best.room.floorLack)
            if lack < least - 1e-9 || lack <= least + 1e-9 && other.objective > best.objective { best = other }
        }
        return (best, first.1)
    }

    /// The best rounding from one start: rep-days filled from columns, or HCPs served in turns; then at prices that
    /// differ from the solved ones.
    private func start(
        _ k: Int, _ kept: Kept, at solved: DualPoint, solver: PriceSolver
    ) -> (PlanRounding, PlanRounding.Filled?) {
        let rounding = PlanRounding(continuing: kept.rounding, seed: problem.seed &+ UInt64(k))
        var prices = solved
        if k > 1 {
            var random = SeededGenerator(seed: problem.seed, stream: 0xD1CE + UInt64(k))
            let visits = prices.rep.count..<prices.rep.count + prices.visit.count
            prices.visit = prices.visit.map { _ in 0 }
            for i in 0..<prices.count where !visits.contains(i) {
                // A price of nothing moves too: what is free in the relaxation may be scarce in whole touches.
                let lift = random.uniform()
                prices[i] = prices[i] * (0.4 + 1.2 * random.uniform()) + 0.6 * solver.reach[i] * lift * lift
            }
        }
        let point = solver.breakingTies(prices)
        let filled = k % 2 == 1 ? nil : rounding.fill(kept.open, at: prices, repReach: solver.repReach, settles: k == 0)
        if filled == nil {
            // Cold enough that what is expected is what the best sequences will use.
            rounding.serve(
                kept.open, at: point, manner: .best, expectation: LaneTemperature(relative: 0.002),
                repReach: solver.repReach, sideReach: solver.sideReach)
        }
        meetFloors(rounding, kept.open, at: point)
        for spend in [1.0, 1.0, 0.9, 0.5, 0.0] { rounding.improve(kept.open, at: point, spend: spend) }
        return (rounding, filled)
    }

    /// Touches that floors still lack are taken where they cost least, at rising premiums.
    private func meetFloors(_ rounding: PlanRounding, _ hcps: [Int32], at point: DualPoint) {
        var premium = point
        for (k, side) in layout.sides.enumerated() where side.sign < 0 {
            let uses = layout.groups.map { Double($0.uses[side.limit]) }.filter { $0 > 0 }
            premium.side[k] = max(point.side[k], layout.meanScale / 100 / max(uses.max() ?? 1, 1e-9))
        }
        var bonus = 1.0
        while rounding.room.floorLack > 1e-9 && bonus < 1e5 {
            rounding.improve(hcps, at: premium, spend: 1, floorBonus: bonus)
            bonus *= 3
        }
    }

    /// Random arm first, then rules, blind to prices: each spends at most its share of HCPs' share of every limit, else
    /// a twentieth of the HCPs would take a third of a tight budget before anyone else is served.
    /// The rules keep to their share of the reps' days besides.
    private func serveArms(_ hcps: [Int32]) -> PlanRounding {
        let rounding = PlanRounding(layout, crew: crew, seed: problem.seed)
        guard !problem.arms.isEmpty else { return rounding }
        let random = hcps.filter { problem.arms[Int($0)] == .random }
        serveRandomArm(random, on: rounding)
        let order = problem.ruleOrder.isEmpty ? hcps : problem.ruleOrder
        var isServed = [Bool](repeating: false, count: problem.hcpCount)
        var rules = PlanRules(problem: problem)
        // Of what the random arm left: a share of the HCPs who are not in it.
        rounding.within(share(of: .rules, without: .random)) {
            for hcp in order + hcps where problem.arms[Int(hcp)] == .rules && !isServed[Int(hcp)] {
                isServed[Int(hcp)] = true
                rules.serve(Int(hcp), on: rounding)
            }
        }
        return rounding
    }

    /// Blind to prices, within its share of every limit.
    func serveRandomArm(_ random: [Int32], on rounding: PlanRounding) {
        let zero = DualPoint.zero(rep: problem.repMinutes.count, side: layout.sides.count)
        rounding.within(share(of: .random)) { rounding.assign(random, at: zero, manner: .even) }
    }

    /// Share of a limit's HCPs that are in an arm.
    private func share(of arm: PlanArm, without other: PlanArm? = nil) -> (Int) -> Double {
        let shares = problem.limits.map { limit in
            var (inside, all) = (0.0, 0.0)
            for hcp in 0..<problem.hcpCount where limit.members.isEmpty || limit.members[hcp] {
                if problem.arms[hcp] != other { all += 1 }
                if problem.arms[hcp] == arm { inside += 1 }
            }
            return all > 0 ? inside / all : 0
        }
        return { shares[$0] }
    }

    /// Keeps previous sequences where that costs least, until the share of touches that may change is respected.
    private func keepPrevious(_ engine: [Int32], at point: DualPoint, on base: PlanRounding) -> Kept {
        let rounding = PlanRounding(continuing: base, seed: problem.seed)
        guard let share = problem.maxChangedShare, !problem.previousChoice.isEmpty else { return (rounding, engine) }
        let t = problem.dayCount
        let previous = problem.previousChoice
        let touched = engine.filter { hcp in
            (0..<t).contains { previous[Int(hcp) * t + $0] >= 0 }
        }
        let partition = LanePartition(touched, layout: layout)
        let regrets = rounding.regrets(partition, at: point, of: previous)
        let audit = PlanAudit(problem: problem)
        let total = touched.reduce(0) { sum, hcp in sum + (0..<t).count { previous[Int(hcp) * t + $0] >= 0 } }
        var wanted = Int((Double(total) * (1 - share)).rounded(.up))
        var isKept = [Bool](repeating: false, count: problem.hcpCount)
        for lane in regrets.order(partition) where wanted > 0 {
            let hcp = Int(partition.lanes[lane])
            let sequence = Array(previous[hcp * t..<(hcp + 1) * t])
            guard sequence.withUnsafeBufferPointer({ $0.baseAddress.map { audit.violations(hcp, $0) } ?? 1 }) == 0,
                rounding.place(hcp, sequence)
            else { continue }
            isKept[hcp] = true
            wanted -= sequence.count { $0 >= 0 }
        }
        return (rounding, engine.filter { !isKept[Int($0)] })
    }

    // MARK: Accounts

    /// The bound when floors that could not be met are lowered to what the plan reaches.
    private func relaxation(_ rounding: PlanRounding, _ point: DualPoint) -> Double {
        var sum = 0.0
        for (k, side) in layout.sides.enumerated() where side.sign < 0 {
            sum += point.side[k] * max(0, rounding.room.side[k])
        }
        return sum
    }

    /// For each floor that is missed: how far it could be met while every other floor is held as far as it is now.
    private func shortfalls(_ rounding: PlanRounding) throws(Diagnostic) -> [FloorShortfall] {
        let floors = layout.sides.indices.filter { layout.sides[$0].sign < 0 }
        var held = problem.limits.map { $0.floor }
        for k in floors {
            let floor = -layout.sides[k].bound
            held[layout.sides[k].limit] = max(0, min(floor, floor - rounding.room.side[k]))
        }
        var probe = options
        probe.isProbe = true
        probe.marginals = []
        probe.propensitySeeds = 0
        var result: [FloorShortfall] = []
        for k in floors {
            let (limit, floor, lack) = (layout.sides[k].limit, -layout.sides[k].bound, rounding.room.side[k])
            guard lack > 1e-6 * max(1, floor) else { continue }
            let most = try Planner.plan(problem.maximising(limit: limit, floors: held), options: probe)
            let holdsOthers = floors.allSatisfy { other in
                let l = layout.sides[other].limit
                return other == k || most.limitUsed[l] >= (held[l] ?? 0) - 1e-6 * max(1, floor)
            }
            let found = holdsOthers ? most.limitUsed[limit] : 0
            result.append(
                FloorShortfall(
                    limit: problem.limits[limit].name, floor: floor, reached: floor - lack,
                    attainable: min(floor, max(found, floor - lack)), ceiling: most.upperBound))
        }
        return result
    }

    private func used(_ choice: [Int16]) -> ([Double], [Double]) {
        let room = SharedRoom(layout)
        var minutes = [Double](repeating: 0, count: problem.repMinutes.count)
        var uses = [Double](repeating: 0, count: problem.limits.count)
        let t = problem.dayCount
        for hcp in 0..<problem.hcpCount {
            for day in 0..<t where choice[hcp * t + day] >= 0 {
                room.forEachUse(hcp, Int(choice[hcp * t + day])) { rep, m, limit, use in
                    if rep >= 0 { minutes[rep * t + day] += m }
                    if limit >= 0 { uses[limit] += use }
                }
            }
        }
        return (minutes, uses)
    }

    private func violations(_ choice: [Int16]) -> Int {
        let audit = PlanAudit(problem: problem)
        let (t, size) = (problem.dayCount, 4096)
        var counts = [Int](repeating: 0, count: (problem.hcpCount + size - 1) / size)
        counts.withUnsafeMutableBufferPointer { counts in
            // One part of the HCPs each.
            nonisolated(unsafe) let counts = counts
            crew.forEachChunk(counts.count) { _, part in
                choice.withUnsafeBufferPointer { choice in
                    guard let choice = choice.baseAddress else { return }
                    for hcp in part * size..<min(problem.hcpCount, (part + 1) * size) {
                        counts[part] += audit.violations(hcp, choice + hcp * t)
                    }
                }
            }
        }
        return audit.sharedViolations(choice) + counts.reduce(0, +)
    }

    private func changes(_ choice: [Int16]) -> (Int, Int) {
        var (previous, changed) = (0, 0)
        for (old, new) in zip(problem.previousChoice, choice) where old >= 0 {
            previous += 1
            if old != new { changed += 1 }
        }
        return (previous, changed)
    }

    private func estimatePropensities(
        _ plan: inout Plan, _ kept: Kept, at point: DualPoint, manner: PlanRounding.Manner, solver: PriceSolver
    ) {
        var matches = [Float](repeating: 0, count: plan.choice.count)
        let (days, width) = (problem.dayCount, problem.actionCount + 1)
        var counts = [Float](repeating: 0, count: plan.marginals.count)
        for k in 1...options.propensitySeeds {
            let other = draw(
                kept, at: point, manner: manner, solver: solver,
                seed: SeededGenerator.mix(problem.seed &+ UInt64(k) &* 0x9E37_79B9_7F4A_7C15))
            for i in matches.indices where other.choice[i] == plan.choice[i] { matches[i] += 1 }
            for (row, hcp) in options.marginals.enumerated() {
                for day in 0..<days {
                    let choice = Int(other.choice[hcp * days + day])
                    counts[(row * days + day) * width + (choice < 0 ? width - 1 : choice)] += 1
                }
            }
        }
        for i in counts.indices {
            plan.marginals[i] = (counts[i] + plan.marginals[i]) / Float(options.propensitySeeds + 1)
        }
        let t = problem.dayCount
        for hcp in kept.open {
            for i in Int(hcp) * t..<(Int(hcp) + 1) * t {
                // The formula counts as one more observation: no frequency is 0.
                plan.propensity[i] = (matches[i] + plan.propensity[i]) / Float(options.propensitySeeds + 1)
            }
        }
    }
}
