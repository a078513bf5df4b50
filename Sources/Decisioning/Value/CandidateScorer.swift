import EngagementModel
import Statistics

/// Scored candidates of a range of HCPs; row-major, index = (hcp − first) × actions + action.
package struct CandidateColumns: Sendable {
    package var hcps: Range<Int>
    package var actions: Int
    /// P(reached) and P(engaged | reached).
    package var reach: [Float]
    package var engage: [Float]
    /// P(engaged) = P(reached) × P(engaged | reached).
    package var probability: [Float]
    /// Expected incremental outcome and its 90% interval, in units of the objective's measure.
    package var effect: [Float]
    package var effectLow: [Float]
    package var effectHigh: [Float]
    /// Currency: effect × value × lever − cost.
    package var value: [Float]
}

extension CandidateColumns {
    /// One candidate's score.
    package func score(hcp: Int, action: Int) -> CandidateScore {
        let k = (hcp - hcps.lowerBound) * actions + action
        return CandidateScore(
            reach: reach[k], engage: engage[k], probability: probability[k], effect: effect[k],
            effectLow: effectLow[k], effectHigh: effectHigh[k], value: value[k])
    }
}

/// Response, outcome and value put together: from histories to candidates with a value.
package struct CandidateScorer: Sendable {
    package let response: ResponseScorer
    package let outcomes: [OutcomeModel]
    /// Terms of each action of `response`, in the same order.
    package let terms: [ValueTerms]
    /// Distinct (objective, channel) pairs, and each action's position among them; −1 = no objective.
    private let pairs: [(objective: Int, channel: Int)]
    private let pairOfAction: [Int]

    package init(response: ResponseScorer, outcomes: [OutcomeModel], terms: [ValueTerms]) {
        precondition(terms.count == response.actions.count, "one set of terms for each action")
        self.response = response
        self.outcomes = outcomes
        self.terms = terms
        var pairs: [(objective: Int, channel: Int)] = []
        pairOfAction = zip(response.actions, terms).map { action, terms in
            guard let objective = terms.objective else { return -1 }
            let channel = Int(action.channel.code)
            if let known = pairs.firstIndex(where: { $0 == (objective, channel) }) { return known }
            pairs.append((objective, channel))
            return pairs.count - 1
        }
        self.pairs = pairs
    }

    /// All candidates of a range of HCPs; call it range by range to bound memory.
    package func score(_ hcps: Range<Int>) -> CandidateColumns { score(response.score(hcps)) }

    /// The same from probabilities that another model gave.
    package func score(_ scores: ResponseScores) -> CandidateColumns {
        let hcps = scores.hcps
        let width = response.actions.count
        let chunks = Cores.map(Cores.count * 2) { part in
            let parts = Cores.count * 2
            let rows = (part * hcps.count / parts)..<((part + 1) * hcps.count / parts)
            return score(rows, hcps.lowerBound, scores)
        }
        var all = CandidateColumns(
            hcps: hcps, actions: width, reach: scores.reach, engage: scores.engage, probability: [], effect: [],
            effectLow: [], effectHigh: [], value: [])
        for chunk in chunks {
            all.probability += chunk.probability
            all.effect += chunk.effect
            all.effectLow += chunk.effectLow
            all.effectHigh += chunk.effectHigh
            all.value += chunk.value
        }
        return all
    }

    private func score(_ rows: Range<Int>, _ first: Int, _ scores: ResponseScores) -> CandidateColumns {
        let width = scores.actions
        let empty = [Float](repeating: 0, count: rows.count * width)
        var out = CandidateColumns(
            hcps: rows, actions: width, reach: [], engage: [], probability: empty, effect: empty, effectLow: empty,
            effectHigh: empty,
            value: empty)
        // Pair by pair: a model that is looked up for each HCP is copied for each HCP.
        let gains = pairs.map { pair in
            outcomes[pair.objective].gains(
                hcps: (first + rows.lowerBound)..<(first + rows.upperBound), channel: pair.channel)
        }
        for row in rows {
            for a in 0..<width {
                let source = row * width + a
                let target = (row - rows.lowerBound) * width + a
                let (reach, engage) = (scores.reach[source], scores.engage[source])
                var effect: (mean: Float, low: Float, high: Float) = (0, 0, 0)
                if pairOfAction[a] >= 0 {
                    effect = gains[pairOfAction[a]][row - rows.lowerBound].effect(
                        reach: reach, reachSD: scores.reachSD[source], engage: engage,
                        engageSD: scores.engageSD[source])
                }
                out.probability[target] = reach * engage
                out.effect[target] = effect.mean
                out.effectLow[target] = effect.low
                out.effectHigh[target] = effect.high
                out.value[target] = terms[a].value(effect: effect.mean)
            }
        }
        return out
    }

    /// Everything behind one candidate's score, so that it can be replayed and explained.
    package func trace(hcp: Int, action a: Int) -> CandidateTrace { traces(hcp: hcp, actions: [a])[0] }

    /// The same for several actions of one HCP.
    package func traces(hcp: Int, actions: [Int]) -> [CandidateTrace] {
        zip(actions, response.traces(hcp: hcp, actions: actions)).map { a, trace in
            let channel = Int(response.actions[a].channel.code)
            let gain = terms[a].objective.map { outcomes[$0].gain(hcp: hcp, channel: channel) }
            return CandidateTrace(
                reach: trace.reach, engage: trace.engage, gain: gain, terms: terms[a], contact: trace.facts)
        }
    }
}

/// The inputs of one candidate's score, complete.
package struct CandidateTrace: Sendable, Hashable, Codable {
    package var reach: ScoreTrace
    package var engage: ScoreTrace
    package var gain: TouchGain?
    package var terms: ValueTerms
    package var contact: ContactFacts

    /// What the scores were, from the recorded inputs alone; the same bits as `CandidateScorer.score`.
    package func replay() -> CandidateScore {
        let r = reach.replay()
        let e = engage.replay()
        let effect: (mean: Float, low: Float, high: Float) =
            gain?.effect(reach: r.probability, reachSD: r.sd, engage: e.probability, engageSD: e.sd) ?? (0, 0, 0)
        return CandidateScore(
            reach: r.probability, engage: e.probability, probability: r.probability * e.probability,
            effect: effect.mean, effectLow: effect.low, effectHigh: effect.high,
            value: terms.value(effect: effect.mean))
    }
}

/// The result of a candidate's score.
package struct CandidateScore: Sendable, Hashable, Codable {
    package var reach: Float
    package var engage: Float
    package var probability: Float
    package var effect: Float
    package var effectLow: Float
    package var effectHigh: Float
    package var value: Float
}
