package import EngagementModel

/// Everything that stood behind one decision: enough to replay it exactly and to explain it.
package struct DecisionRecord: Sendable, Hashable, Codable {
    package var runID: String
    package var asOf: Day
    package var hcpID: String
    package var modelVersion: String
    package var strategyVersion: String
    package var facts: HCPFacts
    package var candidates: [CandidateRecord]
    /// Position among the candidates; nil = no touch.
    package var chosen: Int?
    package var propensity: Double
    package var temperature: Double

    package init(
        runID: String, asOf: Day, hcpID: String, modelVersion: String, strategyVersion: String, facts: HCPFacts,
        candidates: [CandidateRecord], chosen: Int?, propensity: Double = 1, temperature: Double = 0
    ) {
        self.runID = runID
        self.asOf = asOf
        self.hcpID = hcpID
        self.modelVersion = modelVersion
        self.strategyVersion = strategyVersion
        self.facts = facts
        self.candidates = candidates
        self.chosen = chosen
        self.propensity = propensity
        self.temperature = temperature
    }

    package var choice: CandidateRecord? { chosen.map { candidates[$0] } }

    /// The eligible candidate that came next, by value after prices; nil when there was no other.
    package var runnerUp: CandidateRecord? { runnerUpPosition.map { candidates[$0] } }

    var runnerUpPosition: Int? {
        candidates.indices.filter { $0 != chosen && candidates[$0].refusal == nil }
            .max { candidates[$0].net < candidates[$1].net }
    }

    /// Recomputes every traced candidate from its recorded inputs.
    ///
    /// - Throws: `replay_differs` when a recomputed score is not the recorded one, bit for bit.
    package func replay() throws(Diagnostic) -> [CandidateScore] {
        var scores: [CandidateScore] = []
        for candidate in candidates {
            guard let trace = candidate.trace else { continue }
            let score = trace.replay()
            guard score == candidate.score else {
                throw Diagnostic("replay_differs", "the recorded score of \(candidate.label.name) is not reproduced")
            }
            scores.append(score)
        }
        return scores
    }
}

/// One action that was considered.
package struct CandidateRecord: Sendable, Hashable, Codable {
    package var label: ActionLabel
    /// nil = it was allowed.
    package var refusal: Refusal?
    package var score: CandidateScore
    /// Currency: the price of the shared limits that the touch would use, and the limit that weighs most.
    package var price: Double
    package var limit: String?
    /// Inputs of the score; kept for the chosen one and the runner-up.
    package var trace: CandidateTrace?

    package init(
        label: ActionLabel, refusal: Refusal? = nil, score: CandidateScore, price: Double = 0, limit: String? = nil,
        trace: CandidateTrace? = nil
    ) {
        self.label = label
        self.refusal = refusal
        self.score = score
        self.price = price
        self.limit = limit
        self.trace = trace
    }

    /// Value after prices.
    package var net: Double { Double(score.value) - price }
}

/// What an action is called.
package struct ActionLabel: Sendable, Hashable, Codable {
    package var channel: Channel
    package var contentID: String?
    package var title: String?
    package var topic: String?
    package var productID: String?
    /// The measure of the objective (`prescriptions`, `orders`, …).
    package var measure: String?

    package init(
        channel: Channel, contentID: String? = nil, title: String? = nil, topic: String? = nil,
        productID: String? = nil, measure: String? = nil
    ) {
        self.channel = channel
        self.contentID = contentID
        self.title = title
        self.topic = topic
        self.productID = productID
        self.measure = measure
    }

    /// "Visit", "E-mail “Dosing in practice”".
    package var name: String { title.map { "\(channel.title) “\($0)”" } ?? channel.title }
}

/// Facts about the HCP that sentences may use.
package struct HCPFacts: Sendable, Hashable, Codable {
    package var specialty: String?
    /// A data right: volumes stay out of every sentence.
    package var hidesVolume: Bool
    /// Mean outcome of the last three months, its change against the three before (ratio − 1), and the mean over all
    /// HCPs.
    package var recentVolume: Double?
    package var volumeTrend: Double?
    package var averageVolume: Double?
    /// Whether effects rest on an assumed conversion, and which.
    package var assumedConversion: Double?
    /// The ground for sending, in words: "opt-in of 3 May 2026", "the market's rule for visits".
    package var consent: String?
    package var moment: Moment?

    package init(
        specialty: String? = nil, hidesVolume: Bool = false, recentVolume: Double? = nil,
        volumeTrend: Double? = nil, averageVolume: Double? = nil, assumedConversion: Double? = nil,
        consent: String? = nil, moment: Moment? = nil
    ) {
        self.specialty = specialty
        self.hidesVolume = hidesVolume
        self.recentVolume = recentVolume
        self.volumeTrend = volumeTrend
        self.averageVolume = averageVolume
        self.assumedConversion = assumedConversion
        self.consent = consent
        self.moment = moment
    }
}

extension OutcomeModel {
    /// Fills in what the sentences may say of an HCP's volumes.
    package func describe(hcp: Int, into facts: inout HCPFacts) {
        if isAssumption {
            facts.assumedConversion = options.assumedConversion
            return
        }
        facts.recentVolume = Double(recent[hcp])
        facts.volumeTrend = trend[hcp].isNaN ? nil : Double(trend[hcp])
        facts.averageVolume = meanRecent
    }
}
