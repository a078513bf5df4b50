import Journeys

/// A journey's graph as a picture: steps as boxes with the number of HCPs who are there, ways as lines.
enum JourneyDrawing {
    private static let box = (width: 210.0, height: 46.0)
    private static let gap = (across: 26.0, down: 50.0)

    /// - Parameter present: HCPs at each step now.
    static func draw(_ graph: JourneyGraph, title: String, present: [String: Int]) -> Markup {
        let core = Double(max(1, graph.widest)) * (box.width + gap.across) + gap.across
        let height = Double(max(1, graph.layers)) * (box.height + gap.down)
        var inLayer: [Int: Int] = [:]
        for step in graph.steps { inLayer[step.layer, default: 0] += 1 }
        var places: [String: (x: Double, y: Double)] = [:]
        var layers: [String: Int] = [:]
        for step in graph.steps {
            let count = Double(inLayer[step.layer] ?? 1)
            let left = (core - count * box.width - (count - 1) * gap.across) / 2
            places[step.id] = (
                left + Double(step.place) * (box.width + gap.across), Double(step.layer) * (box.height + gap.down) + 4
            )
            layers[step.id] = step.layer
        }
        // A way that leads back, or past other layers, swings out to the right, each in a lane of its own.
        let (near, far) = graph.edges.reduce(into: ([JourneyGraph.Edge](), [JourneyGraph.Edge]())) { ways, edge in
            let isNear = (layers[edge.to] ?? 0) == (layers[edge.from] ?? 0) + 1
            if isNear { ways.0.append(edge) } else { ways.1.append(edge) }
        }
        let width = core + (far.isEmpty ? 0 : Double(far.count) * lane + 150)
        var body = ""
        for edge in near {
            guard let from = places[edge.from], let to = places[edge.to] else { continue }
            body += straight(from, to, edge.words)
        }
        for (number, edge) in far.enumerated() {
            guard let from = places[edge.from], let to = places[edge.to] else { continue }
            body += around(from, to, edge.words, x: core + Double(number) * lane, row: number % 4)
        }
        for step in graph.steps {
            guard let place = places[step.id] else { continue }
            let count = present[step.id] ?? 0
            let style = step.isEnd ? "step end-step" : count > 0 ? "step peopled" : "step"
            body += "<g><title>\(Markup.escape("\(step.id): \(step.words)"))</title>"
            body +=
                "<rect x=\"\(n(place.x))\" y=\"\(n(place.y))\" width=\"\(n(box.width))\" height=\"\(n(box.height))\" "
            body += "rx=\"6\" class=\"\(style)\"/>"
            body += text(place.x + 10, place.y + 18, "step-name", step.id)
            body += text(place.x + 10, place.y + 35, "step-words", cut(step.words, 34))
            if count > 0 { body += text(place.x + box.width - 10, place.y + 18, "step-count end", Format.count(count)) }
            body += "</g>"
        }
        let label = Markup.escape("\(title): \(graph.steps.count) steps; the table below says the same")
        return Markup(
            trusted: "<svg class=\"journey\" width=\"\(n(width))\" height=\"\(n(height))\" role=\"img\" "
                + "aria-label=\"\(label)\">\(body)</svg>")
    }

    private static let lane = 34.0

    /// From the foot of one box to the head of the next.
    private static func straight(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ words: String)
        -> String
    {
        let (x1, y1) = (from.x + box.width / 2, from.y + box.height)
        let (x2, y2) = (to.x + box.width / 2, to.y)
        let bend = gap.down * 0.6
        var result = path("M\(n(x1)) \(n(y1)) C\(n(x1)) \(n(y1 + bend)) \(n(x2)) \(n(y2 - bend)) \(n(x2)) \(n(y2))")
        result += path("M\(n(x2 - 4)) \(n(y2 - 6)) L\(n(x2)) \(n(y2)) L\(n(x2 + 4)) \(n(y2 - 6))")
        if !words.isEmpty {
            result += text((x1 + 2 * x2) / 3 + 6, y2 - gap.down * 0.3, "way-words", cut(words, 30))
        }
        return result
    }

    /// From the right side of one box to the right side of another, along a lane.
    private static func around(
        _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ words: String, x: Double,
        row: Int
    ) -> String {
        let (x1, y1) = (from.x + box.width, from.y + box.height * 0.65)
        let (x2, y2) = (to.x + box.width, to.y + box.height * 0.35)
        let turn = y2 > y1 ? 10.0 : -10.0
        var result = path(
            "M\(n(x1)) \(n(y1)) L\(n(x - 10)) \(n(y1)) Q\(n(x)) \(n(y1)) \(n(x)) \(n(y1 + turn)) "
                + "L\(n(x)) \(n(y2 - turn)) Q\(n(x)) \(n(y2)) \(n(x - 10)) \(n(y2)) L\(n(x2)) \(n(y2))")
        result += path("M\(n(x2 + 6)) \(n(y2 - 4)) L\(n(x2)) \(n(y2)) L\(n(x2 + 6)) \(n(y2 + 4))")
        // Neighbouring lanes begin at the same height: each says its words in a row of its own.
        if !words.isEmpty {
            result += text(x + 5, y1 + turn * (1.8 + 1.4 * Double(row)) + 4, "way-words", cut(words, 24))
        }
        return result
    }

    private static func path(_ line: String) -> String { "<path d=\"\(line)\" class=\"way\"/>" }

    private static func text(_ x: Double, _ y: Double, _ style: String, _ text: String) -> String {
        "<text x=\"\(n(x))\" y=\"\(n(y))\" class=\"\(style)\">\(Markup.escape(text))</text>"
    }

    private static func cut(_ text: String, _ length: Int) -> String {
        text.count <= length ? text : text.prefix(length - 1) + "…"
    }

    private static func n(_ value: Double) -> String { Drawing.number(value) }
}
