import Foundation
import Statistics

/// At which hour of the day an HCP turns to what has arrived, from the hours of answers and own visits.
///
/// A mixture: a share of what an HCP does happens around one favourite hour, the rest soon after somebody wrote or
/// called, or at any hour of the day. The share and how common each hour is are learnt from all HCPs by expectation and
/// maximisation; an HCP's belief follows from its own answers. Hours at which the company itself writes are expected to
/// show answers, so that a plan does not take its own habit for the HCP's.
struct FavouriteHour: Sendable {
    private(set) var share = 0.3
    private(set) var prior = [Double](repeating: 1.0 / 24, count: 24)
    /// Hours of answers over all HCPs.
    private var common = [Double](repeating: 1.0 / 24, count: 24)

    /// How much of a favourite hour's own answers fall into it, and into each neighbour.
    private static let kernel = (own: 0.8, next: 0.1)
    /// How near an hour is to the favourite one, by distance.
    private static let closeness = [1, 0.8, 0.45, 0.2, 0.05]
    private static let sample = 20_000

    /// Sends and answers of one HCP by hour of the day.
    struct Day {
        var sends = [Double](repeating: 0, count: 24)
        var answers = [Double](repeating: 0, count: 24)
    }

    /// - Parameter day: sends and answers of an HCP.
    init(hcps: Int, _ day: (Int) -> Day) {
        var total = [Double](repeating: 1, count: 24)
        let days = stride(from: 0, to: hcps, by: max(1, hcps / Self.sample)).map(day).filter { day in
            day.answers.contains { $0 > 0 }
        }
        for day in days { for h in 0..<24 { total[h] += day.answers[h] } }
        let sum = total.reduce(0, +)
        common = total.map { $0 / sum }
        for _ in 0..<8 {
            var (own, all) = (1.0, 3.0)
            var counts = [Double](repeating: 0.5, count: 24)
            for day in days {
                let background = background(day)
                let belief = belief(day, background)
                for h in 0..<24 { counts[h] += belief[h] }
                for h in 0..<24 where day.answers[h] > 0 {
                    // Chance that an answer of this hour was the habit's.
                    var habit = 0.0
                    for f in max(0, h - 1)...min(23, h + 1) {
                        let part = share * (f == h ? Self.kernel.own : Self.kernel.next)
                        habit += belief[f] * part / (part + (1 - share) * background[h])
                    }
                    own += day.answers[h] * habit
                    all += day.answers[h]
                }
            }
            share = min(max(own / all, 0.02), 0.9)
            let n = counts.reduce(0, +)
            prior = counts.map { $0 / n }
        }
    }

    /// Where answers would fall without a habit: half as anybody's, half after what was sent.
    private func background(_ day: Day) -> [Double] {
        let sent = day.sends.reduce(0, +)
        guard sent > 0 else { return common }
        return (0..<24).map { h in
            // Answers come at once or within some hours.
            let after = 0.6 * day.sends[h] + 0.2 * day.sends[max(0, h - 1)] + 0.1 * day.sends[max(0, h - 2)]
            return 0.4 * common[h] + 0.6 * (after / (0.9 * sent)) + 1e-4
        }
    }

    private func belief(_ day: Day, _ background: [Double]) -> [Double] {
        var score = prior.map { log($0) }
        for h in 0..<24 where day.answers[h] > 0 {
            for f in max(0, h - 1)...min(23, h + 1) {
                let part = share * (f == h ? Self.kernel.own : Self.kernel.next)
                score[f] += day.answers[h] * log1p(part / ((1 - share) * background[h]))
            }
        }
        let top = score.max() ?? 0
        let weights = score.map { exp($0 - top) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// Expected nearness of every hour to the favourite one, 0 … 1.
    func nearness(_ day: Day) -> [Double] {
        let belief = belief(day, background(day))
        return (0..<24).map { h in
            var sum = 0.0
            for f in max(0, h - 4)...min(23, h + 4) { sum += belief[f] * Self.closeness[abs(h - f)] }
            return sum
        }
    }

    /// Belief in every hour, with the expected nearness to the favourite one and its standard deviation.
    func spread(_ day: Day) -> (belief: [Double], nearness: [Double], deviation: [Double]) {
        let belief = belief(day, background(day))
        let moments = (0..<24).map { h -> (mean: Double, square: Double) in
            (max(0, h - 4)...min(23, h + 4)).reduce(into: (0.0, 0.0)) { sum, f in
                let near = Self.closeness[abs(h - f)]
                sum.0 += belief[f] * near
                sum.1 += belief[f] * near * near
            }
        }
        return (
            belief, moments.map(\.mean), moments.map { max(0, $0.square - $0.mean * $0.mean).squareRoot() }
        )
    }
}
