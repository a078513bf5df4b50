/// A closed loop as one SVG picture: net value against no contact by week, and conflicts by week below it.
public struct LoopChart: Sendable {
    private let report: LoopReport

    public init(_ report: LoopReport) { self.report = report }

    private static let width = 860.0
    private static let plot = (left: 90.0, right: 700.0)
    /// Colours that stay apart in grey and for most colour blindness (Okabe and Ito 2008).
    private static let colours: [LoopPolicy: String] = [
        .rapport: "#0072b2", .frugal: "#56b4e9", .oracle: "#000000", .siloed: "#d55e00", .rules: "#e69f00",
        .random: "#009e73",
        .none: "#999999",
    ]

    public func svg() -> String {
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 620" font-family="sans-serif" font-size="13" role="img">
            <title>Incremental value and conflicts by week and policy</title>
            <rect width="860" height="620" fill="#ffffff"/>

            """
        text += panel("Incremental value a week, net of cost, mean of seeds", top: 40, bottom: 370) { $0.net }
        text += panel("Conflicts a week", top: 430, bottom: 580) { Double($0.conflicts) }
        return text + "</svg>\n"
    }

    private func panel(_ title: String, top: Double, bottom: Double, _ figure: (LoopWeek) -> Double) -> String {
        let policies = report.lines.map(\.policy)
        let curves = policies.map { policy in
            (1...report.weeks).map { week -> Double in
                let rows = report.results.filter { $0.policy == policy && $0.week == week }
                return rows.isEmpty ? 0 : rows.reduce(0) { $0 + figure($1) } / Double(rows.count)
            }
        }
        let high = Self.roundUp(curves.joined().max() ?? 1)
        let low = min(0, -Self.roundUp(-(curves.joined().min() ?? 0)))
        let (left, right) = Self.plot
        func x(_ week: Int) -> Double { left + (right - left) * Double(week - 1) / Double(max(1, report.weeks - 1)) }
        func y(_ value: Double) -> Double { bottom - (bottom - top) * (value - low) / max(high - low, 1e-9) }
        var text = "<text x=\"\(Int(left))\" y=\"\(Int(top) - 14)\" font-weight=\"bold\">\(title)</text>\n"
        for k in 0...4 {
            let value = low + (high - low) * Double(k) / 4
            let line = Self.round(y(value))
            text += "<line x1=\"\(Int(left))\" x2=\"\(Int(right))\" y1=\"\(line)\" y2=\"\(line)\" stroke=\"#dddddd\"/>"
            text += "<text x=\"\(Int(left) - 8)\" y=\"\(line + 4)\" text-anchor=\"end\">\(Self.label(value))</text>\n"
        }
        for week in stride(from: 1, through: report.weeks, by: max(1, report.weeks / 8)) {
            text +=
                "<text x=\"\(Self.round(x(week)))\" y=\"\(Int(bottom) + 18)\" text-anchor=\"middle\">\(week)</text>\n"
        }
        // Labels stand at the ends of their lines, pushed apart where lines meet.
        let ends = policies.indices.sorted { (curves[$0].last ?? 0, $1) > (curves[$1].last ?? 0, $0) }
        var free = top - 8
        for k in policies.indices {
            let points = curves[k].enumerated().map { "\(Self.round(x($0 + 1))),\(Self.round(y($1)))" }
            let colour = Self.colours[policies[k]] ?? "#000000"
            text +=
                "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\" points=\"\(points.joined(separator: " "))\"/>\n"
        }
        for k in ends {
            let place = max(free + 15, y(curves[k].last ?? 0) + 4)
            free = place
            let colour = Self.colours[policies[k]] ?? "#000000"
            text +=
                "<text x=\"\(Int(right) + 10)\" y=\"\(Self.round(place))\" fill=\"\(colour)\">\(policies[k].title)</text>\n"
        }
        return text
    }

    private static func round(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    /// The next of 1, 2, 2.5, 5, 10 times a power of ten; 1 for nothing.
    static func roundUp(_ value: Double) -> Double {
        guard value > 0 else { return value < 0 ? 0 : 1 }
        var power = 1.0
        while power * 10 <= value { power *= 10 }
        while power > value { power /= 10 }
        for step in [1.0, 2, 2.5, 5] where step * power >= value { return step * power }
        return 10 * power
    }

    private static func label(_ value: Double) -> String {
        if value.magnitude >= 1_000_000 { return "\(round(value / 1_000_000)) M" }
        if value.magnitude >= 1000 { return "\(round(value / 1000)) k" }
        return "\(round(value))"
    }
}
