package import EngagementModel
internal import Foundation
package import Journeys
package import Ledger
internal import Synchronization

/// What one round of engagement came to.
package struct EngagementReport: Sendable, Hashable, Codable {
    /// HCPs who entered a journey.
    package var entered = 0
    /// Steps of journeys.
    package var steps = 0
    /// Planned messages that were claimed.
    package var claimed = 0
    /// Consents whose confirmation was asked for.
    package var confirmations = 0
    /// Planned messages that wait for another hour or day, by the rule that holds them.
    package var waiting: [String: Int] = [:]
    /// Planned messages that were refused for good, by the rule that forbids them.
    package var refused: [String: Int] = [:]

    package init() {}

    package var isEmpty: Bool { self == EngagementReport() }
}

/// Carries out what was decided: lets HCPs into journeys, takes their steps, claims the plan's messages when they are due.
///
/// Every effect goes through the contact claim, and the claim's row is what delivery sends. A round may be interrupted
/// anywhere: what it did is in the ledger, and the next round goes on from there.
package actor Engagement {
    let workspace: Workspace
    let ledger: Ledger
    private let policy: ClaimPolicy
    let claims: ClaimDesk
    private let desk: (any LiveDesk)?
    let now: @Sendable () -> Int64
    private let store: SnapshotStore
    private nonisolated let files: Mutex<JourneyFiles>
    /// That of the files which `running` was made from.
    private var taken = ""
    /// Steps of journeys since the program began.
    package nonisolated let tally = JourneyTally()
    private var running: (world: EngageWorld, runner: JourneyRunner)?
    private nonisolated let held = Mutex<JourneyRunner?>(nil)
    /// Segment doors that the present book has not gone through yet.
    private var doors: [(journey: String, segment: String)] = []
    /// What the book's run noticed, until journeys have heard of it.
    private var alarms: [JourneyEvent] = []
    /// Decisions that were refused, and when to ask again.
    private var asleep: [String: Int64] = [:]

    /// Consents that were asked about, or about which asking was refused, by this process.
    var asked: Set<String> = []
    /// Whether this program asks for confirmations, and has an address for their links.
    nonisolated var asksByMail: Bool { workspace.contact.asksByMail && workspace.settings.delivery.baseURL != nil }

    private let rest: @Sendable (Duration) async throws -> Void
    private static let scheduleCursor = "journeys.schedule"
    /// HCPs who enter, timers that fire, messages that are claimed in one transaction.
    private let batch: Int

    /// - Parameters:
    ///   - batch: HCPs, timers or messages in one transaction.
    ///   - rest: called after each batch with the time that it took: a server lets its pages have the machine
    ///     meanwhile. A campaign that begins lets tens of thousands in at once.
    package init(
        workspace: Workspace, ledger: Ledger, desk: (any LiveDesk)?, batch: Int = 1000,
        rest: @escaping @Sendable (Duration) async throws -> Void = { _ in }, now: @escaping @Sendable () -> Int64
    ) {
        self.batch = batch
        self.rest = rest
        self.workspace = workspace
        self.ledger = ledger
        self.desk = desk
        self.now = now
        policy = workspace.claimPolicy
        claims = ClaimDesk(ledger: ledger, policy: policy)
        store = SnapshotStore(directory: workspace.snapshotDirectory)
        files = Mutex(JourneyFiles.read(workspace))
    }

    /// Journeys and segments as they count now, and what is wrong with their files.
    package nonisolated var definitions: JourneyFiles { files.withLock { $0 } }

    /// Takes up files that changed. What has mistakes stays as it was before them.
    private func readFiles() {
        let known = definitions
        guard JourneyFiles.mark(of: workspace) != known.mark else { return }
        let newer = JourneyFiles.read(workspace).following(known)
        files.withLock { $0 = newer }
    }

    /// Everything that is due now.
    ///
    /// - Returns: nil before the first run of the cycle: there is nobody to engage yet.
    package func round() async throws -> EngagementReport? {
        readFiles()
        guard let (world, runner) = try await current() else { return nil }
        var report = EngagementReport()
        let book = world.book
        try await world.contents.refresh(book)
        while let (journey, segment) = doors.last {
            report.entered += try await enter(journey, book.members(of: segment), runner)
            doors.removeLast()
        }
        // An alarm keeps its id from run to run: journeys hear of each once.
        while !alarms.isEmpty {
            let part = Array(alarms.suffix(batch))
            report.steps += try await paced { try await runner.deliver(part) }
            alarms.removeLast(min(batch, alarms.count))
        }
        try await enterScheduled(book, runner, &report)
        while true {
            let (instances, steps) = try await paced { try await runner.runDue(limit: batch) }
            report.steps += steps
            if instances == 0 { break }
        }
        try await claimDue(world, &report)
        try await askForConfirmations(book, &report)
        return report
    }

    /// Brings events to the journeys.
    /// - Returns: steps taken.
    package func deliver(_ events: [JourneyEvent]) async throws -> Int {
        guard let (_, runner) = try await current() else { return 0 }
        return try await runner.deliver(events)
    }

    /// The journeys of now, for whoever brings events to them; nil before the first run of the cycle was taken up.
    package nonisolated var runner: JourneyRunner? { held.withLock { $0 } }

    /// World and runner of the newest published snapshot.
    func current() async throws -> (world: EngageWorld, runner: JourneyRunner)? {
        guard let file = store.current else { return nil }
        let files = definitions
        if let running, running.world.book.id == file.lastPathComponent, taken == files.mark { return running }
        let book = try await EngageBook.read(file, workspace: workspace, segments: files.segments)
        doors = files.journeys.compactMap { journey in
            guard case .segment(let segment) = journey.entry.door else { return nil }
            return (journey.id, segment)
        }
        alarms = try await TriggerBook(workspace: workspace).alarms().map {
            JourneyEvent(id: $0.id, name: $0.name, hcpID: $0.hcpID, key: $0.key, attributes: $0.attributes)
        }
        asleep = [:]
        if let running, taken == files.mark {
            running.world.exchange(book)
            return running
        }
        for journey in files.journeys { _ = try await JourneyRunner.register(journey, in: ledger, by: .system) }
        let world = try await world(of: book)
        let runner = try await JourneyRunner(
            ledger: ledger, policy: policy, world: world, admitting: Set(files.journeys.map(\.id)), tally: tally)
        // Who is on the way goes on with the version that let them in; the newest one takes who comes from now on.
        running = (world, runner)
        taken = files.mark
        held.withLock { $0 = runner }
        return running
    }

    private func world(of book: EngageBook) async throws -> EngageWorld {
        if let world = running?.world {
            world.exchange(book)
            return world
        }
        let contents = try await EngageContents(workspace: workspace, ledger: ledger, links: try await links())
        try await contents.refresh(book)
        return EngageWorld(book, contents: contents, desk: desk, now: now)
    }

    private func links() async throws -> EngageLinks? {
        let settings = workspace.settings.delivery
        guard let base = settings.baseURL else { return nil }
        return EngageLinks(
            baseURL: base, key: try await ledger.linkKey(), eventURL: settings.eventURL,
            contactURL: settings.contactURL)
    }

    /// Does one batch, then rests.
    private func paced<Result: Sendable>(_ batch: () async throws -> Result) async throws -> Result {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try await batch()
        try await rest(clock.now - start)
        return result
    }

    // MARK: Journeys

    private func enter(_ journey: String, _ hcpIDs: [String], _ runner: JourneyRunner) async throws -> Int {
        var entered = 0
        for start in stride(from: 0, to: hcpIDs.count, by: batch) {
            let part = Array(hcpIDs[start..<min(start + batch, hcpIDs.count)])
            entered += try await paced { try await runner.enter(journey, part) }
        }
        return entered
    }

    /// A schedule that fell due while nobody was running is made up for once, not once for every round missed.
    private func enterScheduled(_ book: EngageBook, _ runner: JourneyRunner, _ report: inout EngagementReport)
        async throws
    {
        let now = now()
        guard let last = try await ledger.cursor(Self.scheduleCursor) else {
            return try await ledger.moveCursor(Self.scheduleCursor, to: now)
        }
        guard now > last else { return }
        let due = runner.scheduled(after: last, through: now)
        for (journey, segment) in due {
            report.entered += try await enter(journey, book.members(of: segment), runner)
        }
        if !due.isEmpty || now - last > 3_600_000_000 { try await ledger.moveCursor(Self.scheduleCursor, to: now) }
    }

    // MARK: The plan

    /// Claims the plan's messages whose day and hour have come where the HCP lives. A day that went by is not made up
    /// for: the next plan decides anew.
    private func claimDue(_ world: EngageWorld, _ report: inout EngagementReport) async throws {
        let now = now()
        let book = world.book
        let today = Day(number: Int32(clamping: now / 86_400_000_000))
        var requests: [ClaimRequest] = []
        for due in try await ledger.dueDecisions(from: today - 1, through: today + 1) {
            guard !due.channel.isHuman, asleep[due.decisionID].map({ $0 <= now }) ?? true,
                let hcp = book.number(of: due.hcpID)
            else { continue }
            let local = book.zones[hcp].local(now)
            guard local.day == due.day, local.minute >= due.hour * 60 else { continue }
            requests.append(
                ClaimRequest(
                    key: .decision(due.decisionID), hcpID: due.hcpID, channel: due.channel,
                    address: book.address(of: hcp, due.channel), purpose: due.purpose, productID: due.productID,
                    contentID: due.contentID,
                    contentVersion: due.contentID.flatMap {
                        world.version(ofContent: $0, channel: due.channel, hcpID: due.hcpID, sender: due.sender)
                    }, sender: due.sender, decisionID: due.decisionID, arm: due.arm))
        }
        for start in stride(from: 0, to: requests.count, by: batch) {
            let part = Array(requests[start..<min(start + batch, requests.count)])
            for (request, outcome) in zip(part, try await paced { try await claims.claim(part) }) {
                switch outcome {
                case .claimed: report.claimed += 1
                case .existing: break
                case .refused(let reason, let retryAt):
                    asleep[request.key.step] = reason.isTemporary ? retryAt ?? now + 3_600_000_000 : .max
                    if reason.isTemporary {
                        report.waiting[reason.rawValue, default: 0] += 1
                    } else {
                        report.refused[reason.rawValue, default: 0] += 1
                    }
                }
            }
        }
    }
}

extension Workspace {
    /// The contact policy of strategy, markets and `contact.yaml`.
    package var claimPolicy: ClaimPolicy {
        // What is read in one's own time makes no noise; an invitation or a message does.
        ClaimPolicy(
            strategy: strategy, markets: markets, extraRules: contact.rules, doubleOptIn: contact.doubleOptIn,
            bases: contact.bases, unheardChannels: [.portal, .ad, .mail])
    }
}
