/// Distinct byte strings, numbered in the order of their first appearance, in one flat block.
struct ByteDictionary {
    private(set) var bytes: [UInt8] = []
    /// Start of each string in `bytes`, and the end of the last.
    private(set) var starts: [Int32] = [0]
    /// Open addressing: code + 1, 0 when free.
    private var slots: [Int32]
    private var hashes: [UInt64] = []

    var count: Int { starts.count - 1 }

    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [Int32](repeating: 0, count: size)
        starts.reserveCapacity(capacity + 1)
        hashes.reserveCapacity(capacity)
    }

    mutating func insert(_ string: [UInt8]) -> (code: Int32, isNew: Bool) {
        if count * 2 >= slots.count { grow() }
        let hash = KeyMixing.hash(string)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let code = Int(slots[slot] - 1)
            if hashes[code] == hash, isEqual(code, string) { return (Int32(code), false) }
            slot = (slot + 1) & (slots.count - 1)
        }
        let code = Int32(count)
        slots[slot] = code + 1
        hashes.append(hash)
        bytes.append(contentsOf: string)
        starts.append(Int32(bytes.count))
        return (code, true)
    }

    func withBytes<Result>(of code: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { all in
            body(UnsafeBufferPointer(rebasing: all[Int(starts[code])..<Int(starts[code + 1])]))
        }
    }

    private func isEqual(_ code: Int, _ string: [UInt8]) -> Bool {
        let start = Int(starts[code])
        guard Int(starts[code + 1]) - start == string.count else { return false }
        for offset in 0..<string.count where bytes[start + offset] != string[offset] { return false }
        return true
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: slots.count * 2)
        for (code, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(code) + 1
        }
    }
}

/// Hashes that are the same on every machine and in every run.
enum KeyMixing {
    @inline(__always) static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    @inline(__always) static func combine(_ a: UInt64, _ b: UInt64) -> UInt64 {
        mix(a &+ 0x9E37_79B9_7F4A_7C15) ^ mix(b &* 0xD6E8_FEB8_6659_FD93 &+ 0x632B_E59B_D9B4_E019)
            &* 0x9E37_79B9_7F4A_7C15
    }

    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return mix(hash)
    }
}
