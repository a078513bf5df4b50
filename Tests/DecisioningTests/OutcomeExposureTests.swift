import EngagementModel
import Testing

@testable import Decisioning

@Suite struct OutcomeExposureTests {
    /// Engaged touches of one HCP at noon of the given days.
    private func panel(_ touches: [(day: Day, channel: Channel)], lastMonth: Day) throws -> ExposurePanel {
        let input = try ResponseInput(
            touches: TouchColumns(
                hcp: touches.map { _ in 0 },
                time: touches.map { Int64($0.day.number) * 86_400_000_000 + 43_200_000_000 },
                channel: touches.map(\.channel.code), level: touches.map { _ in ResponseLevel.engaged.code }),
            hcps: HCPColumns(specialty: [0], specialtyNames: ["cardiology"]), asOf: .max / 2)
        return ExposurePanel(input, lastMonth: Month.index(of: lastMonth))
    }

    private func weight(_ panel: ExposurePanel, _ day: Day, _ channel: Channel) -> Float {
        let month = Month.index(of: day)
        return panel.month.indices.filter { panel.month[$0] == month && panel.channel[$0] == channel.code }
            .reduce(0) { $0 + panel.weight[$1] }
    }

    @Test func aTouchCountsForTheDaysLeftOfItsMonthAndTheRestForTheNext() throws {
        let (january, february) = (Day(year: 2026, month: 1, day: 1), Day(year: 2026, month: 2, day: 1))
        let last = try panel([(Day(year: 2026, month: 1, day: 31), .inPerson)], lastMonth: february)
        #expect(abs(weight(last, january, .inPerson) - 0.5 / 31) < 1e-6)
        #expect(abs(weight(last, february, .inPerson) - 30.5 / 31) < 1e-6)
        let first = try panel([(january, .inPerson)], lastMonth: february)
        #expect(abs(weight(first, january, .inPerson) - 30.5 / 31) < 1e-6)
    }

    @Test func channelsOfOneMonthAreSummedApartAndMonthsAfterTheLastLeftOut() throws {
        let days = [20, 25, 28].map { Day(year: 2026, month: 1, day: $0) }
        let touches = [(days[0], Channel.inPerson), (days[1], .email), (days[2], .inPerson)]
        let both = try panel(touches, lastMonth: days[0] + 30)
        #expect(both.month.count == 4)
        for channel in [Channel.inPerson, .email] {
            let sum = weight(both, days[0], channel) + weight(both, days[0] + 30, channel)
            #expect(abs(sum - (channel == .email ? 1 : 2)) < 1e-6)
        }
        let closed = try panel(touches, lastMonth: days[0])
        #expect(Set(closed.month) == [Month.index(of: days[0])])
        #expect(abs(weight(closed, days[0], .inPerson) - (11.5 + 3.5) / 31) < 1e-6)
    }

    @Test func monthsOutsideTheTableAreReckonedAlike() {
        let table = MonthTable()
        for (inside, outside) in [(2026, 2070), (2024, 2072)] {
            for day in [1, 14, 28] {
                let a = table.shareLeft(Int64(Day(year: inside, month: 2, day: day).number))
                let b = table.shareLeft(Int64(Day(year: outside, month: 2, day: day).number))
                #expect(abs(a - b) < 1e-6)
            }
        }
    }
}
