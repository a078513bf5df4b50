/// What an HCP would do if one day were settled otherwise: the best sequence through each use of each day.
extension TrellisWorkspace {
    /// Forward maxima after `hardBackward`: for every label and every free day the best way around it.
    func hardForward() {
        let graph = self.graph
        let (ahead, labelTop, came, cameBy) = (self.ahead, self.labelTop, self.came, self.cameBy)
        let (around, aroundEdge) = (self.around, self.aroundEdge)
        let nowhere = Lanes(repeating: LaneMath.never * 4)
        for label in 0..<graph.labelCount { around[label] = nowhere }
        for state in 0..<graph.stateCount { came[state] = nowhere }
        came[0] = .zero
        for layer in 0..<graph.layerCount {
            var free = nowhere
            var freeState = SIMD16<Int32>.zero
            for state in Int(graph.stateStart[layer])..<Int(graph.stateStart[layer + 1]) {
                let here = came[state]
                var none = here
                if graph.hasChecks && graph.noneLabel[state] >= 0 { none += labelTop[Int(graph.noneLabel[state])] }
                let next = Int(graph.noneTarget[state])
                let isBetter = none .> came[next]
                came[next].replace(with: none, where: isBetter)
                cameBy[next].replace(with: SIMD16<Int32>(repeating: Int32(-2 - state)), where: isBetter)
                none += ahead[next]
                let isBest = none .> free
                free.replace(with: none, where: isBest)
                freeState.replace(with: SIMD16<Int32>(repeating: Int32(state)), where: isBest)
                for edge in Int(graph.edgeStart[state])..<Int(graph.edgeStart[state + 1]) {
                    let (label, target) = (Int(graph.edgeLabel[edge]), Int(graph.edgeTarget[edge]))
                    let number = SIMD16<Int32>(repeating: Int32(edge))
                    let way = here + labelTop[label]
                    let isBetter = way .> came[target]
                    came[target].replace(with: way, where: isBetter)
                    cameBy[target].replace(with: number, where: isBetter)
                    let rest = here + ahead[target]
                    let isBest = rest .> around[label]
                    around[label].replace(with: rest, where: isBest)
                    aroundEdge[label].replace(with: number, where: isBest)
                }
            }
            aroundFree[layer] = free
            aroundState[layer] = freeState
        }
    }

    /// The best sequence of every lane when each touch of a rep's time is worth a little more or less than it is, with
    /// what it is worth at the prices as they are; those are disturbed afterwards.
    ///
    /// Of sequences that are worth the same it is chance that picks one: HCPs who are alike spread over them.
    ///
    /// - Parameters:
    ///   - amplitude: share of an HCP's best touch.
    ///   - choice, worth: 16 × T and 16.
    func disturbedSequences(
        amplitude: Float, seed: UInt64, choice: UnsafeMutablePointer<Int16>, worth: UnsafeMutablePointer<Float>
    ) {
        let days = tables.dayCount
        let noise = usage
        for g in 0..<tables.groupCount where tables.groupSlot[g] >= 0 {
            for t in 0..<days {
                let k = g * days + t
                for lane in 0..<LaneMath.width where hcps[lane] >= 0 {
                    noise[k][lane] =
                        amplitude * scale[lane]
                        * PlanNoise.uniform(
                            seed: seed &+ UInt64(g) &* 0xA24B_AED4_963E_E407, hcp: Int(hcps[lane]), day: t)
                }
                price[k] += noise[k]
            }
        }
        spreadGains(soft: false)
        let best = hardBackward()
        for lane in 0..<LaneMath.width where hcps[lane] >= 0 {
            bestSequence(lane: lane, into: choice + lane * days)
            worth[lane] = best[lane] + disturbance(of: choice + lane * days, lane: lane)
        }
    }

    /// What disturbed prices take from a sequence.
    private func disturbance(of choice: UnsafePointer<Int16>, lane: Int) -> Float {
        var sum: Float = 0
        for t in 0..<tables.dayCount where choice[t] >= 0 {
            let g = layout.groupOfAction[Int(choice[t])]
            if tables.groupSlot[g] >= 0 { sum += usage[g * tables.dayCount + t][lane] }
        }
        return sum
    }

    /// Adds the best sequence of a lane, and the best one for every counted group on every day and for every day
    /// without any, as far as they lie within `slack` of the best.
    ///
    /// - Parameters:
    ///   - best: the lane's best at the prices as they are; those of the passes are disturbed.
    ///   - isCounted: groups whose use is told apart; all others share one alternative a day.
    func addColumns(
        lane: Int, best: Float, slack: Float, isCounted: [Bool], scratch: inout [Int16], to set: inout ColumnSet
    ) {
        let disturbed = Self.lane(ahead, 0, lane).pointee
        scratch.withUnsafeMutableBufferPointer { buffer in
            guard let choice = buffer.baseAddress else { return }
            bestSequence(lane: lane, into: choice)
            set.add(regret: max(0, best - disturbed - disturbance(of: choice, lane: lane)), UnsafePointer(choice))
            for layer in 0..<graph.layerCount where graph.layerDay[layer] >= 0 {
                addColumns(
                    lane: lane, layer: layer, least: disturbed - slack, best: best, isCounted: isCounted,
                    choice: choice, to: &set)
            }
        }
    }

    private func addColumns(
        lane: Int, layer: Int, least: Float, best: Float, isCounted: [Bool], choice: UnsafeMutablePointer<Int16>,
        to set: inout ColumnSet
    ) {
        let t = Int(graph.layerDay[layer])
        let w = Int(tables.weekdayOfDay[t])
        // The day without any counted group: free, or the best uncounted touch.
        var otherValue = Self.lane(aroundFree, layer, lane).pointee
        var other: (label: Int, group: Int) = (-1, -1)
        for g in 0..<tables.groupCount {
            let p = Self.lane(price, g * tables.dayCount + t, lane).pointee
            var (value, label) = (least, -1)
            for l in Int(graph.labelStart[layer])..<Int(graph.labelStart[layer + 1])
            where graph.labelClass[l] == tables.groupClass[g] {
                let level = rows[lane][l]
                guard level != ContactProfiles.refused else { continue }
                let worth = Self.lane(top, (g * tables.weekdayCount + w) * tables.levelCount + Int(level), lane).pointee
                let through = Self.lane(around, l, lane).pointee + worth - p
                if through > value { (value, label) = (through, l) }
            }
            guard label >= 0 else { continue }
            if !isCounted[g] {
                if value > otherValue { (otherValue, other) = (value, (label, g)) }
                continue
            }
            trace(lane: lane, layer: layer, label: label, group: g, into: choice)
            set.add(regret: max(0, best - value - disturbance(of: choice, lane: lane)), UnsafePointer(choice))
        }
        guard otherValue > least else { return }
        trace(lane: lane, layer: layer, label: other.label, group: other.group, into: choice)
        set.add(regret: max(0, best - otherValue - disturbance(of: choice, lane: lane)), UnsafePointer(choice))
    }

    /// The best sequence through a label by a given group, or through a free day (label -1).
    private func trace(
        lane: Int, layer: Int, label: Int, group: Int, into choice: UnsafeMutablePointer<Int16>
    ) {
        for t in 0..<tables.dayCount { choice[t] = -1 }
        var state: Int
        var next: Int
        if label < 0 {
            state = Int(aroundState[layer][lane])
            next = Int(graph.noneTarget[state])
        } else {
            let edge = Int(aroundEdge[label][lane])
            let t = Int(graph.layerDay[layer])
            choice[t] = Int16(bestAction(label: label, day: t, lane: lane, group: group))
            state = Int(graph.edgeSource[edge])
            next = Int(graph.edgeTarget[edge])
        }
        var before = layer - 1
        while before >= 0 {
            let step = Int(cameBy[state][lane])
            if step < 0 {
                state = -2 - step
            } else {
                let t = Int(graph.layerDay[before])
                choice[t] = usualAction(label: Int(graph.edgeLabel[step]), day: t, lane: lane)
                state = Int(graph.edgeSource[step])
            }
            before -= 1
        }
        followBest(lane: lane, from: next, layer: layer + 1, into: choice)
    }
}
