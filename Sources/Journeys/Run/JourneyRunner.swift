import EngagementModel
import Foundation
package import Ledger

/// Carries journeys out: takes due timers and events, lets the machine decide, writes what it says.
///
/// Steps of many instances share a transaction; each step's effect (the claim of a message, a task) is in the same
/// transaction as the step itself. What a crash interrupts has left nothing; what was answered is there once.
package struct JourneyRunner: Sendable {
    package let ledger: Ledger
    package let policy: ClaimPolicy
    package let world: any JourneyWorld
    private let machines: [String: [Int: JourneyMachine]]
    private let principal: Principal
    /// Journeys that let HCPs in; nil = all of them. The others only bring to an end what they began.
    private let admitting: Set<String>?
    /// Steps since the program began, over every runner that shares it.
    package let tally: JourneyTally
    /// Steps without any wait after which an instance rests until the next round; definitions without endless loops never
    /// come near.
    private static let longestRun = 256

    /// Reads every registered definition, so that instances of old versions find theirs.
    /// - Throws: `bad_journey` when a stored definition cannot be read.
    package init(
        ledger: Ledger, policy: ClaimPolicy, world: any JourneyWorld, admitting: Set<String>? = nil,
        tally: JourneyTally = JourneyTally(), by principal: Principal = .system
    ) async throws {
        self.tally = tally
        self.ledger = ledger
        self.policy = policy
        self.world = world
        self.principal = principal
        self.admitting = admitting
        var machines: [String: [Int: JourneyMachine]] = [:]
        for stored in try await ledger.journeyDefinitions() {
            guard let definition = try? JSONDecoder().decode(JourneyDefinition.self, from: Data(stored.body.utf8))
            else { throw Diagnostic("bad_journey", "The journey \(stored.journeyID) cannot be read.") }
            machines[stored.journeyID, default: [:]][stored.version] = JourneyMachine(definition)
        }
        self.machines = machines
    }

    /// Checks a definition and stores it as a version; the same definition stays the same version.
    /// - Throws: the first fault of `JourneyCheck`.
    @discardableResult
    package static func register(_ definition: JourneyDefinition, in ledger: Ledger, by principal: Principal)
        async throws -> Int
    {
        if let fault = JourneyCheck.faults(in: definition).first(where: { $0.severity == .error }) { throw fault }
        return try await ledger.registerJourney(definition.id, body: try text(of: definition), by: principal)
    }

    /// The same definition is the same text, in every process: keys are sorted, and so are sets, which have no order of
    /// their own (they are the only lists of plain texts).
    static func text(of definition: JourneyDefinition) throws -> String {
        func ordered(_ value: Any) -> Any {
            switch value {
            case let list as [String]: list.sorted()
            case let list as [Any]: list.map(ordered)
            case let fields as [String: Any]: fields.mapValues(ordered)
            default: value
            }
        }
        let loose = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(definition))
        let data = try JSONSerialization.data(
            withJSONObject: ordered(loose), options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    /// Lets HCPs into the newest version of a journey: members of a segment, or those whom a schedule names.
    /// - Returns: how many entered; the others are on it already, were on it, or do not fulfil its condition.
    @discardableResult
    package func enter(_ journeyID: String, _ hcpIDs: [String], attributes: [String: String] = [:]) async throws -> Int
    {
        guard let (version, machine) = newest(journeyID) else {
            throw Diagnostic("unknown_journey", "There is no journey of this id.", remedy: "register it first")
        }
        return try await ledger.journeys(policy: policy, by: principal) { transaction in
            var entered = 0
            for hcp in hcpIDs {
                if try start(machine, version, hcp, attributes, transaction) { entered += 1 }
            }
            return entered
        }
    }

    /// Journeys of which a schedule fell due after one time and not after another, with their segments: the caller knows
    /// the members and lets them `enter`.
    package func scheduled(after first: Int64, through last: Int64) -> [(journeyID: String, segment: String)] {
        machines.keys.sorted().filter(admits).compactMap { id in
            guard case .schedule(let begin, let every, let segment)? = newest(id)?.machine.definition.entry.door,
                last >= begin
            else { return nil }
            let rounds = (last - begin) / every.microseconds
            return begin + rounds * every.microseconds > first ? (id, segment) : nil
        }
    }

    /// Brings an event to every journey: it lets in, moves on, ends. A repeated event does nothing.
    /// - Returns: steps taken.
    @discardableResult
    package func deliver(_ events: [JourneyEvent]) async throws -> Int {
        let steps = try await ledger.journeys(policy: policy, by: principal) { transaction in
            try events.reduce(0) { try $0 + deliver($1, transaction) }
        }
        tally.add(steps)
        return steps
    }

    /// Brings events that a reader took from the ledger, and moves its place in the same transaction.
    @discardableResult
    package func deliver(_ events: [JourneyEvent], reader: String, through number: Int64) async throws -> Int {
        let steps = try await ledger.journeys(policy: policy, by: principal) { transaction in
            let steps = try events.reduce(0) { try $0 + deliver($1, transaction) }
            try transaction.moveEventReader(reader, to: number)
            return steps
        }
        tally.add(steps)
        return steps
    }

    /// Takes timers that have run out, one batch in one transaction.
    /// - Returns: instances taken and steps made; call again until no instance is taken.
    @discardableResult
    package func runDue(limit: Int = 2000) async throws -> (instances: Int, steps: Int) {
        let (instances, steps) = try await ledger.journeys(policy: policy, by: principal) { transaction in
            let due = try transaction.due(limit: limit)
            return (due.count, try due.reduce(0) { try $0 + run($1, .time, transaction) })
        }
        tally.add(steps)
        return (instances, steps)
    }

    // MARK: - Inside of a transaction

    private func admits(_ id: String) -> Bool { admitting?.contains(id) ?? true }

    private func newest(_ id: String) -> (version: Int, machine: JourneyMachine)? {
        machines[id]?.max { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func start(
        _ machine: JourneyMachine, _ version: Int, _ hcp: String, _ attributes: [String: String],
        _ transaction: JourneyTransaction
    ) throws -> Bool {
        let definition = machine.definition
        let admits = definition.entry.condition?.holds { attributes[$0] ?? world.trait($0, ofHCP: hcp) } ?? true
        guard admits,
            let row = try transaction.start(
                journey: definition.id, version: version, hcpID: hcp, node: definition.start, attributes: attributes,
                pause: definition.entry.again?.microseconds)
        else { return false }
        _ = try run(row, .time, transaction)
        return true
    }

    private func deliver(_ event: JourneyEvent, _ transaction: JourneyTransaction) throws -> Int {
        guard try transaction.isNew(event: event.id) else { return 0 }
        var steps = 0
        for row in try transaction.running(ofHCP: event.hcpID) {
            steps += try run(row, .event(event), transaction)
        }
        for id in machines.keys.sorted() where admits(id) {
            guard let (version, machine) = newest(id), case .event(let match) = machine.definition.entry.door,
                match.key == nil, match.holds(event, [:])
            else { continue }
            var attributes = event.attributes
            attributes["event"] = event.key
            if try start(machine, version, event.hcpID, attributes, transaction) { steps += 1 }
        }
        return steps
    }

    private func run(_ first: JourneyRow, _ input: JourneyInput, _ transaction: JourneyTransaction) throws -> Int {
        guard let machine = machines[first.journeyID]?[first.version] else { return 0 }
        let now = transaction.now
        var row = first
        var input = input
        var steps = 0
        if case .event(let event) = input { row.attributes.merge(event.attributes) { $1 } }
        loop: while steps < Self.longestRun {
            let hcp = row.hcpID
            var action = machine.step(
                row, input, now: now, trait: { world.trait($0, ofHCP: hcp) },
                bestMoment: { world.bestMoment(ofHCP: hcp, within: $0) })
            input = .time
            var contact: Int64?
            if case .perform(let effect) = action {
                let (answer, number) = try perform(effect, row, machine.definition, transaction)
                contact = number
                action = machine.resolve(row, effect, answer, now: now)
            }
            switch action {
            case .move(let next, let result):
                try transaction.note(
                    JourneyStepRow(visit: row.visit, node: row.node, at: now, result: result, contactNumber: contact),
                    of: row)
                row = next
                steps += 1
                if row.phase == .ended { break loop }
            case .sleep(let next):
                row = next
                break loop
            case .stay, .perform: break loop
            }
        }
        if row != first { try transaction.save(row, attributesChanged: row.attributes != first.attributes) }
        return steps
    }

    private func perform(
        _ effect: JourneyEffect, _ row: JourneyRow, _ definition: JourneyDefinition,
        _ transaction: JourneyTransaction
    ) throws -> (JourneyAnswer, Int64?) {
        let offer: JourneyOffer
        switch effect {
        case .task(let kind, let title, let dueAt):
            try transaction.addTask(kind, title: title, product: definition.productID, dueAt: dueAt, of: row)
            return (.done("task"), nil)
        case .message(let message):
            offer = JourneyOffer(
                channel: message.channel, contentID: message.contentID, productID: definition.productID,
                purpose: definition.purpose)
        case .nextBestAction(let channels, _, _):
            guard let best = world.nextBestAction(ofHCP: row.hcpID, channels: channels, now: transaction.now) else {
                return (.refused("no_touch"), nil)
            }
            // The firewall is the journey's too: the engine's choice must have its purpose.
            guard best.purpose == definition.purpose, channels.contains(best.channel) else {
                return (.refused("purpose_firewall"), nil)
            }
            offer = best
        }
        let request = ClaimRequest(
            key: ClaimKey(campaign: definition.campaign, step: "\(row.node)#\(row.number).\(row.visit)"),
            hcpID: row.hcpID, channel: offer.channel, address: world.address(ofHCP: row.hcpID, channel: offer.channel),
            purpose: offer.purpose, productID: offer.productID, contentID: offer.contentID,
            contentVersion: offer.contentID.flatMap {
                world.version(ofContent: $0, channel: offer.channel, hcpID: row.hcpID, sender: offer.sender)
            }, sender: offer.sender,
            decisionID: offer.decisionID)
        switch try transaction.claim(request) {
        case .claimed(let claim), .existing(let claim): return (.done("claimed"), claim.number)
        case .refused(let reason, .some(let retryAt)): return (.later(retryAt, reason.rawValue), nil)
        case .refused(let reason, nil): return (.refused(reason.rawValue), nil)
        }
    }
}
