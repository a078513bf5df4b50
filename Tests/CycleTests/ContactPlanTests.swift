import Cycle
import EngagementModel
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing
import Warehouse

/// The plan is made within the rules that the claim will hold: `contact.yaml`, and the same content again.
@Suite struct ContactPlanTests {
    static let asOf = Day(year: 2026, month: 6, day: 1)

    private final class Clock: Sendable {
        private let value = Atomic<Int64>(Int64(asOf.number + 1) * 86_400_000_000)
        var read: @Sendable () -> Int64 { { self.value.load(ordering: .sequentiallyConsistent) } }
        func set(_ at: Int64) { value.store(at, ordering: .sequentiallyConsistent) }
    }

    /// Different companies, and rules of every kind: by product, by sender, by purpose, and of channels together.
    private static let policies = [
        "  - {max: 1, window: 30d, each: product}\n",
        "  - {min: 6d, channels: [email, email_rep], each: sender}\n"
            + "  - {max: 2, window: 20d, product: [P1, P3], purpose: promotional}\n",
        "  - {max: 1, window: 9d, channels: [in_person, phone, video, email_rep], each: product}\n"
            + "  - {min: 3d, sender: [system]}\n",
    ]

    private static func company(_ number: Int, rules: String?) async throws -> (TemporaryFolder, Workspace, Clock) {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(
            .demo, at: root, hcps: 200, reps: 3, seed: UInt64(9 + number), endingOn: asOf)
        if let rules {
            try Data("rules:\n\(rules)".utf8).write(to: root.appending(path: "contact.yaml"))
        }
        let workspace = try #require(Workspace.read(at: root).workspace)
        let clock = Clock()
        try await EngagementTests.approve(workspace, clock.read)
        return (folder, workspace, clock)
    }

    /// Every touch of the published plan is granted at its time when nothing else happens in between.
    @Test(arguments: 0..<3) func nothingPlannedIsRefused(_ number: Int) async throws {
        let (folder, workspace, clock) = try await Self.company(number, rules: Self.policies[number])
        defer { withExtendedLifetime(folder) {} }
        let run = CycleRun(workspace: workspace, request: RunRequest(asOf: Self.asOf), now: clock.read)
        let summary = try await run.perform()
        #expect(summary.plan.violations == 0)
        let refused = try await Self.claims(workspace, clock)
        #expect(refused.granted == summary.plan.touches && summary.plan.touches > 60, "\(refused.reasons)")
        #expect(refused.reasons.isEmpty, "\(refused.reasons)")
        let book = try DecisionBook(workspace: workspace, now: clock.read)
        #expect(try await book.replayRun(nil).isExact)
        if number == 0 { try await Self.rulesAreNamed(book, workspace) }
    }

    /// The same claims against a plan that was made without the rules: without them the test above would mean nothing.
    @Test func withoutThemTheClaimRefuses() async throws {
        let (folder, workspace, clock) = try await Self.company(0, rules: nil)
        defer { withExtendedLifetime(folder) {} }
        let run = CycleRun(workspace: workspace, request: RunRequest(asOf: Self.asOf), now: clock.read)
        _ = try await run.perform()
        #expect(try await run.perform().unchanged)
        try Data("rules:\n\(Self.policies[0])".utf8).write(to: workspace.root.appending(path: "contact.yaml"))
        let ruled = try #require(Workspace.read(at: workspace.root).workspace)
        let (granted, reasons) = try await Self.claims(ruled, clock)
        #expect(granted > 0 && (reasons["cap_reached"] ?? 0) > 60, "\(reasons)")
        // Other rules, another plan.
        let again = CycleRun(workspace: ruled, request: RunRequest(asOf: Self.asOf), now: clock.read)
        #expect(try await !again.perform().unchanged)
    }

    /// Who asks why not hears the rule.
    private static func rulesAreNamed(_ book: DecisionBook, _ workspace: Workspace) async throws {
        let words = "at most 1 in 30 days, about the same product"
        var named = 0
        for decision in try await book.decisions(DecisionFilter(includesNoTouch: true)).prefix(60) {
            let answer = try await book.whyNot(hcp: decision.hcpID, channel: .phone, content: nil)
            for option in answer.options where option.refusal == "cap_reached" {
                guard let rule = option.rule else { continue }
                named += 1
                #expect(rule == words && option.sentence.hasSuffix(": \(words)."), "\(option)")
            }
        }
        #expect(named > 20, "\(named)")
    }

    /// Claims every planned touch at its hour, in the order of time.
    private static func claims(_ workspace: Workspace, _ clock: Clock) async throws -> (
        granted: Int, reasons: [String: Int]
    ) {
        let decisions = try await DecisionBook(workspace: workspace, now: clock.read).decisions(DecisionFilter())
        let ledger = try workspace.openLedger(now: clock.read)
        defer { try? ledger.close() }
        let people = try await people(workspace)
        try await ledger.registerContent(
            Dictionary(
                decisions.compactMap { decision in decision.contentID.map { ($0, decision.purpose) } },
                uniquingKeysWith: { a, _ in a }
            ).sorted { $0.key < $1.key }.map {
                ContentApproval(contentID: $0.key, version: "test", purpose: $0.value, state: .approvedForDistribution)
            }, by: .system)
        let table = ZoneTable()
        let timed = try decisions.compactMap { decision -> (at: Int64, decision: Decision)? in
            guard let day = decision.day else { return nil }
            let zone = try #require(table.zone(people[decision.hcpID]?.zone ?? workspace.settings.timezone))
            // Half past: quiet hours end and begin on the hour, and a clock may be wrong by minutes.
            return (zone.start(of: day) + Int64(decision.hour ?? 10) * 3_600_000_000 + 1_800_000_000, decision)
        }.sorted { ($0.at, $0.decision.decisionID) < ($1.at, $1.decision.decisionID) }
        let desk = ClaimDesk(ledger: ledger, policy: workspace.claimPolicy)
        var result: (granted: Int, reasons: [String: Int]) = (0, [:])
        for (at, decision) in timed {
            clock.set(at)
            let outcome = try await desk.claim(
                ClaimRequest(
                    key: .decision(decision.decisionID), hcpID: decision.hcpID, channel: decision.channel ?? .email,
                    address: people[decision.hcpID]?.address(decision.channel), purpose: decision.purpose,
                    productID: decision.productID,
                    contentID: decision.contentID, contentVersion: "test", sender: decision.sender ?? "system",
                    decisionID: decision.decisionID, arm: decision.arm.rawValue))
            switch outcome {
            case .claimed: result.granted += 1
            case .existing: Issue.record("claimed twice")
            case .refused(let reason, _): result.reasons[reason.rawValue, default: 0] += 1
            }
        }
        return result
    }

    /// Consents are for an address: the claim must name it.
    private struct Person {
        var zone: String?
        var email: String?
        var phone: String?

        func address(_ channel: Channel?) -> String? {
            channel == .phone || channel == .sms || channel == .messaging ? phone : email
        }
    }

    private static func people(_ workspace: Workspace) async throws -> [String: Person] {
        let file = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
        let warehouse = try Warehouse.open(WarehouseOptions(engine: .duckdb, path: file.path, readOnly: true))
        defer { warehouse.close() }
        let table = try await warehouse.connect().query("SELECT hcp_id, timezone, email, phone FROM mart.hcp")
        let (zones, emails) = (try table.strings("timezone"), try table.strings("email"))
        let phones = try table.strings("phone")
        return Dictionary(
            try table.texts("hcp_id").enumerated().map { place, id in
                (id, Person(zone: zones[place], email: emails[place], phone: phones[place]))
            }, uniquingKeysWith: { a, _ in a })
    }
}
