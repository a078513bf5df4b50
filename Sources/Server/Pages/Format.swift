import EngagementModel

/// How pages write numbers, days and names. One place, so that the same thing looks the same everywhere.
enum Format {
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `1,234`.
    static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return (value < 0 ? "−" : "") + result
    }

    /// A number with `digits` decimals and a real minus sign; `–` for what is not a number.
    static func number(_ value: Double, digits: Int = 1) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "–" }
        let factor = (0..<digits).reduce(1.0) { power, _ in power * 10 }
        let scaled = Int((abs(value) * factor).rounded())
        let (whole, fraction) = scaled.quotientAndRemainder(dividingBy: Int(factor))
        let sign = value < 0 && scaled > 0 ? "−" : ""
        guard digits > 0 else { return sign + count(whole) }
        let tail = String(fraction)
        return sign + count(whole) + "." + String(repeating: "0", count: digits - tail.count) + tail
    }

    /// As many decimals as the size needs: 1,240 · 12.4 · 0.83 · 0.012.
    static func measure(_ value: Double) -> String {
        let size = abs(value)
        return number(value, digits: size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size == 0 ? 2 : 3)
    }

    /// A delivered figure: whole numbers stay whole.
    static func amount(_ value: Double) -> String {
        value == value.rounded() ? number(value, digits: 0) : measure(value)
    }

    /// `+0.83`: an effect always shows its sign.
    static func effect(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        return abs(value) < 0.0005 ? "≈ 0" : (value > 0 ? "+" : "") + measure(value)
    }

    static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "–" }
        let value = share * 100
        return number(value, digits: abs(value) < 10 && value != 0 ? 1 : 0) + " %"
    }

    static func money(_ value: Double, _ currency: String) -> String {
        let text = number(abs(value), digits: abs(value) < 100 ? 2 : 0)
        let sign = value < 0 && text.contains(where: { $0 >= "1" && $0 <= "9" }) ? "−" : ""
        switch currency {
        case "EUR": return "\(sign)€\(text)"
        case "USD": return "\(sign)$\(text)"
        case "GBP": return "\(sign)£\(text)"
        default: return "\(sign)\(currency) \(text)"
        }
    }

    /// `6 Jan 2026`.
    static func day(_ day: Day) -> String {
        let (year, month, date) = day.civil
        return "\(date) \(months[month - 1]) \(year)"
    }

    /// `Tue 6 Jan`.
    static func shortDay(_ day: Day) -> String {
        let (_, month, date) = day.civil
        return "\(HeatMap.weekdays[day.weekday]) \(date) \(months[month - 1])"
    }

    /// `Jan 2026`.
    static func month(_ day: Day) -> String {
        let (year, month, _) = day.civil
        return "\(months[month - 1]) \(year)"
    }

    static func hour(_ hour: Int) -> String { hour < 10 ? "0\(hour):00" : "\(hour):00" }

    /// `6 Jan 2026, 14:05` from microseconds since 1970 in UTC.
    static func time(_ microseconds: Int64) -> String {
        let minutes = Int((Double(microseconds) / 60_000_000).rounded(.down))
        let dayNumber = Int((Double(minutes) / 1440).rounded(.down))
        let minute = minutes - dayNumber * 1440
        func two(_ v: Int) -> String { v < 10 ? "0\(v)" : "\(v)" }
        return day(Day(number: Int32(dayNumber))) + ", " + two(minute / 60) + ":" + two(minute % 60)
    }

    /// `today`, `yesterday`, `12 days ago`, `in 3 days`, `in 14 months`, seen from `reference`.
    static func ago(_ day: Day, from reference: Day) -> String {
        switch reference - day {
        case 0: "today"
        case 1: "yesterday"
        case -1: "tomorrow"
        case let n where n <= -730: "in \(-n / 365) years"
        case let n where n <= -60: "in \(-n / 30) months"
        case let n where n < 0: "in \(-n) days"
        case let n where n < 60: "\(n) days ago"
        case let n where n < 730: "\(n / 30) months ago"
        case let n: "\(n / 365) years ago"
        }
    }

    /// `one HCP`, `3 HCPs`.
    static func plural(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        count == 1 ? "1 \(one)" : "\(self.count(count)) \(many ?? one + "s")"
    }

    /// `cost_coverage` → `Cost coverage`.
    static func label(_ code: String) -> String {
        let text = code.replacing("_", with: " ")
        guard let first = text.first else { return text }
        return first.uppercased() + text.dropFirst()
    }

    /// A segment's rule in words: `yearly_volume <= 242` → `yearly volume ≤ 242`.
    static func rule(_ code: String) -> String { code.replacing("_", with: " ").replacing("<=", with: "≤") }

    /// A difference of shares: `+2.4 points`, `0.0 points`.
    static func points(_ difference: Double) -> String {
        let size = number(abs(difference) * 100)
        return (size == "0.0" ? "" : difference > 0 ? "+" : "−") + size + " points"
    }

    /// `5 h 10 min`.
    static func minutes(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let total = Int(value.rounded())
        let (hours, rest) = total.quotientAndRemainder(dividingBy: 60)
        if hours == 0 { return "\(rest) min" }
        return rest == 0 ? "\(hours) h" : "\(hours) h \(rest) min"
    }
}
