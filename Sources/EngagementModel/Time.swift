/// A calendar day, counted from 1970-01-01; arithmetic without time zones.
public struct Day: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public var number: Int32

    public init(number: Int32) { self.number = number }

    /// A day of the proleptic Gregorian calendar. Month 1...12 and day 1...31 are not checked here; see `init?(_:)`.
    public init(year: Int, month: Int, day: Int) {
        // Days from civil, after Howard Hinnant, "chrono-compatible low-level date algorithms" (2013).
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yoe = y - era * 400
        let doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy
        number = Int32(era * 146_097 + doe - 719_468)
    }

    /// Reads `YYYY-MM-DD`; nil for any other form and for days that no calendar has (2026-02-30).
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } }),
            let y = Int(parts[0]), let m = Int(parts[1]), let d = Int(parts[2])
        else { return nil }
        let day = Day(year: y, month: m, day: d)
        guard day.civil == (y, m, d) else { return nil }
        self = day
    }

    /// Year, month (1...12) and day (1...31).
    public var civil: (year: Int, month: Int, day: Int) {
        let z = Int(number) + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let doe = z - era * 146_097
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
        let mp = (5 * doy + 2) / 153
        let m = mp < 10 ? mp + 3 : mp - 9
        return (yoe + era * 400 + (m <= 2 ? 1 : 0), m, doy - (153 * mp + 2) / 5 + 1)
    }

    /// 0 Monday … 6 Sunday.
    public var weekday: Int { ((Int(number) + 3) % 7 + 7) % 7 }

    public var isWeekend: Bool { weekday >= 5 }

    public var description: String {
        let (y, m, d) = civil
        func two(_ v: Int) -> String { v < 10 ? "0\(v)" : "\(v)" }
        let year = String(y)
        return "\(String(repeating: "0", count: max(0, 4 - year.count)))\(year)-\(two(m))-\(two(d))"
    }

    public static func < (a: Day, b: Day) -> Bool { a.number < b.number }
    public static func + (a: Day, days: Int) -> Day { Day(number: a.number + Int32(days)) }
    public static func - (a: Day, days: Int) -> Day { Day(number: a.number - Int32(days)) }
    public static func - (a: Day, b: Day) -> Int { Int(a.number) - Int(b.number) }

    /// The first `count` business days strictly after this one: weekends and `holidays` left out.
    public func businessDays(_ count: Int, holidays: Set<Day> = []) -> [Day] {
        var result: [Day] = []
        var day = self
        while result.count < count {
            day = day + 1
            if !day.isWeekend && !holidays.contains(day) { result.append(day) }
        }
        return result
    }
}

/// A length of time as strategies spell it: `7d`, `48h`, `30m`, `2w`.
public struct Span: Hashable, Sendable, Codable, CustomStringConvertible {
    public var seconds: Int

    public init(seconds: Int) { self.seconds = seconds }

    /// Reads a whole number followed by `m`, `h`, `d` or `w`; nil otherwise.
    public init?(_ text: String) {
        guard let unit = text.last, let n = Int(text.dropLast()), n >= 0, n < 1_000_000 else { return nil }
        switch unit {
        case "m": seconds = n * 60
        case "h": seconds = n * 3600
        case "d": seconds = n * 86_400
        case "w": seconds = n * 604_800
        default: return nil
        }
    }

    /// Whole days, rounded up: a rule of 36 hours blocks two calendar days.
    public var days: Int { (seconds + 86_399) / 86_400 }

    public var description: String {
        if seconds % 604_800 == 0 && seconds > 0 { return "\(seconds / 604_800)w" }
        if seconds % 86_400 == 0 { return "\(seconds / 86_400)d" }
        return seconds % 3600 == 0 ? "\(seconds / 3600)h" : "\(seconds / 60)m"
    }
}
