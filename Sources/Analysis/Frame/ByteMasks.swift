#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Searches eight bytes at a time in plain 64-bit arithmetic, which is fast on every processor and needs no
/// instruction set beyond the baseline.
///
/// Source: Langdale and Lemire, "Parsing gigabytes of JSON per second" (VLDB Journal, 2019), section 3.1; the
/// exact zero-byte test is Mycroft's as given by Warren, "Hacker's Delight" (2012), section 6-1.
enum ByteMasks {
    /// `byte` in each of the eight places.
    @inline(__always) static func pattern(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// The high bit of every byte of `word` that equals the pattern's byte.
    @inline(__always) static func matches(_ word: UInt64, _ pattern: UInt64) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let x = word ^ pattern
        return ~(((x & low) &+ low) | x | low)
    }

    /// Eight high bits as the low eight bits, first byte first.
    @inline(__always) static func gather(_ matches: UInt64) -> UInt64 {
        ((matches >> 7) &* 0x0102_0408_1020_4080) >> 56
    }

    @inline(__always) static func word(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self))
    }

    /// One bit for each of 64 bytes that equals one of two patterns.
    @inline(__always) static func either(_ block: UnsafePointer<UInt8>, _ a: UInt64, _ b: UInt64) -> UInt64 {
        var mask: UInt64 = 0
        for k in 0..<8 as Range<Int> {
            let word = word(block + k * 8)
            mask |= gather(matches(word, a) | matches(word, b)) << UInt64(k * 8)
        }
        return mask
    }

    /// One bit for each of 64 bytes that equals a pattern.
    @inline(__always) static func one(_ block: UnsafePointer<UInt8>, _ a: UInt64) -> UInt64 {
        var mask: UInt64 = 0
        for k in 0..<8 as Range<Int> { mask |= gather(matches(word(block + k * 8), a)) << UInt64(k * 8) }
        return mask
    }

    /// Bit k = parity of the bits 0...k.
    @inline(__always) static func prefixParity(_ mask: UInt64) -> UInt64 {
        var m = mask
        m ^= m << 1
        m ^= m << 2
        m ^= m << 4
        m ^= m << 8
        m ^= m << 16
        m ^= m << 32
        return m
    }
}

/// What a first look at a range of bytes finds.
struct ByteCensus: Sendable {
    var lineEnds = 0
    var quotes = 0
    var hasNUL = false
    var hasHighBit = false

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        hasNUL = memchr(base, 0, bytes.count) != nil
        if memchr(base, 34, bytes.count) != nil { (quotes, _) = Self.count(34, base, bytes.count) }
        let (found, union) = Self.count(10, base, bytes.count)
        lineEnds = found
        hasHighBit = union & 0x8080_8080_8080_8080 != 0
    }

    /// How often a byte occurs, and the union of all bits.
    private static func count(_ byte: UInt8, _ base: UnsafePointer<UInt8>, _ length: Int) -> (Int, UInt64) {
        let pattern = ByteMasks.pattern(byte)
        var total = 0
        var union: UInt64 = 0
        var at = 0
        while at + 8 <= length {
            // Eight counters of a byte each, which hold 255 at most.
            var lanes: UInt64 = 0
            let stop = min(length - 7, at + 8 * 255)
            while at < stop {
                let word = ByteMasks.word(base + at)
                lanes &+= ByteMasks.matches(word, pattern) >> 7
                union |= word
                at += 8
            }
            let pairs = (lanes & 0x00FF_00FF_00FF_00FF) &+ ((lanes >> 8) & 0x00FF_00FF_00FF_00FF)
            total += Int((pairs &* 0x0001_0001_0001_0001) >> 48)
        }
        while at < length {
            total += base[at] == byte ? 1 : 0
            union |= UInt64(base[at])
            at += 1
        }
        return (total, union)
    }
}
