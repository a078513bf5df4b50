import Statistics

/// How often two rows taken at random show each level: what chance alone does.
struct RandomPairs: Sendable {
    /// P(level | both cells filled), per column.
    var levels: [[Double]]
    /// P(both cells filled), per column.
    var filled: [Double]
    /// Columns that agree together by chance.
    let dependence: ChanceDependence

    /// Exact agreement is counted from the dictionaries; the other levels from a sample of pairs.
    init(_ comparison: PairComparison, _ space: PairSpace, sample: Int, seed: UInt64) {
        let parts = 8
        let tables = WorkSplit.map(parts) { part -> PatternTable in
            var generator = SeededGenerator(seed: seed, stream: 900 + UInt64(part))
            let scratch = ComparisonScratch(fields: comparison.comparators.count)
            var table = PatternTable()
            for _ in 0..<(sample / parts) {
                let left = generator.below(space.leftCount ?? space.rowCount)
                let right: Int
                if let boundary = space.leftCount {
                    right = boundary + generator.below(space.rowCount - boundary)
                } else {
                    let other = generator.below(space.rowCount - 1)
                    right = other >= left ? other + 1 : other
                }
                _ = table.add(comparison.pattern(left, right, scratch))
            }
            return table
        }
        var whole = PatternTable(capacity: 1 << 12)
        for table in tables {
            for (pattern, count) in zip(table.patterns, table.counts) { _ = whole.add(pattern, times: count) }
        }
        self.init(whole.patterns, whole.counts, comparison, space)
    }

    /// From every pair of the space, already compared.
    init(every compared: ComparedPairs, _ comparison: PairComparison, _ space: PairSpace) {
        self.init(compared.patterns, compared.counts, comparison, space)
    }

    private init(_ patterns: [UInt64], _ times: [Double], _ comparison: PairComparison, _ space: PairSpace) {
        var counts = comparison.comparators.map { [Double](repeating: 0, count: $0.levelCount + 1) }
        for (pattern, count) in zip(patterns, times) {
            for field in counts.indices { counts[field][comparison.level(field, in: pattern)] += count }
        }
        var levels: [[Double]] = []
        var filled: [Double] = []
        for (comparator, counted) in zip(comparison.comparators, counts) {
            let rows = comparator.field.rows
            let both = space.filledPairs(rows)
            var exact = [Double](repeating: 0, count: comparator.exactLevels)
            let agreeing = space.agreeingPairs(rows, distinct: comparator.field.distinct)
            for (code, pairs) in agreeing.enumerated() { exact[Int(comparator.classes.classOf[code])] += pairs }
            exact = exact.map { both > 0 ? $0 / both : 0 }
            let rest = Array(counted[comparator.exactLevels..<comparator.levelCount])
            let seen = rest.reduce(0, +)
            let left = max(0, 1 - exact.reduce(0, +))
            // Half a pair for what the sample did not show.
            let smoothed = rest.map { ($0 + 0.5) / (seen + 0.5 * Double(rest.count)) * left }
            levels.append(exact + smoothed)
            filled.append(space.total > 0 ? both / space.total : 0)
        }
        for (field, comparator) in comparison.comparators.enumerated() {
            guard let partner = comparator.partner else { continue }
            // A swap is too rare for a sample: chance that each cell equals the other's partner.
            let other = comparison.comparators[partner].field
            let all = Double(max(1, comparator.field.rows.count))
            var chance = 0.0
            for code in 0..<comparator.field.distinct where comparator.partnerCode[code] >= 0 {
                let across = Double(other.counts[Int(comparator.partnerCode[code])])
                chance += Double(comparator.field.counts[code]) / all * across / all
            }
            levels[field][Int(comparator.swappedLevel)] = max(chance * chance, 1e-9)
        }
        self.levels = levels
        self.filled = filled
        dependence = ChanceDependence(comparison, patterns: patterns, counts: times, levels: levels)
    }
}
