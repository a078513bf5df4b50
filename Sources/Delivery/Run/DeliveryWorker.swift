package import EngagementModel
package import Ledger
package import Logging
import Synchronization

/// Takes claims that are due, makes messages of them, hands them over, and writes down what became of each.
///
/// Nothing leaves without a ticket of the ledger; the ledger is asked in batches, messages go out side by side, and
/// results are durable before they count.
package final class DeliveryWorker: Sendable {
    package struct Options: Sendable {
        /// Claims that are taken at a time.
        package var batch = 100
        /// Messages on their way at the same time: as many can be uncertain after a crash.
        package var window = 200
        package init() {}
    }

    /// What a round has done.
    package struct Report: Sendable, Hashable {
        package var taken = 0
        package var handedOver = 0
        /// Put off before an attempt: pace, endpoint, hours, a composer that cannot tell now.
        package var postponed = 0
        /// Ended before an attempt.
        package var withdrawn = 0
    }

    /// Messages by channel and what became of them, since the program began.
    package struct Figure: Sendable, Hashable {
        package var channel: Channel
        /// `sent`, `failed`, `deferred`, `uncertain`; `postponed` and `withdrawn` before an attempt.
        package var result: String
    }

    private let counts = Mutex<[Figure: Int]>([:])
    package var figures: [Figure: Int] { counts.withLock { $0 } }

    private func count(_ channel: Channel, _ result: String) {
        counts.withLock { $0[Figure(channel: channel, result: result), default: 0] += 1 }
    }

    package let desk: ClaimDesk
    private let adapters: [Channel: any ChannelAdapter]
    private let all: [any ChannelAdapter]
    private let composer: any MessageComposer
    private let name: String
    private let options: Options
    private let results: ResultDesk
    private let now: @Sendable () -> Int64
    private let logger: Logger

    /// - Parameters:
    ///   - adapters: the first one that serves a channel has it.
    ///   - name: stands in the ledger beside every message: `live@host`, `sandbox@host`.
    ///   - rest: waits before the ledger is tried again; tests give their own.
    package init(
        desk: ClaimDesk, adapters: [any ChannelAdapter], composer: any MessageComposer, name: String,
        options: Options = Options(), now: @escaping @Sendable () -> Int64, logger: Logger,
        rest: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.desk = desk
        self.composer = composer
        self.name = name
        self.options = options
        self.now = now
        self.logger = logger
        all = adapters
        var byChannel: [Channel: any ChannelAdapter] = [:]
        for adapter in adapters {
            for channel in adapter.channels where byChannel[channel] == nil { byChannel[channel] = adapter }
        }
        self.adapters = byChannel
        results = ResultDesk(desk: desk, logger: logger, rest: rest)
    }

    package var channels: Set<Channel> { Set(adapters.keys) }

    /// After a start: what was on its way when the process died is uncertain. Promotional messages stay so; safety and
    /// service messages are sent again, since twice is better than never.
    @discardableResult
    package func recover() async throws -> [Int64] {
        let numbers = try await desk.recover()
        for number in numbers { try await sendAgainIfVital(number) }
        return numbers
    }

    /// Sends what is due until nothing is, or `stops` says so.
    @discardableResult
    package func drain(stops: @escaping @Sendable () -> Bool = { false }) async throws -> Report {
        for adapter in all { try await adapter.refresh() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            var report = Report()
            var flying = 0
            do {
                while !stops(), await !results.isFailing {
                    if flying > options.window - options.batch {
                        try await group.next()
                        flying -= 1
                        continue
                    }
                    let due = try await desk.ledger.claimsToSend(on: channels, at: now(), limit: options.batch)
                    guard !due.isEmpty else {
                        guard flying > 0 else { break }
                        try await group.next()
                        flying -= 1
                        continue
                    }
                    report.taken += due.count
                    for (parcel, adapter) in try await begin(due, &report) {
                        flying += 1
                        report.handedOver += 1
                        group.addTask { try await self.deliver(parcel, adapter) }
                    }
                }
            } catch {
                // What is on its way is waited for and written down, whatever stopped the round.
                while let result = await group.nextResult() { _ = result }
                throw error
            }
            try await group.waitForAll()
            return report
        }
    }

    private func deliver(_ parcel: Parcel, _ adapter: any ChannelAdapter) async throws {
        // Before the hand-over: whoever may be in an audience is taken out of it again, whatever happens in between.
        if let digest = parcel.audienceDigest {
            try await desk.ledger.joinAudience(parcel.ticket.claim, way: adapter.way, digest: digest)
        }
        let handover = await adapter.deliver(parcel)
        await results.note(parcel.ticket.claim.number, handover)
        count(parcel.ticket.claim.channel, handover.result.word)
        if case .uncertain = handover.result { try await sendAgainIfVital(parcel.ticket.claim.number) }
    }

    private func sendAgainIfVital(_ number: Int64) async throws {
        guard let claim = try await desk.ledger.claim(number), claim.purpose.skipsPromotionalPolicy,
            claim.state == .uncertain, claim.key.campaign != ClaimKey.confirmations
        else { return }
        try await desk.settle(number, .sendAgain, by: .system)
        try await desk.ledger.postpone([(number, now() + 1_800_000_000)])
    }

    // MARK: - Before the hand-over

    private func begin(_ due: [Claim], _ report: inout Report) async throws -> [(Parcel, any ChannelAdapter)] {
        var contents: [Int64: ComposedMessage] = [:]
        var later: [(number: Int64, until: Int64)] = []
        for claim in due {
            guard let adapter = adapters[claim.channel] else { continue }
            do {
                guard let content = try await composer.compose(claim) else {
                    try await desk.ledger.withdraw(claim.number, code: "not_composed")
                    report.withdrawn += 1
                    count(claim.channel, "withdrawn")
                    continue
                }
                if let until = adapter.pause(before: content) {
                    later.append((claim.number, max(until, now() + 1_000_000)))
                    count(claim.channel, "postponed")
                } else {
                    contents[claim.number] = content
                }
            } catch let error as Diagnostic where error.code.hasPrefix("ledger_") || error.code == "disk_full" {
                throw error
            } catch {
                logger.warning(
                    "a message could not be composed",
                    metadata: ["claim": "\(claim.number)", "code": "\((error as? Diagnostic)?.code ?? "unknown")"])
                later.append((claim.number, now() + 60_000_000))
                count(claim.channel, "postponed")
            }
        }
        report.postponed += later.count
        try await desk.ledger.postpone(later)
        let wanted = due.filter { contents[$0.number] != nil }
        guard !wanted.isEmpty else { return [] }
        let whole = Set(adapters.filter(\.value.isWhole).keys)
        let groups = [
            (wanted.filter { !whole.contains($0.channel) }, name),
            (wanted.filter { whole.contains($0.channel) }, name + ClaimDesk.wholeMark),
        ]
        var permits: [SendPermit] = []
        for (group, worker) in groups where !group.isEmpty {
            permits += try await desk.beginSending(
                group.map { ($0.number, contents[$0.number]?.address) }, worker: worker)
        }
        var parcels: [(Parcel, any ChannelAdapter)] = []
        for (claim, permit) in zip(groups.flatMap(\.0), permits) {
            switch permit {
            case .send(let ticket):
                guard let content = contents[claim.number], let adapter = adapters[claim.channel] else { continue }
                parcels.append((Parcel(ticket: ticket, content: content), adapter))
            case .notNow:
                report.postponed += 1
                count(claim.channel, "postponed")
            case .withdrawn:
                report.withdrawn += 1
                count(claim.channel, "withdrawn")
            case .taken, .unknown: break
            }
        }
        return parcels
    }

    /// Takes out of audiences whoever may not be in them any more: an opt-out, an objection, an expired consent, an
    /// erasure, a content that was withdrawn. What does not succeed is tried again by the next call.
    /// - Returns: how many are out.
    @discardableResult
    package func syncAudiences() async throws -> Int {
        guard let adapter = adapters[.ad] else { return 0 }
        var removed = 0
        for member in try await desk.audienceLeavers(way: adapter.way) {
            switch await adapter.remove(member).result {
            case .sent:
                try await desk.ledger.leaveAudience(member.number)
                removed += 1
            // Removing twice is removing once: a doubt is no reason to wait for a person.
            case .failed(let code), .deferred(let code, _), .uncertain(let code):
                logger.warning(
                    "a removal from an audience waits", metadata: ["member": "\(member.number)", "code": "\(code)"])
            }
        }
        return removed
    }

    /// What `drain` would do now, without doing it: nothing is written and nothing leaves.
    package func dryRun(limit: Int = 100) async throws -> [DryRunLine] {
        var lines: [DryRunLine] = []
        for claim in try await desk.ledger.claimsToSend(on: channels, at: now(), limit: limit) {
            var line = DryRunLine(
                claim: claim.number, hcpID: claim.hcpID, channel: claim.channel, way: adapters[claim.channel]?.way,
                verdict: "would_send")
            do {
                if let content = try await composer.compose(claim) {
                    line.content = "\(content.message.contentID)@\(content.message.contentVersion)"
                    let isAddressed = claim.channel.needsAddress || claim.channel == .ad
                    if isAddressed, (content.address ?? "").isEmpty { line.verdict = "no_address" }
                } else {
                    line.verdict = "not_composed"
                }
            } catch { line.verdict = (error as? Diagnostic)?.code ?? "not_composed" }
            lines.append(line)
        }
        return lines
    }

    /// The program ends: results that the ledger does not take are given up after a few tries; their claims are found
    /// `sending` at the next start, and become uncertain.
    package func end() { results.end() }

    package func close() async { for adapter in all { await adapter.close() } }
}

extension SendResult {
    /// What metrics call it.
    var word: String {
        switch self {
        case .sent: "sent"
        case .failed: "failed"
        case .deferred: "deferred"
        case .uncertain: "uncertain"
        }
    }
}

/// One line of a dry run; of people only the id.
package struct DryRunLine: Sendable, Hashable, Codable {
    package var claim: Int64
    package var hcpID: String
    package var channel: Channel
    /// By which way out: `ChannelAdapter.way`.
    package var way: String?
    package var content: String?
    /// `would_send`, or the code of what stands in the way.
    package var verdict: String
}
