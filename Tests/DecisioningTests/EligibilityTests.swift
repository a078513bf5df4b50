import Decisioning
import EngagementModel
import Testing

@Suite struct EligibilityTests {
    @Test func agreesWithTheBruteForceOracleOnRandomHistories() {
        var seen: Set<Refusal> = []
        var eligible = 0
        var cases = 0
        for seed in 0..<400 as Range<UInt64> {
            let input = EligibilityRandomCase.make(seed: seed)
            let rules = Eligibility(input)
            let result = rules.evaluate(0..<input.hcps.count)
            let oracle = EligibilityOracle(input: input)
            for hcp in 0..<input.hcps.count {
                for (a, action) in input.actions.enumerated() {
                    let (reason, days) = oracle.answer(hcp, action)
                    let mask = result.days[hcp * input.actions.count + a]
                    #expect(result.reason(hcp: hcp, action: a) == reason, "seed \(seed) hcp \(hcp) action \(a)")
                    #expect(
                        Set((0..<32).filter { mask >> UInt32($0) & 1 == 1 }) == days, "seed \(seed) hcp \(hcp) \(a)")
                    #expect((rules.basis(hcp: hcp, action: a) == nil) == (reason != nil))
                    if let reason { seen.insert(reason) } else { eligible += 1 }
                    cases += 1
                }
            }
        }
        #expect(cases == 120_000)
        #expect(eligible > 5000, "the cases must not all be refused")
        #expect(
            seen == Set(Refusal.allCases), "every rule must have bitten: \(Set(Refusal.allCases).subtracting(seen))")
    }

    private let asOf = EligibilityRandomCase.asOf

    private func single(
        _ action: EligibleAction, rule: Strategy.ConsentRule = .optIn, rows: (inout ConsentColumns) -> Void = { _ in },
        change: (inout EligibilityInput) -> Void = { _ in }
    ) -> Eligibility {
        var strategy = Strategy()
        strategy.consent = [action.channel: rule]
        var consents = ConsentColumns()
        rows(&consents)
        var hcps = EligibilityHCPs(count: 1, addresses: [7])
        hcps.senders = [[0]]
        var input = EligibilityInput(
            asOf: asOf, days: asOf.businessDays(5), strategy: strategy, hcps: hcps, consents: consents,
            actions: [action], repKinds: [RepKind.field.code], repMinutes: [480])
        change(&input)
        return Eligibility(input)
    }

    private func reason(_ rules: Eligibility) -> Refusal? { rules.evaluate(0..<1).reason(hcp: 0, action: 0) }

    private let email = EligibleAction(channel: .email)

    @Test func ofSeveralEditionsTheFirstThatServesTheReaderCounts() {
        let released = MLRState.approvedForDistribution
        let german = EligibleAction.Content(state: .inReview, language: 1)
        let standIn = EligibleAction.Content(state: released, expiresOn: asOf + 3, countries: [0], language: 1)
        let english = EligibleAction.Content(state: released, language: 2)
        func answer(_ editions: [EligibleAction.Content], language: Int32, country: Int32 = 0) -> (Refusal?, DayMask) {
            let action = EligibleAction(channel: .email, editions: editions)
            let rules = single(
                action, rule: .notOptedOut,
                change: {
                    $0.hcps.language = [language]
                    $0.hcps.country = [country]
                })
            let result = rules.evaluate(0..<1)
            return (result.reason(hcp: 0, action: 0), result.days[0])
        }
        #expect(answer([german, english], language: 2).0 == nil)
        #expect(answer([german, english], language: 1).0 == .contentNotApproved)
        #expect(answer([german, english], language: 3).0 == .contentLanguage)
        // The language that may stand in serves where the own one is not released, for as long as it lasts: a Friday's
        // plan begins on Monday.
        let (reason, days) = answer([german, standIn, english], language: 1)
        #expect(reason == nil && days == 1)
        #expect(answer([german, standIn, english], language: 1, country: 5).0 == .contentNotApproved)
    }

    @Test func pendingIsNotConsentAndOptInIs() {
        #expect(
            reason(
                single(
                    email,
                    rows: { $0.append(hcp: 0, channel: .email, purpose: .promotional, status: .pending, captured: 0) }))
                == .noConsent)
        let allowed = single(
            email, rows: { $0.append(hcp: 0, channel: .email, purpose: .promotional, status: .optIn, captured: 0) })
        #expect(reason(allowed) == nil)
        #expect(allowed.basis(hcp: 0, action: 0) == .consent(row: 0))
        #expect(single(email, rule: .notOptedOut).basis(hcp: 0, action: 0) == .rule(.notOptedOut))
    }

    @Test func anUnnamedChannelIsDenied() {
        #expect(reason(single(email, change: { $0.strategy.consent = [.phone: .optIn] })) == .channelNotAllowed)
    }

    @Test func aGeneralFormDoesNotBringBackSomeoneWhoLeftEmail() {
        func rows(_ broad: Bool) -> (inout ConsentColumns) -> Void {
            { columns in
                columns.append(hcp: 0, channel: .email, purpose: .promotional, status: .optOut, captured: 1)
                columns.append(
                    hcp: 0, channel: broad ? nil : .email, purpose: .promotional, status: .optIn, captured: 2)
            }
        }
        #expect(reason(single(email, rows: rows(true))) == .optedOut)
        #expect(reason(single(email, rows: rows(false))) == nil)
    }

    @Test func anObjectionIsAbsoluteEvenForServiceWhenItCoversIt() {
        var service = email
        service.purpose = .service
        let anyPurpose: (inout ConsentColumns) -> Void = {
            $0.append(hcp: 0, channel: nil, purpose: nil, status: .objection, captured: 1)
            $0.append(hcp: 0, channel: .email, purpose: .promotional, status: .optIn, captured: 2)
        }
        #expect(reason(single(email, rows: anyPurpose)) == .objection)
        #expect(reason(single(service, rows: anyPurpose)) == .objection)
        let promotional: (inout ConsentColumns) -> Void = {
            $0.append(hcp: 0, channel: nil, purpose: .promotional, status: .objection, captured: 1)
        }
        #expect(reason(single(service, rows: promotional)) == nil)
    }

    @Test func aProductConsentCoversItsProductOnly() {
        var other = email
        other.product = 2
        var own = email
        own.product = 1
        let rows: (inout ConsentColumns) -> Void = {
            $0.append(hcp: 0, channel: .email, purpose: .promotional, product: 1, status: .optIn, captured: 1)
        }
        #expect(reason(single(own, rows: rows)) == nil)
        #expect(reason(single(other, rows: rows)) == .noConsent)
    }

    @Test func medicalContentNeverGoesOutByAPromotionalRep() {
        let visit = EligibleAction(channel: .inPerson, purpose: .medical, senderSlot: 0)
        #expect(reason(single(visit, rule: .notOptedOut)) == .purposeFirewall)
        #expect(reason(single(visit, rule: .notOptedOut, change: { $0.repKinds = [RepKind.msl.code] })) == nil)
        let promotional = EligibleAction(channel: .inPerson, senderSlot: 0)
        #expect(
            reason(single(promotional, rule: .notOptedOut, change: { $0.repKinds = [RepKind.msl.code] }))
                == .purposeFirewall)
    }

    @Test func aConsentThatEndsInsideTheHorizonLeavesOnlyTheDaysBefore() {
        let friday = asOf
        let rules = single(
            email,
            rows: {
                $0.append(
                    hcp: 0, channel: .email, purpose: .promotional, status: .optIn, captured: 0, expires: friday + 4)
            })
        #expect(rules.evaluate(0..<1).days == [0b11])  // Monday and Tuesday
    }

    @Test func positionsOfReasonsAreTheirCodes() {
        for reason in Refusal.allCases { #expect(reason.position == reason.code) }
    }

    @Test func countsAddUpToAllHCPsOnEveryChannel() {
        let input = EligibilityRandomCase.make(seed: 7, hcps: 200)
        let rules = Eligibility(input)
        var counts = EligibilityCounts()
        for first in stride(from: 0, to: 200, by: 64) {
            counts.add(rules.evaluate(first..<min(first + 64, 200)), actions: input.actions)
        }
        #expect(counts.hcps == 200)
        for channel in Set(input.actions.map(\.channel)) {
            let refused = counts.refused[channel]?.values.reduce(0, +) ?? 0
            #expect(refused + (counts.reachable[channel] ?? 0) == 200)
        }
        #expect(counts.reachableAnywhere <= 200)
    }
}
