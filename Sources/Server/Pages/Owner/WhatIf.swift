package import EngagementModel

/// A change to the strategy that an owner wants to see before anybody decides on it.
package struct WhatIfChange: Sendable, Hashable {
    /// Lever by name of the objective; replaces the strategy's.
    package var levers: [String: Double] = [:]
    /// Maximum by name of the cap.
    package var capMax: [String: Int] = [:]
    /// Currency per touch.
    package var channelCost: [Channel: Double] = [:]
    /// Minutes per touch.
    package var channelMinutes: [Channel: Double] = [:]

    package init() {}

    package var isEmpty: Bool {
        levers.isEmpty && capMax.isEmpty && channelCost.isEmpty && channelMinutes.isEmpty
    }

    /// The strategy with the change made.
    package func applied(to strategy: Strategy) -> Strategy {
        var result = strategy
        for index in result.objectives.indices {
            if let lever = levers[result.objectives[index].name] { result.objectives[index].lever = lever }
        }
        for index in result.caps.indices {
            if let max = capMax[result.caps[index].name] { result.caps[index].max = max }
        }
        for (channel, cost) in channelCost { result.channels[channel]?.cost = cost }
        for (channel, minutes) in channelMinutes { result.channels[channel]?.minutes = minutes }
        return result
    }
}

/// One plan in the figures that the comparison shows.
package struct WhatIfPlan: Sendable, Hashable {
    package var touches: [Channel: Int]
    package var value: Double
    package var cost: Double
    package var hcps: Int
    /// Candidates or HCPs refused, by reason.
    package var refusals: [Refusal: Int]

    package init(
        touches: [Channel: Int] = [:], value: Double = 0, cost: Double = 0, hcps: Int = 0,
        refusals: [Refusal: Int] = [:]
    ) {
        self.touches = touches
        self.value = value
        self.cost = cost
        self.hcps = hcps
        self.refusals = refusals
    }
}

package struct WhatIfResult: Sendable, Hashable {
    package var before: WhatIfPlan
    package var after: WhatIfPlan
    package var seconds: Double

    package init(before: WhatIfPlan, after: WhatIfPlan, seconds: Double = 0) {
        self.before = before
        self.after = after
        self.seconds = seconds
    }
}

/// Recomputes the plan with a changed strategy; nothing is stored.
package typealias WhatIf = @Sendable (WhatIfChange) async throws -> WhatIfResult

/// The form: what may be changed, what was typed, what came out.
package struct WhatIfForm: Sendable {
    package var strategy: Strategy
    package var change = WhatIfChange()
    package var problems: [String] = []
    package var result: WhatIfResult?
    package var currency = "EUR"

    package init(strategy: Strategy) { self.strategy = strategy }

    /// Bounds of what may be typed; a lever is a bounded multiplier.
    static let leverRange = 0.0...5.0
    static let capRange = 0...100
    static let costRange = 0.0...100_000.0
    static let minutesRange = 0.0...480.0

    /// Reads a query. A field that equals the strategy is no change; one that cannot be read is a problem that the
    /// page names.
    package mutating func read(_ fields: FormFields) {
        for (index, objective) in strategy.objectives.enumerated() {
            if let value = number(fields, "lever\(index)", "Lever of \(objective.name)", Self.leverRange),
                value != objective.lever
            {
                change.levers[objective.name] = value
            }
        }
        for (index, cap) in strategy.caps.enumerated() {
            let range = Double(Self.capRange.lowerBound)...Double(Self.capRange.upperBound)
            guard let value = number(fields, "cap\(index)", "Maximum of \(cap.name)", range) else { continue }
            guard value == value.rounded() else {
                problems.append("Maximum of \(cap.name): a whole number is needed.")
                continue
            }
            if Int(value) != cap.max { change.capMax[cap.name] = Int(value) }
        }
        for (channel, terms) in sortedChannels {
            if let cost = number(fields, "cost_\(channel.rawValue)", "Cost of \(channel.title)", Self.costRange),
                cost != terms.cost
            {
                change.channelCost[channel] = cost
            }
            if let minutes = number(
                fields, "minutes_\(channel.rawValue)", "Minutes of \(channel.title)", Self.minutesRange),
                minutes != terms.minutes
            {
                change.channelMinutes[channel] = minutes
            }
        }
    }

    var sortedChannels: [(channel: Channel, terms: Strategy.ChannelTerms)] {
        Channel.allCases.compactMap { channel in strategy.channels[channel].map { (channel, $0) } }
    }

    private mutating func number(
        _ fields: FormFields, _ field: String, _ title: String, _ range: ClosedRange<Double>
    ) -> Double? {
        guard let text = fields[field] else { return nil }
        guard let value = Double(text.replacing(",", with: ".")), value.isFinite, range.contains(value) else {
            problems.append(
                "\(title): a number from \(Format.measure(range.lowerBound)) to \(Format.measure(range.upperBound)) is needed."
            )
            return nil
        }
        return value
    }
}
