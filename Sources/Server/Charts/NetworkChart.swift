internal import Foundation

/// A person in the middle, those whom ties lead to around: the thicker the line, the stronger the tie; the larger the
/// dot, the more central the other.
enum NetworkChart {
    struct Tie {
        var name: String
        /// In patients; see the catalogue.
        var weight: Double
        /// 1 is an average colleague.
        var centrality: Double
        /// Same community as the person in the middle.
        var isNear: Bool
        /// The cells of the table after the name.
        var cells: [String]
    }

    /// Ties from the strongest on, clockwise from the top; the table says the same and more.
    static func draw(title: String, centre: String, ties: [Tie], columns: [DataTable.Column]) -> Chart {
        let height = 250.0
        let middle = (x: 50.0, y: height / 2)
        let top = ties.map(\.weight).max() ?? 0
        let summary =
            ties.first.map { "\(title): \(Format.plural(ties.count, "tie")), the strongest to \($0.name)." }
            ?? "\(title): no ties."
        var drawing = Drawing(height: height, label: summary)
        let places = ties.indices.map { index -> (x: Double, y: Double) in
            let angle = 2 * Double.pi * Double(index) / Double(max(1, ties.count)) - Double.pi / 2
            // Alternate rings keep names of neighbours apart.
            let reach = index % 2 == 0 ? 1.0 : 0.74
            return (middle.x + 24 * reach * cos(angle), middle.y + (height / 2 - 24) * reach * sin(angle))
        }
        for (tie, place) in zip(ties, places) {
            let share = top > 0 ? tie.weight / top : 0
            let style = share > 0.66 ? "tie strong" : share > 0.33 ? "tie" : "tie weak"
            drawing.line(x1: middle.x, y1: middle.y, x2: place.x, y2: place.y, style)
        }
        for (number, (tie, place)) in zip(ties, places).enumerated() {
            let radius = 4 + 4 * min(1, max(0, tie.centrality) / 3)
            drawing.dot(x: place.x, y: place.y, radius: radius, tie.isNear ? "node near" : "node")
            let isLeft = place.x < middle.x - 1
            // Narrow screens show the numbers of the table's rows instead of names.
            let aside = isLeft ? place.x - 2.2 : place.x + 2.2
            drawing.text(x: aside, y: place.y + 4, "\(number + 1)", isLeft ? "end narrow" : "narrow")
            drawing.text(
                x: aside, y: place.y + 4, "\(number + 1) \(tie.name)", isLeft ? "end minor" : "minor")
        }
        drawing.dot(x: middle.x, y: middle.y, radius: 9, "node centre")
        let rows = zip(1..., ties).map { ["\($0) \($1.name)"] + $1.cells }
        return Chart(
            title: title, summary: summary, svg: drawing.markup("network"),
            table: DataTable(caption: "\(title) of \(centre)", columns: columns, rows: rows))
    }
}
