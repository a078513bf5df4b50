/// Lists of choices, written straight to text: a page holds a thousand of them, and each is only a value and a title.
enum Options {
    struct Choice: Sendable, Hashable {
        var value: String
        var title: String
        init(_ value: String, _ title: String) {
            self.value = value
            self.title = title
        }
    }

    /// `<option>` elements; the one with the value `chosen` is selected.
    static func markup(_ choices: some Sequence<Choice>, chosen: String? = nil) -> Markup {
        var html = ""
        for choice in choices {
            html += "<option value=\"\(Markup.escape(choice.value))\""
            if choice.value == chosen { html += " selected" }
            html += ">\(Markup.escape(choice.title))</option>"
        }
        return Markup(trusted: html)
    }

    /// `<button>` elements that send their value.
    static func buttons(_ choices: some Sequence<Choice>, name: String) -> Markup? {
        let html = choices.map {
            "<button name=\"\(name)\" value=\"\(Markup.escape($0.value))\">\(Markup.escape($0.title))</button>"
        }.joined()
        return html.isEmpty ? nil : Markup(trusted: html)
    }

    /// Radio buttons with a hint beside each title.
    static func radios(_ choices: some Sequence<(choice: Choice, hint: String)>, name: String) -> Markup {
        Markup(
            trusted: choices.map { choice, hint in
                "<label class=\"check\"><input type=\"radio\" name=\"\(name)\" value=\"\(Markup.escape(choice.value))\" "
                    + "required> \(Markup.escape(choice.title)) <span class=\"muted\">\(Markup.escape(hint))</span></label>"
            }.joined())
    }
}
