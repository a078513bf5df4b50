import Analysis
public import ArgumentParser
import Cycle
public import EngagementModel
import Foundation

/// The command line: parses, calls one room, prints, and maps errors to exit codes.
///
/// Exit codes: 0 done, 1 failed, 2 usage, 3 refused by validation, 4 partly done.
struct Rapport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rapport",
        abstract: "Decides whom to engage, what to say, when and how — and shows why.",
        discussion: """
            A workspace is a folder of plain-text files; `rapport init my-company --template demo` makes one to try.
            Data goes to standard output, messages to standard error; --json prints one document.
            """,
        version: "rapport \(ProgramVersion.current)",
        subcommands: [
            Initialise.self, Check.self, Run.self, Serve.self, Engage.self, Decisions.self, Explain.self, WhyNot.self,
            Replay.self, Evaluate.self, ModelCommand.self, Report.self, Export.self, Import.self, ContentCommand.self,
            User.self, ConsentCommand.self, Erase.self, Simulate.self,
            AnalyzeCommand.self, Backup.self, Restore.self, Migrate.self, DoctorCommand.self, Benchmark.self,
        ])
}

@main
enum Main {
    static func main() async {
        // A reader that goes away (`rapport decisions | head`) ends the command quietly.
        signal(SIGPIPE, SIG_DFL)
        var isAnalysis = false
        do {
            var command = try parse(Array(CommandLine.arguments.dropFirst()))
            isAnalysis = AnalyzeCommand.runs(command)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            exit(report(error, isAnalysis: isAnalysis))
        }
    }

    /// Parses what the first words name alone: the tree of all commands takes longer to build than many a command to run.
    ///
    /// Help, and whatever is wrong, is the whole tree's to answer.
    static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        var named: any ParsableCommand.Type = Rapport.self
        var rest = arguments[...]
        while let word = rest.first,
            let next = named.configuration.subcommands.first(where: { $0.configuration.commandName == word })
        {
            named = next
            rest.removeFirst()
        }
        if named.configuration.subcommands.isEmpty, let command = try? named.parseAsRoot(Array(rest)),
            type(of: command) == named
        {
            return command
        }
        return try Rapport.parseAsRoot(arguments)
    }

    /// Prints an error and returns its exit code.
    ///
    /// - Parameter isAnalysis: the command looks at one file, so that what is wrong is wrong with the input.
    static func report(_ error: any Error, isAnalysis: Bool = false) -> Int32 {
        switch error {
        case let error as ExitCode:
            return error.rawValue
        case let failure as ValidationFailure:
            failure.diagnostics.forEach(Console.message)
            return 3
        case let diagnostic as Diagnostic:
            Console.message(diagnostic)
            return diagnostic.code == "patient_identifier" || isAnalysis ? 3 : 1
        case is CancellationError:
            Console.note("interrupted; run the command again to go on")
            return 130
        case let error as CocoaError where error.filePath ?? error.url?.path != nil:
            // A file that the command was told to read or write.
            let file = error.filePath ?? error.url?.path
            let isMissing = [.fileNoSuchFile, .fileReadNoSuchFile].contains(error.code)
            Console.message(
                Diagnostic(
                    "file_error",
                    isMissing ? "there is no such file or folder" : "cannot be read or written",
                    file: file, remedy: "check the path, its owner and the free space"))
            return 1
        default:
            let code = Rapport.exitCode(for: error)
            if code == .success {
                print(Rapport.fullMessage(for: error))
                return 0
            }
            if code == .validationFailure {
                Console.note(Rapport.fullMessage(for: error))
                return 2
            }
            Console.note("rapport: error: \(String(describing: type(of: error))): \(error.localizedDescription)")
            return 1
        }
    }
}

/// Options that every command on a workspace takes.
struct WorkspaceOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The workspace folder.", completion: .directory)
    var workspace = "."

    @Option(name: .customLong("var"), help: "Replaces a variable of rapport.yaml: NAME=VALUE (repeatable).")
    var variables: [String] = []

    @Flag(help: "Print one JSON document on standard output.")
    var json = false

    func root() -> URL { URL(filePath: workspace, directoryHint: .isDirectory).standardizedFileURL }

    func parsedVariables() throws -> [String: String] {
        var result: [String: String] = [:]
        for text in variables {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { throw ValidationError("--var takes NAME=VALUE, not `\(text)`") }
            result[String(parts[0])] = String(parts[1])
        }
        return result
    }

    func open() throws -> Workspace {
        try Workspace.open(at: root(), variables: parsedVariables())
    }
}

extension Day: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
