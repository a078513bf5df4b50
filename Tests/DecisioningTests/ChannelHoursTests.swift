import Decisioning
import EngagementModel
import Testing

@Suite struct ChannelHoursTests {
    /// HCPs who answer e-mail in the evening and the phone in the morning. The last one had one message through the rep.
    private static func columns() -> ChannelHourColumns {
        var columns = ChannelHourColumns()
        for hcp in 0..<40 as Range<Int32> {
            var slots: [(UInt8, Channel, Float, Float)] = [
                (9, .phone, 10, 8), (10, .email, 20, 2), (14, .email, 20, 2), (14, .phone, 10, 1), (17, .email, 4, 12),
            ]
            if hcp == 39 { slots.append((14, .emailRep, 1, 0)) }
            for (hour, channel, sends, responses) in slots.sorted(by: { ($0.0, $0.1.code) < ($1.0, $1.1.code) }) {
                columns.hcp.append(hcp)
                columns.weekday.append(2)
                columns.hour.append(hour)
                columns.channel.append(channel.code)
                columns.sends.append(sends)
                columns.responses.append(responses)
            }
        }
        return columns
    }

    private static func hours(_ channel: Channel) -> ChannelHours {
        ChannelHours(columns(), channel: channel, specialty: [Int32](repeating: 0, count: 40), specialties: 1)
    }

    @Test func everyChannelHasItsOwnHour() throws {
        let mail = try #require(Self.hours(.email).preference(3))
        let phone = try #require(Self.hours(.phone).preference(3))
        #expect((16...18).contains(mail.preference.moment.hour), "\(mail)")
        #expect((8...10).contains(phone.preference.moment.hour), "\(phone)")
        #expect(mail.answers == 16 && phone.answers == 9)
    }

    @Test func aChannelOfOneMessageFollowsItsKind() throws {
        let hours = Self.hours(.emailRep)
        #expect(hours.hcps == [39])
        let thin = try #require(hours.preference(0))
        let mail = try #require(Self.hours(.email).preference(39))
        #expect((16...18).contains(thin.preference.moment.hour), "\(thin)")
        func width(_ found: HourPreference) -> Double { found.liftHigh / found.liftLow }
        #expect(width(thin.preference) > width(mail.preference))
        #expect(thin.preference.tried == 0 && thin.preference.answered == 0 && !thin.preference.moment.isOwn)
    }

    @Test func whoWasNeverTriedOnAChannelHasNoRowThere() {
        #expect(Self.hours(.sms).hcps.isEmpty)
        #expect(Self.hours(.phone).hcps.count == 40)
    }
}
