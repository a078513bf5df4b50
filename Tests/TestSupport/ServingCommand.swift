import Foundation

#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif

/// A real `rapport serve` on a free port, asked over HTTP.
package final class ServingCommand {
    private let process = Process()
    private let address: String

    /// Returns when the server says where it listens.
    package init(_ workspace: String) throws {
        let messages = Pipe()
        process.executableURL = URL(filePath: Command.path)
        process.arguments = ["serve", "--workspace", workspace, "--port", "0"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = messages
        try process.run()
        var said = ""
        var found: String?
        while found == nil {
            let data = messages.fileHandleForReading.availableData
            guard !data.isEmpty else { throw CocoaError(.fileReadUnknown, userInfo: ["said": said]) }
            said += String(decoding: data, as: UTF8.self)
            found = said.firstMatch(of: #/on (http:\/\/[^ \/]+)\/ /#).map { String($0.1) }
        }
        address = found ?? ""
        // What it says later is read away, so that it never waits for a reader.
        messages.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    /// Posts JSON and reads JSON; asks again while the server still reads its plan (503).
    package func post(_ path: String, _ body: String, key: String) async throws -> [String: Any] {
        var request = URLRequest(url: URL(string: address + path) ?? URL(filePath: path))
        request.httpMethod = "POST"
        request.httpBody = Data(body.utf8)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization")
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let (data, response) = try await URLSession.shared.data(for: request)
            if (response as? HTTPURLResponse)?.statusCode == 503, ContinuousClock.now < deadline { continue }
            return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        }
    }

    package func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
