import Decisioning
import EngagementModel
import Testing

@Suite struct ResponseTimingTests {
    private let quiet = Strategy.QuietHours(startMinute: 21 * 60, endMinute: 8 * 60)

    @Test func anHourThatWasNeverTriedIsUnknownNotBad() {
        // Colleagues answer at 9 and not at 14; this HCP was only ever asked at 14, and never answered.
        var columns = HourColumns()
        for hcp in 0..<50 as Range<Int32> {
            for (hour, responses) in [(9, 4), (14, hcp == 0 ? 0 : 1)] as [(UInt8, Float)] where hcp > 0 || hour == 14 {
                columns.hcp.append(hcp)
                columns.weekday.append(1)
                columns.hour.append(hour)
                columns.sends.append(10)
                columns.responses.append(responses)
            }
        }
        let model = TimingModel(columns, specialty: [Int32](repeating: 0, count: 50), specialties: 1)
        let week = model.week(hcp: 0)
        #expect(week[24 + 9] > week[24 + 14])
        #expect(model.best(hcp: 0, channel: .email, quiet: quiet)?.hour == 9)
    }

    @Test func ownAnswersWinOverColleaguesWhenThereAreEnough() {
        var columns = HourColumns()
        for hcp in 0..<20 as Range<Int32> {
            columns.hcp.append(hcp)
            columns.weekday.append(2)
            columns.hour.append(hcp == 0 ? 16 : 9)
            columns.sends.append(60)
            columns.responses.append(hcp == 0 ? 55 : 12)
        }
        let model = TimingModel(columns, specialty: [Int32](repeating: 0, count: 20), specialties: 1)
        let moment = model.best(hcp: 0, channel: .email, quiet: quiet)
        #expect(moment?.hour == 16 && moment?.weekday == 2 && moment?.isOwn == true)
    }

    @Test func neverInQuietHours() {
        var columns = HourColumns()
        for hour in [22, 23, 6, 7] as [UInt8] {
            columns.hcp.append(0)
            columns.weekday.append(0)
            columns.hour.append(hour)
            columns.sends.append(50)
            columns.responses.append(50)
        }
        let model = TimingModel(columns, specialty: [0], specialties: 1)
        for channel in Channel.allCases {
            for weekday in 0..<7 {
                let moment = model.best(hcp: 0, channel: channel, weekdays: [weekday], quiet: quiet)
                #expect(moment.map { !quiet.contains(minute: $0.hour * 60) } ?? false)
            }
        }
        let always = Strategy.QuietHours(startMinute: 0, endMinute: 1440)
        #expect(model.best(hcp: 0, channel: .email, quiet: always) == nil)
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
