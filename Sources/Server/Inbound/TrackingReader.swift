import EngagementModel
import HTTPTypes
import Ledger

/// Reads bodies of the tracking API into events: one bad event is set aside and fails none of its neighbours.
struct TrackingReader {
    /// What a body held.
    struct Result {
        var events: [InboundEvent] = []
        var rejected: [RejectedEvent] = []
        /// The key that the body names; for browsers, which send no header.
        var writeKey: String?
    }

    let limits: EventLimits
    /// By our clock.
    let received: Int64
    /// Names an event that has no message id; it is then not told from its repetition.
    let newID: () -> String

    /// `POST /v1/batch`: `{"batch": […], "sentAt": …}`.
    ///
    /// - Throws: 400 when the body is no JSON, holds no list of events or too many.
    func batch(_ bytes: [UInt8]) throws(Problem) -> Result {
        var scanner = JSONScanner(bytes)
        var drafts: [EventDraft] = []
        var result = Result()
        var frame = EventDraft()
        var hasBatch = false
        let most = limits.events
        do throws(JSONScanFault) {
            try scanner.object { name, scanner throws(JSONScanFault) in
                switch name {
                case "batch" where try scanner.kind() == .list:
                    hasBatch = true
                    try scanner.list { index, scanner throws(JSONScanFault) in
                        guard index < most else {
                            try scanner.skip()
                            frame.fault = EventDraft.Fault(
                                code: "too_many_events", message: "A batch has at most \(most) events.")
                            return
                        }
                        var draft = EventDraft()
                        try draft.read(&scanner, isSingle: false)
                        drafts.append(draft)
                    }
                case "sentAt": frame.sent = try Self.moment(&scanner)
                case "writeKey" where try scanner.kind() == .text: result.writeKey = try scanner.text()
                default: try scanner.skip()
                }
            }
            try scanner.end()
        } catch { throw Self.malformed(error) }
        guard hasBatch else {
            throw Problem(
                .badRequest, "no_batch", "The body is an object with the list `batch`.",
                details: [Problem.Detail(pointer: "/batch", message: "a list of events is expected here")])
        }
        if let fault = frame.fault { throw Problem(.badRequest, fault.code, fault.message) }
        result.events.reserveCapacity(drafts.count)
        for (index, draft) in drafts.enumerated() {
            add(draft, at: index, sent: draft.sent ?? frame.sent, bytes, &result)
        }
        return result
    }

    /// `POST /v1/track` and its like: one event, what it is said by the path.
    func single(_ kind: EventKind, _ bytes: [UInt8]) throws(Problem) -> Result {
        var scanner = JSONScanner(bytes)
        var draft = EventDraft(kind: kind)
        do throws(JSONScanFault) {
            try draft.read(&scanner, isSingle: true)
            try scanner.end()
        } catch { throw Self.malformed(error) }
        var result = Result()
        result.writeKey = draft.writeKey
        add(draft, at: 0, sent: draft.sent, bytes, &result)
        return result
    }

    static func malformed(_ fault: JSONScanFault) -> Problem {
        Problem(
            .badRequest, "malformed_json", "The body is no JSON that this server reads: \(fault.why).",
            details: [Problem.Detail(pointer: "", message: "byte \(fault.offset): \(fault.why)")])
    }

    /// A moment of the whole batch; one that cannot be read is as good as none.
    private static func moment(_ scanner: inout JSONScanner) throws(JSONScanFault) -> Int64? {
        switch try scanner.kind() {
        case .text: return EventTime.read(try scanner.text())
        case .number: return EventTime.read(number: try scanner.number())
        default:
            try scanner.skip()
            return nil
        }
    }

    private func add(_ draft: EventDraft, at index: Int, sent: Int64?, _ bytes: [UInt8], _ result: inout Result) {
        func reject(_ code: String, _ message: String) {
            let kept = bytes[draft.range].prefix(RejectedEvent.kept)
            // A key in a dead letter would be a secret at rest.
            let payload = draft.writeKey == nil ? String(decoding: kept, as: UTF8.self) : ""
            result.rejected.append(
                RejectedEvent(index: index, code: code, message: message, userID: draft.userID, payload: payload))
        }
        if let fault = draft.fault ?? draft.missing { return reject(fault.code, fault.message) }
        guard draft.range.count <= limits.eventBytes else {
            return reject("event_too_large", "an event has at most \(limits.eventBytes) bytes")
        }
        guard let kind = draft.kind, let text = String(validating: bytes[draft.range], as: UTF8.self) else {
            return reject("bad_utf8", "the event is not UTF-8")
        }
        let times = EventTimes(original: draft.original ?? draft.timestamp, sent: sent, received: received)
        result.events.append(
            InboundEvent(
                kind: kind, messageID: draft.messageID ?? newID(), name: draft.event ?? kind.plainName,
                userID: draft.userID, anonymousID: draft.anonymousID, previousID: draft.previousID, times: times,
                payload: draft.writeKey == nil ? text : Self.withoutKey(bytes, draft.range)))
    }

    /// The object without its member `writeKey`: a secret has no place in an event.
    private static func withoutKey(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        var scanner = JSONScanner(Array(bytes[range]))
        var members: [String] = []
        // It was read a moment ago.
        try? scanner.object { name, scanner throws(JSONScanFault) in
            let value = try scanner.skip()
            guard name != "writeKey" else { return }
            members.append(JSONText.quoted(name) + ":" + String(decoding: scanner.bytes[value], as: UTF8.self))
        }
        return "{" + members.joined(separator: ",") + "}"
    }
}
