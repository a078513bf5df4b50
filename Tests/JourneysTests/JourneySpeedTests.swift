import EngagementModel
import Foundation
import Testing

@testable import Journeys
@testable import Ledger

/// `RAPPORT_BENCH=1`: 1,000,000 instances wait; else 20,000.
@Suite(.serialized) struct JourneySpeedTests {
    private static let isBench = ProcessInfo.processInfo.environment["RAPPORT_BENCH"] == "1"

    @Test func stepsAreFastWhileManyWait() async throws {
        let count = Self.isBench ? 1_000_000 : 20_000
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("journeys-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = Clock()
        let ledger = try Ledger.open(path: folder + "/ledger.sqlite", now: clock.read)
        let definition = JourneyDefinition(
            id: "long", purpose: .educational, entry: .init(door: .segment("s")), start: "first",
            nodes: [
                "first": .init(.wait(Span(seconds: 30 * 86_400)), next: "split"),
                "split": .init(.random([.init(weight: 1, node: "a"), .init(weight: 1, node: "b")])),
                "a": .init(.task(kind: "t", title: "T", due: nil), next: "second"),
                "b": .init(.choose([.init(.atLeast("number", 1e9), node: "a")]), next: "second"),
                "second": .init(.waitEvent(EventMatch("x"), timeout: Span(seconds: 5 * 86_400), late: nil)),
            ])
        try await JourneyRunner.register(definition, in: ledger, by: .user(1))
        let runner = try await JourneyRunner(ledger: ledger, policy: openPolicy(), world: PlainWorld())
        // They enter over 50 days' worth of seconds, so that timers spread.
        let start = ContinuousClock.now
        let slices = 50
        for slice in 0..<slices {
            clock.now = morning + Int64(slice) * 60_000_000
            let part = count / slices
            try await runner.enter("long", (slice * part..<(slice + 1) * part).map { "h\($0)" })
        }
        let entered = (ContinuousClock.now - start) / Duration.seconds(1)
        print("figure: \(count) instances enter and wait: \(Int(Double(count) / entered)) a second")

        clock.now = morning + 30 * day - 1
        let search = try await fastest {
            let taken = try await runner.runDue().instances
            #expect(taken == 0)
        }
        print("figure: no timer due among \(count): \(search) ms")
        clock.now = morning + 30 * day
        let found = try await fastest {
            let rows = try await ledger.journeys(policy: openPolicy(), by: .system) { try $0.due(limit: 1000) }
            #expect(rows.count == min(1000, count / slices))
        }
        print("figure: 1,000 due timers found among \(count): \(found) ms")

        let target = Self.isBench ? 200_000 : 6_000
        var steps = 0
        clock.now = morning + 30 * day + hour
        let began = ContinuousClock.now
        while steps < target { steps += try await runner.runDue(limit: 2000).steps }
        let seconds = (ContinuousClock.now - began) / Duration.seconds(1)
        print("figure: \(steps) journey steps, durable, \(count) waiting: \(Int(Double(steps) / seconds)) a second")
        #expect(steps >= target)
    }

    /// Milliseconds of the fastest of five.
    private func fastest(_ body: () async throws -> Void) async throws -> Double {
        var best = Double.infinity
        for _ in 0..<5 {
            let start = ContinuousClock.now
            try await body()
            best = min(best, (ContinuousClock.now - start) / Duration.milliseconds(1))
        }
        return (best * 100).rounded() / 100
    }
}
