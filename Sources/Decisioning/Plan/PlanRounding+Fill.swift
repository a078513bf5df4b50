import Statistics

/// Sequences that fill the reps' days, cluster by cluster, and then share the limits.
extension PlanRounding {
    /// Columns that lose more than this share of an HCP's best touch are of no use.
    private static let slack: Float = 0.25

    /// Serves all HCPs at once from columns at given prices; false when the reps hang together too widely for that.
    func fill(_ hcps: [Int32], at point: DualPoint, repReach: [Double]) -> Bool {
        guard let plan = PlanClusters(hcps, layout: layout) else { return false }
        let (t, n) = (days, layout.problem.hcpCount)
        let unit = ColumnSet.unit(layout.groups)
        let units = layout.groups.map { group in
            group.slot >= 0 ? Int32((group.minutes / unit - 1e-4).rounded(.up)) : 0
        }
        var chosen = [Int16](repeating: -1, count: n * t)
        let prices = PriceArrays(point, capacity: room.capacity, bounds: room.bounds, layout: layout)
        chosen.withUnsafeMutableBufferPointer { chosen in
            // Every HCP is in one cluster, so writes are disjoint.
            nonisolated(unsafe) let chosen = chosen
            crew.forEachChunk(plan.clusters.count) { space, k in
                let cluster = plan.clusters[k]
                let width = cluster.reps.count * t
                var room = [Int32](repeating: 0, count: width)
                var price = [Float](repeating: 0, count: width)
                var excess = price
                var credit = [Float](repeating: 0, count: point.visit.isEmpty ? 0 : width * layout.groups.count)
                for rep in cluster.reps {
                    for day in 0..<t {
                        let (i, d) = (Int(rep) * t + day, Int(plan.dimensionOfRep[Int(rep)]) + day)
                        room[d] = Int32((self.room.rep[i] / Double(unit) + 1e-4).rounded(.down))
                        price[d] = Float(point.rep[i]) * unit
                        excess[d] = max(4 * price[d], Float(4 * repReach[Int(rep)]) * unit)
                        guard !point.visit.isEmpty else { continue }
                        let visit = Float(point.visit[i])
                        excess[d] += visit
                        for (g, group) in layout.groups.enumerated() where units[g] > 0 {
                            credit[d * layout.groups.count + g] = visit * point.limits.counts(group.minutes, at: i)
                        }
                    }
                }
                let set = columns(cluster, plan, prices, units, credit, space)
                var worth: Float = 0
                for hcp in cluster.hcps { worth += layout.scale[Int(hcp)] }
                worth /= Float(max(1, cluster.hcps.count))
                var search = ClusterSearch(set, room: room, price: price, excess: excess, worth: worth)
                search.run(seed: SeededGenerator.mix(seed &+ UInt64(k)))
                for (position, hcp) in set.hcps.enumerated() {
                    let column = Int(search.current[position])
                    for day in 0..<t { chosen[Int(hcp) * t + day] = set.choice[column * t + day] }
                }
            }
        }
        share(hcps, chosen, at: point)
        return true
    }

    private func columns(
        _ cluster: PlanClusters.Cluster, _ plan: PlanClusters, _ prices: PriceArrays, _ units: [Int32],
        _ credit: [Float], _ space: TrellisWorkspace
    ) -> ColumnSet {
        var set = ColumnSet(
            layout, width: cluster.reps.count * days, dimensionOfRep: plan.dimensionOfRep, units: units, credit: credit)
        let isCounted = units.map { $0 > 0 }
        let partition = LanePartition(cluster.hcps, layout: layout)
        var scratch = [Int16](repeating: -1, count: days)
        prices.withView { view in
            partition.lanes.withUnsafeBufferPointer { lanes in
                guard let lanes = lanes.baseAddress else { return }
                for block in 0..<partition.blockCount {
                    let hcps = lanes + block * LaneMath.width
                    space.load(hcps, temperature: LaneTemperature(relative: 1))
                    space.rateActions(soft: false)
                    space.fillPrices(view)
                    space.spreadGains(soft: false)
                    _ = space.hardBackward()
                    space.hardForward()
                    for lane in 0..<LaneMath.width where hcps[lane] >= 0 {
                        set.begin(hcps[lane])
                        space.addColumns(
                            lane: lane, slack: Self.slack * layout.scale[Int(hcps[lane])], isCounted: isCounted,
                            scratch: &scratch, to: &set)
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
