import Foundation
import Statistics

/// Millions of groups that choose among the same few actions: at most one each, within the minutes of the group's
/// owner (a rep) and pools over all (a budget, a volume).
///
/// Values are whole numbers of 16 bits with a scale for each group. Sixteen groups lie side by side, action by action,
/// so that an owner's prices are the same for all lanes; an owner's last block is filled up with groups that never
/// choose. Unchecked: filled by `init`, then only read.
package final class TouchGrid: @unchecked Sendable {
    static let lanes = 16

    package let groupCount: Int
    package let actionCount: Int
    package let ownerCount: Int
    /// Minutes of each action, and of each owner.
    package let minutes: [Float]
    package let capacities: [Double]
    /// Cost of each action in each pool, and what each pool holds.
    package let costs: [[Float]]
    package let budgets: [Double]
    /// First block of each owner, and the number of blocks.
    let ownerBlocks: [Int]
    /// First group of each owner.
    let ownerGroups: [Int]
    /// blocks × actions; lane j in the low half of word j, lane j + 8 in its high half, offset by 32768.
    private let words: UnsafeMutablePointer<SIMD8<UInt32>>
    private let scales: UnsafeMutablePointer<SIMD16<Float>>

    /// - Parameters:
    ///   - groupsOfOwner: how many groups each owner has.
    ///   - fill: writes the values of a group's actions.
    package init(
        groupsOfOwner: [Int], minutes: [Float], capacities: [Double], costs: [[Float]], budgets: [Double],
        fill: @Sendable (_ group: Int, _ values: inout [Float]) -> Void
    ) {
        precondition(capacities.count == groupsOfOwner.count && costs.count == budgets.count, "one limit for each")
        groupCount = groupsOfOwner.reduce(0, +)
        actionCount = minutes.count
        ownerCount = groupsOfOwner.count
        self.minutes = minutes
        self.capacities = capacities
        self.costs = costs
        self.budgets = budgets
        var (blocks, groups) = ([0], [0])
        for count in groupsOfOwner {
            blocks.append(blocks[blocks.count - 1] + (count + Self.lanes - 1) / Self.lanes)
            groups.append(groups[groups.count - 1] + count)
        }
        (ownerBlocks, ownerGroups) = (blocks, groups)
        let total = blocks[blocks.count - 1]
        words = .allocate(capacity: max(1, total * minutes.count))
        scales = .allocate(capacity: max(1, total))
        let (wordTarget, scaleTarget) = (Shared(words), Shared(scales))
        let actions = minutes.count
        let parts = min(ownerCount, 64)
        _ = Cores.map(parts) { [ownerCount, blocks, groups] part in
            var values = [Float](repeating: 0, count: actions)
            for owner in (ownerCount * part / parts)..<(ownerCount * (part + 1) / parts) {
                for block in blocks[owner]..<blocks[owner + 1] {
                    var scale = SIMD16<Float>(repeating: 0)
                    let target = wordTarget.value + block * actions
                    for action in 0..<actions { (target + action).initialize(to: SIMD8(repeating: 0)) }
                    for lane in 0..<Self.lanes {
                        let group = groups[owner] + (block - blocks[owner]) * Self.lanes + lane
                        guard group < groups[owner + 1] else { continue }
                        fill(group, &values)
                        let most = values.reduce(0) { max($0, abs($1)) }
                        scale[lane] = most / 32767
                        for action in 0..<actions {
                            let whole = most > 0 ? (values[action] / scale[lane]).rounded() : 0
                            let code = UInt32(Int32(min(max(whole, -32767), 32767)) + 32768)
                            target[action][lane % 8] |= lane < 8 ? code : code << 16
                        }
                    }
                    (scaleTarget.value + block).initialize(to: scale)
                }
            }
        }
    }

    deinit {
        words.deallocate()
        scales.deallocate()
    }

    /// Values of sixteen groups for one action. Integers become floats by their bits: an addition instead of sixteen
    /// conversions, on every processor.
    @inline(__always) func values(_ block: Int, _ action: Int) -> SIMD16<Float> {
        let word = words[block * actionCount + action]
        let low = unsafeBitCast((word & 0xFFFF) | 0x4B00_0000, to: SIMD8<Float>.self) - 8_421_376  // 2²³ + 2¹⁵
        let high = unsafeBitCast((word &>> 16) | 0x4B00_0000, to: SIMD8<Float>.self) - 8_421_376
        return SIMD16(lowHalf: low, highHalf: high) * scales[block]
    }

    /// Value of an action for a group of a block.
    func value(_ block: Int, _ lane: Int, _ action: Int) -> Double { Double(values(block, action)[lane]) }

    /// How many lanes of a block are groups.
    func lanes(_ block: Int, of owner: Int) -> Int {
        min(Self.lanes, ownerGroups[owner + 1] - ownerGroups[owner] - (block - ownerBlocks[owner]) * Self.lanes)
    }
}
