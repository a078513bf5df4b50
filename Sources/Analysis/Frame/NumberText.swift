/// Numbers as text: decimal digits with an optional sign, fraction and exponent, spaces around them allowed.
enum NumberText {
    enum Fault: Error { case notANumber, notFinite }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The nearest Double, or the reason why there is none.
    ///
    /// Source of the fast path: Clinger, "How to read floating point numbers accurately" (PLDI, 1990): a whole number
    /// below 2⁵³ times or over a power of ten up to 10²² rounds once.
    @inline(__always) static func double(_ start: UnsafePointer<UInt8>, _ count: Int) -> Result<Double, Fault> {
        var (at, end) = (0, count)
        while at < end && start[at] == 32 { at &+= 1 }
        while end > at && start[end &- 1] == 32 { end &-= 1 }
        let first = at
        var negative = false
        if at < end, start[at] == 45 || start[at] == 43 {
            negative = start[at] == 45
            at &+= 1
        }
        var mantissa: UInt64 = 0
        var digits = 0
        var exponent = 0
        var seen = false
        while at < end {
            let digit = start[at] &- 48
            if digit > 9 { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            if mantissa != 0 { digits &+= 1 }
            seen = true
            at &+= 1
        }
        if at < end && start[at] == 46 {
            at &+= 1
            let point = at
            while at < end {
                let digit = start[at] &- 48
                if digit > 9 { break }
                mantissa = mantissa &* 10 &+ UInt64(digit)
                if mantissa != 0 { digits &+= 1 }
                seen = true
                at &+= 1
            }
            exponent = point &- at
        }
        guard seen else { return .failure(.notANumber) }
        if at < end {
            guard start[at] | 0x20 == 101 else { return .failure(.notANumber) }
            at &+= 1
            var down = false
            if at < end, start[at] == 45 || start[at] == 43 {
                down = start[at] == 45
                at &+= 1
            }
            guard at < end else { return .failure(.notANumber) }
            var power = 0
            while at < end {
                let digit = start[at] &- 48
                if digit > 9 { return .failure(.notANumber) }
                // Beyond that every number is zero or infinite.
                power = min(power &* 10 &+ Int(digit), 100_000)
                at &+= 1
            }
            exponent = exponent &+ (down ? -power : power)
        }
        if digits <= 19 && mantissa < 1 << 53 && exponent >= -22 && exponent <= 22 {
            let whole = Double(mantissa)
            let value = powers.withUnsafeBufferPointer { exponent < 0 ? whole / $0[-exponent] : whole * $0[exponent] }
            return .success(negative ? -value : value)
        }
        return slow(UnsafeBufferPointer(start: start + first, count: end - first))
    }

    private static func slow(_ text: UnsafeBufferPointer<UInt8>) -> Result<Double, Fault> {
        guard let value = Double(String(decoding: text, as: UTF8.self)) else { return .failure(.notANumber) }
        return value.isFinite ? .success(value) : .failure(.notFinite)
    }

    /// A whole number; `5.0` is one, `5.5` is not, and neither is one that a Double cannot hold exactly.
    @inline(__always) static func integer(_ start: UnsafePointer<UInt8>, _ count: Int) -> Result<Int, Fault> {
        if count > 0 && count <= 18 {
            let negative = start[0] == 45
            var at = negative && count > 1 ? 1 : 0
            var value = 0
            while at < count {
                let digit = start[at] &- 48
                if digit > 9 { break }
                value = value &* 10 &+ Int(digit)
                at &+= 1
            }
            if at == count { return .success(negative ? -value : value) }
        }
        if count > 18, let value = Int(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        {
            return .success(value)
        }
        return double(start, count).flatMap { value in
            guard value == value.rounded(), abs(value) <= 0x1p53 else { return .failure(.notANumber) }
            return .success(Int(value))
        }
    }

    /// 0 or 1, true or false, yes or no, in any case.
    static func flag(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool? {
        if count == 1 {
            switch start[0] {
            case UInt8(ascii: "1"), UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "y"), UInt8(ascii: "Y"):
                return true
            case UInt8(ascii: "0"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "n"), UInt8(ascii: "N"):
                return false
            default: return nil
            }
        }
        switch String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self).lowercased() {
        case "true", "yes", "1.0": return true
        case "false", "no", "0.0": return false
        default: return nil
        }
    }
}
