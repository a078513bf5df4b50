internal import Statistics

/// Random splits without a generator that would have to be stored: a number from what the instance is.
enum JourneyDraw {
    /// Uniform in 0..<1. FNV-1a over the texts (Fowler, Noll and Vo), then the finaliser of SplitMix64, as FNV alone
    /// scatters its high bits badly.
    static func unit(_ journey: String, _ hcp: String, _ node: String, _ entered: Int64, _ visit: Int) -> Double {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        for text in [journey, hcp, node] {
            text.utf8.forEach(add)
            add(0)
        }
        for number in [UInt64(bitPattern: entered), UInt64(bitPattern: Int64(visit))] {
            for shift in stride(from: UInt64(0), to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        return Double(SeededGenerator.mix(hash) >> 11) * 0x1p-53
    }
}
