package import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif

private func sendSignal(_ process: Int32, _ signal: Int32) -> Int32 { kill(process, signal) }

/// Runs the built `rapport` as a user would.
package struct Command: Sendable {
    package struct Result: Sendable {
        package var status: Int32
        package var output: String
        package var messages: String

        package init(status: Int32 = 0, output: String = "", messages: String = "") {
            self.status = status
            self.output = output
            self.messages = messages
        }
    }

    /// The program beside the test bundle.
    package static let path = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "rapport").path

    /// Runs to the end; output goes through files, so that no pipe can fill up.
    package static func run(_ arguments: String..., input: String = "") throws -> Result {
        try run(arguments, input: input)
    }

    package static func run(_ arguments: [String], input: String = "") throws -> Result {
        let folder = try TemporaryFolder()
        let process = try start(arguments, input: input, in: folder)
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: try folder.read("out"), messages: try folder.read("err"))
    }

    /// Kills the program with SIGKILL as soon as it has said some words on standard error.
    package static func kill(_ arguments: [String], afterMessage words: String) throws {
        let process = Process()
        let messages = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = messages
        try process.run()
        var said = ""
        while !said.contains(words) {
            let data = messages.fileHandleForReading.availableData
            if data.isEmpty { break }  // It ended before it said so.
            said += String(decoding: data, as: UTF8.self)
        }
        _ = sendSignal(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Starts the program with its output in `out` and `err` of a folder.
    package static func start(_ arguments: [String], input: String = "", in folder: TemporaryFolder) throws -> Process {
        for name in ["out", "err"] { try folder.write("", to: name) }
        try folder.write(input, to: "in")
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["COLUMNS"] = "100"
        process.environment = environment
        process.standardInput = try FileHandle(forReadingFrom: folder.url.appending(path: "in"))
        process.standardOutput = try FileHandle(forWritingTo: folder.url.appending(path: "out"))
        process.standardError = try FileHandle(forWritingTo: folder.url.appending(path: "err"))
        try process.run()
        return process
    }
}

/// Rows of a CSV text by column name; for small outputs whose quoting is RFC 4180.
package struct Sheet: Sendable {
    package var columns: [String] = []
    package var rows: [[String]] = []

    package init(_ text: String) {
        var records: [[String]] = []
        var fields: [String] = []
        var field = ""
        var quoted = false
        var iterator = text.unicodeScalars.makeIterator()
        var pending = iterator.next()
        while let scalar = pending {
            pending = iterator.next()
            if quoted {
                if scalar != "\"" {
                    field.unicodeScalars.append(scalar)
                } else if pending == "\"" {
                    field += "\""
                    pending = iterator.next()
                } else {
                    quoted = false
                }
            } else if scalar == "\"" {
                quoted = true
            } else if scalar == "," || scalar == "\n" {
                fields.append(field)
                field = ""
                if scalar == "\n" {
                    records.append(fields)
                    fields = []
                }
            } else {
                field.unicodeScalars.append(scalar)
            }
        }
        columns = records.first ?? []
        rows = Array(records.dropFirst())
    }

    package subscript(_ column: String) -> [String] {
        guard let place = columns.firstIndex(of: column) else { return [] }
        return rows.map { $0[place] }
    }
}
