internal import EngagementModel
internal import Foundation
internal import Statistics

/// The hidden coefficients of a market: how touches turn into responses and responses into volume.
///
/// `variation` > 0 moves every scalar by a lognormal factor drawn from the seed, so that closed-loop tests meet
/// markets that differ.
package struct Coefficients: Sendable, Hashable {
    /// Days until half of an effect on volume is gone (adstock).
    package var halfLife = 45.0
    /// Adstock at which 63% of the greatest effect is reached: diminishing returns.
    package var saturation = 1.8
    /// Mean greatest relative rise of volume by promotion.
    package var responsiveness = 0.42
    /// Fall of the response's logit per weighted touch of the last 14 days.
    package var fatigue = 0.16
    /// Rise of an e-mail's logit within `synergyDays` after a conversation that engaged.
    package var synergy = 0.8
    package var synergyDays = 7
    /// Logit per standard deviation of channel affinity.
    package var channelSlope = 0.55
    /// Logit per unit of topic plus format affinity, from reached to engaged.
    package var contentSlope = 0.5
    /// Logit at the favourite hour.
    package var timing = 0.8
    /// Share of a touch's effect that reaches colleagues of the same site.
    package var peer = 0.05

    /// Intercepts of P(reached), P(engaged | reached), P(advanced | engaged) by channel code, at an HCP of
    /// middling affinity with open access.
    package private(set) var reach: [Double]
    package private(set) var engage: [Double]
    package private(set) var advance: [Double]
    /// Adstock that one touch leaves, by channel code, for reached, engaged and advanced.
    package private(set) var weight: [[Double]]
    /// What a touch of the channel weighs in fatigue.
    package private(set) var load: [Float]

    package init(seed: UInt64, variation: Double) {
        let rows = Channel.allCases.map(Coefficients.row)
        reach = rows.map(\.reach)
        engage = rows.map(\.engage)
        advance = rows.map(\.advance)
        weight = rows.map { [$0.weight.0, $0.weight.1, $0.weight.2] }
        load = rows.map(\.load)
        guard variation > 0 else { return }
        var g = Stream.coefficients.generator(seed)
        func vary(_ value: inout Double) { value *= exp(variation * g.normal()) }
        vary(&halfLife)
        vary(&saturation)
        vary(&responsiveness)
        vary(&fatigue)
        vary(&synergy)
        vary(&channelSlope)
        vary(&contentSlope)
        vary(&timing)
        for c in reach.indices {
            reach[c] += variation * g.normal()
            engage[c] += variation * g.normal()
        }
    }

    private struct Row {
        var reach: Double
        var engage: Double
        var advance: Double
        var weight: (Double, Double, Double)
        var load: Float
    }

    /// Ordinary rates of the industry: a third of rep e-mails opened, a quarter of bulk ones, 2–3% clicked, four in
    /// five visits to an open door reach the HCP.
    private static func row(_ channel: Channel) -> Row {
        switch channel {
        case .inPerson: Row(reach: 1.3, engage: 0.6, advance: -1.7, weight: (0.20, 0.90, 1.50), load: 1)
        case .video: Row(reach: 0.2, engage: 1.0, advance: -1.8, weight: (0.15, 0.75, 1.30), load: 1)
        case .phone: Row(reach: -0.5, engage: 0.0, advance: -2.2, weight: (0.08, 0.40, 0.80), load: 1)
        case .emailRep: Row(reach: -0.7, engage: -1.3, advance: -2.0, weight: (0.03, 0.25, 0.60), load: 0.8)
        case .email: Row(reach: -1.0, engage: -2.0, advance: -2.8, weight: (0.012, 0.12, 0.40), load: 0.6)
        case .sms: Row(reach: 3.6, engage: -2.0, advance: -2.9, weight: (0.004, 0.10, 0.30), load: 1)
        case .messaging: Row(reach: 3.2, engage: -1.7, advance: -2.5, weight: (0.006, 0.12, 0.35), load: 0.8)
        case .portal: Row(reach: 6.0, engage: 0.0, advance: -2.6, weight: (0.02, 0.20, 0.60), load: 0)
        case .webinar: Row(reach: -2.0, engage: 0.2, advance: -1.3, weight: (0.02, 0.80, 1.40), load: 0.5)
        case .event: Row(reach: -1.2, engage: 1.1, advance: -1.2, weight: (0.03, 1.10, 1.70), load: 0.5)
        case .ad: Row(reach: 4.5, engage: -5.1, advance: -3.0, weight: (0.004, 0.06, 0.20), load: 0.05)
        case .mail: Row(reach: 3.0, engage: -4.2, advance: -2.5, weight: (0.008, 0.10, 0.30), load: 0.2)
        }
    }

    /// What is left of an effect after one day.
    package var dailyDecay: Double { exp2(-1 / halfLife) }
    /// Sum of an effect over all days: 1 ÷ decay rate.
    package var memoryDays: Double { halfLife / M_LN2 }

    /// Relative rise of volume at an adstock: `limit · (1 − e^(−stock ÷ saturation))`.
    package func lift(stock: Double, limit: Double) -> Double { limit * -expm1(-stock / saturation) }
}

/// Ein(x) = ∫₀ˣ (1 − e^(−t)) ÷ t dt, the entire exponential integral: the effect of an adstock that fades away,
/// summed over all future days, is `limit · memoryDays · Ein(stock ÷ saturation)`.
package enum ExponentialIntegral {
    /// x ≥ 0, to about 1e-12. Series below 20; log x + γ above, where what is left is under 1e-10.
    ///
    /// Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 5.1.40.
    package static func ein(_ x: Double) -> Double {
        guard x < 20 else { return log(x) + 0.577_215_664_901_532_9 }
        if x < 2 {
            var term = x
            var sum = x
            var k = 1.0
            while abs(term) > 1e-14 * sum && k < 60 {
                k += 1
                term *= -x / k
                sum += term / k
            }
            return sum
        }
        // e^(−x) Σ xᵏ ÷ k! · Hₖ: no cancellation for larger x.
        var term = 1.0
        var harmonic = 0.0
        var sum = 0.0
        for k in 1..<120 {
            term *= x / Double(k)
            harmonic += 1 / Double(k)
            let next = sum + term * harmonic
            if next == sum { break }
            sum = next
        }
        return exp(-x) * sum
    }
}
