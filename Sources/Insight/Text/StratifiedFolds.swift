import Statistics

/// Parts of about equal size in which every class has about its share.
package enum StratifiedFolds {
    /// The part of each row, 0..<folds: rows of a class are shuffled and dealt in turn, each class where the last ended.
    package static func assign(_ classes: [Int32], folds: Int, seed: UInt64) -> [Int] {
        var generator = SeededGenerator(seed: seed, stream: 0xF01D)
        var order = Array(classes.indices)
        for i in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(i, generator.below(i + 1)) }
        // Stable within a class, so the shuffle decides.
        let place = order.enumerated().sorted { (classes[$0.element], $0.offset) < (classes[$1.element], $1.offset) }
        var result = [Int](repeating: 0, count: classes.count)
        for (turn, entry) in place.enumerated() { result[entry.element] = turn % max(1, folds) }
        return result
    }
}
