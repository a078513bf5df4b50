import EngagementModel
import Testing

@testable import Ledger

/// The same content stays away for as long as the policy says, whoever sends it and in whichever version.
@Suite struct RepeatTests {
    private static let fortnight = Strategy.Gap(
        channels: [.email, .emailRep, .sms], min: Span(seconds: 14 * 86_400), name: "14d before the same content again")

    private static func open(_ change: (inout Strategy) -> Void = { _ in }) -> ClaimPolicy {
        policy { strategy in
            (strategy.caps, strategy.gaps, strategy.repeats) = ([], [], fortnight)
            change(&strategy)
        }
    }

    @Test func theSameContentWaitsAndAnotherDoesNot() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        var paper = letter()
        paper.contentID = "paper"
        try await ledger.registerContent([paper, letter(version: "2")], by: .user(1))
        let desk = ClaimDesk(ledger: ledger, policy: Self.open())
        #expect(try await desk.claim(email("h1")).claim != nil)
        clock.set(mondayMorning + 3 * 24 * hour)
        // Neither again, nor as another campaign's, nor in other words, nor by the rep.
        var version = email("h1", step: "s2")
        version.contentVersion = "2"
        var rep = email("h1", step: "s3")
        (rep.channel, rep.sender) = (.emailRep, "rep-1")
        for request in [email("h1", step: "s2", campaign: "c2"), version, rep] {
            guard case .refused(let reason, let retryAt) = try await desk.claim(request) else {
                Issue.record("the same content was granted again")
                continue
            }
            // It says from when on: the fourteenth day after, at the first open hour.
            #expect(reason == .gapTooShort)
            #expect(retryAt.map { ($0 - mondayMorning) / (24 * hour) } == 13)
        }
        var other = email("h1", step: "s4")
        other.contentID = "paper"
        #expect(try await desk.claim(other).claim != nil)
        #expect(try await desk.claim(email("h2", step: "s2")).claim != nil)
        clock.set(mondayMorning + 14 * 24 * hour)
        #expect(try await desk.claim(email("h1", step: "s5")).claim != nil)
    }

    @Test func aVisitWithTheSameContentAndAPolicyWithoutTheRuleAreFree() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let desk = ClaimDesk(ledger: ledger, policy: Self.open())
        #expect(try await desk.claim(email("h1")).claim != nil)
        clock.set(mondayMorning + 24 * hour)
        var visit = email("h1", step: "s2")
        (visit.channel, visit.sender, visit.address) = (.inPerson, "rep-1", nil)
        #expect(try await desk.claim(visit).claim != nil)
        let free = ClaimDesk(ledger: ledger, policy: Self.open { $0.repeats = nil })
        #expect(try await free.claim(email("h1", step: "s3")).claim != nil)
    }

    /// What a run reads to plan by: the last day of each, of the channels that count.
    @Test func whatWasSeenIsReadByContent() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let desk = ClaimDesk(ledger: ledger, policy: Self.open { $0.repeats = nil })
        for day in 0..<3 {
            clock.set(mondayMorning + Int64(day) * 24 * hour)
            #expect(try await desk.claim(email("h1", step: "s\(day)")).claim != nil)
        }
        let seen = try await ledger.contentsSeen(from: monday, through: monday + 9, channels: [.email])
        #expect(seen.map(\.hcpID) == ["h1"] && seen.map(\.contentID) == ["letter"] && seen.map(\.day) == [monday + 2])
        #expect(try await ledger.contentsSeen(from: monday, through: monday + 9, channels: [.sms]).isEmpty)
        #expect(try await ledger.contentsSeen(from: monday + 3, through: monday + 9, channels: [.email]).isEmpty)
    }
}
