internal import EngagementModel
internal import Foundation

/// Local time of each HCP, summer time included: the offsets of every zone over the days that a plan answers for.
struct LiveZones: Sendable {
    /// Zone of each HCP.
    let zone: [Int32]
    /// For each zone, (from when on in µs, offset in µs), ascending.
    private let offsets: [[(from: Int64, offset: Int64)]]

    /// - Parameter names: zone of each HCP; nil or unknown = the default.
    init(_ names: [String?], defaultZone: String, from first: Day, days: Int) {
        var interner = Interner()
        zone = names.map { interner.number(of: $0 ?? defaultZone) }
        let start = Date(timeIntervalSince1970: Double(first.number - 2) * 86_400)
        let end = Date(timeIntervalSince1970: Double(Int(first.number) + days + 2) * 86_400)
        let fallback = TimeZone(identifier: defaultZone)
        offsets = interner.names.map { name in
            guard let zone = TimeZone(identifier: name) ?? fallback else { return [(Int64.min, 0)] }
            var result = [(from: Int64.min, offset: Int64(zone.secondsFromGMT(for: start)) * 1_000_000)]
            var moment = start
            while let next = zone.nextDaylightSavingTimeTransition(after: moment), next < end {
                let from = Int64(next.timeIntervalSince1970) * 1_000_000
                result.append((from, Int64(zone.secondsFromGMT(for: next)) * 1_000_000))
                moment = next
            }
            return result
        }
    }

    /// The recipient's day and minute of the day.
    func local(_ time: Int64, hcp: Int) -> (day: Day, minute: Int) {
        let steps = offsets[Int(zone[hcp])]
        let offset = steps.last { $0.from <= time }?.offset ?? 0
        let (length, local) = (Int64(86_400_000_000), time + offset)
        let day = local >= 0 ? local / length : -((length - 1 - local) / length)
        return (Day(number: Int32(truncatingIfNeeded: day)), Int((local - day * length) / 60_000_000))
    }
}
