import EngagementModel
import Foundation
import Testing

@testable import Server

struct ChartTests {
    @Test func everyChartHasATableWithTheSameValues() throws {
        let chart = ColumnChart.draw(
            title: "Orders", unit: "Orders",
            points: [.init(label: "Jan", tick: "Jan", value: 3), .init(label: "Feb", tick: nil, value: nil)],
            format: { Format.number($0, digits: 0) })
        #expect(chart.table.rows == [["Jan", "3"], ["Feb", "–"]])
        #expect(chart.svg.html.contains("aria-label=\"Orders: 3 Orders in Jan, 3 in Jan.\""))
        let page = try PageRenderer(nativeDirectory: nil).fragment("chart", chart.view)
        #expect(page.contains("<details>") && page.contains("<caption>Orders</caption>"))
    }

    @Test func aMissingMonthIsAGapAndNotAZero() {
        let points: [ColumnChart.Point] = [
            .init(label: "a", tick: nil, value: nil), .init(label: "b", tick: nil, value: 2),
        ]
        let chart = ColumnChart.draw(title: "t", unit: "u", points: points, format: Format.measure)
        #expect(chart.svg.html.components(separatedBy: "<rect").count - 1 == 1)
    }

    @Test func numbersOfDrawingsNeverBreakAnAttribute() {
        for value in [Double.nan, .infinity, -.infinity, 1e300, -0.001, 0.005, 1.05, 12.5, -3.21] {
            let text = Drawing.number(value)
            #expect(text.wholeMatch(of: /-?[0-9]+(\.[0-9]{1,2})?/) != nil, "\(value) became \(text)")
        }
        #expect(Drawing.number(1.05) == "1.05")
        #expect(Drawing.number(12.5) == "12.5")
        #expect(Drawing.number(-3.2) == "-3.2")
    }

    @Test func labelsOfDrawingsAreEscaped() {
        var drawing = Drawing(height: 10, label: "\"><script>")
        drawing.text(x: 0, y: 0, "<b>", "tick")
        drawing.rect(x: 0, y: 0, width: 1, height: 1, "fill", title: "'&")
        #expect(!drawing.markup("plot").html.contains("<script>"))
        #expect(drawing.markup("plot").html.contains("&lt;b&gt;"))
        #expect(HTMLCheck(drawing.markup("plot").html).problems.isEmpty)
    }

    @Test func anHourThatWasNeverTriedIsUnknownAndNotBad() {
        var cells = [[HeatCell?]](repeating: [HeatCell?](repeating: nil, count: 24), count: 7)
        cells[1][14] = HeatCell(sends: 5, responses: 0, score: 0)
        let chart = HeatMap.draw(title: "Hours", cells: cells)
        #expect(chart.svg.html.components(separatedBy: "heat-none").count - 1 == 167)
        #expect(chart.svg.html.contains("Tue 14:00: 0 of 5 answered"))
        #expect(chart.table.rows == [["Tue 14:00", "5", "0", "0 %"]])
    }

    @Test func anIntervalWithoutAScaleIsNotDrawn() {
        #expect(Marks.interval(value: 1, low: 0, high: 2, scale: 0...0) == nil)
        #expect(Marks.interval(value: .nan, low: 0, high: 2, scale: 0...2) == nil)
        #expect(Marks.interval(value: 1, low: 0, high: 2, scale: 0...2)?.html.contains("aria-hidden") == true)
    }

    @Test func scalesEndAtRoundNumbers() {
        #expect(Scale.niceTop(0) == 1)
        #expect(Scale.niceTop(7) == 10)
        #expect(Scale.niceTop(10) == 10)
        #expect(Scale.niceTop(23) == 25)
        #expect(Scale.niceTop(0.03) == 0.05)
        #expect(Scale.niceTop(.infinity) == 1)
    }
}
