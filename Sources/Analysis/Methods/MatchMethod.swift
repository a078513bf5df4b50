package import ArgumentParser
internal import EngagementModel
internal import Insight

/// `rapport analyze match`: which rows are the same person.
package struct MatchMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "match",
        abstract: "Links records of the same person, in one file or between two, without labels.",
        discussion: """
            Fellegi–Sunter with parameters learnt by EM. How a column is compared is found from its name and contents, \
            or given with --compare COLUMN:KIND (name, text, address, date, postcode, phone, email, category, \
            identifier, geo, number). --out holds every pair at or above the threshold, --clusters the cluster of \
            each record, --review the unclear pairs, the most useful to settle first.
            """)

    @Argument(help: "CSV or Parquet.", completion: .file())
    var file: String

    @Argument(help: "A second file: pairs across the two files only.", completion: .file())
    var secondFile: String?

    @Option(help: "Column of the record's key.")
    var id: String

    @Option(help: "Column of the key in the second file; by default the same.")
    var id2: String?

    @Option(help: "A column of the second file and the one of the first it stands for: COLUMN2=COLUMN.")
    var map: [String] = []

    @Option(help: "A column to leave out.")
    var ignore: [String] = []

    @Option(help: "A column to compare as a kind: COLUMN:KIND. Others are found.")
    var compare: [String] = []

    @Option(help: "Column with the true cluster: precision, recall and F1 are reported; not compared.")
    var truth: String?

    @Option(help: "Labelled pairs: two columns of keys and a score.", completion: .file())
    var labels: String?

    @Option(help: "Pairs at least this probable are matches.")
    var threshold = 0.5

    @Option(help: "Of two files: many-to-many, one-to-many or one-to-one.")
    var cardinality = Cardinality.manyToMany

    @Option(help: "Candidate pairs per record, on average, at most.")
    var pairsPerRecord = 30.0

    @Option(help: "Column with the cluster of an earlier run, empty for new records: identifiers are kept.")
    var known: String?

    @Option(help: "Settled pairs: two columns of keys and 1 (same) or 0 (different).", completion: .file())
    var answers: String?

    @Option(help: "Write each record's cluster.", completion: .file())
    var clusters: String?

    @Option(help: "Write the unclear pairs, the most useful to settle first.", completion: .file())
    var review: String?

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard threshold > 0, threshold < 1 else { throw ValidationError("--threshold lies between 0 and 1") }
        guard pairsPerRecord > 0, pairsPerRecord.isFinite else {
            throw ValidationError("--pairs-per-record is a positive number")
        }
        if cardinality != .manyToMany, secondFile == nil { throw ValidationError("--cardinality is for two files") }
    }

    package func run() async throws {
        let input = try await MatchInput(self)
        var settings = IdentityOptions()
        settings.threshold = threshold
        settings.seed = options.seed
        settings.cardinality = cardinality
        settings.pairsPerRow = pairsPerRecord
        if let answers { settings.answers = try await input.answers(answers) }
        settings.answers.same += StableIdentifiers.ties(known: input.known)
        let result: IdentityResult
        do {
            result = try IdentityResolution.resolve(input.columns, leftCount: input.leftCount, options: settings)
        } catch var fault as Diagnostic {
            fault.file = fault.file ?? file
            throw fault
        }
        let stable = StableIdentifiers(clusters: result.clusters, known: input.known, names: input.clusterNames)

        var document = AnalysisDocument(
            method: "match", rows: input.rowCount, seed: options.seed, started: input.table.started)
        document.set("records", .integer(input.rowCount))
        document.set("candidate_pairs", .integer(Int(result.candidatePairs)))
        document.set("pairs", .integer(result.matches.count))
        document.set("clusters", .integer(result.clusterCount))
        document.set("threshold", .number(threshold))
        if let truth = input.truth {
            let quality = PairQuality.clusters(result.clusters, truth: truth, result.space)
            for (key, value) in quality.entries { document.set(key, value) }
            document.set("true_pairs", .integer(Int(quality.real)))
            document.set(
                "pairwise", .object(PairQuality.pairs(result.matches, truth: truth, result.space).entries))
        } else if let labels {
            let quality = PairQuality.labels(try await input.labels(labels), clusters: result.clusters)
            for (key, value) in quality.entries { document.set(key, value) }
        }
        document.set("parameters", parameters(result))
        if !input.known.isEmpty {
            document.set("new_clusters", .integer(stable.fresh))
            document.set(
                "merged",
                .list(stable.merged.map { .object([("kept", .text($0.kept)), ("absorbed", .text($0.absorbed))]) }))
        }
        for warning in input.warnings + result.warnings { document.warn(warning) }
        if let clusters { try await input.table(of: stable.identifiers).write(to: clusters) }
        if let review { try await questions(result, settings.answers, input).write(to: review) }
        try await report(document, table: options.out == nil ? nil : pairs(result, input), options)
    }

    private func pairs(_ result: IdentityResult, _ input: MatchInput) -> AnalysisColumns {
        let matches = result.matches
        var table = AnalysisColumns()
        table.add("id_l", matches.map { input.key(Int($0.left)) })
        table.add("id_r", matches.map { input.key(Int($0.right)) })
        table.add("match_weight", matches.map(\.bits))
        table.add("match_probability", matches.map(\.probability))
        return table
    }

    private func questions(_ result: IdentityResult, _ answers: PairAnswers, _ input: MatchInput) -> AnalysisColumns {
        let questions = ClericalReview(result.pairs, clusters: result.clusters, answers: answers).questions
        var table = AnalysisColumns()
        table.add("id_l", questions.map { input.key(Int($0.pair.left)) })
        table.add("id_r", questions.map { input.key(Int($0.pair.right)) })
        table.add("match_weight", questions.map(\.pair.bits))
        table.add("match_probability", questions.map(\.pair.probability))
        table.add("joined", questions.map(\.isJoined))
        table.add("affected", questions.map(\.affected))
        table.add("worth", questions.map(\.worth))
        let explained = questions.map { result.explain(Int($0.pair.left), Int($0.pair.right)).steps }
        for (index, comparator) in result.comparison.comparators.enumerated() {
            table.add(
                "evidence_" + comparator.field.name, explained.map { $0[index].total })
        }
        return table
    }

    private func parameters(_ result: IdentityResult) -> AnalysisValue {
        let weights = result.model.weights
        let fields = result.comparison.comparators.enumerated().map { index, comparator -> AnalysisValue in
            let levels = comparator.labels.enumerated().map { level, label -> AnalysisValue in
                .object([
                    ("level", .text(label)), ("m", .number(result.model.m[index][level])),
                    ("u", .number(result.model.u[index][level])), ("weight", .number(weights[index][level])),
                ])
            }
            return .object([
                ("column", .text(comparator.field.name)), ("kind", .text(comparator.field.kind.rawValue)),
                ("distinct", .integer(comparator.field.distinct)), ("missing", .integer(comparator.field.missing)),
                ("levels", .list(levels)),
            ])
        }
        return .object([
            ("prior", .number(result.model.prior)),
            ("expected_matches", .number(result.model.prior * result.space.total)),
            ("blocking", .texts(result.rules.map(\.label))), ("blocking_recall", .number(result.cover)),
            (
                "dependent_columns",
                .list(result.dependentColumns.map { .texts([$0.0, $0.1]) })
            ),
            ("steps", .integer(result.steps)), ("columns", .list(fields)),
        ])
    }
}

extension Cardinality: ExpressibleByArgument {}

extension PairQuality {
    fileprivate var entries: [(String, AnalysisValue)] {
        [("precision", .number(precision)), ("recall", .number(recall)), ("f1", .number(f1))]
    }
}
