import EngagementModel
import Foundation

/// An appointment that goes to an HCP's calendar, its change, or its end.
///
/// Source: RFC 5545 (iCalendar), RFC 5546 (iTIP).
package struct Invitation: Sendable, Hashable {
    package enum Method: String, Sendable, Hashable {
        case request = "REQUEST"
        case cancel = "CANCEL"
    }
    package var method: Method
    /// Stable over every change of the same appointment.
    package var uid: String
    /// One more with each change.
    package var sequence: Int
    package var title: String
    package var details: String?
    package var place: String?
    /// Where an online appointment takes place.
    package var link: String?
    /// Microseconds since 1970.
    package var startsAt: Int64
    package var endsAt: Int64
    /// IANA name of the zone in which the appointment was agreed.
    package var zone: String
    package var organiser: String
    package var organiserName: String?
    package var attendee: String
    package var attendeeName: String?

    package init(
        method: Method = .request, uid: String, sequence: Int = 0, title: String, details: String? = nil,
        place: String? = nil, link: String? = nil, startsAt: Int64, endsAt: Int64, zone: String, organiser: String,
        organiserName: String? = nil, attendee: String, attendeeName: String? = nil
    ) {
        self.method = method
        self.uid = uid
        self.sequence = sequence
        self.title = title
        self.details = details
        self.place = place
        self.link = link
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.zone = zone
        self.organiser = organiser
        self.organiserName = organiserName
        self.attendee = attendee
        self.attendeeName = attendeeName
    }

    /// The calendar object; the same values give the same bytes.
    ///
    /// - Parameter at: DTSTAMP, microseconds since 1970.
    /// - Throws: `unknown_zone`, `bad_appointment`, `bad_address`.
    package func bytes(at: Int64) throws -> [UInt8] {
        guard let timeZone = TimeZone(identifier: zone) else {
            throw Diagnostic("unknown_zone", "The time zone of the appointment is none that the world knows.")
        }
        guard endsAt > startsAt, !uid.isEmpty, sequence >= 0 else {
            throw Diagnostic("bad_appointment", "An appointment has an identifier, and ends after it begins.")
        }
        var writer = CalendarWriter()
        writer.begin("VCALENDAR")
        writer.line("PRODID", "-//Rapport//Engagement//EN")
        writer.line("VERSION", "2.0")
        writer.line("CALSCALE", "GREGORIAN")
        writer.line("METHOD", method.rawValue)
        let clock = ZoneDescription(timeZone, name: zone, covering: startsAt...endsAt)
        if let clock { clock.write(to: &writer) }
        writer.begin("VEVENT")
        writer.line("UID", CalendarWriter.escaped(uid))
        writer.line("DTSTAMP", CalendarWriter.utc(at))
        writer.line("SEQUENCE", String(sequence))
        writer.time("DTSTART", startsAt, clock)
        writer.time("DTEND", endsAt, clock)
        writer.line("SUMMARY", CalendarWriter.escaped(title))
        if let details { writer.line("DESCRIPTION", CalendarWriter.escaped(details)) }
        if let place { writer.line("LOCATION", CalendarWriter.escaped(place)) }
        if let link, TrackedTarget.isSafe(link) { writer.line("URL", link) }
        writer.line("STATUS", method == .cancel ? "CANCELLED" : "CONFIRMED")
        writer.line("TRANSP", "OPAQUE")
        writer.line("ORGANIZER\(Self.name(organiserName))", "mailto:\(try MailAddress(organiser))")
        let reply = method == .cancel ? "" : ";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE"
        writer.line("ATTENDEE\(Self.name(attendeeName))\(reply)", "mailto:\(try MailAddress(attendee))")
        writer.end("VEVENT")
        writer.end("VCALENDAR")
        return writer.bytes
    }

    /// A parameter value may hold neither quotes nor control characters (RFC 5545, section 3.1).
    private static func name(_ text: String?) -> String {
        guard let text else { return "" }
        let clean = text.unicodeScalars.filter { $0.value >= 32 && $0 != "\"" && $0.value != 127 }
        return clean.isEmpty ? "" : ";CN=\"\(String(String.UnicodeScalarView(clean)))\""
    }
}

/// Content lines: CRLF, folded at 75 octets between characters.
struct CalendarWriter {
    private(set) var bytes: [UInt8] = []

    mutating func begin(_ name: String) { line("BEGIN", name) }
    mutating func end(_ name: String) { line("END", name) }

    mutating func line(_ name: String, _ value: String) {
        var column = 0
        for scalar in "\(name):\(value)".unicodeScalars {
            let unit = Array(String(scalar).utf8)
            if column + unit.count > 75 {
                bytes += [13, 10, 32]
                column = 1
            }
            bytes += unit
            column += unit.count
        }
        bytes += [13, 10]
    }

    mutating func time(_ name: String, _ at: Int64, _ zone: ZoneDescription?) {
        guard let zone else { return line(name, Self.utc(at)) }
        line("\(name);TZID=\(zone.name)", Self.local(at, offset: zone.offset(at: at)))
    }

    /// Text values: RFC 5545, section 3.3.11. Control characters have no place in them.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case ";": result += "\\;"
            case ",": result += "\\,"
            case "\n": result += "\\n"
            case _ where scalar.value < 32 && scalar != "\t" || scalar.value == 127: break
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func utc(_ at: Int64) -> String { local(at, offset: 0) + "Z" }

    static func local(_ at: Int64, offset: Int) -> String {
        let moment = UTCMoment(at + Int64(offset) * 1_000_000)
        let two = MailDate.two
        return "\(moment.year)\(two(moment.month))\(two(moment.day))T"
            + "\(two(moment.hour))\(two(moment.minute))\(two(moment.second))"
    }
}

/// The part of a time zone that an appointment needs: its offsets around it, each with the moment from which it holds.
struct ZoneDescription {
    let name: String
    private let zone: TimeZone
    private struct Observance {
        var start: Int64
        var before: Int
        var after: Int
        var isDaylight: Bool
        var label: String
    }
    private let observances: [Observance]

    /// nil for UTC, which needs none.
    init?(_ zone: TimeZone, name: String, covering range: ClosedRange<Int64>) {
        guard !["UTC", "GMT", "Etc/UTC", "Etc/GMT"].contains(name) else { return nil }
        self.name = name
        self.zone = zone
        // From the change before the appointment to the one after it, so that readers know both sides.
        let first = Date(timeIntervalSince1970: Double(range.lowerBound) / 1e6 - 400 * 86_400)
        let last = Date(timeIntervalSince1970: Double(range.upperBound) / 1e6)
        func observance(_ date: Date, before: Int) -> Observance {
            Observance(
                start: Int64(date.timeIntervalSince1970 * 1e6), before: before,
                after: zone.secondsFromGMT(for: date), isDaylight: zone.isDaylightSavingTime(for: date),
                label: zone.abbreviation(for: date) ?? name)
        }
        var found: [Observance] = []
        var date = first
        while let next = zone.nextDaylightSavingTimeTransition(after: date), next <= last, found.count < 8 {
            found.append(observance(next, before: zone.secondsFromGMT(for: next.addingTimeInterval(-1))))
            date = next
        }
        if found.isEmpty { found = [observance(first, before: zone.secondsFromGMT(for: first))] }
        observances = found
    }

    func offset(at: Int64) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(at) / 1e6)) }

    func write(to writer: inout CalendarWriter) {
        writer.begin("VTIMEZONE")
        writer.line("TZID", name)
        for observance in observances {
            let kind = observance.isDaylight ? "DAYLIGHT" : "STANDARD"
            writer.begin(kind)
            writer.line("DTSTART", CalendarWriter.local(observance.start, offset: observance.before))
            writer.line("TZOFFSETFROM", Self.offset(observance.before))
            writer.line("TZOFFSETTO", Self.offset(observance.after))
            writer.line("TZNAME", CalendarWriter.escaped(observance.label))
            writer.end(kind)
        }
        writer.end("VTIMEZONE")
    }

    private static func offset(_ seconds: Int) -> String {
        let (sign, minutes) = (seconds < 0 ? "-" : "+", abs(seconds) / 60)
        return "\(sign)\(MailDate.two(minutes / 60))\(MailDate.two(minutes % 60))"
    }
}
