import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

/// T10: random histories of one HCP each, written and claimed through the ledger, against `ClaimOracle`.
///
/// `RAPPORT_SEED=n` repeats the world of one seed.
@Suite struct ClaimHistoryTests {
    private static let worlds = 200
    private static let peopleInAWorld = 50

    @Test func claimsAgreeWithTheBruteForceOracle() async throws {
        let only = ProcessInfo.processInfo.environment["RAPPORT_SEED"].flatMap(UInt64.init)
        let seeds = only.map { [$0] } ?? Array(1...UInt64(Self.worlds))
        var tally = Tally()
        try await withThrowingTaskGroup(of: Tally.self) { group in
            for part in 0..<2 {
                group.addTask {
                    var own = Tally()
                    for seed in seeds where seed % 2 == UInt64(part) {
                        own.add(try await Self.world(seed, people: Self.peopleInAWorld))
                    }
                    return own
                }
            }
            for try await own in group { tally.add(own) }
        }
        #expect(tally.violations == 0)
        guard only == nil else { return }
        #expect(tally.histories == Self.worlds * Self.peopleInAWorld)
        // The histories must reach every rule; reasons that random worlds cannot give are tested one by one.
        let unreached = Set(ClaimRefusal.allCases.map(\.rawValue)).subtracting(tally.answers.keys)
        #expect(
            unreached == [
                "unknown_recipient", "basis_not_accepted", "content_audience", "wrong_arm", "appointment_booked",
            ])
        print(
            "figure: T10: \(tally.histories) histories, \(tally.claims) claims asked for, \(tally.violations) violations"
        )
        print(
            "figure: T10: \(tally.answers.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))"
        )
    }

    struct Tally: Sendable {
        var histories = 0
        var claims = 0
        var violations = 0
        var answers: [String: Int] = [:]
        mutating func add(_ other: Tally) {
            histories += other.histories
            claims += other.claims
            violations += other.violations
            answers.merge(other.answers, uniquingKeysWith: +)
        }
    }

    private static func world(_ seed: UInt64, people: Int) async throws -> Tally {
        var world = RandomWorld(seed)
        let clock = Wrist()
        let ledger = try Ledger.inMemory(options: options(), now: clock.read)
        let desk = ClaimDesk(ledger: ledger, policy: world.policy)
        var tally = Tally()
        for index in 0..<people {
            clock.set(world.start(index))
            let story = try await RandomStory(
                "h\(index)", ledger: ledger, desk: desk, clock: clock, world: &world)
            let found = try await story.run(&world)
            tally.add(found)
            if found.violations > 0 { Issue.record("T10 violated: RAPPORT_SEED=\(seed), history \(index)") }
        }
        return tally
    }
}
