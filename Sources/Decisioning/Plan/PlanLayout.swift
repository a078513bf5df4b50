import EngagementModel

/// The problem as the kernels read it: actions grouped by price, floors as negative limits, scales, contact graphs.
final class PlanLayout: Sendable {
    /// Actions that always pay the same price: one class, one sender slot, one duration, one use of every limit.
    struct Group: Sendable, Hashable {
        var classIndex: Int
        var slot: Int
        var minutes: Float
        var uses: [Float]
        /// 0 when nothing is blocked by channel.
        var channel: UInt8 = 0
        /// Whether any shared capacity is used.
        var isScarce: Bool { minutes > 0 && slot >= 0 || uses.contains { $0 > 0 } }
    }

    /// A limit with one side: a ceiling, or a floor as the ceiling of the negative use.
    struct Side: Sendable {
        var limit: Int
        var sign: Double
        var bound: Double
    }

    let problem: PlanProblem
    let profiles: ContactProfiles
    let graphs: [CompiledGraph]
    let groups: [Group]
    /// Actions by group; `groupStart` has one more entry than there are groups.
    let actionOrder: [Int]
    let groupStart: [Int]
    let groupOfAction: [Int]
    /// Groups of each class (groups are sorted by class).
    let classGroups: [Range<Int>]
    /// Compact class → effect levels that it can have.
    let classLevels: [[Int]]
    let multipliers: [[Float]]
    let levelCount: Int
    let sides: [Side]
    /// Positions whose values depend on earlier touches, ascending.
    let laterPositions: [Int]
    /// Product of the levels of all effects but that of repeated contents, which is the last one; 0 without it.
    private let laterRadix: Int
    /// Distinct weekdays of the horizon, and the position of each day's weekday; one position without factors.
    let weekdays: [Int]
    let weekdayOfDay: [Int]
    /// N: value of the best touch, the HCP's own unit of temperature.
    let scale: [Float]
    /// HCP → range of `blockedCells` (group × T + day); empty when nothing is blocked.
    let blockedStart: [Int32]
    let blockedCells: [Int32]
    let meanScale: Double
    /// Distinct minutes of the touches that take a rep's time, rising.
    let durations: [Float]

    var dayCount: Int { problem.dayCount }
    var classCount: Int { classGroups.count }

    /// Mean minutes of the touches that take a rep's time.
    var usualMinutes: Double {
        let minutes = groups.filter { $0.slot >= 0 && $0.minutes > 0 }.map { Double($0.minutes) }
        return minutes.isEmpty ? 1 : minutes.reduce(0, +) / Double(minutes.count)
    }

    init(_ problem: PlanProblem) throws(Diagnostic) {
        self.problem = problem
        profiles = try ContactProfiles(problem)
        let usedClasses = Set(problem.actionClass).sorted()
        let keys = (0..<problem.actionCount).map { a in
            let slot = Int(problem.senderSlot[a])
            return Group(
                classIndex: usedClasses.firstIndex(of: problem.actionClass[a]) ?? 0, slot: slot,
                minutes: slot >= 0 ? problem.actionMinutes[a] : 0, uses: problem.limits.map { $0.usage[a] },
                channel: problem.blockDay.isEmpty ? 0 : problem.actionChannel[a])
        }
        var found: [Group] = []
        for key in keys where !found.contains(key) { found.append(key) }
        // Sorting is stable here because ties keep the order of first appearance.
        let order = found.indices.sorted { (found[$0].classIndex, $0) < (found[$1].classIndex, $1) }
        let groups = order.map { found[$0] }
        let groupOf = keys.map { key in groups.firstIndex(of: key) ?? 0 }
        self.groups = groups
        durations = Set(groups.filter { $0.slot >= 0 && $0.minutes > 0 }.map(\.minutes)).sorted()
        groupOfAction = groupOf
        let actionOrder = groups.indices.flatMap { g in groupOf.indices.filter { groupOf[$0] == g } }
        self.actionOrder = actionOrder
        var starts = [0]
        for g in groups.indices { starts.append(starts[g] + groupOf.count { $0 == g }) }
        groupStart = starts
        classGroups = usedClasses.indices.map { c in
            let first = groups.firstIndex { $0.classIndex == c } ?? 0
            return first..<first + groups.count { $0.classIndex == c }
        }
        let tables = profiles.variants.first?.multipliers ?? []
        let effects = profiles.variants.first?.graph.effects ?? []
        multipliers = usedClasses.map { tables.isEmpty ? [1] : tables[Int($0)] }
        levelCount = multipliers.first?.count ?? 1
        // Where no class of the plan repeats contents, the graph has no such effect.
        let isCounted = effects.last?.isWithinPlan ?? false
        laterRadix = isCounted ? effects.dropLast().reduce(1) { $0 * $1.multipliers.count } : 0
        laterPositions =
            isCounted
            ? actionOrder.indices.filter { problem.repeats?.actions.contains(actionOrder[$0]) ?? false } : []
        classLevels = usedClasses.map { c in
            (0..<effects.reduce(1) { $0 * $1.multipliers.count }).filter { level in
                var rest = level
                for effect in effects {
                    if effect.affects & (1 << UInt32(c)) == 0 && rest % effect.multipliers.count != 0 { return false }
                    rest /= effect.multipliers.count
                }
                return true
            }
        }
        graphs = profiles.variants.map { CompiledGraph($0, classes: usedClasses.map(Int.init)) }
        sides = problem.limits.enumerated().flatMap { index, limit in
            [
                limit.ceiling.map { Side(limit: index, sign: 1, bound: $0) },
                limit.floor.flatMap { $0 > 0 ? Side(limit: index, sign: -1, bound: -$0) : nil },
            ].compactMap { $0 }
        }
        if problem.weekdayFactor.isEmpty {
            weekdays = []
            weekdayOfDay = [Int](repeating: 0, count: problem.dayCount)
        } else {
            let distinct = Set(problem.dayWeekdays).sorted()
            weekdays = distinct
            weekdayOfDay = problem.dayWeekdays.map { distinct.firstIndex(of: $0) ?? 0 }
        }
        (scale, meanScale) = Self.scales(problem)
        (blockedStart, blockedCells) = Self.blocks(problem, groups)
    }

    /// Earlier touches whose contents may not come again, at a level.
    func earlier(level: Int) -> Int { laterRadix == 0 ? 0 : level / laterRadix }

    private static func blocks(_ problem: PlanProblem, _ groups: [Group]) -> ([Int32], [Int32]) {
        guard !problem.blockDay.isEmpty else { return ([], []) }
        var (starts, cells): ([Int32], [Int32]) = ([0], [])
        for i in 0..<problem.hcpCount {
            for k in problem.blocks(of: i) {
                guard let t = problem.dayOffsets.firstIndex(of: Int(problem.blockDay[k])) else { continue }
                for (g, group) in groups.enumerated() where group.channel == problem.blockChannel[k] {
                    cells.append(Int32(g * problem.dayCount + t))
                }
            }
            starts.append(Int32(cells.count))
        }
        return (starts, cells)
    }

    private static func scales(_ problem: PlanProblem) -> ([Float], Double) {
        let (n, a) = (problem.hcpCount, problem.actionCount)
        var scale = [Float](repeating: 0, count: n)
        var sum = 0.0
        var positive = 0
        for i in 0..<n {
            var best: Float = 0
            for k in i * a..<(i + 1) * a where problem.value[k] > best { best = problem.value[k] }
            if best > 0 {
                sum += Double(best)
                positive += 1
            }
            scale[i] = best
        }
        let mean = positive > 0 ? sum / Double(positive) : 1
        // An HCP whom nothing helps still needs a temperature: a thousandth of the usual one.
        let least = max(Float(mean * 1e-3), 1e-9)
        for i in 0..<n where scale[i] < least { scale[i] = least }
        return (scale, mean)
    }
}

/// A contact graph as flat memory for the kernels.
///
/// `@unchecked Sendable`: the memory is written in `init` only.
final class CompiledGraph: @unchecked Sendable {
    let layerCount: Int
    let stateCount: Int
    let labelCount: Int
    let edgeCount: Int
    let hasChecks: Bool
    let layerDay: UnsafeMutablePointer<Int32>
    let stateStart: UnsafeMutablePointer<Int32>
    let noneTarget: UnsafeMutablePointer<Int32>
    let noneLabel: UnsafeMutablePointer<Int32>
    let edgeStart: UnsafeMutablePointer<Int32>
    let edgeLabel: UnsafeMutablePointer<Int32>
    let edgeTarget: UnsafeMutablePointer<Int32>
    let edgeSource: UnsafeMutablePointer<Int32>
    /// Per label: compact class or -1, and first label of each layer.
    let labelClass: UnsafeMutablePointer<Int32>
    let labelStart: UnsafeMutablePointer<Int32>
    /// Profile × label.
    let table: UnsafeMutablePointer<UInt8>
    init(_ variant: ContactProfiles.Variant, classes: [Int]) {
        func copy<T>(_ source: [T]) -> UnsafeMutablePointer<T> {
            let memory = UnsafeMutablePointer<T>.allocate(capacity: max(1, source.count))
            memory.initialize(from: source, count: source.count)
            return memory
        }
        let graph = variant.graph
        layerCount = graph.layerCount
        stateCount = graph.stateCount
        labelCount = graph.labels.count
        edgeCount = graph.edgeLabel.count
        hasChecks = !graph.noneLabel.isEmpty
        layerDay = copy(graph.layerDay.map(Int32.init))
        stateStart = copy(graph.stateStart.map(Int32.init))
        noneTarget = copy(graph.noneTarget)
        noneLabel = copy(graph.noneLabel)
        edgeStart = copy(graph.edgeStart)
        edgeLabel = copy(graph.edgeLabel)
        edgeTarget = copy(graph.edgeTarget)
        edgeSource = copy(
            graph.noneTarget.indices.flatMap { state in
                [Int32](repeating: Int32(state), count: Int(graph.edgeStart[state + 1] - graph.edgeStart[state]))
            })
        labelClass = copy(
            graph.labels.map { Int32($0.classIndex < 0 ? -1 : classes.firstIndex(of: $0.classIndex) ?? 0) })
        labelStart = copy(graph.labelStart.map(Int32.init))
        table = copy(variant.table)
    }

    deinit {
        for memory in [
            layerDay, stateStart, noneTarget, noneLabel, edgeStart, edgeLabel, edgeTarget, edgeSource, labelClass,
            labelStart,
        ] { memory.deallocate() }
        table.deallocate()
    }
}
