import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

/// A process of its own writes; the test kills it with SIGKILL at moments it does not choose, and looks at the file.
@Suite struct CrashTests {
    private static let size = 600

    @Test func whatWasAcknowledgedSurvivesKillNine() async throws {
        let folder = try TemporaryFolder()
        var acknowledged: Set<String> = []
        var random = Seeded(9)
        for _ in 0..<25 {
            acknowledged.formUnion(
                try await killWriter(
                    folder.ledger, afterLines: Int.random(in: 0..<9, using: &random),
                    microseconds: Int.random(in: 0..<25_000, using: &random)))
            try await check(folder.ledger, acknowledged)
        }
        #expect(acknowledged.count > 25)
    }

    /// Runs the probe until it has said so many lines and some time more; returns the lines that it said.
    private func killWriter(_ path: String, afterLines lines: Int, microseconds: Int) async throws -> [String] {
        let probe = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("LedgerCrashProbe")
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = probe
        process.arguments = [path, "\(Self.size)"]
        process.standardOutput = pipe
        try process.run()
        var said = Data()
        let reader = pipe.fileHandleForReading
        while said.count(where: { $0 == 10 }) < lines {
            let piece = reader.availableData
            guard !piece.isEmpty else { break }
            said += piece
        }
        // Not a wait for something: it moves the kill to another moment of the next write.
        try await Task.sleep(for: .microseconds(microseconds))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        said += try reader.readToEnd() ?? Data()
        // The last line may be cut in the middle: it was not heard, so it was not acknowledged.
        let whole = said.lastIndex(of: 10).map { said[...$0] } ?? Data()
        return String(decoding: whole, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func check(_ path: String, _ acknowledged: Set<String>) async throws {
        let ledger = try Ledger.open(path: path, options: options(), now: TestClock().read)
        try await ledger.checkIntegrity()
        let runs = try await ledger.runs(limit: 10_000)
        let stored = try await ledger.read { db in
            try Dictionary(
                uniqueKeysWithValues: Row.fetchAll(
                    db,
                    sql: "SELECT r.run_id, count(d.run_no) FROM run r LEFT JOIN decision d USING (run_no) GROUP BY 1"
                ).map { ($0[0] as String, $0[1] as Int) })
        }
        #expect(stored.values.allSatisfy { $0 == Self.size }, "a run is there in part")
        #expect(runs.allSatisfy { $0.touches + $0.idle == Self.size })
        for line in acknowledged {
            let parts = line.split(separator: " ").map(String.init)
            if parts[0] == "run" { #expect(stored[parts[1]] == Self.size) }
            if parts[0] == "act" {
                #expect(try await ledger.decision(parts[1])?.decision.status == .accepted)
                #expect(try await ledger.events(of: parts[1]).map(\.kind) == [.accepted])
            }
        }
        // Only the newest run's decisions may still be open.
        for run in runs.dropFirst().prefix(5) {
            #expect(try await ledger.statusCounts(ofRun: run.record.runID)[.planned] == nil)
        }
        guard case .intact = try await ledger.verifyAudit() else {
            Issue.record("the audit trail is broken")
            return
        }
        try ledger.close()
    }
}
