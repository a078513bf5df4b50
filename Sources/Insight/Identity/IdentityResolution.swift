import EngagementModel
import Foundation

/// What a run of record linkage may be told.
package struct IdentityOptions: Sendable {
    /// Pairs at least this probable are matches.
    package var threshold = 0.5
    package var seed: UInt64 = 1
    package var cardinality = Cardinality.manyToMany
    /// Candidate pairs for each row, at most, on average.
    package var pairsPerRow = 30.0
    /// Up to so many pairs all are compared and nothing is blocked.
    package var everyPairLimit = 2_500_000.0
    /// Pairs less probable than this are not kept.
    package var floor = 0.01
    /// A model learnt before; nothing is learnt then.
    package var model: MatchModel?
    package var answers = PairAnswers()
    /// Given when hardly any record has a twin: the share that has. Then nothing is learnt by EM; see
    /// `MatchModel.assumed`, corrected by the answers.
    package var twinShare: Double?

    package init() {}
}

/// What record linkage found.
package struct IdentityResult: Sendable {
    package let comparison: PairComparison
    package let space: PairSpace
    package let model: MatchModel
    let dependence: ChanceDependence
    /// Every kept pair, by row.
    package let pairs: [ScoredPair]
    /// Cluster of each row, numbered in row order.
    package let clusters: [Int32]
    package let rules: [BlockingRule]
    package let candidatePairs: Double
    /// Share of matches that blocking finds, by the model.
    package let cover: Double
    package let steps: Int
    package let warnings: [String]
    package let thresholdBits: Double

    /// Pairs at or above the threshold.
    package var matches: [ScoredPair] { pairs.filter { $0.bits >= thresholdBits } }
    /// Evidence that two rows are one, in bits (log₂ odds, prior included).
    package func evidence(_ left: Int, _ right: Int) -> Double {
        let scratch = ComparisonScratch(fields: comparison.comparators.count, slotBits: 2)
        return PatternScorer(model, comparison, dependence).bits(comparison.pattern(left, right, scratch))
            + comparison.frequencyAdjustment(left, right)
    }

    /// Columns that agree together by chance, so that their agreement is not counted twice: (column, the other).
    package var dependentColumns: [(String, String)] {
        dependence.pairs.map {
            (comparison.comparators[$0.field].field.name, comparison.comparators[$0.parent].field.name)
        }
    }

    package var clusterCount: Int { Int(clusters.max() ?? -1) + 1 }
}

/// Probabilistic record linkage without labels: which rows are the same person.
///
/// Columns become fields of a kind, fields become levels of agreement, levels become one pattern a pair; the model is
/// learnt from the counts of patterns; the pairs' weights become clusters.
package enum IdentityResolution {
    /// - Parameters:
    ///   - columns: what is compared, dictionary-encoded; columns of two files follow one another row by row.
    ///   - leftCount: rows of the first of two files; only pairs across the files are looked at.
    /// - Throws: `too_few_rows`, `nothing_to_compare`, `too_many_pairs`, `model_mismatch`,
    ///   `contradictory_answers`.
    package static func resolve(
        _ columns: [IdentityColumn], leftCount: Int? = nil, options: IdentityOptions = IdentityOptions()
    ) throws -> IdentityResult {
        let rowCount = columns.first?.codes.count ?? 0
        let space = PairSpace(rowCount: rowCount, leftCount: leftCount)
        guard space.total >= 1 else {
            throw Diagnostic("too_few_rows", "there is no pair of rows to compare", remedy: "give at least two rows")
        }
        let selection = try FieldSelection(columns)
        let comparison = PairComparison(selection.comparators, rowCount: rowCount)
        if let model = options.model {
            guard model.m.map(\.count) == comparison.comparators.map(\.levelCount),
                model.u.map(\.count) == model.m.map(\.count)
            else {
                throw Diagnostic(
                    "model_mismatch", "the model was learnt on other columns, or on values of other frequencies",
                    remedy: "learn a new one")
            }
        }
        var warnings = selection.warnings
        let found =
            space.total <= options.everyPairLimit
            ? everyPair(comparison, space, options) : try blocked(comparison, space, options)
        warnings += found.warnings
        if found.outcome.model.prior * space.total < 1 {
            warnings.append("the columns show no matches: expected are \(found.outcome.model.prior * space.total)")
        }
        let thresholdBits = log2(options.threshold / (1 - options.threshold))
        let scorer = PatternScorer(found.outcome.model, comparison, found.dependence)
        let pairs = score(found.compared, scorer, comparison, floor: log2(options.floor / (1 - options.floor)))
        let scratch = ComparisonScratch(fields: comparison.comparators.count)
        let clustering = Clustering(
            space: space, threshold: thresholdBits, cardinality: options.cardinality, answers: options.answers,
            evidence: { left, right in
                scorer.bits(comparison.pattern(left, right, scratch)) + comparison.frequencyAdjustment(left, right)
            },
            isIdentical: { comparison.isIdentical($0, $1) })
        return IdentityResult(
            comparison: comparison, space: space, model: found.outcome.model, dependence: found.dependence,
            pairs: pairs,
            clusters: try clustering.clusters(pairs), rules: found.rules, candidatePairs: found.compared.pairCount,
            cover: found.cover, steps: found.outcome.steps, warnings: warnings, thresholdBits: thresholdBits)
    }

    private struct Found {
        var compared: ComparedPairs
        var outcome: ExpectationMaximisation.Outcome
        var dependence: ChanceDependence
        var rules: [BlockingRule] = []
        var cover = 1.0
        var warnings: [String] = []
    }

    private static func expectedMatches(_ space: PairSpace) -> Double {
        guard let left = space.leftCount else { return 0.3 * Double(space.rowCount) }
        return 0.5 * Double(min(left, space.rowCount - left))
    }

    /// Small files: no blocking, and what chance does is counted, not sampled.
    private static func everyPair(
        _ comparison: PairComparison, _ space: PairSpace, _ options: IdentityOptions
    ) -> Found {
        let compared = ComparedPairs(CandidatePairs(all: space), comparison) { _ in true }
        let random = RandomPairs(every: compared, comparison, space)
        let outcome = learn(
            compared, comparison, space, random, BlockedTruncation(rules: []), from: nil, options)
        return Found(compared: compared, outcome: outcome, dependence: random.dependence)
    }

    /// Large files: a first set of cheap rules teaches a model, the model chooses the final rules.
    private static func blocked(
        _ comparison: PairComparison, _ space: PairSpace, _ options: IdentityOptions
    ) throws -> Found {
        let rows = Double(space.rowCount)
        let budget = max(5_000_000, options.pairsPerRow * rows)
        let random = RandomPairs(comparison, space, sample: 400_000, seed: options.seed)
        let keys = BlockingKey.all(comparison)
        let choice = BlockingChoice(keys: keys, space: space, largestBudget: budget, seed: options.seed)
        let prior = random.filled.map { KeyAgreement(exact: 0.75 * $0, coarseOtherwise: 0.5) }
        var warnings: [String] = []
        var model =
            options.model
            ?? options.twinShare.map {
                MatchModel.assumed(comparison, space, share: $0, random: random.levels)
                    .relearnt(options.answers, comparison)
            }
        if model == nil {
            let first = choice.choose(agreement: prior, budget: min(budget, max(400_000, 6 * rows)), seed: options.seed)
            if !first.rules.isEmpty {
                let candidates = candidatePairs(first.rules, keys, space)
                let compared = ComparedPairs(candidates, comparison) { _ in false }
                model =
                    learn(compared, comparison, space, random, truncation(first.rules, keys), from: nil, options).model
            }
        }
        let agreement =
            model.map { model in
                comparison.comparators.indices.map { field in
                    let exact = model.m[field].prefix(comparison.comparators[field].exactLevels).reduce(0, +)
                    return KeyAgreement(exact: exact * random.filled[field], coarseOtherwise: 0.5)
                }
            } ?? prior
        let final = choice.choose(agreement: agreement, budget: budget, seed: options.seed)
        guard !final.rules.isEmpty else {
            throw Diagnostic(
                "too_many_pairs", "no combination of columns makes fewer than \(Int(budget)) pairs to compare",
                remedy: "compare a column that tells persons apart (a name, a date of birth, an identifier)")
        }
        if final.cover < 0.98 {
            warnings.append(
                "blocking finds about \(Int(final.cover * 1_000)) of 1,000 matches; more pairs per row would find more")
        }
        let candidates = candidatePairs(final.rules, keys, space)
        if candidates.oversizedGroups > 0 {
            warnings.append(
                "\(candidates.oversizedGroups) groups of like rows were too large: only neighbours were compared there")
        }
        let early = model.map { PatternScorer($0, comparison, random.dependence) }
        let compared = ComparedPairs(candidates, comparison) { pattern in (early?.bits(pattern) ?? 0) >= -14 }
        let outcome = learn(
            compared, comparison, space, random, truncation(final.rules, keys), from: model, options)
        return Found(
            compared: compared, outcome: outcome, dependence: random.dependence, rules: final.rules, cover: final.cover,
            warnings: warnings)
    }

    private static func candidatePairs(
        _ rules: [BlockingRule], _ keys: [BlockingKey], _ space: PairSpace
    ) -> CandidatePairs {
        CandidatePairs(rules: rules, keys: keys, space: space, groupLimit: 5_000)
    }

    /// Rules of whole cells only: what a coarse key hides does not follow from the levels.
    private static func truncation(_ rules: [BlockingRule], _ keys: [BlockingKey]) -> BlockedTruncation {
        BlockedTruncation(
            rules: rules.filter { $0.keys.allSatisfy { keys[$0].isExact } }.map { $0.keys.map { keys[$0].field } })
    }

    private static func learn(
        _ compared: ComparedPairs, _ comparison: PairComparison, _ space: PairSpace, _ random: RandomPairs,
        _ truncation: BlockedTruncation, from model: MatchModel?, _ options: IdentityOptions
    ) -> ExpectationMaximisation.Outcome {
        if let given = options.model {
            return .init(model: given, cover: 1, steps: 0, hasConverged: true)
        }
        if let share = options.twinShare {
            let assumed = MatchModel.assumed(comparison, space, share: share, random: random.levels)
            return .init(
                model: assumed.relearnt(options.answers, comparison), cover: 1, steps: 0, hasConverged: true)
        }
        let search = ExpectationMaximisation(
            comparison, patterns: compared.patterns, counts: compared.counts, random: random, truncation: truncation,
            total: space.total)
        return search.run(from: model, expectedMatches: expectedMatches(space))
    }

    private static func score(
        _ compared: ComparedPairs, _ scorer: PatternScorer, _ comparison: PairComparison, floor: Double
    ) -> [ScoredPair] {
        let bits = compared.patterns.map { scorer.bits($0) }
        let parts = 8
        let scored = WorkSplit.map(parts) { part -> [ScoredPair] in
            let range = (compared.left.count * part / parts)..<(compared.left.count * (part + 1) / parts)
            return range.compactMap { index in
                let base = bits[Int(compared.pattern[index])]
                guard base > floor - 12 else { return nil }
                let left = compared.left[index]
                let right = compared.right[index]
                let total = base + comparison.frequencyAdjustment(Int(left), Int(right))
                return total >= floor ? ScoredPair(left: left, right: right, bits: total) : nil
            }
        }
        return scored.flatMap { $0 }.sorted { ($0.left, $0.right) < ($1.left, $1.right) }
    }
}
