import EngagementModel
import Testing

@Suite struct TimeTests {
    @Test func everyDayOfFourCenturiesReadsBackAsItIsWritten() throws {
        var day = Day(year: 1900, month: 1, day: 1)
        var (year, month, dayOfMonth) = (1900, 1, 1)
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        while year < 2300 {
            #expect(day.civil == (year, month, dayOfMonth))
            #expect(Day(day.description) == day)
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            dayOfMonth += 1
            if dayOfMonth > lengths[month - 1] + (month == 2 && leap ? 1 : 0) { (month, dayOfMonth) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
            day = day + 1
        }
    }

    @Test(arguments: ["2026-02-30", "2025-02-29", "2026-13-01", "2026-00-10", "26-01-01", "2026-1-1", "2026/01/01", ""])
    func impossibleDaysAreNoDays(_ text: String) {
        #expect(Day(text) == nil)
    }

    @Test func theFirstDayOf1970WasAThursday() {
        #expect(Day(number: 0).weekday == 3)
        #expect(Day("2026-11-22")?.weekday == 6)
        #expect(Day(number: -1).weekday == 2)
    }

    @Test func businessDaysLeaveOutWeekendsAndHolidays() throws {
        let friday = try #require(Day("2026-11-20"))
        let thanksgiving = try #require(Day("2026-11-26"))
        let days = friday.businessDays(5, holidays: [thanksgiving]).map(\.description)
        #expect(days == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27", "2026-11-30"])
    }

    @Test func spansReadAndRoundUpToDays() {
        #expect(Span("7d")?.days == 7)
        #expect(Span("36h")?.days == 2)
        #expect(Span("2w")?.description == "2w")
        #expect(Span("90m")?.description == "90m")
        for wrong in ["", "7", "d", "-1d", "1.5d", "7 d", "7y"] { #expect(Span(wrong) == nil) }
    }
}
