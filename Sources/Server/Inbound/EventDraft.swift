import Ledger

/// A tracking event as it is read: what its members said, and the first that was wrong.
struct EventDraft {
    struct Fault {
        var code: String
        var message: String
    }

    var kind: EventKind?
    var messageID: String?
    var event: String?
    var userID: String?
    var anonymousID: String?
    var previousID: String?
    var groupID: String?
    var timestamp: Int64?
    var original: Int64?
    var sent: Int64?
    var writeKey: String?
    var fault: Fault?
    /// Where it lies in the body.
    var range = 0..<0

    /// Ids of any length would make the index a dump.
    static let longestID = 255

    init(kind: EventKind? = nil) { self.kind = kind }

    /// Reads the event at the scanner's place.
    ///
    /// - Parameter isSingle: the path said what it is, and the body may carry the key.
    mutating func read(_ scanner: inout JSONScanner, isSingle: Bool) throws(JSONScanFault) {
        guard try scanner.kind() == .object else {
            fault = Fault(code: "not_an_object", message: "an event is a JSON object")
            range = try scanner.skip()
            return
        }
        let start = scanner.place
        try scanner.object { name, scanner throws(JSONScanFault) in
            switch name {
            case "type" where !isSingle: try readType(&scanner)
            case "messageId": messageID = try identifier(&scanner, name)
            case "event": event = try identifier(&scanner, name)
            case "userId": userID = try identifier(&scanner, name)
            case "anonymousId": anonymousID = try identifier(&scanner, name)
            case "previousId": previousID = try identifier(&scanner, name)
            case "groupId": groupID = try identifier(&scanner, name)
            case "timestamp": timestamp = try moment(&scanner, name)
            case "originalTimestamp": original = try moment(&scanner, name)
            case "sentAt": sent = try moment(&scanner, name)
            case "writeKey" where isSingle:
                if try scanner.kind() == .text { writeKey = try scanner.text() } else { try scanner.skip() }
            default: try scanner.skip()
            }
        }
        range = start..<scanner.place
    }

    private mutating func note(_ code: String, _ message: String) {
        if fault == nil { fault = Fault(code: code, message: message) }
    }

    private mutating func readType(_ scanner: inout JSONScanner) throws(JSONScanFault) {
        guard try scanner.kind() == .text else {
            try scanner.skip()
            return note("bad_type", "type is a text")
        }
        kind = EventKind(word: try scanner.text())
        if kind == nil { note("bad_type", "type is one of track, identify, page, screen, group, alias") }
    }

    /// A text or a number; null and the empty text are as good as absent.
    private mutating func identifier(_ scanner: inout JSONScanner, _ name: String) throws(JSONScanFault) -> String? {
        let text: String
        switch try scanner.kind() {
        case .text: text = try scanner.text()
        case .number: text = try scanner.number()
        case .null:
            try scanner.skip()
            return nil
        case .object, .list, .flag:
            try scanner.skip()
            note("bad_\(name)", "\(name) is a text or a number")
            return nil
        }
        if text.isEmpty { return nil }
        guard text.utf8.count <= Self.longestID, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            note("bad_\(name)", "\(name) has at most \(Self.longestID) bytes, without control characters")
            return nil
        }
        return text
    }

    private mutating func moment(_ scanner: inout JSONScanner, _ name: String) throws(JSONScanFault) -> Int64? {
        let time: Int64?
        switch try scanner.kind() {
        case .text: time = EventTime.read(try scanner.text())
        case .number: time = EventTime.read(number: try scanner.number())
        case .null:
            try scanner.skip()
            return nil
        case .object, .list, .flag:
            try scanner.skip()
            time = nil
        }
        if time == nil { note("bad_\(name)", "\(name) is no moment that can be read") }
        return time
    }

    /// What is missing; nil = nothing.
    var missing: Fault? {
        guard let kind else { return Fault(code: "missing_type", message: "type is missing") }
        switch kind {
        case .track where event == nil: return Fault(code: "missing_event", message: "track needs event")
        case .alias where userID == nil: return Fault(code: "missing_userId", message: "alias needs userId")
        case .alias where previousID == nil && anonymousID == nil:
            return Fault(code: "missing_previousId", message: "alias needs previousId")
        case .group where groupID == nil: return Fault(code: "missing_groupId", message: "group needs groupId")
        default: break
        }
        guard userID != nil || anonymousID != nil else {
            return Fault(code: "missing_userId", message: "one of userId and anonymousId is needed")
        }
        return nil
    }
}

extension EventKind {
    /// As the tracking API spells it.
    init?(word: String) {
        switch word {
        case "track": self = .track
        case "identify": self = .identify
        case "page": self = .page
        case "screen": self = .screen
        case "group": self = .group
        case "alias": self = .alias
        default: return nil
        }
    }

    /// The name of an event that has none of its own.
    var plainName: String {
        switch self {
        case .page: "page_viewed"
        case .screen: "screen_viewed"
        case .identify: "identified"
        case .group: "group_joined"
        case .alias: "aliased"
        case .track, .cloud, .own: "event"
        }
    }
}
