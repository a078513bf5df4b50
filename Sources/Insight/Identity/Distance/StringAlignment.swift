/// Edits between two texts: insertion, deletion, substitution, swap of neighbours (each letter edited at most once):
/// the restricted Damerau–Levenshtein distance, also called optimal string alignment.
///
/// Up to 64 letters by one machine word per column. Source: Hyyrö, "A bit-vector algorithm for computing Levenshtein
/// and Damerau edit distances" (Nordic J. of Computing 10, 2003).
package final class StringAlignment {
    /// Positions of each letter in the pattern; all zero between calls.
    private let positions: UnsafeMutablePointer<UInt64>

    package init() {
        positions = .allocate(capacity: 256)
        positions.initialize(repeating: 0, count: 256)
    }

    deinit { positions.deallocate() }

    package func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a.utf8)
        let b = Array(b.utf8)
        return a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in distance(a, b) }
        }
    }

    func distance(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        if a.count <= 64 { return inWords(pattern: a, text: b) }
        if b.count <= 64 { return inWords(pattern: b, text: a) }
        return StringAlignment.byRows(Array(a), Array(b))
    }

    private func inWords(pattern: UnsafeBufferPointer<UInt8>, text: UnsafeBufferPointer<UInt8>) -> Int {
        for i in 0..<pattern.count { positions[Int(pattern[i])] |= 1 << UInt64(i) }
        var vertical = ~UInt64(0)
        var negative: UInt64 = 0
        var diagonal: UInt64 = 0
        var previous: UInt64 = 0
        var distance = pattern.count
        let last = UInt64(1) << UInt64(pattern.count - 1)
        for letter in text {
            let here = positions[Int(letter)]
            let swapped = ((~diagonal & here) << 1) & previous
            diagonal = (((here & vertical) &+ vertical) ^ vertical) | here | negative | swapped
            var right = negative | ~(diagonal | vertical)
            var left = diagonal & vertical
            if right & last != 0 { distance += 1 }
            if left & last != 0 { distance -= 1 }
            right = (right << 1) | 1
            left <<= 1
            vertical = left | ~(diagonal | right)
            negative = right & diagonal
            previous = here
        }
        for letter in pattern { positions[Int(letter)] = 0 }
        return distance
    }

    /// The recurrence itself, for texts of more than 64 letters.
    static func byRows(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before = [Int](repeating: 0, count: b.count + 1)
        var above = Array(0...b.count)
        var row = above
        for i in 1...a.count {
            row[0] = i
            for j in 1...b.count {
                let cost = a[i - 1] == b[j - 1] ? 0 : 1
                row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], before[j - 2] + 1) }
            }
            (before, above, row) = (above, row, before)
        }
        return above[b.count]
    }
}
