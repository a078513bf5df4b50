package import EngagementModel
import Foundation
import Ledger
package import NIOCore
import NIOPosix
import Synchronization

/// Sends mail through a mail server: one mail, one recipient, one ticket.
package final class SMTPAdapter: ChannelAdapter {
    package let channels: Set<EngagementModel.Channel> = [.email, .emailRep, .webinar, .event]
    package var way: String { "smtp \(place)" }
    private let place: String
    private let writer: MailWriter
    private let pool: SMTPPool
    private let schedule: RetrySchedule
    private let now: @Sendable () -> Int64
    private let perDomain: Int
    private let state: Mutex<State>

    private struct State {
        var pace: DomainPace
        var slots: [String: Slots] = [:]
        /// No mail is begun before: the server cannot be used.
        var restsUntil: Int64 = 0
    }

    /// - Parameters:
    ///   - connections: to the server, at the same time.
    ///   - perDomain: mails to one domain at the same time.
    ///   - perMinute: mails to one domain a minute; nil = no limit.
    package init(
        server: SMTPServer, writer: MailWriter, connections: Int = 8, mailsEach: Int = 500, perDomain: Int = 4,
        perMinute: Int? = nil, schedule: RetrySchedule = .mail,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, now: @escaping @Sendable () -> Int64
    ) {
        place = "\(server.host):\(server.port)"
        self.writer = writer
        self.schedule = schedule
        self.now = now
        self.perDomain = perDomain
        pool = SMTPPool(server, connections: connections, mailsEach: mailsEach, group: group)
        state = Mutex(State(pace: DomainPace(perMinute: perMinute)))
    }

    package func pause(before content: ComposedMessage) -> Int64? {
        let now = now()
        guard let domain = Self.domain(content.address) else { return nil }
        return state.withLock { $0.restsUntil > now ? $0.restsUntil : $0.pace.take(domain, now: now) }
    }

    package func deliver(_ parcel: Parcel) async -> Handover {
        let mail: WireMail
        do { mail = try writer.mail(parcel, at: now()) } catch {
            return Handover(.failed(code: (error as? Diagnostic)?.code ?? "mail_not_made"))
        }
        let slots = state.withLock { state in
            if let known = state.slots[mail.recipient.domain] { return known }
            let made = Slots(perDomain)
            state.slots[mail.recipient.domain] = made
            return made
        }
        await slots.take()
        let outcome = await pool.deliver(mail)
        await slots.give()
        return handover(outcome, attempts: parcel.ticket.claim.attempts)
    }

    private func handover(_ outcome: SMTPOutcome, attempts: Int) -> Handover {
        switch outcome {
        case .accepted: return Handover(.sent)
        case .refused(let code, let suppresses): return Handover(.failed(code: code), suppresses: suppresses)
        case .unknown(let code): return Handover(.uncertain(code: code))
        case .later(let code, let isOurs):
            let now = now()
            if isOurs { state.withLock { $0.restsUntil = now + 60_000_000 } }
            guard let delay = schedule.delay(after: attempts) else { return Handover(.failed(code: "expired_\(code)")) }
            return Handover(.deferred(code: code, retryAt: now + delay))
        }
    }

    package func close() async { await pool.close() }

    private static func domain(_ address: String?) -> String? {
        address.flatMap { text in text.lastIndex(of: "@").map { text[text.index(after: $0)...].lowercased() } }
    }
}

/// When what was put off is tried again.
package struct RetrySchedule: Sendable, Hashable {
    /// Microseconds after the first, second, … attempt.
    package var delays: [Int64]

    package init(delays: [Int64]) { self.delays = delays }

    /// Half an hour at first, then ever longer, over four and a half days (RFC 5321, section 4.5.4.1).
    package static let mail: RetrySchedule = {
        let hour: Int64 = 3_600_000_000
        let first = [hour / 2, hour / 2, hour, 2 * hour, 4 * hour]
        return RetrySchedule(delays: first + [Int64](repeating: 4 * hour, count: 25))
    }()

    /// nil = it is over. `attempts` counts those that were made, from 1.
    package func delay(after attempts: Int) -> Int64? {
        attempts >= 1 && attempts <= delays.count ? delays[attempts - 1] : nil
    }

    package var total: Int64 { delays.reduce(0, +) }
}

/// Mails a minute to each domain: a bucket that fills evenly.
struct DomainPace: Sendable {
    private let perMinute: Int?
    private var buckets: [String: (left: Double, at: Int64)] = [:]

    init(perMinute: Int?) { self.perMinute = perMinute }

    /// Takes one; or says when there will be one (microseconds since 1970), and takes none.
    mutating func take(_ domain: String, now: Int64) -> Int64? {
        guard let perMinute else { return nil }
        let rate = Double(perMinute) / 60e6
        let most = max(1, Double(perMinute) / 6)
        if buckets.count > 50_000 { buckets.removeAll() }
        let (left, at) = buckets[domain] ?? (most, now)
        let filled = min(most, left + Double(max(0, now - at)) * rate)
        guard filled >= 1 else {
            buckets[domain] = (filled, max(at, now))
            return now + Int64(((1 - filled) / rate).rounded(.up))
        }
        buckets[domain] = (filled - 1, max(at, now))
        return nil
    }
}
