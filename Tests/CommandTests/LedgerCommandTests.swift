import Foundation
import TestSupport
import Testing

/// Copies of the ledger as an operator makes and uses them, and what the doctor says of a workspace.
@Suite struct LedgerCommandTests {
    private struct Report: Decodable {
        var path: String
        var consents: Int
        var auditRows: Int
    }

    private struct Findings: Decodable {
        struct Finding: Decodable {
            var subject: String
            var verdict: String
        }

        var findings: [Finding]
        subscript(_ subject: String) -> String? { findings.first { $0.subject == subject }?.verdict }
    }

    /// A workspace of its own, whose ledger holds people that sign in.
    private static func workspace(_ folder: TemporaryFolder) throws -> String {
        let path = folder.url.appending(path: "company").path
        #expect(try Command.run("init", path, "--template", "empty").status == 0)
        let added = try Command.run(
            "user", "add", "ada", "--name", "Ada", "--role", "admin", "--workspace", path,
            input: "correct horse battery\n")
        #expect(added.status == 0, "\(added.messages)")
        return path
    }

    private static func decode<R: Decodable>(_ type: R.Type, _ result: Command.Result) throws -> R {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(result.output.utf8))
    }

    @Test func aBackupTakesTheLedgersPlaceAndWhatWasThereStays() throws {
        let folder = try TemporaryFolder()
        let path = try Self.workspace(folder)
        let made = try Command.run("backup", "--workspace", path, "--json")
        #expect(made.status == 0, "\(made.messages)")
        let backup = try Self.decode(Report.self, made)
        #expect(backup.path.contains("/state/backups/ledger-2") && backup.auditRows > 0)
        // What came after the copy is gone with a restore, and the file aside still has it.
        let later = try Command.run(
            "user", "add", "bob", "--name", "Bob", "--role", "owner", "--workspace", path,
            input: "correct horse battery\n")
        #expect(later.status == 0)
        let unsure = try Command.run("restore", backup.path, "--workspace", path)
        #expect(unsure.status == 1 && unsure.messages.contains("not_confirmed"))
        let restored = try Command.run("restore", backup.path, "--yes", "--workspace", path)
        #expect(restored.status == 0, "\(restored.messages)")
        let users = try Command.run("user", "list", "--workspace", path).output
        #expect(users.contains("ada") && !users.contains("bob"))
        #expect(FileManager.default.fileExists(atPath: path + "/state/ledger.sqlite.before-restore"))
        let twice = try Command.run("restore", backup.path, "--yes", "--workspace", path)
        #expect(twice.status == 1 && twice.messages.contains("restore_twice"))
    }

    @Test func nothingIsRestoredUnderAServerOrFromAnotherFile() throws {
        let folder = try TemporaryFolder()
        let path = try Self.workspace(folder)
        let before = try Command.run("user", "list", "--workspace", path).output
        let other = folder.url.appending(path: "notes.txt").path
        try Data("no ledger".utf8).write(to: URL(filePath: other))
        let foreign = try Command.run("restore", other, "--yes", "--workspace", path)
        #expect(foreign.status == 1 && foreign.messages.contains("[ledger_corrupt]"), "\(foreign.messages)")
        let lock = open(path + "/state/serve.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        defer { close(lock) }
        try #require(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        let refused = try Command.run("restore", other, "--yes", "--workspace", path)
        #expect(refused.status == 1 && refused.messages.contains("server_running"))
        #expect(try Command.run("user", "list", "--workspace", path).output == before)
    }

    @Test func aMigrationOfWhatIsUpToDateDoesNothing() throws {
        let folder = try TemporaryFolder()
        let path = try Self.workspace(folder)
        let result = try Command.run("migrate", "--workspace", path)
        #expect(result.status == 0 && result.output.hasPrefix("Up to date"))
        #expect(!FileManager.default.fileExists(atPath: path + "/state/backups"))
    }

    @Test func theDoctorNamesWhatIsWrong() throws {
        let folder = try TemporaryFolder()
        let path = try Self.workspace(folder)
        let well = try Self.decode(Findings.self, try Command.run("doctor", "--workspace", path, "--json"))
        #expect(well["database"] == "ok" && well["ledger"] == "ok" && well["clock"] == "ok")
        #expect(well["backup"] == "warning" && well["snapshot"] == "warning")
        #expect(try Command.run("backup", "--workspace", path).status == 0)
        // Every page after the first few is overwritten: the ledger still opens.
        let file = try FileHandle(forUpdating: URL(filePath: path + "/state/ledger.sqlite"))
        let size = try file.seekToEnd()
        for page in stride(from: UInt64(8), to: size / 4096 - 1, by: 3) {
            try file.seek(toOffset: page * 4096)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 200))
        }
        try file.close()
        let ill = try Command.run("doctor", "--workspace", path, "--json")
        let findings = try Self.decode(Findings.self, ill)
        #expect(ill.status == 3 && findings["ledger"] == "failed" && findings["backup"] == "ok")
    }

    @Test func consentsAreHandedOverAndSuppressionsTakenIn() throws {
        let folder = try TemporaryFolder()
        let path = try Self.workspace(folder)
        let list = folder.url.appending(path: "list.txt").path
        try Data("a@example.org\n\n b@example.org \n".utf8).write(to: URL(filePath: list))
        let first = try Command.run("consent", "suppress", list, "--channel", "email", "--workspace", path)
        #expect(first.status == 0 && first.messages.contains("2 addresses read, 2 new"), "\(first.messages)")
        let again = try Command.run("consent", "suppress", list, "--channel", "email", "--workspace", path)
        #expect(again.messages.contains("2 addresses read, 0 new"))
        try Data("email\nc@example.org\n".utf8).write(to: URL(filePath: list))
        let headed = try Command.run("consent", "suppress", list, "--channel", "email", "--workspace", path)
        #expect(headed.status == 1 && headed.messages.contains("bad_address") && headed.messages.contains("list.txt:1"))
        let export = try Command.run("consent", "export", "--workspace", path)
        #expect(export.status == 0 && export.output.hasPrefix("consent_id,hcp_id,channel,address,purpose,"))
        // A link needs to know where the server is.
        let pending = try Command.run("consent", "pending", "--workspace", path)
        #expect(pending.status == 1 && pending.messages.contains("no_base_url"))
    }
}
