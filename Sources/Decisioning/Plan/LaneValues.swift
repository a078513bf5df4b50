/// Values of all HCPs of a partition as the kernels read them: block → position → lane.
///
/// A sweep reads every value once. Rows of HCPs must be turned into lanes; who sweeps often turns them beforehand.
final class LaneValues {
    private let memory: UnsafeMutablePointer<Lanes>
    private let positions: Int

    init(_ partition: LanePartition, layout: PlanLayout, tables: TrellisTables) {
        positions = tables.valueCount
        let count = max(1, partition.blockCount * positions)
        memory = .allocate(capacity: count)
        memory.initialize(repeating: Lanes(repeating: -.infinity), count: count)
        for (index, hcp) in partition.lanes.enumerated() where hcp >= 0 {
            let (block, lane) = index.quotientAndRemainder(dividingBy: LaneMath.width)
            let out = TrellisWorkspace.lane(memory, block * positions, lane)
            layout.forEachValue(Int(hcp), tables) { k, value in out[k * LaneMath.width] = value }
        }
    }

    deinit { memory.deallocate() }

    /// Positions of one block; what may not be is -infinity.
    func block(_ index: Int) -> UnsafePointer<Lanes> { UnsafePointer(memory + index * positions) }
}

extension PlanLayout {
    /// An HCP's value of the action at each position; -infinity where it may not be, or has no sender. -1 pads.
    @inline(__always)
    func forEachValue(_ hcp: Int, _ tables: TrellisTables, _ body: (_ position: Int, _ value: Float) -> Void) {
        guard hcp >= 0 else {
            for k in 0..<tables.valueCount { body(k, -.infinity) }
            return
        }
        var missing: UInt32 = 0
        for slot in 0..<tables.slotCount where problem.sender[hcp * tables.slotCount + slot] < 0 {
            missing |= 1 << UInt32(slot)
        }
        let (order, slotBit) = (tables.action, tables.slotBit)
        problem.value.withUnsafeBufferPointer { value in
            guard let row = value.baseAddress.map({ $0 + hcp * tables.actionCount }) else { return }
            for k in 0..<tables.actionCount {
                body(k, slotBit[k] & missing != 0 ? -.infinity : row[Int(order[k])])
            }
        }
        guard let repeats = problem.repeats, tables.depth > 0 else { return }
        repeats.later.withUnsafeBufferPointer { later in
            for k in 0..<tables.depth * tables.laterCount {
                let (level, place) = (k / tables.laterCount, k % tables.laterCount)
                let row = (hcp * tables.depth + level) * tables.laterCount
                body(
                    tables.actionCount + k,
                    slotBit[Int(tables.laterPosition[place])] & missing != 0
                        ? -.infinity : later[row + Int(tables.laterPlace[place])])
            }
        }
    }
}
