internal import EngagementModel
internal import Foundation

/// Days, months and amounts as a rep says them.
enum InsightWords {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// "3 March", with the year when it is another than that of the as-of day.
    static func day(_ day: Day, asOf: Day) -> String {
        let civil = day.civil
        let year = civil.year == asOf.civil.year ? "" : " \(civil.year)"
        return "\(civil.day) \(months[civil.month - 1])\(year)"
    }

    /// "March 2026".
    static func month(_ day: Day) -> String { "\(months[day.civil.month - 1]) \(day.civil.year)" }

    /// One decimal below 10, whole numbers above.
    static func amount(_ value: Double) -> String {
        value < 9.95 ? String(format: "%.1f", value) : String(format: "%.0f", value)
    }

    static func days(_ count: Int) -> String { count == 1 ? "1 day" : "\(count) days" }

    static func percent(_ share: Double) -> String { "\(min(99, max(1, Int((share * 100).rounded()))))%" }
}
