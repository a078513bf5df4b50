internal import Decisioning
package import EngagementModel
internal import Foundation
package import Ledger
internal import Statistics
internal import Synchronization

/// Live decisions from the published plan of a workspace, and live learning from what is reported.
///
/// The plan is read into memory and exchanged as a whole when a run publishes another. What came since is kept by HCP:
/// reported outcomes, touches of the contact history, changed consents; the ledger is asked for news of other
/// processes at every refresh (a second). Whatever is sent still needs its claim: the ledger has the last word.
package final class PlanDesk: LiveDesk {
    private struct State {
        var snapshot: LiveSnapshot?
        var people: [Int32: LivePerson] = [:]
        /// Last rows of the ledger that are known.
        var outcome: Int64 = 0
        var contact: Int64 = 0
        var consent: Int64 = 0
        /// What review said when it was last read; nil = not since the plan was.
        var review: ContentStamp?
        var counter: UInt64 = 0
        /// First day whose outcomes count.
        var oldest = Day(number: 0)
    }

    private final class Held: Sendable {
        let state = Mutex(State())
    }

    /// HCPs that one refresh scores anew after a plan was exchanged.
    private static let scoredPerRefresh = 50

    private let workspace: Workspace
    private let ledger: Ledger
    private let now: @Sendable () -> Int64
    private let store: SnapshotStore
    private let held = Held()
    private let log: LiveLog
    /// Sixteen digits of this process, so that identifiers are unique without asking anybody.
    private let prefix: String

    package init(workspace: Workspace, ledger: Ledger, now: @escaping @Sendable () -> Int64) {
        self.workspace = workspace
        self.ledger = ledger
        self.now = now
        store = SnapshotStore(directory: workspace.snapshotDirectory)
        prefix = String(ledger.newID().prefix(16))
        let held = held
        log = LiveLog(
            ledger: ledger, seen: { held.state.withLock { $0.outcome } },
            take: { news in held.state.withLock { Self.take(news, &$0) } })
    }

    // MARK: Deciding

    package func decide(_ request: LiveRequest) throws -> LiveAnswer {
        let (snapshot, seen, counter) = held.state.withLock { state in
            state.counter &+= 1
            return (state.snapshot, state.outcome, state.counter)
        }
        guard let snapshot else { throw Self.noPlan }
        let hcp = try snapshot.names.number(of: request.identifier)
        let person = held.state.withLock { $0.people[Int32(hcp)] }
        let (answer, evidence) = try LiveDecision(
            snapshot: snapshot, hcp: hcp, person: person, request: request,
            decisionID: prefix + Self.digits(SeededGenerator.mix(counter))
        ).answer()
        var record = Self.record(answer, request, seen: seen)
        record.considered = evidence.bytes
        record.explorationFloor = answer.explorationFloor
        record.scoredThrough = person?.scores == nil ? 0 : person?.scoredThrough ?? 0
        record.seed = Int64(bitPattern: snapshot.strategy.seed)
        try log.add(record)
        return answer
    }

    private static let noPlan = Diagnostic(
        "no_plan", "Nothing has been published yet.", remedy: "run `rapport run` first")

    /// Sixteen lower-case hexadecimal digits.
    private static func digits(_ value: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for place in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * place)) & 15
                buffer[place] = digit < 10 ? 48 + digit : 87 + digit
            }
            return 16
        }
    }

    private static func record(_ answer: LiveAnswer, _ request: LiveRequest, seen: Int64) -> LiveDecisionRecord {
        var shown = ""
        for action in answer.actions {
            if !shown.isEmpty { shown += "\n" }
            shown += "\(action.offer)\t\(action.channel.rawValue)\t\(action.productID)\t\(action.contentID ?? "")"
            shown += "\t\(Float(action.value))\t\(Float(action.price))\t\(action.propensity)"
        }
        var asked = "limit=\(request.limit)"
        if let channels = request.channels {
            asked += " channels=" + Channel.allCases.filter(channels.contains).map(\.rawValue).joined(separator: ",")
        }
        if let purpose = request.purpose { asked += " purpose=\(purpose.rawValue)" }
        return LiveDecisionRecord(
            decisionID: answer.decisionID, key: request.key, hcpID: answer.hcpID, at: answer.decidedAt,
            runID: answer.runID, modelVersion: answer.modelVersion, strategyVersion: answer.strategyVersion,
            arm: answer.arm, asked: asked, outcomesSeen: seen, temperature: answer.temperature,
            noTouchPropensity: answer.noTouchPropensity, shown: shown, refused: answer.refusals.count)
    }

    // MARK: Learning

    package func record(_ outcome: LiveOutcome) async throws -> LiveReceipt {
        guard let snapshot = held.state.withLock({ $0.snapshot }) else { throw Self.noPlan }
        let hcp = try snapshot.names.number(of: .hcp(outcome.hcpID))
        if let content = outcome.contentID, snapshot.shelf.ids.known(content) < 0 {
            throw Diagnostic("unknown_content", "The plan knows no such content.")
        }
        if let product = outcome.productID, snapshot.products.known(product) < 0 {
            throw Diagnostic("unknown_product", "The plan knows no such product.")
        }
        let day = snapshot.zones.local(outcome.occurredAt, hcp: hcp).day
        switch try await log.add(LiveOutcomeRecord(outcome: outcome, day: day)) {
        case .mismatch:
            throw Diagnostic(
                "idempotency_mismatch", "Another outcome was reported under this name.",
                remedy: "give every outcome a name of its own")
        case .known(let number):
            return LiveReceipt(number: number, isDuplicate: true, isRescored: false)
        case .stored(let number):
            let isRescored = try await rescore(snapshot, Int32(hcp))
            return LiveReceipt(number: number, isDuplicate: false, isRescored: isRescored)
        }
    }

    /// Scores an HCP anew when an outcome waits that asks for it.
    private func rescore(_ snapshot: LiveSnapshot, _ hcp: Int32) async throws -> Bool {
        guard let scorer = snapshot.scorer, let person = held.state.withLock({ $0.people[hcp] }), person.needsScores
        else { return false }
        let history = try await snapshot.touches(of: Int(hcp))
        let scores = try person.scores(
            scorer, hcp: Int(hcp), history: history, shelf: snapshot.shelf, asOf: snapshot.asOf)
        return held.state.withLock { state in
            // The plan may have been exchanged, or a later outcome may have been faster.
            guard state.snapshot === snapshot, var current = state.people[hcp],
                current.scoredThrough < person.lastOutcome
            else { return false }
            current.scores = scores
            current.scoredThrough = person.lastOutcome
            state.people[hcp] = current
            return true
        }
    }

    private static func take(_ news: [LiveOutcomeRecord], _ state: inout State) {
        for record in news where record.number > state.outcome {
            state.outcome = record.number
            // Reports of touches older than every window count for nothing, whenever they come.
            guard record.day >= state.oldest else { continue }
            guard let hcp = state.snapshot?.names.number(ofID: record.outcome.hcpID) else { continue }
            state.people[hcp, default: LivePerson()].add(record)
        }
    }

    // MARK: Keeping up

    package func refresh() async throws {
        if let file = store.current, file.lastPathComponent != held.state.withLock({ $0.snapshot?.id }) {
            try await exchange(file)
        }
        try await log.flush()
        let (snapshot, outcome, contact, consent) = held.state.withLock {
            ($0.snapshot, $0.outcome, $0.contact, $0.consent)
        }
        guard let snapshot else { return }
        try await readReview(snapshot)
        let outcomes = try await ledger.liveOutcomes(after: outcome)
        let reach = max(windowDays, workspace.touchRules.map(\.days).max() ?? 0)
        let contacts = try await ledger.liveContacts(after: contact, from: snapshot.asOf - reach)
        let changes = try await ledger.consentChanges(after: consent)
        var consents: [(Int32, Decisioning.ConsentColumns)] = []
        for id in changes.hcpIDs {
            guard let hcp = snapshot.names.number(ofID: id) else { continue }
            consents.append((hcp, columns(try await ledger.currentConsents(ofHCP: id), snapshot.products)))
        }
        let waiting = held.state.withLock { state -> [Int32] in
            guard state.snapshot === snapshot else { return [] }
            Self.take(outcomes, &state)
            Self.add(contacts, snapshot, &state)
            for (hcp, columns) in consents { state.people[hcp, default: LivePerson()].consents = columns }
            state.consent = max(state.consent, changes.last)
            return Array(state.people.lazy.filter { $0.value.needsScores }.map(\.key).prefix(Self.scoredPerRefresh))
        }
        for hcp in waiting { _ = try await rescore(snapshot, hcp) }
    }

    /// A content that was withdrawn, superseded or rejected since the plan is proposed no more; expiry goes by the day.
    private func readReview(_ snapshot: LiveSnapshot) async throws {
        // Before the editions: a step that comes meanwhile is read again at the next refresh.
        let stamp = try await ledger.contentStamp()
        guard stamp != held.state.withLock({ $0.review }) else { return }
        let day = Day(number: Int32(now() / 86_400_000_000))
        snapshot.take(try await ContentEdition.collect(workspace, ledger, on: day))
        held.state.withLock { if $0.snapshot === snapshot { $0.review = stamp } }
    }

    package func finish() async throws { try await log.finish() }

    private var windowDays: Int { Self.windowDays(workspace.strategy, workspace.markets) }

    /// Days back to which touches count against a cap or a gap.
    static func windowDays(_ strategy: Strategy, _ markets: [Market]) -> Int {
        max(strategy.longestWindowDays, markets.flatMap { $0.caps ?? [] }.map(\.window.days).max() ?? 1)
    }

    /// Reads another plan beside the present one, then takes both exchange at once: no decision mixes the two.
    private func exchange(_ file: URL) async throws {
        // Before the plan is read: a consent or touch that comes meanwhile is then met twice rather than never.
        let consent = try await ledger.consentChanges(after: .max).last
        let snapshot = try await LiveSnapshotReading.open(file, workspace: workspace, ledger: ledger, now: now)
        let contacts = try await ledger.liveContacts(after: 0, from: snapshot.asOf + 1)
        // In this order: what comes between the two is in the list, and is met again at the next refresh at worst.
        let last = try await ledger.lastLiveOutcome()
        let outcomes = try await ledger.liveOutcomes(from: snapshot.asOf - windowDays)
        held.state.withLock { state in
            state.snapshot = snapshot
            state.people = [:]
            state.outcome = 0
            state.oldest = snapshot.asOf + -windowDays
            Self.take(outcomes, &state)
            state.outcome = max(state.outcome, last)
            state.contact = 0
            Self.add(contacts, snapshot, &state)
            state.consent = consent
            state.review = nil
        }
    }

    private static func add(_ contacts: LiveContacts, _ snapshot: LiveSnapshot, _ state: inout State) {
        for i in contacts.number.indices where contacts.number[i] > state.contact {
            guard let hcp = snapshot.names.number(ofID: contacts.hcpID[i]) else { continue }
            state.people[hcp, default: LivePerson()].contacts.append(
                snapshot.known.book.met(
                    contacts.day[i], contacts.channel[i].code, contacts.purpose[i]?.code,
                    product: contacts.productID[i], sender: contacts.sender[i], content: contacts.contentID[i]))
        }
        state.contact = max(state.contact, contacts.last)
    }

    private func columns(_ consents: [Consent], _ products: Interner) -> Decisioning.ConsentColumns {
        var result = Decisioning.ConsentColumns()
        for consent in consents {
            let product = consent.productID.map { products.known($0) } ?? -1
            if consent.productID != nil && product < 0 { continue }
            result.append(
                hcp: 0, channel: consent.channel, purpose: consent.purpose, product: Int(product),
                status: consent.status, captured: consent.capturedAt,
                expires: consent.expiresAt.map { Day(number: Int32($0 / 86_400_000_000)) + -1 })
        }
        return result
    }
}
