import EngagementModel
import Statistics

@testable import Decisioning

/// Records with round numbers, for golden sentences.
enum ExplainFixture {
    static func term(_ theme: Theme, _ value: Float) -> ScoreTerm {
        ScoreTerm(theme: theme, name: theme.rawValue, value: 1, mean: value, variance: 0.01)
    }

    static func trace(_ terms: [ScoreTerm], cross: [ScoreTerm] = [], contact: ContactFacts) -> CandidateTrace {
        let score = ScoreTrace(contact: terms, action: [], cross: cross, calibration: LogitCalibration())
        return CandidateTrace(
            reach: score, engage: score, gain: TouchGain(reached: 0.1, engaged: 0.4, relativeVariance: 0.1),
            terms: ValueTerms(objective: 0, valuePerUnit: 100, cost: 5), contact: contact)
    }

    static func candidate(_ label: ActionLabel, _ trace: CandidateTrace, price: Double = 0, limit: String? = nil)
        -> CandidateRecord
    {
        CandidateRecord(label: label, score: trace.replay(), price: price, limit: limit, trace: trace)
    }

    static func facts(recentTrials: Int = 5, reached: Int = 4, engaged: Int = 1) -> ContactFacts {
        var facts = ContactFacts()
        facts.lastTouchDaysAgo = 34
        facts.recentTrials = recentTrials
        facts.recentReached = reached
        facts.recentEngaged = engaged
        facts.peerReachRate = 0.21
        facts.peerEngageRate = 0.18
        facts.touchesIn14Days = 3
        facts.bestRecency = "after 3–5 weeks"
        facts.isBestRecency = true
        return facts
    }

    static func record(facts: HCPFacts, candidates: [CandidateRecord], chosen: Int?) -> DecisionRecord {
        DecisionRecord(
            runID: "run-1", asOf: Day(year: 2026, month: 3, day: 6), hcpID: "H1", modelVersion: "m",
            strategyVersion: "s",
            facts: facts, candidates: candidates, chosen: chosen)
    }

    static var email: CandidateRecord {
        candidate(
            ActionLabel(
                channel: .emailRep, contentID: "C1", title: "Dosing in practice", topic: "dosing",
                measure: "prescriptions"),
            trace([term(.base, 0.1), term(.history, 0.8), term(.recency, 0.5)], contact: facts()))
    }
}
