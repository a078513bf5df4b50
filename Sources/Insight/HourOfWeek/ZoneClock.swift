internal import Foundation

/// Hours of the week, 0 = Monday 00:00–00:59 to 167 = Sunday 23:00–23:59.
package enum WeekHour {
    package static let count = 168

    /// The hour of the week of a moment, µs since 1970-01-01 UTC (a Thursday), shifted by `offset` seconds.
    @inline(__always) static func of(_ microseconds: Int64, offset: Int64) -> Int {
        let seconds = Self.floor(microseconds, 1_000_000) + offset
        let hours = Self.floor(seconds, 3600) + 72
        return Int(hours - Self.floor(hours, 168) * 168)
    }

    @inline(__always) private static func floor(_ a: Int64, _ b: Int64) -> Int64 {
        let quotient = a / b
        return a % b < 0 ? quotient - 1 : quotient
    }
}

/// Local hours of a set of time zones over a span of time: the changes of each zone's offset, looked up once.
package struct ZoneClock: Sendable {
    /// Moments (µs since 1970-01-01 UTC) from which each offset (seconds) holds; one list a zone.
    private let changes: [[(from: Int64, offset: Int64)]]

    /// Universal time for everyone.
    package init() { changes = [[(.min, 0)]] }

    /// - Parameters:
    ///   - names: an IANA name (`Europe/Paris`) or an offset (`+02:00`, `UTC`) for each zone; empty is UTC.
    ///   - span: first and last moment, µs since 1970-01-01 UTC.
    /// - Throws: `HistoryProblem` with the place of the name in `row`.
    package init(names: [String], span: ClosedRange<Int64>) throws {
        changes = try names.enumerated().map { place, name in
            if let offset = Self.fixedOffset(name) { return [(.min, offset)] }
            guard let zone = TimeZone(identifier: name) else {
                throw HistoryProblem(
                    "bad_timezone", "a time zone is not known", row: place,
                    remedy: "give IANA names such as Europe/Paris, or offsets such as +02:00")
            }
            return Self.changes(of: zone, span)
        }
    }

    private static func fixedOffset(_ name: String) -> Int64? {
        if name.isEmpty || name == "UTC" || name == "Z" { return 0 }
        guard let sign = name.first, sign == "+" || sign == "-" else { return nil }
        let digits = name.dropFirst().filter { $0 != ":" }
        guard digits.count == 4 || digits.count == 2, let number = Int64(digits) else { return nil }
        let (hours, minutes) = digits.count == 4 ? (number / 100, number % 100) : (number, 0)
        guard hours <= 14, minutes < 60 else { return nil }
        return (hours * 3600 + minutes * 60) * (sign == "-" ? -1 : 1)
    }

    private static func changes(of zone: TimeZone, _ span: ClosedRange<Int64>) -> [(from: Int64, offset: Int64)] {
        var moment = Date(timeIntervalSince1970: Double(span.lowerBound) / 1e6)
        let end = Date(timeIntervalSince1970: Double(span.upperBound) / 1e6)
        var result = [(from: Int64.min, offset: Int64(zone.secondsFromGMT(for: moment)))]
        while let next = zone.nextDaylightSavingTimeTransition(after: moment), next > moment, next <= end {
            result.append((Int64((next.timeIntervalSince1970 * 1e6).rounded()), Int64(zone.secondsFromGMT(for: next))))
            moment = next
        }
        return result
    }

    /// The hour of the week in a zone (its place among the names).
    @inline(__always) package func hour(_ microseconds: Int64, zone: Int = 0) -> Int {
        let list = changes[zone]
        var place = list.count - 1
        while place > 0, list[place].from > microseconds { place -= 1 }
        return WeekHour.of(microseconds, offset: list[place].offset)
    }
}
