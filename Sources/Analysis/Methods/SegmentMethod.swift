package import ArgumentParser
internal import EngagementModel
internal import Insight

/// `rapport analyze segment`: few clear segments, each a rule that a person can say.
package struct SegmentMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "segment",
        abstract: "Makes at most eight segments, each one rule of at most three clauses.",
        discussion: """
            Clusters of robustly scaled features are distilled into rules; the rules are the segments. `fidelity` is \
            the share of rows whose rule names their cluster, `stability` the mean adjusted Rand index with the \
            segments of resampled rows, `silhouette` how far the segments lie apart.
            """)

    @Argument(help: "CSV or Parquet, one row a member.", completion: .file())
    var file: String

    @Option(help: "Column of the identifier.")
    var id: String

    @Option(parsing: .upToNextOption, help: "Columns of numbers.")
    var features: [String] = []

    @Option(parsing: .upToNextOption, help: "Columns of categories.")
    var categorical: [String] = []

    @Option(help: "At most so many segments, 2 to 8.")
    var maxSegments = 8

    @Option(help: "At most so many clauses a rule, 1 to 3.")
    var maxClauses = 3

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard !features.isEmpty || !categorical.isEmpty else {
            throw ValidationError("--features or --categorical names what to segment by")
        }
        guard (2...8).contains(maxSegments) else { throw ValidationError("--max-segments lies in 2…8") }
        guard (1...3).contains(maxClauses) else { throw ValidationError("--max-clauses lies in 1…3") }
    }

    package func run() async throws {
        let table = try await AnalysisTable.read(file)
        let ids = try table.texts(id)
        var columns = try features.map {
            SegmentColumn(name: $0, values: .numbers(try table.doubles($0, missing: .nan)))
        }
        for name in categorical {
            let (codes, names) = try table.codes(name)
            columns.append(SegmentColumn(name: name, values: .categories(codes, names: names)))
        }
        let result: Segmentation
        do {
            result = try Segmentation(
                columns, options: .init(maxSegments: maxSegments, maxClauses: maxClauses), seed: options.seed)
        } catch var fault as Diagnostic {
            fault.file = fault.file ?? file
            fault.line = fault.line ?? 1
            throw fault
        }
        var document = AnalysisDocument(method: "segment", table: table, seed: options.seed)
        document.set("segments", .list(result.segments.map(described)))
        document.set("fidelity", .number(result.fidelity))
        document.set("silhouette", .number(result.silhouette))
        document.set("stability", .number(result.stability))
        for warning in result.warnings { document.warn(warning) }
        if let warning = try table.doubt(aboutKeys: id) { document.warn(warning) }
        var rows = AnalysisColumns()
        rows.add("id", ids)
        rows.add("segment", result.assignment.map { result.segments[Int($0)].name })
        try await report(document, table: rows, options)
    }

    private func described(_ segment: Segmentation.Segment) -> AnalysisValue {
        .object([
            ("name", .text(segment.name)), ("rule", .text(segment.rule)), ("size", .integer(segment.size)),
            ("share", .number(segment.share)),
            (
                "profile",
                .list(
                    segment.profile.map { typical in
                        .object(
                            [("column", .text(typical.column))]
                                + (typical.category.map { [("category", .text($0))] } ?? [])
                                + [("value", .number(typical.value)), ("overall", .number(typical.overall))])
                    })
            ),
        ])
    }
}
