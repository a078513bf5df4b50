package import ArgumentParser
internal import EngagementModel
internal import Insight

/// `rapport analyze changepoint`: accounts whose prescribing or ordering changed.
package struct ChangepointMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "changepoint",
        abstract: "Finds the last change of level in each series of values.",
        discussion: """
            One row an account and period. Bayesian online change detection: between changes the level is constant; \
            counts are Poisson, widened by their dispersion, other values Gaussian. `probability` is the chance that \
            the level changed at all within the series, `probability_recent` within the last periods (--within).
            """)

    @Argument(help: "CSV or Parquet.", completion: .file())
    var file: String

    @Option(help: "Column of the account or HCP.")
    var id: String

    @Option(help: "Column of the period: a day or a whole number.")
    var period: String

    @Option(help: "Column of the value.")
    var value: String

    @Option(help: "auto, counts or gaussian.")
    var family = ChangePrior.Family.auto

    @Option(help: "Mean number of periods between changes.")
    var expectedRun = 48.0

    @Option(help: "Number of last periods that count as recent.")
    var within = 3

    @Option(help: "Share of series to raise an alarm for, the most probable recent changes first.")
    var alarmRate: Double?

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard expectedRun > 1, expectedRun.isFinite else { throw ValidationError("--expected-run is above 1") }
        guard within >= 1 else { throw ValidationError("--within is at least 1") }
        if let alarmRate, !(alarmRate > 0 && alarmRate <= 1) { throw ValidationError("--alarm-rate lies in (0, 1]") }
    }

    package func run() async throws {
        let table = try await AnalysisTable.read(file)
        let (codes, names) = try table.codes(id)
        let (periods, dated) = try table.periods(period)
        let values = try table.doubles(value)
        let (series, prior) = try table.placing {
            let series = try SeriesTable(series: codes, seriesCount: names.count, periods: periods, values: values)
            return (series, try ChangePrior.estimate(series, family: family))
        }
        let changes = ChangeDetector(prior: prior, expectedRun: expectedRun).lastChanges(series, within: within)
        var document = AnalysisDocument(method: "changepoint", table: table, seed: options.seed)
        document.set("series", .integer(changes.count))
        document.set("changed", .integer(changes.count { $0.probability > 0.5 }))
        document.set("changed_recently", .integer(changes.count { $0.recent > 0.5 }))
        document.set("prior", described(prior))
        document.set("expected_run", .number(expectedRun))
        if let warning = AnalysisTable.doubt(aboutSizes: value, values) { document.warn(warning) }
        let alone = changes.count { $0.place == nil }
        if alone > 0 { document.warn("\(alone) series have one period only: no change can be seen in them") }
        let order = changes.indices.sorted { (changes[$1].recent, $0) < (changes[$0].recent, $1) }
        var alarm = [Bool](repeating: false, count: changes.count)
        if let alarmRate {
            let alarms = Int((Double(changes.count) * alarmRate).rounded(.down))
            for place in order.prefix(alarms) { alarm[place] = true }
            document.set("alarms", .integer(alarms))
            document.set("alarm_threshold", alarms > 0 ? .number(changes[order[alarms - 1]].recent) : .missing)
        }
        guard options.out != nil else { return try await report(document, table: nil, options) }
        var rows = AnalysisColumns()
        rows.add("id", names)
        let at = changes.indices.map { one in changes[one].place.map { series.periods[series.start[one] + $0] } }
        rows.add(
            "changed_at", at.map { moment in moment.map { dated ? Day(number: Int32($0)).description : "\($0)" } ?? "" }
        )
        rows.add("probability", changes.map(\.probability))
        rows.add("before", changes.map(\.before))
        rows.add("after", changes.map(\.after))
        rows.add("probability_recent", changes.map(\.recent))
        if alarmRate != nil { rows.add("alarm", alarm) }
        try await report(document, table: rows, options)
    }

    private func described(_ prior: ChangePrior) -> AnalysisValue {
        switch prior {
        case .counts(let shape, let rate, let dispersion):
            .object([
                ("family", .text("counts")), ("shape", .number(shape)), ("rate", .number(rate)),
                ("dispersion", .number(dispersion)),
            ])
        case .gaussian(let mean, let strength, let shape, let scale):
            .object([
                ("family", .text("gaussian")), ("mean", .number(mean)), ("strength", .number(strength)),
                ("shape", .number(shape)), ("scale", .number(scale)),
            ])
        }
    }
}

extension ChangePrior.Family: ExpressibleByArgument {}
