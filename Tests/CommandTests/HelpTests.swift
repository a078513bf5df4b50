import Foundation
import TestSupport
import Testing

/// Help texts are part of the contract with users: a change is seen and approved by changing the golden.
@Suite struct HelpTests {
    private static let commands = [
        "", "init", "check", "run", "serve", "engage", "erase", "decisions", "explain", "why-not", "report", "export",
        "import", "import inquiries",
        "user", "replay", "evaluate", "model", "model list", "model evaluate", "model promote", "content",
        "analyze", "analyze match", "analyze timing", "analyze timing-of-day", "analyze changepoint",
        "analyze replenish",
        "analyze network", "analyze segment", "analyze classify", "analyze learn", "analyze ope", "analyze optimize",
        "analyze route", "simulate", "analyze uplift", "analyze effect",
        "backup", "restore", "migrate", "doctor", "consent", "consent export", "consent pending", "consent suppress",
    ]

    @Test(arguments: commands) func helpSaysWhatTheGoldenSays(_ command: String) throws {
        let result = try Command.run(command.split(separator: " ").map(String.init) + ["--help"])
        #expect(result.status == 0 && result.messages.isEmpty)
        let name = command.isEmpty ? "rapport" : command.replacing(" ", with: "-")
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/\(name).txt")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
            try Data(result.output.utf8).write(to: file)
        }
        #expect(result.output == String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }

    @Test func wrongUsageIsExitCode2() throws {
        for arguments in [["run", "--as-of", "yesterday"], ["nonsense"], ["decisions", "--format", "xml"], ["init"]] {
            let result = try Command.run(arguments)
            #expect(result.status == 2, "\(arguments)")
            #expect(result.output.isEmpty && !result.messages.isEmpty)
        }
    }

    @Test func aMissingWorkspaceIsExitCode3AndSaysWhatToDo() throws {
        let folder = try TemporaryFolder()
        let result = try Command.run("run", "--workspace", folder.url.path)
        #expect(result.status == 3)
        #expect(result.messages.contains("rapport init"))
    }
}
