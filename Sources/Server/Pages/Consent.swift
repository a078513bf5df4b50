package import EngagementModel

/// One row of an HCP's current consent.
package struct ConsentRow: Sendable, Hashable {
    package var channel: Channel
    package var purpose: Purpose
    package var product: String?
    package var status: ConsentStatus
    package var basis: ConsentBasis?
    package var capturedAt: Day?
    package var expiresAt: Day?

    package init(
        channel: Channel, purpose: Purpose, product: String? = nil, status: ConsentStatus,
        basis: ConsentBasis? = nil, capturedAt: Day? = nil, expiresAt: Day? = nil
    ) {
        self.channel = channel
        self.purpose = purpose
        self.product = product
        self.status = status
        self.basis = basis
        self.capturedAt = capturedAt
        self.expiresAt = expiresAt
    }
}

/// Whether a channel is open for an HCP, in one word and in a sentence.
package struct ConsentBadge: Sendable, Hashable {
    package enum State: String, Sendable { case open, closed, missing }
    package var channel: Channel
    package var state: State
    package var reason: String

    package init(channel: Channel, state: State, reason: String) {
        self.channel = channel
        self.state = state
        self.reason = reason
    }

    /// What the rows and the market's rule together say about promotional contact on a channel.
    ///
    /// Shown only; the claim to send checks again, in its own transaction.
    package static func promotional(
        _ channel: Channel, rows: [ConsentRow], rule: Strategy.ConsentRule?, on day: Day
    ) -> ConsentBadge {
        let own = rows.filter { $0.channel == channel && $0.purpose == .promotional }
        if own.contains(where: { $0.status == .objection }) {
            return ConsentBadge(channel: channel, state: .closed, reason: "objection")
        }
        if own.contains(where: { $0.status == .optOut && $0.product == nil }) {
            return ConsentBadge(channel: channel, state: .closed, reason: "opted out")
        }
        let granted = own.filter { $0.status == .optIn }
        if let valid = granted.first(where: { $0.expiresAt.map { $0 >= day } ?? true }) {
            let until = valid.expiresAt.map { " until \(Format.day($0))" } ?? ""
            return ConsentBadge(channel: channel, state: .open, reason: "opt-in\(until)")
        }
        switch rule {
        case .notOptedOut: return ConsentBadge(channel: channel, state: .open, reason: "not opted out")
        case .optIn where !granted.isEmpty: return ConsentBadge(channel: channel, state: .missing, reason: "expired")
        case .optIn where own.contains(where: { $0.status == .pending }):
            return ConsentBadge(channel: channel, state: .missing, reason: "opt-in pending")
        case .optIn: return ConsentBadge(channel: channel, state: .missing, reason: "no opt-in")
        case .denied, nil: return ConsentBadge(channel: channel, state: .closed, reason: "no rule allows it")
        }
    }

    var view: View {
        .with {
            $0.set("badgeTitle", channel.title)
            $0.set("badgeReason", reason)
            $0.set("badgeStyle", state.rawValue)
            $0.set("badgeMark", state == .open ? "✓" : state == .closed ? "✕" : "?")
        }
    }
}
