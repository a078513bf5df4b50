public import ArgumentParser
public import Cycle
import EngagementModel
import Foundation

struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the plan for other systems: csv, parquet or veeva; or the features.",
        discussion: """
            `veeva` writes the planned touches of reps as Suggestion_vod__c records; `features` the catalogue and every \
            table of features as Parquet into the folder --out.
            """)

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "csv, parquet, veeva or features.") var format: ExchangeFormat
    @Option(name: [.short, .customLong("out")], help: "The file to write; - is standard output (csv, veeva).") var out =
        "-"
    @Option(name: .customLong("as-of"), help: "The plan of the newest run up to this day.") var asOf: Day?
    @Flag(name: .customLong("dry-run"), help: "Say what would be written, write nothing.") var dryRun = false

    func run() async throws {
        if format == .features { return try await writeFeatures() }
        let book = try DecisionBook(workspace: try options.open(), now: SystemClock.now)
        let rows = try await book.decisions(DecisionFilter(asOf: asOf, includesNoTouch: false))
        if dryRun {
            Console.note("would write \(rows.count) decisions as \(format.rawValue) to \(out)")
            return
        }
        switch format {
        case .parquet:
            guard out != "-" else { throw ValidationError("parquet needs --out FILE") }
            try await book.writeParquet(rows, to: URL(filePath: out))
        case .csv: try write(DecisionTable.csv(rows))
        case .veeva: try write(try await book.veevaSuggestions(rows))
        case .features: break  // Written above: features are no decisions.
        }
        Console.note("\(rows.count) decisions written")
    }

    private func writeFeatures() async throws {
        guard out != "-" else { throw ValidationError("features needs --out FOLDER") }
        let book = FeatureBook(workspace: try options.open())
        if dryRun { return Console.note("would write the tables of features to \(out)") }
        for (file, rows) in try await book.export(to: URL(filePath: out)) { Console.note("\(file): \(rows) rows") }
    }

    private func write(_ text: String) throws {
        if out == "-" { return Console.data(text) }
        try Data(text.utf8).write(to: URL(filePath: out), options: .atomic)
    }
}

extension ExchangeFormat: ExpressibleByArgument {}

struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Read feedback from other systems; bring inquiries to the inbox.",
        subcommands: [VeevaFeedback.self, Inquiries.self])

    struct Inquiries: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inquiries",
            abstract: "Bring inquiries and open service cases of the sources into the inbox.",
            discussion: """
                Each is read, routed and flagged as if it came from a form; the same one again stays one. Run \
                `rapport run` first: the newest snapshot is what is read.
                """)

        @OptionGroup var options: WorkspaceOptions
        @Option(help: "How many days before the snapshot's day to look back.") var days = 14

        func validate() throws {
            guard (1...3650).contains(days) else { throw ValidationError("--days lies between 1 and 3650") }
        }

        func run() async throws {
            let report = try await InquiryImport(workspace: try options.open(), now: SystemClock.now).run(days: days)
            if options.json { try Console.json(report) } else { Console.data(report.rendered()) }
        }
    }

    struct VeevaFeedback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "veeva", abstract: "Read Suggestion_vod__c feedback: actioned, dismissed, marked as complete.")

        @OptionGroup var options: WorkspaceOptions
        @Argument(help: "A CSV export of Suggestion_vod__c; - is standard input.", completion: .file()) var file: String

        func run() async throws {
            let data = file == "-" ? FileHandle.standardInput.readDataToEndOfFile() : try read()
            let book = try DecisionBook(workspace: try options.open(), now: SystemClock.now)
            let result = try await book.importVeevaFeedback(data, file: file)
            result.diagnostics.prefix(20).forEach(Console.message)
            if options.json { try Console.json(result) } else { Console.data(result.rendered()) }
            if !result.diagnostics.isEmpty { throw ExitCode(4) }
        }

        private func read() throws -> Data {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Diagnostic("file_missing", "cannot read \(file)", file: file, remedy: "check the path")
            }
            return data
        }
    }
}
