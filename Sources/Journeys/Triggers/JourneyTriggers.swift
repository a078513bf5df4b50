import EngagementModel
package import Ledger

/// What events of HCPs are to journeys.
package enum JourneyTriggers {
    package static let reader = "journeys"

    /// Attributes that say what an event is about, the first that it has.
    private static let keys = [
        "key", "event_id", "case_id", "order_id", "campaign_id", "campaign", "content_id", "product_id",
    ]

    /// nil where nobody is known to have done it, or only a machine; and for medical questions, which move nothing.
    package static func event(_ stored: StoredEvent) -> JourneyEvent? {
        let event = stored.event
        guard let hcp = event.hcpID, event.attributes["machine"] != "true",
            event.attributes["medical"] != "true", event.name != InquiryEvents.medicalOpened
        else { return nil }
        return JourneyEvent(
            id: "event:\(stored.number)", name: event.name, hcpID: hcp,
            key: keys.lazy.compactMap { event.attributes[$0] }.first, attributes: event.attributes)
    }

    /// Starts and moves journeys as events come.
    ///
    /// - Parameter runner: the journeys of now; nil = there are none, and events pass by.
    package static func pump(
        ledger: Ledger, runner: @escaping @Sendable () -> JourneyRunner?,
        failed: @escaping @Sendable (String) -> Void = { _ in }
    ) -> EventPump {
        EventPump(ledger: ledger, reader: reader, failed: failed) { events, reader, last in
            let triggers = events.compactMap(event)
            guard let runner = runner(), !triggers.isEmpty else {
                return try await ledger.moveEventReader(reader, to: last)
            }
            try await runner.deliver(triggers, reader: reader, through: last)
        }
    }
}
