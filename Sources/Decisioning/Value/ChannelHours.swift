package import EngagementModel

/// Sends and responses by HCP, weekday (0 Monday), local hour and channel, sorted in this order.
package struct ChannelHourColumns: Sendable {
    package var hcp: [Int32]
    package var weekday: [UInt8]
    package var hour: [UInt8]
    /// `Channel.code`.
    package var channel: [UInt8]
    package var sends: [Float]
    package var responses: [Float]

    package init(
        hcp: [Int32] = [], weekday: [UInt8] = [], hour: [UInt8] = [], channel: [UInt8] = [], sends: [Float] = [],
        responses: [Float] = []
    ) {
        self.hcp = hcp
        self.weekday = weekday
        self.hour = hour
        self.channel = channel
        self.sends = sends
        self.responses = responses
    }
}

/// The hours of one channel: its own sends and answers in full, those of channels of its kind for a part, those of the
/// others for less, so that a channel of few answers follows its kind and one of many is its own.
///
/// A power prior: Ibrahim, Chen, "Power prior distributions for regression models" (2000), with fixed powers.
package struct ChannelHours: Sendable {
    /// What a send or an answer of another channel counts for.
    package static let powers = (kind: 0.5 as Float, other: 0.2 as Float)

    package let channel: Channel
    /// HCPs with a send or an answer on the channel, ascending.
    package let hcps: [Int32]
    private let model: TimingModel
    /// Places in `hcps` of the first own row, and the own rows.
    private let starts: [Int]
    private let own: HourColumns

    /// - Parameters:
    ///   - specialty: of each HCP, -1 for none.
    package init(_ columns: ChannelHourColumns, channel: Channel, specialty: [Int32], specialties: Int) {
        self.channel = channel
        let powers = Channel.allCases.map { other -> Float in
            other == channel ? 1 : other.isHuman == channel.isHuman ? Self.powers.kind : Self.powers.other
        }
        var pooled = HourColumns()
        var own = HourColumns()
        var hcps: [Int32] = []
        var starts: [Int] = []
        for row in columns.hcp.indices {
            let (hcp, weekday, hour) = (columns.hcp[row], columns.weekday[row], columns.hour[row])
            let power = powers[Int(columns.channel[row])]
            if pooled.hcp.last == hcp, pooled.weekday.last == weekday, pooled.hour.last == hour {
                pooled.sends[pooled.sends.count - 1] += power * columns.sends[row]
                pooled.responses[pooled.responses.count - 1] += power * columns.responses[row]
            } else {
                pooled.append(hcp, weekday, hour, power * columns.sends[row], power * columns.responses[row])
            }
            guard columns.channel[row] == channel.code else { continue }
            if hcps.last != hcp {
                hcps.append(hcp)
                starts.append(own.hcp.count)
            }
            own.append(hcp, weekday, hour, columns.sends[row], columns.responses[row])
        }
        self.hcps = hcps
        self.starts = starts + [own.hcp.count]
        self.own = own
        model = TimingModel(pooled, specialty: specialty, specialties: specialties)
    }

    /// The best hour of `hcps[place]` on the channel and its uncertainty; nil when no hour is left.
    ///
    /// `tried` and `answered` count the channel's own sends and answers at the hour; the interval rests on the pooled ones.
    package func preference(
        _ place: Int, quiet: Strategy.QuietHours? = nil
    ) -> (preference: HourPreference, answers: Int)? {
        guard var found = model.preference(hcp: Int(hcps[place]), channel: channel, quiet: quiet) else { return nil }
        (found.tried, found.answered) = (0, 0)
        var answers = 0
        for row in starts[place]..<starts[place + 1] {
            answers += Int(own.responses[row])
            guard Int(own.hour[row]) == found.moment.hour else { continue }
            found.tried += Int(own.sends[row])
            found.answered += Int(own.responses[row])
        }
        found.moment.isOwn = found.answered > 0
        return (found, answers)
    }
}

extension HourColumns {
    fileprivate mutating func append(_ hcp: Int32, _ weekday: UInt8, _ hour: UInt8, _ sends: Float, _ responses: Float)
    {
        self.hcp.append(hcp)
        self.weekday.append(weekday)
        self.hour.append(hour)
        self.sends.append(sends)
        self.responses.append(responses)
    }
}
