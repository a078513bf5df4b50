import EngagementModel

/// Moments as tracking clients write them: ISO 8601 with or without fraction and zone, and numbers since 1970.
enum EventTime {
    /// Microseconds since 1970. A text without a zone is UTC; a number is seconds, or milliseconds when it is larger
    /// than any second before the year 5000. nil for anything else, and outside of the years 1970 to 2999.
    static func read(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 10, bytes.count <= 40, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = number(bytes, 0, 4), let month = number(bytes, 5, 2), let dayOfMonth = number(bytes, 8, 2),
            (1970..<3000).contains(year)
        else { return nil }
        let day = Day(year: year, month: month, day: dayOfMonth)
        guard day.civil == (year, month, dayOfMonth) else { return nil }
        let midnight = Int64(day.number) * 86_400
        if bytes.count == 10 { return midnight * 1_000_000 }
        guard bytes.count >= 16, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") || bytes[10] == 0x20,
            bytes[13] == UInt8(ascii: ":"), let hour = number(bytes, 11, 2), let minute = number(bytes, 14, 2),
            hour < 24, minute < 60
        else { return nil }
        var place = 16
        var second = 0
        var fraction: Int64 = 0
        if place < bytes.count, bytes[place] == UInt8(ascii: ":") {
            guard let value = number(bytes, 17, 2), value <= 60 else { return nil }
            second = value
            place = 19
            if place < bytes.count, bytes[place] == UInt8(ascii: ".") || bytes[place] == UInt8(ascii: ",") {
                place += 1
                let start = place
                var unit: Int64 = 100_000
                while place < bytes.count, (48...57).contains(bytes[place]) {
                    fraction += Int64(bytes[place] - 48) * unit
                    unit /= 10
                    place += 1
                }
                guard place > start else { return nil }
            }
        }
        guard let offset = offset(bytes, place) else { return nil }
        let seconds = midnight + Int64(hour * 3600 + minute * 60 + second) - Int64(offset) * 60
        return seconds * 1_000_000 + fraction
    }

    /// A JSON number: seconds or milliseconds since 1970.
    static func read(number text: String) -> Int64? {
        guard let value = Double(text), value >= 0, value < 32_503_680_000_000 else { return nil }
        return Int64((value < 95_617_584_000 ? value * 1_000_000 : value * 1000).rounded())
    }

    /// Minutes ahead of UTC; nil when the rest of the text is no offset.
    private static func offset(_ bytes: [UInt8], _ place: Int) -> Int? {
        if place == bytes.count { return 0 }
        let sign: Int
        switch bytes[place] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): return place + 1 == bytes.count ? 0 : nil
        case UInt8(ascii: "+"): sign = 1
        case UInt8(ascii: "-"): sign = -1
        default: return nil
        }
        guard let hours = number(bytes, place + 1, 2), hours < 24 else { return nil }
        switch bytes.count - place {
        case 3: return sign * hours * 60
        case 5, 6:
            let at = bytes.count - 2
            guard bytes.count - place == 5 || bytes[place + 3] == UInt8(ascii: ":"), let minutes = number(bytes, at, 2),
                minutes < 60
            else { return nil }
            return sign * (hours * 60 + minutes)
        default: return nil
        }
    }

    private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int? {
        guard place + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[place..<place + count] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }
}
