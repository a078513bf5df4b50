import EngagementModel
import Foundation
import Testing

@testable import Analysis

/// A folder for one test, removed afterwards.
final class TemporaryPlace {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "analysis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func file(_ name: String, _ text: String) throws -> String {
        try file(name, bytes: Array(text.utf8))
    }

    func file(_ name: String, bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(filePath: path(name)))
        return path(name)
    }
}

/// The diagnostic that `body` throws.
func refusal<R>(_ body: () async throws -> R) async -> Diagnostic? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? Diagnostic
    }
}
