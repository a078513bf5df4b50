import Mustache

/// Text that is already safe HTML: only `Charts` and `Markup.escaped` make it.
package struct Markup: Sendable, Hashable, MustacheCustomRenderable {
    package let html: String

    /// `html` must have been built from escaped parts; a template prints it as it stands.
    init(trusted html: String) { self.html = html }

    package var renderText: String { html }
    package var isNull: Bool { false }

    /// Escapes the five characters that end text or an attribute value.
    static func escape(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 38 || $0 == 60 || $0 == 62 || $0 == 34 || $0 == 39 }) else {
            return text
        }
        var result = ""
        result.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func escaped(_ text: String) -> Markup { Markup(trusted: escape(text)) }
}

/// What a template sees: names and values, nothing else.
///
/// A page model turns itself into a `View`; absent values are left out rather than stored as nil, because a
/// template must be able to ask "is it there". A plain dictionary of `Any` would print `Optional(…)`.
package struct View: MustacheParent {
    private var fields: [String: Any] = [:]

    package init() {}

    package func child(named name: String) -> Any? { fields[name] }

    /// Names that were set; for tests.
    package var names: Set<String> { Set(fields.keys) }

    mutating func set(_ name: String, _ text: String?) {
        guard let text, !text.isEmpty else { return }
        fields[name] = text
    }

    mutating func set(_ name: String, _ number: Int) { fields[name] = String(number) }
    mutating func set(_ name: String, _ flag: Bool) { fields[name] = flag }
    mutating func set(_ name: String, _ markup: Markup?) { if let markup { fields[name] = markup } }
    mutating func set(_ name: String, _ view: View?) { if let view { fields[name] = view } }

    mutating func set(_ name: String, _ list: [View]) {
        fields[name] = list
        fields["has_\(name)"] = !list.isEmpty
    }

    mutating func set(_ name: String, _ list: [String]) {
        fields[name] = list
        fields["has_\(name)"] = !list.isEmpty
    }
}

extension View {
    /// Builds a view in one expression.
    static func with(_ body: (inout View) -> Void) -> View {
        var view = View()
        body(&view)
        return view
    }
}
