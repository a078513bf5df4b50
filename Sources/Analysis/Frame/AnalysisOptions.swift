package import ArgumentParser

/// Options that every analytic method takes.
package struct AnalysisOptions: ParsableArguments {
    @Flag(help: "Print one JSON document on standard output.")
    package var json = false

    @Option(
        help: ArgumentHelp("Write the table; Parquet when the name ends so, else CSV.", valueName: "FILE"),
        completion: .file())
    package var out: String?

    @Option(help: "Seed of everything random: the same seed gives the same result.")
    package var seed: UInt64 = 1

    @Flag(help: "No warnings on standard error; they stay in the JSON document.")
    package var quiet = false

    package init() {}
}
