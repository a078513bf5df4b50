/// Minimises the dual over prices, cooling stage by stage, and keeps the best bound seen at temperature zero.
final class PriceSolver {
    struct Outcome {
        /// Prices with the lowest bound, and the bound itself: no plan of these HCPs is worth more.
        var best: DualPoint
        var bound: Double
        /// Prices at the working temperature: expected use meets capacity there.
        var working: DualPoint
        var sweeps: Int
    }

    /// One sweep, for logs and tests.
    struct Note: Sendable {
        var temperature: Double
        var dual: Double
        /// How far complementary slackness fails, as a share of the dual.
        var residual: Double
        var bound: Double
    }

    let layout: PlanLayout
    let crew: PlanCrew
    let partition: LanePartition
    let capacity: [Double]
    let bounds: [Double]
    private let room: (capacity: [Double], bounds: [Double])
    private let visits: VisitLimits
    /// Bound and reach of every price, in the order of `DualPoint`.
    private let bound: [Double]
    let reach: [Double]
    /// Currency per minute of each rep, and per unit of each side, that a typical best touch is worth.
    let repReach: [Double]
    let sideReach: [Double]
    private(set) var notes: [Note] = []
    private var chunks: [ChunkSums]
    private let values: LaneValues
    private var best: (point: DualPoint, bound: Double)

    /// - Parameters:
    ///   - capacity: R × T minutes left for these HCPs.
    ///   - bounds: what is left of each side's bound.
    ///   - room: what a single touch must fit into, when that is more than these HCPs' share.
    init(
        layout: PlanLayout, crew: PlanCrew, partition: LanePartition, capacity: [Double], bounds: [Double],
        room: (capacity: [Double], bounds: [Double])? = nil
    ) {
        self.layout = layout
        self.crew = crew
        self.partition = partition
        self.capacity = capacity
        self.bounds = bounds
        self.room = room ?? (capacity, bounds)
        let visits = VisitLimits(room: self.room.capacity, layout: layout)
        self.visits = visits
        best = (.zero(rep: capacity.count, side: bounds.count, limits: visits), .infinity)
        chunks = (0..<partition.chunkCount).map {
            ChunkSums(partition, chunk: $0, layout: layout, countsVisits: !visits.minutes.isEmpty)
        }
        values = LaneValues(partition, layout: layout, tables: crew.workspaces[0].tables)
        let slots = layout.problem.slotCount
        var sum = [Double](repeating: 0, count: layout.problem.repCount)
        var count = sum
        for hcp in partition.lanes where hcp >= 0 {
            for slot in 0..<slots {
                let rep = Int(layout.problem.sender[Int(hcp) * slots + slot])
                guard rep >= 0 else { continue }
                sum[rep] += Double(layout.scale[Int(hcp)])
                count[rep] += 1
            }
        }
        let usual = layout.usualMinutes
        repReach = sum.indices.map { (count[$0] > 0 ? sum[$0] / count[$0] : layout.meanScale) / usual }
        sideReach = layout.sides.map { side in
            let uses = layout.groups.map { Double($0.uses[side.limit]) }.filter { $0 > 0 }
            return uses.isEmpty ? 0 : layout.meanScale / (uses.reduce(0, +) / Double(uses.count))
        }
        let (t, whole, repReach) = (layout.dayCount, self.room.capacity, repReach)
        let counted = visits.minutes.indices.map { k in
            // A part of the HCPs has its part of the count.
            whole[k] > 0 ? visits.bound(room: whole[k], at: k) * capacity[k] / whole[k] : 0
        }
        bound = capacity + counted + bounds
        reach =
            capacity.indices.map { repReach[$0 / t] }
            + visits.minutes.indices.map { repReach[$0 / t] * Double(max(1, visits.minutes[$0])) } + sideReach
    }

    /// Where nothing has a price.
    var origin: DualPoint { .zero(rep: capacity.count, side: bounds.count, limits: visits) }

    /// Relative temperatures of the stages. Only the dual at zero is a tight bound, and only cold prices make the
    /// best sequences use what there is; warm stages are there to arrive quickly.
    static let ladder: [Double] = [0.3, 0.1, 0.05, 0.02, 0.01, 0.004]
    private static let warmStages = 3
    static let workingTemperature: Double = 0.01

    /// - Parameters:
    ///   - start: zero, or the prices of a similar problem, which then skip the warmest stages.
    ///   - working: temperature of the published policy; nil = none is needed.
    func solve(from start: DualPoint, isWarm: Bool, working: LaneTemperature?) -> Outcome {
        var point = start
        var workingPoint: DualPoint?
        var newton = makeNewton()
        var path: [(temperature: Double, point: DualPoint)] = []
        for temperature in isWarm ? Array(Self.ladder.dropFirst(Self.warmStages)) : Self.ladder {
            newton.restart()
            if path.count >= 2 { point = Self.extrapolate(path[path.count - 2], path[path.count - 1], to: temperature) }
            descend(
                &point, LaneTemperature(relative: Float(temperature)), reach: temperature, newton: &newton,
                tolerance: Self.tolerance(temperature), limit: limit(temperature))
            path.append((temperature, point))
            if let working, working.absolute == nil, working.relative == Float(temperature) { workingPoint = point }
        }
        if let working, workingPoint == nil {
            // A temperature of the strategy's own: start from the nearest stage that is not colder.
            let relative = working.absolute.map { Double($0) / layout.meanScale } ?? Double(working.relative)
            var other = (path.last { $0.temperature >= relative } ?? path[0]).point
            newton.restart()
            descend(&other, working, reach: relative, newton: &newton, tolerance: 4e-3, limit: 16)
            workingPoint = other
        }
        return Outcome(best: best.point, bound: best.bound, working: workingPoint ?? best.point, sweeps: notes.count)
    }

    /// Prices after the warm stages and the first cold one.
    func approach() -> DualPoint {
        var point = origin
        var newton = makeNewton()
        var path: [(temperature: Double, point: DualPoint)] = []
        for temperature in Self.ladder.prefix(Self.warmStages + 1) {
            newton.restart()
            if path.count >= 2 { point = Self.extrapolate(path[path.count - 2], path[path.count - 1], to: temperature) }
            descend(
                &point, LaneTemperature(relative: Float(temperature)), reach: temperature, newton: &newton,
                tolerance: Self.tolerance(temperature), limit: limit(temperature))
            path.append((temperature, point))
        }
        return point
    }

    /// Stages on the way need not settle.
    private static func tolerance(_ temperature: Double) -> Double { temperature > 0.03 ? 1e-2 : 4e-3 }

    /// Sweeps of a stage. Many HCPs make each sweep tell more, and their reps' prices are settled again while the days
    /// are filled (`ClusterPrices`); a sample is cheap.
    private func limit(_ temperature: Double) -> Int {
        let isSample = partition.lanes.count * 2 < layout.problem.hcpCount
        guard layout.problem.hcpCount > 400_000, !isSample else { return 8 }
        return temperature < 0.005 ? 5 : 3
    }

    /// Prices at which a tie goes to the touch that takes less of what is shared.
    func breakingTies(_ point: DualPoint) -> DualPoint {
        var result = point
        for k in result.rep.indices { result.rep[k] += 1e-4 * repReach[k / layout.dayCount] }
        for k in result.side.indices where layout.sides[k].sign > 0 { result.side[k] += 1e-4 * sideReach[k] }
        return result
    }

    private func makeNewton() -> PriceNewton {
        PriceNewton(
            dayCount: layout.dayCount, repCount: layout.problem.repCount, sideCount: bounds.count, bound: bound,
            reach: reach)
    }

    /// Prices move almost linearly with the temperature: the next stage starts where the last two point to.
    private static func extrapolate(
        _ a: (temperature: Double, point: DualPoint), _ b: (temperature: Double, point: DualPoint), to next: Double
    ) -> DualPoint {
        var point = b.point
        let share = (b.temperature - next) / (a.temperature - b.temperature)
        for k in 0..<point.count where b.point[k] > 0 {
            point[k] = max(0, b.point[k] + share * (b.point[k] - a.point[k]))
        }
        return point
    }

    private func descend(
        _ point: inout DualPoint, _ temperature: LaneTemperature, reach: Double, newton: inout PriceNewton,
        tolerance: Double, limit: Int
    ) {
        var previous = Double.infinity
        var stepScale = 1.0
        var round = 0
        while true {
            let sums = sweep(at: point, temperature)
            if sums.hard < best.bound { best = (point, sums.hard) }
            let residual = self.residual(point, sums, reach: reach) / max(abs(sums.soft), 1e-9)
            notes.append(Note(temperature: reach, dual: sums.soft, residual: residual, bound: sums.hard))
            round += 1
            // Ties answer to a price all at once or not at all: they get the time they need.
            if residual <= tolerance || round >= (residual > 0.05 ? 3 * limit : limit) { return }
            stepScale = sums.soft > previous ? max(0.25, stepScale * 0.6) : min(1, stepScale * 1.2)
            previous = sums.soft
            newton.step(&point, sums: sums, temperature: reach, stepScale: stepScale)
        }
    }

    /// How far complementary slackness fails, in currency.
    private func residual(_ point: DualPoint, _ sums: DualSums, reach: Double) -> Double {
        var total = 0.0
        for k in 0..<point.count {
            let over = sums.use(k) - bound[k]
            total += abs(over) * (over > 0 ? max(point[k], reach * self.reach[k]) : point[k])
        }
        return total
    }

    /// One sweep over all HCPs: values at τ and at 0, use and curvature.
    func sweep(at point: DualPoint, _ temperature: LaneTemperature) -> DualSums {
        let prices = PriceArrays(point, capacity: room.capacity, bounds: room.bounds, layout: layout)
        chunks.withUnsafeMutableBufferPointer { chunks in
            // Each chunk is written by the one thread that took it.
            nonisolated(unsafe) let chunks = chunks
            crew.forEachChunk(partition.chunkCount) { space, chunk in
                chunks[chunk].clear()
                prices.withView { view in
                    partition.lanes.withUnsafeBufferPointer { lanes in
                        guard let lanes = lanes.baseAddress else { return }
                        for (k, block) in partition.blocks(of: chunk).enumerated() {
                            space.load(
                                lanes + block * LaneMath.width, temperature: temperature,
                                values: values.block(block))
                            space.rateActions(soft: true)
                            space.fillPrices(view)
                            space.solveSoft()
                            space.softUsage()
                            chunks[chunk].addValues(space)
                            chunks[chunk].addUse(space, blockInChunk: k)
                        }
                    }
                }
            }
        }
        var total = DualSums(
            repCount: layout.problem.repCount, dayCount: layout.dayCount, limitCount: layout.sides.count,
            countsVisits: !visits.minutes.isEmpty)
        for chunk in chunks { chunk.add(to: &total) }
        let fixed = prices.dot(bound)
        total.soft += fixed
        total.hard += fixed + total.slip
        return total
    }
}

/// A dual point in single precision, as the kernels read it.
struct PriceArrays {
    private var repPrice: [Float] = []
    private var repCounts: [Float] = []
    private var repRoom: [Float]
    private var limitPrice: [Float]
    private var limitRoom: [Float]
    /// The prices as rounded, in the order of `DualPoint`.
    private let rounded: [Float]

    init(_ point: DualPoint, capacity: [Double], bounds: [Double], layout: PlanLayout) {
        rounded = (0..<point.count).map { Float(point[$0]) }
        repRoom = capacity.map { Float($0) }
        limitPrice = point.side.map { Float($0) }
        limitRoom = layout.sides.indices.map { layout.sides[$0].sign > 0 ? Float(bounds[$0]) : .infinity }
        let durations = layout.durations.isEmpty ? [0] : layout.durations
        repPrice.reserveCapacity(point.rep.count * durations.count)
        for k in point.rep.indices {
            let minute = rounded[k]
            let visit = point.visit.isEmpty ? 0 : rounded[point.rep.count + k]
            for duration in durations {
                let counts = point.visit.isEmpty ? 0 : point.limits.counts(duration, at: k)
                repPrice.append(Self.touch(duration, minute: minute, visit: visit, counts: counts))
                if !point.visit.isEmpty { repCounts.append(counts) }
            }
        }
    }

    /// What a touch pays for a rep's time, from prices as rounded.
    static func touch(_ minutes: Float, minute: Float, visit: Float, counts: Float) -> Float {
        Float(Double(minute) * Double(minutes) + Double(visit) * Double(counts))
    }

    /// Also hands out what touches of each duration pay, R × T × D, to be changed on the way.
    func withMutableView<R>(_ body: (PriceView, UnsafeMutableBufferPointer<Float>) -> R) -> R {
        var cells = repPrice
        return cells.withUnsafeMutableBufferPointer { cells in
            withView { view in
                body(
                    PriceView(
                        repPrice: UnsafeBufferPointer(cells), repRoom: view.repRoom, repCounts: view.repCounts,
                        limitPrice: view.limitPrice, limitRoom: view.limitRoom), cells)
            }
        }
    }

    /// Σ price · bound of the prices as rounded.
    func dot(_ bound: [Double]) -> Double {
        var sum = 0.0
        for k in rounded.indices { sum += Double(rounded[k]) * bound[k] }
        return sum
    }

    func withView<R>(_ body: (PriceView) -> R) -> R {
        repPrice.withUnsafeBufferPointer { repPrice in
            repRoom.withUnsafeBufferPointer { repRoom in
                repCounts.withUnsafeBufferPointer { repCounts in
                    limitPrice.withUnsafeBufferPointer { limitPrice in
                        limitRoom.withUnsafeBufferPointer { limitRoom in
                            body(
                                PriceView(
                                    repPrice: repPrice, repRoom: repRoom, repCounts: repCounts,
                                    limitPrice: limitPrice, limitRoom: limitRoom))
                        }
                    }
                }
            }
        }
    }
}
