import ArgumentParser
import Cycle
import Delivery
import EngagementModel
import Foundation
import Ledger
import Logging

/// `rapport engage`: one round of what `serve` does all the time.
struct Engage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engage",
        abstract: "Carry out what is due: journeys and the plan's messages, each through the contact claim.",
        discussion: """
            `rapport serve` does this all the time; this command does one round and ends. --dry-run works on a copy of the
            ledger and says what would happen: which messages would leave, to whom (by id), by which way.
            """)

    @OptionGroup var options: WorkspaceOptions
    @Option(name: .customLong("as-of"), help: "The day that it is (default: today, now).") var asOf: Day?
    @Option(help: "With --as-of: the hour of that day in the workspace's time zone, 0 to 23.") var hour = 12
    @Flag(name: .customLong("dry-run"), help: "Change nothing, send nothing: say what would happen.")
    var dryRun = false

    func validate() throws {
        guard (0...23).contains(hour) else { throw ValidationError("--hour lies between 0 and 23") }
    }

    func run() async throws {
        let workspace = try options.open()
        let files = JourneyFiles.read(workspace)
        if files.diagnostics.contains(where: { $0.severity == .error }) {
            throw ValidationFailure(diagnostics: files.diagnostics)
        }
        let now = clock(workspace)
        let ledger = try workspace.openLedger(now: now)
        defer { try? ledger.close() }
        let report: Outcome?
        if dryRun {
            let folder = FileManager.default.temporaryDirectory.appending(path: "rapport-engage-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let copy = folder.appending(path: "ledger.sqlite").path
            _ = try await ledger.backup(to: copy)
            let rehearsal = try Ledger.open(path: copy, now: now)
            defer { try? rehearsal.close() }
            report = try await round(workspace, rehearsal, now, sends: false)
        } else {
            report = try await round(workspace, ledger, now, sends: true)
        }
        guard let report else {
            throw Diagnostic("no_plan", "nothing has been published yet", remedy: "run `rapport run` first")
        }
        if options.json { return try Console.json(report) }
        Console.data(rendered(report))
    }

    /// What was carried out, and what left.
    private struct Outcome: Codable {
        var engagement: EngagementReport
        /// Messages handed over, or written into the sandbox.
        var sent: Int
        /// Messages that may leave now.
        var ready: Int
        /// People who are taken out of audiences.
        var removed: Int
        /// Of a dry run: every message that is claimed, with what would become of it.
        var messages: [DryRunLine]?
    }

    private func round(
        _ workspace: Workspace, _ ledger: Ledger, _ now: @escaping @Sendable () -> Int64, sends: Bool
    ) async throws -> Outcome? {
        let desk = PlanDesk(workspace: workspace, ledger: ledger, now: now)
        try await desk.refresh()
        let engagement = Engagement(workspace: workspace, ledger: ledger, desk: desk, now: now)
        guard let report = try await engagement.round() else { return nil }
        let delivery = try await DeliveryComposition.make(
            workspace: workspace, ledger: ledger, policy: workspace.claimPolicy, composer: engagement,
            sink: LedgerSink(ledger), now: now, logger: Logger(label: "rapport"))
        let worker = delivery.service.worker
        let lines = try await worker.dryRun(limit: 1_000_000)
        var (sent, removed) = (0, 0)
        if sends {
            sent = try await worker.drain().handedOver
            removed = try await worker.syncAudiences()
            try delivery.endBatch()
        }
        await worker.close()
        try await desk.finish()
        return Outcome(
            engagement: report, sent: sent, ready: lines.count { $0.verdict == "would_send" }, removed: removed,
            messages: sends ? nil : lines)
    }

    private func clock(_ workspace: Workspace) -> @Sendable () -> Int64 {
        guard let asOf, let zone = TimeZone(identifier: workspace.settings.timezone) else { return SystemClock.now }
        let wall = Double(asOf.number) * 86_400 + Double(hour) * 3600
        // The offset at about that time; an hour that summer time skips or repeats is taken by the earlier offset.
        let offset = Double(zone.secondsFromGMT(for: Date(timeIntervalSince1970: wall)))
        let at = Int64((wall - offset) * 1_000_000)
        return { at }
    }

    private func rendered(_ outcome: Outcome) -> String {
        let report = outcome.engagement
        func list(_ counts: [String: Int]) -> String {
            let total = counts.values.reduce(0, +)
            let parts = counts.sorted { $0.value > $1.value || ($0.value == $1.value && $0.key < $1.key) }
                .map { "\($0.key.replacing("_", with: " ")) \($0.value)" }
            return parts.isEmpty ? "\(total)" : "\(total) (\(parts.joined(separator: ", ")))"
        }
        return """
            \(dryRun ? "Would be done" : "Done"):
              HCPs who enter a journey    \(report.entered)
              steps of journeys           \(report.steps)
              messages claimed            \(report.claimed)
              confirmations asked for     \(report.confirmations)
              messages that wait          \(list(report.waiting))
              messages refused            \(list(report.refused))
              messages that may leave     \(outcome.ready)
              messages handed over        \(outcome.sent)
              taken out of audiences      \(outcome.removed)

            """ + messages(outcome.messages ?? [])
    }

    /// What a dry run would hand over, one line a message.
    private func messages(_ lines: [DryRunLine]) -> String {
        guard !lines.isEmpty else { return "" }
        var table = TextTable(header: ["hcp", "channel", "content", "way", "verdict"])
        table.rows = lines.map {
            [
                $0.hcpID, $0.channel.rawValue, $0.content ?? "–", $0.way ?? "–",
                $0.verdict.replacing("_", with: " "),
            ]
        }
        return "\n" + table.rendered()
    }
}
