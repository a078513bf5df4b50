internal import EngagementModel
internal import Warehouse

/// Earlier predictions of a month beside what happened.
public struct ForecastReport: Sendable, Codable {
    public var months: [Line]
    public var note =
        "Calls were not assigned at random: HCPs with more volume were called more. The figures judge predictions; they do not show that calls caused the volume. Effects are estimated from changes within each HCP, and the standing random arm is what measures them without bias."

    public struct Line: Sendable, Codable {
        public var month: String
        public var asOf: String
        public var product: String
        public var measure: String
        public var hcps: Int
        public var observed: Double
        public var predicted: Double
        /// Mean Poisson deviance: of the model, of the last month, of the mean of three months, of the mean of all.
        public var deviance: Double
        public var devianceLastMonth: Double
        public var devianceThreeMonths: Double
        public var devianceAllMonths: Double
        public var calibrationSlope: Double
        public var topDecileLift: Double
        /// HCPs that the plan called, and their outcome.
        public var called: Int
        public var calledObserved: Double
        public var calledPredicted: Double
    }

    public func rendered() -> String {
        guard !months.isEmpty else {
            return "No forecast has come due yet: run again when the next month's volumes are known.\n"
        }
        var text = "Predictions against what happened (deviance: lower is better)\n\n"
        text +=
            "month    product       observed  predicted  deviance  last month  3 months  all   slope  top 10%  called: seen / expected\n"
        for line in months {
            func right(_ value: String, _ width: Int) -> String {
                String(repeating: " ", count: max(0, width - value.count)) + value
            }
            text += line.month + "  " + line.product + " " + line.measure.prefix(10)
            text += right(
                "\(Int(line.observed.rounded()))", max(2, 22 - line.product.count - min(10, line.measure.count)))
            text += right("\(Int(line.predicted.rounded()))", 11) + right(line.deviance.formatted3, 10)
            text += right(line.devianceLastMonth.formatted3, 12) + right(line.devianceThreeMonths.formatted3, 10)
            text += right(line.devianceAllMonths.formatted3, 7) + right(line.calibrationSlope.formatted3, 7)
            text += right(line.topDecileLift.formatted3, 8) + "×"
            text += right(
                "\(line.called): \(Int(line.calledObserved.rounded())) / \(Int(line.calledPredicted.rounded()))", 22)
            text += "\n"
        }
        func mean(_ path: KeyPath<Line, Double>) -> String {
            (months.reduce(0) { $0 + $1[keyPath: path] } / Double(months.count)).formatted3
        }
        text += "\nmean of \(months.count): deviance \(mean(\.deviance)), last month \(mean(\.devianceLastMonth)), "
        text += "three months \(mean(\.devianceThreeMonths)), all months \(mean(\.devianceAllMonths)); "
        text += "calibration slope \(mean(\.calibrationSlope)); top-decile lift \(mean(\.topDecileLift))\n\n\(note)\n"
        return text
    }
}

extension DecisionBook {
    /// All judged forecasts, the oldest first.
    public func forecastReport() async throws -> ForecastReport {
        let table = try await snapshot().query(
            """
            SELECT strftime(month, '%Y-%m') AS month, CAST(as_of AS VARCHAR) AS as_of, product_id, measure, hcps, observed, predicted, deviance,
              deviance_last_month, deviance_three_months, deviance_all_months, calibration_slope, top_decile_lift, called,
              coalesce(called_observed, 0) AS called_observed, coalesce(called_predicted, 0) AS called_predicted
            FROM report.forecast ORDER BY month, product_id, measure
            """)
        let month = try table.texts("month")
        let asOf = try table.texts("as_of")
        let product = try table.texts("product_id")
        let measure = try table.texts("measure")
        let hcps = try table.int64s("hcps")
        let called = try table.int64s("called")
        func column(_ name: String) throws -> [Double] { try table.doubles(name) }
        let observed = try column("observed")
        let predicted = try column("predicted")
        let deviance = try column("deviance")
        let last = try column("deviance_last_month")
        let three = try column("deviance_three_months")
        let all = try column("deviance_all_months")
        let slope = try column("calibration_slope")
        let lift = try column("top_decile_lift")
        let calledObserved = try column("called_observed")
        let calledPredicted = try column("called_predicted")
        return ForecastReport(
            months: month.indices.map { i in
                ForecastReport.Line(
                    month: month[i], asOf: asOf[i], product: product[i], measure: measure[i], hcps: Int(hcps[i]),
                    observed: observed[i], predicted: predicted[i], deviance: deviance[i], devianceLastMonth: last[i],
                    devianceThreeMonths: three[i], devianceAllMonths: all[i], calibrationSlope: slope[i],
                    topDecileLift: lift[i], called: Int(called[i]), calledObserved: calledObserved[i],
                    calledPredicted: calledPredicted[i])
            })
    }
}
