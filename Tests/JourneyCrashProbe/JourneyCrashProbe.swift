import EngagementModel
import Foundation
import Journeys
import Ledger

/// Runs journeys and sends their messages without end, so that a test can kill it at any moment.
/// Usage: `JourneyCrashProbe LEDGER HCPS ROUND`. After each transaction it says so on stdout, what it hands over as
/// `sent CLAIM`, and waits for a byte on stdin before it goes on: so the test decides where it dies, however busy the
/// machine is.
@main
struct JourneyCrashProbe {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let size = Int(arguments[2]), let round = Int64(arguments[3]) else {
            FileHandle.standardError.write(Data("usage: JourneyCrashProbe LEDGER HCPS ROUND\n".utf8))
            exit(2)
        }
        let clock = ProbeClock(round: round)
        let ledger = try Ledger.open(path: arguments[1], now: { clock.now })
        var strategy = Strategy()
        strategy.consent = [.email: .notOptedOut]
        strategy.quietHours = nil
        let policy = ClaimPolicy(strategy: strategy, clockTolerance: 0)
        let hcps = (0..<size).map { "h\($0)" }
        try await ledger.registerRecipients(hcps.map { Recipient(hcpID: $0, zone: "Europe/Berlin") })
        try await ledger.registerContent(
            [ContentApproval(contentID: "c", version: "1", purpose: .promotional, state: .approvedForDistribution)],
            by: .system)
        let message = JourneyNode.Message(channel: .email, contentID: "c", patience: Span(seconds: 60))
        try await JourneyRunner.register(
            JourneyDefinition(
                id: "j", entry: .init(door: .segment("s")), start: "m1",
                nodes: [
                    "m1": .init(.message(message), next: "w1"), "w1": .init(.wait(Span(seconds: 60)), next: "m2"),
                    "m2": .init(.message(message), next: "t"),
                    "t": .init(.task(kind: "k", title: "T", due: nil), next: "w2"),
                    "w2": .init(.wait(Span(seconds: 60)), next: "m3"), "m3": .init(.message(message), next: "g"),
                    "g": .init(.goal("g")),
                ]), in: ledger, by: .system)
        let runner = try await JourneyRunner(ledger: ledger, policy: policy, world: ProbeWorld())
        let desk = ClaimDesk(ledger: ledger, policy: policy)
        try await desk.recover()
        try await runner.enter("j", hcps)
        while true {
            clock.tick()
            let taken = try await runner.runDue(limit: 7).instances
            say("ran")
            let open = try await ledger.claims(in: .claimed, limit: 5)
            let permits = try await desk.beginSending(open.map { ($0.number, "a@example.org") }, worker: "probe")
            for permit in permits {
                guard case .send(let ticket) = permit else { continue }
                say("sent \(ticket.claim.number)")
            }
            try await desk.finish(open.map { ($0.number, .sent) })
            say("finished")
            if taken == 0 && open.isEmpty && clock.isFar { break }
        }
        say("done")
    }

    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
        // Nothing to read means that the test is gone: then this process has no work either.
        if (try? FileHandle.standardInput.read(upToCount: 1))?.isEmpty ?? true { exit(0) }
    }
}

/// Moves on by itself, so that every timer runs out; each round begins later than the one before.
final class ProbeClock: @unchecked Sendable {
    // Used by one task after the other; the ledger reads it on its own queue while that task waits.
    private var ticks: Int64 = 0
    private let begin: Int64
    init(round: Int64) { begin = 1_767_600_000_000_000 + round * 40_000_000 }
    var now: Int64 { begin + ticks * 20_000_000 }
    var isFar: Bool { ticks > 20 }
    func tick() { ticks += 1 }
}

struct ProbeWorld: JourneyWorld {
    func trait(_ name: String, ofHCP hcpID: String) -> String? { nil }
    func bestMoment(ofHCP hcpID: String, within span: ClosedRange<Int64>) -> Int64? { nil }
    func address(ofHCP hcpID: String, channel: Channel) -> String? { "a@example.org" }
    func version(ofContent contentID: String, channel: Channel, hcpID: String, sender: String) -> String? { "1" }
    func nextBestAction(ofHCP hcpID: String, channels: Set<Channel>, now: Int64) -> JourneyOffer? { nil }
}
