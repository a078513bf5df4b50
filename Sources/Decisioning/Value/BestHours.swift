package import EngagementModel

/// The hour at which each HCP is written to or called on each channel: the rows of `insight.channel_hour`, as pages
/// show them, and what stands in where there is none.
package struct BestHours: Sendable {
    private let starts: [Int]
    private let channels: [UInt8]
    private let moments: [Moment]
    private let answers: [Int32]
    private let specialty: [Int32]
    private let specialties: Int
    /// Commonest best hour by channel × (specialty, unknown last); -1 for none.
    private let usual: [Int]

    /// - Parameters:
    ///   - hcps: ascending; the other columns row by row.
    ///   - answers: the HCP's on the channel.
    ///   - specialty: of each HCP, -1 for none.
    package init(
        hcps: [Int32] = [], channels: [Channel] = [], moments: [Moment] = [], answers: [Int32] = [],
        specialty: [Int32], specialties: Int
    ) {
        var starts = [Int](repeating: hcps.count, count: specialty.count + 1)
        var filled = 0
        let cells = (specialties + 1) * 24
        var counts = [Int](repeating: 0, count: Channel.allCases.count * cells)
        for row in hcps.indices {
            while filled <= Int(hcps[row]) {
                starts[filled] = row
                filled += 1
            }
            let own = specialty[Int(hcps[row])]
            let base = Int(channels[row].code) * cells
            // All together stand in for a specialty without anybody.
            for group in Set([own < 0 ? specialties : Int(own), specialties]) {
                counts[base + group * 24 + moments[row].hour] += 1
            }
        }
        usual = stride(from: 0, to: counts.count, by: 24).map { base in
            let best = (0..<24).max { counts[base + $0] < counts[base + $1] } ?? 0
            return counts[base + best] > 0 ? best : -1
        }
        self.starts = starts
        self.channels = channels.map(\.code)
        self.moments = moments
        self.answers = answers
        self.specialty = specialty
        self.specialties = specialties
    }

    /// - Parameter rows: by HCP.
    package init(_ rows: [ChannelHours.Row], specialty: [Int32], specialties: Int) {
        self.init(
            hcps: rows.map(\.hcp), channels: rows.map(\.channel), moments: rows.map(\.preference.moment),
            answers: rows.map { Int32($0.answers) }, specialty: specialty, specialties: specialties)
    }

    /// The hour of an HCP on a channel: its own row; else that of the channel of most answers, of the same kind if there
    /// is one; else the commonest of the specialty; else mid-morning. Nil when quiet hours leave none.
    package func moment(hcp: Int, channel: Channel, quiet: Strategy.QuietHours?) -> Moment? {
        func allowed(_ hour: Int) -> Bool {
            channel.hours.contains(hour) && quiet?.contains(minute: hour * 60) != true
        }
        let rows = starts[hcp]..<starts[hcp + 1]
        if let own = rows.first(where: { channels[$0] == channel.code }), allowed(moments[own].hour) {
            return moments[own]
        }
        let others = rows.filter { allowed(moments[$0].hour) }
        if let near = others.max(by: { rank($0, channel) < rank($1, channel) }) {
            return Moment(weekday: moments[near].weekday, hour: moments[near].hour, lift: 1, isOwn: false)
        }
        let base = Int(channel.code) * (specialties + 1)
        let group = specialty[hcp] < 0 ? specialties : Int(specialty[hcp])
        let known = [usual[base + group], usual[base + specialties], 10].first { $0 >= 0 && allowed($0) }
        let hour = known ?? channel.hours.filter(allowed).min { (abs($0 - 10), $0) < (abs($1 - 10), $1) }
        return hour.map { Moment(weekday: 1, hour: $0, lift: 1, isOwn: false) }
    }

    private func rank(_ row: Int, _ channel: Channel) -> (Int, Int32, Int) {
        let isKind = Channel.allCases[Int(channels[row])].isHuman == channel.isHuman
        return (isKind ? 1 : 0, answers[row], -Int(channels[row]))
    }
}
