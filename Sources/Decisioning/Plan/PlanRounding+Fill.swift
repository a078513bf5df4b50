import Statistics

/// Sequences that fill the reps' days, cluster by cluster, and then share the limits.
extension PlanRounding {
    /// Columns that lose more than this share of an HCP's best touch are of no use.
    private static let slack: Float = 0.25
    /// The same once prices are settled, when what is near them is all that is asked for.
    private static let laterSlack: Float = 0.1
    /// Disturbances, as shares of an HCP's best touch: the first only breaks ties.
    private static let amplitudes: [Float] = [1e-3, 0.01, 0.03, 0.1]

    /// How often a cluster's own prices are settled anew with columns that they have shown, at most; those where many
    /// HCPs are alike need more than two.
    private static let passes = 6
    /// A pass whose bound differs from the best by less than this share is the last: its prices are settled.
    private static let enough = 3e-4

    /// What was found while filling: prices that a cluster's own columns have settled, and the bound at them.
    struct Filled {
        var point: DualPoint
        var bound: Double
    }

    /// Serves all HCPs at once from columns at given prices; nil when the reps hang together too widely for that.
    ///
    /// - Parameter settles: whether clusters may change their own prices; else what is filled follows those given.
    func fill(_ hcps: [Int32], at point: DualPoint, repReach: [Double], settles: Bool) -> Filled? {
        guard let plan = PlanClusters(hcps, layout: layout) else { return nil }
        let (t, n) = (days, layout.problem.hcpCount)
        let unit = ColumnSet.unit(layout.groups)
        let units = layout.groups.map { group in
            group.slot >= 0 ? Int32((group.minutes / unit - 1e-4).rounded(.up)) : 0
        }
        var chosen = [Int16](repeating: -1, count: n * t)
        let prices = PriceArrays(point, capacity: room.capacity, bounds: room.bounds, layout: layout)
        var settled = point
        var bounds = [Double](repeating: 0, count: plan.clusters.count)
        let room = self.room
        chosen.withUnsafeMutableBufferPointer { chosen in
            bounds.withUnsafeMutableBufferPointer { bounds in
                settled.withMutableReps { rep, visit in
                    prices.withMutableView { view, cells in
                        // Every HCP and every rep is in one cluster, so reads and writes are disjoint.
                        nonisolated(unsafe) let (chosen, bounds, rep, visit, cells) = (
                            chosen, bounds, rep, visit, cells
                        )
                        crew.forEachChunk(plan.clusters.count) { space, k in
                            let cluster = plan.clusters[k]
                            var days = ClusterDays(
                                cluster, plan, layout: layout, room: room, point: point, units: units, unit: unit,
                                repReach: repReach)
                            var set: ColumnSet?
                            var before: (set: ColumnSet, days: ClusterDays)?
                            bounds[k] = .infinity
                            let settles = settles && days.width > 0
                            for _ in 0..<(settles ? Self.passes : 1) {
                                days.write(to: cells)
                                let next = columns(days, plan, view, units, before: before, space)
                                // As they were made: what settling makes of their regrets belongs to other prices.
                                before = (next, days)
                                let bound = days.bound(next, layout: layout)
                                let isLast = abs(bound - bounds[k]) < Self.enough * abs(bound)
                                if bound < bounds[k] {
                                    bounds[k] = bound
                                    days.write(to: rep, visit)
                                }
                                guard settles else {
                                    set = next
                                    break
                                }
                                set = days.settle(next)
                                if isLast { break }
                            }
                            guard let set else { return }
                            var search = ClusterSearch(
                                set, room: days.room, price: days.price, excess: days.excess, worth: days.worth)
                            search.run(seed: SeededGenerator.mix(seed &+ UInt64(k)))
                            for (position, hcp) in set.hcps.enumerated() {
                                let column = Int(search.current[position])
                                for day in 0..<t { chosen[Int(hcp) * t + day] = set.choice[column * t + day] }
                            }
                        }
                    }
                }
            }
        }
        share(hcps, chosen, at: point)
        var bound = bounds.reduce(0, +)
        for (k, price) in point.side.enumerated() { bound += Double(Float(price)) * room.bounds[k] }
        return Filled(point: settled, bound: bound)
    }

    /// - Parameter before: columns of the same HCPs from the pass before, and the days as they were priced then.
    private func columns(
        _ cluster: ClusterDays, _ plan: PlanClusters, _ view: PriceView, _ units: [Int32],
        before: (set: ColumnSet, days: ClusterDays)?, _ space: TrellisWorkspace
    ) -> ColumnSet {
        var set = ColumnSet(
            layout, width: cluster.width, dimensionOfRep: plan.dimensionOfRep, units: units, credit: cluster.credit)
        let isCounted = units.map { $0 > 0 }
        let partition = LanePartition(cluster.hcps, layout: layout)
        var scratch = [Int16](repeating: -1, count: days)
        let rounds = Self.amplitudes.count
        var other = [Int16](repeating: -1, count: rounds * LaneMath.width * days)
        var worth = [Float](repeating: 0, count: rounds * LaneMath.width)
        partition.lanes.withUnsafeBufferPointer { lanes in
            guard let lanes = lanes.baseAddress else { return }
            for block in 0..<partition.blockCount {
                let hcps = lanes + block * LaneMath.width
                space.load(hcps, temperature: LaneTemperature(relative: 1))
                space.rateActions(soft: false)
                space.fillPrices(view)
                space.spreadGains(soft: false)
                let best = space.hardBackward()
                for (round, amplitude) in Self.amplitudes.enumerated().reversed() {
                    space.fillPrices(view)
                    other.withUnsafeMutableBufferPointer { other in
                        worth.withUnsafeMutableBufferPointer { worth in
                            guard let other = other.baseAddress, let worth = worth.baseAddress else { return }
                            space.disturbedSequences(
                                amplitude: amplitude,
                                seed: SeededGenerator.mix(seed &+ UInt64(round + (before == nil ? 0 : 32))),
                                choice: other + round * LaneMath.width * days, worth: worth + round * LaneMath.width)
                        }
                    }
                }
                space.hardForward()
                for lane in 0..<LaneMath.width where hcps[lane] >= 0 {
                    let scale = layout.scale[Int(hcps[lane])]
                    let slack = (before == nil ? Self.slack : Self.laterSlack) * scale
                    set.begin(hcps[lane], best: best[lane])
                    space.addColumns(
                        lane: lane, best: best[lane], slack: slack, isCounted: isCounted, scratch: &scratch, to: &set)
                    other.withUnsafeBufferPointer { other in
                        guard let other = other.baseAddress else { return }
                        for round in 1..<rounds {
                            let k = round * LaneMath.width + lane
                            set.add(regret: max(0, best[lane] - worth[k]), other + k * days)
                        }
                    }
                    if let before {
                        set.add(from: before.set, old: before.days.price, new: cluster.price, slack: Self.slack * scale)
                    }
                }
            }
        }
        return set
    }

    /// Puts chosen sequences in place; where a ceiling has too little for all, those keep theirs who lose most
    /// without it, and the others choose again among what is left.
    private func share(_ hcps: [Int32], _ chosen: [Int16], at point: DualPoint) {
        var pending: [Int32] = []
        let ceilings = layout.sides.indices.filter { layout.sides[$0].sign > 0 }
        var limited: [Int32] = []
        for hcp in hcps {
            let isLimited = (0..<days).contains { t in
                let a = Int(chosen[Int(hcp) * days + t])
                return a >= 0
                    && ceilings.contains { k in
                        point.side[k] > 0 && layout.groups[layout.groupOfAction[a]].uses[layout.sides[k].limit] > 0
                    }
            }
            if isLimited {
                limited.append(hcp)
            } else if !take(Int(hcp), chosen, Int(hcp)) {
                pending.append(hcp)
            }
        }
        let partition = LanePartition(limited, layout: layout)
        let proposals = propose(partition, at: point, manner: .best, round: 0, ranked: true, closed: false)
        for lane in proposals.order(partition) {
            let hcp = partition.lanes[lane]
            if !take(Int(hcp), chosen, Int(hcp)) { pending.append(hcp) }
        }
        assign(pending, at: point, manner: .best)
    }
}
