internal import EngagementModel

/// The days that a plan covers.
struct Horizon: Sendable {
    let asOf: Day
    /// Business days after the as-of day, ascending.
    let days: [Day]

    init(asOf: Day, strategy: Strategy) {
        self.asOf = asOf
        days = asOf.businessDays(strategy.horizonDays)
    }

    /// Position of a day, nil outside.
    func position(of day: Day) -> Int? { days.firstIndex(of: day) }
}
