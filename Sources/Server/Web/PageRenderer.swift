import Hummingbird

/// Puts pages into their frame.
package struct PageRenderer: Sendable {
    let templates: Templates
    let assets: Assets

    package init(nativeDirectory: String?) throws {
        templates = try Templates()
        assets = try Assets(nativeDirectory: nativeDirectory)
    }

    /// A whole document.
    package func document(
        _ template: String, _ view: View, title: String, section: Layout.Section = .none,
        visit: Visit? = nil, stamp: PlanStamp? = nil, language: String = "en"
    ) throws -> String {
        try frame(
            try templates.render(template, view), title: title, section: section, visit: visit, stamp: stamp,
            language: language)
    }

    /// The frame around a body that was rendered before.
    func frame(
        _ body: String, title: String, section: Layout.Section = .none, visit: Visit? = nil, stamp: PlanStamp? = nil,
        language: String = "en"
    ) throws -> String {
        var layout = Layout(title: title, section: section, visit: visit, stamp: stamp, assets: assets.paths)
        layout.language = language
        return try templates.render("layout", layout.view(content: body))
    }

    /// A part of a page, for htmx.
    package func fragment(_ template: String, _ view: View) throws -> String { try templates.render(template, view) }

    func error(_ page: ErrorPage) throws -> Response {
        .html(try document("error", page.view, title: page.title), status: page.status)
    }
}
