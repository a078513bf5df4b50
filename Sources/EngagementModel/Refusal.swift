/// Why a candidate touch may not happen: one machine-readable reason for each refused candidate.
///
/// The order is the order in which rules are checked, so the reason given is the first that holds.
public enum Refusal: String, ClosedList, Codable {
    case purposeFirewall = "purpose_firewall"
    case channelNotAllowed = "channel_not_allowed"
    case noConsent = "no_consent"
    case optedOut = "opted_out"
    case objection
    case consentExpired = "consent_expired"
    case noAddress = "no_address"
    case noAccess = "no_access"
    case contentNotApproved = "content_not_approved"
    case contentExpired = "content_expired"
    case contentCountry = "content_country"
    case contentLanguage = "content_language"
    case contentAudience = "content_audience"
    case noSender = "no_sender"
    case outsideTerritory = "outside_territory"
    case capReached = "cap_reached"
    case gapTooShort = "gap_too_short"
    case quietHours = "quiet_hours"
    case appointmentBooked = "appointment_booked"
    case noCapacity = "no_capacity"
    case noSeats = "no_seats"
    case dataRights = "data_rights"
    case stakeholder
    case productUnknown = "product_unknown"

    /// The sentence with the rule that refuses, where one is known in words.
    public func sentence(_ rule: String?) -> String {
        guard let rule else { return sentence }
        return (sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence) + ": \(rule)."
    }

    /// The sentence that people read; it says what would change the answer where something would.
    public var sentence: String {
        switch self {
        case .purposeFirewall: "The purpose of this content is not one that this sender may use."
        case .channelNotAllowed: "The market has no rule that allows this channel."
        case .noConsent: "There is no opt-in for this channel and purpose."
        case .optedOut: "The HCP opted out of this channel."
        case .objection: "The HCP objected; an objection is absolute."
        case .consentExpired: "The consent has expired and must be renewed."
        case .noAddress: "No address is known for this channel."
        case .noAccess: "The HCP or the site does not see representatives."
        case .contentNotApproved: "The content is not approved for distribution."
        case .contentExpired: "The approval of the content has expired."
        case .contentCountry: "The content is not approved for the HCP's country."
        case .contentLanguage: "The content is not in a language of the HCP."
        case .contentAudience: "The content is meant for another audience."
        case .noSender: "No rep is in charge of this HCP."
        case .outsideTerritory: "The HCP is outside the sender's territory."
        case .capReached: "The contact cap is reached for every day of the horizon."
        case .gapTooShort: "The minimum gap since the last touch leaves no free day."
        case .quietHours: "Quiet hours or holidays leave no free hour."
        case .appointmentBooked: "An appointment is booked on the free days."
        case .noCapacity: "The rep has no minutes left for this touch."
        case .noSeats: "No seats or volume are left."
        case .dataRights: "A data right of the HCP forbids this use."
        case .stakeholder: "The action is not meant for this kind of stakeholder."
        case .productUnknown: "No objective of the strategy covers this product."
        }
    }
}
