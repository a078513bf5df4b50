internal import Definitions
public import EngagementModel

/// A cycle plan: how often, over a quarter or so, which HCPs are to be met on which channels.
public struct CyclePlan: Sendable, Hashable {
    public var name: String
    public var start: Day
    public var end: Day
    public var goals: [Goal]

    /// A goal for every HCP of a group.
    public struct Goal: Sendable, Hashable {
        public var name: String
        public var channels: Set<Channel>
        /// Empty = every specialty.
        public var specialties: Set<String>
        /// Volume deciles, 10 high; HCPs without volume are in decile 0.
        public var deciles: ClosedRange<Int>
        /// Touches of each HCP over the cycle: the goal, and what must not be exceeded.
        public var least: Int
        public var most: Int?
    }

    /// A goal that names its HCPs and segments: lines of `goals.csv` with one name.
    public struct ListedGoal: Sendable, Hashable {
        public var name: String
        public var channels: Set<Channel>
        public var start: Day
        public var end: Day
        public var rows: [Row]

        public struct Row: Sendable, Hashable {
            /// One of the two.
            public var hcpID: String?
            /// Name of a segment of the insight step, or a specialty.
            public var segment: String?
            public var least: Int
            public var most: Int?
            /// Of the file, from 1.
            public var line: Int
        }
    }

    /// Share of a period's business days that are over at the end of a day, 0...1.
    public static func share(of start: Day, _ end: Day, through day: Day) -> Double {
        let all = businessDays(start, end)
        guard all > 0 else { return 1 }
        return min(1, Double(businessDays(start, min(day, end))) / Double(all))
    }

    private static func businessDays(_ first: Day, _ last: Day) -> Int {
        guard first <= last else { return 0 }
        let (weeks, rest) = ((last - first + 1) / 7, (last - first + 1) % 7)
        return weeks * 5 + (0..<rest).count { (first + (weeks * 7 + $0)).weekday < 5 }
    }
}

/// Reads the `cycle:` section of `strategy.yaml`:
/// ```yaml
/// cycle:
///   name: third quarter
///   start: 2026-07-01
///   end: 2026-09-30
///   goals:
///     - {name: top prescribers, channels: [in_person], deciles: [8, 10], min: 4, max: 8}
/// ```
enum CyclePlanFile {
    static func read(_ yaml: YAMLReader) -> CyclePlan? {
        guard let inner = yaml.mapping("cycle") else { return nil }
        let name = inner.string("name") ?? "cycle"
        let start = day(inner, "start")
        let end = day(inner, "end")
        let goals = inner.mappings("goals").compactMap(goal)
        if let start, let end, end < start { inner.report("end", "out_of_range", "lies before the start") }
        for key in Set(goals.map(\.name)) where goals.count(where: { $0.name == key }) > 1 {
            inner.report(
                "goals", "duplicate_key", "two goals are named `\(key)`", remedy: "give each a name of its own")
        }
        inner.finish()
        guard let start, let end else { return nil }
        return CyclePlan(name: name, start: start, end: end, goals: goals)
    }

    private static func day(_ yaml: YAMLReader, _ key: String) -> Day? {
        guard let text = yaml.required(key) else { return nil }
        guard let day = Day(text) else {
            yaml.report(key, "bad_value", "expected a day such as 2026-07-01")
            return nil
        }
        return day
    }

    private static func goal(_ item: YAMLReader) -> CyclePlan.Goal? {
        let name = item.required("name")
        let channels = StrategyFile.group(item, "channels")
        if !item.has("channels") { item.report("channels", "missing_key", "is required") }
        let least = item.integer("min", 0...1000) ?? 0
        let most = item.integer("max", 0...1000)
        if let most, most < least { item.report("max", "out_of_range", "lies below min") }
        var deciles = 0...10
        if let range = item.strings("deciles") {
            let numbers = range.compactMap { Int($0) }.filter { (0...10).contains($0) }
            if let first = numbers.first, let last = numbers.last, numbers.count == range.count, range.count <= 2,
                first <= last
            {
                deciles = first...last
            } else {
                item.report("deciles", "bad_value", "expected one decile or two, such as [8, 10]")
            }
        }
        let specialties = Set(item.strings("specialties") ?? [])
        item.finish()
        guard let name, let channels else { return nil }
        return CyclePlan.Goal(
            name: name, channels: channels, specialties: specialties, deciles: deciles, least: least, most: most)
    }
}
