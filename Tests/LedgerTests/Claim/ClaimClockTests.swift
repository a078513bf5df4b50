import EngagementModel
import GRDB
import Testing

@testable import Ledger

/// T6: the clock jumps, and the sun does not: caps, gaps, quiet hours and expiry hold.
@Suite struct ClaimClockTests {
    private static let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]

    /// 1,000 HCPs in three zones. The clock is right, then wrong by five minutes either way, an hour slow, a day fast, and
    /// right again; at every step everyone is asked for. Caps and gaps are checked in true time. Hours and expiry too for
    /// the five minutes, which the policy's tolerance covers; a clock that stays an hour slow cannot be told from a right
    /// one, so there they are checked by what it says.
    @Test(arguments: [Int64(300), -300, -3600, 86_400])
    func rulesHoldWhileTheClockIsWrong(seconds: Int64) async throws {
        let clock = Wrist(mondayMorning)
        let ledger = try await claimLedger(clock, hcps: [])
        let hcps = (0..<1000).map { "h\($0)" }
        try await ledger.registerRecipients(
            hcps.enumerated().map { Recipient(hcpID: $1, country: "DE", zone: Self.zones[$0 % 3]) })
        var consents = ConsentColumns()
        let expiry = mondayMorning + 60 * hour
        for (index, hcp) in hcps.enumerated() {
            var consent = optIn(hcp)
            if index % 2 == 0 { consent.expiresAt = expiry }
            consents.append(consent)
        }
        _ = try await ledger.recordConsents(consents)
        let desk = ClaimDesk(ledger: ledger, policy: policy(tolerance: 300))
        // True time and what the clock said then, for every claim.
        var granted: [(hcp: Int, at: Int64, said: Int64)] = []
        var round = 0
        func ask(_ time: Int64, error: Int64) async throws {
            round += 1
            clock.set(time + error * 1_000_000)
            let outcomes = try await desk.claim(hcps.map { email($0, step: "s\(round)") })
            for (index, outcome) in outcomes.enumerated() where outcome.claim != nil {
                granted.append((index, time, clock.now))
            }
        }
        for step in stride(from: 0, to: 90, by: 3) {
            let isWrong = (20..<50).contains(step)
            try await ask(mondayMorning + Int64(step) * hour + Int64(step) * 41_000_000, error: isWrong ? seconds : 0)
        }
        #expect(granted.count > 1000)
        // A clock that runs a day ahead dates touches a day late: windows are then short by that day in true time.
        let slip = seconds > 3600 ? 1 : 0
        var days: [Int: [Int]] = [:]
        var violations = 0
        let zones = ZoneTable()
        for (hcp, at, said) in granted {
            let zone = try #require(zones.zone(Self.zones[hcp % 3]))
            let judged = abs(seconds) <= 300 ? at : said
            let minute = zone.local(judged).minute
            if minute >= 21 * 60 || minute < 8 * 60 { violations += 1 }
            if hcp % 2 == 0 && judged >= expiry { violations += 1 }
            days[hcp, default: []].append(Int(zone.local(at).day.number))
        }
        for own in days.values {
            for day in own {
                if own.count(where: { $0 <= day && $0 > day - 7 + slip }) > 2 { violations += 1 }
                if slip == 0, own.count(where: { $0 == day }) > 1 { violations += 1 }
            }
        }
        #expect(violations == 0)
    }

    /// The ledger's own order decides, not the clock: an opt-out that a slow clock dated before the opt-in still holds.
    @Test func anOptOutThatASlowClockDatedHolds() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock, hcps: [])
        try await prepare(ledger, hcps: ["h1"])
        try await ledger.recordConsent(optIn("h1", id: "mine", at: clock.now), by: .user(1))
        clock.set(clock.now - hour)
        try await ledger.recordConsent(optIn("h1", id: "out", .optOut, at: clock.now), by: .user(1))
        clock.set(clock.now + 2 * hour)
        #expect(try await ClaimDesk(ledger: ledger, policy: policy()).claim(email("h1")).refusal == .optedOut)
    }

    /// Both edges of summer time, minute by minute: the wall decides, and the named time to try again is right.
    @Test(arguments: [
        ("Europe/Berlin", "2026-03-28"), ("Europe/Berlin", "2026-10-24"), ("America/New_York", "2026-03-07"),
        ("America/New_York", "2026-10-31"), ("Australia/Lord_Howe", "2026-04-04"),
        ("Australia/Lord_Howe", "2026-10-03"),
    ]) func quietHoursFollowTheWall(zone: String, evening: String) throws {
        let day = try #require(Day(evening))
        let local = try #require(ZoneTable().zone(zone))
        for quiet in [(1260, 480), (60, 150), (0, 125), (1439, 121)] {
            let rules = policy {
                $0.quietHours = .init(startMinute: quiet.0, endMinute: quiet.1)
                $0.caps = []
                $0.gaps = []
                $0.consent = [.inPerson: .notOptedOut]
            }
            let visit = ClaimRequest(
                key: .decision("d"), hcpID: "h", channel: .inPerson, purpose: .promotional)
            var opening: Int64?
            // Backwards, so that the next opening is known; two days around the change.
            for minute in stride(from: 2 * 1440, to: 0, by: -1) {
                let at = local.start(of: day) + Int64(minute) * 60_000_000
                let facts = ClaimFacts(now: at, recipient: Recipient(hcpID: "h", zone: zone))
                let wall = local.local(at).minute
                let isQuiet =
                    quiet.0 < quiet.1 ? wall >= quiet.0 && wall < quiet.1 : wall >= quiet.0 || wall < quiet.1
                switch rules.decide(visit, facts) {
                case .granted:
                    #expect(!isQuiet)
                    opening = at
                case .refused(let reason, let retry):
                    #expect(isQuiet && reason == .quietHours)
                    // An end that the change leaves out is met up to the length of the change later.
                    if let opening, let retry { #expect(retry >= opening && retry - opening <= hour) }
                }
            }
        }
    }

    @Test func midnightsThatDoNotExistHaveADayAllTheSame() throws {
        // Cairo springs forward at midnight of 24 April 2026.
        let cairo = try #require(ZoneTable().zone("Africa/Cairo"))
        let day = Day(year: 2026, month: 4, day: 24)
        let first = cairo.start(of: day)
        #expect(cairo.local(first) == LocalTime(day: day, minute: 60))
        #expect(cairo.local(first - 1_000_000).day == day + -1)
        let lordHowe = try #require(ZoneTable().zone("Australia/Lord_Howe"))
        for offset in 0..<400 {
            let day = monday + offset
            let start = lordHowe.start(of: day)
            #expect(lordHowe.local(start) == LocalTime(day: day, minute: 0))
            #expect(lordHowe.local(start - 1_000_000).day == day + -1)
        }
        #expect(ZoneTable().zone("Mars/Olympus") == nil)
    }
}
