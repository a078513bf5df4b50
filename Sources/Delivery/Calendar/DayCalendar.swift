package import EngagementModel
import Foundation

/// Appointments of one day as a calendar file to take along: published, with nobody invited.
///
/// Source: RFC 5545.
package struct DayCalendar: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        /// Stable over every change of the same appointment.
        package var uid: String
        package var title: String
        package var details: String?
        package var place: String?
        /// Degrees.
        package var latitude: Double?
        package var longitude: Double?
        /// Minutes of the day, in the zone of the calendar.
        package var start: Int
        package var end: Int

        package init(
            uid: String, title: String, details: String? = nil, place: String? = nil, latitude: Double? = nil,
            longitude: Double? = nil, start: Int, end: Int
        ) {
            self.uid = uid
            self.title = title
            self.details = details
            self.place = place
            self.latitude = latitude
            self.longitude = longitude
            self.start = start
            self.end = end
        }
    }

    package var day: Day
    /// IANA name; nil or unknown: local times without a zone, right wherever the reader is.
    package var zone: String?
    package var entries: [Entry]

    package init(day: Day, zone: String?, entries: [Entry]) {
        self.day = day
        self.zone = zone
        self.entries = entries
    }

    /// The calendar object; the same values give the same bytes.
    ///
    /// - Parameter at: DTSTAMP, microseconds since 1970.
    /// - Throws: `bad_appointment`.
    package func bytes(at: Int64) throws -> [UInt8] {
        let timeZone = zone.flatMap(TimeZone.init(identifier:))
        var writer = CalendarWriter()
        writer.begin("VCALENDAR")
        writer.line("PRODID", "-//Rapport//Engagement//EN")
        writer.line("VERSION", "2.0")
        writer.line("CALSCALE", "GREGORIAN")
        writer.line("METHOD", "PUBLISH")
        let midnight = Int64(day.number) * 86_400_000_000
        let clock = timeZone.flatMap { found in
            zone.flatMap { ZoneDescription(found, name: $0, covering: midnight...midnight + 86_400_000_000) }
        }
        if let clock { clock.write(to: &writer) }
        for entry in entries {
            guard entry.start >= 0, entry.end > entry.start, entry.end <= 1440, !entry.uid.isEmpty else {
                throw Diagnostic("bad_appointment", "An appointment has an identifier, and ends after it begins.")
            }
            writer.begin("VEVENT")
            writer.line("UID", CalendarWriter.escaped(entry.uid))
            writer.line("DTSTAMP", CalendarWriter.utc(at))
            for (name, minute) in [("DTSTART", entry.start), ("DTEND", entry.end)] {
                let local = CalendarWriter.local(midnight + Int64(minute) * 60_000_000, offset: 0)
                switch (clock, timeZone) {
                case (let clock?, _): writer.line("\(name);TZID=\(clock.name)", local)
                // A zone without a description is UTC.
                case (nil, _?): writer.line(name, local + "Z")
                case (nil, nil): writer.line(name, local)
                }
            }
            writer.line("SUMMARY", CalendarWriter.escaped(entry.title))
            if let details = entry.details { writer.line("DESCRIPTION", CalendarWriter.escaped(details)) }
            if let place = entry.place { writer.line("LOCATION", CalendarWriter.escaped(place)) }
            if let latitude = entry.latitude, let longitude = entry.longitude {
                writer.line("GEO", String(format: "%.6f;%.6f", latitude, longitude))
            }
            writer.end("VEVENT")
        }
        writer.end("VCALENDAR")
        return writer.bytes
    }
}
