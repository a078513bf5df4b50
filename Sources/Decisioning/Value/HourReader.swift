internal import EngagementModel

/// One HCP's counts at a time, from rows sorted by HCP.
struct HourReader: Sendable {
    private let columns: ChannelHourColumns
    private let starts: [Int]

    init(_ columns: ChannelHourColumns, _ starts: [Int]) {
        self.columns = columns
        self.starts = starts
    }

    /// Counts by channel code, used again for the next HCP: what it touched is wiped, nothing is made anew.
    struct Person: Sendable {
        /// Codes with a row, in order of first appearance.
        fileprivate(set) var channels: [Int] = []
        fileprivate(set) var days = [FavouriteHour.Day](
            repeating: FavouriteHour.Day(), count: Channel.allCases.count)
        /// Answers to what was sent in an hour: channel × 24.
        fileprivate(set) var hourAnswers = [Double](repeating: 0, count: Channel.allCases.count * 24)
        /// Sends and answers to them by weekday: channel × 7.
        fileprivate(set) var weekdaySends = [Double](repeating: 0, count: Channel.allCases.count * 7)
        fileprivate(set) var weekdayAnswers = [Double](repeating: 0, count: Channel.allCases.count * 7)
        fileprivate(set) var sent = [Double](repeating: 0, count: Channel.allCases.count)
        fileprivate(set) var answered = [Double](repeating: 0, count: Channel.allCases.count)
        fileprivate var came = [Double](repeating: 0, count: Channel.allCases.count)

        /// Whether any answer came on a channel.
        func answersOn(_ channel: Int) -> Bool { came[channel] > 0 }
    }

    func read(_ hcp: Int, into person: inout Person) {
        for channel in person.channels {
            for h in 0..<24 {
                person.days[channel].sends[h] = 0
                person.days[channel].answers[h] = 0
                person.hourAnswers[channel * 24 + h] = 0
            }
            for d in 0..<7 {
                person.weekdaySends[channel * 7 + d] = 0
                person.weekdayAnswers[channel * 7 + d] = 0
            }
            (person.sent[channel], person.answered[channel], person.came[channel]) = (0, 0, 0)
        }
        person.channels.removeAll(keepingCapacity: true)
        for row in starts[hcp]..<starts[hcp + 1] {
            let (channel, hour) = (Int(columns.channel[row]), Int(columns.hour[row]))
            if !person.channels.contains(channel) { person.channels.append(channel) }
            let (sends, answered) = (Double(columns.sends[row]), Double(columns.answered[row]))
            person.days[channel].sends[hour] += sends
            person.days[channel].answers[hour] += Double(columns.responses[row])
            person.hourAnswers[channel * 24 + hour] += answered
            person.weekdaySends[channel * 7 + Int(columns.weekday[row])] += sends
            person.weekdayAnswers[channel * 7 + Int(columns.weekday[row])] += answered
            person.sent[channel] += sends
            person.answered[channel] += answered
            person.came[channel] += Double(columns.responses[row])
        }
    }
}
