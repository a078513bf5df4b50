import Decisioning
import EngagementModel
import Statistics
import Testing

@Suite struct ChannelHoursTests {
    /// HCPs who answer e-mail in the evening and the phone in the morning. The last one had one message through the rep.
    private static func columns() -> ChannelHourColumns {
        var columns = ChannelHourColumns()
        for hcp in 0..<40 as Range<Int32> {
            // Hour, channel, sends, answers at the hour, answers to what was sent in it.
            var slots: [(UInt8, Channel, Float, Float, Float)] = [
                (9, .phone, 4, 6, 3), (10, .email, 20, 2, 7), (14, .email, 20, 2, 6), (14, .phone, 20, 2, 3),
                (16, .phone, 20, 2, 4), (17, .email, 4, 12, 3),
            ]
            if hcp == 39 { slots.append((14, .emailRep, 1, 0, 0)) }
            for slot in slots.sorted(by: { ($0.0, $0.1.code) < ($1.0, $1.1.code) }) {
                columns.append(
                    hcp: hcp, weekday: 2, hour: slot.0, channel: slot.1, sends: slot.2, responses: slot.3,
                    answered: slot.4)
            }
        }
        return columns
    }

    private static let model = ChannelHours(columns(), specialty: [Int32](repeating: 0, count: 40), specialties: 1)
    private static let rows = model.rows(channels: Set(Channel.allCases)) { _ in nil }

    private static func row(_ hcp: Int32, _ channel: Channel) throws -> ChannelHours.Row {
        try #require(rows.first { $0.hcp == hcp && $0.channel == channel })
    }

    @Test func everyChannelHasItsOwnHour() throws {
        let mail = try Self.row(3, .email)
        let phone = try Self.row(3, .phone)
        #expect((16...18).contains(mail.preference.moment.hour), "\(mail)")
        #expect((8...10).contains(phone.preference.moment.hour), "\(phone)")
        #expect(mail.answers == 16 && phone.answers == 10)
        #expect(mail.preference.moment.isOwn && phone.preference.moment.isOwn)
        for row in [mail, phone] {
            let found = row.preference
            #expect(found.liftLow < found.moment.lift && found.moment.lift < found.liftHigh && found.belief > 0.5)
        }
    }

    @Test func aChannelOfOneMessageFollowsItsKind() throws {
        let thin = try Self.row(39, .emailRep)
        let mail = try Self.row(39, .email)
        #expect((16...18).contains(thin.preference.moment.hour), "\(thin)")
        func width(_ found: HourPreference) -> Double { found.liftHigh / found.liftLow }
        #expect(width(thin.preference) > width(mail.preference))
        #expect(thin.preference.tried == 0 && thin.preference.answered == 0 && !thin.preference.moment.isOwn)
        #expect(Self.rows.count { $0.channel == .emailRep } == 1)
    }

    @Test func quietHoursAndHoursOfAPersonAreKept() {
        let quiet = Strategy.QuietHours(startMinute: 16 * 60, endMinute: 8 * 60)
        for row in Self.model.rows(channels: [.email, .phone], quiet: { _ in quiet }) {
            #expect((8..<16).contains(row.preference.moment.hour))
        }
        let always = Strategy.QuietHours(startMinute: 0, endMinute: 1440)
        #expect(Self.model.rows(channels: [.email], quiet: { _ in always }).isEmpty)
    }

    @Test func whoIsAskedElsewhereIsAnsweredFromTheRows() {
        let hours = BestHours(Self.rows, specialty: [Int32](repeating: 0, count: 41), specialties: 1)
        for row in Self.rows {
            #expect(hours.moment(hcp: Int(row.hcp), channel: row.channel, quiet: nil) == row.preference.moment)
        }
        // A text message comes at the hour of e-mail, a visit at that of the phone; who is unknown, at that of most.
        let known = try? Self.row(5, .email).preference.moment.hour
        #expect(hours.moment(hcp: 5, channel: .sms, quiet: nil)?.hour == known)
        #expect((8...10).contains(hours.moment(hcp: 5, channel: .inPerson, quiet: nil)?.hour ?? 0))
        #expect(hours.moment(hcp: 40, channel: .email, quiet: nil)?.hour == known)
        #expect(hours.moment(hcp: 40, channel: .event, quiet: nil)?.hour == 10)
        let morning = Strategy.QuietHours(startMinute: 9 * 60, endMinute: 21 * 60)
        #expect(hours.moment(hcp: 5, channel: .email, quiet: morning).map { $0.hour == 8 } == true)
        #expect(hours.moment(hcp: 5, channel: .phone, quiet: .init(startMinute: 0, endMinute: 1440)) == nil)
    }

    // MARK: What the data say of the weights

    /// HCPs with a favourite hour who answer e-mail, the rep's e-mail and the phone around it, written to at random.
    ///
    /// - Parameters:
    ///   - alike: chance that a channel shares the favourite hour of e-mail; else it has one of its own.
    private static func market(alike: [Channel: Double], seed: UInt64) -> ChannelHours {
        var g = SeededGenerator(seed: seed, stream: 0)
        var columns = ChannelHourColumns()
        let hcps = 1500
        for hcp in 0..<Int32(hcps) {
            let favourite = 7 + g.below(14)
            var cells: [Int: [Channel: (sends: Float, responses: Float, answered: Float)]] = [:]
            for channel in [Channel.email, .emailRep, .phone] {
                let own = g.uniform() < alike[channel, default: 1] ? favourite : 7 + g.below(14)
                for _ in 0..<10 {
                    let sent = 8 + g.below(10)
                    cells[sent, default: [:]][channel, default: (0, 0, 0)].sends += 1
                    guard g.uniform() < 0.5 else { continue }
                    cells[sent, default: [:]][channel, default: (0, 0, 0)].answered += 1
                    let at = g.uniform() < 0.5 ? own : min(23, sent + g.below(3))
                    cells[at, default: [:]][channel, default: (0, 0, 0)].responses += 1
                }
            }
            for hour in cells.keys.sorted() {
                for (channel, cell) in (cells[hour] ?? [:]).sorted(by: { $0.key.code < $1.key.code }) {
                    columns.append(
                        hcp: hcp, weekday: 1, hour: UInt8(hour), channel: channel, sends: cell.sends,
                        responses: cell.responses, answered: cell.answered)
                }
            }
        }
        return ChannelHours(columns, specialty: [Int32](repeating: 0, count: hcps), specialties: 1)
    }

    /// Channels that share the favourite hour count nearly in full, strangers not at all.
    @Test func powersFollowWhatChannelsShare() {
        let shared = Self.market(alike: [:], seed: 3).powers[Int(Channel.email.code)]
        #expect(shared.kind > 0.75 && shared.other > 0.75, "\(shared)")
        let apart = Self.market(alike: [.emailRep: 0, .phone: 0], seed: 4).powers[Int(Channel.email.code)]
        #expect(apart.kind < 0.12 && apart.other < 0.12, "\(apart)")
        let kind = Self.market(alike: [.phone: 0], seed: 5).powers[Int(Channel.email.code)]
        #expect(kind.kind > 0.75 && kind.other < 0.12, "\(kind)")
        let half = Self.market(alike: [.emailRep: 0.5, .phone: 0.5], seed: 6).powers[Int(Channel.email.code)]
        #expect(half.kind > 0.05 && half.kind < shared.kind - 0.1, "\(half)")
    }

    /// Answers by hour of sending whose relative rates have a known gamma spread between HCPs.
    private static func spread(strength: Double?, seed: UInt64) -> Double {
        var g = SeededGenerator(seed: seed, stream: 1)
        var columns = ChannelHourColumns()
        let hcps = 6000
        for hcp in 0..<Int32(hcps) {
            let level = 0.05 + 0.2 * g.uniform()
            for hour in 8..<16 as Range<UInt8> {
                // A gamma of whole shape is a sum of exponentials.
                var lift = 1.0
                if let strength {
                    lift = (0..<Int(strength)).reduce(0.0) { sum, _ in sum + g.exponential() } / strength
                }
                let answered = (0..<30).count { _ in g.uniform() < min(1, level * lift) }
                columns.append(
                    hcp: hcp, weekday: 3, hour: hour, channel: .email, sends: 30, responses: Float(answered),
                    answered: Float(answered))
            }
        }
        return ChannelHours(columns, specialty: [Int32](repeating: 0, count: hcps), specialties: 1).personStrengths.hour
    }

    @Test func theStrengthOfTheSpecialtyIsFound() {
        for truth in [4.0, 16] {
            let found = Self.spread(strength: truth, seed: UInt64(truth))
            #expect(abs(found / truth - 1) < 0.25, "\(truth) \(found)")
        }
        // HCPs who differ by chance alone are one.
        #expect(Self.spread(strength: nil, seed: 9) > 100)
    }
}
