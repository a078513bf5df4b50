internal import Decisioning
internal import Foundation

/// What a strategy or a model would have earned on the ledger's logged decisions.
public struct PolicyEvaluationReport: Sendable, Codable {
    /// The file or the model that was judged.
    public var policy: String
    public var reward: PolicyReward
    public var runs: Int
    public var firstDay: String
    public var lastDay: String
    /// Logged decisions: HCP × day.
    public var decisions: Int
    public var hcps: Int
    /// Logged touches, and those that took place.
    public var touches: Int
    public var executed: Int
    /// Mean reward of the log itself.
    public var logged: Double
    public var effectiveSampleSize: Double
    public var maxWeight: Double
    public var meanWeight: Double
    public var unsupportedShare: Double
    public var estimates: [Estimate]
    /// Why the log says too little; then there are no estimates.
    public var refusal: String?
    public var level: Double

    public struct Estimate: Sendable, Codable {
        public var estimator: String
        /// Per HCP and day.
        public var value: Double
        public var low: Double
        public var high: Double
        public var standardError: Double
        public var lambda: Double?
        /// Against the strategy and model that the runs planned with, estimated on the same decisions.
        public var lead: Double
        public var leadLow: Double
        public var leadHigh: Double
    }

    /// The doubly robust estimate, by which a release is judged.
    public var decisive: Estimate? { estimates.first { $0.estimator == PolicyEstimator.dr.rawValue } }

    public func rendered() -> String {
        var text =
            "\(policy) on \(decisions) logged decisions of \(hcps) HCPs, \(firstDay) to \(lastDay), \(runs) runs\n"
        text += "\(touches) planned touches, \(executed) took place; reward \(reward.rawValue), "
        text += "per HCP and day; as logged \(logged.formatted3)\n"
        text += "effective sample size \(effectiveSampleSize.formatted3), largest weight \(maxWeight.formatted3), "
        text += "mean weight \(meanWeight.formatted3), outside of the log \((unsupportedShare * 100).formatted3)%\n"
        if let refusal { return text + "Refused: \(refusal).\n" }
        func cell(_ value: Double) -> String {
            let shown = value.formatted5
            return String(repeating: " ", count: max(1, 11 - shown.count)) + shown
        }
        text += "\n" + "estimator".padding(to: 10)
        for name in ["value", "low", "high", "lead", "low", "high"] {
            text += String(repeating: " ", count: 11 - name.count) + name
        }
        text += "\n"
        for line in estimates {
            text += line.estimator.padding(to: 10)
            for value in [line.value, line.low, line.high, line.lead, line.leadLow, line.leadHigh] {
                text += cell(value)
            }
            text += "\n"
        }
        return text + "\nlead: against what the runs planned with, on the same decisions; intervals at "
            + "\(Int((level * 100).rounded()))%, by HCP\n"
    }
}

extension Double {
    /// About five significant digits.
    var formatted5: String {
        guard isFinite else { return "–" }
        let size = abs(self)
        let places = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 5
        return String(format: "%.\(places)f", self)
    }
}
