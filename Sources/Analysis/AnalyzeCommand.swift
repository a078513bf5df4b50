package import ArgumentParser

/// `rapport analyze`: every analytic method on its own, on one CSV or Parquet file.
package struct AnalyzeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Runs one analytic method on a CSV or Parquet file.",
        discussion: """
            Each method prints its result, as one JSON document with --json, and writes its table with --out FILE.
            Input that cannot be used ends with exit code 3 and names the file and the line.
            """,
        subcommands: methods)

    /// Every method, in the order of the help.
    private static let methods: [any ParsableCommand.Type] = [
        MatchMethod.self, TimingMethod.self, TimingOfDayMethod.self, ChangepointMethod.self, ReplenishMethod.self,
        NetworkMethod.self, SegmentMethod.self, ClassifyMethod.self, LearnMethod.self, OpeMethod.self,
        UpliftMethod.self, EffectMethod.self, OptimizeMethod.self, RouteMethod.self,
    ]

    package init() {}

    /// Whether a parsed command is one of the methods.
    package static func runs(_ command: any ParsableCommand) -> Bool {
        methods.contains { ObjectIdentifier($0) == ObjectIdentifier(type(of: command)) }
    }
}
