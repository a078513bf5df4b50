import EngagementModel
import Statistics

extension Planner {
    /// Probabilities of the published choices under the policies that drew them, and marginals that were asked for.
    func fillPropensities(
        _ plan: inout Plan, _ rounding: PlanRounding, at point: DualPoint, manner: PlanRounding.Manner?
    ) {
        let problem = layout.problem
        let (n, t) = (problem.hcpCount, problem.dayCount)
        plan.propensity = [Float](repeating: 1, count: n * t)
        let width = t * (problem.actionCount + 1)
        plan.marginals = [Float](repeating: 0, count: options.marginals.count * width)
        var wanted: [Int32: Int] = [:]
        for (k, hcp) in options.marginals.enumerated() { wanted[Int32(hcp)] = k }
        var temperature = LaneTemperature(relative: 0)
        var floor: Float = 0
        var isSampled = false
        if case .sample(let working, let share) = manner {
            (temperature, floor, isSampled) = (working, Float(share), true)
        }
        let drawn = (0..<Int32(n)).filter { hcp in
            let arm = problem.arms.isEmpty ? .engine : problem.arms[Int(hcp)]
            return arm == .random || arm == .engine && isSampled || wanted[hcp] != nil
        }
        guard !drawn.isEmpty else { return }
        let partition = LanePartition(drawn, layout: layout)
        let room = SharedRoom(layout)
        let prices = PriceArrays(point, capacity: room.capacity, bounds: room.bounds, layout: layout)
        let rate = Float(problem.randomTouchRate)
        let choice = plan.choice
        plan.propensity.withUnsafeMutableBufferPointer { propensity in
            plan.marginals.withUnsafeMutableBufferPointer { marginals in
                // Every HCP is in one lane, so writes are disjoint.
                nonisolated(unsafe) let (propensity, marginals) = (propensity, marginals)
                crew.forEachChunk(partition.chunkCount) { space, chunk in
                    prices.withView { view in
                        partition.lanes.withUnsafeBufferPointer { lanes in
                            guard let lanes = lanes.baseAddress else { return }
                            for block in partition.blocks(of: chunk) {
                                let hcps = lanes + block * LaneMath.width
                                func arm(_ lane: Int) -> PlanArm? {
                                    hcps[lane] < 0
                                        ? nil : problem.arms.isEmpty ? .engine : problem.arms[Int(hcps[lane])]
                                }
                                /// Adds the probabilities of one policy to the lanes it decides.
                                func add(even: Bool, share: (PlanArm) -> Float) {
                                    guard (0..<LaneMath.width).contains(where: { arm($0).map(share) ?? 0 > 0 }) else {
                                        return
                                    }
                                    space.load(hcps, temperature: temperature)
                                    if even { space.rateEvenly(rate: rate) } else { space.rateActions(soft: true) }
                                    space.fillPrices(view)
                                    if even { space.dropPrices() }
                                    space.solveSoft()
                                    space.softUsage()
                                    for lane in 0..<LaneMath.width {
                                        guard let part = arm(lane).map(share), part > 0 else { continue }
                                        let hcp = Int(hcps[lane])
                                        for day in 0..<t {
                                            let published = Int(choice[hcp * t + day])
                                            propensity[hcp * t + day] +=
                                                part
                                                * space.probability(lane: lane, day: day, action: published, even: even)
                                            guard let row = wanted[hcps[lane]] else { continue }
                                            for a in 0...problem.actionCount {
                                                let action = a == problem.actionCount ? -1 : a
                                                marginals[row * width + day * (problem.actionCount + 1) + a] +=
                                                    part
                                                    * space.probability(
                                                        lane: lane, day: day, action: action, even: even)
                                            }
                                        }
                                    }
                                }
                                for lane in 0..<LaneMath.width where arm(lane) == .engine || arm(lane) == .random {
                                    for day in 0..<t { propensity[Int(hcps[lane]) * t + day] = 0 }
                                }
                                add(even: false) { $0 == .engine ? 1 - floor : 0 }
                                add(even: true) { $0 == .engine ? floor : $0 == .random ? 1 : 0 }
                                for lane in 0..<LaneMath.width where hcps[lane] >= 0 {
                                    for i in Int(hcps[lane]) * t..<(Int(hcps[lane]) + 1) * t {
                                        let isCertain = !isSampled && arm(lane) == .engine
                                        propensity[i] = isCertain ? 1 : max(1e-6, min(1, propensity[i]))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The random arm's propensities by counting, as the engine's are: the formula knows neither its share of the limits nor
    /// the repairs. It is served before everyone else, so it alone is drawn again.
    func countRandomArm(_ plan: inout Plan) {
        let problem = layout.problem
        let random = (0..<Int32(problem.arms.count)).filter { problem.arms[Int($0)] == .random }
        guard options.propensitySeeds > 0, !random.isEmpty else { return }
        let t = problem.dayCount
        var matches = [Float](repeating: 0, count: random.count * t)
        for k in 1...options.propensitySeeds {
            let seed = SeededGenerator.mix(problem.seed &+ UInt64(k) &* 0x9E37_79B9_7F4A_7C15)
            let other = PlanRounding(layout, crew: crew, seed: seed)
            serveRandomArm(random, on: other)
            for (row, hcp) in random.enumerated() {
                for day in 0..<t where other.choice[Int(hcp) * t + day] == plan.choice[Int(hcp) * t + day] {
                    matches[row * t + day] += 1
                }
            }
        }
        for (row, hcp) in random.enumerated() {
            for day in 0..<t {
                // The formula counts as one more observation: no frequency is 0.
                let place = Int(hcp) * t + day
                plan.propensity[place] =
                    (matches[row * t + day] + plan.propensity[place]) / Float(options.propensitySeeds + 1)
            }
        }
    }

    /// What was kept from yesterday's plan was not drawn: given that plan it is certain.
    func keepCertain(_ plan: inout Plan, _ engine: [Int32], open: [Int32]) {
        let (t, width) = (layout.problem.dayCount, layout.problem.actionCount + 1)
        plan.isKept = [Bool](repeating: false, count: layout.problem.hcpCount)
        for hcp in engine { plan.isKept[Int(hcp)] = true }
        for hcp in open { plan.isKept[Int(hcp)] = false }
        for hcp in engine where plan.isKept[Int(hcp)] {
            for i in Int(hcp) * t..<(Int(hcp) + 1) * t { plan.propensity[i] = 1 }
        }
        for (row, hcp) in options.marginals.enumerated() where plan.isKept[hcp] {
            for day in 0..<t {
                let first = (row * t + day) * width
                for a in 0..<width { plan.marginals[first + a] = 0 }
                let choice = Int(plan.choice[hcp * t + day])
                plan.marginals[first + (choice < 0 ? width - 1 : choice)] = 1
            }
        }
    }
}
