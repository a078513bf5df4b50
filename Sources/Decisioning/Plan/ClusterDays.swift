/// The rep-days of one cluster: room, prices, and what a touch pays there, per dimension of its columns.
struct ClusterDays {
    let hcps: [Int32]
    let reps: [Int32]
    let width: Int
    /// Currency of a usual touch.
    let worth: Float
    /// Units that fit, and counted touches; dimension → rep × T + day.
    let room: [Int32]
    private let visitBound: [Double]
    private let repDay: [Int]
    private let capacity: [Double]
    private let reach: [Float]
    private let limits: VisitLimits
    private let durations: [Float]
    private let groupMinutes: [Float]
    private let unit: Float
    /// Currency per minute and per counted touch (empty = none), rounded as the kernels read them.
    private var minute: [Float]
    private var visit: [Float]

    init(
        _ cluster: PlanClusters.Cluster, _ plan: PlanClusters, layout: PlanLayout, room: SharedRoom, point: DualPoint,
        units: [Int32], unit: Float, repReach: [Double]
    ) {
        (hcps, reps) = (cluster.hcps, cluster.reps)
        let t = layout.dayCount
        width = reps.count * t
        var repDay = [Int](repeating: 0, count: width)
        for rep in reps {
            for day in 0..<t { repDay[Int(plan.dimensionOfRep[Int(rep)]) + day] = Int(rep) * t + day }
        }
        let sum = hcps.reduce(Float(0)) { $0 + layout.scale[Int($1)] }
        worth = sum / Float(max(1, hcps.count))
        capacity = repDay.map { max(0, room.rep[$0]) }
        self.room = repDay.map { Int32((room.rep[$0] / Double(unit) + 1e-4).rounded(.down)) }
        reach = repDay.map { Float(repReach[$0 / t]) }
        limits = point.limits
        durations = layout.durations
        groupMinutes = layout.groups.indices.map { units[$0] > 0 ? layout.groups[$0].minutes : 0 }
        visitBound = point.visit.isEmpty ? [] : repDay.map { point.limits.bound(room: max(0, room.rep[$0]), at: $0) }
        minute = repDay.map { Float(point.rep[$0]) }
        visit = point.visit.isEmpty ? [] : repDay.map { Float(point.visit[$0]) }
        self.repDay = repDay
        self.unit = unit
    }

    /// Currency per unit left unused, and per unit too much.
    var price: [Float] { minute.map { $0 * unit } }
    var excess: [Float] {
        minute.indices.map { d in 4 * unit * max(minute[d], reach[d]) + (visit.isEmpty ? 0 : visit[d]) }
    }

    /// Dimension × group: what a touch pays for being counted; empty when none is.
    var credit: [Float] {
        visit.indices.flatMap { d in groupMinutes.map { visit[d] * limits.counts($0, at: repDay[d]) } }
    }

    /// Puts the prices where the kernels read them: R × T × D.
    func write(to cells: UnsafeMutableBufferPointer<Float>) {
        for d in 0..<width {
            for (k, duration) in durations.enumerated() {
                cells[repDay[d] * durations.count + k] = PriceArrays.touch(
                    duration, minute: minute[d], visit: visit.isEmpty ? 0 : visit[d],
                    counts: limits.counts(duration, at: repDay[d]))
            }
        }
    }

    /// Puts the prices into a dual point: R × T each.
    func write(to rep: UnsafeMutableBufferPointer<Double>, _ visit: UnsafeMutableBufferPointer<Double>) {
        for d in 0..<width {
            rep[repDay[d]] = Double(minute[d])
            if !self.visit.isEmpty { visit[repDay[d]] = Double(self.visit[d]) }
        }
    }

    /// What these HCPs and days can be worth at most, but for the limits' own part; rounded outward.
    func bound(_ set: ColumnSet, layout: PlanLayout) -> Double {
        var sum = 0.0
        for (position, hcp) in set.hcps.enumerated() {
            sum += Double(set.best[position]) + Double(layout.scale[Int(hcp)]) * Double(layout.dayCount) * 3e-7
        }
        for d in 0..<width {
            sum += Double(minute[d]) * capacity[d]
            if !visit.isEmpty { sum += Double(visit[d]) * visitBound[d] }
        }
        return sum
    }

    /// Prices that the columns settle, and the columns as they look at them.
    mutating func settle(_ set: ColumnSet) -> ColumnSet {
        var prices = ClusterPrices(
            set, room: room, visitBound: visitBound, price: price, visit: visit, worth: worth
        ) { d, units in Double(limits.counts(Float(units) * unit, at: repDay[d])) }
        prices.settle()
        for d in 0..<width {
            minute[d] = Float(prices.price[d]) / unit
            if !visit.isEmpty { visit[d] = Float(prices.price[width + d]) }
        }
        var result = set
        result.settle(regrets: prices.regrets(), start: prices.diffused())
        return result
    }
}
