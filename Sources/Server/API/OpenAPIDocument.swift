import EngagementModel
import Foundation
import NIOCore

/// The description of `/v1` for programs: `Resources/openapi.json`, OpenAPI 3.1.
enum OpenAPIDocument {
    /// - Throws: `bad_document` when the file is missing; the server then does not start.
    static func read() throws -> ByteBuffer {
        guard let data = FileManager.default.contents(atPath: Resource.folder.appending(path: "openapi.json").path)
        else { throw Diagnostic("bad_document", "The description of the interface is missing.", file: "openapi.json") }
        return ByteBuffer(bytes: data)
    }
}
