internal import EngagementModel
internal import Foundation

/// Asks a program of the workspace (`scan:` of `rapport.yaml`) about a file that somebody sent.
///
/// The program reads the file from standard input and ends with 0 (nothing found), or 1 (a virus), as `clamdscan
/// --no-summary -` and `clamscan --no-summary -` do. Anything else, or two minutes of silence, is no answer: nothing is taken
/// in then, and the sender tries again.
package struct FileScanner: Sendable {
    private let words: [String]
    private let seconds: Double

    /// - Parameter command: program and arguments, separated by spaces; no shell reads it.
    package init(command: String, seconds: Double = 120) {
        words = command.split(separator: " ").map(String.init)
        self.seconds = seconds
    }

    /// - Throws: `scan_failed`.
    package func findsVirus(in bytes: [UInt8]) async throws -> Bool {
        // `env` alone ends with 0, as if nothing were found.
        guard !words.isEmpty else { throw Self.failed("`scan` names no program") }
        let file = FileManager.default.temporaryDirectory.appending(path: "rapport-scan-\(UUID().uuidString)")
        // For nobody else's eyes, and gone as soon as it is open.
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        else { throw Self.failed("its temporary file cannot be written") }
        let opened = FileHandle(forReadingAtPath: file.path)
        try? FileManager.default.removeItem(at: file)
        guard let input = opened else { throw Self.failed("its file cannot be read") }
        defer { try? input.close() }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let limit = seconds
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: Self.failed("it cannot be started"))
                return
            }
            let id = process.processIdentifier
            Task.detached {
                try? await Task.sleep(for: .seconds(limit))
                // A program that has ended is not touched: its number may be another's.
                if process.isRunning { kill(id, SIGKILL) }
            }
        }
        guard process.terminationReason == .exit else {
            throw Self.failed("it was killed, or did not answer within \(Int(seconds)) s")
        }
        switch status {
        case 0: return false
        case 1: return true
        default: throw Self.failed("it ended with status \(status)")
        }
    }

    private static func failed(_ why: String) -> Diagnostic {
        Diagnostic(
            "scan_failed", "The program that looks for viruses gave no answer: \(why).",
            remedy: "check `scan` in rapport.yaml, and send it again")
    }
}
