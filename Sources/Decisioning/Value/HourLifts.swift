internal import Foundation
internal import Statistics

/// How much more often than on the HCP's average what was sent at an hour of the day, or on a weekday, is answered: an
/// HCP shrunk to the specialty, the specialty to all.
///
/// Answers count for the hour of *sending*, against those expected if an HCP's answers were spread as what was sent to
/// it, so that who answers much, and who was never tried at an hour, makes no hour look good or bad. How strongly each
/// level is shrunk is learnt from how much the level below differs: relative rates with gamma priors whose strength
/// is found by moments (Marshall, "Mapping disease and mortality rates using empirical Bayes estimators", 1991); an HCP's
/// own scatter without a preference is hypergeometric, given how much it answers in all.
struct HourLifts: Sendable {
    /// Expected answers that the level above counts for.
    struct Strengths: Sendable, Hashable {
        var all = 100.0
        var group = 100.0
        var person = 100.0
    }

    /// Answers and expected answers by channel × group × hour (or weekday).
    struct Sums: Sendable {
        var answers: [Double]
        var expected: [Double]

        init(_ count: Int) {
            answers = .init(repeating: 0, count: count)
            expected = answers
        }

        mutating func add(_ other: Sums) {
            for i in answers.indices {
                answers[i] += other.answers[i]
                expected[i] += other.expected[i]
            }
        }
    }

    /// Spread beyond chance, and what it would be of lifts with variance 1.
    struct Spread: Sendable {
        var excess = 0.0
        var scale = 0.0
        var cells = 0

        mutating func add(_ other: Spread) {
            excess += other.excess
            scale += other.scale
            cells += other.cells
        }

        mutating func add(_ answers: Double, _ expected: Double) {
            guard expected > 0 else { return }
            excess += (answers - expected) * (answers - expected) - expected
            scale += expected * expected
            cells += 1
        }

        /// 1 / variance of the lifts; weak evidence leaves much shrinkage, and none is so sure as to allow none.
        var strength: Double {
            guard cells >= 20, scale > 0 else { return 100 }
            return min(max(scale / max(excess, 1e-9), 1), 10_000)
        }
    }

    let width: Int
    let groups: Int
    private(set) var strengths = Strengths()
    private let sums: Sums

    /// - Parameters:
    ///   - sums: by channel × (group, unknown last) × place.
    init(width: Int, groups: Int, channels: Int, sums: Sums) {
        self.width = width
        self.groups = groups
        self.sums = sums
        var (all, group) = (Spread(), Spread())
        for channel in 0..<channels {
            let total = self.total { $0 == channel ? 1 : 0 }
            for k in 0..<width { all.add(total.answers[k], total.expected[k]) }
        }
        strengths.all = all.strength
        for channel in 0..<channels {
            let market = market { $0 == channel ? 1 : 0 }
            for g in 0...groups {
                for k in 0..<width {
                    let cell = (channel * (groups + 1) + g) * width + k
                    group.add(sums.answers[cell], sums.expected[cell] * market[k])
                }
            }
        }
        strengths.group = group.strength
    }

    mutating func learn(_ persons: Spread) { strengths.person = persons.strength }

    private func total(_ powers: (Int) -> Double) -> Sums {
        var result = Sums(width)
        for channel in 0..<(sums.answers.count / ((groups + 1) * width)) {
            let power = powers(channel)
            guard power > 0 else { continue }
            for g in 0...groups {
                for k in 0..<width {
                    let cell = (channel * (groups + 1) + g) * width + k
                    result.answers[k] += power * sums.answers[cell]
                    result.expected[k] += power * sums.expected[cell]
                }
            }
        }
        return result
    }

    private func market(_ powers: (Int) -> Double) -> [Double] {
        let total = total(powers)
        return (0..<width).map { (total.answers[$0] + strengths.all) / (total.expected[$0] + strengths.all) }
    }

    /// Lifts of every group, unknown last, other channels counted by their powers: group × place.
    func lifts(_ powers: (Int) -> Double) -> [Double] {
        let market = market(powers)
        var (answers, expected) = ([Double](repeating: 0, count: (groups + 1) * width), [Double]())
        expected = answers
        for channel in 0..<(sums.answers.count / ((groups + 1) * width)) {
            let power = powers(channel)
            guard power > 0 else { continue }
            let base = channel * (groups + 1) * width
            for cell in answers.indices {
                answers[cell] += power * sums.answers[base + cell]
                expected[cell] += power * sums.expected[base + cell]
            }
        }
        return answers.indices.map { cell in
            let usual = market[cell % width]
            return usual * (answers[cell] + strengths.group) / (expected[cell] * usual + strengths.group)
        }
    }

    /// What an HCP's answers on one channel scatter beyond those of its group.
    ///
    /// - Parameters:
    ///   - sends, answers: by place; answers to what was sent there.
    ///   - lifts: of the group, by place.
    static func spread(_ sends: ArraySlice<Double>, _ answers: ArraySlice<Double>, _ lifts: ArraySlice<Double>)
        -> Spread
    {
        let (all, came) = (sends.reduce(0, +), answers.reduce(0, +))
        var result = Spread()
        guard all >= 2, came >= 1, came < all else { return result }
        var (weight, squares) = (0.0, 0.0)
        for (n, lift) in zip(sends, lifts) { weight += n * lift }
        for (n, lift) in zip(sends, lifts) { squares += (n * lift / weight) * (n * lift / weight) }
        for ((n, y), lift) in zip(zip(sends, answers), lifts) where n > 0 {
            let share = n * lift / weight
            guard share < 1 else { continue }
            let expected = came * share
            result.excess +=
                (y - expected) * (y - expected) - expected * (1 - share) * (all - came) / (all - 1)
            // Shares of one total: what one place gains the others lose.
            result.scale += expected * expected * (1 - 2 * share + squares)
            result.cells += 1
        }
        return result
    }
}
