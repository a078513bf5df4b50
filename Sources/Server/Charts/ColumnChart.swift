/// Columns over an ordered axis: one series, or two that are compared.
enum ColumnChart {
    struct Point {
        var label: String
        /// Shown under the axis when there is room; nil leaves the place empty.
        var tick: String?
        var value: Double?
    }

    /// Draws `points`; a missing value leaves a gap, never a zero.
    static func draw(
        title: String, unit: String, points: [Point], highlightFrom: Int? = nil, format: (Double) -> String
    ) -> Chart {
        let values = points.compactMap(\.value)
        let top = Scale.niceTop(values.max() ?? 0)
        let plot = 96.0
        let baseline = 16 + plot
        let left = 9.0
        let step = points.isEmpty ? 0 : (100 - left) / Double(points.count)
        var drawing = Drawing(height: baseline + 20, label: summary(title, unit, points, format))
        for share in [0.0, 0.5, 1.0] {
            let y = baseline - plot * share
            drawing.line(x1: left, y1: y, x2: 100, y2: y, share == 0 ? "axis" : "grid")
            drawing.text(x: left - 1, y: y + 4, format(top * share), "tick end")
        }
        for (index, point) in points.enumerated() {
            let x = left + step * Double(index)
            if let value = point.value, top > 0 {
                let height = plot * max(0, value) / top
                let style = highlightFrom.map { index >= $0 } ?? false ? "column recent" : "column"
                drawing.rect(
                    x: x + step * 0.12, y: baseline - height, width: step * 0.76, height: height, style,
                    title: "\(point.label): \(format(value))")
            }
            if let tick = point.tick {
                drawing.text(
                    x: x + step / 2, y: baseline + 14, tick,
                    index % 2 == 0 || points.count < 8 ? "tick mid" : "tick mid minor")
            }
        }
        return Chart(
            title: title, summary: summary(title, unit, points, format), svg: drawing.markup("plot"),
            table: DataTable(
                caption: title, columns: [.init("Period"), .init(unit, number: true)],
                rows: points.map { [$0.label, $0.value.map(format) ?? "–"] }))
    }

    private static func summary(
        _ title: String, _ unit: String, _ points: [Point], _ format: (Double) -> String
    ) -> String {
        let known = points.filter { $0.value != nil }
        guard let first = known.first, let last = known.last, let start = first.value, let end = last.value else {
            return "\(title): no values."
        }
        return "\(title): \(format(start)) \(unit) in \(first.label), \(format(end)) in \(last.label)."
    }
}

/// Round ends for axes.
enum Scale {
    /// The smallest of 1, 2, 2.5, 5 × 10ⁿ that is not below `value`.
    static func niceTop(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return 1 }
        var unit = 1.0
        while unit * 10 <= value { unit *= 10 }
        while unit > value { unit /= 10 }
        return [1, 2, 2.5, 5, 10].map { $0 * unit }.first { $0 >= value * 0.999_999 } ?? value
    }
}
