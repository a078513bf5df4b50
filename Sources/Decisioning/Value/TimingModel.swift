package import EngagementModel

/// Sends and responses by HCP, weekday (0 Monday) and local hour, sorted by HCP (`mart.feature_hcp_hour`).
package struct HourColumns: Sendable {
    package var hcp: [Int32]
    package var weekday: [UInt8]
    package var hour: [UInt8]
    package var sends: [Float]
    package var responses: [Float]

    package init(
        hcp: [Int32] = [], weekday: [UInt8] = [], hour: [UInt8] = [], sends: [Float] = [], responses: [Float] = []
    ) {
        self.hcp = hcp
        self.weekday = weekday
        self.hour = hour
        self.sends = sends
        self.responses = responses
    }
}

/// A good moment for one HCP.
package struct Moment: Sendable, Hashable, Codable {
    package var weekday: Int
    package var hour: Int
    /// Expected response rate here over the HCP's mean; 1 = nothing known.
    package var lift: Double
    /// Whether the HCP's own answers, rather than those of colleagues, speak for it.
    package var isOwn: Bool
}

/// Response rates over the 168 hours of a week, HCP shrunk to specialty shrunk to all.
///
/// Rates are responses over *sends* in the hour, so that an hour that was never tried keeps the rate of the level above:
/// unknown, not bad. What is known of an hour speaks, with less weight, for its neighbours and for other weekdays.
/// Answers that came when nothing was sent tell the HCP's favourite hour (`FavouriteHour`); rates rise towards it.
package struct TimingModel: Sendable {
    private static let hours = 168
    /// Sends that the level above counts for.
    static let strengths = (all: 200.0, specialty: 100.0, person: 60.0)

    private let columns: HourColumns
    private let starts: [Int]
    private let specialty: [Int32]
    /// Rate by specialty (the last is "unknown") × hour of the week.
    private let rates: [Double]
    private let specialties: Int
    let favourite: FavouriteHour
    /// How much better the favourite hour is than one far from it: an assumption that only ranks hours.
    static let gain = 0.6
    /// Rates of hours count within this band of the mean: answers move between hours, so that ratios of answers to sends
    /// differ far more than the hours do.
    private static let band = (low: 0.9, high: 1.05)
    private let mean: Double

    package init(_ columns: HourColumns, specialty: [Int32], specialties: Int) {
        self.columns = columns
        self.specialty = specialty
        self.specialties = specialties
        var starts = [Int](repeating: columns.hcp.count, count: specialty.count + 1)
        var filled = 0
        var sends = [Double](repeating: 0, count: (specialties + 1) * Self.hours)
        var responses = sends
        for row in columns.hcp.indices {
            let hcp = Int(columns.hcp[row])
            while filled <= hcp, filled <= specialty.count {
                starts[filled] = row
                filled += 1
            }
            let s = specialty[hcp] < 0 ? specialties : Int(specialty[hcp])
            let cell = s * Self.hours + Int(columns.weekday[row]) * 24 + Int(columns.hour[row])
            sends[cell] += Double(columns.sends[row])
            responses[cell] += Double(columns.responses[row])
        }
        self.starts = starts
        let totalSends = sends.reduce(0, +)
        mean = (responses.reduce(0, +) + 1) / (totalSends + 5)
        var rates = [Double](repeating: 0, count: sends.count)
        for k in 0..<Self.hours {
            var (n, y) = (0.0, 0.0)
            for s in 0...specialties {
                // Answers to what was sent at other hours are no merit of this one.
                let cell = s * Self.hours + k
                let usual = mean * sends[cell]
                responses[cell] = min(max(responses[cell], Self.band.low * usual), Self.band.high * usual)
                n += sends[cell]
                y += responses[cell]
            }
            let all = (y + Self.strengths.all * mean) / (n + Self.strengths.all)
            for s in 0...specialties {
                let cell = s * Self.hours + k
                rates[cell] =
                    (responses[cell] + Self.strengths.specialty * all) / (sends[cell] + Self.strengths.specialty)
            }
        }
        self.rates = rates
        favourite = FavouriteHour(hcps: specialty.count) { [starts] in Self.day(columns, starts, $0) }
    }

    /// Sends and answers of an HCP by hour of the day.
    func day(of hcp: Int) -> FavouriteHour.Day { Self.day(columns, starts, hcp) }

    private static func day(_ columns: HourColumns, _ starts: [Int], _ hcp: Int) -> FavouriteHour.Day {
        var day = FavouriteHour.Day()
        for row in starts[hcp]..<starts[hcp + 1] {
            day.sends[Int(columns.hour[row])] += Double(columns.sends[row])
            day.answers[Int(columns.hour[row])] += Double(columns.responses[row])
        }
        return day
    }

    /// The 168 rates of one HCP.
    package func week(hcp: Int) -> [Double] {
        let s = specialty[hcp] < 0 ? specialties : Int(specialty[hcp])
        var n = [Double](repeating: 0, count: Self.hours)
        var y = n
        for row in starts[hcp]..<starts[hcp + 1] {
            let (weekday, hour) = (Int(columns.weekday[row]), Int(columns.hour[row]))
            for d in 0..<7 {
                for h in max(0, hour - 1)...min(23, hour + 1) {
                    let weight = (d == weekday ? 1 : 0.4) * (h == hour ? 1 : 0.5)
                    n[d * 24 + h] += weight * Double(columns.sends[row])
                    let usual = Self.band.high * mean * Double(columns.sends[row])
                    y[d * 24 + h] += weight * min(Double(columns.responses[row]), usual)
                }
            }
        }
        let nearness = favourite.nearness(Self.day(columns, starts, hcp))
        return (0..<Self.hours).map { k in
            let rate =
                (y[k] + Self.strengths.person * rates[s * Self.hours + k]) / (n[k] + Self.strengths.person)
            return rate * (1 + Self.gain * nearness[k % 24])
        }
    }

    /// The best hour on the given weekdays, never in quiet hours; human contact at working hours only. Nil when no hour
    /// is left.
    package func best(
        hcp: Int, channel: Channel, weekdays: Set<Int> = [0, 1, 2, 3, 4], quiet: Strategy.QuietHours?
    ) -> Moment? {
        best(week: week(hcp: hcp), hcp: hcp, channel: channel, weekdays: weekdays, quiet: quiet)
    }

    /// The same from the HCP's rates, for who asks for several days of one HCP.
    package func best(
        week rates: [Double], hcp: Int, channel: Channel, weekdays: Set<Int>, quiet: Strategy.QuietHours?
    ) -> Moment? {
        let window = channel.isHuman ? 8..<18 : 6..<23
        var best: (k: Int, rate: Double)?
        for weekday in weekdays.sorted() {
            for hour in window where quiet?.contains(minute: hour * 60) != true {
                let k = weekday * 24 + hour
                // Mid-morning breaks ties: a first guess, not an estimate.
                let rate = rates[k] + (hour == 10 ? 1e-9 : 0)
                if rate > best?.rate ?? -1 { best = (k, rate) }
            }
        }
        guard let best else { return nil }
        let working = (0..<5).flatMap { d in window.map { rates[d * 24 + $0] } }
        let mean = working.reduce(0, +) / Double(working.count)
        let own = (starts[hcp]..<starts[hcp + 1]).contains {
            Int(columns.hour[$0]) == best.k % 24 && columns.responses[$0] > 0
        }
        return Moment(weekday: best.k / 24, hour: best.k % 24, lift: best.rate / max(mean, 1e-9), isOwn: own)
    }
}
