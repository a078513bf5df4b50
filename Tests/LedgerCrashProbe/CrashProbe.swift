import EngagementModel
import Foundation
import Ledger

/// Writes to a ledger without end and says on stdout what was acknowledged, so that a test can kill it at any moment
/// and look at what is left. Usage: `LedgerCrashProbe LEDGER DECISIONS-A-RUN`; or `LedgerCrashProbe restore BACKUP LEDGER
/// MOMENT`, which kills itself at that moment of a restore.
@main
struct CrashProbe {
    static func main() async throws {
        let arguments = CommandLine.arguments
        if arguments.count == 5, arguments[1] == "restore", let last = RestoreMoment(rawValue: arguments[4]) {
            _ = try await Ledger.restore(
                arguments[2], to: arguments[3], salvages: true, now: { 1_767_225_600_000_000 },
                moment: { if $0 == last { kill(getpid(), SIGKILL) } })
            exit(3)
        }
        guard arguments.count == 3, let size = Int(arguments[2]) else {
            FileHandle.standardError.write(Data("usage: LedgerCrashProbe LEDGER DECISIONS-A-RUN\n".utf8))
            exit(2)
        }
        let ledger = try Ledger.open(path: arguments[1], now: { 1_767_225_600_000_000 })
        let reached = try await ledger.latestRun()?.number ?? 0
        var number = Int(reached)
        while true {
            number += 1
            let run = RunRecord(runID: "run-\(number)", asOf: Day(number: Int32(20_000 + number)))
            let decisions = (0..<size).map { index in
                Decision(
                    decisionID: "\(run.runID)-\(index)", runID: run.runID, asOf: run.asOf, hcpID: "hcp-\(index)",
                    day: index % 4 == 0 ? nil : run.asOf + 1, channel: index % 4 == 0 ? nil : .inPerson,
                    sender: "rep-\(index % 20)", reason1: "Reads papers on efficacy in the evening.")
            }
            _ = try await ledger.publish(run, decisions: decisions)
            acknowledge("run \(run.runID)")
            try await ledger.act(on: "\(run.runID)-1", by: .user(1), .accept())
            acknowledge("act \(run.runID)-1")
        }
    }

    private static func acknowledge(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
