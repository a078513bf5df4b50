public import EngagementModel
internal import Foundation

/// What a run did: the part that a person reads in ten seconds, and the figures behind it.
public struct RunSummary: Sendable, Codable {
    public var runID = ""
    public var asOf = Day(number: 0)
    /// True when the inputs have not changed since the published run, so that nothing was done.
    public var unchanged = false
    public var resumed = false
    public var rulesOnly = false
    public var steps: [StepTime] = []
    public var load = LoadFigures()
    public var people = PeopleFigures()
    public var reach: [ReachLine] = []
    public var plan = PlanFigures()
    public var insight = InsightFigures()
    public var calibration: [CalibrationLine] = []
    public var forecast: ForecastLine?
    public var diagnostics: [Diagnostic] = []

    /// Whether rows were set aside or a step could not be done in full (exit code 4).
    public var isPartial: Bool {
        load.rejected > 0 || diagnostics.contains { $0.severity == .error }
    }

    public struct StepTime: Sendable, Codable {
        public var name: String
        public var seconds: Double
    }

    public struct LoadFigures: Sendable, Codable {
        public var files = 0
        public var skipped = 0
        public var rows: Int64 = 0
        public var rejected: Int64 = 0
        public var duplicates: Int64 = 0
    }

    public struct PeopleFigures: Sendable, Codable {
        public var hcps = 0
        public var accounts = 0
        public var reps = 0
        public var merged = 0
        public var touches: Int64 = 0
    }

    public struct InsightFigures: Sendable, Codable {
        public var needs = 0
        public var segments = 0
        public var triggers = 0
        /// Triggers that are sure enough to be shown first.
        public var alarms = 0
        public var safetyReports = 0
        /// How long each part of the step took, its SQL stages among them.
        public var parts: [StepTime] = []
    }

    public struct ReachLine: Sendable, Codable {
        public var channel: String
        public var eligible: Int
        public var planned: Int
        /// The commonest refusal and how many HCPs it stops.
        public var mainRefusal: String?
        public var refused: Int
    }

    public struct PlanFigures: Sendable, Codable {
        public var touches = 0
        /// Touches that fell away, since the only content for them or the consent ends before their day.
        public var lapsed: Int?
        /// Touches that fell away, since a rule of `contact.yaml` lets only the worthier of two planned ones stand.
        public var crowded: Int?
        public var hcps = 0
        public var value = 0.0
        public var cost = 0.0
        /// Share of the upper bound that the plan may miss at the most.
        public var gap: Double?
        public var upperBound: Double?
        public var explorationCost: Double?
        public var sweeps = 0
        public var violations = 0
        public var changedShare: Double?
        /// The scarcest rep-day: what one more hour would be worth.
        public var hourPrice: Double?
        public var hourPriceRep: String?
    }

    public struct CalibrationLine: Sendable, Codable {
        public var channel: String
        public var touches: Int
        public var logLoss: Double
        public var baseLogLoss: Double
        public var auc: Double
        public var calibrationError: Double
    }

    public struct ForecastLine: Sendable, Codable {
        public var month: String
        public var deviance: Double
        public var baseDeviance: Double
        public var topDecileLift: Double
    }

    public init() {}

    /// The summary as text.
    public func rendered(currency: String) -> String {
        if unchanged {
            return "Nothing has changed since run \(runID) (as of \(asOf)); its plan stands. --force runs again.\n"
        }
        var lines: [String] = []
        lines.append("Run \(runID), as of \(asOf)\(rulesOnly ? ", rules only" : "")\(resumed ? ", resumed" : "")")
        var loaded = "  Loaded    \(grouped(load.rows)) rows from \(load.files) files"
        if load.skipped > 0 { loaded += ", \(load.skipped) files unchanged" }
        if load.rejected > 0 {
            loaded += "; \(grouped(load.rejected)) rows set aside (see history.reject and the data catalogue)"
        }
        lines.append(loaded)
        lines.append(
            "  People    \(grouped(Int64(people.hcps))) HCPs, \(grouped(Int64(people.accounts))) accounts, "
                + "\(people.reps) reps, \(grouped(people.touches)) interactions"
                + (people.merged > 0 ? "; \(people.merged) records merged" : ""))
        let calibration = calibration.filter { $0.baseLogLoss > 0 }
        if !calibration.isEmpty {
            let total = calibration.reduce(0) { $0 + $1.touches }
            func mean(_ path: KeyPath<CalibrationLine, Double>) -> Double {
                calibration.reduce(0) { $0 + $1[keyPath: path] * Double($1.touches) } / Double(max(1, total))
            }
            lines.append(
                "  Learned   log loss \(mean(\.logLoss).formatted3) (base rate \(mean(\.baseLogLoss).formatted3)), "
                    + "calibration error \(mean(\.calibrationError).formatted3) on the last \(grouped(Int64(total))) touches"
            )
        }
        if let forecast {
            lines.append(
                "  Forecast  \(forecast.month): deviance \(forecast.deviance.formatted3) against "
                    + "\(forecast.baseDeviance.formatted3) naive; top decile has \(forecast.topDecileLift.formatted3)× the average"
            )
        }
        if insight.triggers > 0 || insight.needs > 0 {
            var line =
                "  Insight   \(grouped(Int64(insight.needs))) needs, \(insight.segments) segments, "
                + "\(grouped(Int64(insight.triggers))) triggers (\(grouped(Int64(insight.alarms))) to act on)"
            if insight.safetyReports > 0 { line += "; \(insight.safetyReports) reports for safety" }
            lines.append(line)
        }
        if plan.touches > 0 || !reach.isEmpty {
            let line =
                "  Plan      \(grouped(Int64(plan.touches))) touches on \(grouped(Int64(plan.hcps))) HCPs, worth "
                + "\(grouped(Int64(plan.value.rounded()))) \(currency), cost \(grouped(Int64(plan.cost.rounded()))) \(currency)"
            lines.append(line)
            if let lapsed = plan.lapsed, lapsed > 0 {
                lines.append(
                    "            \(grouped(Int64(lapsed))) more fell away: consent or approval ends before, or no content "
                        + "is left")
            }
            if let crowded = plan.crowded, crowded > 0 {
                lines.append(
                    "            \(grouped(Int64(crowded))) more fell away: the contact policy has no room beside the others"
                )
            }
            if let gap = plan.gap, let bound = plan.upperBound, bound > 0 {
                func percent(_ share: Double) -> String { String(format: "%.2f", share * 100) }
                // The gap is that of the best plan found; what is published explores, which costs more.
                lines.append(
                    "            the best plan found is at most \(percent(gap))% below the optimum; exploring costs "
                        + "another \(percent(max(0, plan.explorationCost ?? 0) / bound))%")
            }
            if let share = plan.changedShare {
                lines.append(
                    "            \(String(format: "%.0f", share * 100))% of the touches planned yesterday changed")
            }
            if let price = plan.hourPrice, let rep = plan.hourPriceRep, price > 0 {
                lines.append("            one more hour pays most with rep \(rep): \(price.formatted3) \(currency)")
            }
        }
        if !reach.isEmpty {
            lines.append("")
            lines.append("  HCPs by     can reach   planned   mostly refused because")
            for line in reach {
                let why = line.mainRefusal.map { "\($0) (\(grouped(Int64(line.refused))))" } ?? "–"
                lines.append(
                    "  \(pad(line.channel, 10)) \(padLeft(grouped(Int64(line.eligible)), 10)) "
                        + "\(padLeft(grouped(Int64(line.planned)), 9))   \(why)")
            }
        }
        lines.append("")
        let seconds = steps.reduce(0) { $0 + $1.seconds }
        lines.append(
            "  \(String(format: "%.1f", seconds)) s: "
                + steps.map { "\($0.name) \(String(format: "%.1f", $0.seconds))" }.joined(separator: ", "))
        if plan.violations > 0 { lines.append("  VIOLATIONS: \(plan.violations) — please report this run") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func padLeft(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func grouped(_ value: Int64) -> String {
        var digits = Array(String(abs(value)))
        var index = digits.count - 3
        while index > 0 {
            digits.insert(",", at: index)
            index -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }
}
