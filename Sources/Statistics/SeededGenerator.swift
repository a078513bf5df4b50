/// A seeded random generator: the same seed gives the same numbers on every machine.
///
/// xoshiro256** seeded by SplitMix64. Source: Blackman and Vigna, "Scrambled linear pseudorandom number
/// generators" (ACM TOMS, 2021).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    @usableFromInline var s0: UInt64
    @usableFromInline var s1: UInt64
    @usableFromInline var s2: UInt64
    @usableFromInline var s3: UInt64

    /// A generator for a seed and a stream: streams of one seed are independent, so that work split over
    /// ranges (one stream per HCP) does not depend on how it was split.
    public init(seed: UInt64, stream: UInt64 = 0) {
        var state = seed ^ SeededGenerator.mix(stream &+ 0x632B_E59B_D9B4_E019)
        func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            return SeededGenerator.mix(state)
        }
        s0 = next()
        s1 = next()
        s2 = next()
        s3 = next()
    }

    /// The finaliser of SplitMix64: a bijection that scatters the bits of `value`.
    @inlinable public static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    @inlinable public mutating func next() -> UInt64 {
        let scaled = s1 &* 5
        let result = ((scaled << 7) | (scaled >> 57)) &* 9
        let t = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = (s3 << 45) | (s3 >> 19)
        return result
    }

    /// Uniform in [0, 1), 53 bits.
    @inlinable public mutating func uniform() -> Double { Double(next() >> 11) * 0x1.0p-53 }

    /// Uniform in 0..<n, without modulo bias beyond 2⁻⁶⁴.
    @inlinable public mutating func below(_ n: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(n)).high)
    }

    /// True with probability `p`.
    @inlinable public mutating func chance(_ p: Double) -> Bool { uniform() < p }
}
