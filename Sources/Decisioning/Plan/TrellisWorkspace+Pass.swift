/// The passes over the contact graph.
extension TrellisWorkspace {
    /// All passes of the soft policy at the prices filled in.
    func solveSoft() {
        spreadGains(soft: true)
        _ = hardBackward()
        softBackward()
        softForward()
    }

    /// Collapses the groups of a class on a day, then gives every label its lane's amount: the level that its
    /// history makes, or nothing when refused.
    func spreadGains(soft: Bool) {
        let (days, classes, levels) = (tables.dayCount, tables.classCount, tables.levelCount)
        let inverse = inverseTau
        for t in 0..<days {
            let w = Int(tables.weekdayOfDay[t])
            for c in 0..<classes {
                let groups = Int(tables.classFirstGroup[c])..<Int(tables.classFirstGroup[c + 1])
                for i in Int(tables.levelStart[c])..<Int(tables.levelStart[c + 1]) {
                    let k = Int(tables.levels[i])
                    let out = (t * classes + c) * levels + k
                    var best = Lanes(repeating: LaneMath.never)
                    for g in groups {
                        best = LaneMath.max(
                            best, top[(g * tables.weekdayCount + w) * levels + k] - price[g * days + t])
                    }
                    gainTop[out] = best
                    guard soft else { continue }
                    var sum = Lanes.zero
                    for g in groups {
                        let index = (g * tables.weekdayCount + w) * levels + k
                        sum += LaneMath.exp2Down((top[index] - price[g * days + t] - best) * inverse) * mass[index]
                    }
                    gainMass[out] = sum
                }
            }
        }
        for layer in 0..<graph.layerCount {
            let t = Int(graph.layerDay[layer])
            for label in Int(graph.labelStart[layer])..<Int(graph.labelStart[layer + 1]) {
                let c = Int(graph.labelClass[label])
                if c < 0 {
                    spreadCheck(label)
                } else {
                    spread(label, from: (t * classes + c) * levels, soft: soft)
                }
            }
        }
    }

    /// The largest gain of any touch; `never` for a lane to which all is closed.
    func bestGain() -> Lanes {
        var best = Lanes(repeating: LaneMath.never)
        for t in 0..<tables.dayCount {
            for c in 0..<tables.classCount {
                for i in Int(tables.levelStart[c])..<Int(tables.levelStart[c + 1]) {
                    let k = Int(tables.levels[i])
                    best = LaneMath.max(best, gainTop[(t * tables.classCount + c) * tables.levelCount + k])
                }
            }
        }
        return best
    }

    @inline(__always)
    private func spread(_ label: Int, from source: Int, soft: Bool) {
        if isUniform {
            let level = Int(rows[0][label])
            if level == Int(ContactProfiles.refused) {
                labelTop[label] = Lanes(repeating: LaneMath.never)
                labelMass[label] = .zero
            } else {
                labelTop[label] = gainTop[source + level]
                labelMass[label] = gainMass[source + level]
            }
            return
        }
        let (outTop, outMass) = (Self.lane(labelTop, label, 0), Self.lane(labelMass, label, 0))
        let (inTop, inMass) = (Self.lane(gainTop, source, 0), Self.lane(gainMass, source, 0))
        for lane in 0..<LaneMath.width {
            let level = rows[lane][label]
            let index = (level == ContactProfiles.refused ? 0 : Int(level)) * LaneMath.width + lane
            outTop[lane] = level == ContactProfiles.refused ? LaneMath.never : inTop[index]
            if soft { outMass[lane] = level == ContactProfiles.refused ? 0 : inMass[index] }
        }
    }

    private func spreadCheck(_ label: Int) {
        for lane in 0..<LaneMath.width {
            let refused = rows[lane][label] == ContactProfiles.refused
            labelTop[label][lane] = refused ? LaneMath.never : 0
        }
    }

    /// Backward maxima: `ahead[state]` is the best that can still be had. Returns the best value of each lane.
    func hardBackward() -> Lanes {
        let graph = self.graph
        let (ahead, labelTop) = (self.ahead, self.labelTop)
        let (noneTarget, edgeStart, edgeLabel, edgeTarget) = (
            graph.noneTarget, graph.edgeStart, graph.edgeLabel, graph.edgeTarget
        )
        ahead[graph.stateCount - 1] = .zero
        for state in stride(from: graph.stateCount - 2, through: 0, by: -1) {
            var best = ahead[Int(noneTarget[state])]
            if graph.hasChecks && graph.noneLabel[state] >= 0 { best += labelTop[Int(graph.noneLabel[state])] }
            for edge in Int(edgeStart[state])..<Int(edgeStart[state + 1]) {
                best = LaneMath.max(best, labelTop[Int(edgeLabel[edge])] + ahead[Int(edgeTarget[edge])])
            }
            ahead[state] = best
        }
        return ahead[0]
    }

    /// Backward sums after `hardBackward`: `ways[state]` is the mass of all ways on, relative to the best one.
    /// log Z of a lane is `ahead[0]/τ + ln ways[0]`.
    func softBackward() {
        let graph = self.graph
        let (ahead, ways, labelTop, labelMass) = (self.ahead, self.ways, self.labelTop, self.labelMass)
        let (noneShare, edgeShare, inverse) = (self.noneShare, self.edgeShare, inverseTau)
        let (noneTarget, edgeStart, edgeLabel, edgeTarget) = (
            graph.noneTarget, graph.edgeStart, graph.edgeLabel, graph.edgeTarget
        )
        ways[graph.stateCount - 1] = Lanes(repeating: 1)
        for state in stride(from: graph.stateCount - 2, through: 0, by: -1) {
            let best = ahead[state]
            var none = ahead[Int(noneTarget[state])] - best
            if graph.hasChecks && graph.noneLabel[state] >= 0 { none += labelTop[Int(graph.noneLabel[state])] }
            let share = LaneMath.exp2Down(none * inverse)
            noneShare[state] = share
            var sum = share * ways[Int(noneTarget[state])]
            for edge in Int(edgeStart[state])..<Int(edgeStart[state + 1]) {
                let label = Int(edgeLabel[edge])
                let target = Int(edgeTarget[edge])
                let step = LaneMath.exp2Down((labelTop[label] + ahead[target] - best) * inverse) * labelMass[label]
                edgeShare[edge] = step
                sum += step * ways[target]
            }
            ways[state] = sum
        }
    }

    /// Forward flows: `flow[label]` is the probability that an edge of the label is taken.
    func softForward() {
        let graph = self.graph
        let (ways, reach, flow, noneShare, edgeShare) = (
            self.ways, self.reach, self.flow, self.noneShare, self.edgeShare
        )
        let (noneTarget, edgeStart, edgeLabel, edgeTarget) = (
            graph.noneTarget, graph.edgeStart, graph.edgeLabel, graph.edgeTarget
        )
        for label in 0..<graph.labelCount { flow[label] = .zero }
        for state in 0..<graph.stateCount { reach[state] = .zero }
        reach[0] = Lanes(repeating: 1) / ways[0]
        for state in 0..<graph.stateCount - 1 {
            let mass = reach[state]
            reach[Int(noneTarget[state])] += mass * noneShare[state]
            for edge in Int(edgeStart[state])..<Int(edgeStart[state + 1]) {
                let target = Int(edgeTarget[edge])
                let step = mass * edgeShare[edge]
                reach[target] += step
                flow[Int(edgeLabel[edge])] += step * ways[target]
            }
        }
    }

    /// Probability of each group on each day, from the flows.
    func softUsage() {
        let (days, levels, classes) = (tables.dayCount, tables.levelCount, tables.classCount)
        let inverse = inverseTau
        for i in 0..<tables.groupCount * days { usage[i] = .zero }
        for layer in 0..<graph.layerCount where graph.layerDay[layer] >= 0 {
            let t = Int(graph.layerDay[layer])
            let w = Int(tables.weekdayOfDay[t])
            for c in 0..<classes {
                levelFlows(layer: layer, classIndex: c)
                for i in Int(tables.levelStart[c])..<Int(tables.levelStart[c + 1]) {
                    let k = Int(tables.levels[i])
                    let gain = (t * classes + c) * levels + k
                    let taken = levelFlow[k] / LaneMath.max(gainMass[gain], Lanes(repeating: 1e-30))
                    for g in Int(tables.classFirstGroup[c])..<Int(tables.classFirstGroup[c + 1]) {
                        let index = (g * tables.weekdayCount + w) * levels + k
                        usage[g * days + t] +=
                            LaneMath.exp2Down((top[index] - price[g * days + t] - gainTop[gain]) * inverse)
                            * mass[index] * taken
                    }
                }
            }
        }
    }

    /// Flow of a class on a layer by the level that it meets, into `levelFlow`.
    func levelFlows(layer: Int, classIndex: Int) {
        for k in 0..<tables.levelCount { levelFlow[k] = .zero }
        for label in Int(graph.labelStart[layer])..<Int(graph.labelStart[layer + 1])
        where Int(graph.labelClass[label]) == classIndex {
            if isUniform {
                let level = rows[0][label]
                if level != ContactProfiles.refused { levelFlow[Int(level)] += flow[label] }
                continue
            }
            let source = Self.lane(flow, label, 0)
            let out = Self.lane(levelFlow, 0, 0)
            for lane in 0..<LaneMath.width {
                let level = rows[lane][label]
                // A refused label has no flow, so its level does not matter.
                out[(level == ContactProfiles.refused ? 0 : Int(level)) * LaneMath.width + lane] += source[lane]
            }
        }
    }
}
