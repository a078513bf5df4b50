/// Scratch memory of one thread, and the steps that bring sixteen HCPs into it.
///
/// The order of work is block → day → action → lane. Everything is kept as a maximum (`…Top`, currency) and a mass
/// (`…Mass`, the sum of e^((x - top)/τ)): sums stay in range at any temperature, and the tops alone are the problem
/// at temperature zero. Indices: `top[(group·W + weekday)·K + level]`, `price[group·T + day]`,
/// `gainTop[(day·C + class)·K + level]`.
final class TrellisWorkspace {
    let layout: PlanLayout
    let tables: TrellisTables

    private let memory: UnsafeMutablePointer<Lanes>
    private let steps: UnsafeMutablePointer<SIMD16<Int32>>
    /// Per position: gross value, and minus its cost (`never` when not eligible).
    let gross: UnsafeMutablePointer<Lanes>
    let base: UnsafeMutablePointer<Lanes>
    let factor: UnsafeMutablePointer<Lanes>
    let top: UnsafeMutablePointer<Lanes>
    let mass: UnsafeMutablePointer<Lanes>
    let price: UnsafeMutablePointer<Lanes>
    let gainTop: UnsafeMutablePointer<Lanes>
    let gainMass: UnsafeMutablePointer<Lanes>
    let labelTop: UnsafeMutablePointer<Lanes>
    let labelMass: UnsafeMutablePointer<Lanes>
    /// Probability that an edge of the label is taken.
    let flow: UnsafeMutablePointer<Lanes>
    let levelFlow: UnsafeMutablePointer<Lanes>
    /// Per state: best that can still be had; mass of all ways on; probability of being there over `ways`.
    let ahead: UnsafeMutablePointer<Lanes>
    let ways: UnsafeMutablePointer<Lanes>
    let reach: UnsafeMutablePointer<Lanes>
    /// Per state and per edge: weight of the step relative to the best way on.
    let noneShare: UnsafeMutablePointer<Lanes>
    let edgeShare: UnsafeMutablePointer<Lanes>
    /// Probability of each group on each day.
    let usage: UnsafeMutablePointer<Lanes>
    let repPrice: UnsafeMutablePointer<Lanes>
    let repRoom: UnsafeMutablePointer<Lanes>
    let repCounts: UnsafeMutablePointer<Lanes>
    let member: UnsafeMutablePointer<Lanes>
    let limitRoom: UnsafeMutablePointer<Lanes>
    let moments: UnsafeMutablePointer<Lanes>
    /// Best way from the start to each state, and the step that ends it: an edge, or -2 - state for a day left free.
    let came: UnsafeMutablePointer<Lanes>
    let cameBy: UnsafeMutablePointer<SIMD16<Int32>>
    /// Best way around an edge of each label, and that edge; the same for a free day of each layer, and its state.
    let around: UnsafeMutablePointer<Lanes>
    let aroundEdge: UnsafeMutablePointer<SIMD16<Int32>>
    let aroundFree: UnsafeMutablePointer<Lanes>
    let aroundState: UnsafeMutablePointer<SIMD16<Int32>>
    /// Best action of each day, class and level for the lane at hand; -2 = not asked yet.
    let bestKnown: UnsafeMutablePointer<Int16>
    /// log2(e) / τ, τ, and the scale of each lane.
    var inverseTau = Lanes(repeating: 1)
    var tau = Lanes(repeating: 1)
    var scale = Lanes(repeating: 1)

    // The block at hand.
    private(set) var hcps: UnsafePointer<Int32>
    private(set) var graph: CompiledGraph
    /// Profile of each lane: a row of bytes, one per label.
    let rows: UnsafeMutablePointer<UnsafePointer<UInt8>>
    private(set) var isUniform = false
    private let padding: UnsafeMutablePointer<Int32>

    init(_ layout: PlanLayout, _ tables: TrellisTables) {
        self.layout = layout
        self.tables = tables
        let states = layout.graphs.map(\.stateCount).max() ?? 1
        let labels = max(1, layout.graphs.map(\.labelCount).max() ?? 1)
        let edges = max(1, layout.graphs.map(\.edgeCount).max() ?? 1)
        let layers = layout.graphs.map(\.layerCount).max() ?? 1
        let worths = tables.groupCount * tables.weekdayCount * tables.levelCount
        let gains = tables.dayCount * tables.classCount * tables.levelCount
        let days = tables.dayCount
        let grid = tables.groupCount * days
        let slotDays = max(1, tables.slotCount) * days
        let sides = max(1, tables.sideCount)
        let sizes = [
            tables.valueCount, tables.valueCount, tables.weekdayCount, worths, worths, grid, gains, gains, labels,
            labels, labels, tables.levelCount, states, states, states, states, edges, grid,
            slotDays * tables.durationCount, slotDays, sides, sides, days * (6 + sides) + sides, states, labels, layers,
            slotDays * tables.durationCount,
        ]
        memory = .allocate(capacity: sizes.reduce(0, +))
        memory.initialize(repeating: .zero, count: sizes.reduce(0, +))
        var next = memory
        let part = sizes.map { size in
            defer { next += size }
            return next
        }
        (gross, base, factor, top, mass, price) = (part[0], part[1], part[2], part[3], part[4], part[5])
        (gainTop, gainMass, labelTop, labelMass, flow) = (part[6], part[7], part[8], part[9], part[10])
        (levelFlow, ahead, ways, reach, noneShare) = (part[11], part[12], part[13], part[14], part[15])
        (edgeShare, usage, repPrice, repRoom, member) = (part[16], part[17], part[18], part[19], part[20])
        (limitRoom, moments, came, around, aroundFree) = (part[21], part[22], part[23], part[24], part[25])
        repCounts = part[26]
        steps = .allocate(capacity: states + labels + layers)
        steps.initialize(repeating: .zero, count: states + labels + layers)
        (cameBy, aroundEdge, aroundState) = (steps, steps + states, steps + states + labels)
        bestKnown = .allocate(capacity: max(1, gains))
        bestKnown.initialize(repeating: -2, count: max(1, gains))
        padding = .allocate(capacity: LaneMath.width)
        padding.initialize(repeating: -1, count: LaneMath.width)
        hcps = UnsafePointer(padding)
        graph = layout.graphs[0]
        rows = .allocate(capacity: LaneMath.width)
        rows.initialize(repeating: UnsafePointer(layout.graphs[0].table), count: LaneMath.width)
    }

    deinit {
        memory.deallocate()
        steps.deallocate()
        padding.deallocate()
        bestKnown.deallocate()
        rows.deallocate()
    }

    @inline(__always) static func lane(_ vectors: UnsafeMutablePointer<Lanes>, _ index: Int, _ lane: Int)
        -> UnsafeMutablePointer<Float>
    {
        UnsafeMutableRawPointer(vectors + index).assumingMemoryBound(to: Float.self) + lane
    }

    /// Reads values, factors, profiles and scales of a block of one variant; -1 pads.
    ///
    /// - Parameter values: the block's values as `LaneValues` holds them, for who reads them often.
    func load(
        _ block: UnsafePointer<Int32>, temperature: LaneTemperature, values: UnsafePointer<Lanes>? = nil
    ) {
        hcps = block
        graph = layout.graphs[Int(layout.profiles.variantOf[Int(block[0])])]
        isUniform = true
        let firstProfile = tables.profileOf[Int(block[0])]
        let (table, width) = (UnsafePointer(graph.table), graph.labelCount)
        for lane in 0..<LaneMath.width {
            let hcp = Int(block[lane])
            let profile = hcp < 0 ? firstProfile : tables.profileOf[hcp]
            if profile != firstProfile { isUniform = false }
            rows[lane] = table + Int(profile) * width
            let own = hcp < 0 ? Float(layout.meanScale) : tables.scale[hcp]
            scale[lane] = own
            tau[lane] = temperature.tau(scale: own)
            if values == nil { readValues(hcp, lane: lane) }
        }
        if let values {
            for k in 0..<tables.valueCount {
                let (value, cost) = (values[k], Lanes(repeating: tables.cost[k]))
                let refused = value .== Lanes(repeating: -.infinity)
                gross[k] = (value + cost).replacing(with: Lanes.zero, where: refused)
                base[k] = (Lanes.zero - cost).replacing(with: LaneMath.never, where: refused)
            }
        }
        inverseTau = Lanes(repeating: 1.442_695_04) / tau
        for w in 0..<tables.weekdayCount {
            factor[w] = Lanes(repeating: 1)
            guard !layout.weekdays.isEmpty else { continue }
            let weekday = layout.weekdays[w]
            for lane in 0..<LaneMath.width where block[lane] >= 0 {
                factor[w][lane] = layout.problem.weekdayFactor[Int(block[lane]) * 7 + weekday]
            }
        }
        for l in 0..<tables.sideCount {
            member[l] = Lanes(repeating: 1)
            let limit = layout.sides[l].limit
            guard !layout.problem.limits[limit].members.isEmpty else { continue }
            for lane in 0..<LaneMath.width
            where block[lane] < 0 || !layout.problem.limits[limit].members[Int(block[lane])] { member[l][lane] = 0 }
        }
    }

    /// Values of one HCP, in the order of positions; -1 pads.
    private func readValues(_ hcp: Int, lane: Int) {
        let (gross, base, cost) = (Self.lane(gross, 0, lane), Self.lane(base, 0, lane), tables.cost)
        layout.forEachValue(hcp, tables) { k, v in
            let refused = v == -.infinity
            gross[k * LaneMath.width] = refused ? 0 : v + cost[k]
            base[k * LaneMath.width] = refused ? LaneMath.never : -cost[k]
        }
    }

    /// What a touch of each group is worth on each weekday at each level, before prices.
    func rateActions(soft: Bool) {
        let (weekdays, levels) = (tables.weekdayCount, tables.levelCount)
        let inverse = inverseTau
        for g in 0..<tables.groupCount {
            let c = Int(tables.groupClass[g])
            let positions = Int(tables.groupStart[g])..<Int(tables.groupStart[g + 1])
            for w in 0..<weekdays {
                let f = factor[w]
                for i in Int(tables.levelStart[c])..<Int(tables.levelStart[c + 1]) {
                    let k = Int(tables.levels[i])
                    let each = f * tables.multiplier[c * levels + k]
                    let (gross, base) = values(group: g, level: k)
                    var best = Lanes(repeating: LaneMath.never)
                    for p in positions { best = LaneMath.max(best, gross[p] * each + base[p]) }
                    let index = (g * weekdays + w) * levels + k
                    top[index] = best
                    guard soft else { continue }
                    var sum = Lanes.zero
                    for p in positions { sum += LaneMath.exp2Down((gross[p] * each + base[p] - best) * inverse) }
                    mass[index] = sum
                }
            }
        }
    }

    /// The random arm: every eligible action alike; a free day is touched with chance `rate`.
    func rateEvenly(rate: Float) {
        var eligible = Lanes.zero
        for p in 0..<tables.actionCount {
            eligible.replace(with: eligible + 1, where: base[p] .> LaneMath.never / 2)
        }
        let each = Lanes(repeating: rate / (1 - rate)) / LaneMath.max(eligible, Lanes(repeating: 1))
        for g in 0..<tables.groupCount {
            for k in 0..<tables.levelCount {
                let (_, base) = values(group: g, level: k)
                var sum = Lanes.zero
                for p in Int(tables.groupStart[g])..<Int(tables.groupStart[g + 1]) {
                    sum.replace(with: sum + each, where: base[p] .> LaneMath.never / 2)
                }
                var best = Lanes.zero
                best.replace(with: LaneMath.never, where: sum .== Lanes.zero)
                for w in 0..<tables.weekdayCount {
                    top[(g * tables.weekdayCount + w) * tables.levelCount + k] = best
                    mass[(g * tables.weekdayCount + w) * tables.levelCount + k] = sum
                }
            }
        }
    }

    /// Values of a group's positions at a level: those that earlier touches have left.
    @inline(__always)
    func values(group: Int, level: Int) -> (gross: UnsafeMutablePointer<Lanes>, base: UnsafeMutablePointer<Lanes>) {
        let shift = Int(tables.shift[group * tables.levelCount + level])
        return (gross + shift, base + shift)
    }
}

/// τ of an HCP: a share of the value of the HCP's best touch, or currency.
struct LaneTemperature: Sendable {
    var relative: Float
    var absolute: Float?
    /// Below this share of an HCP's best touch nothing is left to chance but ties.
    static let least: Float = 1e-4

    @inline(__always) func tau(scale: Float) -> Float {
        let tau = absolute ?? relative * scale
        return tau > Self.least * scale ? tau : Self.least * scale
    }
}
