import EngagementModel
import Foundation
import TestSupport
import Testing

/// A disk that fills up in the middle of a run: a clear message, nothing published, and the same end once there is room.
@Suite struct DiskFullTests {
    /// Sizes of the disk, in MiB, at which different steps find it full.
    @Test(arguments: [1, 12, 24])
    func aRunThatFillsTheDiskEndsTheSameOnceThereIsRoom(_ size: Int) throws {
        let other = DemoCompany(folder: try TemporaryFolder())
        try other.make()
        let state = other.path + "/state"
        let run = "'\(Command.path)' run --workspace '\(other.path)' --as-of \(DemoCompany.asOf) --quiet"
        // A disk of its own, in a mount namespace that ends with the shell; a user namespace where we are not root.
        let script = """
            set -eu
            mkdir -p '\(state)'
            mount -t tmpfs -o size=\(size)m none '\(state)'
            status=0; \(run) || status=$?
            echo "first $status"
            test ! -e '\(state)/warehouse/current' || echo published
            mount -o remount,size=2g '\(state)'
            \(run) >&2
            '\(Command.path)' decisions --workspace '\(other.path)' --format csv --no-touch >'\(other.path)/plan.csv'
            """
        let shell = Process()
        let (out, messages) = (Pipe(), Pipe())
        shell.executableURL = URL(filePath: "/usr/bin/unshare")
        shell.arguments =
            (getuid() == 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"]) + ["sh", "-c", script]
        shell.standardOutput = out
        shell.standardError = messages
        try shell.run()
        let said = String(decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let answered = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0, "\(said)")
        #expect(answered == "first 1\n", "\(answered)\(said)")
        #expect(said.contains("disk is full") || said.contains("disk_full"), "\(said)")
        let whole = Sheet(try DemoTests.demo.get().rapport("decisions", "--format", "csv", "--no-touch").output)
        #expect(Sheet(try other.folder.read("demo/plan.csv")).rows == whole.rows)
    }
}
