import Foundation

/// A day's way as a drawing: places by number, the base as a square, a bar for the scale.
///
/// Shapes keep: a picture of fixed proportions that fills the width it gets. The table beside it says the same.
enum RouteMap {
    private static let width = 320.0
    private static let height = 200.0
    private static let margin = 22.0

    static func draw(_ route: RoutePage, base: RoutePage.Point) -> Markup {
        let shown = [base] + route.stops.map(\.place)
        // Far-off places of missed visits would shrink the day to a dot: only near ones are drawn.
        let stretch = cos(base.latitude * .pi / 180)
        func flat(_ point: RoutePage.Point) -> (x: Double, y: Double) {
            ((point.longitude - base.longitude) * stretch, point.latitude - base.latitude)
        }
        let flats = shown.map(flat)
        let (left, right) = (flats.map(\.x).min() ?? 0, flats.map(\.x).max() ?? 0)
        let (low, high) = (flats.map(\.y).min() ?? 0, flats.map(\.y).max() ?? 0)
        // At least a kilometre across, so that one site does not fill the sheet.
        let scale = min(
            (width - 2 * margin) / max(right - left, 0.01), (height - 2 * margin - 14) / max(high - low, 0.01))
        func place(_ point: RoutePage.Point) -> (x: Double, y: Double) {
            let p = flat(point)
            return (
                width / 2 + (p.x - (left + right) / 2) * scale,
                (height - 14) / 2 - (p.y - (low + high) / 2) * scale
            )
        }
        func inside(_ p: (x: Double, y: Double)) -> Bool {
            p.x > 6 && p.x < width - 6 && p.y > 6 && p.y < height - 20
        }
        let places = route.stops.map { place($0.place) }
        let home = place(base)
        let n = Drawing.number
        var body = ""
        let path = ([home] + places + [home]).map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
        body += "<polyline class=\"leg\" points=\"\(path)\"/>"
        for missed in route.missed {
            let p = place(missed.place)
            guard inside(p) else { continue }
            body += "<circle class=\"missed\" cx=\"\(n(p.x))\" cy=\"\(n(p.y))\" r=\"5\">"
            body += "<title>\(Markup.escape(missed.label.name)): does not fit</title></circle>"
        }
        body += "<rect class=\"base\" x=\"\(n(home.x - 6))\" y=\"\(n(home.y - 6))\" width=\"12\" height=\"12\">"
        body += "<title>Base</title></rect>"
        // Stops at one site share a disc.
        var groups: [(place: (x: Double, y: Double), numbers: [Int], names: [String])] = []
        for (index, p) in places.enumerated() {
            let name = route.stops[index].label.name
            if let same = groups.firstIndex(where: { abs($0.place.x - p.x) + abs($0.place.y - p.y) < 12 }) {
                groups[same].numbers.append(index + 1)
                groups[same].names.append(name)
            } else {
                groups.append((p, [index + 1], [name]))
            }
        }
        for group in groups {
            let text = group.numbers.map(String.init).joined(separator: "·")
            let half = 9 + 3 * Double(text.count - 1)
            body += "<rect class=\"stop\" x=\"\(n(group.place.x - half))\" y=\"\(n(group.place.y - 9))\" "
            body += "width=\"\(n(2 * half))\" height=\"18\" rx=\"9\">"
            body += "<title>\(Markup.escape(group.names.joined(separator: ", ")))</title></rect>"
            body += "<text class=\"stop-number\" x=\"\(n(group.place.x))\" y=\"\(n(group.place.y + 4))\">\(text)</text>"
        }
        body += scaleBar(degrees: scale)
        let label = Markup.escape(
            "Map of the day: \(Format.plural(route.stops.count, "stop")) from the base and back, in the order of the table."
        )
        return Markup(
            trusted:
                "<svg class=\"route\" viewBox=\"0 0 \(n(width)) \(n(height))\" role=\"img\" aria-label=\"\(label)\">"
                + body + "</svg>")
    }

    /// A round number of kilometres, at most a third of the width.
    ///
    /// - Parameter degrees: units of the drawing a degree.
    private static func scaleBar(degrees: Double) -> String {
        let unit = degrees / 111.2
        let length = [200.0, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2].first { $0 * unit <= width / 3 } ?? 0.1
        let n = Drawing.number
        let (y, end) = (height - 6, margin + length * unit)
        var text = "<line class=\"axis\" x1=\"\(n(margin))\" y1=\"\(n(y))\" x2=\"\(n(end))\" y2=\"\(n(y))\"/>"
        text += "<text x=\"\(n(end + 5))\" y=\"\(n(y + 4))\">\(Format.amount(length)) km</text>"
        return text
    }
}
