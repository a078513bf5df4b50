import EngagementModel
package import Ledger

/// What the links of messages do when somebody, or something, follows them.
package struct TrackingDesk: Sendable {
    package let links: LinkMint
    private let ledger: Ledger
    private let sink: (any EventSink)?
    private let machines: MachineReader

    package init(links: LinkMint, ledger: Ledger, sink: (any EventSink)?, machines: MachineReader = MachineReader()) {
        self.links = links
        self.ledger = ledger
        self.sink = sink
        self.machines = machines
    }

    /// - Returns: false when the token is forged.
    package func open(_ token: String, _ request: MachineReader.Request) async throws -> Bool {
        guard let (number, _) = links.read(token, for: .open) else { return false }
        try await note(number, request, isClick: false, extra: [:])
        return true
    }

    /// The target of a click; nil when the token is forged.
    package func target(ofClick token: String) -> String? {
        guard let (_, target) = links.read(token, for: .click), let target, TrackedTarget.isSafe(target) else {
            return nil
        }
        return target
    }

    package func click(_ token: String, _ request: MachineReader.Request) async throws {
        guard let (number, target) = links.read(token, for: .click), let target else { return }
        // The host and path say what was of interest; a query may hold anything.
        let place = target.prefix { $0 != "?" && $0 != "#" }.prefix(300)
        try await note(number, request, isClick: true, extra: ["link": String(place)])
    }

    /// Whether an unsubscribe token is ours; says nothing about anybody.
    package func isUnsubscribe(_ token: String) -> Bool { links.read(token, for: .unsubscribe) != nil }

    /// Takes the HCP off: effective when it returns, and the same when it is asked again.
    /// - Returns: false when the token is forged, or its claim is not in this ledger.
    package func unsubscribe(_ token: String, at: Int64) async throws -> Bool {
        guard let (number, _) = links.read(token, for: .unsubscribe),
            let claim = try await ledger.optOut(ofClaim: number, means: .link)
        else { return false }
        try await sink?.record([event("email_unsubscribed", claim, "unsubscribed:\(number)", at, [:])])
        return true
    }

    private func note(_ number: Int64, _ request: MachineReader.Request, isClick: Bool, extra: [String: String])
        async throws
    {
        guard let sink, let claim = try await ledger.claim(number) else { return }
        let sentAt = claim.state == .sent || claim.state == .uncertain ? claim.occurredAt : nil
        let isMachine = machines.isMachine(request, isClick: isClick, sentAt: sentAt)
        let name =
            isClick ? (isMachine ? "machine_click" : "email_clicked") : isMachine ? "machine_open" : "email_opened"
        // A window that stays open loads its pixel again and again: one event a minute tells as much.
        let minute = request.at / 60_000_000
        let place = extra["link"].map { ":\($0)" } ?? ""
        var attributes = extra
        if isMachine { attributes["machine"] = "true" }
        try await sink.record([event(name, claim, "\(name):\(number):\(minute)\(place)", request.at, attributes)])
    }

    private func event(_ name: String, _ claim: Claim, _ id: String, _ at: Int64, _ extra: [String: String])
        -> EngagementEvent
    {
        var attributes = ["channel": claim.channel.rawValue, "claim": String(claim.number)]
        attributes["content_id"] = claim.contentID
        attributes["campaign"] = claim.key.campaign
        attributes.merge(extra) { $1 }
        return EngagementEvent(
            source: "delivery", messageID: id, hcpID: claim.hcpID, name: name, occurredAt: at, receivedAt: at,
            attributes: attributes)
    }
}
