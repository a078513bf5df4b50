/// Distinct patterns and how many pairs show each.
struct PatternTable: Sendable {
    private(set) var patterns: [UInt64] = []
    private(set) var counts: [Double] = []
    private var slots: [Int32]

    init(capacity: Int = 1_024) {
        var size = 64
        while size < capacity * 2 { size *= 2 }
        slots = [Int32](repeating: 0, count: size)
    }

    /// The number of a pattern, counted `times` more.
    @inline(__always) mutating func add(_ pattern: UInt64, times: Double = 1) -> Int {
        var slot = Int(truncatingIfNeeded: KeyMixing.mix(pattern)) & (slots.count - 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if patterns[index] == pattern {
                counts[index] += times
                return index
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        patterns.append(pattern)
        counts.append(times)
        slots[slot] = Int32(patterns.count)
        if patterns.count * 2 > slots.count { grow() }
        return patterns.count - 1
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: slots.count * 2)
        for (index, pattern) in patterns.enumerated() {
            var slot = Int(truncatingIfNeeded: KeyMixing.mix(pattern)) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(index) + 1
        }
    }
}
