import Crypto
import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird

/// Where pages find style and script: names carry a digest of the content, so browsers may keep them for ever.
package struct AssetPaths: Sendable, Hashable {
    package var css: String
    package var script: String
    /// nil when htmx is not installed; every form then works by itself.
    package var htmx: String?

    package init(css: String, script: String, htmx: String? = nil) {
        self.css = css
        self.script = script
        self.htmx = htmx
    }
}

/// The few files that the server hands out, read once.
package struct Assets: Sendable {
    private struct File: Sendable {
        var bytes: ByteBuffer
        var type: String
    }

    private let files: [String: File]
    package let paths: AssetPaths

    /// - Parameter nativeDirectory: holds `htmx/htmx.min.js` when `script/setup` has run.
    package init(nativeDirectory: String?) throws {
        var files: [String: File] = [:]
        func add(_ data: Data, _ name: String, _ suffix: String, _ type: String) -> String {
            let digest = SHA256.hash(data: data).prefix(6).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let file = "\(name).\(digest).\(suffix)"
            files[file] = File(bytes: ByteBuffer(bytes: data), type: type)
            return "/assets/" + file
        }
        let folder = Resource.folder.appending(path: "assets")
        let css = add(
            try Data(contentsOf: folder.appending(path: "rapport.css")), "rapport", "css", "text/css; charset=utf-8")
        let script = add(
            try Data(contentsOf: folder.appending(path: "rapport.js")), "rapport", "js",
            "text/javascript; charset=utf-8")
        var htmx: String?
        if let nativeDirectory,
            let data = try? Data(contentsOf: URL(filePath: nativeDirectory).appending(path: "htmx/htmx.min.js"))
        {
            htmx = add(data, "htmx", "js", "text/javascript; charset=utf-8")
        }
        files["rapport.svg"] = File(
            bytes: ByteBuffer(bytes: try Data(contentsOf: folder.appending(path: "rapport.svg"))), type: "image/svg+xml"
        )
        self.files = files
        paths = AssetPaths(css: css, script: script, htmx: htmx)
    }

    func response(_ name: String) throws -> Response {
        guard let file = files[name] else { throw HTTPError(.notFound) }
        return Response(
            status: .ok,
            headers: [
                .contentType: file.type,
                .cacheControl: name == "rapport.svg" ? "max-age=86400" : "max-age=31536000, immutable",
            ], body: .init(byteBuffer: file.bytes))
    }
}
