/// Sixteen HCPs at a time.
///
/// Only additions, multiplications, compares and bit operations: a default x86-64 build has no fused multiply-add,
/// and `replace(with:where:)` compiles to a packed maximum where `pointwiseMax` runs lane by lane.
typealias Lanes = SIMD16<Float>

enum LaneMath {
    static let width = 16
    /// Stands for "never": far below any value, far from overflow when divided by a temperature.
    static let never: Float = -1e25

    /// 2^x for x ≤ 0 (and up to 127), relative error below 3e-7; 0 below 2^-126.
    @inline(__always) static func exp2Down(_ input: Lanes) -> Lanes {
        var x = input
        x.replace(with: -127, where: x .< -127)
        // Adding 1.5·2²³ leaves the nearest integer in the low bits.
        let shifted = x + 12_582_912
        let f = x - (shifted - 12_582_912)
        var p = Lanes(repeating: 0.001_333_355_8)
        p = p * f + 0.009_618_129_1
        p = p * f + 0.055_504_108_7
        p = p * f + 0.240_226_507
        p = p * f + 0.693_147_181
        p = p * f + 1
        let n = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- (0x4B40_0000 &- 127)
        return p * unsafeBitCast(n &<< 23, to: Lanes.self)
    }

    @inline(__always) static func sum(_ x: Lanes) -> Float {
        let eight = x.lowHalf + x.highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }

    @inline(__always) static func max(_ a: Lanes, _ b: Lanes) -> Lanes {
        var result = a
        result.replace(with: b, where: b .> a)
        return result
    }
}

extension LaneMath {
    /// ln of a positive number: exponent apart, then `LogTwo`.
    @inline(__always) static func ln(_ x: Float) -> Double {
        let wide = Double(x)
        return (Double(wide.exponent) + LogTwo.of(wide.significand)) * 0.693_147_180_559_945_3
    }
}

enum LogTwo {
    /// log2 of a number in [1, 2], absolute error below 1e-12: atanh series around √2.
    @inline(__always) static func of(_ x: Double) -> Double {
        let z = (x - 1.414_213_562_373_095_1) / (x + 1.414_213_562_373_095_1)
        let z2 = z * z
        var s = 1.0 / 15
        s = s * z2 + 1.0 / 13
        s = s * z2 + 1.0 / 11
        s = s * z2 + 1.0 / 9
        s = s * z2 + 1.0 / 7
        s = s * z2 + 1.0 / 5
        s = s * z2 + 1.0 / 3
        s = s * z2 + 1
        return 0.5 + 2 * z * s * 1.442_695_040_888_963_4
    }
}
