/// A small writer of SVG.
///
/// Horizontal places are per cent of the width and vertical ones pixels: a drawing fills any width from 320 px up
/// while its text keeps its size. Colours come from classes, since the security policy forbids inline styles.
struct Drawing {
    private var body = ""
    let height: Double
    let label: String?

    /// `label` nil marks a decoration that assistive technology skips, because the text beside it says the same.
    init(height: Double, label: String?) {
        self.height = height
        self.label = label
    }

    mutating func rect(x: Double, y: Double, width: Double, height: Double, _ style: String, title: String? = nil) {
        let tip = title.map { "<title>\(Markup.escape($0))</title>" } ?? ""
        body += "<rect x=\"\(Self.number(x))%\" y=\"\(Self.number(y))\" width=\"\(Self.number(max(0, width)))%\" "
        body += "height=\"\(Self.number(max(0, height)))\" class=\"\(style)\">\(tip)</rect>"
    }

    mutating func line(x1: Double, y1: Double, x2: Double, y2: Double, _ style: String) {
        body += "<line x1=\"\(Self.number(x1))%\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))%\" "
        body += "y2=\"\(Self.number(y2))\" class=\"\(style)\"/>"
    }

    mutating func dot(x: Double, y: Double, radius: Double, _ style: String) {
        body +=
            "<circle cx=\"\(Self.number(x))%\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\" class=\"\(style)\"/>"
    }

    mutating func text(x: Double, y: Double, _ text: String, _ style: String) {
        body +=
            "<text x=\"\(Self.number(x))%\" y=\"\(Self.number(y))\" class=\"\(style)\">\(Markup.escape(text))</text>"
    }

    func markup(_ style: String) -> Markup {
        let role = label.map { "role=\"img\" aria-label=\"\(Markup.escape($0))\"" } ?? "aria-hidden=\"true\""
        return Markup(
            trusted: "<svg class=\"\(style)\" width=\"100%\" height=\"\(Self.number(height))\" \(role)>\(body)</svg>")
    }

    /// Two decimals at most, never an exponent, `nan` or `inf`: anything else would break the attribute.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let hundredths = Int((min(max(value, -1e9), 1e9) * 100).rounded())
        let sign = hundredths < 0 ? "-" : ""
        let (whole, fraction) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        if fraction == 0 { return "\(sign)\(whole)" }
        if fraction % 10 == 0 { return "\(sign)\(whole).\(fraction / 10)" }
        return "\(sign)\(whole).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
