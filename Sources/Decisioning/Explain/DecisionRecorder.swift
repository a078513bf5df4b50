package import EngagementModel

/// Makes the records of a run: what is common to all decisions is given once.
package struct DecisionRecorder: Sendable {
    package let runID: String
    package let asOf: Day
    package let strategyVersion: String
    package let temperature: Double
    package let scorer: CandidateScorer
    /// One label for each action.
    package let labels: [ActionLabel]

    package init(
        runID: String, asOf: Day, strategyVersion: String, temperature: Double, scorer: CandidateScorer,
        labels: [ActionLabel]
    ) {
        self.runID = runID
        self.asOf = asOf
        self.strategyVersion = strategyVersion
        self.temperature = temperature
        self.scorer = scorer
        self.labels = labels
    }

    /// The record of one HCP's decision; inputs of the scores are kept for the choice and the runner-up.
    ///
    /// - Parameters:
    ///   - chosen: an action; nil = no touch.
    ///   - facts: specialty, consent, moment and data rights; volumes are filled in here.
    ///   - prices: price of each action at the chosen day, currency; and the limit that weighs most in it.
    package func record(
        hcp: Int, hcpID: String, chosen: Int?, candidates: CandidateColumns, eligibility: EligibilityResult,
        prices: [Double] = [], limits: [String?] = [], propensity: Double = 1, facts given: HCPFacts = HCPFacts()
    ) -> DecisionRecord {
        var facts = given
        if let chosen, let objective = scorer.terms[chosen].objective {
            scorer.outcomes[objective].describe(hcp: hcp, into: &facts)
        }
        if facts.hidesVolume { (facts.recentVolume, facts.volumeTrend, facts.averageVolume) = (nil, nil, nil) }
        let records = labels.indices.map { a in
            CandidateRecord(
                label: labels[a], refusal: eligibility.reason(hcp: hcp, action: a),
                score: candidates.score(hcp: hcp, action: a), price: a < prices.count ? prices[a] : 0,
                limit: a < limits.count ? limits[a] : nil)
        }
        var record = DecisionRecord(
            runID: runID, asOf: asOf, hcpID: hcpID, modelVersion: scorer.response.model.version,
            strategyVersion: strategyVersion, facts: facts, candidates: records, chosen: chosen,
            propensity: propensity, temperature: temperature)
        for position in [chosen, record.runnerUpPosition] {
            if let position { record.candidates[position].trace = scorer.trace(hcp: hcp, action: position) }
        }
        return record
    }
}
