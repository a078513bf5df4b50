import Foundation
import Statistics
import Testing

@testable import Insight

/// String distances against plain recurrences and pinned values of jellyfish 1.3.0 and rapidfuzz 3.14.6.
@Suite struct IdentityDistanceTests {
    /// Jaro–Winkler by its definition, on lists.
    private func plainJaroWinkler(_ a: [UInt8], _ b: [UInt8]) -> Double {
        if a.isEmpty || b.isEmpty { return 0 }
        let window = max(0, max(a.count, b.count) / 2 - 1)
        var taken = Set<Int>()
        var matchedA: [(Int, UInt8)] = []
        for (i, letter) in a.enumerated() {
            if let j = b.indices.first(where: { abs($0 - i) <= window && !taken.contains($0) && b[$0] == letter }) {
                taken.insert(j)
                matchedA.append((j, letter))
            }
        }
        if matchedA.isEmpty { return 0 }
        let matchedB = taken.sorted().map { b[$0] }
        let half = zip(matchedA.map(\.1), matchedB).count { $0 != $1 } / 2
        let m = Double(matchedA.count)
        let jaro = (m / Double(a.count) + m / Double(b.count) + (m - Double(half)) / m) / 3
        let prefix = zip(a, b).prefix(4).prefix { $0 == $1 }.count
        return jaro > 0.7 ? jaro + 0.1 * Double(prefix) * (1 - jaro) : jaro
    }

    /// Optimal string alignment by recursion over prefixes.
    private func plainAlignment(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var known: [[Int]] = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count {
            for j in 0...b.count {
                if i == 0 || j == 0 {
                    known[i][j] = i + j
                    continue
                }
                let substitution = known[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                known[i][j] = min(known[i - 1][j] + 1, known[i][j - 1] + 1, substitution)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    known[i][j] = min(known[i][j], known[i - 2][j - 2] + 1)
                }
            }
        }
        return known[a.count][b.count]
    }

    private func randomText(_ generator: inout SeededGenerator, longest: Int) -> [UInt8] {
        let length = 1 + generator.below(longest)
        return (0..<length).map { _ in 97 + UInt8(generator.below(4)) }
    }

    @Test(arguments: [8, 20, 64, 90]) func distancesEqualTheirDefinitions(longest: Int) {
        var generator = SeededGenerator(seed: UInt64(longest))
        let alignment = StringAlignment()
        for _ in 0..<1_500 {
            let a = randomText(&generator, longest: longest)
            let b = randomText(&generator, longest: longest)
            #expect(abs(JaroWinkler.similarity(a, b) - plainJaroWinkler(a, b)) < 1e-12)
            let left = String(decoding: a, as: UTF8.self)
            let right = String(decoding: b, as: UTF8.self)
            #expect(alignment.distance(left, right) == plainAlignment(a, b))
        }
    }

    @Test func distancesEqualThePinnedValues() throws {
        struct Row: Decodable {
            var a: String
            var b: String
            var similarity: Double
            var edits: Int
            init(from decoder: any Decoder) throws {
                var row = try decoder.unkeyedContainer()
                a = try row.decode(String.self)
                b = try row.decode(String.self)
                similarity = try row.decode(Double.self)
                edits = try row.decode(Int.self)
            }
        }
        let rows = try JSONDecoder().decode([Row].self, from: Data(contentsOf: IdentityFixtures.file("distances.json")))
        #expect(rows.count > 100)
        let alignment = StringAlignment()
        // The references count letters, we count bytes: the same for ASCII.
        for row in rows where row.a.utf8.count == row.a.count && row.b.utf8.count == row.b.count {
            #expect(abs(JaroWinkler.similarity(row.a, row.b) - row.similarity) < 1e-9, "\(row.a) \(row.b)")
            #expect(alignment.distance(row.a, row.b) == row.edits, "\(row.a) \(row.b)")
        }
    }

    @Test func classicalExamples() {
        #expect(abs(JaroWinkler.similarity("martha", "marhta") - 0.9611111111) < 1e-9)
        #expect(abs(JaroWinkler.similarity("dixon", "dicksonx") - 0.8133333333) < 1e-9)
        #expect(StringAlignment().distance("ca", "abc") == 3)
        #expect(StringAlignment().distance("1804974", "1840974") == 1)
        #expect(StringAlignment().distance("", "abc") == 3)
        #expect(JaroWinkler.similarity("", "abc") == 0)
    }

    @Test func boundsNeverCutOffAPairThatIsNear() {
        var generator = SeededGenerator(seed: 5)
        let alignment = StringAlignment()
        for _ in 0..<5_000 {
            let a = randomText(&generator, longest: 9)
            let b = randomText(&generator, longest: 9)
            let left = a.withUnsafeBufferPointer { LetterSet.of($0) }
            let right = b.withUnsafeBufferPointer { LetterSet.of($0) }
            let edits = alignment.distance(String(decoding: a, as: UTF8.self), String(decoding: b, as: UTF8.self))
            #expect(LetterSet.fewestEdits(left, right) <= edits)
            #expect(LetterSet.highestSimilarity(left, a.count, right, b.count) >= JaroWinkler.similarity(a, b) - 1e-12)
        }
    }

    @Test func greatCirclesAreMeasured() {
        // Berlin to Munich: 504 km.
        #expect(abs(GreatCircle.kilometres((52.52, 13.405), (48.137, 11.575)) - 504) < 2)
        #expect(GreatCircle.kilometres((1, 2), (1, 2)) == 0)
    }
}
