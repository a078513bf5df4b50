package import EngagementModel
import Foundation
import Synchronization

/// Time zones by IANA name, each read once: offsets as a short table instead of a call into the calendar for each claim.
package final class ZoneTable: Sendable {
    private let known = Mutex<[String: Zone?]>([:])

    package init() {}

    /// nil when no such zone exists.
    package func zone(_ name: String) -> Zone? {
        if let zone = known.withLock({ $0[name] }) { return zone }
        let zone = TimeZone(identifier: name).map(Zone.init)
        known.withLock { $0[name] = .some(zone) }
        return zone
    }
}

/// One time zone: what a clock on the wall shows at an instant.
package struct Zone: Sendable {
    /// Seconds since 1970 from which each offset holds, ascending.
    private let starts: [Int64]
    /// Seconds east of Greenwich.
    private let offsets: [Int32]
    private let zone: TimeZone

    /// Instants that the table covers: 2015 to 2045. Outside of them the calendar is asked.
    private static let covered: Range<Int64> = 1_420_070_400..<2_366_841_600
    private static let week: Int64 = 604_800

    init(_ zone: TimeZone) {
        self.zone = zone
        func offset(_ second: Int64) -> Int32 {
            Int32(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
        }
        var (starts, offsets) = ([Self.covered.lowerBound], [offset(Self.covered.lowerBound)])
        // No zone changes twice within a week: a weekly look finds every change, halving finds its second.
        for second in stride(from: Self.covered.lowerBound + Self.week, through: Self.covered.upperBound, by: 604_800) {
            let new = offset(second)
            guard new != offsets[offsets.count - 1] else { continue }
            var (low, high) = (second - Self.week, second)
            while high - low > 1 {
                let middle = (low + high) / 2
                if offset(middle) == new { high = middle } else { low = middle }
            }
            starts.append(high)
            offsets.append(new)
        }
        self.starts = starts
        self.offsets = offsets
    }

    /// Seconds east of Greenwich at an instant, seconds since 1970.
    func offset(at second: Int64) -> Int64 {
        guard Self.covered.contains(second) else {
            return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
        }
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= second { low = middle } else { high = middle }
        }
        return Int64(offsets[low])
    }

    /// Day and minute of the day at an instant, microseconds since 1970.
    package func local(_ microseconds: Int64) -> LocalTime {
        let second = floored(microseconds, by: 1_000_000)
        let wall = second + offset(at: second)
        let day = floored(wall, by: 86_400)
        return LocalTime(day: Day(day), minute: Int((wall - day * 86_400) / 60))
    }

    /// The first instant of a local day, microseconds since 1970.
    package func start(of day: Day) -> Int64 {
        let wall = day.stored * 86_400
        // The offset before and the one after the midnight give the two candidates; where midnight happens twice the
        // first counts, where a change leaves it out the first instant after the gap.
        let candidates = Set([offset(at: wall - 93_600), offset(at: wall + 93_600), offset(at: wall)])
            .map { wall - $0 }.sorted()
        for second in candidates where local(second * 1_000_000).day == day {
            var first = second
            while local((first - 900) * 1_000_000).day == day { first -= 900 }
            return first * 1_000_000
        }
        return (candidates.last ?? wall) * 1_000_000
    }

    private func floored(_ value: Int64, by unit: Int64) -> Int64 {
        value >= 0 ? value / unit : -((-value + unit - 1) / unit)
    }
}

/// What a clock on the wall of the recipient shows.
package struct LocalTime: Sendable, Hashable {
    package var day: Day
    /// 0 ... 1439.
    package var minute: Int

    package init(day: Day, minute: Int) {
        self.day = day
        self.minute = minute
    }
}
