import HTTPTypes
import Ledger
import Synchronization

/// What each source may send: its own limits, and its rate of events over time.
///
/// Requests are counted by the key (`KeyRing`); here it is events, since one request holds one or thousands. A source may
/// go over by one batch, and waits until that is made up for: a batch is taken as a whole or not at all.
final class SourceGate: Sendable {
    private let limits: EventLimits
    private let sources: [String: EventLimits]
    private let room = Mutex<[String: (left: Double, at: Int64)]>([:])

    init(limits: EventLimits, sources: [String: EventLimits]) {
        self.limits = limits
        self.sources = sources
    }

    /// - Parameter source: the name of the key; nil = not known before the body is read.
    func limits(of source: String?) -> EventLimits { source.flatMap { sources[$0] } ?? limits }

    /// - Throws: `Problem` 429 beyond the rate, 413 and 400 for a body that is too much for this source.
    func admit(_ source: String, events: Int, bytes: Int, now: Int64) throws(Problem) {
        let limits = limits(of: source)
        guard bytes <= limits.bodyBytes else {
            throw Problem(.contentTooLarge, "too_large", "A body has at most \(limits.bodyBytes) bytes, unpacked.")
        }
        guard events <= limits.events else {
            throw Problem(.badRequest, "too_many_events", "A batch has at most \(limits.events) events.")
        }
        guard let rate = limits.perSecond else { return }
        let wait = room.withLock { room -> Double? in
            let (left, at) = room[source] ?? (Double(rate), now)
            let filled = min(Double(rate), left + Double(max(0, now - at)) * 1e-6 * Double(rate))
            guard filled > 0 else {
                room[source] = (filled, now)
                return (1 - filled) / Double(rate)
            }
            room[source] = (filled - Double(events), now)
            return nil
        }
        if let wait {
            throw Problem(
                .tooManyRequests, "source_limited", "This source may send \(rate) events a second.",
                retryAfter: max(1, Int(wait.rounded(.up))))
        }
    }
}
