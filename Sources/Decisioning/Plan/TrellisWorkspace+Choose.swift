import Statistics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reading sequences out of the passes, one lane at a time.
extension TrellisWorkspace {
    /// What one action is worth to a lane on a day at a level, before prices.
    @inline(__always)
    private func actionWorth(position: Int, group: Int, weekday: Int, level: Int, lane: Int) -> Float {
        let (gross, base) = values(group: group, level: level)
        let multiplier = tables.multiplier[Int(tables.groupClass[group]) * tables.levelCount + level]
        return Self.lane(gross, position, lane).pointee * Self.lane(factor, weekday, lane).pointee * multiplier
            + Self.lane(base, position, lane).pointee
    }

    /// Whether a content of the action is left at a level.
    private func isOpen(position: Int, group: Int, level: Int, lane: Int) -> Bool {
        Self.lane(values(group: group, level: level).base, position, lane).pointee > LaneMath.never / 2
    }

    /// The best sequence after `hardBackward`; nothing is preferred to a tie.
    func bestSequence(lane: Int, into choice: UnsafeMutablePointer<Int16>) {
        for t in 0..<tables.dayCount { choice[t] = -1 }
        for k in 0..<tables.dayCount * tables.classCount * tables.levelCount { bestKnown[k] = -2 }
        followBest(lane: lane, from: 0, layer: 0, into: choice)
    }

    /// Fills in the best way on from a state, after `bestSequence` of the same lane at the same prices.
    func followBest(lane: Int, from start: Int, layer first: Int, into choice: UnsafeMutablePointer<Int16>) {
        var state = start
        for layer in first..<graph.layerCount {
            var best = Self.lane(ahead, Int(graph.noneTarget[state]), lane).pointee
            if graph.hasChecks && graph.noneLabel[state] >= 0 {
                best += Self.lane(labelTop, Int(graph.noneLabel[state]), lane).pointee
            }
            var taken = -1
            for edge in Int(graph.edgeStart[state])..<Int(graph.edgeStart[state + 1]) {
                let value =
                    Self.lane(labelTop, Int(graph.edgeLabel[edge]), lane).pointee
                    + Self.lane(ahead, Int(graph.edgeTarget[edge]), lane).pointee
                if value > best {
                    best = value
                    taken = edge
                }
            }
            guard taken >= 0 else {
                state = Int(graph.noneTarget[state])
                continue
            }
            let t = Int(graph.layerDay[layer])
            choice[t] = usualAction(label: Int(graph.edgeLabel[taken]), day: t, lane: lane)
            state = Int(graph.edgeTarget[taken])
        }
    }

    /// The best action of a label's class: found once per day, class and level for all sequences of a lane.
    func usualAction(label: Int, day: Int, lane: Int) -> Int16 {
        let k =
            (day * tables.classCount + Int(graph.labelClass[label])) * tables.levelCount + Int(rows[lane][label])
        if bestKnown[k] == -2 { bestKnown[k] = Int16(bestAction(label: label, day: day, lane: lane)) }
        return bestKnown[k]
    }

    /// The best action of a label's class, or of one of its groups.
    func bestAction(label: Int, day: Int, lane: Int, group: Int = -1) -> Int {
        let c = Int(graph.labelClass[label])
        let level = Int(rows[lane][label])
        var best = -Float.infinity
        var action = -1
        let groups = Int(tables.classFirstGroup[c])..<Int(tables.classFirstGroup[c + 1])
        for g in group >= 0 ? group..<group + 1 : groups {
            let p = Self.lane(price, g * tables.dayCount + day, lane).pointee
            for position in Int(tables.groupStart[g])..<Int(tables.groupStart[g + 1]) {
                let value =
                    actionWorth(
                        position: position, group: g, weekday: Int(tables.weekdayOfDay[day]), level: level, lane: lane)
                    - p
                if value > best {
                    best = value
                    action = Int(tables.action[position])
                }
            }
        }
        return action
    }

    /// A sequence drawn from the soft policy after `softBackward`.
    func sampleSequence(lane: Int, even: Bool, random: inout SeededGenerator, into choice: UnsafeMutablePointer<Int16>)
    {
        for t in 0..<tables.dayCount { choice[t] = -1 }
        var state = 0
        for layer in 0..<graph.layerCount {
            let edges = Int(graph.edgeStart[state])..<Int(graph.edgeStart[state + 1])
            var rest = Float(random.uniform()) * Self.lane(ways, state, lane).pointee
            rest -=
                Self.lane(noneShare, state, lane).pointee
                * Self.lane(ways, Int(graph.noneTarget[state]), lane).pointee
            var taken = -1
            if rest >= 0 {
                for edge in edges {
                    let part =
                        Self.lane(edgeShare, edge, lane).pointee
                        * Self.lane(ways, Int(graph.edgeTarget[edge]), lane).pointee
                    guard part > 0 else { continue }
                    taken = edge
                    rest -= part
                    if rest < 0 { break }
                }
            }
            guard taken >= 0 else {
                state = Int(graph.noneTarget[state])
                continue
            }
            let t = Int(graph.layerDay[layer])
            choice[t] = Int16(
                sampleAction(label: Int(graph.edgeLabel[taken]), day: t, lane: lane, even: even, random: &random))
            state = Int(graph.edgeTarget[taken])
        }
    }

    private func sampleAction(
        label: Int, day: Int, lane: Int, even: Bool, random: inout SeededGenerator
    ) -> Int {
        let c = Int(graph.labelClass[label])
        let level = Int(rows[lane][label])
        let first = Int(tables.groupStart[Int(tables.classFirstGroup[c])])
        let end = Int(tables.groupStart[Int(tables.classFirstGroup[c + 1])])
        var total: Float = 0
        for p in first..<end { total += actionMass(position: p, day: day, level: level, lane: lane, even: even) }
        var rest = Float(random.uniform()) * total
        var chosen = -1
        for p in first..<end {
            let part = actionMass(position: p, day: day, level: level, lane: lane, even: even)
            guard part > 0 else { continue }
            chosen = Int(tables.action[p])
            rest -= part
            if rest < 0 { break }
        }
        return chosen
    }

    /// e^((v - price - gainTop)/τ) of one action: its part of `gainMass`; for the random arm an even part.
    @inline(__always)
    private func actionMass(position: Int, day: Int, level: Int, lane: Int, even: Bool) -> Float {
        let g = layout.groupOfAction[Int(tables.action[position])]
        let c = Int(tables.groupClass[g])
        guard isOpen(position: position, group: g, level: level, lane: lane) else { return 0 }
        let p = Self.lane(price, g * tables.dayCount + day, lane).pointee
        if p > -LaneMath.never / 2 { return 0 }
        let best = Self.lane(gainTop, (day * tables.classCount + c) * tables.levelCount + level, lane).pointee
        if even { return exp2f((-p - best) * inverseTau[lane]) }
        let value = actionWorth(
            position: position, group: g, weekday: Int(tables.weekdayOfDay[day]), level: level, lane: lane)
        return exp2f((value - p - best) * inverseTau[lane])
    }

    /// One action's part of `gainMass` under the random arm.
    private func evenMass(position: Int, group: Int, day: Int, level: Int, lane: Int) -> Float {
        guard isOpen(position: position, group: group, level: level, lane: lane) else { return 0 }
        let members = (Int(tables.groupStart[group])..<Int(tables.groupStart[group + 1])).count {
            isOpen(position: $0, group: group, level: level, lane: lane)
        }
        let index =
            (group * tables.weekdayCount + Int(tables.weekdayOfDay[day])) * tables.levelCount + level
        return actionMass(position: position, day: day, level: level, lane: lane, even: true)
            * Self.lane(mass, index, lane).pointee / Float(members)
    }

    /// Probability of one action on one day after the forward pass (`flow`, `usage` filled); action -1 = no touch.
    func probability(lane: Int, day: Int, action: Int, even: Bool) -> Float {
        if action < 0 {
            var touched: Float = 0
            for g in 0..<tables.groupCount { touched += Self.lane(usage, g * tables.dayCount + day, lane).pointee }
            return max(0, 1 - touched)
        }
        let position = Int(tables.position[action])
        let g = layout.groupOfAction[action]
        let c = Int(tables.groupClass[g])
        var sum: Float = 0
        for layer in 0..<graph.layerCount where Int(graph.layerDay[layer]) == day {
            for label in Int(graph.labelStart[layer])..<Int(graph.labelStart[layer + 1])
            where Int(graph.labelClass[label]) == c {
                let level = rows[lane][label]
                let all = Self.lane(labelMass, label, lane).pointee
                guard level != ContactProfiles.refused, all > 0 else { continue }
                // Of the random arm all open actions of a group are alike.
                let part =
                    even
                    ? evenMass(position: position, group: g, day: day, level: Int(level), lane: lane)
                    : actionMass(position: position, day: day, level: Int(level), lane: lane, even: false)
                sum += part / all * Self.lane(flow, label, lane).pointee
            }
        }
        return sum
    }
}
