package import EngagementModel

/// What a score is made of, part by part: the parts add up to the score.
///
/// The log odds of each step are a sum of terms, so their parts are exact as they stand. The expected effect is not a sum
/// (chances are curved, and reach × engagement × gain is a product): its parts are Shapley values over the themes of the
/// features and the HCP's own volume, by the exact formula over all groups. A theme that is left out has no terms; without
/// the own volume the gain is that of the mean HCP on the channel. Source: Shapley, "A value for n-person games" (1953);
/// Lundberg and Lee, "A unified approach to interpreting model predictions" (2017).
package struct Contributions: Sendable, Hashable, Codable {
    package struct Part: Sendable, Hashable, Codable {
        /// A theme of the features, or `volume`.
        package var name: String
        /// Log odds that the theme adds to P(reached) and to P(engaged | reached), before doubt and calibration.
        package var reachLogOdds: Double
        package var engageLogOdds: Double
        /// Units of the outcome, and currency.
        package var effect: Double
        package var value: Double
    }

    /// Where everybody starts: base rates of the channel, the mean HCP's gain.
    package var base: Part
    /// Strongest first.
    package var parts: [Part]
    /// Currency, below zero: what the touch costs.
    package var cost: Double
    /// As recorded: the sum of base and parts, and the sum of their values and the cost.
    package var effect: Double
    package var value: Double
}

extension CandidateTrace {
    /// Name of the part that is the HCP's own volume.
    private static let volume = "volume"

    /// The parts of this score.
    ///
    /// - Parameter meanGain: of the mean HCP on the channel; nil = the own gain counts as everybody's, and there is no
    ///   part for the volume.
    package func contributions(meanGain: TouchGain?) -> Contributions {
        let themes = Theme.allCases.filter { theme in
            theme != .base && [reach, engage].contains { score in score.terms.contains { $0.theme == theme } }
        }
        let hasVolume = gain != nil && meanGain != nil && gain != meanGain
        let players = themes.count + (hasVolume ? 1 : 0)
        var worth = [Double](repeating: 0, count: 1 << players)
        for set in worth.indices {
            let present = Set(themes.indices.filter { set >> $0 & 1 == 1 }.map { themes[$0] })
            let isOwn = !hasVolume || set >> themes.count & 1 == 1
            worth[set] = effect(of: present, isOwn ? gain : meanGain)
        }
        let shares = Self.shapley(worth, players)
        let perUnit = terms.valuePerUnit * terms.lever
        func part(_ name: String, _ theme: Theme?, _ effect: Double) -> Contributions.Part {
            .init(
                name: name, reachLogOdds: theme.map { reach.sum(of: $0) } ?? 0,
                engageLogOdds: theme.map { engage.sum(of: $0) } ?? 0, effect: effect, value: effect * perUnit)
        }
        var parts = themes.indices.map { part(themes[$0].rawValue, themes[$0], shares[$0]) }
        if hasVolume { parts.append(part(Self.volume, nil, shares[themes.count])) }
        parts.sort { (abs($1.effect), $0.name) < (abs($0.effect), $1.name) }
        let score = replay()
        return Contributions(
            base: part(Theme.base.rawValue, .base, worth[0]), parts: parts, cost: -terms.cost,
            effect: Double(score.effect), value: Double(score.value))
    }

    /// The expected effect with some themes only; with all of them and the own gain, the recorded one bit for bit.
    private func effect(of themes: Set<Theme>, _ gain: TouchGain?) -> Double {
        let (r, e) = (reach.keeping(themes).replay(), engage.keeping(themes).replay())
        let effect = gain?.effect(reach: r.probability, reachSD: r.sd, engage: e.probability, engageSD: e.sd)
        return Double(effect?.mean ?? 0)
    }

    /// Each player's mean marginal worth over all orders; `worth` by set, bit k = player k.
    static func shapley(_ worth: [Double], _ players: Int) -> [Double] {
        guard players > 0 else { return [] }
        // |S|! (n − |S| − 1)! / n! for each size.
        var weight = [Double](repeating: 1 / Double(players), count: players)
        for size in 1..<max(1, players) { weight[size] = weight[size - 1] * Double(size) / Double(players - size) }
        return (0..<players).map { player in
            var sum = 0.0
            for set in worth.indices where set >> player & 1 == 0 {
                sum += weight[set.nonzeroBitCount] * (worth[set | 1 << player] - worth[set])
            }
            return sum
        }
    }
}

extension ScoreTrace {
    var terms: [ScoreTerm] { contact + action + cross }

    func sum(of theme: Theme) -> Double {
        terms.reduce(0) { $0 + ($1.theme == theme ? Double($1.mean) * Double($1.value) : 0) }
    }

    /// Without the terms of other themes; the base stays.
    func keeping(_ themes: Set<Theme>) -> ScoreTrace {
        func kept(_ list: [ScoreTerm]) -> [ScoreTerm] {
            list.filter { $0.theme == .base || themes.contains($0.theme) }
        }
        var part = ScoreTrace(
            contact: kept(contact), action: kept(action), cross: kept(cross), calibration: calibration, trees: trees)
        let left = part.terms
        if left.count < terms.count { part.trees?.value = left.reduce(0) { $0 + $1.contribution } }
        return part
    }
}

extension OutcomeModel {
    /// Gain of the mean HCP of a channel.
    package func meanGain(hcps: Int, channel: Channel) -> TouchGain {
        var (reached, engaged, variance) = (0.0, 0.0, 0.0)
        for hcp in 0..<hcps {
            let own = gain(hcp: hcp, channel: Int(channel.code))
            reached += Double(own.reached)
            engaged += Double(own.engaged)
            variance += Double(own.relativeVariance)
        }
        let n = Double(max(1, hcps))
        return TouchGain(
            reached: Float(reached / n), engaged: Float(engaged / n), relativeVariance: Float(variance / n))
    }
}
