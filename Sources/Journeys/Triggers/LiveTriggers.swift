package import EngagementModel
package import Ledger

/// What events of HCPs are to live decisions: an open, a click, an answer is known before the next question.
package enum LiveTriggers {
    package static let reader = "live"

    /// Names of events, without case and signs, and the response that each is.
    private static let responses: [String: ResponseLevel] = [
        "emailopened": .reached, "emailclicked": .engaged, "emailreplied": .engaged, "emaillinkclicked": .engaged,
        "noteopened": .reached, "pageviewed": .reached, "screenviewed": .reached, "contentviewed": .reached,
        "contentdownloaded": .engaged,
        "videowatched": .engaged, "webinarattended": .engaged, "questionasked": .advanced,
        "demorequested": .advanced, "inquiryopened": .advanced,
    ]

    private static func plain(_ name: String) -> String { name.lowercased().filter { $0.isLetter } }

    /// nil for events that say nothing about how somebody took a touch.
    ///
    /// A message is answered by its channel; what begins on a page is the HCP's own act.
    package static func outcome(_ stored: StoredEvent) -> LiveOutcome? {
        let event = stored.event
        guard let hcp = event.hcpID, event.attributes["machine"] != "true", event.attributes["medical"] != "true",
            let level = responses[plain(event.name)]
        else { return nil }
        let isPage = stored.kind == .page || stored.kind == .screen
        let channel = event.attributes["channel"].flatMap(Channel.init(rawValue:)) ?? (isPage ? .portal : .email)
        let isOwn = channel == .portal && event.attributes["claim"] == nil
        return LiveOutcome(
            outcomeID: "event:\(stored.number)", decisionID: event.attributes["decision_id"], hcpID: hcp,
            channel: channel, contentID: event.attributes["content_id"], productID: event.attributes["product_id"],
            occurredAt: event.occurredAt, response: level, direction: isOwn ? .pull : .push)
    }

    /// Tells the desk; what it does not know (a person, a content of another plan) is passed over.
    package static func pump(
        ledger: Ledger, desk: any LiveDesk, failed: @escaping @Sendable (String) -> Void = { _ in }
    ) -> EventPump {
        EventPump(
            ledger: ledger, reader: reader, wants: { _, name in responses[plain(name)] != nil }, failed: failed
        ) { events, reader, last in
            let outcomes = events.compactMap(outcome)
            // Together, so that they share a commit; in stretches, so that others get their turn.
            for start in stride(from: 0, to: outcomes.count, by: 64) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for outcome in outcomes[start..<min(start + 64, outcomes.count)] {
                        group.addTask { try await tell(desk, outcome) }
                    }
                    try await group.waitForAll()
                }
            }
            try await ledger.moveEventReader(reader, to: last)
        }
    }

    private static func tell(_ desk: any LiveDesk, _ outcome: LiveOutcome) async throws {
        do { _ = try await desk.record(outcome) } catch let diagnostic as Diagnostic
            where skipped.contains(diagnostic.code)
        {}
    }

    private static let skipped: Set<String> = [
        "no_plan", "unknown_hcp", "unknown_content", "unknown_product", "idempotency_mismatch",
    ]
}
