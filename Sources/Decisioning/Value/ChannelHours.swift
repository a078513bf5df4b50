package import EngagementModel
internal import Foundation
internal import Statistics

/// Sends and responses by HCP, weekday (0 Monday), local hour and channel, sorted in this order.
package struct ChannelHourColumns: Sendable {
    package var hcp: [Int32]
    package var weekday: [UInt8]
    package var hour: [UInt8]
    /// `Channel.code`.
    package var channel: [UInt8]
    package var sends: [Float]
    /// Answers that came in this hour.
    package var responses: [Float]
    /// Answers, at whatever time, to what was sent in this hour.
    package var answered: [Float]

    package init(
        hcp: [Int32] = [], weekday: [UInt8] = [], hour: [UInt8] = [], channel: [UInt8] = [], sends: [Float] = [],
        responses: [Float] = [], answered: [Float] = []
    ) {
        self.hcp = hcp
        self.weekday = weekday
        self.hour = hour
        self.channel = channel
        self.sends = sends
        self.responses = responses
        self.answered = answered
    }

    package mutating func append(_ other: ChannelHourColumns) {
        hcp += other.hcp
        weekday += other.weekday
        hour += other.hour
        channel += other.channel
        sends += other.sends
        responses += other.responses
        answered += other.answered
    }

    package mutating func append(
        hcp: Int32, weekday: UInt8, hour: UInt8, channel: Channel, sends: Float, responses: Float, answered: Float
    ) {
        self.hcp.append(hcp)
        self.weekday.append(weekday)
        self.hour.append(hour)
        self.channel.append(channel.code)
        self.sends.append(sends)
        self.responses.append(responses)
        self.answered.append(answered)
    }
}

/// The best hour of every HCP on every channel: the page, the plan and the journeys ask this one model.
///
/// Answers that came when nothing was sent tell the HCP's favourite hour (`FavouriteHour`), answers to what was sent
/// at an hour how good it is (`HourLifts`). A channel's own answers count in full, those of channels of its kind and of
/// the others for what the data say they are worth (`HourPowers`).
package struct ChannelHours: Sendable {
    /// One HCP on one channel on which there was a send or an answer.
    package struct Row: Sendable {
        package var hcp: Int32
        package var channel: Channel
        package var preference: HourPreference
        /// Answers on the channel in all.
        package var answers: Int
    }

    /// How much better the favourite hour is than one far from it: an assumption that only ranks hours.
    static let gain = 0.6
    /// HCPs from whom habits and powers are learnt, evenly spaced: more change nothing that matters.
    private static let sample = (habits: 4_000, powers: 1_500, lifts: 20_000)
    /// HCPs that the favourite hours of all channels count for on one.
    private static let marketWeight = 50.0

    private let columns: ChannelHourColumns
    private let starts: [Int]
    private let specialty: [Int32]
    private let specialties: Int
    /// By channel code; nil where there is not one answer.
    private var habits: [FavouriteHour?]
    /// By channel code.
    package private(set) var powers: [HourPowers]
    private var hours: HourLifts
    private var weekdays: HourLifts
    /// By channel code: group × place.
    private var hourLifts: [[Double]] = []
    private var weekdayLifts: [[Double]] = []

    private static let channels = Channel.allCases

    /// - Parameters:
    ///   - specialty: of each HCP, -1 for none.
    package init(_ columns: ChannelHourColumns, specialty: [Int32], specialties: Int) {
        self.columns = columns
        self.specialty = specialty
        self.specialties = specialties
        var starts = [Int](repeating: columns.hcp.count, count: specialty.count + 1)
        var filled = 0
        for row in columns.hcp.indices {
            while filled <= Int(columns.hcp[row]) {
                starts[filled] = row
                filled += 1
            }
        }
        self.starts = starts
        let people = HourReader(columns, starts)
        let sums = Self.sums(people, specialty, specialties)
        hours = HourLifts(width: 24, groups: specialties, channels: Self.channels.count, sums: sums.hours)
        weekdays = HourLifts(width: 7, groups: specialties, channels: Self.channels.count, sums: sums.weekdays)
        habits = []
        powers = []
        let answering = starts.indices.dropLast().filter { hcp in
            columns.responses[starts[hcp]..<starts[hcp + 1]].contains { $0 > 0 }
        }
        learnHabits(people, answering)
        learnSpread(people)
        for channel in Self.channels {
            let weights = weights(channel)
            hourLifts.append(hours.lifts { weights[$0] })
            weekdayLifts.append(weekdays.lifts { weights[$0] })
        }
    }

    /// What every channel counts for on one.
    private func weights(_ channel: Channel) -> [Double] {
        let own = powers[Int(channel.code)]
        return Self.channels.map { $0 == channel ? 1 : $0.isHuman == channel.isHuman ? own.kind : own.other }
    }

    private func group(_ hcp: Int) -> Int { specialty[hcp] < 0 ? specialties : Int(specialty[hcp]) }

    // MARK: Learning

    private static func sums(
        _ people: HourReader, _ specialty: [Int32], _ specialties: Int
    ) -> (hours: HourLifts.Sums, weekdays: HourLifts.Sums) {
        let cells = channels.count * (specialties + 1)
        let parts = ParallelRanges.map(specialty.count, piece: 16_384) { range in
            var (hours, weekdays) = (HourLifts.Sums(cells * 24), HourLifts.Sums(cells * 7))
            var person = HourReader.Person()
            for hcp in range {
                people.read(hcp, into: &person)
                let group = specialty[hcp] < 0 ? specialties : Int(specialty[hcp])
                for channel in person.channels {
                    let rate = person.answered[channel] / max(person.sent[channel], 1)
                    guard rate > 0 else { continue }
                    let base = channel * (specialties + 1) + group
                    for h in 0..<24 {
                        hours.answers[base * 24 + h] += person.hourAnswers[channel * 24 + h]
                        hours.expected[base * 24 + h] += rate * person.days[channel].sends[h]
                    }
                    for d in 0..<7 {
                        weekdays.answers[base * 7 + d] += person.weekdayAnswers[channel * 7 + d]
                        weekdays.expected[base * 7 + d] += rate * person.weekdaySends[channel * 7 + d]
                    }
                }
            }
            return (hours, weekdays)
        }
        var result = (hours: HourLifts.Sums(cells * 24), weekdays: HourLifts.Sums(cells * 7))
        for part in parts {
            result.hours.add(part.0)
            result.weekdays.add(part.1)
        }
        return result
    }

    private static func evenly(_ rows: [Int], _ count: Int) -> [Int] {
        stride(from: 0, to: rows.count, by: max(1, (rows.count + count - 1) / max(count, 1))).map { rows[$0] }
    }

    /// Habits of each channel, and what the channels are worth for each other.
    private mutating func learnHabits(_ people: HourReader, _ answering: [Int]) {
        var person = HourReader.Person()
        let market = FavouriteHour(
            Self.evenly(answering, Self.sample.habits).map { hcp in
                people.read(hcp, into: &person)
                return person.channels.reduce(into: FavouriteHour.Day()) { sum, channel in
                    for h in 0..<24 {
                        sum.sends[h] += person.days[channel].sends[h]
                        sum.answers[h] += person.days[channel].answers[h]
                    }
                }
            })
        var onChannel = [[Int]](repeating: [], count: Self.channels.count)
        for hcp in answering {
            var seen: UInt64 = 0
            for row in starts[hcp]..<starts[hcp + 1] where columns.responses[row] > 0 {
                let channel = Int(columns.channel[row])
                guard seen & (1 << channel) == 0 else { continue }
                seen |= 1 << channel
                onChannel[channel].append(hcp)
            }
        }
        let known = onChannel
        let learnt = Cores.map(Self.channels.count) { channel -> FavouriteHour? in
            guard !known[channel].isEmpty else { return nil }
            var person = HourReader.Person()
            return FavouriteHour(
                Self.evenly(known[channel], Self.sample.habits).map { hcp in
                    people.read(hcp, into: &person)
                    return person.days[channel]
                }, market: (market.prior, Self.marketWeight))
        }
        habits = learnt
        powers = Cores.map(Self.channels.count) { channel -> HourPowers in
            guard let habit = learnt[channel] else { return HourPowers() }
            var person = HourReader.Person()
            let cases = Self.evenly(known[channel], Self.sample.powers).compactMap { hcp -> HourPowers.Case? in
                people.read(hcp, into: &person)
                guard person.channels.contains(where: { $0 != channel && person.answersOn($0) }) else { return nil }
                let evidence = Self.evidence(person, learnt)
                return HourPowers.Case(
                    own: evidence[channel], kind: Self.others(evidence, person, channel, isKind: true),
                    other: Self.others(evidence, person, channel, isKind: false))
            }
            return HourPowers(cases, prior: habit.prior)
        }
    }

    private static func evidence(_ person: HourReader.Person, _ habits: [FavouriteHour?]) -> [[Double]] {
        var result = [[Double]](repeating: [], count: channels.count)
        for channel in person.channels where person.answersOn(channel) {
            result[channel] = habits[channel]?.evidence(person.days[channel]) ?? []
        }
        return result
    }

    /// Evidence of the other channels of a channel's kind, or of those that are not.
    private static func others(
        _ evidence: [[Double]], _ person: HourReader.Person, _ channel: Int, isKind: Bool
    ) -> [Double] {
        var sum = [Double](repeating: 0, count: 24)
        for other in person.channels where other != channel && !evidence[other].isEmpty {
            guard (channels[other].isHuman == channels[channel].isHuman) == isKind else { continue }
            for h in 0..<24 { sum[h] += evidence[other][h] }
        }
        return sum
    }

    /// How much HCPs differ from their specialty.
    private mutating func learnSpread(_ people: HourReader) {
        var (hour, weekday) = (HourLifts.Spread(), HourLifts.Spread())
        let own = Self.channels.indices.map { channel in
            (hours.lifts { $0 == channel ? 1 : 0 }, weekdays.lifts { $0 == channel ? 1 : 0 })
        }
        var person = HourReader.Person()
        for hcp in Self.evenly(Array(specialty.indices), Self.sample.lifts) {
            people.read(hcp, into: &person)
            let group = group(hcp)
            for channel in person.channels {
                hour.add(
                    HourLifts.spread(
                        person.days[channel].sends[...], person.hourAnswers[(channel * 24)..<(channel * 24 + 24)],
                        own[channel].0[(group * 24)..<(group * 24 + 24)]))
                weekday.add(
                    HourLifts.spread(
                        person.weekdaySends[(channel * 7)..<(channel * 7 + 7)],
                        person.weekdayAnswers[(channel * 7)..<(channel * 7 + 7)],
                        own[channel].1[(group * 7)..<(group * 7 + 7)]))
            }
        }
        hours.learn(hour)
        weekdays.learn(weekday)
    }

    /// Expected answers that the specialty counts for in an HCP's hour and weekday.
    package var personStrengths: (hour: Double, weekday: Double) {
        (hours.strengths.person, weekdays.strengths.person)
    }

    // MARK: Asking

    /// The best hours of all HCPs on the channels on which each was tried or answered, by HCP and channel.
    ///
    /// - Parameters:
    ///   - channels: those asked for.
    ///   - quiet: quiet hours of an HCP: never the best.
    package func rows(channels wanted: Set<Channel>, quiet: @Sendable (Int) -> Strategy.QuietHours?) -> [Row] {
        let people = HourReader(columns, starts)
        let powered = Self.channels.map { weights($0) }
        return ParallelRanges.map(specialty.count, piece: 4096) { range in
            var rows: [Row] = []
            var person = HourReader.Person()
            for hcp in range where starts[hcp] < starts[hcp + 1] {
                people.read(hcp, into: &person)
                let evidence = Self.evidence(person, habits)
                let quiet = quiet(hcp)
                for code in person.channels.sorted() where wanted.contains(Self.channels[code]) {
                    if let row = row(hcp, person, evidence, code, powered[code], quiet) { rows.append(row) }
                }
            }
            return rows
        }.flatMap { $0 }
    }

    private func row(
        _ hcp: Int, _ person: HourReader.Person, _ evidence: [[Double]], _ code: Int, _ weights: [Double],
        _ quiet: Strategy.QuietHours?
    ) -> Row? {
        let channel = Self.channels[code]
        var pooled = [Double](repeating: 0, count: 24)
        var answers = pooled
        var expected = pooled
        var (dayAnswers, dayExpected) = ([Double](repeating: 0, count: 7), [Double](repeating: 0, count: 7))
        for other in person.channels where weights[other] > 0 {
            let weight = weights[other]
            if !evidence[other].isEmpty { for h in 0..<24 { pooled[h] += weight * evidence[other][h] } }
            let rate = weight * person.answered[other] / max(person.sent[other], 1)
            guard rate > 0 else { continue }
            for h in 0..<24 {
                answers[h] += weight * person.hourAnswers[other * 24 + h]
                expected[h] += rate * person.days[other].sends[h]
            }
            for d in 0..<7 {
                dayAnswers[d] += weight * person.weekdayAnswers[other * 7 + d]
                dayExpected[d] += rate * person.weekdaySends[other * 7 + d]
            }
        }
        let prior = habits[code]?.prior ?? [Double](repeating: 1.0 / 24, count: 24)
        let belief = FavouriteHour.belief(pooled, prior)
        let (strength, dayStrength) = personStrengths
        let group = group(hcp)
        var best: (hour: Int, score: Double)?
        var total = 0.0
        for h in channel.hours {
            let usual = hourLifts[code][group * 24 + h]
            let lift = usual * (answers[h] + strength) / (expected[h] * usual + strength)
            let score = lift * (1 + Self.gain * FavouriteHour.nearness(belief, h).mean)
            total += score
            guard quiet?.contains(minute: h * 60) != true else { continue }
            // Mid-morning breaks ties: a first guess, not an estimate.
            if score + (h == 10 ? 1e-9 : 0) > best?.score ?? -1 { best = (h, score) }
        }
        guard let (hour, score) = best else { return nil }
        let week = (0..<5).map { d in
            let usual = weekdayLifts[code][group * 7 + d]
            return usual * (dayAnswers[d] + dayStrength) / (dayExpected[d] * usual + dayStrength)
        }
        let weekday = week.indices.max { week[$0] < week[$1] } ?? 0
        let lift =
            score * Double(channel.hours.count) / max(total, 1e-9) * week[weekday] * 5 / max(week.reduce(0, +), 1e-9)
        // A gamma posterior of shape k has the relative error 1/√k.
        let near = FavouriteHour.nearness(belief, hour)
        let habit = Self.gain * near.deviation / (1 + Self.gain * near.mean)
        let deviation =
            (1 / (strength + answers[hour]) + 1 / (dayStrength + dayAnswers[weekday]) + habit * habit).squareRoot()
        let around = (max(0, hour - 1)...min(23, hour + 1)).reduce(0.0) { $0 + belief[$1] }
        let answered = Int(person.days[code].answers[hour])
        return Row(
            hcp: Int32(hcp), channel: channel,
            preference: HourPreference(
                moment: Moment(weekday: weekday, hour: hour, lift: lift, isOwn: answered > 0),
                liftLow: lift * exp(-1.645 * deviation), liftHigh: lift * exp(1.645 * deviation),
                belief: min(1, around), tried: Int(person.days[code].sends[hour]), answered: answered),
            answers: Int(person.days[code].answers.reduce(0, +)))
    }
}
