package import EngagementModel

/// Takes what was learned about messages: opens, clicks, bounces, opt-outs.
///
/// Recording is idempotent by source and `messageID`; it throws when the events are not durable.
package protocol EventSink: Sendable {
    func record(_ events: [EngagementEvent]) async throws
}
