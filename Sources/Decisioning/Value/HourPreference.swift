package import EngagementModel
internal import Foundation

/// The hour of the week at which an HCP is best reached, with how sure that is: what the decision uses, in figures.
package struct HourPreference: Sendable, Hashable {
    package var moment: Moment
    /// 90% interval of the lift: from the answers there have been, and from the belief about the favourite hour.
    package var liftLow: Double
    package var liftHigh: Double
    /// Belief that the HCP's favourite hour is this one or a neighbour.
    package var belief: Double
    /// Sends and answers of the HCP in this hour, on any weekday.
    package var tried: Int
    package var answered: Int
}

extension TimingModel {
    /// The best hour on a channel with its uncertainty; nil when no hour is left.
    ///
    /// Answers of all channels speak for each other; channels differ in the hours at which they may be used. Rates are
    /// answers per send, so that an hour that was never tried keeps the rate of the specialty: its interval is wide, its lift
    /// is near 1.
    package func preference(
        hcp: Int, channel: Channel, quiet: Strategy.QuietHours? = nil
    ) -> HourPreference? {
        guard let moment = best(hcp: hcp, channel: channel, quiet: quiet) else { return nil }
        let day = day(of: hcp)
        let (hour, known) = (moment.hour, favourite.spread(day))
        let rate = min(max(week(hcp: hcp)[moment.weekday * 24 + hour], 1e-6), 1 - 1e-6)
        // As many sends as the level above counts for, and the HCP's own.
        let trials = Self.strengths.person + day.sends[hour]
        let base = (1 - rate) / (rate * (trials + 1))
        let habit = Self.gain * known.deviation[hour] / (1 + Self.gain * known.nearness[hour])
        let deviation = (base + habit * habit).squareRoot()
        let near = (max(0, hour - 1)...min(23, hour + 1)).reduce(0.0) { $0 + known.belief[$1] }
        return HourPreference(
            moment: moment, liftLow: moment.lift * exp(-1.645 * deviation),
            liftHigh: moment.lift * exp(1.645 * deviation), belief: min(1, near), tried: Int(day.sends[hour]),
            answered: Int(day.answers[hour]))
    }
}
