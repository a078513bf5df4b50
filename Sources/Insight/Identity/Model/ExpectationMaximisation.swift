import Foundation

/// Learns the model from the counts of patterns, without labels.
///
/// All pairs are one mixture of matches and non-matches. Candidate pairs are seen; the others are not, but their
/// number is known, and what the rules hide follows from the model (`BlockedTruncation`), so that m, u and the prior
/// speak about all pairs and not about the blocked ones. What two random rows show is known as well, so that
/// u = (random − prior · m) / (1 − prior) at every step: in a small file of many duplicates, u is not taken for
/// the agreement of the duplicates themselves.
///
/// Sources: Dempster, Laird, Rubin 1977; Winkler, "Using the EM algorithm for weight computation in the
/// Fellegi–Sunter model" (1988).
struct ExpectationMaximisation: Sendable {
    private let comparison: PairComparison
    private let random: RandomPairs
    private let truncation: BlockedTruncation
    private let total: Double
    /// Levels of each seen pattern, one pattern after another.
    private let levels: [UInt8]
    private let counts: [Double]
    /// What chance dependence between columns takes from the log odds of each pattern.
    private let offsets: [Double]
    private let width: Int
    private let start: [[Double]]

    struct Outcome: Sendable {
        var model: MatchModel
        /// Share of matches that the rules find, by the model.
        var cover: Double
        var steps: Int
        var hasConverged: Bool
    }

    init(
        _ comparison: PairComparison, patterns: [UInt64], counts: [Double], random: RandomPairs,
        truncation: BlockedTruncation, total: Double
    ) {
        self.comparison = comparison
        self.random = random
        self.truncation = truncation
        self.total = total
        width = comparison.comparators.count
        var levels: [UInt8] = []
        var kept: [Double] = []
        var offsets: [Double] = []
        for (pattern, count) in zip(patterns, counts) {
            var agreed: UInt64 = 0
            for (bit, field) in truncation.fields.enumerated()
            where comparison.level(field, in: pattern) < comparison.comparators[field].exactLevels {
                agreed |= 1 << UInt64(bit)
            }
            guard truncation.comparesEverything || truncation.isMade(agreed) else { continue }
            let told = comparison.evidence(pattern)
            for field in 0..<width { levels.append(UInt8(comparison.level(field, in: told))) }
            kept.append(count)
            offsets.append(random.dependence.bits(told) * log(2))
        }
        self.levels = levels
        self.counts = kept
        self.offsets = offsets
        start = comparison.comparators.map(ExpectationMaximisation.guess)
    }

    /// Where the search starts: matches agree exactly in four of five cells, and closely in most others.
    private static func guess(_ comparator: FieldComparator) -> [Double] {
        var m = comparator.classes.mass.map { 0.8 * ($0 + 0.02) }
        if comparator.partner != nil { m.append(0.01) }
        let below = comparator.levelCount - m.count
        for level in 0..<below { m.append(0.2 * (level == below - 1 ? 0.35 : pow(0.6, Double(level)))) }
        let sum = m.reduce(0, +)
        return m.map { $0 / sum }
    }

    func run(from model: MatchModel? = nil, expectedMatches: Double, limit: Int = 200) -> Outcome {
        var m = model?.m ?? start
        var prior = model?.prior ?? min(0.5, max(1, expectedMatches) / max(total, 2))
        var u = unmatched(m, prior)
        var cover = 1.0
        var change = Double.infinity
        var steps = 0
        while steps < limit, change > 1e-5 {
            steps += 1
            let (matches, sums) = expectation(m, u, prior)
            let agreement = truncation.fields.map { field in
                random.filled[field] * m[field].prefix(comparison.comparators[field].exactLevels).reduce(0, +)
            }
            let hidden = truncation.hidden(agreement)
            // A model that claims to hide most matches is not to be believed.
            cover = max(0.3, 1 - hidden.share)
            let unseen = matches * (1 - cover) / cover
            var next = m
            for field in 0..<width {
                var counted = sums[field]
                add(unseen, to: &counted, field: field, m[field], hidden.agreement)
                // The start counts as two matches, so that a level never seen keeps a small chance.
                let weight = counted.reduce(2, +)
                for level in counted.indices {
                    next[field][level] = (counted[level] + 2 * start[field][level]) / weight
                }
            }
            let nextPrior = min(0.9, max((matches + unseen) / max(total, 1), 0.1 / max(total, 1)))
            change = abs(log(nextPrior / prior)) * 0.1
            for field in 0..<width {
                for level in m[field].indices { change = max(change, abs(next[field][level] - m[field][level])) }
            }
            m = next
            prior = nextPrior
            u = unmatched(m, prior)
        }
        return Outcome(
            model: MatchModel(prior: prior, m: m, u: u), cover: cover, steps: steps, hasConverged: change <= 1e-5)
    }

    /// Levels of the matches that no rule makes, added to those seen.
    private func add(
        _ unseen: Double, to counted: inout [Double], field: Int, _ m: [Double], _ agreement: [Double]
    ) {
        guard unseen > 0 else { return }
        let filled = random.filled[field]
        let exact = comparison.comparators[field].exactLevels
        let exactShare = m.prefix(exact).reduce(0, +)
        guard let place = truncation.fields.firstIndex(of: field) else {
            for level in m.indices { counted[level] += unseen * filled * m[level] }
            return
        }
        let agrees = agreement[place]
        let otherwise = (1 - agrees) * filled / max(1e-12, 1 - filled * exactShare)
        for level in m.indices {
            counted[level] +=
                unseen * (level < exact ? agrees * m[level] / max(exactShare, 1e-12) : otherwise * m[level])
        }
    }

    /// What is left of chance agreement once the matches are taken out. At least a hundredth stays: one match in the
    /// wrong place must not make agreement look impossible.
    private func unmatched(_ m: [[Double]], _ prior: Double) -> [[Double]] {
        (0..<width).map { field in
            let raw = zip(random.levels[field], m[field]).map { random, m in
                max((random - prior * m) / (1 - prior), random * 0.01, 0.05 / max(total, 1))
            }
            let sum = raw.reduce(0, +)
            return raw.map { $0 / sum }
        }
    }

    /// Expected matches, and their levels per column.
    private func expectation(_ m: [[Double]], _ u: [[Double]], _ prior: Double) -> (Double, [[Double]]) {
        let stride = (m.map(\.count).max() ?? 0) + 1
        var table = [Double](repeating: 0, count: width * stride)
        for field in 0..<width {
            for level in m[field].indices {
                table[field * stride + level] = log(max(m[field][level], 1e-12) / max(u[field][level], 1e-12))
            }
        }
        let base = log(prior / (1 - prior))
        // A fixed number of parts: the sums do not depend on the number of cores.
        let parts = counts.count > 4_096 ? 8 : 1
        let sums = WorkSplit.map(parts) { [table] part -> (Double, [Double]) in
            var matches = 0.0
            var sums = [Double](repeating: 0, count: table.count)
            for pattern in (counts.count * part / parts)..<(counts.count * (part + 1) / parts) {
                let own = pattern * width
                var logit = base + offsets[pattern]
                for field in 0..<width { logit += table[field * stride + Int(levels[own + field])] }
                guard logit > -30 else { continue }
                let share = counts[pattern] / (1 + exp(-logit))
                matches += share
                for field in 0..<width { sums[field * stride + Int(levels[own + field])] += share }
            }
            return (matches, sums)
        }
        var matches = 0.0
        var byField = m.map { $0.map { _ in 0.0 } }
        for (part, counted) in sums {
            matches += part
            for field in 0..<width {
                for level in byField[field].indices { byField[field][level] += counted[field * stride + level] }
            }
        }
        return (matches, byField)
    }
}
