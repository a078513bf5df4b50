internal import EngagementModel

// The spellings of the closed lists as constant bytes, for the rows that are written by the million; a test holds
// them to the raw values.

extension Channel {
    var name: StaticString {
        switch self {
        case .inPerson: "in_person"
        case .video: "video"
        case .phone: "phone"
        case .emailRep: "email_rep"
        case .email: "email"
        case .sms: "sms"
        case .messaging: "messaging"
        case .portal: "portal"
        case .webinar: "webinar"
        case .event: "event"
        case .ad: "ad"
        case .mail: "mail"
        }
    }
}

extension Purpose {
    var name: StaticString {
        switch self {
        case .promotional: "promotional"
        case .educational: "educational"
        case .medical: "medical"
        case .service: "service"
        case .safety: "safety"
        case .research: "research"
        }
    }
}

extension TouchStatus {
    var name: StaticString {
        switch self {
        case .planned: "planned"
        case .sent: "sent"
        case .delivered: "delivered"
        case .bounced: "bounced"
        case .failed: "failed"
        case .held: "held"
        case .cancelled: "cancelled"
        case .uncertain: "uncertain"
        }
    }
}

extension ResponseLevel {
    var name: StaticString {
        switch self {
        case .none: "none"
        case .reached: "reached"
        case .engaged: "engaged"
        case .advanced: "advanced"
        }
    }
}
