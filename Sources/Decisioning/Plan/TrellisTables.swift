/// The layout as flat memory for the kernels: no reference counts and no bounds checks in the loops.
///
/// `@unchecked Sendable`: the memory is written in `init` only.
final class TrellisTables: @unchecked Sendable {
    let actionCount: Int
    /// Positions with those of later touches behind them: what an action is worth after 1, 2 … earlier ones.
    let valueCount: Int
    let groupCount: Int
    let classCount: Int
    let dayCount: Int
    let weekdayCount: Int
    let levelCount: Int
    let sideCount: Int
    let slotCount: Int
    /// Position (actions sorted by group) → action and its cost; action → position.
    let action: UnsafeMutablePointer<Int32>
    let cost: UnsafeMutablePointer<Float>
    let position: UnsafeMutablePointer<Int32>
    /// Position → bit of its sender slot, 0 for the system.
    let slotBit: UnsafeMutablePointer<UInt32>
    let groupStart: UnsafeMutablePointer<Int32>
    let groupClass: UnsafeMutablePointer<Int32>
    let groupSlot: UnsafeMutablePointer<Int32>
    let groupMinutes: UnsafeMutablePointer<Float>
    let groupIsScarce: UnsafeMutablePointer<Bool>
    /// Group → its minutes' place among the durations that take a rep's time.
    let groupDuration: UnsafeMutablePointer<Int32>
    let durationCount: Int
    /// Group × side, ≥ 0; sign apart.
    let groupUse: UnsafeMutablePointer<Float>
    let sideSign: UnsafeMutablePointer<Float>
    let classFirstGroup: UnsafeMutablePointer<Int32>
    /// Class → range of `levels`.
    let levelStart: UnsafeMutablePointer<Int32>
    let levels: UnsafeMutablePointer<Int32>
    /// Class × level.
    let multiplier: UnsafeMutablePointer<Float>
    let weekdayOfDay: UnsafeMutablePointer<Int32>
    /// Group × level → what to add to a position for the value at that level.
    let shift: UnsafeMutablePointer<Int32>
    /// Behind the actions' positions: the action's own position, and its place among the values of later touches.
    let laterPosition: UnsafeMutablePointer<Int32>
    let laterPlace: UnsafeMutablePointer<Int32>
    let laterCount: Int
    let depth: Int
    /// HCP → contact profile and currency of its best touch.
    let profileOf: UnsafeMutablePointer<Int32>
    let scale: UnsafeMutablePointer<Float>

    private static func copy<T>(_ source: [T]) -> UnsafeMutablePointer<T> {
        let memory = UnsafeMutablePointer<T>.allocate(capacity: max(1, source.count))
        memory.initialize(from: source, count: source.count)
        return memory
    }

    init(_ layout: PlanLayout) {
        let problem = layout.problem
        actionCount = problem.actionCount
        groupCount = layout.groups.count
        classCount = layout.classCount
        dayCount = layout.dayCount
        weekdayCount = max(1, layout.weekdays.count)
        levelCount = layout.levelCount
        sideCount = layout.sides.count
        slotCount = problem.slotCount
        action = Self.copy(layout.actionOrder.map(Int32.init))
        let later = layout.laterPositions
        laterCount = later.count
        depth = later.isEmpty ? 0 : problem.repeats?.depth ?? 0
        valueCount = problem.actionCount + depth * later.count
        laterPosition = Self.copy(later.map(Int32.init))
        laterPlace = Self.copy(
            later.map { Int32(problem.repeats?.actions.firstIndex(of: layout.actionOrder[$0]) ?? 0) })
        shift = Self.copy(
            layout.groups.indices.flatMap { g in
                (0..<layout.levelCount).map { level in
                    let (earlier, first) = (layout.earlier(level: level), layout.groupStart[g])
                    guard earlier > 0, let place = later.firstIndex(of: first) else { return 0 }
                    return Int32(problem.actionCount + (earlier - 1) * later.count + place - first)
                }
            })
        let costs = layout.actionOrder.map { problem.actionCost.isEmpty ? 0 : problem.actionCost[$0] }
        cost = Self.copy(costs + (0..<depth).flatMap { _ in later.map { costs[$0] } })
        position = Self.copy(
            (0..<problem.actionCount).map { a in Int32(layout.actionOrder.firstIndex(of: a) ?? 0) })
        profileOf = Self.copy(layout.profiles.profileOf.map { Int32($0) })
        scale = Self.copy(layout.scale)
        slotBit = Self.copy(
            layout.actionOrder.map { problem.senderSlot[$0] < 0 ? 0 : 1 << UInt32(problem.senderSlot[$0]) })
        groupStart = Self.copy(layout.groupStart.map(Int32.init))
        groupClass = Self.copy(layout.groups.map { Int32($0.classIndex) })
        groupSlot = Self.copy(layout.groups.map { Int32($0.minutes > 0 ? $0.slot : -1) })
        groupMinutes = Self.copy(layout.groups.map { $0.slot >= 0 ? $0.minutes : 0 })
        groupIsScarce = Self.copy(layout.groups.map(\.isScarce))
        groupDuration = Self.copy(
            layout.groups.map { group in Int32(layout.durations.firstIndex(of: group.minutes) ?? 0) })
        durationCount = max(1, layout.durations.count)
        groupUse = Self.copy(layout.groups.flatMap { group in layout.sides.map { group.uses[$0.limit] } })
        sideSign = Self.copy(layout.sides.map { Float($0.sign) })
        classFirstGroup = Self.copy(layout.classGroups.map { Int32($0.lowerBound) } + [Int32(layout.groups.count)])
        var starts: [Int32] = [0]
        for levels in layout.classLevels { starts.append(starts[starts.count - 1] + Int32(levels.count)) }
        levelStart = Self.copy(starts)
        levels = Self.copy(layout.classLevels.flatMap { $0.map(Int32.init) })
        multiplier = Self.copy(layout.multipliers.flatMap { $0 })
        weekdayOfDay = Self.copy(layout.weekdayOfDay.map(Int32.init))
    }

    deinit {
        for memory in [
            action, position, groupDuration, groupStart, groupClass, groupSlot, classFirstGroup, levelStart, levels,
            weekdayOfDay, shift, laterPosition, laterPlace,
        ] { memory.deallocate() }
        for memory in [cost, groupMinutes, groupUse, sideSign, multiplier] { memory.deallocate() }
        slotBit.deallocate()
        profileOf.deallocate()
        scale.deallocate()
        groupIsScarce.deallocate()
    }
}
