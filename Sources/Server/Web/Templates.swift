import EngagementModel
import Foundation
import Mustache

/// The templates of `Resources/templates`, compiled once.
package struct Templates: Sendable {
    private let library: MustacheLibrary

    /// Reads every `*.mustache` of the bundle; a template that does not parse stops the start.
    package init() throws {
        MustacheContentTypes.register(ScalarHTML(), named: "HTML")
        let folder = Resource.folder.appending(path: "templates")
        var templates: [String: MustacheTemplate] = [:]
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        where file.pathExtension == "mustache" {
            let name = file.deletingPathExtension().lastPathComponent
            do {
                let text = try String(contentsOf: file, encoding: .utf8)
                templates[name] = try MustacheTemplate(string: "{{% CONTENT_TYPE:HTML}}" + text)
            } catch {
                throw Diagnostic("bad_template", "The template does not parse: \(error)", file: file.lastPathComponent)
            }
        }
        library = MustacheLibrary(templates: templates)
    }

    /// Renders one template; a missing template is a fault of the build, not of the request.
    package func render(_ name: String, _ view: View) throws -> String {
        guard let html = library.render(view, withTemplate: name) else {
            throw Diagnostic("missing_template", "No template is called \(name).")
        }
        return html
    }
}

/// Escapes by Unicode scalars. The library's own way goes by characters and leaves a quotation mark as it is that a
/// combining accent follows: to a browser it ends the attribute all the same.
private struct ScalarHTML: MustacheContentType {
    func escapeText(_ text: String) -> String { Markup.escape(text) }
}

/// Files that come with the server.
enum Resource {
    static var folder: URL { Bundle.module.bundleURL.appending(path: "Resources") }
}
