/// The set of letters of a text as one machine word: a cheap bound before a costly distance.
enum LetterSet {
    static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var set: UInt64 = 0
        for byte in bytes { set |= 1 << bit(byte) }
        return set
    }

    private static func bit(_ byte: UInt8) -> UInt64 {
        switch byte {
        case 0x61...0x7A: UInt64(byte - 0x61)
        case 0x30...0x39: UInt64(byte - 0x30) + 26
        default: 36 + UInt64(byte) % 28
        }
    }

    /// No fewer edits than this turn one text into the other: each edit changes at most two members of the sets.
    @inline(__always) static func fewestEdits(_ a: UInt64, _ b: UInt64) -> Int { ((a ^ b).nonzeroBitCount + 1) / 2 }

    /// Jaro–Winkler is at most this.
    @inline(__always) static func highestSimilarity(_ a: UInt64, _ lengthA: Int, _ b: UInt64, _ lengthB: Int) -> Double
    {
        let matches = min(lengthA - (a & ~b).nonzeroBitCount, lengthB - (b & ~a).nonzeroBitCount, lengthA, lengthB)
        guard matches > 0 else { return 0 }
        let jaro = (Double(matches) / Double(lengthA) + Double(matches) / Double(lengthB) + 1) / 3
        return jaro > 0.7 ? jaro + 0.4 * (1 - jaro) : jaro
    }
}
