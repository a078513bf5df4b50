/// All candidate pairs compared: every pattern counted, and the pairs worth keeping with the number of their pattern.
struct ComparedPairs: Sendable {
    var patterns: [UInt64] = []
    var counts: [Double] = []
    var left: [Int32] = []
    var right: [Int32] = []
    var pattern: [Int32] = []
    var pairCount = 0.0

    /// Compares every candidate pair, on all cores; the result does not depend on how the work was split.
    ///
    /// - Parameter keep: whether pairs of a pattern are worth keeping; asked once a pattern and chunk.
    init(
        _ candidates: CandidatePairs, _ comparison: PairComparison, keep: @Sendable (UInt64) -> Bool
    ) {
        let parts = WorkSplit.map(candidates.chunkCount) { chunk -> ComparedPairs in
            ComparedPairs(chunk: chunk, candidates, comparison, keep)
        }
        var table = PatternTable(capacity: 1 << 12)
        let kept = parts.reduce(0) { $0 + $1.left.count }
        left.reserveCapacity(kept)
        right.reserveCapacity(kept)
        pattern.reserveCapacity(kept)
        for part in parts {
            let renumbered = zip(part.patterns, part.counts).map { Int32(table.add($0, times: $1)) }
            left += part.left
            right += part.right
            for number in part.pattern { pattern.append(renumbered[Int(number)]) }
            pairCount += part.pairCount
        }
        patterns = table.patterns
        counts = table.counts
    }

    private init(
        chunk: Int, _ candidates: CandidatePairs, _ comparison: PairComparison, _ keep: (UInt64) -> Bool
    ) {
        let scratch = ComparisonScratch(fields: comparison.comparators.count)
        var table = PatternTable()
        var isKept: [Bool] = []
        var left: [Int32] = []
        var right: [Int32] = []
        var numbers: [Int32] = []
        candidates.forEachPair(in: chunk) { first, second in
            let pattern = comparison.pattern(first, second, scratch)
            let number = table.add(pattern)
            if number == isKept.count { isKept.append(keep(pattern)) }
            if isKept[number] {
                left.append(Int32(first))
                right.append(Int32(second))
                numbers.append(Int32(number))
            }
        }
        patterns = table.patterns
        counts = table.counts
        self.left = left
        self.right = right
        pattern = numbers
        pairCount = counts.reduce(0, +)
    }
}
