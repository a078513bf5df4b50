package import EngagementModel

/// Which touches may happen: for a range of HCPs × all actions, one reason each or none.
package struct EligibilityResult: Sendable {
    package static let eligible: UInt8 = 255

    package var hcps: Range<Int>
    package var actions: Int
    /// `Refusal.code` or `eligible`; row-major, index = (hcp − first) × actions + action.
    package var refusal: [UInt8]
    /// Free planning days of eligible candidates, 0 for refused ones.
    package var days: [DayMask]
    /// Rules by product, purpose, sender and content (`narrow`): the rule that refused, or took days, by its number;
    /// `noRule` elsewhere. Empty where there are none.
    package private(set) var rule: [UInt8] = []
    /// Days that those rules took.
    package private(set) var closed: [DayMask] = []

    package static let noRule: UInt8 = 255

    package func reason(hcp: Int, action: Int) -> Refusal? {
        Refusal(code: refusal[(hcp - hcps.lowerBound) * actions + action])
    }
}

extension EligibilityResult {
    init(hcps: Range<Int>, actions: Int, refusal: [UInt8], days: [DayMask]) {
        (self.hcps, self.actions, self.refusal, self.days) = (hcps, actions, refusal, days)
    }

    /// Leaves an eligible candidate only the given days; with none left it is refused.
    package mutating func narrow(hcp: Int, action: Int, to free: DayMask, by number: UInt8, _ reason: Refusal) {
        let place = (hcp - hcps.lowerBound) * actions + action
        guard refusal[place] == Self.eligible, days[place] & ~free != 0 else { return }
        if rule.isEmpty {
            rule = [UInt8](repeating: Self.noRule, count: refusal.count)
            closed = [DayMask](repeating: 0, count: refusal.count)
        }
        rule[place] = number
        closed[place] |= days[place] & ~free
        days[place] &= free
        if days[place] == 0 { refusal[place] = reason.position }
    }
}

/// Counts for the run's report.
package struct EligibilityCounts: Sendable, Equatable {
    package var hcps = 0
    /// Candidates refused, by channel and reason.
    package var candidates: [Channel: [Refusal: Int]] = [:]
    /// HCPs with at least one eligible action on the channel.
    package var reachable: [Channel: Int] = [:]
    /// HCPs without one, under the reason of the action that came furthest through the rules:
    /// reachable + these = all HCPs.
    package var refused: [Channel: [Refusal: Int]] = [:]
    /// HCPs with at least one eligible action at all.
    package var reachableAnywhere = 0

    package init() {}

    /// Adds the result of one range of HCPs.
    package mutating func add(_ result: EligibilityResult, actions: [EligibleAction]) {
        hcps += result.hcps.count
        let channels = actions.map { Int($0.channel.code) }
        let all = Channel.allCases.count
        let reasons = Refusal.allCases.count
        var byCandidate = [Int](repeating: 0, count: all * reasons)
        var byHCP = byCandidate
        var reached = [Int](repeating: 0, count: all)
        for row in 0..<result.hcps.count {
            var furthest = [Int](repeating: -1, count: all)
            for a in actions.indices {
                let code = Int(result.refusal[row * result.actions + a])
                furthest[channels[a]] = max(furthest[channels[a]], code)
                if code < reasons { byCandidate[channels[a] * reasons + code] += 1 }
            }
            for c in 0..<all where furthest[c] >= 0 {
                if furthest[c] < reasons { byHCP[c * reasons + furthest[c]] += 1 } else { reached[c] += 1 }
            }
            if furthest.contains(Int(EligibilityResult.eligible)) { reachableAnywhere += 1 }
        }
        for (c, channel) in Channel.allCases.enumerated() {
            if reached[c] > 0 { reachable[channel, default: 0] += reached[c] }
            for (r, reason) in Refusal.allCases.enumerated() {
                let (candidate, hcp) = (byCandidate[c * reasons + r], byHCP[c * reasons + r])
                if candidate > 0 { candidates[channel, default: [:]][reason, default: 0] += candidate }
                if hcp > 0 { refused[channel, default: [:]][reason, default: 0] += hcp }
            }
        }
    }
}

extension Refusal {
    /// The same as `code`, without a search: it is asked for millions of candidates. A test holds the two together.
    package var position: UInt8 {
        switch self {
        case .purposeFirewall: 0
        case .channelNotAllowed: 1
        case .noConsent: 2
        case .optedOut: 3
        case .objection: 4
        case .consentExpired: 5
        case .noAddress: 6
        case .noAccess: 7
        case .contentNotApproved: 8
        case .contentExpired: 9
        case .contentCountry: 10
        case .contentLanguage: 11
        case .contentAudience: 12
        case .noSender: 13
        case .outsideTerritory: 14
        case .capReached: 15
        case .gapTooShort: 16
        case .quietHours: 17
        case .appointmentBooked: 18
        case .noCapacity: 19
        case .noSeats: 20
        case .dataRights: 21
        case .stakeholder: 22
        case .productUnknown: 23
        }
    }
}
