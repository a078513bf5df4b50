import EngagementModel
import Foundation
import Mustache

/// The templates of `Resources/templates`, compiled once.
package struct Templates: Sendable {
    private let library: MustacheLibrary

    /// Reads every `*.mustache` of the bundle; a template that does not parse stops the start.
    package init() throws {
        let folder = Resource.folder.appending(path: "templates")
        var templates: [String: MustacheTemplate] = [:]
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        where file.pathExtension == "mustache" {
            let name = file.deletingPathExtension().lastPathComponent
            do {
                templates[name] = try MustacheTemplate(string: String(contentsOf: file, encoding: .utf8))
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

/// Files that come with the server.
enum Resource {
    static var folder: URL { Bundle.module.bundleURL.appending(path: "Resources") }
}
