/// The hours of a week, each as a cell: when an HCP answers.
enum HeatMap {
    static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// `cells[weekday][hour]`, Monday first; nil was never tried.
    static func draw(title: String, cells: [[HeatCell?]]) -> Chart {
        let scale = Scale(cells.joined().compactMap { $0?.score })
        let left = 10.0
        let width = (100 - left) / 24
        let height = 16.0
        var drawing = Drawing(height: 7 * height + 40, label: summary(title, cells))
        for (day, hours) in cells.enumerated() {
            let y = Double(day) * height
            drawing.text(x: 0, y: y + 12, weekdays[day], "tick")
            for (hour, cell) in hours.enumerated() {
                drawing.rect(
                    x: left + Double(hour) * width, y: y, width: width * 0.94, height: height - 1,
                    cell.map { "heat-\(scale.step($0.score))" } ?? "heat-none", title: tip(day, hour, cell))
            }
        }
        for hour in stride(from: 0, to: 24, by: 3) {
            drawing.text(
                x: left + (Double(hour) + 0.5) * width, y: 7 * height + 13, "\(hour)",
                hour % 6 == 0 ? "tick mid" : "tick mid minor")
        }
        legend(scale, left: left, y: 7 * height + 22, &drawing)
        return Chart(
            title: title, summary: summary(title, cells), svg: drawing.markup("plot heat"), table: table(title, cells))
    }

    /// Five steps between the low and the high end of what was found, so that hours are told apart however close they
    /// lie; the ends leave out one hour in twenty on each side, which would spend the steps on one odd hour.
    struct Scale {
        let low: Double
        let high: Double

        init(_ scores: [Double]) {
            let sorted = scores.filter(\.isFinite).sorted()
            let cut = sorted.count / 20
            low = sorted.isEmpty ? 0 : sorted[cut]
            high = sorted.isEmpty ? 0 : sorted[sorted.count - 1 - cut]
        }

        /// Whether there is anything to tell apart.
        var isOpen: Bool { high > low }

        /// 0 (fewest answers) to 4; the middle where all are alike.
        func step(_ score: Double) -> Int {
            guard isOpen, score.isFinite else { return 2 }
            return min(4, max(0, Int((score - low) / (high - low) * 5)))
        }
    }

    /// The steps with the rates at both ends.
    private static func legend(_ scale: Scale, left: Double, y: Double, _ drawing: inout Drawing) {
        guard scale.isOpen else { return }
        drawing.text(x: left, y: y + 11, rate(scale.low), "tick")
        for step in 0..<5 {
            drawing.rect(x: left + 16 + Double(step) * 7, y: y, width: 6.6, height: 13, "heat-\(step)")
        }
        drawing.text(x: left + 52, y: y + 11, rate(scale.high) + " answered", "tick")
    }

    private static func rate(_ share: Double) -> String { Format.number(share * 100, digits: 1) + " %" }

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
