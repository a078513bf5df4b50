import EngagementModel
import Foundation
import Testing

@testable import Decisioning

@Suite struct ExplainTests {
    typealias Fixture = ExplainFixture

    @Test func namesTheThreeStrongestReasonsInWordsARepWouldUse() {
        let facts = HCPFacts(specialty: "cardiology", recentVolume: 40, volumeTrend: -0.18, averageVolume: 38)
        let record = Fixture.record(facts: facts, candidates: [Fixture.email], chosen: 0)
        #expect(
            record.explain().reasons == [
                "Opened 4 of the last 5 e-mails; colleagues in cardiology open 1 of 5.",
                "Last rep e-mail 34 days ago; e-mails work best after 3–5 weeks.",
                "Prescriptions fell 18% over the last three months.",
            ])
    }

    @Test func neverSpeaksOfHiddenVolumes() {
        let facts = HCPFacts(
            specialty: "cardiology", hidesVolume: true, recentVolume: 90, volumeTrend: -0.5, averageVolume: 10,
            consent: "opt-in of 2025-05-03")
        let explanation = Fixture.record(facts: facts, candidates: [Fixture.email], chosen: 0).explain()
        #expect(explanation.reasons.count == 3)
        #expect(!explanation.reasons.contains { $0.contains("rescriptions fell") || $0.contains("a month") })
        #expect(explanation.reasons[2] == "May be contacted: opt-in of 2025-05-03.")
    }

    @Test func saysWhatItAssumes() {
        let record = Fixture.record(facts: HCPFacts(assumedConversion: 0.05), candidates: [Fixture.email], chosen: 0)
        #expect(
            record.explain().reasons.last
                == "No volumes to learn from yet: the effect assumes 0.05 prescriptions for each contact that engages.")
    }

    @Test func aStrangerIsExplainedByWhatIsKnown() {
        let trace = Fixture.trace([Fixture.term(.base, 0.1)], contact: ContactFacts())
        let visit = Fixture.candidate(ActionLabel(channel: .inPerson, measure: "orders"), trace)
        let reasons = Fixture.record(
            facts: HCPFacts(consent: "the market's rule for visits"), candidates: [visit], chosen: 0
        )
        .explain().reasons
        #expect(
            reasons == [
                "May be contacted: the market's rule for visits.",
                "No history yet; 49% of physicians surveyed want reps to use this channel.",
                "No visit so far: a first contact on this channel.",
            ])
    }

    @Test func whyNotNamesTheRuleOrThePrice() {
        var visit = Fixture.candidate(
            ActionLabel(channel: .inPerson, measure: "prescriptions"),
            Fixture.trace([Fixture.term(.base, 0.5)], contact: Fixture.facts()), price: 12.5,
            limit: "minutes of R7 on 2026-03-10")
        visit.score.value = 14
        var email = Fixture.email
        email.score.value = 9.25
        var sms = email
        sms.label = ActionLabel(channel: .sms)
        sms.refusal = .noConsent
        let record = Fixture.record(facts: HCPFacts(), candidates: [email, visit, sms], chosen: 0)
        #expect(
            record.whyNot(1)
                == "Visit is worth 7.75 less than Rep e-mail “Dosing in practice”: 1.5 against 9.25 after a price of 12.5 "
                + "for minutes of R7 on 2026-03-10.")
        #expect(record.whyNot(2) == "SMS: There is no opt-in for this channel and purpose.")
        #expect(record.whyNot(0) == "Rep e-mail “Dosing in practice” is the planned action.")
        #expect(record.explain().runnerUp == record.whyNot(1))
    }

    @Test func noTouchIsExplainedToo() {
        var email = Fixture.email
        email.score.value = 2
        email.price = 3
        let quiet = Fixture.record(facts: HCPFacts(), candidates: [email], chosen: nil).explain()
        #expect(
            quiet.reasons == [
                "The best allowed action, Rep e-mail “Dosing in practice”, is worth 2 and would cost 3 in shared limits."
            ])
        #expect(quiet.runnerUp == "Rep e-mail “Dosing in practice” is worth −1 after a price of 3: less than no touch.")
        email.refusal = .objection
        let barred = Fixture.record(facts: HCPFacts(), candidates: [email], chosen: nil).explain()
        #expect(barred.reasons == [Refusal.objection.sentence])
    }

    @Test func replaysExactlyAfterTheWayThroughJSON() throws {
        let record = try realRecord(chosen: 2)
        #expect(record.candidates.count { $0.trace != nil } == 2)
        let data = try JSONEncoder().encode(record)
        let back = try JSONDecoder().decode(DecisionRecord.self, from: data)
        #expect(back == record)
        #expect(try back.replay().count == 2)
        #expect(try back.replay()[0] == back.candidates.first { $0.trace != nil }?.score)
        #expect(back.explain() == record.explain())
        #expect(record.explain().reasons.count == 3)
    }

    @Test func aTamperedRecordDoesNotReplay() throws {
        var record = try realRecord(chosen: 2)
        record.candidates[2].score.value = record.candidates[2].score.value.nextUp
        #expect(throws: Diagnostic.self) { try record.replay() }
    }

    /// A record from the whole way: history → response → outcome → value.
    private func realRecord(chosen: Int) throws -> DecisionRecord {
        let market = try ResponseBenchmark(hcps: 200, touchesPerHCP: 40, seed: 8).market()
        var model = ResponseModel()
        _ = model.learn(market.input)
        let actions = (0..<6).map { ResponseAction(channel: ResponseBenchmark.channels[$0], content: $0) }
        let outcome = OutcomeModel(assumedFor: 200)
        let scorer = CandidateScorer(
            response: ResponseScorer(model: model, input: market.input, actions: actions), outcomes: [outcome],
            terms: actions.map { _ in ValueTerms(objective: 0, valuePerUnit: 50, lever: 1.2, cost: 0.3) })
        let columns = scorer.score(0..<200)
        let typical = ValueScale.typical(values: columns.value, actions: 6) { _ in true }
        #expect(typical > 0)
        let eligible = EligibilityResult(
            hcps: 0..<200, actions: 6, refusal: [UInt8](repeating: EligibilityResult.eligible, count: 1200),
            days: [DayMask](repeating: 1, count: 1200))
        let recorder = DecisionRecorder(
            runID: "run-1", asOf: Day(year: 2026, month: 3, day: 6), strategyVersion: "s", temperature: 0.1,
            scorer: scorer,
            labels: actions.map {
                ActionLabel(channel: $0.channel, title: "T", topic: "dosing", measure: "prescriptions")
            })
        return recorder.record(
            hcp: 17, hcpID: "H17", chosen: chosen, candidates: columns, eligibility: eligible,
            facts: HCPFacts(specialty: "cardiology"))
    }
}
