import Decisioning
import EngagementModel
import Testing

@Suite struct HourPreferenceTests {
    /// HCPs who are written to at 10 and 14 and answer at 17; the last one is never tried.
    private static func model(answers: Int) -> TimingModel {
        var columns = HourColumns()
        for hcp in 0..<40 as Range<Int32> {
            let own = hcp == 0 ? answers : 12
            for (hour, sends, responses) in [(10, 20, 3), (14, 20, 3), (17, 0, own)] as [(UInt8, Float, Int)] {
                columns.hcp.append(hcp)
                columns.weekday.append(1)
                columns.hour.append(hour)
                columns.sends.append(sends)
                columns.responses.append(Float(responses))
            }
        }
        return TimingModel(columns, specialty: [Int32](repeating: 0, count: 41), specialties: 1)
    }

    @Test func anHourOfAnswersThatNobodyAskedForIsTheirOwn() throws {
        let found = try #require(Self.model(answers: 12).preference(hcp: 5, channel: .email))
        #expect((16...18).contains(found.moment.hour) && found.belief > 0.8)
        #expect(found.liftLow > 1 && found.liftLow < found.moment.lift && found.moment.lift < found.liftHigh)
        #expect(found.tried == 0 && found.answered == 12)
    }

    @Test func fewAnswersLeaveAWideInterval() throws {
        func width(_ answers: Int, hcp: Int) throws -> Double {
            let found = try #require(Self.model(answers: answers).preference(hcp: hcp, channel: .email))
            return found.liftHigh / found.liftLow
        }
        #expect(try width(2, hcp: 0) > width(40, hcp: 0))
        #expect(try width(12, hcp: 40) >= width(12, hcp: 5))
    }

    @Test func theTableSaysWhatTheDecisionUses() throws {
        let model = Self.model(answers: 12)
        for channel in [Channel.email, .inPerson, .phone] {
            for hcp in [0, 7, 40] {
                #expect(
                    model.preference(hcp: hcp, channel: channel)?.moment
                        == model.best(hcp: hcp, channel: channel, quiet: nil))
            }
        }
    }
}
