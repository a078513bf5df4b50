import EngagementModel

/// The moments at which a claim is judged.
struct Moments {
    /// What the clock says, or when the touch is planned to take place.
    let asked: Int64
    /// The same, never before the latest time that the ledger has seen.
    let latest: Int64
    let first: LocalTime
    let last: LocalTime

    /// A clock set back by more than this is no slip: then the stored time was the wrong one.
    static let longestSlip: Int64 = 25 * 3_600_000_000

    init(_ request: ClaimRequest, _ facts: ClaimFacts, _ zone: Zone) {
        asked = max(request.plannedAt ?? facts.now, facts.now)
        let isSlip = facts.latestSeen - facts.now <= Self.longestSlip
        latest = isSlip ? max(asked, facts.latestSeen) : asked
        first = zone.local(asked)
        last = zone.local(latest)
    }
}

/// Caps, gaps, booked appointments, quiet hours, the HCP's own schedule and holidays, for one claim.
struct ContactRules {
    let policy: ClaimPolicy
    let terms: ClaimPolicy.MarketTerms
    let request: ClaimRequest
    let facts: ClaimFacts
    let zone: Zone

    func refusal(at moments: Moments) -> ClaimRefusal? {
        let days = moments.first.day == moments.last.day ? [moments.last.day] : [moments.first.day, moments.last.day]
        if facts.frees(request) {
            return days.contains(where: isBooked) ? .appointmentBooked : nil
        }
        if facts.holds.contains(where: { $0 > moments.latest }) { return .held }
        for day in days { if let reason = history(on: day) { return reason } }
        guard !policy.unheardChannels.contains(request.channel) else { return nil }
        return hours(at: moments.asked) ?? hours(at: moments.latest)
    }

    /// The earliest moment at which nothing that time changes stands in the way; nil when there is none within the
    /// longest rule and sixty days.
    func nextOpening(after moments: Moments) -> Int64? {
        let skips = facts.frees(request)
        var at = moments.latest
        if !skips, let hold = facts.holds.max() {
            if hold == .max { return nil }
            at = max(at, hold)
        }
        let end = at + Int64(policy.reachDays + 60) * 86_400_000_000
        while at < end {
            if !skips && !policy.unheardChannels.contains(request.channel) {
                guard let open = nextHour(from: at, before: end) else { return nil }
                at = open
            }
            let day = zone.local(at).day
            if !isBooked(day), skips || history(on: day) == nil { return at }
            at = max(zone.start(of: day + 1), at + 60_000_000)
        }
        return nil
    }

    // MARK: - Caps and gaps

    /// Two touches share a window of w days when they are fewer than w days apart; a gap of g days needs touches at
    /// least g days apart. Touches after the day count as well: those booked, and those that a wrong clock dated.
    private func history(on day: Day) -> ClaimRefusal? {
        var gap: ClaimRefusal?
        for rule in terms.rules where rule.governs(request) {
            switch rule.limit {
            case .cap(let max, _):
                if !fits(day.number, rule, max) { return .capReached }
            case .gap(let span):
                let isNear = facts.touches.contains {
                    rule.counts($0, for: request) && abs($0.day - day) < span.days
                }
                if isNear { gap = .gapTooShort }
            }
        }
        return gap ?? (isBooked(day) ? .appointmentBooked : nil)
    }

    /// Whether every window of the rule's width that holds `day` has room for one more.
    private func fits(_ day: Int32, _ rule: ClaimPolicy.ContactRule, _ limit: Int) -> Bool {
        let width = Int32(rule.days)
        let near = facts.touches.filter {
            abs($0.day.number - day) < width && rule.counts($0, for: request)
        }.map(\.day.number)
        guard near.count >= limit else { return true }
        // The fullest windows end on the day itself or on a touch after it.
        for last in [day] + near.filter({ $0 > day }) {
            if near.count(where: { $0 > last - width && $0 <= last }) >= limit { return false }
        }
        return true
    }

    private func isBooked(_ day: Day) -> Bool {
        request.channel.isHuman && facts.touches.contains { $0.isBooked && $0.channel.isHuman && $0.day == day }
    }

    // MARK: - Hours

    /// Hours must be open by a clock that is a little slow and by one that is a little fast.
    private func hours(at moment: Int64) -> ClaimRefusal? {
        let slack = Int64(policy.clockTolerance) * 1_000_000
        for at in slack == 0 ? [moment] : [moment, moment - slack, moment + slack] {
            if let closed = closure(zone.local(at)) { return closed.reason }
        }
        return nil
    }

    /// Why a local time is closed, and after how many minutes on the wall that reason ends.
    private func closure(_ local: LocalTime) -> (reason: ClaimRefusal, minutes: Int)? {
        let rest = 1440 - local.minute
        if let quiet = terms.quietHours, quiet.contains(minute: local.minute) {
            let end = quiet.endMinute - local.minute
            return (.quietHours, end > 0 ? end : end + 1440)
        }
        if let schedule = facts.recipient?.schedule, !schedule.admits(day: local.day, minute: local.minute) {
            let isPaused = schedule.pauses.contains { $0.first <= local.day && local.day <= $0.last }
            let next = schedule.windows
                .filter { $0.weekday == local.day.weekday && $0.startMinute > local.minute }
                .map(\.startMinute).min()
            return (.ownSchedule, isPaused ? rest : next.map { $0 - local.minute } ?? rest)
        }
        return terms.holidays.contains(local.day) ? (.holiday, rest) : nil
    }

    private func nextHour(from start: Int64, before end: Int64) -> Int64? {
        let slack = Int64(policy.clockTolerance) * 1_000_000
        var at = start
        while at < end {
            let closed = (slack == 0 ? [0] : [0, -slack, slack]).lazy
                .compactMap { shift in closure(zone.local(at + shift)).map { (shift, $0.minutes) } }.first
            guard let (shift, minutes) = closed else { return at }
            at = skip(minutes, from: at + shift) - shift
        }
        return nil
    }

    /// The instant at which a clock on the wall has moved on by so many minutes, to the full minute.
    private func skip(_ minutes: Int, from moment: Int64) -> Int64 {
        let second = moment / 1_000_000
        let target = second - second % 60 + Int64(minutes) * 60
        let moved = target - (zone.offset(at: target) - zone.offset(at: second))
        return (moved > second ? moved : target) * 1_000_000
    }
}
