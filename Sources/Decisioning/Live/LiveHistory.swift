package import EngagementModel

/// The touches of one HCP that count against caps and gaps, as columns: the plan's and those that came since.
package struct LiveHistory: Sendable {
    package private(set) var columns = ContactColumns()

    package init() {}

    package mutating func add(day: Int32, channel: UInt8) {
        columns.hcp.append(0)
        columns.day.append(day)
        columns.channel.append(channel)
    }

    package var count: Int { columns.hcp.count }
}

/// Caps and gaps of a market on one day: the very rules of a plan (`HistoryRules`), asked for one HCP.
package struct LiveContactRules: Sendable {
    private let rules: HistoryRules
    /// For each channel code the first channel under the same rules.
    private let sameRules: [Int]

    package init(caps: [Strategy.Cap], gaps: [Strategy.Gap], day: Day) {
        let rules = HistoryRules(caps: caps, gaps: gaps, days: [day])
        let signatures = Channel.allCases.map(rules.signature)
        self.rules = rules
        sameRules = signatures.map { signatures.firstIndex(of: $0) ?? 0 }
    }

    /// By channel code, the rule that forbids one more touch on the day; nil = allowed.
    package func refusals(_ history: LiveHistory) -> [Refusal?] {
        var result = [Refusal?](repeating: nil, count: sameRules.count)
        guard history.count > 0 else { return result }
        let rows = 0..<history.count
        for channel in sameRules.indices {
            let same = sameRules[channel]
            if same < channel {
                result[channel] = result[same]
                continue
            }
            let (caps, gaps) = rules.freeDays(channel: UInt8(channel), contacts: history.columns, rows: rows)
            result[channel] = caps == 0 ? .capReached : gaps == 0 ? .gapTooShort : nil
        }
        return result
    }
}
