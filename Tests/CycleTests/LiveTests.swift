import Cycle
import EngagementModel
import Foundation
import Ledger
import TestSupport
import Testing
import Warehouse

/// Live decisions on a small demo company: the plan's policy, rules with what came since, durable outcomes.
@Suite struct LiveTests {
    static let asOf = Day(year: 2026, month: 6, day: 1)
    /// 2026-06-02 16:00 UTC, a Tuesday: nobody sleeps in the countries of the demo.
    static let now: Int64 = Int64(Day(year: 2026, month: 6, day: 2).number) * 86_400_000_000 + 57_600_000_000

    private struct Company {
        let workspace: Workspace
        let ledger: Ledger
        let desk: PlanDesk
        let hcps: [String]

        static func with<R>(
            approved: Bool = false, contact: String? = nil, _ body: (Company) async throws -> R
        ) async throws -> R {
            let folder = try TemporaryFolder()
            let root = folder.url.appending(path: "company")
            _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 3, seed: 9, endingOn: asOf)
            if let contact { try Data(contact.utf8).write(to: root.appending(path: "contact.yaml")) }
            let workspace = try #require(Workspace.read(at: root).workspace)
            let clock: @Sendable () -> Int64 = { now }
            if approved { try await EngagementTests.approve(workspace, clock) }
            _ = try await CycleRun(workspace: workspace, request: RunRequest(asOf: asOf), now: clock).perform()
            let ledger = try workspace.openLedger(now: clock)
            defer { try? ledger.close() }
            let hcps = try await DecisionBook(workspace: workspace, now: clock).decisions(
                DecisionFilter(includesNoTouch: true)
            ).map(\.hcpID)
            let desk = PlanDesk(workspace: workspace, ledger: ledger, now: clock)
            try await desk.refresh()
            return try await body(
                Company(workspace: workspace, ledger: ledger, desk: desk, hcps: Array(Set(hcps)).sorted()))
        }

        func ask(_ hcp: String, at time: Int64 = now, _ channels: Set<Channel>? = nil, limit: Int = 25) throws
            -> LiveAnswer
        {
            try desk.decide(LiveRequest(identifier: .hcp(hcp), now: time, channels: channels, limit: limit))
        }

        /// The first HCP for whom the rules leave something on a channel.
        func reachable(_ channel: Channel) throws -> String {
            for hcp in hcps where try ask(hcp, [channel]).refusals.isEmpty { return hcp }
            throw Diagnostic("nobody", "nobody can be reached by \(channel)")
        }

        func email(of hcp: String) async throws -> String? {
            let file = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
            let warehouse = try Warehouse.open(WarehouseOptions(engine: .duckdb, path: file.path, readOnly: true))
            defer { warehouse.close() }
            return try await warehouse.connect().query("SELECT email FROM mart.hcp WHERE hcp_id = ?", [.text(hcp)])
                .strings("email").first ?? nil
        }

        /// The same, and it is worth proposing.
        func inviting(_ channel: Channel) throws -> String {
            for hcp in hcps where try ask(hcp, [channel]).actions.first?.channel == channel { return hcp }
            throw Diagnostic("nobody", "nobody is invited by \(channel)")
        }
    }

    @Test func anOutcomeCountsInTheNextDecision() async throws {
        try await Company.with { company in
            let hcp = try company.reachable(.phone)
            let before = try company.ask(hcp, [.phone, .inPerson, .video])
            #expect(before.refusals.isEmpty && before.liveEvents == 0 && !before.isRescored)
            let outcome = LiveOutcome(
                outcomeID: "call-1", decisionID: before.decisionID, hcpID: hcp, channel: .phone,
                occurredAt: Self.now - 600_000_000, response: .engaged)
            let receipt = try await company.desk.record(outcome)
            #expect(!receipt.isDuplicate && receipt.isRescored)
            // One human contact a day, and four days between two.
            let after = try company.ask(hcp, [.phone, .inPerson, .video])
            #expect(after.actions.isEmpty && after.liveEvents == 1 && after.noTouchPropensity == 1)
            #expect(!after.refusals.isEmpty)
            #expect(
                after.refusals.allSatisfy { refusal in
                    [.capReached, .gapTooShort].contains(refusal.refusal)
                        || refusal.refusal.code < Refusal.capReached.code
                })
            // Five days later the gap is over.
            let later = try company.ask(hcp, at: Self.now + 6 * 86_400_000_000, [.phone])
            #expect(later.refusals.allSatisfy { $0.refusal != .gapTooShort })
            // The same report again changes nothing; another under its name is refused.
            #expect(try await company.desk.record(outcome).isDuplicate)
            #expect(try company.ask(hcp).liveEvents == 1)
            var other = outcome
            other.response = .none
            await #expect(throws: Diagnostic.self) { try await company.desk.record(other) }
            // The talk stands in the one contact history.
            let contacts = try await company.ledger.contacts(ofHCP: hcp, since: Self.now - 700_000_000)
            #expect(contacts.map(\.channel) == [.phone] && contacts[0].origin == .rapport)
        }
    }

    /// A content that was sent is not offered again for a fortnight, from the moment on at which it is known. HCPs of the
    /// rules arm are given all that is allowed, so that nothing hangs on a draw.
    @Test func whatWasSentLatelyIsNotOffered() async throws {
        try await Company.with(approved: true) { company in
            let later = Self.now + 3 * 86_400_000_000
            let free = Self.now + 14 * 86_400_000_000
            func contents(_ hcp: String, _ time: Int64) throws -> Set<String> {
                let request = LiveRequest(
                    identifier: .hcp(hcp), now: time, channels: [.email], purpose: .promotional, limit: 25)
                return Set(try company.desk.decide(request).actions.compactMap(\.contentID))
            }
            let hcp = try #require(
                try company.hcps.first { hcp in
                    let isListed = try company.ask(hcp, at: later, [.email]).arm == .rules
                    guard isListed, try !contents(hcp, Self.now).isEmpty else { return false }
                    return try contents(hcp, later).intersection(contents(hcp, free)).count > 1
                })
            let before = try contents(hcp, later)
            let content = try #require(before.intersection(try contents(hcp, free)).sorted().first)
            let product = try company.ask(hcp, at: later, [.email]).actions.first { $0.contentID == content }?.productID
            let claim = ClaimRequest(
                key: ClaimKey(campaign: "other", step: "1"), hcpID: hcp, channel: .email,
                address: try await company.email(of: hcp),
                purpose: .promotional, productID: product, contentID: content, contentVersion: "test")
            try await company.ledger.registerContent(
                [
                    ContentApproval(
                        contentID: content, version: "test", purpose: .promotional, state: .approvedForDistribution)
                ], by: .system)
            let desk = ClaimDesk(ledger: company.ledger, policy: company.workspace.claimPolicy)
            guard case .claimed = try await desk.claim(claim) else {
                throw Diagnostic("refused", "\(try await desk.claim(claim))")
            }
            // Another process sent it: it counts from the next look at the ledger on.
            #expect(try contents(hcp, later) == before)
            try await company.desk.refresh()
            #expect(try contents(hcp, later) == before.subtracting([content]))
            // On the fourteenth day after it is there again.
            #expect(try !contents(hcp, free - 86_400_000_000).contains(content))
            #expect(try contents(hcp, free).contains(content))
            // What is reported here counts at once.
            let other = try #require(before.subtracting([content]).sorted().first)
            _ = try await company.desk.record(
                LiveOutcome(
                    outcomeID: "mail-9", hcpID: hcp, channel: .email, contentID: other,
                    occurredAt: Self.now - 60_000_000,
                    response: .none))
            #expect(try !contents(hcp, later).contains(other))
            // And a decision without them is drawn again from its record.
            let answer = try company.ask(hcp, at: later)
            try await company.desk.finish()
            let replay = try await DecisionBook(workspace: company.workspace, now: { Self.now })
                .replay(answer.decisionID)
            #expect(replay.isExact, "\(replay.rendered())")
        }
    }

    @Test func aRuleByProductIsNamed() async throws {
        let contact = """
            rules:
              - {max: 1, window: 20d, channels: [phone, in_person, video], each: product}
              - {min: 15d, channels: [phone, video], purpose: promotional}
            """
        try await Company.with(approved: true, contact: contact) { company in
            // Past the gap between two talks; neither window of the rules is over.
            let later = Self.now + 6 * 86_400_000_000
            func products(_ hcp: String) throws -> Set<String> {
                Set(try company.ask(hcp, at: later, [.inPerson]).actions.map(\.productID))
            }
            let hcp = try #require(
                try company.hcps.first {
                    let answer = try company.ask($0, at: later, [.phone])
                    return answer.arm == .rules && !answer.actions.isEmpty ? try products($0).count > 1 : false
                })
            let before = try products(hcp)
            let product = try #require(before.sorted().first)
            _ = try await company.desk.record(
                LiveOutcome(
                    outcomeID: "call", hcpID: hcp, channel: .phone, productID: product,
                    occurredAt: Self.now - 600_000_000, response: .engaged))
            // A talk moves the scores, so that another product may come in.
            let after = try products(hcp)
            #expect(!after.contains(product), "\(after)")
            #expect(after.isSuperset(of: before.subtracting([product])), "\(before) \(after)")
            let answer = try company.ask(hcp, at: later, [.phone])
            #expect(answer.actions.isEmpty)
            let named = answer.refusals.filter { $0.rule != nil }
            #expect(named.count > 1, "\(answer.refusals)")
            for refusal in named {
                // The first rule that it breaks.
                let isSame = refusal.productID == product
                #expect(refusal.refusal == (isSame ? .capReached : .gapTooShort), "\(refusal)")
                let words = isSame ? "at most 1 in 20 days by " : "15 days between two touches by "
                #expect(refusal.rule?.hasPrefix(words) == true, "\(refusal)")
            }
        }
    }

    @Test func anEngagementMovesTheScores() async throws {
        try await Company.with { company in
            let hcp = try company.inviting(.email)
            func scores(_ time: Int64) throws -> [String: Double] {
                var result: [String: Double] = [:]
                for _ in 0..<60 {
                    for action in try company.ask(hcp, at: time).actions {
                        result["\(action.channel) \(action.productID)"] = action.probability
                    }
                }
                return result
            }
            let later = Self.now + 8 * 86_400_000_000
            let before = try scores(later)
            // An answer is drawn: of many, one names a content.
            var contents: [String] = []
            for _ in 0..<60 { contents += try company.ask(hcp, at: later).actions.compactMap(\.contentID) }
            let content = try #require(contents.first)
            _ = try await company.desk.record(
                LiveOutcome(
                    outcomeID: "mail-1", hcpID: hcp, channel: .email, contentID: content,
                    occurredAt: Self.now - 3_600_000_000, response: .engaged))
            let answer = try company.ask(hcp, at: later)
            #expect(answer.isRescored)
            let after = try scores(later)
            let shared = Set(before.keys).intersection(after.keys)
            #expect(shared.contains { before[$0] != after[$0] })
        }
    }

    @Test func aSecondDeskKnowsWhatTheFirstWasTold() async throws {
        try await Company.with { company in
            let hcp = try company.reachable(.phone)
            _ = try await company.desk.record(
                LiveOutcome(
                    outcomeID: "call-1", hcpID: hcp, channel: .phone, occurredAt: Self.now - 600_000_000,
                    response: .reached))
            let other = PlanDesk(workspace: company.workspace, ledger: company.ledger, now: { Self.now })
            try await other.refresh()
            let question = LiveRequest(identifier: .hcp(hcp), now: Self.now, channels: [.phone], limit: 3)
            #expect(try other.decide(question).liveEvents == 1)
            #expect(try other.decide(question).actions.isEmpty)
            // And what is told to the second one reaches the first with its next refresh.
            _ = try await other.record(
                LiveOutcome(
                    outcomeID: "page-1", hcpID: hcp, channel: .portal, occurredAt: Self.now - 60_000_000,
                    response: .engaged, direction: .pull))
            try await company.desk.refresh()
            #expect(try company.ask(hcp).liveEvents == 2)
        }
    }

    @Test func anObjectionSilencesAtTheNextRefresh() async throws {
        try await Company.with { company in
            let hcp = try company.reachable(.phone)
            for channel in Channel.allCases {
                try await company.ledger.recordConsent(
                    Consent(
                        consentID: "live-\(channel)", hcpID: hcp, channel: channel, purpose: .promotional,
                        status: .objection, capturedAt: Self.now - 86_400_000_000),
                    by: .system)
            }
            try await company.desk.refresh()
            let answer = try company.ask(hcp)
            #expect(answer.actions.isEmpty)
            #expect(answer.refusals.contains { $0.refusal == .objection })
            #expect(!answer.refusals.contains { $0.refusal == .gapTooShort })
        }
    }

    /// Withdrawn in the review, without another run: not proposed from the next refresh on, while others still are.
    @Test func aWithdrawnContentIsProposedNoMore() async throws {
        try await Company.with(approved: true) { company in
            let authored = try await company.ledger.authoredContents()
            func proposed(by desk: PlanDesk) throws -> [String: Int] {
                var count: [String: Int] = [:]
                for hcp in company.hcps {
                    let request = LiveRequest(identifier: .hcp(hcp), now: Self.now, channels: nil, limit: 25)
                    for action in try desk.decide(request).actions { count[action.contentID ?? "", default: 0] += 1 }
                }
                return count
            }
            let before = try proposed(by: company.desk).filter { authored.contains($0.key) }
            let content = try #require(before.max { $0.value < $1.value }?.key)
            var versions: [PartVersion] = []
            for language in ["en", "de", "fr", "es", "it"] {
                versions += try await company.ledger.partHistory(PartKey(.message, content, language))
                    .filter(\.standing.state.isSendable).map(\.version)
            }
            try await company.ledger.withdrawParts(versions, cause: "a new finding", by: .system)
            try await company.desk.refresh()
            let after = try proposed(by: company.desk)
            #expect(after[content] == nil && before[content]! > 0)
            #expect(after.values.reduce(0, +) > 0)
            // A server that starts now, on the same plan, knows it too.
            let other = PlanDesk(workspace: company.workspace, ledger: company.ledger, now: { Self.now })
            try await other.refresh()
            #expect(try proposed(by: other)[content] == nil)
        }
    }

    @Test func decisionsAreOnDiskAfterFinish() async throws {
        try await Company.with { company in
            var answers: [LiveAnswer] = []
            for hcp in company.hcps.prefix(100) { answers.append(try company.ask(hcp, limit: 3)) }
            try await company.desk.finish()
            #expect(try await company.ledger.liveDecisionCount() == answers.count)
            #expect(Set(answers.map(\.decisionID)).count == answers.count)
            for answer in answers {
                let stored = try #require(try await company.ledger.liveDecision(answer.decisionID))
                #expect(stored.hcpID == answer.hcpID && stored.noTouchPropensity == answer.noTouchPropensity)
                #expect(stored.shown.split(separator: "\n").count == answer.actions.count)
            }
            #expect(throws: Diagnostic.self) { try company.ask(company.hcps[0]) }
            await #expect(throws: Diagnostic.self) {
                try await company.desk.record(
                    LiveOutcome(
                        outcomeID: "late", hcpID: company.hcps[0], channel: .phone, occurredAt: Self.now,
                        response: .none))
            }
        }
    }

    @Test func quietHoursAndOldPlansAreRefused() async throws {
        try await Company.with { company in
            let hcp = try company.reachable(.phone)
            // From 21 (in Germany 20) to 8 in the own time of the HCP, wherever that is.
            let quiet = try (0..<24).count { hour in
                let answer = try company.ask(hcp, at: Self.now + Int64(hour) * 3_600_000_000, [.phone])
                let isQuiet = answer.refusals.contains { $0.refusal == .quietHours }
                #expect(!isQuiet || answer.actions.isEmpty)
                return isQuiet
            }
            #expect(quiet == 11 || quiet == 12)
            for days: Int64 in [-3, 40] {
                #expect(throws: Diagnostic.self) { try company.ask(hcp, at: Self.now + days * 86_400_000_000) }
            }
            #expect(throws: Diagnostic.self) { try company.ask("nobody") }
        }
    }

    @Test func everyAnswerKeepsTheRulesAndAddsUp() async throws {
        try await Company.with { company in
            for hcp in company.hcps.prefix(150) {
                let answer = try company.ask(hcp)
                #expect(answer.noTouchPropensity > 0 || answer.arm == .rules)
                #expect(answer.noTouchPropensity <= 1 + 1e-9)
                #expect(answer.actions.isEmpty || answer.refusals.isEmpty)
                for action in answer.actions {
                    #expect(abs(action.net - (action.value - action.price)) < 1e-6 && action.price >= 0)
                    #expect(action.effectLow <= action.effect && action.effect <= action.effectHigh)
                    #expect(action.propensity > 0 && action.propensity <= 1 + 1e-9)
                    #expect(action.reasons.count == 3)
                    #expect(company.workspace.strategy.channels[action.channel] != nil)
                }
                #expect(Set(answer.actions.map(\.offer)).count == answer.actions.count)
            }
        }
    }

    /// Every live decision is drawn again from its record: before and after outcomes moved the scores, of every arm.
    @Test func liveDecisionsAreReproducedFromTheirRecords() async throws {
        try await Company.with { company in
            let book = try DecisionBook(workspace: company.workspace, now: { Self.now })
            var asked: [String] = []
            for hcp in company.hcps.prefix(60) { asked.append(try company.ask(hcp, limit: 3).decisionID) }
            let hcp = try company.reachable(.email)
            for (number, response) in [ResponseLevel.engaged, .none, .advanced].enumerated() {
                _ = try await company.desk.record(
                    LiveOutcome(
                        outcomeID: "mail-\(number)", hcpID: hcp, channel: .email,
                        occurredAt: Self.now - Int64(4 - number) * 600_000_000, response: response))
                let answer = try company.ask(hcp)
                #expect(answer.isRescored)
                asked.append(answer.decisionID)
            }
            try await company.desk.finish()
            var kinds: Set<ReplayReport.Name> = []
            for id in asked {
                let report = try await book.replay(id)
                #expect(report.isExact && report.kind == "live", "\(report.rendered())")
                kinds.formUnion(report.parts.map(\.name))
            }
            #expect(kinds.isSuperset(of: [.versions, .response, .value, .price, .choice, .propensity]))

            // What stood behind the decisions is altered in a copy, and found out.
            let copy = try TemporaryFolder()
            let root = copy.url.appending(path: "company")
            try FileManager.default.copyItem(at: company.workspace.root, to: root)
            let altered = try #require(Workspace.read(at: root).workspace)
            let snapshot = try #require(SnapshotStore(directory: altered.snapshotDirectory).current)
            let warehouse = try Warehouse.open(WarehouseOptions(engine: .duckdb, path: snapshot.path, readOnly: false))
            let connection = try warehouse.connect()
            try await connection.execute("UPDATE plan.price SET price = price * 1.0000001 + 1e-9")
            try await connection.execute("UPDATE mart.touch SET level = 3 WHERE level < 3")
            try await connection.execute("CHECKPOINT")
            await connection.close()
            warehouse.close()
            var found: Set<ReplayReport.Name> = []
            let other = try DecisionBook(workspace: altered, now: { Self.now })
            for id in asked.prefix(20) {
                found.formUnion(try await other.replay(id).parts.filter { $0.difference != nil }.map(\.name))
            }
            #expect(found.isSuperset(of: [.price, .response, .value]), "\(found)")
        }
    }
}
