/// Decorations that stand beside the number they show.
enum Marks {
    /// An expected value with its interval on a common scale from `low` to `high`; nil when there is no scale.
    static func interval(value: Double, low: Double, high: Double, scale: ClosedRange<Double>) -> Markup? {
        let width = scale.upperBound - scale.lowerBound
        guard width > 0, [value, low, high].allSatisfy(\.isFinite) else { return nil }
        func place(_ v: Double) -> Double { 2 + 96 * min(1, max(0, (v - scale.lowerBound) / width)) }
        var drawing = Drawing(height: 14, label: nil)
        drawing.line(x1: 0, y1: 7, x2: 100, y2: 7, "axis")
        drawing.line(x1: place(0), y1: 2, x2: place(0), y2: 12, "zero")
        drawing.line(x1: place(low), y1: 7, x2: place(high), y2: 7, "range")
        drawing.dot(x: place(value), y: 7, radius: 3.5, "point")
        return drawing.markup("mark")
    }

    /// Parts of a whole as one bar; `parts` are shares from 0 to 1 with their class.
    static func share(_ parts: [(share: Double, style: String)]) -> Markup {
        var drawing = Drawing(height: 12, label: nil)
        drawing.rect(x: 0, y: 0, width: 100, height: 12, "rest")
        var x = 0.0
        for part in parts where part.share.isFinite && part.share > 0 {
            let width = min(100 - x, part.share * 100)
            drawing.rect(x: x, y: 0, width: width, height: 12, part.style)
            x += width
        }
        return drawing.markup("bar")
    }

    /// A bar from zero to `value` on a scale that ends at `top`.
    static func bar(_ value: Double, top: Double, _ style: String = "fill") -> Markup {
        share([(top > 0 ? max(0, value) / top : 0, style)])
    }

    /// A year in a word-sized column chart.
    static func trend(_ values: [Double]) -> Markup {
        var drawing = Drawing(height: 18, label: nil)
        let top = values.filter(\.isFinite).max() ?? 0
        let step = values.isEmpty ? 0 : 100 / Double(values.count)
        for (index, value) in values.enumerated() where top > 0 && value > 0 {
            let height = max(1, 17 * value / top)
            drawing.rect(x: Double(index) * step, y: 18 - height, width: step * 0.8, height: height, "column")
        }
        return drawing.markup("trend")
    }
}
