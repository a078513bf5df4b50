/// The hours of a week, each as a cell: when an HCP answers.
enum HeatMap {
    static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// `cells[weekday][hour]`, Monday first; nil was never tried.
    static func draw(title: String, cells: [[HeatCell?]]) -> Chart {
        let top = cells.joined().compactMap { $0?.score }.max() ?? 0
        let left = 10.0
        let width = (100 - left) / 24
        let height = 16.0
        var drawing = Drawing(height: 7 * height + 18, label: summary(title, cells))
        for (day, hours) in cells.enumerated() {
            let y = Double(day) * height
            drawing.text(x: 0, y: y + 12, weekdays[day], "tick")
            for (hour, cell) in hours.enumerated() {
                drawing.rect(
                    x: left + Double(hour) * width, y: y, width: width * 0.94, height: height - 1,
                    style(cell, top: top), title: tip(day, hour, cell))
            }
        }
        for hour in stride(from: 0, to: 24, by: 3) {
            drawing.text(
                x: left + (Double(hour) + 0.5) * width, y: 7 * height + 13, "\(hour)",
                hour % 6 == 0 ? "tick mid" : "tick mid minor")
        }
        return Chart(
            title: title, summary: summary(title, cells), svg: drawing.markup("plot heat"), table: table(title, cells))
    }

    private static func style(_ cell: HeatCell?, top: Double) -> String {
        guard let cell else { return "heat-none" }
        guard top > 0 else { return "heat-0" }
        return "heat-\(min(4, max(0, Int(cell.score / top * 4.999))))"
    }

    private static func tip(_ day: Int, _ hour: Int, _ cell: HeatCell?) -> String {
        let place = "\(weekdays[day]) \(hour):00"
        guard let cell else { return "\(place): never tried" }
        return "\(place): \(cell.responses) of \(cell.sends) answered"
    }

    private static func best(_ cells: [[HeatCell?]]) -> (day: Int, hour: Int, cell: HeatCell)? {
        cells.enumerated().flatMap { day, hours in
            hours.enumerated().compactMap { hour, cell in cell.map { (day: day, hour: hour, cell: $0) } }
        }.max { $0.cell.score < $1.cell.score }
    }

    private static func summary(_ title: String, _ cells: [[HeatCell?]]) -> String {
        guard let best = best(cells) else { return "\(title): nothing was tried yet." }
        return "\(title): best on \(weekdays[best.day]) at \(best.hour):00."
    }

    /// Only hours that were tried: 168 rows of nothing help nobody.
    private static func table(_ title: String, _ cells: [[HeatCell?]]) -> DataTable {
        let rows = cells.enumerated().flatMap { day, hours in
            hours.enumerated().compactMap { hour, cell -> [String]? in
                guard let cell else { return nil }
                return [
                    "\(weekdays[day]) \(hour):00", "\(cell.sends)", "\(cell.responses)", Format.percent(cell.score),
                ]
            }
        }
        return DataTable(
            caption: title,
            columns: [
                .init("Hour"), .init("Tried", number: true), .init("Answered", number: true),
                .init("Score", number: true),
            ], rows: rows)
    }
}
