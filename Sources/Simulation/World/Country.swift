internal import EngagementModel

/// The countries that a market can hold; the raw value is the code in the files.
package enum Country: String, Sendable, Hashable, CaseIterable {
    case us = "US"
    case de = "DE"
    case uk = "UK"
    case fr = "FR"
    case it = "IT"
    case es = "ES"

    var index: Int { Country.allCases.firstIndex(of: self) ?? 0 }

    /// Language of its content and HCPs, ISO 639-1.
    package var language: String {
        switch self {
        case .us, .uk: "en"
        default: rawValue.lowercased()
        }
    }

    package var currency: String {
        switch self {
        case .us: "USD"
        case .uk: "GBP"
        default: "EUR"
        }
    }

    var isEuropean: Bool { self != .us }
}

/// Time zones of the simulated cities.
enum Zone: Int, CaseIterable, Sendable {
    case newYork, chicago, denver, losAngeles, london, berlin, paris, rome, madrid

    var name: String {
        switch self {
        case .newYork: "America/New_York"
        case .chicago: "America/Chicago"
        case .denver: "America/Denver"
        case .losAngeles: "America/Los_Angeles"
        case .london: "Europe/London"
        case .berlin: "Europe/Berlin"
        case .paris: "Europe/Paris"
        case .rome: "Europe/Rome"
        case .madrid: "Europe/Madrid"
        }
    }

    private var standardHours: Int {
        switch self {
        case .newYork: -5
        case .chicago: -6
        case .denver: -7
        case .losAngeles: -8
        case .london: 0
        default: 1
        }
    }

    /// Hours to add to UTC on a local day. Summer time begins and ends on Sundays before any simulated office
    /// hour, so one figure a day is exact for every touch: second Sunday of March to first of November in the
    /// United States, last Sundays of March and October in Europe.
    func offsetHours(on day: Day) -> Int {
        let year = day.civil.year
        func sunday(onOrAfter date: Day) -> Day { date + (6 - date.weekday) }
        let american = rawValue <= Zone.losAngeles.rawValue
        let begin = sunday(onOrAfter: Day(year: year, month: 3, day: american ? 8 : 25))
        let end = sunday(onOrAfter: Day(year: year, month: american ? 11 : 10, day: american ? 1 : 25))
        return standardHours + (day >= begin && day < end ? 1 : 0)
    }
}

/// Time zone offsets of a span of days, looked up by number.
struct ZoneTable: Sendable {
    private let first: Int
    private let days: Int
    private let hours: [Int8]

    init(from first: Day, days: Int) {
        self.first = Int(first.number)
        self.days = days
        hours = Zone.allCases.flatMap { zone in (0..<days).map { Int8(zone.offsetHours(on: first + $0)) } }
    }

    /// Seconds since 1970 UTC of a local minute.
    func utc(day: Int32, minute: Int, zone: Zone) -> Int64 {
        let offset = min(max(Int(day) - first, 0), days - 1)
        let hour = Int(hours[zone.rawValue * days + offset])
        return Int64(day) * 86_400 + Int64(minute * 60 - hour * 3600)
    }

    /// Local day and minute of the day of an instant.
    func local(_ seconds: Int64, zone: Zone) -> (day: Int32, minute: Int) {
        let offset = min(max(Int(seconds / 86_400) - first, 0), days - 1)
        let shifted = seconds + Int64(hours[zone.rawValue * days + offset]) * 3600
        return (Int32(shifted / 86_400), Int(shifted % 86_400) / 60)
    }
}
