package import EngagementModel

/// What makes a claim the same claim: at most one row per campaign, step and recipient, for ever.
package struct ClaimKey: Sendable, Hashable {
    package var campaign: String
    package var step: String

    package init(campaign: String, step: String) {
        self.campaign = campaign
        self.step = step
    }

    /// The key of a touch that carries out one published decision.
    package static func decision(_ id: String) -> ClaimKey { ClaimKey(campaign: decisions, step: id) }

    /// The campaign of all touches that carry out published decisions.
    package static let decisions = "decision"

    /// The campaign of all mails that ask for the confirmation of a consent; the step is the consent's id. Such a mail goes
    /// to no address that is suppressed for anything, and is never sent again by itself, service as it is.
    package static let confirmations = "consent.confirm"
}

/// A wish to reach one HCP once: what a sender asks the ledger before anything leaves.
package struct ClaimRequest: Sendable, Hashable {
    package var key: ClaimKey
    package var hcpID: String
    package var channel: Channel
    /// E-mail address, telephone number or postal address, for channels that need one. Never stored: the row keeps a
    /// keyed digest.
    package var address: String?
    package var purpose: Purpose
    package var productID: String?
    package var contentID: String?
    package var contentVersion: String?
    /// rep_id or `system`.
    package var sender: String
    package var decisionID: String?
    /// The arm under which the sender believes the HCP to be, of the experiment that covers the campaign.
    package var arm: String?
    /// When the touch will take place, microseconds since 1970: a visit that is reserved ahead. nil = now.
    package var plannedAt: Int64?

    package static let system = "system"

    package init(
        key: ClaimKey, hcpID: String, channel: Channel, address: String? = nil, purpose: Purpose,
        productID: String? = nil, contentID: String? = nil, contentVersion: String? = nil,
        sender: String = ClaimRequest.system, decisionID: String? = nil, arm: String? = nil, plannedAt: Int64? = nil
    ) {
        self.key = key
        self.hcpID = hcpID
        self.channel = channel
        self.address = address
        self.purpose = purpose
        self.productID = productID
        self.contentID = contentID
        self.contentVersion = contentVersion
        self.sender = sender
        self.decisionID = decisionID
        self.arm = arm
        self.plannedAt = plannedAt
    }
}

/// Why a claim is refused: one machine-readable reason, the first rule that does not hold.
///
/// Reasons that eligibility knows too have the same name there (`Refusal`).
package enum ClaimRefusal: String, ClosedList, Codable {
    case unknownRecipient = "unknown_recipient"
    case dataRights = "data_rights"
    case purposeFirewall = "purpose_firewall"
    case suppressed
    case channelNotAllowed = "channel_not_allowed"
    case objection
    case optedOut = "opted_out"
    case noConsent = "no_consent"
    case consentExpired = "consent_expired"
    case optInUnconfirmed = "opt_in_unconfirmed"
    case basisNotAccepted = "basis_not_accepted"
    case noAddress = "no_address"
    case noAccess = "no_access"
    case contentNotApproved = "content_not_approved"
    case contentExpired = "content_expired"
    case contentCountry = "content_country"
    case contentLanguage = "content_language"
    case contentAudience = "content_audience"
    case noSender = "no_sender"
    case outsideTerritory = "outside_territory"
    case experimentHoldout = "experiment_holdout"
    case wrongArm = "wrong_arm"
    case held
    case capReached = "cap_reached"
    case gapTooShort = "gap_too_short"
    case appointmentBooked = "appointment_booked"
    case quietHours = "quiet_hours"
    case ownSchedule = "own_schedule"
    case holiday

    /// Whether only time stands in the way: the same claim may be granted later (`ClaimAnswer.refused(_, retryAt:)`).
    package var isTemporary: Bool {
        switch self {
        case .capReached, .gapTooShort, .appointmentBooked, .quietHours, .ownSchedule, .holiday, .held: true
        default: false
        }
    }

    /// Eligibility's word for the same reason, where it has one.
    package var planned: Refusal? {
        switch self {
        case .ownSchedule, .holiday: .quietHours
        case .suppressed: .optedOut
        case .optInUnconfirmed, .basisNotAccepted: .noConsent
        default: Refusal(rawValue: rawValue)
        }
    }
}

/// On what ground a claim is granted: the consent row, or the market's rule that needs none.
package enum ClaimBasis: Sendable, Hashable, CustomStringConvertible {
    /// Number of the row of `consent`.
    case consent(Int64)
    case rule(Strategy.ConsentRule, market: String?)
    /// Safety and service messages, which need no opt-in where the market allows the channel.
    case service(Purpose, market: String?)
    /// The HCP's own question, which a medical answer may follow without an opt-in: its number.
    case inquiry(Int64)

    /// What the ledger row says: `consent:17`, `rule:not_opted_out:DE`, `service:safety:DE`, `inquiry:9`.
    package var description: String {
        switch self {
        case .consent(let number): "consent:\(number)"
        case .rule(let rule, let market): "rule:\(rule.rawValue):\(market ?? "default")"
        case .inquiry(let number): "inquiry:\(number)"
        case .service(let purpose, let market): "service:\(purpose.rawValue):\(market ?? "default")"
        }
    }
}

/// The policy's word on a claim.
package enum ClaimAnswer: Sendable, Hashable {
    case granted(ClaimBasis)
    /// `retryAt`: the earliest later time (microseconds since 1970) at which caps, gaps and hours would let the same
    /// touch pass, as far as is known now; nil when waiting does not help.
    case refused(ClaimRefusal, retryAt: Int64?)

    package var refusal: ClaimRefusal? {
        if case .refused(let reason, _) = self { return reason }
        return nil
    }
}
