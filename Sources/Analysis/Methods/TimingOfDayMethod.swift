package import ArgumentParser
internal import EngagementModel
internal import Insight

/// `rapport analyze timing-of-day`: when to write to whom.
package struct TimingOfDayMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "timing-of-day",
        abstract: "Scores the 168 hours of the week for each HCP.",
        discussion: """
            One row a message. The score is the chance that a message sent in that hour is opened, shrunk to the \
            HCP's segment and to the market and corrected for when messages were sent and to whom; an hour that was \
            never tried keeps the wide interval of the unknown. Hour 0 is Monday from midnight to one, local time. \
            Leave out machine opens before.
            """)

    @Argument(help: "CSV or Parquet.", completion: .file())
    var file: String

    @Option(help: "Column of the HCP.")
    var id: String

    @Option(help: "Column of the moment of sending.")
    var sent: String

    @Option(help: "Column of the opening: 0/1, or the moment, empty when the message was not opened.")
    var opened: String

    @Option(help: "Column of the time zone: Europe/Paris or +02:00. Default: UTC.")
    var timezone: String?

    @Option(help: "Column of the HCP's segment or specialty.")
    var segment: String?

    @Option(help: "Probability of the interval.")
    var level = 0.9

    @Option(help: "Write only the best hours of each HCP. Default: all 168.")
    var top: Int?

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard level > 0, level < 1 else { throw ValidationError("--level lies between 0 and 1") }
        if let top, top < 1 || top > 168 { throw ValidationError("--top lies between 1 and 168") }
    }

    package func run() async throws {
        // Only these columns of a Parquet file are read.
        let table = try await AnalysisTable.read(file, only: [id, sent, opened, timezone, segment].compactMap { $0 })
        let (hcps, names) = try table.codes(id)
        let moments = try table.timestamps(sent)
        let openings = try readOpenings(table)
        let (zones, clock) = try readZones(table, moments)
        let (segments, segmentNames) = try readSegments(table, hcps, names.count)
        let (counts, model) = try table.placing {
            var counts = HourCounts(hcpCount: names.count)
            try counts.add(hcps: hcps, sent: moments, opened: openings, zones: zones, clock: clock)
            return (
                counts,
                try HourModel(counts, segmentOf: segments, segmentCount: max(segmentNames.count, 1))
            )
        }
        var document = AnalysisDocument(method: "timing-of-day", table: table, seed: options.seed)
        document.set("hcps", .integer(names.count))
        document.set("sends", .integer(counts.sends))
        document.set("opens", .integer(counts.opens))
        document.set("concentration", .number(model.concentration))
        document.set("level_deviation", .number(model.levelDeviation))
        document.set("segment_deviation", segmentNames.count > 1 ? .number(model.segmentDeviation) : .missing)
        document.set("hours_tried", .integer((0..<168).count { hour in counts.wasTried(hour: hour) }))
        document.set("segments", .list(segmentSummaries(model, segmentNames)))
        if !model.concentrationKnown {
            document.warn("too few HCPs were written to twice in one hour: how much they differ by the hour is assumed")
        }
        if counts.opens == 0 || counts.opens == counts.sends {
            document.warn("all messages or none were opened: hours cannot be told apart")
        }
        try await report(document, table: options.out == nil ? nil : rows(names, counts, model), options)
    }

    private func readOpenings(_ table: AnalysisTable) throws -> [Bool] {
        do { return try table.flags(opened) } catch let fault as Diagnostic {
            // An empty cell or a moment: then every cell is one or the other.
            guard fault.code != "missing_column" else { throw fault }
            let texts = try table.texts(opened)
            if let first = texts.first(where: { !$0.isEmpty }), Day(first.prefix(10)) == nil {
                var flags = fault
                flags.remedy = "write 0 or 1, or the moment of opening and nothing where there was none"
                throw flags
            }
            guard texts.contains(where: { !$0.isEmpty }) else { return texts.map { _ in false } }
            for (row, text) in texts.enumerated() where !text.isEmpty {
                guard Day(text.prefix(10)) != nil else {
                    throw table.fault(
                        "bad_date", "`\(opened)` is neither 0/1 nor a moment", row: row, column: opened,
                        remedy: "write 0 or 1, or the moment of opening and nothing where there was none")
                }
            }
            return texts.map { !$0.isEmpty }
        }
    }

    private func readZones(_ table: AnalysisTable, _ moments: [Int64]) throws -> ([Int32], ZoneClock) {
        guard let timezone else { return ([], ZoneClock()) }
        let (codes, names) = try table.codes(timezone)
        // A missing zone is UTC, by a name of its own.
        let zones = codes.contains(-1) ? codes.map { $0 < 0 ? Int32(names.count) : $0 } : codes
        let low = moments.min() ?? 0
        do {
            return (zones, try ZoneClock(names: names + [""], span: low...max(moments.max() ?? low, low)))
        } catch let problem as HistoryProblem {
            let row = problem.row.flatMap { place in codes.firstIndex(of: Int32(place)) } ?? 0
            throw table.fault(problem.code, problem.message, row: row, column: timezone, remedy: problem.remedy)
        }
    }

    /// The segment of each HCP: the first one named.
    private func readSegments(
        _ table: AnalysisTable, _ hcps: [Int32], _ count: Int
    ) throws -> (of: [Int32], names: [String]) {
        guard let segment else { return ([], []) }
        let (codes, names) = try table.codes(segment)
        var of = [Int32](repeating: -1, count: count)
        for row in hcps.indices where hcps[row] >= 0 && of[Int(hcps[row])] < 0 { of[Int(hcps[row])] = codes[row] }
        guard of.contains(-1) else { return (of, names) }
        return (of.map { $0 < 0 ? Int32(names.count) : $0 }, names + [""])
    }

    /// The best hours of each segment.
    private func segmentSummaries(_ model: HourModel, _ names: [String]) -> [AnalysisValue] {
        (0..<model.segmentCount).map { segment in
            let chances = (0..<168).map { model.chance(segment: segment, hour: $0) }
            let best = (0..<168).sorted { (chances[$1], $0) < (chances[$0], $1) }.prefix(5)
            return .object([
                ("segment", names.isEmpty ? .missing : .text(names[segment])),
                (
                    "best_hours",
                    .list(
                        best.map { hour in
                            .object([("hour_of_week", .integer(hour)), ("score", .number(chances[hour]))])
                        })
                ),
            ])
        }
    }

    private func rows(_ names: [String], _ counts: HourCounts, _ model: HourModel) -> AnalysisColumns {
        let quantiles = BetaQuantileTable(level: level)
        let kept = top ?? 168
        var (ids, hours, sends) = ([String](), [Int](), [Int]())
        var (score, low, high) = ([Double](), [Double](), [Double]())
        for start in stride(from: 0, to: names.count, by: 65_536) {
            let range = start..<min(start + 65_536, names.count)
            let scores = HourScores.make(model, counts, hcps: range, quantiles: quantiles)
            for hcp in range {
                let base = (hcp - start) * 168
                var order = Array(0..<168)
                if kept < 168 {
                    order.sort { (scores.score[base + $1], $0) < (scores.score[base + $0], $1) }
                }
                for hour in order.prefix(kept) {
                    ids.append(names[hcp])
                    hours.append(hour)
                    sends.append(counts.cell(hcp, hour).sends)
                    score.append(Double(scores.score[base + hour]))
                    low.append(Double(scores.low[base + hour]))
                    high.append(Double(scores.high[base + hour]))
                }
            }
        }
        var rows = AnalysisColumns()
        rows.add("id", ids)
        rows.add("hour_of_week", hours)
        rows.add("score", score)
        rows.add("low", low)
        rows.add("high", high)
        rows.add("sends", sends)
        return rows
    }
}
