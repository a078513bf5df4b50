internal import Delivery
package import EngagementModel
package import Ledger

/// Brings what delivery learns (opens, clicks, bounces, opt-outs) to the events of the ledger, where journeys, live
/// decisions and the next run find it.
package struct LedgerSink: EventSink {
    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    package func record(_ events: [EngagementEvent]) async throws { _ = try await ledger.record(events) }
}
