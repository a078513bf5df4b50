import EngagementModel
import Foundation
import Synchronization

@testable import Ledger

/// A clock that moves only when a test says so; microseconds since 1970.
final class TestClock: Sendable {
    private let value = Atomic<Int64>(1_767_225_600_000_000)  // 2026-01-01
    var now: Int64 { value.load(ordering: .sequentiallyConsistent) }
    func advance(seconds: Int64) { value.add(seconds * 1_000_000, ordering: .sequentiallyConsistent) }
    var read: @Sendable () -> Int64 { { self.now } }
}

/// SplitMix64: the same seed, the same numbers.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A folder of its own for one test. All of them are removed when the tests end: a folder that went with its value
/// could be gone while a ledger in it still opens connections.
struct TemporaryFolder {
    let path: String
    private static let all = Mutex<[String]>([])

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let isFirst = Self.all.withLock { all in
            all.append(path)
            return all.count == 1
        }
        if isFirst {
            atexit {
                for path in TemporaryFolder.all.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
            }
        }
    }

    var ledger: String { path + "/ledger.sqlite" }
}

let monday = Day(year: 2026, month: 1, day: 5)

/// Cheap password hashes: what is tested is the flow, not the cost.
func options(_ change: (inout LedgerOptions) -> Void = { _ in }) -> LedgerOptions {
    var options = LedgerOptions()
    options.passwordCost = PasswordHash.Cost(rounds: 16, blockSize: 1, parallelism: 1)
    change(&options)
    return options
}

func memoryLedger(_ clock: TestClock = TestClock()) throws -> Ledger {
    try Ledger.inMemory(options: options(), now: clock.read)
}

func run(_ name: String, asOf: Day = monday, strategy: String = "s1") -> RunRecord {
    RunRecord(runID: name, asOf: asOf, strategyVersion: strategy, modelVersion: "m1")
}

/// One touch of a plan; everything that a test does not name is filled with something to lose.
func touch(
    _ run: RunRecord, _ hcp: String, on day: Day, sender: String = "rep-1", channel: Channel = .inPerson
) -> Decision {
    Decision(
        decisionID: "\(run.runID)/\(hcp)/\(day)", runID: run.runID, asOf: run.asOf, hcpID: hcp, hcoID: "hco-1",
        day: day, hour: 9, channel: channel, contentID: "c-1", productID: "P1", purpose: .educational, sender: sender,
        objective: "P1 prescriptions", expectedEffect: 0.25, effectLow: -0.5, effectHigh: 1.125, value: 12.5, cost: 150,
        price: 3.75, propensity: 0.875, arm: .rules, reason1: "One.", reason2: "Two.", reason3: "Three.",
        strategyVersion: "s1", modelVersion: "m1")
}

func noTouch(_ run: RunRecord, _ hcp: String) -> Decision {
    Decision(
        decisionID: "\(run.runID)/\(hcp)/none", runID: run.runID, asOf: run.asOf, hcpID: hcp, propensity: 0.5,
        strategyVersion: "s1", modelVersion: "m1")
}

/// The code of the diagnostic that `body` throws; "" when it throws none.
func code(_ body: () async throws -> Void) async -> String {
    do {
        try await body()
        return ""
    } catch let error as Diagnostic { return error.code } catch { return "not a diagnostic: \(type(of: error))" }
}
