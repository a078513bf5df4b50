package import EngagementModel
internal import Foundation
package import Statistics

// What a touch changes. The mean of a month is `base · (1 + lift)`, so that promotion enters the log mean as
// log(1 + lift), and lift = limit · (1 − e^(−stock ÷ saturation)). The stock halves every `halfLife` days, which
// makes the sum of a touch's effect over the future a difference of two exponential integrals.

extension SimulatedMarket {
    /// Expected additional units of the content's product because of one touch, against no touch. Pure.
    ///
    /// Counts everything that the touch changes from `day` on (or within `days` of it), at the volume that the HCP
    /// has in the month of the touch. The product is the content's; without content it is the HCP's first. Zero when
    /// the HCP does not use the product.
    package func expectedIncrement(
        hcp: Int, channel: Channel, content item: Int?, day: Day, minute: Int? = nil, state: ContactState,
        within days: Int? = nil
    ) -> Double {
        let product = item.map { content.items[$0].product } ?? Int(hcps.product[hcp * 2])
        guard let slot = hcps.slot(of: product, hcp: hcp) else { return 0 }
        let p = chances(
            hcp: hcp, channel: channel, content: item, minute: minute, weekday: minute == nil ? nil : day.weekday,
            state: state)
        let w = coefficients.weight[channel.ordinal]
        let levels = (
            p.reached * (1 - p.engaged), p.reached * p.engaged * (1 - p.advanced), p.reached * p.engaged * p.advanced
        )
        let now = state.stock[slot]
        let before = memory(now, days)
        let gain =
            levels.0 * (memory(now + w[0], days) - before) + levels.1 * (memory(now + w[1], days) - before)
            + levels.2 * (memory(now + w[2], days) - before)
        return gain * scale(hcp: hcp, slot: slot, day: day)
    }

    /// The same from a plain list of recent touches.
    package func expectedIncrement(
        hcp: Int, channel: Channel, content item: Int?, day: Day, minute: Int? = nil, recentTouches: [RecentTouch]
    ) -> Double {
        expectedIncrement(
            hcp: hcp, channel: channel, content: item, day: day, minute: minute,
            state: state(of: hcp, on: day, after: recentTouches))
    }

    /// Additional units once the level of the response is known.
    package func increment(
        hcp: Int, channel: Channel, level: ResponseLevel, product: Int, day: Day, state: ContactState
    ) -> Double {
        guard level != .none, let slot = hcps.slot(of: product, hcp: hcp) else { return 0 }
        let now = state.stock[slot]
        let added = coefficients.weight[channel.ordinal][level.ordinal - 1]
        return (memory(now + added, nil) - memory(now, nil)) * scale(hcp: hcp, slot: slot, day: day)
    }

    /// Sum over future days of 1 − e^(−stock ÷ saturation) while the stock fades.
    private func memory(_ stock: Double, _ days: Int?) -> Double {
        let x = stock / coefficients.saturation
        let all = ExponentialIntegral.ein(x)
        guard let days else { return all * coefficients.memoryDays }
        return (all - ExponentialIntegral.ein(x * decay[days])) * coefficients.memoryDays
    }

    /// Units a day per unit of unsaturated lift.
    private func scale(hcp: Int, slot: Int, day: Day) -> Double {
        let daily = baseVolume(hcp: hcp, slot: slot, month: monthIndex(day)) * 12 / 365.25
        // Colleagues' contacts have already used up a part of the room.
        let peer = exp(-Double(peerStock[Int(hcps.site[hcp])]) / coefficients.saturation)
        return daily * Double(hcps.responsiveness[hcp * 2 + slot]) * peer
    }

    /// Relative rise of volume at an adstock, colleagues' contacts included.
    package func lift(hcp: Int, slot: Int, stock: Double) -> Double {
        coefficients.lift(
            stock: stock + Double(peerStock[Int(hcps.site[hcp])]),
            limit: Double(hcps.responsiveness[hcp * 2 + slot]))
    }

    /// Size of the negative binomial that monthly volumes are drawn from.
    package static let dispersion = 8.0

    /// Samples a month's volume for a mean relative lift, with the HCP's own month-to-month noise.
    package func volume(hcp: Int, slot: Int, month: Int, lift: Double, using g: inout SeededGenerator) -> Int {
        let noise = exp(0.12 * g.normal() - 0.0072)
        let mean = baseVolume(hcp: hcp, slot: slot, month: month) * (1 + lift) * noise
        return g.negativeBinomial(mean: mean, size: SimulatedMarket.dispersion)
    }
}
