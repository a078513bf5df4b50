/// The rows of one blocking rule, grouped by what they share.
struct RuleGroups: Sendable {
    /// Group of each row; -1 when a key is missing, when the row is alone, or when the group is too large.
    let groupOf: FrozenBuffer<Int32>
    /// Rows, one group after another, each in row order.
    let order: FrozenBuffer<Int32>
    /// Start of each group in `order`, and the end of the last.
    let starts: FrozenBuffer<Int32>
    /// Groups above the limit, left out: their rows.
    let oversized: [[Int32]]

    var groupCount: Int { starts.count - 1 }

    init(_ keys: [FrozenBuffer<Int32>], rowCount: Int, limit: Int) {
        var size = 64
        while size < rowCount * 2 { size *= 2 }
        var slots = [Int32](repeating: 0, count: size)
        var hashes: [UInt64] = []
        var counts: [Int32] = []
        var groupOf = [Int32](repeating: -1, count: rowCount)
        rows: for row in 0..<rowCount {
            var hash: UInt64 = 0x9E37
            for key in keys {
                let code = key[row]
                if code < 0 { continue rows }
                hash = KeyMixing.mix(hash &+ UInt64(UInt32(bitPattern: code)) &* 0x9E37_79B9_7F4A_7C15 &+ 1)
            }
            var slot = Int(truncatingIfNeeded: hash) & (size - 1)
            while slots[slot] != 0, hashes[Int(slots[slot]) - 1] != hash { slot = (slot + 1) & (size - 1) }
            if slots[slot] == 0 {
                hashes.append(hash)
                counts.append(0)
                slots[slot] = Int32(hashes.count)
            }
            let group = slots[slot] - 1
            groupOf[row] = group
            counts[Int(group)] += 1
        }
        // Renumber: groups of one row vanish, groups above the limit are set aside.
        var renumbered = [Int32](repeating: -1, count: counts.count)
        var starts: [Int32] = [0]
        var setAside: [Int32: Int] = [:]
        var large: [[Int32]] = []
        for (group, count) in counts.enumerated() where count >= 2 {
            if Int(count) > limit {
                setAside[Int32(group)] = large.count
                large.append([])
            } else {
                renumbered[group] = Int32(starts.count - 1)
                starts.append((starts.last ?? 0) + count)
            }
        }
        var next = starts
        var order = [Int32](repeating: 0, count: Int(starts.last ?? 0))
        for row in 0..<rowCount where groupOf[row] >= 0 {
            if let place = setAside[groupOf[row]] { large[place].append(Int32(row)) }
            let group = renumbered[Int(groupOf[row])]
            groupOf[row] = group
            guard group >= 0 else { continue }
            order[Int(next[Int(group)])] = Int32(row)
            next[Int(group)] += 1
        }
        self.groupOf = FrozenBuffer(groupOf)
        self.order = FrozenBuffer(order)
        self.starts = FrozenBuffer(starts)
        oversized = large
    }
}
