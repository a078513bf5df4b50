/// What the blocking rules hide: a match that agrees on no rule is never compared. Under the model, agreement on one
/// column says nothing about another, so the share of hidden matches and their levels follow from the parameters.
struct BlockedTruncation: Sendable {
    /// Columns of each rule: every one agrees exactly.
    private let rules: [UInt64]
    /// Columns that occur in a rule.
    let fields: [Int]

    /// - Parameter rules: columns of each rule; empty when every pair is compared.
    init(rules: [[Int]]) {
        var chosen: [[Int]] = []
        var fields: [Int] = []
        for rule in rules where Set(fields + rule).count <= 12 {
            chosen.append(rule)
            for field in rule where !fields.contains(field) { fields.append(field) }
        }
        self.fields = fields
        self.rules = chosen.map { rule in
            rule.reduce(UInt64(0)) { set, field in set | 1 << UInt64(fields.firstIndex(of: field) ?? 0) }
        }
    }

    var comparesEverything: Bool { rules.isEmpty }

    /// Whether some rule makes a pair that agrees exactly on these columns (bits in the order of `fields`).
    func isMade(_ agreed: UInt64) -> Bool { rules.contains { $0 & ~agreed == 0 } }

    /// - Parameter agreement: P(exact agreement | match) of each of `fields`.
    /// - Returns: the share of matches that is hidden, and for each of `fields` P(exact agreement | hidden match).
    func hidden(_ agreement: [Double]) -> (share: Double, agreement: [Double]) {
        guard !rules.isEmpty else { return (0, agreement) }
        var share = 0.0
        var sums = [Double](repeating: 0, count: fields.count)
        for set in 0..<(UInt64(1) << UInt64(fields.count)) where !isMade(set) {
            var chance = 1.0
            for field in fields.indices {
                chance *= set & (1 << UInt64(field)) != 0 ? agreement[field] : 1 - agreement[field]
            }
            share += chance
            for field in fields.indices where set & (1 << UInt64(field)) != 0 { sums[field] += chance }
        }
        return (share, sums.map { share > 0 ? $0 / share : 0 })
    }
}
