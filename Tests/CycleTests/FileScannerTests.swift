import Cycle
import EngagementModel
import Foundation
import TestSupport
import Testing

/// The program that looks for viruses: what its status means, and that nothing but it sees the file.
@Suite struct FileScannerTests {
    private static func script(_ folder: TemporaryFolder, _ text: String) throws -> String {
        try folder.write("#!/bin/sh\n" + text + "\n", to: "scan")
        let file = folder.url.appending(path: "scan")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file.path)
        return file.path
    }

    @Test func itsStatusDecides() async throws {
        let folder = try TemporaryFolder()
        // Reads all of its input, as clamdscan does; its arguments arrive as they are written.
        let path = try Self.script(
            folder, "[ \"$1 $2\" = '--no-summary -' ] || exit 2\nif grep -q EICAR; then exit 1; else exit 0; fi")
        let scanner = FileScanner(command: path + " --no-summary -")
        #expect(try await scanner.findsVirus(in: Array("an EICAR test".utf8)))
        #expect(try await !scanner.findsVirus(in: Array("a pump".utf8)))
        #expect(try await !scanner.findsVirus(in: []))
        // More than a pipe holds, with the mark at its end.
        let large = [UInt8](repeating: 46, count: 3_000_000)
        #expect(try await scanner.findsVirus(in: large + Array("EICAR".utf8)))
        #expect(try await !scanner.findsVirus(in: large))
    }

    @Test func whatIsNoAnswerIsARefusal() async throws {
        let folder = try TemporaryFolder()
        let two = try Self.script(folder, "exit 2")
        let faults = ["", " ", two, folder.url.appending(path: "missing").path, "/bin/sh -c kill\t-9\t$$"]
        for command in faults {
            let error = await #expect(throws: Diagnostic.self, "\(command)") {
                try await FileScanner(command: command).findsVirus(in: [1])
            }
            #expect(error?.code == "scan_failed")
        }
        // It waits for something that never comes, and is not waited for.
        let late = await #expect(throws: Diagnostic.self) {
            try await FileScanner(command: "/bin/sleep 600", seconds: 0.2).findsVirus(in: [1])
        }
        #expect(late?.message.contains("did not answer") == true)
    }

    @Test func theWorkspaceNamesIt() throws {
        let folder = try TemporaryFolder()
        try folder.write("name: Test\nscan: clamdscan --no-summary -\n", to: "rapport.yaml")
        try folder.write("horizon_days: 5\n", to: "strategy.yaml")
        #expect(Workspace.read(at: folder.url).workspace?.settings.scan == "clamdscan --no-summary -")
        try folder.write("name: Test\n", to: "rapport.yaml")
        #expect(Workspace.read(at: folder.url).workspace?.settings.scan == nil)
    }
}
