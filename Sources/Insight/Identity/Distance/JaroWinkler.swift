/// Jaro and Jaro–Winkler similarity over bytes, in [0, 1].
///
/// Source: Jaro, "Advances in record-linkage methodology" (JASA 84, 1989); Winkler, "String comparator metrics and
/// enhanced decision rules" (1990): scaling 0.1, at most four letters of prefix, only above 0.7.
package enum JaroWinkler {
    package static func similarity(_ a: String, _ b: String) -> Double {
        similarity(Array(a.utf8), Array(b.utf8))
    }

    package static func similarity(_ a: [UInt8], _ b: [UInt8]) -> Double {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in similarity(a, b) }
        }
    }

    static func similarity(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Double {
        let jaro = jaro(a, b)
        guard jaro > 0.7 else { return jaro }
        var prefix = 0
        let longest = min(4, a.count, b.count)
        while prefix < longest, a[prefix] == b[prefix] { prefix += 1 }
        return jaro + Double(prefix) * 0.1 * (1 - jaro)
    }

    static func jaro(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Double {
        guard !a.isEmpty, !b.isEmpty else { return 0 }
        return a.count <= 64 && b.count <= 64 ? jaroInWords(a, b) : jaroInFlags(a, b)
    }

    /// Letters that were matched are bits of one machine word: no allocation.
    private static func jaroInWords(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Double {
        let window = max(0, max(a.count, b.count) / 2 - 1)
        var takenA: UInt64 = 0
        var takenB: UInt64 = 0
        var matches = 0
        for i in 0..<a.count {
            let letter = a[i]
            var j = max(0, i - window)
            let end = min(b.count, i + window + 1)
            while j < end {
                if b[j] == letter, takenB & (1 << UInt64(j)) == 0 {
                    takenA |= 1 << UInt64(i)
                    takenB |= 1 << UInt64(j)
                    matches += 1
                    break
                }
                j += 1
            }
        }
        guard matches > 0 else { return 0 }
        var transposed = 0
        while takenA != 0 {
            if a[takenA.trailingZeroBitCount] != b[takenB.trailingZeroBitCount] { transposed += 1 }
            takenA &= takenA - 1
            takenB &= takenB - 1
        }
        return combine(matches, transposed / 2, a.count, b.count)
    }

    private static func jaroInFlags(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Double {
        let window = max(0, max(a.count, b.count) / 2 - 1)
        var takenB = [Bool](repeating: false, count: b.count)
        var lettersA: [UInt8] = []
        for i in 0..<a.count {
            for j in max(0, i - window)..<max(max(0, i - window), min(b.count, i + window + 1))
            where !takenB[j] && b[j] == a[i] {
                takenB[j] = true
                lettersA.append(a[i])
                break
            }
        }
        guard !lettersA.isEmpty else { return 0 }
        let lettersB = (0..<b.count).filter { takenB[$0] }.map { b[$0] }
        let transposed = zip(lettersA, lettersB).count { $0 != $1 }
        return combine(lettersA.count, transposed / 2, a.count, b.count)
    }

    private static func combine(_ matches: Int, _ transpositions: Int, _ a: Int, _ b: Int) -> Double {
        let m = Double(matches)
        return (m / Double(a) + m / Double(b) + (m - Double(transpositions)) / m) / 3
    }
}
