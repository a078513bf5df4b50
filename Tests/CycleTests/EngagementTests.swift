import Cycle
import Delivery
import EngagementModel
import Foundation
import Journeys
import Ledger
import Synchronization
import TestSupport
import Testing

/// What was decided is carried out, once, through the claim; on a small demo company whose clock the test turns.
@Suite struct EngagementTests {
    static let asOf = Day(year: 2026, month: 6, day: 1)
    /// 2026-06-02 14:00 UTC, a Tuesday, inside of everyone's working day.
    static let tuesday: Int64 = Int64(Day(year: 2026, month: 6, day: 2).number) * 86_400_000_000 + 50_400_000_000
    static let dayLength: Int64 = 86_400_000_000

    private final class Clock: Sendable {
        private let value = Atomic<Int64>(tuesday)
        var read: @Sendable () -> Int64 { { self.value.load(ordering: .sequentiallyConsistent) } }
        func set(_ at: Int64) { value.store(at, ordering: .sequentiallyConsistent) }
    }

    private static func with<R>(
        journey: String? = nil, isApproved: Bool = true, _ body: (Workspace, Ledger, Clock) async throws -> R
    ) async throws -> R {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 3, seed: 9, endingOn: asOf)
        for folder in ["journeys", "segments"] {
            for file in try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path) {
                try FileManager.default.removeItem(at: root.appending(path: "\(folder)/\(file)"))
            }
        }
        if let journey {
            try Data(journey.utf8).write(to: root.appending(path: "journeys/news.yaml"))
            try Data("segment: everyone\nif: {exists: country}\n".utf8)
                .write(to: root.appending(path: "segments/everyone.yaml"))
        }
        let clock = Clock()
        let workspace = try #require(Workspace.read(at: root).workspace)
        // The demo's texts are approved elsewhere; the approvals are taken over as a company would.
        if isApproved { try await approve(workspace, clock.read) }
        _ = try await CycleRun(workspace: workspace, request: RunRequest(asOf: asOf), now: clock.read).perform()
        let ledger = try workspace.openLedger(now: clock.read)
        defer { try? ledger.close() }
        return try await body(workspace, ledger, clock)
    }

    static func approve(_ workspace: Workspace, _ now: @escaping @Sendable () -> Int64) async throws {
        let file = workspace.root.appending(path: "content/approvals.csv")
        _ = try await ContentRoom(workspace: workspace, now: now)
            .importApprovals(try Data(contentsOf: file), file: "content/approvals.csv", by: nil)
    }

    /// What is written in `content/` is planned only as far as review has released it, whatever the sources say.
    @Test func onlyApprovedWordsArePlanned() async throws {
        try await Self.with(isApproved: false) { workspace, ledger, clock in
            let book = try DecisionBook(workspace: workspace, now: clock.read)
            let authored = try await ledger.authoredContents()
            func planned() async throws -> [Decision] {
                try await book.decisions(DecisionFilter()).filter { authored.contains($0.contentID ?? "") }
            }
            #expect(authored.count > 10)
            #expect(try await planned().isEmpty)
            // That nothing of it can be planned is said, with what to do, by the run and by the check.
            func said() async throws -> [Diagnostic?] {
                let run = CycleRun(workspace: workspace, request: RunRequest(asOf: Self.asOf), now: clock.read)
                let found = try await [
                    run.perform().diagnostics, WorkspaceCheck.run(at: workspace.root, variables: [:]).diagnostics,
                ]
                return found.map { $0.first { $0.code == "content_without_approval" } }
            }
            for warning in try await said() {
                let warning = try #require(warning)
                #expect(
                    warning.severity == .warning && warning.message.hasPrefix("\(authored.count) of \(authored.count) ")
                )
                #expect(warning.remedy?.contains("rapport content import-approvals content/approvals.csv") == true)
            }
            // The reason is on file for whoever asks.
            var refusals: [String: Int] = [:]
            for person in try await book.decisions(DecisionFilter(includesNoTouch: true)).prefix(40) {
                let answer = try await book.whyNot(hcp: person.hcpID, channel: .email, content: nil)
                for option in answer.options where authored.contains(option.content ?? "") {
                    refusals[option.refusal ?? "", default: 0] += 1
                }
            }
            #expect(refusals[""] == nil && (refusals["content_not_approved"] ?? 0) > 0, "\(refusals)")
            // Released: another run of the same day is not the same run, and plans them.
            try await Self.approve(workspace, clock.read)
            let run = CycleRun(workspace: workspace, request: RunRequest(asOf: Self.asOf), now: clock.read)
            #expect(try await !run.perform().unchanged)
            let after = try await planned()
            #expect(!after.isEmpty)
            #expect(try await run.perform().unchanged)
            #expect(try await said() == [nil, nil])
            // Withdrawn: gone from the next plan, however it stood in the last.
            let content = try #require(after.first?.contentID)
            let review =
                try await ledger.partHistory(PartKey(.message, content, "en"))
                + ledger.partHistory(PartKey(.message, content, "de"))
            let released = review.filter(\.standing.state.isSendable).map(\.version)
            try await ledger.withdrawParts(released, cause: "a new finding", by: .system)
            _ = try await run.perform()
            let last = try await planned()
            #expect(!last.isEmpty && !last.contains { $0.contentID == content })
        }
    }

    @Test func theDaysMessagesAreClaimedOnceAndNobodyElses() async throws {
        try await Self.with { workspace, ledger, clock in
            let planned = try await DecisionBook(workspace: workspace, now: clock.read).decisions(DecisionFilter())
                .filter { $0.day == Self.asOf + 1 && $0.sender == "system" }
            #expect(!planned.isEmpty)
            // The evening of the same day where they live: every hour has come, and quiet hours have not begun.
            clock.set(Self.tuesday + 2 * 3_600_000_000)
            let engagement = Engagement(workspace: workspace, ledger: ledger, desk: nil, now: clock.read)
            let first = try #require(try await engagement.round())
            let answered = first.claimed + (Array(first.waiting.values) + Array(first.refused.values)).reduce(0, +)
            let due = planned.filter { $0.hour ?? 9 <= 9 }.count
            #expect(first.claimed > 0 && answered >= due && answered <= planned.count)
            // The plan was made by the same rules an instant ago: the claim refuses none of it for good.
            #expect(first.refused.isEmpty, "\(first.refused)")
            // Nothing twice: not by the same process, not by another.
            #expect(try await engagement.round()?.claimed == 0)
            let other = Engagement(workspace: workspace, ledger: ledger, desk: nil, now: clock.read)
            #expect(try await other.round()?.claimed == 0)
            var claimed = 0
            for decision in planned {
                claimed += try await ledger.contacts(ofHCP: decision.hcpID).count {
                    $0.decisionID == decision.decisionID
                }
            }
            #expect(claimed == first.claimed)
        }
    }

    @Test func whatIsClaimedIsComposedInTheWordsThatWereClaimed() async throws {
        try await Self.with { workspace, ledger, clock in
            clock.set(Self.tuesday + 2 * 3_600_000_000)
            let engagement = Engagement(workspace: workspace, ledger: ledger, desk: nil, now: clock.read)
            let report = try #require(try await engagement.round())
            let all = try await ledger.claimsToSend(on: Set(Channel.allCases), at: clock.read(), limit: 10_000)
            // Mails that ask for a second yes are no contents.
            let due = all.filter { $0.key.campaign != ClaimKey.confirmations }
            #expect(due.count == report.claimed && report.claimed > 0 && all.count == due.count + report.confirmations)
            for claim in due {
                let message = try #require(try await engagement.compose(claim))
                #expect(message.message.contentVersion == claim.contentVersion && message.address != nil)
                #expect(!message.message.text.isEmpty && !message.message.parts.isEmpty)
            }
            // Other words than those that were claimed are never sent.
            var other = due[0]
            other.contentVersion = "0"
            #expect(try await engagement.compose(other) == nil)
        }
    }

    @Test func aMessageWithoutItsAddressStays() async throws {
        try await Self.with { workspace, ledger, clock in
            clock.set(Self.tuesday + 2 * 3_600_000_000)
            let engagement = Engagement(workspace: workspace, ledger: ledger, desk: nil, now: clock.read)
            _ = try await engagement.round()
            let due = try await DecisionBook(workspace: workspace, now: clock.read).decisions(DecisionFilter())
                .filter { $0.day == Self.asOf + 1 && $0.sender == "system" }
            let desk = ClaimDesk(ledger: ledger, policy: workspace.claimPolicy)
            var sent = 0
            for decision in due {
                guard
                    let claim = try await desk.claim(
                        ClaimRequest(
                            key: .decision(decision.decisionID), hcpID: decision.hcpID, channel: .email,
                            purpose: .promotional)
                    ).claim
                else { continue }
                let permits = try await desk.beginSending([(claim.number, nil)], worker: "test")
                // An address is part of a claim: without it nothing leaves.
                #expect(permits == [.withdrawn(.noAddress)])
                sent += 1
                break
            }
            #expect(sent == 1)
        }
    }

    @Test func aJourneyOfTheWorkspaceRunsItsCourse() async throws {
        let journey = """
            journey: news
            purpose: promotional
            entry: {segment: everyone}
            exit: [{event: unsubscribe}]
            steps:
              - {id: hour, best hour: 1d}
              - {id: pause, wait: 2d}
              - {id: call, task: {kind: follow_up, title: Ask what is needed, due: 2d}}
              - {id: done, goal: asked}
            """
        try await Self.with(journey: journey) { workspace, ledger, clock in
            let engagement = Engagement(workspace: workspace, ledger: ledger, desk: nil, now: clock.read)
            let first = try #require(try await engagement.round())
            #expect(first.entered >= 300)
            #expect(try await engagement.round()?.entered == 0)
            // One leaves by an event; an event that comes twice is one.
            let hcps = try await DecisionBook(workspace: workspace, now: clock.read)
                .decisions(DecisionFilter(includesNoTouch: true)).map(\.hcpID)
            let goodbye = JourneyEvent(id: "u1", name: "unsubscribe", hcpID: hcps[0])
            #expect(try await engagement.deliver([goodbye]) == 1)
            #expect(try await engagement.deliver([goodbye]) == 0)
            for days: Int64 in [1, 4] {
                clock.set(Self.tuesday + days * Self.dayLength)
                _ = try await engagement.round()
            }
            let counts = try await ledger.journeyCounts("news")
            #expect(counts.ended[1]?["goal:asked"] == first.entered - 1)
            #expect(try await ledger.openTasks(ofHCPs: [hcps[0]]).isEmpty)
            #expect(try await ledger.openTasks(ofHCPs: [hcps.last ?? ""]).count == 1)
        }
    }

    /// A served round rests after every batch: what others write meanwhile counts at once, and a round that is ended
    /// while it rests is gone on with.
    @Test func aServedRoundRestsBetweenBatchesAndGoesOn() async throws {
        let journey = """
            journey: news
            purpose: promotional
            entry: {segment: everyone}
            exit: [{event: unsubscribe}]
            steps:
              - {id: pause, wait: 2d}
              - {id: done, goal: asked}
            """
        try await Self.with(journey: journey) { workspace, ledger, clock in
            let inside = Mutex<[Int]>([])
            @Sendable func count() async throws -> Int {
                try await ledger.journeyCounts("news").present.values.flatMap(\.values).reduce(0, +)
            }
            let first = Engagement(
                workspace: workspace, ledger: ledger, desk: nil, batch: 50,
                rest: { _ in
                    let entered = try await count()
                    inside.withLock { $0.append(entered) }
                    if entered >= 150 { throw CancellationError() }
                }, now: clock.read)
            await #expect(throws: CancellationError.self) { _ = try await first.round() }
            #expect(inside.withLock { $0 } == [50, 100, 150])
            // Another process goes on where the ledger says that it stopped; its clock moves while it rests.
            inside.withLock { $0 = [] }
            let second = Engagement(
                workspace: workspace, ledger: ledger, desk: nil, batch: 50,
                rest: { _ in
                    let entered = try await count()
                    inside.withLock { $0.append(entered) }
                    clock.set(clock.read() + 60_000_000)
                }, now: clock.read)
            let report = try #require(try await second.round())
            let everyone = try await count()
            #expect(report.entered == everyone - 150 && everyone >= 300)
            let seen = inside.withLock { $0 }
            #expect(seen.allSatisfy { $0 == everyone || $0 % 50 == 0 } && seen.contains(200) && seen == seen.sorted())
            // Due timers in batches too: each rest sees another fifty at their goal.
            clock.set(Self.tuesday + 3 * Self.dayLength)
            inside.withLock { $0 = [] }
            _ = try await second.round()
            #expect(inside.withLock { $0 }.prefix(2) == [everyone - 50, everyone - 100])
            #expect(try await count() == 0)
            #expect(try await ledger.journeyCounts("news").ended[1]?["goal:asked"] == everyone)
        }
    }

    /// What was sent stays away: the next plan has another content for the same HCP, or none.
    @Test func aContentThatWasSentIsNotPlannedAgainSoon() async throws {
        try await Self.with { workspace, ledger, clock in
            clock.set(Self.tuesday + 2 * 3_600_000_000)
            let engagement = Engagement(workspace: workspace, ledger: ledger, desk: nil, now: clock.read)
            #expect(try #require(try await engagement.round()).claimed > 0)
            let sent = try await ledger.claimsToSend(on: [.email], at: clock.read(), limit: 10_000)
            let pairs = Set(sent.map { [$0.hcpID, $0.contentID ?? ""] })
            #expect(!pairs.isEmpty)
            let run = CycleRun(workspace: workspace, request: RunRequest(asOf: Self.asOf + 1), now: clock.read)
            _ = try await run.perform()
            let book = try DecisionBook(workspace: workspace, now: clock.read)
            let next = try await book.decisions(DecisionFilter()).filter {
                $0.channel == .email || $0.channel == .emailRep
            }
            #expect(!next.isEmpty)
            let again = next.filter { decision in
                pairs.contains([decision.hcpID, decision.contentID ?? ""])
                    && (decision.day.map { $0 - (Self.asOf + 1) < 14 } ?? false)
            }
            #expect(again.isEmpty, "\(again.count) of \(next.count)")
            // Whoever asks why hears it.
            let one = try #require(sent.first)
            let answer = try await book.whyNot(hcp: one.hcpID, channel: .email, content: one.contentID)
            #expect(
                answer.options.contains { $0.refusal == "gap_too_short" }
                    || answer.options.allSatisfy { $0.content != one.contentID })
        }
    }

    /// Files are taken up while the program runs: who is on the way stays with the old version, mistakes change nothing.
    @Test func aChangedJourneyTakesWhoComesNext() async throws {
        let journey = """
            journey: news
            purpose: promotional
            entry: {event: asked, again: 1h}
            steps:
              - {id: pause, wait: 2d}
              - {id: done, goal: first}
            """
        try await Self.with(journey: journey) { workspace, ledger, clock in
            let file = workspace.root.appending(path: "journeys/news.yaml")
            let engagement = Engagement(workspace: workspace, ledger: ledger, desk: nil, now: clock.read)
            _ = try await engagement.round()
            let hcps = Set(
                try await DecisionBook(workspace: workspace, now: clock.read)
                    .decisions(DecisionFilter(includesNoTouch: true)).map(\.hcpID)
            ).sorted()
            func asks(_ hcp: Int) async throws {
                #expect(
                    try await engagement.deliver([JourneyEvent(id: "e\(hcp)", name: "asked", hcpID: hcps[hcp])]) > 0)
            }
            try await asks(0)
            // Mistakes: the old version goes on, and the place is named.
            try Data(journey.replacing("wait: 2d", with: "wait: soon").utf8).write(to: file)
            _ = try await engagement.round()
            let fault = try #require(engagement.definitions.faults.first)
            #expect(fault.file == "journeys/news.yaml" && fault.line == 5)
            #expect(engagement.definitions.journeys.map(\.id) == ["news"])
            try await asks(1)
            // Mended, and another one: one more version, one more journey.
            try Data(journey.replacing("goal: first", with: "goal: other").utf8).write(to: file)
            let more = journey.replacing("journey: news", with: "journey: more").replacing("first", with: "more")
            try Data(more.utf8).write(to: workspace.root.appending(path: "journeys/more.yaml"))
            _ = try await engagement.round()
            #expect(engagement.definitions.faults.isEmpty)
            try await asks(2)
            // Gone: nobody enters any more, who is on the way goes on.
            try FileManager.default.removeItem(at: workspace.root.appending(path: "journeys/more.yaml"))
            _ = try await engagement.round()
            try await asks(3)
            clock.set(Self.tuesday + 3 * Self.dayLength)
            _ = try await engagement.round()
            let news = try await ledger.journeyCounts("news").ended
            #expect(news == [1: ["goal:first": 2], 2: ["goal:other": 2]])
            #expect(try await ledger.journeyCounts("more").ended == [1: ["goal:more": 1]])
        }
    }
}
