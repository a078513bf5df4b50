public import ArgumentParser
public import Cycle
import EngagementModel
import Foundation

struct Initialise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a new workspace.",
        discussion: "The template `demo` fills it with a simulated market of two years that ends on the as-of day.")

    @Argument(help: "The folder to make; it must be empty or absent.", completion: .directory)
    var directory: String

    @Option(help: "demo, pharma, medtech or empty.")
    var template: WorkspaceTemplate = .pharma

    @Option(help: "HCPs of the demo's market, 200 to 1000000.")
    var hcps = 2000

    @Option(help: "Reps of the demo's market; default one for about 167 HCPs.")
    var reps: Int?

    @Option(help: "Seed of the demo's market: the same seed gives the same files.")
    var seed: UInt64 = 42

    @Option(name: .customLong("as-of"), help: "The day on which the demo's history ends (default: today).")
    var asOf: Day?

    @Option(name: .customLong("delta-days"), help: "Days after it that the demo also delivers, as dated files.")
    var deltaDays = 0

    @Flag(help: "Print one JSON document on standard output.")
    var json = false

    func validate() throws {
        guard (200...1_000_000).contains(hcps) else { throw ValidationError("--hcps must be from 200 to 1000000") }
    }

    func run() async throws {
        let root = URL(filePath: directory, directoryHint: .isDirectory).standardizedFileURL
        Console.note("Making a \(template.rawValue) workspace in \(root.path)")
        let made = try WorkspaceTemplate.create(
            template, at: root, hcps: hcps, reps: reps, seed: seed, endingOn: asOf ?? SystemClock.today(),
            deltaDays: deltaDays)
        if json {
            try Console.json(made)
        } else {
            Console.note(made.summary)
        }
    }
}

extension WorkspaceTemplate: ExpressibleByArgument {}

/// The one place where the command reads the machine's clock.
enum SystemClock {
    /// Microseconds since 1970, UTC.
    static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }

    /// Today in UTC.
    static func today() -> Day { Day(number: Int32(now() / 86_400_000_000)) }
}
