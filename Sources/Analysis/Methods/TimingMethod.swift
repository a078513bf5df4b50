package import ArgumentParser
internal import EngagementModel
internal import Insight

/// `rapport analyze timing`: who will buy again, how much, and when.
package struct TimingMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "timing",
        abstract: "Fits buy-till-you-die models and forecasts purchases of each customer.",
        discussion: """
            Reads summaries (--frequency --recency --age), one row a customer, or an event log (--id --date), one row \
            a purchase; purchases of one customer on one day are one. Frequency counts the purchases after the first, \
            recency and age run from the first purchase to the last and to the end of observation. With \
            --calibration-end the model is fitted up to that day and judged on what came after. `auto` takes the \
            model with the least AIC. The next due date holds for a customer who is still active.
            """)

    /// Columns of a file of summaries.
    package struct SummaryColumns: ParsableArguments {
        @Option(help: "Column of the number of purchases after the first.")
        var frequency: String?
        @Option(help: "Column of the time from the first purchase to the last.")
        var recency: String?
        @Option(help: "Column of the time from the first purchase to the end of observation.")
        var age: String?
        @Option(name: [.customShort("n"), .customLong("n")], help: "Column of the number of opportunities (bgbb).")
        var n: String?
        @Option(help: "Column of the mean value of purchases after the first.")
        var monetary: String?
        @Option(help: "Column of the number of customers that a row stands for.")
        var weight: String?
        @Option(help: "Column of the summed logarithms of the times between purchases (mbgcnbd-k).")
        var logGaps: String?
        @Option(help: "Column of the customer.")
        var id: String?

        package init() {}
    }

    @Argument(help: "CSV or Parquet.", completion: .file())
    var file: String

    @Option(help: "bgnbd, mbgnbd, paretonbd, mbgcnbd-k, bgbb, gammagamma or auto.")
    var model = "auto"

    @OptionGroup var columns: SummaryColumns

    @Option(help: "Column of the day of a purchase: the file is an event log.")
    var date: String?

    @Option(help: "Column of the value of a purchase in an event log.")
    var value: String?

    @Option(help: ArgumentHelp("Last day of the calibration period.", valueName: "YYYY-MM-DD"))
    var calibrationEnd: String?

    @Option(help: "Unit of time of an event log: day or week.")
    var unit = EventHistories.Unit.day

    @Option(help: "Time ahead, in the unit. Default: the length of the holdout, else the longest age.")
    var horizon: Double?

    @Option(help: "Fixes k of mbgcnbd-k instead of searching it.")
    var regularity: Int?

    @Option(help: "Column of the segment: thin histories borrow from it where it differs from the market.")
    var segment: String?

    @Option(help: "Probability of the interval of the next due date.")
    var level = 0.8

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard model == "auto" || TimingModel(rawValue: model) != nil else {
            throw ValidationError("there is no model `\(model)`")
        }
        guard level > 0, level < 1 else { throw ValidationError("--level lies between 0 and 1") }
        if let horizon, !(horizon >= 0 && horizon.isFinite) { throw ValidationError("--horizon is not negative") }
        guard date == nil || columns.id != nil else { throw ValidationError("an event log needs --id") }
        guard date != nil || (value == nil && calibrationEnd == nil) else {
            throw ValidationError("--value and --calibration-end belong to an event log: give --date")
        }
    }

    package func run() async throws {
        let table = try await AnalysisTable.read(file)
        var input = try read(table)
        if let segment { try input.readSegments(table, segment, customer: date == nil ? nil : columns.id) }
        var document = AnalysisDocument(method: "timing", table: table, seed: options.seed)
        if model == TimingModel.gammagamma.rawValue { return try await spendAlone(table, input, document) }
        let fits = try fitted(table, input, &document)
        let fit = fits[0]
        describe(fit, into: &document)
        if fits.count > 1 {
            document.set(
                "candidates",
                .list(
                    fits.map { one in
                        .object([
                            ("model", .text(one.model.rawValue)), ("k", .integer(one.k)),
                            ("log_likelihood", .number(one.logLikelihood)), ("aic", .number(one.aic)),
                        ])
                    }))
        }
        let distinct = DistinctHistories(input.histories)
        let ages = input.histories.age.max() ?? 0
        let ahead = horizon ?? (input.holdoutLength > 0 ? input.holdoutLength : ages)
        let segmented = try segmentedModel(table, input, fit, &document)
        func forecast(_ horizon: Double) -> PurchaseOutlook {
            segmented?.outlook(input.histories, horizon: horizon, level: level)
                ?? PurchaseOutlook.make(fit, distinct, horizon: horizon, level: level)
        }
        let outlook = forecast(ahead)
        let spend = try spendModel(table, input, &document)
        let weights = input.histories.weight
        document.set("customers", .number(input.histories.customers))
        document.set("distinct_histories", .integer(distinct.count))
        document.set("horizon", .number(ahead))
        document.set(
            "expected_total",
            .number(
                outlook.expected.indices.reduce(0) { $0 + outlook.expected[$1] * (weights.isEmpty ? 1 : weights[$1]) }))
        let held = input.holdout.isEmpty || ahead == input.holdoutLength ? outlook : forecast(input.holdoutLength)
        document.set("holdout", holdout(input, held))
        if date == nil, let id = columns.id, let warning = try table.doubt(aboutKeys: id) { document.warn(warning) }
        let sizes = [
            (columns.age ?? columns.n, input.histories.age), (columns.monetary ?? value, input.histories.monetary),
        ]
        for case let (name?, values) in sizes where date == nil || name == value {
            if let warning = AnalysisTable.doubt(aboutSizes: name, values) { document.warn(warning) }
        }
        if input.latecomers > 0 {
            document.warn("\(input.latecomers) customers first bought after the calibration period and are left out")
        }
        try await report(document, table: options.out == nil ? nil : rows(input, outlook, spend), options)
    }

    private func read(_ table: AnalysisTable) throws -> TimingInput {
        guard let date, let id = columns.id else { return try TimingInput.summaries(table, columns) }
        var last: Day?
        if let calibrationEnd {
            guard let day = Day(calibrationEnd) else {
                throw Diagnostic("bad_date", "--calibration-end is no day of the calendar", remedy: "write YYYY-MM-DD")
            }
            last = day
        }
        return try TimingInput.events(table, id: id, date: date, value: value, calibrationEnd: last, unit: unit)
    }

    /// The model asked for, or all that compare, the best first.
    private func fitted(
        _ table: AnalysisTable, _ input: TimingInput, _ document: inout AnalysisDocument
    ) throws -> [TimingFit] {
        try table.placing {
            let fits =
                try TimingModel(rawValue: model).map {
                    [try TimingFit.fit($0, input.histories, regularity: regularity)]
                } ?? TimingFit.fitAll(input.histories)
            for warning in fits[0].warnings { document.warn(warning) }
            return fits
        }
    }

    private func describe(_ fit: TimingFit, into document: inout AnalysisDocument) {
        let names = fit.model.parameterNames
        document.set("model", .text(fit.model.rawValue))
        document.set("parameters", .object(zip(names, fit.parameters).map { ($0, .number($1)) }))
        document.set("standard_errors", .object(zip(names, fit.standardErrors).map { ($0, .optional($1)) }))
        document.set("log_likelihood", .number(fit.logLikelihood))
        document.set("aic", .number(fit.aic))
        document.set("k", .integer(fit.k))
        document.set("evaluations", .integer(fit.evaluations))
    }

    private func spendModel(
        _ table: AnalysisTable, _ input: TimingInput, _ document: inout AnalysisDocument
    ) throws -> TimingFit? {
        guard !input.histories.monetary.isEmpty else { return nil }
        let spend = try table.placing { try TimingFit.fit(.gammagamma, input.histories) }
        for warning in spend.warnings { document.warn(warning) }
        let names = spend.model.parameterNames
        document.set(
            "monetary",
            .object([
                ("parameters", .object(zip(names, spend.parameters).map { ($0, .number($1)) })),
                ("standard_errors", .object(zip(names, spend.standardErrors).map { ($0, .optional($1)) })),
                ("log_likelihood", .number(spend.logLikelihood)),
            ]))
        return spend
    }

    /// Own parameters of the segments that bear them.
    private func segmentedModel(
        _ table: AnalysisTable, _ input: TimingInput, _ fit: TimingFit, _ document: inout AnalysisDocument
    ) throws -> SegmentedTiming? {
        guard !input.segmentNames.isEmpty else { return nil }
        let model = try table.placing {
            try SegmentedTiming(
                fit, input.histories, segmentOf: input.segmentOf, segmentCount: input.segmentNames.count)
        }
        document.set(
            "segments",
            .list(
                zip(input.segmentNames, model.segments).map { name, own in
                    .object([
                        ("segment", .text(name)), ("own_parameters", .flag(own != nil)),
                        (
                            "parameters",
                            .object(zip(fit.model.parameterNames, (own ?? fit).parameters).map { ($0, .number($1)) })
                        ),
                    ])
                }))
        return model
    }

    private func holdout(_ input: TimingInput, _ outlook: PurchaseOutlook) -> AnalysisValue {
        guard !input.holdout.isEmpty else { return .missing }
        let found = HoldoutReport(
            input.histories, actual: input.holdout, expected: outlook.expected, length: input.holdoutLength)
        return .object([
            ("customers", .integer(found.customers)), ("length", .number(found.length)),
            ("actual_total", .number(found.actualTotal)), ("expected_total", .number(found.expectedTotal)),
            ("mean_absolute_error", .number(found.meanAbsoluteError)),
            ("root_mean_square_error", .number(found.rootMeanSquareError)),
            ("mean_absolute_error_of_past_rate", .number(found.rateMeanAbsoluteError)),
            ("correlation", .optional(found.correlation)),
            (
                "by_frequency",
                .list(
                    found.byFrequency.map { bin in
                        .object([
                            ("frequency", .integer(bin.frequency)), ("customers", .integer(bin.customers)),
                            ("actual", .number(bin.actual)), ("expected", .number(bin.expected)),
                        ])
                    })
            ),
        ])
    }

    private func rows(_ input: TimingInput, _ outlook: PurchaseOutlook, _ spend: TimingFit?) -> AnalysisColumns {
        var rows = AnalysisColumns()
        addIdentifiers(input, to: &rows)
        rows.add("p_alive", outlook.pAlive)
        rows.add("expected_purchases", outlook.expected)
        if let spend {
            let histories = input.histories
            let value: [Double?] = outlook.expected.indices.map { row in
                spend.expectedSpend(purchases: histories.frequency[row], mean: histories.monetary[row])
                    .map { $0 * outlook.expected[row] }
            }
            rows.add("expected_value", value)
        } else {
            rows.add("expected_value", [Double?](repeating: nil, count: outlook.expected.count))
        }
        input.moments(outlook.due).add(to: &rows, "next_due")
        input.moments(outlook.dueLow).add(to: &rows, "next_due_low")
        input.moments(outlook.dueHigh).add(to: &rows, "next_due_high")
        return rows
    }

    private func addIdentifiers(_ input: TimingInput, to rows: inout AnalysisColumns) {
        if input.identifiers.isEmpty {
            rows.add("id", Array(1...max(input.histories.count, 1)))
        } else {
            rows.add("id", input.identifiers)
        }
    }

    private func spendAlone(
        _ table: AnalysisTable, _ input: TimingInput, _ start: AnalysisDocument
    ) async throws {
        var document = start
        let fit = try table.placing { try TimingFit.fit(.gammagamma, input.histories) }
        for warning in fit.warnings { document.warn(warning) }
        describe(fit, into: &document)
        document.set("customers", .number(input.histories.customers))
        document.set("expected_total", .missing)
        document.set("holdout", .missing)
        var rows = AnalysisColumns()
        addIdentifiers(input, to: &rows)
        rows.add(
            "expected_value",
            (0..<input.histories.count).map {
                fit.expectedSpend(purchases: input.histories.frequency[$0], mean: input.histories.monetary[$0])
            })
        try await report(document, table: rows, options)
    }
}

extension EventHistories.Unit: ExpressibleByArgument {}
