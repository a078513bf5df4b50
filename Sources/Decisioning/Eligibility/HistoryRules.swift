package import EngagementModel

/// Days of the horizon that the contact history leaves free.
package struct HistoryRules: Sendable {
    package var caps: [Strategy.Cap]
    package var gaps: [Strategy.Gap]
    /// Planning days, as day numbers.
    let days: [Int32]
    private let capChannels: [UInt16]
    private let gapChannels: [UInt16]

    package init(caps: [Strategy.Cap], gaps: [Strategy.Gap], days: [Day]) {
        self.caps = caps
        self.gaps = gaps
        self.days = days.map(\.number)
        capChannels = caps.map { Self.bits($0.channels) }
        gapChannels = gaps.map { Self.bits($0.channels) }
    }

    private static func bits(_ channels: Set<Channel>) -> UInt16 {
        channels.reduce(0) { $0 | 1 << UInt16($1.code) }
    }

    /// Channels that the same rules govern have the same signature, and so the same free days.
    package func signature(_ channel: Channel) -> UInt64 {
        let bit: UInt16 = 1 << UInt16(channel.code)
        var word: UInt64 = 0
        for rule in capChannels + gapChannels { word = word << 1 | (rule & bit != 0 ? 1 : 0) }
        return word
    }

    /// Days on which one more touch on `channel` keeps every cap and every gap, given the touches on file.
    ///
    /// A rule of so many hours counts in whole days, rounded up. Two touches share a window of w days when they are
    /// fewer than w days apart; a gap of g days needs touches at least g days apart. Touches booked later in the
    /// horizon count as well.
    /// - Parameters: `code` is `Channel.code`; `rows` are one HCP's touches, in any order.
    package func freeDays(channel code: UInt8, contacts: ContactColumns, rows: Range<Int>) -> (
        caps: DayMask, gaps: DayMask
    ) {
        let bit: UInt16 = 1 << UInt16(code)
        var capMask = DayMask.first(days.count)
        var gapMask = capMask
        for c in caps.indices where capChannels[c] & bit != 0 {
            // Without enough touches for the cap to bite there is nothing to check.
            guard rows.count >= caps[c].max else { continue }
            let window = Int32(max(1, caps[c].window.days))
            for k in days.indices where capMask >> DayMask(k) & 1 == 1 {
                if !fits(days[k], window, caps[c].max, capChannels[c], contacts, rows) { capMask &= ~(1 << DayMask(k)) }
            }
        }
        for g in gaps.indices where gapChannels[g] & bit != 0 {
            let gap = Int32(gaps[g].min.days)
            for row in rows where gapChannels[g] & 1 << UInt16(contacts.channel[row]) != 0 {
                let day = contacts.day[row]
                guard day + gap > (days.first ?? .max) else { continue }
                for k in days.indices where abs(days[k] - day) < gap { gapMask &= ~(1 << DayMask(k)) }
            }
        }
        return (capMask, gapMask)
    }

    /// Whether every window of `width` days that holds `day` has room for one more.
    private func fits(
        _ day: Int32, _ width: Int32, _ limit: Int, _ channels: UInt16, _ contacts: ContactColumns, _ rows: Range<Int>
    ) -> Bool {
        if count(from: day - width + 1, width, channels, contacts, rows) >= limit { return false }
        // Only touches after the day can make another window fuller; the fullest such windows end at one.
        for row in rows where channels & 1 << UInt16(contacts.channel[row]) != 0 {
            let last = contacts.day[row]
            guard last > day, last < day + width else { continue }
            if count(from: last - width + 1, width, channels, contacts, rows) >= limit { return false }
        }
        return true
    }

    private func count(
        from first: Int32, _ width: Int32, _ channels: UInt16, _ contacts: ContactColumns, _ rows: Range<Int>
    ) -> Int {
        var n = 0
        for row in rows where channels & 1 << UInt16(contacts.channel[row]) != 0 {
            let day = contacts.day[row]
            if day >= first && day < first + width { n += 1 }
        }
        return n
    }
}
