import Foundation

/// Agreement on a rare value says more than agreement on a common one: exact agreement is split into classes of
/// frequency (each with its own m and u), and within a class each value is adjusted by its own frequency.
///
/// Source: Newcombe and others, "Automatic linkage of vital records" (Science 130, 1959); Winkler, "Frequency-based
/// matching in Fellegi–Sunter model of record linkage" (2000).
struct ExactClasses: Sendable {
    /// Class of each code: 0 the rarest.
    let classOf: FrozenBuffer<UInt8>
    let count: Int
    /// Bits to add to the match weight when two rows agree on a code.
    let adjustment: FrozenBuffer<Float>
    /// Share of the row mass (of values that occur at least twice) in each class: where matches are expected.
    let mass: [Double]

    init(counts: FrozenBuffer<Int32>, classes wanted: Int = 3) {
        let repeated = (0..<counts.count).filter { counts[$0] >= 2 }.sorted { counts[$0] < counts[$1] }
        let total = repeated.reduce(0.0) { $0 + Double(counts[$1]) }
        var bounds: [Int32] = []  // the largest count of each class but the last
        var passed = 0.0
        for code in repeated {
            let share = Double(bounds.count + 1) / Double(wanted) * total
            if passed + Double(counts[code]) / 2 >= share, bounds.count < wanted - 1,
                counts[code] >= 4 * max(2, bounds.last ?? 1)
            {
                bounds.append(counts[code] - 1)
            }
            passed += Double(counts[code])
        }
        let classOf = (0..<counts.count).map { code in UInt8(bounds.count { counts[code] > $0 }) }
        count = bounds.count + 1
        var mass = [Double](repeating: 0, count: count)
        var squares = [Double](repeating: 0, count: count)
        for code in repeated {
            let n = Double(counts[code])
            mass[Int(classOf[code])] += n
            squares[Int(classOf[code])] += n * n
        }
        // Duplicates of one person make a value look more common than it is among persons: two are forgiven.
        let grace = 2.0
        let typical = (0..<count).map { mass[$0] > 0 ? squares[$0] / mass[$0] : 1 }
        adjustment = FrozenBuffer(
            (0..<counts.count).map { code in
                Float(log2((typical[Int(classOf[code])] + grace) / (Double(counts[code]) + grace)))
            })
        self.classOf = FrozenBuffer(classOf)
        self.mass = total > 0 ? mass.map { $0 / total } : mass.map { _ in 1 / Double(mass.count) }
    }
}
