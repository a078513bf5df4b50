import EngagementModel
import Ledger
import Testing

@testable import Server

/// The calendar of everything planned: counts, and plans that meet.
struct CalendarTests {
    private static let monday = Day(year: 2026, month: 1, day: 5)

    private func touch(_ day: Int, _ channel: Channel, hour: Int = 9, purpose: Purpose = .promotional) -> ScheduledTouch
    {
        ScheduledTouch(
            hcpID: "H1", day: Self.monday + day, hour: hour, channel: channel, purpose: purpose, sender: "system",
            origin: .plan)
    }

    @Test func theNumbersAreTheLedgers() async throws {
        try await Site.open { site, client in
            let page = try await site.get(client, "/calendar", as: .owner)
            #expect(page.status == 200)
            #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            let first = max(SnapshotFixture.asOf, Day(number: Int32(SnapshotFixture.now / 86_400_000_000)))
            let counts = try await site.ledger.scheduledCounts(ScheduledFilter(from: first, through: first + 13))
            let total = counts.reduce(0) { $0 + $1.touches }
            #expect(total > 0 && page.text.contains("\(Format.plural(total, "touch", "touches")) planned"))
            // A number leads to its list.
            let one = counts[0]
            let list = try await site.get(
                client, "/calendar?day=\(one.day)&channel=\(one.channel.rawValue)", as: .owner)
            #expect(list.text.contains("Planned on \(Format.shortDay(one.day))"))
            #expect(HTMLCheck(list.text).problems.isEmpty)
            let nothing = try await site.get(client, "/calendar?from=2031-01-01", as: .owner)
            #expect(nothing.text.contains("Nothing is planned in these days."))
        }
    }

    @Test func theFirewallHoldsHereToo() async throws {
        try await Site.open { site, client in
            let medical = SnapshotFixture.decisions.filter { $0.purpose == .medical && $0.day != nil }
            let counts = try await site.ledger.scheduledCounts(
                ScheduledFilter(from: SnapshotFixture.asOf, through: SnapshotFixture.asOf + 30, withMedical: true))
            let open = try await site.ledger.scheduledCounts(
                ScheduledFilter(from: SnapshotFixture.asOf, through: SnapshotFixture.asOf + 30))
            #expect(counts.reduce(0) { $0 + $1.touches } - open.reduce(0) { $0 + $1.touches } == medical.count)
        }
    }

    @Test func plansThatMeetAreFound() {
        let rules = PlanConflicts(
            caps: [.init(channels: Set(Channel.allCases), max: 2, window: Span(seconds: 7 * 86_400), name: "cap")],
            gaps: [.init(channels: [.email, .emailRep], min: Span(seconds: 2 * 86_400), name: "gap")])
        #expect(rules.find([touch(0, .email), touch(2, .email)]).isEmpty)
        #expect(rules.find([touch(0, .email), touch(1, .emailRep)]).map(\.kind) == [.tooClose])
        #expect(rules.find([touch(0, .phone), touch(0, .inPerson, hour: 14)]).map(\.kind) == [.twoTalks])
        #expect(rules.find([touch(6, .phone), touch(0, .email), touch(3, .webinar)]).map(\.kind) == [.tooMany])
        #expect(rules.find([touch(7, .phone), touch(0, .email), touch(3, .webinar)]).isEmpty)
        // Service messages neither count nor conflict.
        #expect(rules.find([touch(0, .email), touch(0, .email, purpose: .service)]).isEmpty)
    }

    @Test func theSameContentTooSoonIsFound() {
        let rules = PlanConflicts(
            caps: [], gaps: [],
            repeats: .init(channels: [.email, .emailRep], min: Span(seconds: 14 * 86_400), name: "repeats"))
        func mail(_ day: Int, _ content: String?, _ channel: Channel = .email) -> ScheduledTouch {
            var touch = touch(day, channel)
            touch.contentID = content
            return touch
        }
        #expect(
            rules.find([mail(0, "a"), mail(13, "a", .emailRep)]).map(\.rule) == [
                "14 days before the same content again"
            ])
        #expect(rules.find([mail(0, "a"), mail(14, "a")]).isEmpty)
        #expect(rules.find([mail(0, "a"), mail(1, "b"), mail(2, nil), mail(3, nil), mail(4, "a", .inPerson)]).isEmpty)
    }

    @Test func theRulesOfContactYamlAreFound() {
        func rules(_ rule: ClaimPolicy.ContactRule) -> PlanConflicts {
            PlanConflicts(caps: [], gaps: [], rules: [rule])
        }
        func made(
            _ day: Int, _ channel: Channel, _ product: String?, _ sender: String = "system",
            by origin: ScheduledTouch.Origin = .plan
        ) -> ScheduledTouch {
            var touch = touch(day, channel)
            (touch.productID, touch.sender, touch.origin) = (product, sender, origin)
            return touch
        }
        let month = rules(.init(name: "", limit: .cap(max: 1, window: Span(seconds: 30 * 86_400)), sameProduct: true))
        // The plan's, a journey's and what a person took in hand meet each other.
        let found = month.find([
            made(0, .email, "P1"), made(2, .sms, "P2", by: .journey), made(5, .phone, "P1", "R1", by: .taken),
            made(9, .email, "P2", by: .journey), made(9, .email, nil),
        ])
        #expect(found.map(\.rule) == Array(repeating: "at most 1 in 30 days, about the same product", count: 2))
        #expect(found.map(\.touch.day) == [Self.monday + 5, Self.monday + 9])
        #expect(found.map(\.earlier.origin) == [.plan, .journey] && found.map(\.kind) == [.tooMany, .tooMany])
        #expect(month.find([made(0, .email, "P1"), made(30, .email, "P1")]).isEmpty)
        let sender = rules(
            .init(name: "", limit: .gap(Span(seconds: 7 * 86_400)), channels: [.emailRep], sameSender: true))
        #expect(sender.find([made(0, .emailRep, nil, "R1"), made(3, .emailRep, nil, "R2")]).isEmpty)
        #expect(sender.find([made(0, .emailRep, nil, "R1"), made(3, .emailRep, nil, "R1")]).map(\.kind) == [.tooClose])
        let none = rules(.init(name: "", limit: .cap(max: 0, window: Span(seconds: 86_400)), products: ["P3"]))
        #expect(none.find([made(0, .email, "P3"), made(0, .email, "P1")]).count == 1)
    }

    /// The page says which rule two plans of one HCP break.
    @Test func thePageShowsThem() async throws {
        let rule = ClaimPolicy.ContactRule(
            name: "", limit: .cap(max: 1, window: Span(seconds: 30 * 86_400)), sameProduct: true)
        func conflicts(_ rules: [ClaimPolicy.ContactRule]) async throws -> (text: String, problems: [String]) {
            try await Site.open(change: {
                $0.contactRules = rules
                ($0.strategy.caps, $0.strategy.gaps, $0.strategy.repeats) = ([], [], nil)
            }) { site, client in
                let first = max(SnapshotFixture.asOf, Day(number: Int32(SnapshotFixture.now / 86_400_000_000)))
                let planned = try await site.ledger.scheduledTouches(
                    ScheduledFilter(from: first, through: first + 13, withMedical: true), limit: 500)
                let one = try #require(planned.first { $0.productID != nil })
                try await site.ledger.registerRecipients([Recipient(hcpID: one.hcpID, zone: "UTC")])
                var strategy = Strategy()
                strategy.consent = [.inPerson: .notOptedOut, .phone: .notOptedOut]
                let desk = ClaimDesk(ledger: site.ledger, policy: ClaimPolicy(strategy: strategy, clockTolerance: 0))
                // Another team's: a journey of its own has claimed a touch for the second of the two weeks.
                let at = Int64((first + 12).number) * 86_400_000_000 + 43_200_000_000
                let outcome = try await desk.claim(
                    ClaimRequest(
                        key: ClaimKey(campaign: "journey:onboarding", step: "1"), hcpID: one.hcpID, channel: .phone,
                        address: "+49 30 1", purpose: .promotional, productID: one.productID, plannedAt: at))
                guard case .claimed = outcome else { throw Diagnostic("refused", "\(outcome)") }
                let page = try await site.get(client, "/calendar", as: .owner)
                return (page.text, HTMLCheck(page.text).problems)
            }
        }
        let words = "at most 1 in 30 days, about the same product"
        let (with, problems) = try await conflicts([rule])
        #expect(with.contains(words) && problems.isEmpty, "\(problems)")
        let (without, _) = try await conflicts([])
        #expect(!without.contains(words) && without.contains("No planned touch meets another against the rules."))
    }

    /// Every pair and window of small calendars, against the rules written out.
    @Test func theFinderIsTheBruteForce() {
        let (cap, window, gap) = (2, 5, 3)
        let rules = PlanConflicts(
            caps: [.init(channels: [.email, .phone], max: cap, window: Span(seconds: window * 86_400), name: "cap")],
            gaps: [.init(channels: [.email], min: Span(seconds: gap * 86_400), name: "gap")])
        let kinds: [Channel?] = [nil, .email, .phone]
        for code in 0..<729 {
            let plan = (0..<6).map { kinds[code / [1, 3, 9, 27, 81, 243][$0] % 3] }
            let touches = plan.enumerated().compactMap { day, channel in channel.map { touch(day, $0) } }
            let expected = touches.indices.filter { i in
                let earlier = touches[..<i]
                let near =
                    touches[i].channel == .email
                    && earlier.contains { $0.channel == .email && touches[i].day - $0.day < gap }
                return near || earlier.filter { touches[i].day - $0.day < window }.count >= cap
            }
            #expect(rules.find(touches).map(\.touch) == expected.map { touches[$0] }, "\(plan)")
        }
    }
}
