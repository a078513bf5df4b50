import EngagementModel

/// Moments as RFC 3339 writes them, to the microsecond.
enum Timestamp {
    /// Microseconds since 1970; nil for anything but `YYYY-MM-DDTHH:MM:SS[.ffffff](Z|±HH:MM)` of the years 1970–2999.
    static func read(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 35, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), let day = Day(text.prefix(10)),
            let hour = two(bytes, 11), let minute = two(bytes, 14), let second = two(bytes, 17), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        var place = 19
        var fraction: Int64 = 0
        if bytes[place] == UInt8(ascii: ".") {
            place += 1
            var unit: Int64 = 100_000
            let start = place
            while place < bytes.count, bytes[place] >= 48, bytes[place] <= 57 {
                fraction += Int64(bytes[place] - 48) * unit
                unit /= 10
                place += 1
            }
            guard place > start else { return nil }
        }
        guard place < bytes.count, (1970..<3000).contains(day.civil.year), let offset = offset(bytes, place) else {
            return nil
        }
        let seconds = Int64(day.number) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64(offset) * 60
        return seconds * 1_000_000 + fraction
    }

    /// Minutes ahead of UTC; nil when the rest of the text is no offset.
    private static func offset(_ bytes: [UInt8], _ place: Int) -> Int? {
        if bytes.count == place + 1, bytes[place] == UInt8(ascii: "Z") || bytes[place] == UInt8(ascii: "z") { return 0 }
        guard bytes.count == place + 6, bytes[place + 3] == UInt8(ascii: ":"),
            bytes[place] == UInt8(ascii: "+") || bytes[place] == UInt8(ascii: "-"), let hours = two(bytes, place + 1),
            let minutes = two(bytes, place + 4), hours < 24, minutes < 60
        else { return nil }
        return (bytes[place] == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func two(_ bytes: [UInt8], _ place: Int) -> Int? {
        guard place + 1 < bytes.count, (48...57).contains(bytes[place]), (48...57).contains(bytes[place + 1]) else {
            return nil
        }
        return Int(bytes[place] - 48) * 10 + Int(bytes[place + 1] - 48)
    }

    /// UTC, to the millisecond.
    static func text(_ time: Int64) -> String {
        let day = Day(number: Int32(time / 86_400_000_000))
        let rest = Int(time % 86_400_000_000) / 1000
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { padded($0, 2) }
        return "\(day)T\(clock.joined(separator: ":")).\(padded(rest % 1000, 3))Z"
    }
}
