/// Dates as people write them, to a civil day.
struct DateReading: Sendable {
    /// In `3/4/2020` the day comes first.
    var dayFirst = true

    /// The reading that fits a column: day first unless some second number is above twelve and no first one is.
    init(sample: some Sequence<String>) {
        var monthFirst = 0
        var dayFirst = 0
        for text in sample {
            let parts = DateReading.numbers(text)
            guard parts.count >= 3, parts[0].digits <= 2, parts[1].digits <= 2 else { continue }
            if parts[0].value > 12 { dayFirst += 1 }
            if parts[1].value > 12 { monthFirst += 1 }
        }
        self.dayFirst = monthFirst <= dayFirst
    }

    /// Year, month and day, or `nil` when the text is no date of the years 1000 to 2999.
    func read(_ text: String) -> (year: Int, month: Int, day: Int)? {
        let parts = DateReading.numbers(text)
        var date = (0, 0, 0)
        if parts.count == 1, parts[0].digits == 8 {
            date = (parts[0].value / 10_000, parts[0].value / 100 % 100, parts[0].value % 100)
        } else if parts.count >= 3, parts[0].digits == 4, parts[1].digits <= 2, parts[2].digits <= 2 {
            date = (parts[0].value, parts[1].value, parts[2].value)
        } else if parts.count >= 3, parts[0].digits <= 2, parts[1].digits <= 2, parts[2].digits == 4 {
            date =
                dayFirst
                ? (parts[2].value, parts[1].value, parts[0].value) : (parts[2].value, parts[0].value, parts[1].value)
        } else {
            return nil
        }
        guard (1000...2999).contains(date.0), (1...12).contains(date.1), (1...31).contains(date.2) else { return nil }
        return date
    }

    /// Runs of digits; a text with letters other than the `T` and `Z` of a timestamp has none.
    private static func numbers(_ text: String) -> [(value: Int, digits: Int)] {
        var parts: [(value: Int, digits: Int)] = []
        var inside = false
        for byte in text.utf8 {
            if byte >= 0x30, byte <= 0x39 {
                if inside {
                    let last = parts[parts.count - 1]
                    guard last.digits < 12 else { return [] }
                    parts[parts.count - 1] = (last.value * 10 + Int(byte - 0x30), last.digits + 1)
                } else {
                    parts.append((Int(byte - 0x30), 1))
                }
                inside = true
            } else {
                inside = false
                switch byte {
                case 0x54, 0x5A, 0x20, 0x2D, 0x2E, 0x2F, 0x3A, 0x2B: continue  // T Z space - . / : +
                default: return []
                }
            }
        }
        return parts
    }

    /// Days since 1970-01-01. Source: Hinnant, "chrono-compatible low-level date algorithms".
    static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int32 {
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return Int32(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
    }
}
