internal import Foundation

/// At which hour of the day an HCP turns to what has arrived on a channel, from the hours of answers and own visits.
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

    /// Sends and answers of one HCP by hour of the day.
    struct Day: Sendable {
        var sends = [Double](repeating: 0, count: 24)
        var answers = [Double](repeating: 0, count: 24)
    }

    /// - Parameters:
    ///   - days: of HCPs; those without an answer tell nothing.
    ///   - market: how common each favourite hour is where these days say little, with its weight in HCPs.
    init(_ days: [Day], market: (prior: [Double], weight: Double)? = nil) {
        let start = market.map { known in known.prior.map { $0 * known.weight } } ?? .init(repeating: 0.5, count: 24)
        if let market { prior = market.prior }
        let days = days.filter { day in day.answers.contains { $0 > 0 } }
        var total = [Double](repeating: 1, count: 24)
        for day in days { for h in 0..<24 { total[h] += day.answers[h] } }
        let sum = total.reduce(0, +)
        common = total.map { $0 / sum }
        for _ in 0..<8 {
            var (own, all) = (1.0, 3.0)
            var counts = start
            for day in days {
                let background = background(day)
                let belief = Self.belief(evidence(day, background), prior)
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

    private func evidence(_ day: Day, _ background: [Double]) -> [Double] {
        var score = [Double](repeating: 0, count: 24)
        for h in 0..<24 where day.answers[h] > 0 {
            for f in max(0, h - 1)...min(23, h + 1) {
                let part = share * (f == h ? Self.kernel.own : Self.kernel.next)
                score[f] += day.answers[h] * log1p(part / ((1 - share) * background[h]))
            }
        }
        return score
    }

    /// Log likelihood of the answers for each favourite hour, over that without a habit.
    func evidence(_ day: Day) -> [Double] { evidence(day, background(day)) }

    /// Chance of each favourite hour.
    static func belief(_ evidence: [Double], _ prior: [Double]) -> [Double] {
        let top = evidence.max() ?? 0
        var weights = [Double](repeating: 0, count: 24)
        var sum = 0.0
        for h in 0..<24 {
            weights[h] = prior[h] * exp(evidence[h] - top)
            sum += weights[h]
        }
        for h in 0..<24 { weights[h] /= sum }
        return weights
    }

    /// Expected nearness of an hour to the favourite one, 0 … 1, and its standard deviation.
    static func nearness(_ belief: [Double], _ hour: Int) -> (mean: Double, deviation: Double) {
        var (mean, square) = (0.0, 0.0)
        for f in max(0, hour - 4)...min(23, hour + 4) {
            let near = closeness[abs(hour - f)]
            mean += belief[f] * near
            square += belief[f] * near * near
        }
        return (mean, max(0, square - mean * mean).squareRoot())
    }
}
