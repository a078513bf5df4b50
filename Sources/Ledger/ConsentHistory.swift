import EngagementModel

/// Which of a subject's consents holds: a value that is fed with them in the order of capture time, then id.
///
/// The latest wins. An objection is absolute: whatever is loaded after it changes nothing, only a consent that Rapport
/// captured itself, later, lifts it.
struct ConsentHistory {
    /// What a consent speaks about.
    struct Subject: Hashable {
        var hcpID: String
        var channel: Channel
        var purpose: Purpose
        var productID: String?
        var address: String?
    }

    private(set) var current: Consent?

    mutating func add(_ consent: Consent) {
        let isHeld = current?.status == .objection
        if isHeld && consent.origin == .loaded && consent.status != .objection { return }
        current = consent
    }
}

extension Consent {
    var subject: ConsentHistory.Subject {
        .init(hcpID: hcpID, channel: channel, purpose: purpose, productID: productID, address: address)
    }
}
