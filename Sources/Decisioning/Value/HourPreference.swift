package import EngagementModel

/// A good moment for one HCP.
package struct Moment: Sendable, Hashable, Codable {
    package var weekday: Int
    package var hour: Int
    /// Expected response rate here over the HCP's mean; 1 = nothing known.
    package var lift: Double
    /// Whether the HCP's own answers, rather than those of colleagues, speak for it.
    package var isOwn: Bool

    package init(weekday: Int, hour: Int, lift: Double, isOwn: Bool) {
        (self.weekday, self.hour, self.lift, self.isOwn) = (weekday, hour, lift, isOwn)
    }
}

/// The hour at which an HCP is best reached on a channel, with how sure that is: what the decision uses, in figures.
package struct HourPreference: Sendable, Hashable {
    package var moment: Moment
    /// 90% interval of the lift: from the answers there have been, and from the belief about the favourite hour.
    package var liftLow: Double
    package var liftHigh: Double
    /// Belief that the HCP's favourite hour is this one or a neighbour.
    package var belief: Double
    /// Sends on the channel in this hour, on any weekday, and answers at it.
    package var tried: Int
    package var answered: Int
}

extension Channel {
    /// Hours of the HCP's day at which the channel may be used: human contact at working hours only.
    package var hours: Range<Int> { isHuman ? 8..<18 : 6..<23 }
}
