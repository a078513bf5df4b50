import EngagementModel
import Foundation
import HTTPTypes
import Ledger

/// Reads CloudEvents 1.0 over HTTP: batched, structured, binary, in this order of tests.
///
/// Source: CNCF, "CloudEvents", "HTTP Protocol Binding" and "JSON Event Format", version 1.0.2. Whom an event concerns is
/// its extension `hcpid` or `userid`, else its `subject`.
struct CloudEventReader {
    let limits: EventLimits
    /// By our clock.
    let received: Int64

    enum Mode: Sendable { case batched, structured, binary }

    /// - Throws: 415 for a format of events that is not JSON.
    static func mode(_ headers: HTTPFields) throws(Problem) -> Mode {
        let type = (headers[.contentType] ?? "").lowercased()
        for (prefix, mode) in [
            ("application/cloudevents-batch", Mode.batched), ("application/cloudevents", .structured),
        ]
        where type.hasPrefix(prefix) {
            let rest = type.dropFirst(prefix.count).prefix { $0 != ";" }.filter { $0 != " " }
            guard rest.isEmpty || rest == "+json" else {
                throw Problem(.unsupportedMediaType, "unknown_format", "Events are read as JSON alone.")
            }
            return mode
        }
        return .binary
    }

    func read(_ bytes: [UInt8], _ headers: HTTPFields, _ mode: Mode) throws(Problem) -> TrackingReader.Result {
        var result = TrackingReader.Result()
        switch mode {
        case .binary: try take(try binary(bytes, headers), alone: true, bytes, 0, &result)
        case .structured:
            var scanner = JSONScanner(bytes)
            var draft = Draft()
            do throws(JSONScanFault) {
                try draft.read(&scanner)
                try scanner.end()
            } catch { throw TrackingReader.malformed(error) }
            try take(draft, alone: true, bytes, 0, &result)
        case .batched:
            var scanner = JSONScanner(bytes)
            var drafts: [Draft] = []
            let most = limits.events
            var isTooMany = false
            do throws(JSONScanFault) {
                try scanner.list { index, scanner throws(JSONScanFault) in
                    guard index < most else {
                        isTooMany = true
                        try scanner.skip()
                        return
                    }
                    var draft = Draft()
                    try draft.read(&scanner)
                    drafts.append(draft)
                }
                try scanner.end()
            } catch { throw TrackingReader.malformed(error) }
            if isTooMany { throw Problem(.badRequest, "too_many_events", "A batch has at most \(most) events.") }
            for (index, draft) in drafts.enumerated() { try take(draft, alone: false, bytes, index, &result) }
        }
        return result
    }

    /// Attributes and data of one event.
    private struct Draft {
        var attributes: [String: String] = [:]
        var fault: EventDraft.Fault?
        var range = 0..<0
        /// Where it is not the event's own JSON that is kept.
        var payload: String?

        mutating func read(_ scanner: inout JSONScanner) throws(JSONScanFault) {
            guard try scanner.kind() == .object else {
                fault = EventDraft.Fault(code: "not_an_object", message: "an event is a JSON object")
                range = try scanner.skip()
                return
            }
            let start = scanner.place
            try scanner.object { name, scanner throws(JSONScanFault) in
                let kind = try scanner.kind()
                if name == "data_base64" {
                    guard kind == .text else {
                        fault = EventDraft.Fault(code: "bad_data_base64", message: "data_base64 is a text")
                        try scanner.skip()
                        return
                    }
                    if Data(base64Encoded: try scanner.text()) == nil {
                        fault = EventDraft.Fault(code: "bad_data_base64", message: "data_base64 is no base64")
                    }
                } else if name != "data", kind == .text {
                    attributes[name] = try scanner.text()
                } else if name != "data", kind == .number {
                    attributes[name] = try scanner.number()
                } else {
                    try scanner.skip()
                }
            }
            range = start..<scanner.place
        }
    }

    private func binary(_ bytes: [UInt8], _ headers: HTTPFields) throws(Problem) -> Draft {
        var draft = Draft()
        for field in headers where field.name.canonicalName.hasPrefix("ce-") {
            let name = String(field.name.canonicalName.dropFirst(3))
            guard let value = Self.decoded(field.value) else {
                throw .unprocessable("/ce-\(name)", "the header's value is not percent-encoded UTF-8")
            }
            draft.attributes[name] = value
        }
        let type = (headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased()
        var members = draft.attributes.sorted { $0.key < $1.key }
            .map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
        if let type = headers[.contentType] { members.append("\"datacontenttype\":\(JSONText.quoted(type))") }
        if type == "application/json" || type.hasSuffix("+json"), !bytes.isEmpty {
            var scanner = JSONScanner(bytes)
            do throws(JSONScanFault) {
                let range = try scanner.skip()
                try scanner.end()
                members.append("\"data\":" + String(decoding: bytes[range], as: UTF8.self))
            } catch { throw TrackingReader.malformed(error) }
        } else if type.hasPrefix("text/"), let text = String(validating: bytes, as: UTF8.self) {
            members.append("\"data\":" + JSONText.quoted(text))
        } else if !bytes.isEmpty {
            members.append("\"data_base64\":\"\(Data(bytes).base64EncodedString())\"")
        }
        draft.payload = "{" + members.joined(separator: ",") + "}"
        return draft
    }

    /// A header's value: quotation marks off, then percent-decoded, once. nil when that is no UTF-8.
    static func decoded(_ value: String) -> String? {
        var bytes = Array(value.utf8)
        if bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") {
            var plain: [UInt8] = []
            var isEscaped = false
            for byte in bytes[1..<bytes.count - 1] {
                if !isEscaped, byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else {
                    plain.append(byte)
                    isEscaped = false
                }
            }
            bytes = plain
        }
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "%") {
                guard place + 2 < bytes.count, let high = Character(Unicode.Scalar(bytes[place + 1])).hexDigitValue,
                    let low = Character(Unicode.Scalar(bytes[place + 2])).hexDigitValue
                else { return nil }
                result.append(UInt8(high << 4 | low))
                place += 3
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    /// - Parameter alone: a single event that cannot be taken is the request's fault; one of a batch is set aside.
    private func take(
        _ draft: Draft, alone: Bool, _ bytes: [UInt8], _ index: Int, _ result: inout TrackingReader.Result
    ) throws(Problem) {
        if let fault = draft.fault ?? Self.missing(draft.attributes) {
            if alone { throw Problem(.badRequest, fault.code, "This is no CloudEvent 1.0: \(fault.message).") }
            let payload = String(decoding: bytes[draft.range].prefix(RejectedEvent.kept), as: UTF8.self)
            result.rejected.append(
                RejectedEvent(
                    index: index, code: fault.code, message: fault.message, userID: Self.user(draft.attributes),
                    payload: payload))
            return
        }
        let size = draft.payload?.utf8.count ?? draft.range.count
        guard size <= limits.eventBytes,
            let payload = draft.payload ?? String(validating: bytes[draft.range], as: UTF8.self)
        else {
            let problem = Problem(
                .badRequest, size > limits.eventBytes ? "event_too_large" : "bad_utf8", "The event cannot be kept.")
            if alone { throw problem }
            result.rejected.append(
                RejectedEvent(index: index, code: problem.code, message: "the event cannot be kept", payload: ""))
            return
        }
        let attributes = draft.attributes
        let original = attributes["time"].flatMap { EventTime.read($0) }
        result.events.append(
            InboundEvent(
                kind: .cloud, messageID: "\(attributes["source"] ?? "")\u{1F}\(attributes["id"] ?? "")",
                name: attributes["type"] ?? "", userID: Self.user(attributes),
                anonymousID: attributes["anonymousid"],
                times: EventTimes(original: original, sent: nil, received: received), payload: payload))
    }

    private static func user(_ attributes: [String: String]) -> String? {
        attributes["hcpid"] ?? attributes["userid"] ?? attributes["subject"]
    }

    private static func missing(_ attributes: [String: String]) -> EventDraft.Fault? {
        for name in ["specversion", "id", "source", "type"] where (attributes[name] ?? "").isEmpty {
            return EventDraft.Fault(code: "missing_\(name)", message: "\(name) is missing")
        }
        if attributes["specversion"] != "1.0" {
            return EventDraft.Fault(code: "bad_specversion", message: "only version 1.0 is read")
        }
        for name in ["id", "source", "type", "subject", "hcpid", "userid", "anonymousid"] {
            guard let value = attributes[name] else { continue }
            if value.utf8.count > 1024 || value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
                return EventDraft.Fault(
                    code: "bad_\(name)", message: "\(name) has at most 1024 bytes, without control characters")
            }
        }
        if let time = attributes["time"], EventTime.read(time) == nil {
            return EventDraft.Fault(code: "bad_time", message: "time is no moment that can be read")
        }
        return nil
    }
}
