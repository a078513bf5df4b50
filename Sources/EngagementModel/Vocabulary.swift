/// The closed lists of the field, as the canonical files spell them.
///
/// Every enumeration here is `String`-raw with the exact spelling of `docs/data-model.md`, and `code` is
/// its position: columns in hot paths carry codes, files and pages carry names.
public protocol ClosedList: CaseIterable, RawRepresentable, Sendable, Hashable where RawValue == String {}

extension ClosedList where AllCases.Index == Int {
    /// Position in the list, from 0; stable, used in columns.
    public var code: UInt8 { UInt8(Self.allCases.firstIndex(of: self) ?? 0) }

    /// The value at a position, or nil when the position is outside the list.
    public init?(code: UInt8) {
        guard Int(code) < Self.allCases.count else { return nil }
        self = Self.allCases[Int(code)]
    }
}

/// A way to reach an HCP, or for an HCP to reach the company.
public enum Channel: String, ClosedList, Codable {
    case inPerson = "in_person"
    case video, phone
    case emailRep = "email_rep"
    case email, sms, messaging, portal, webinar, event, ad, mail

    /// Whether a person spends minutes of the working day on one touch.
    public var isHuman: Bool { self == .inPerson || self == .video || self == .phone }

    /// The name that pages show.
    public var title: String {
        switch self {
        case .inPerson: "Visit"
        case .video: "Video call"
        case .phone: "Phone"
        case .emailRep: "Rep e-mail"
        case .email: "E-mail"
        case .sms: "SMS"
        case .messaging: "Messaging"
        case .portal: "Portal"
        case .webinar: "Webinar"
        case .event: "Event"
        case .ad: "Ad"
        case .mail: "Direct mail"
        }
    }

    /// Expands the group names that a strategy may use: `any`, `human`, `digital`, or one channel.
    public static func group(_ name: String) -> [Channel]? {
        switch name {
        case "any": allCases
        case "human": allCases.filter(\.isHuman)
        case "digital": allCases.filter { !$0.isHuman }
        default: Channel(rawValue: name).map { [$0] }
        }
    }
}

/// What a message is for; fixed by the content's approval, never by the sender.
public enum Purpose: String, ClosedList, Codable {
    case promotional, educational, medical, service, safety, research

    /// Safety and service skip promotional opt-outs, caps and quiet hours (never the claim).
    public var skipsPromotionalPolicy: Bool { self == .service || self == .safety }
}

/// Who began the contact.
public enum Direction: String, ClosedList, Codable { case push, pull }

/// State of a push touch.
public enum TouchStatus: String, ClosedList, Codable {
    case planned, sent, delivered, bounced, failed, held, cancelled, uncertain

    /// Whether the touch counts against caps and gaps.
    public var countsAgainstCaps: Bool { self == .sent || self == .delivered || self == .uncertain }
}

/// The response ladder: one meaning on every channel (see `docs/data-model.md`).
public enum ResponseLevel: String, ClosedList, Codable { case none, reached, engaged, advanced }

public enum ConsentStatus: String, ClosedList, Codable {
    case optIn = "opt_in"
    case optOut = "opt_out"
    case pending, objection
}

public enum ConsentBasis: String, ClosedList, Codable {
    case consent
    case legitimateInterest = "legitimate_interest"
    case contract
}

public enum RepKind: String, ClosedList, Codable {
    case field, inside, hybrid, kam, msl, technician
    case callCentre = "call_centre"
}

public enum Role: String, ClosedList, Codable {
    case rep, msl, manager, owner, marketer, analyst, compliance, safety, service, admin
    /// Medical information: answers medical questions, in no territory.
    case medical
    case insideSales = "inside_sales"
}

public enum DecisionStatus: String, ClosedList, Codable {
    case planned, shown, accepted, edited, dismissed, snoozed, executed, expired
}

/// The standing control group that an HCP belongs to.
public enum Arm: String, ClosedList, Codable { case engine, random, rules }

/// Medical, legal and regulatory review state of one content version.
public enum MLRState: String, ClosedList, Codable {
    case draft
    case inReview = "in_review"
    case approvedForProduction = "approved_for_production"
    case approvedForDistribution = "approved_for_distribution"
    case expired, superseded, withdrawn

    /// Only content approved for distribution may be sent.
    public var isSendable: Bool { self == .approvedForDistribution }

    /// Reads Rapport's own spelling and the common ones of vendors (`Approved for Distribution`,
    /// `approved_vod`, `APPROVED`, …); nil when the text names no state.
    public init?(vendor text: String) {
        let key = text.lowercased().replacing("__c", with: "").replacing("_vod", with: "")
            .replacing("__v", with: "").split(whereSeparator: { " -_".contains($0) }).joined(separator: "_")
        if let exact = MLRState(rawValue: key) {
            self = exact
            return
        }
        switch key {
        case "approved", "approved_for_use", "distribution", "live", "steady_state", "effective":
            self = .approvedForDistribution
        case "production", "approved_production": self = .approvedForProduction
        case "review", "in_mlr_review", "pending_review", "under_review": self = .inReview
        case "staged", "new", "in_progress": self = .draft
        case "inactive", "retired", "archived", "recalled", "rejected": self = .withdrawn
        case "outdated", "replaced", "obsolete": self = .superseded
        default: return nil
        }
    }
}
