package import EngagementModel

/// One consent as it was captured.
package struct Consent: Sendable, Hashable {
    package var consentID: String
    package var hcpID: String
    package var channel: Channel
    /// The e-mail address or number that it speaks for; nil = the channel as a whole.
    package var address: String?
    package var purpose: Purpose
    /// nil = every product.
    package var productID: String?
    package var status: ConsentStatus
    package var basis: ConsentBasis?
    package var textVersion: String?
    /// Microseconds since 1970, UTC.
    package var capturedAt: Int64
    package var expiresAt: Int64?
    package var evidence: String?
    package var origin: Origin

    package init(
        consentID: String, hcpID: String, channel: Channel, address: String? = nil, purpose: Purpose,
        productID: String? = nil, status: ConsentStatus, basis: ConsentBasis? = nil, textVersion: String? = nil,
        capturedAt: Int64, expiresAt: Int64? = nil, evidence: String? = nil, origin: Origin = .rapport
    ) {
        self.consentID = consentID
        self.hcpID = hcpID
        self.channel = channel
        self.address = address
        self.purpose = purpose
        self.productID = productID
        self.status = status
        self.basis = basis
        self.textVersion = textVersion
        self.capturedAt = capturedAt
        self.expiresAt = expiresAt
        self.evidence = evidence
        self.origin = origin
    }
}

/// Consents as columns of equal length.
package struct ConsentColumns: Sendable {
    package var consentID: [String] = []
    package var hcpID: [String] = []
    package var channel: [Channel] = []
    package var address: [String?] = []
    package var purpose: [Purpose] = []
    package var productID: [String?] = []
    package var status: [ConsentStatus] = []
    package var basis: [ConsentBasis?] = []
    package var textVersion: [String?] = []
    package var capturedAt: [Int64] = []
    package var expiresAt: [Int64?] = []
    package var evidence: [String?] = []

    package init() {}

    package var count: Int { consentID.count }

    package mutating func append(_ consent: Consent) {
        consentID.append(consent.consentID)
        hcpID.append(consent.hcpID)
        channel.append(consent.channel)
        address.append(consent.address)
        purpose.append(consent.purpose)
        productID.append(consent.productID)
        status.append(consent.status)
        basis.append(consent.basis)
        textVersion.append(consent.textVersion)
        capturedAt.append(consent.capturedAt)
        expiresAt.append(consent.expiresAt)
        evidence.append(consent.evidence)
    }

    var isRectangular: Bool {
        [
            hcpID.count, channel.count, address.count, purpose.count, productID.count, status.count, basis.count,
            textVersion.count, capturedAt.count, expiresAt.count, evidence.count,
        ].allSatisfy { $0 == count }
    }
}

/// What a load of consents changed.
package struct ConsentLoad: Sendable, Hashable {
    /// Consents that were not known.
    package var inserted = 0
    /// Known consents that a source has corrected; the earlier version stays in the history.
    package var corrected = 0
}
