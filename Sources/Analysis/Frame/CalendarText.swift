internal import EngagementModel

/// Days and moments as ISO 8601 writes them.
enum CalendarText {
    /// `YYYY-MM-DD`, or the day of a timestamp in UTC: days since 1970-01-01.
    @inline(__always) static func day(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
        if count == 10 { return civil(start) }
        return timestamp(start, count).map { Int32(($0 < 0 ? $0 - 86_399_999_999 : $0) / 86_400_000_000) }
    }

    /// `YYYY-MM-DD[T ]HH:MM[:SS[.ffffff]][Z|±HH[:MM]]`; without a zone it is UTC. Microseconds since 1970-01-01.
    static func timestamp(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        guard count >= 10, let day = civil(start) else { return nil }
        let midnight = Int64(day) * 86_400_000_000
        if count == 10 { return midnight }
        guard count >= 16, start[10] == 84 || start[10] == 32, start[13] == 58,
            let hour = two(start + 11), let minute = two(start + 14), hour < 24, minute < 60
        else { return nil }
        var micros = Int64(hour * 60 + minute) * 60_000_000
        var at = 16
        if at < count && start[at] == 58 {
            guard at + 2 < count, let second = two(start + at + 1), second < 61 else { return nil }
            micros += Int64(second) * 1_000_000
            at += 3
            if at < count && start[at] == 46 {
                at += 1
                var scale: Int64 = 100_000
                let point = at
                while at < count, start[at] >= 48, start[at] <= 57 {
                    micros += Int64(start[at] - 48) * scale
                    scale /= 10
                    at += 1
                }
                if at == point { return nil }
            }
        }
        if at == count { return midnight + micros }
        if start[at] == 90 { return at + 1 == count ? midnight + micros : nil }
        guard start[at] == 43 || start[at] == 45, at + 2 < count, let hours = two(start + at + 1) else { return nil }
        let rest = count - at - 3
        var minutes = 0
        if rest > 0 {
            let colon = start[at + 3] == 58 ? 1 : 0
            guard rest == 2 + colon, let given = two(start + at + 3 + colon) else { return nil }
            minutes = given
        }
        let offset = Int64(hours * 60 + minutes) * 60_000_000
        return midnight + micros + (start[at] == 43 ? -offset : offset)
    }

    @inline(__always) private static func two(_ p: UnsafePointer<UInt8>) -> Int? {
        let (a, b) = (p[0] &- 48, p[1] &- 48)
        return a > 9 || b > 9 ? nil : Int(a) * 10 + Int(b)
    }

    @inline(__always) private static func civil(_ p: UnsafePointer<UInt8>) -> Int32? {
        guard p[4] == 45, p[7] == 45, let century = two(p), let year = two(p + 2), let month = two(p + 5),
            let day = two(p + 8), month >= 1, month <= 12, day >= 1
        else { return nil }
        let full = century * 100 + year
        let isLeap = full % 4 == 0 && (full % 100 != 0 || full % 400 == 0)
        let lengths =
            month == 2 ? (isLeap ? 29 : 28) : (month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31)
        guard day <= lengths else { return nil }
        return Day(year: full, month: month, day: day).number
    }
}
