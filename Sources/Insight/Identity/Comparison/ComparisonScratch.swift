/// What one thread needs while it compares: the edit distance's table and, per field, the levels of recent pairs of
/// values. Not shared between threads.
final class ComparisonScratch {
    let alignment = StringAlignment()
    private let slots: Int
    private let shift: UInt64
    private let keys: UnsafeMutablePointer<UInt64>
    private let levels: UnsafeMutablePointer<UInt8>

    /// - Parameter slotBits: log₂ of the recent pairs remembered for each field.
    init(fields: Int, slotBits: UInt64 = 15) {
        slots = 1 << slotBits
        shift = 64 - slotBits
        let size = max(1, fields) * slots
        keys = .allocate(capacity: size)
        keys.initialize(repeating: .max, count: size)
        levels = .allocate(capacity: size)
        levels.initialize(repeating: 0, count: size)
    }

    deinit {
        keys.deallocate()
        levels.deallocate()
    }

    /// The level of a pair of codes, computed when it is not among the recent ones.
    @inline(__always) func cached(_ field: Int, _ a: Int32, _ b: Int32, _ compute: () -> UInt8) -> UInt8 {
        let key = UInt64(UInt32(bitPattern: a)) << 32 | UInt64(UInt32(bitPattern: b))
        let hash = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
        let slot = field * slots + hash
        if keys[slot] == key { return levels[slot] }
        let level = compute()
        keys[slot] = key
        levels[slot] = level
        return level
    }
}
