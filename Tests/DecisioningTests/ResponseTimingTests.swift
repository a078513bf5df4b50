import Decisioning
import EngagementModel
import Testing

@Suite struct ResponseTimingTests {
    private let quiet = Strategy.QuietHours(startMinute: 21 * 60, endMinute: 8 * 60)

    private func best(_ columns: ChannelHourColumns, hcps: Int) -> [ChannelHours.Row] {
        ChannelHours(columns, specialty: [Int32](repeating: 0, count: hcps), specialties: 1)
            .rows(channels: [.email]) { _ in quiet }
    }

    private func add(
        _ columns: inout ChannelHourColumns, _ hcp: Int32, _ weekday: UInt8, _ hour: UInt8, _ n: Float, _ y: Float
    ) {
        columns.append(hcp: hcp, weekday: weekday, hour: hour, channel: .email, sends: n, responses: y, answered: y)
    }

    @Test func anHourThatWasNeverTriedIsUnknownNotBad() {
        // Colleagues answer at 9 and not at 14; this HCP was only ever asked at 14, and never answered.
        var columns = ChannelHourColumns()
        for hcp in 0..<50 as Range<Int32> {
            for (hour, responses) in [(9, 4), (14, hcp == 0 ? 0 : 1)] as [(UInt8, Float)] where hcp > 0 || hour == 14 {
                add(&columns, hcp, 1, hour, 10, responses)
            }
        }
        #expect(best(columns, hcps: 50).first { $0.hcp == 0 }?.preference.moment.hour == 9)
    }

    @Test func ownAnswersWinOverColleaguesWhenThereAreEnough() {
        var columns = ChannelHourColumns()
        for hcp in 0..<20 as Range<Int32> {
            add(&columns, hcp, 2, 9, 60, hcp == 0 ? 5 : 12)
            add(&columns, hcp, 2, 16, 60, hcp == 0 ? 55 : 6)
        }
        let moment = best(columns, hcps: 20).first { $0.hcp == 0 }?.preference.moment
        #expect(moment?.hour == 16 && moment?.isOwn == true)
    }

    /// Who answers everything makes the hours look no better at which it was asked.
    @Test func muchAnsweringIsNoMeritOfTheHour() {
        var columns = ChannelHourColumns()
        for hcp in 0..<60 as Range<Int32> {
            if hcp > 0 {
                add(&columns, hcp, 1, 9, 20, 6)
                add(&columns, hcp, 1, 14, 20, 5)
            } else {
                add(&columns, hcp, 1, 14, 20, 19)
            }
        }
        let own = best(columns, hcps: 60).first { $0.hcp == 0 }?.preference
        #expect((own?.moment.lift ?? 9) < 1.6, "\(String(describing: own))")
    }

    @Test func neverInQuietHours() {
        var columns = ChannelHourColumns()
        for hour in [6, 7, 22, 23] as [UInt8] { add(&columns, 0, 0, hour, 50, 50) }
        let rows = best(columns, hcps: 1)
        #expect(rows.count == 1 && rows.allSatisfy { !quiet.contains(minute: $0.preference.moment.hour * 60) })
    }

    @Test func contentFollowsTasteAndFallsBackToTheSpecialty() {
        let contents = ContentColumns(
            ids: ["a", "b"], topic: [0, 1], topicNames: ["dosing", "safety"], format: [0, 0], formatNames: ["video"])
        let columns = TopicColumns(hcp: [0, 1, 1], topic: [0, 1, 0], format: [0, 0, 0], affinity: [9, 30, 2])
        let choice = ContentChoice(columns, contents: contents, specialty: [0, 0, 0], specialties: 1)
        #expect(choice.best(hcp: 0, among: [0, 1]) == 0)
        #expect(choice.best(hcp: 1, among: [0, 1]) == 1)
        #expect(choice.best(hcp: 2, among: [0, 1]) == 1)  // colleagues prefer safety
        #expect(choice.best(hcp: 2, among: []) == nil)
    }
}
