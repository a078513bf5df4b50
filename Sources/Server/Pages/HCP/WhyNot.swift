package import EngagementModel

/// "Why not this channel, this content?" answered from the plan's own candidates.
package struct WhyNot: Sendable, Hashable {
    package var channel: Channel?
    package var contentID: String?
    package var channels: [Channel] = []
    package var contents: [ContentLabel] = []
    package var answers: [Answer] = []
    /// What the plan chose for this HCP instead, its net value and its effect.
    package var chosen: Rival?
    package var wasAsked = false

    package init() {}

    package struct Rival: Sendable, Hashable {
        package var title: String
        package var value: Double
        package init(title: String, value: Double) {
            self.title = title
            self.value = value
        }
    }

    /// One candidate of the question.
    package struct Answer: Sendable, Hashable {
        package var channel: Channel
        package var title: String
        package var refusal: Refusal?
        package var value: Double
        package var price: Double
        package var effect: EffectEstimate
        package var isPlanned: Bool

        package init(
            channel: Channel, title: String, refusal: Refusal? = nil, value: Double = 0, price: Double = 0,
            effect: EffectEstimate, isPlanned: Bool = false
        ) {
            self.channel = channel
            self.title = title
            self.refusal = refusal
            self.value = value
            self.price = price
            self.effect = effect
            self.isPlanned = isPlanned
        }

        /// One sentence; a refusal is absolute, anything else is a matter of value and price.
        func sentence(chosen: Rival?, currency: String) -> String {
            if isPlanned { return "This is planned." }
            if let refusal { return refusal.sentence }
            let net = value - price
            let worth = "Worth \(Format.money(value, currency)) to us"
            let cost = price > 0.005 ? ", and it would use limits priced at \(Format.money(price, currency))" : ""
            if value <= 0 {
                return "It would cost \(Format.money(-value, currency)) more than it brings: no touch is better."
            }
            if net <= 0 { return "\(worth)\(cost): no touch is better." }
            guard let chosen else {
                return "\(worth)\(cost). It is allowed; other HCPs gain more from the same limits."
            }
            let gap = chosen.value - net
            if gap > 0.005 {
                return "\(worth)\(cost). “\(chosen.title)” is ahead by \(Format.money(gap, currency))."
            }
            return "\(worth)\(cost). It is as good as “\(chosen.title)”, which the plan chose."
        }
    }
}
