import Foundation

/// The words of each distinct value, each word weighted by how rare it is (inverse document frequency).
final class TokenIndex: Sendable {
    /// Words of each value, sorted by number; `starts[code]..<starts[code + 1]`.
    let members: FrozenBuffer<Int32>
    let starts: FrozenBuffer<Int32>
    let weights: FrozenBuffer<Float>
    /// First letters of each value's words.
    private let initials: FrozenBuffer<UInt64>
    private let wordBytes: FrozenBuffer<UInt8>
    private let wordStarts: FrozenBuffer<Int32>

    init(_ values: ByteDictionary, counts: [Int32]) {
        var words = ByteDictionary(capacity: values.count)
        var documents: [Double] = []
        var members: [Int32] = []
        var starts: [Int32] = [0]
        var initials: [UInt64] = []
        var total = 0.0
        for code in 0..<values.count {
            let text = values.withBytes(of: code) { Array($0) }
            var own: [Int32] = []
            for word in text.split(separator: 0x20) {
                let (number, isNew) = words.insert(Array(word))
                if isNew { documents.append(0) }
                if !own.contains(number) { own.append(number) }
            }
            for number in own { documents[Int(number)] += Double(counts[code]) }
            members += own.sorted()
            initials.append(text.split(separator: 0x20).reduce(0) { $0 | 1 << UInt64($1.first.map { $0 & 63 } ?? 0) })
            starts.append(Int32(members.count))
            total += Double(counts[code])
        }
        self.members = FrozenBuffer(members)
        self.starts = FrozenBuffer(starts)
        self.initials = FrozenBuffer(initials)
        weights = FrozenBuffer(documents.map { Float(log(1 + total / max(1, $0))) })
        wordBytes = FrozenBuffer(words.bytes)
        wordStarts = FrozenBuffer(words.starts)
    }

    private func word(_ number: Int32) -> UnsafeBufferPointer<UInt8> {
        let start = Int(wordStarts[Int(number)])
        return UnsafeBufferPointer(start: wordBytes.base + start, count: Int(wordStarts[Int(number) + 1]) - start)
    }

    /// Weight of the shared words over the weight of all words: 0…1. Words that begin alike or are nearly alike
    /// share nine tenths of their weight. The first 64 words count.
    func similarity(_ a: Int32, _ b: Int32) -> Double {
        // Without a common first letter there is no common word.
        if initials[Int(a)] & initials[Int(b)] == 0 { return 0 }
        let startA = Int(starts[Int(a)])
        let startB = Int(starts[Int(b)])
        let countA = min(64, Int(starts[Int(a) + 1]) - startA)
        let countB = min(64, Int(starts[Int(b) + 1]) - startB)
        var shared: Float = 0
        var union: Float = 0
        var takenA: UInt64 = 0
        var takenB: UInt64 = 0
        for i in 0..<countA {
            for j in 0..<countB where members[startA + i] == members[startB + j] {
                takenA |= 1 << UInt64(i)
                takenB |= 1 << UInt64(j)
                shared += weights[Int(members[startA + i])]
            }
        }
        union = shared
        for i in 0..<countA where takenA & (1 << UInt64(i)) == 0 {
            let word = members[startA + i]
            var counted = weights[Int(word)]
            for j in 0..<countB where takenB & (1 << UInt64(j)) == 0 {
                guard isNear(word, members[startB + j]) else { continue }
                takenB |= 1 << UInt64(j)
                counted = max(counted, weights[Int(members[startB + j])])
                shared += counted * 0.9
                break
            }
            union += counted
        }
        for j in 0..<countB where takenB & (1 << UInt64(j)) == 0 { union += weights[Int(members[startB + j])] }
        return union > 0 ? Double(shared / union) : 0
    }

    private func isNear(_ a: Int32, _ b: Int32) -> Bool {
        let left = word(a)
        let right = word(b)
        guard left[0] == right[0] else { return false }
        let (short, long) = left.count <= right.count ? (left, right) : (right, left)
        // Abbreviated and cut words: st., paym.
        var alike = 1
        while alike < short.count, short[alike] == long[alike] { alike += 1 }
        if alike == short.count, alike >= 2 { return true }
        return short.count >= 4 && JaroWinkler.similarity(left, right) >= 0.92
    }
}
