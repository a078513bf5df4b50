import ArgumentParser
import Cycle
import EngagementModel
import Foundation

/// `rapport simulate`: a scenario asked of a workspace's models, or the closed loop against a market whose truth is
/// known.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Ask what a change would do, or play the engine against other policies in a known market.",
        discussion: """
            With --scenario FILE: the last run's plan is made again under a change of content, channels, frequency, \
            sequence, capacity or budget, from the models of the workspace; shown is the plan before and after by \
            channel, segment and product, with intervals from the posterior, and conflicts. Nothing is stored.

            Without: week after week each policy sees what a company would see, decides a week under the same capacity, caps, gaps \
            and budget, and the market responds. Shown is the incremental value against no contact, and conflicts: \
            touches that would have broken a cap or a gap, or met another team on one day. Nothing of a workspace is \
            read, nothing is stored.
            """)

    @OptionGroup var options: WorkspaceOptions
    @Option(help: "A scenario file; `scenarios/` of the demo holds one.", completion: .file()) var scenario: String?
    @Option(help: "Models drawn from the posterior for a scenario's intervals, 2 to 1000.") var draws = 40
    @Option(help: "HCPs of the market, 200 to 1000000.") var hcps = 2000
    @Option(help: "Weeks to play, 1 to 100.") var weeks = 26
    @Option(help: "Markets to play: one seed, or a range such as 1-5.") var seeds = "1"
    @Option(help: "Policies, separated by commas: \(LoopPolicy.allCases.map(\.rawValue).joined(separator: ", ")).")
    var policies = LoopPolicy.allCases.map(\.rawValue).joined(separator: ",")
    @Option(help: "How far markets differ from seed to seed: standard deviation of the logarithms, 0 to 0.5.")
    var variation = 0.25
    @Option(help: "Money a week, as a share of what full calendars would cost.") var budget = 0.5
    @Flag(help: "Keep Rapport's standing control arms: 2% of HCPs at random, 3% by rules.") var arms = false
    @Option(
        help: """
            Pieces of the truth that Rapport is given, to see what knowing them is worth: \
            \(LoopTruth.allCases.map(\.rawValue).joined(separator: ", ")).
            """)
    var given = ""
    @Flag(help: "Explore nothing: the best plan by the models.") var greedy = false
    @Option(help: "Write every week of every policy as CSV.", completion: .file()) var csv: String?
    @Option(help: "Write the chart as SVG.", completion: .file()) var chart: String?
    @Flag(help: "Say nothing while it runs.") var quiet = false

    func validate() throws {
        guard (2...1000).contains(draws) else { throw ValidationError("--draws takes 2 to 1000") }
    }

    func run() async throws {
        if let scenario { return try await answer(try Scenario.open(URL(filePath: scenario))) }
        var settings = LoopSettings()
        settings.hcps = hcps
        settings.weeks = weeks
        settings.seeds = try parsedSeeds()
        settings.policies = try parsedPolicies()
        settings.variation = variation
        settings.budgetShare = budget
        settings.given = Set(
            try given.split(separator: ",").map { name in
                guard let piece = LoopTruth(rawValue: String(name)) else {
                    throw ValidationError("--given takes \(LoopTruth.allCases.map(\.rawValue)), not `\(name)`")
                }
                return piece
            })
        if arms { settings.arms = Strategy.ArmShares() }
        if greedy { settings.exploration = Strategy.Exploration(temperature: 0, floor: 0) }
        let loop = try ClosedLoop(settings)
        let isQuiet = quiet
        let results = try await Self.onThread {
            try loop.run { week in
                guard !isQuiet else { return }
                let net = Int(week.net.rounded())
                Console.note(
                    "seed \(week.seed) \(week.policy.rawValue) week \(week.week): \(week.touches) touches, net \(net)")
            }
        }
        let report = LoopReport(settings, results)
        if let csv { try write(report.csv, to: csv) }
        if let chart { try write(LoopChart(report).svg(), to: chart) }
        if options.json { try Console.json(report) } else { Console.data(table(report)) }
    }

    private func answer(_ scenario: Scenario) async throws {
        let planner = try ScenarioPlanner(workspace: try options.open(), now: SystemClock.now)
        let report = try await planner.answer(scenario, draws: draws)
        if options.json { try Console.json(report) } else { Console.data(report.rendered()) }
    }

    /// The planner computes for seconds: it gets a thread of its own, not one of the cooperative pool.
    private static func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try body() }) }
            thread.stackSize = 8 << 20
            thread.name = "rapport.simulate"
            thread.start()
        }
    }

    private func parsedSeeds() throws -> [UInt64] {
        let parts = seeds.split(separator: "-").map { UInt64($0) }
        if parts.count == 1, let seed = parts[0] { return [seed] }
        guard parts.count == 2, let first = parts[0], let last = parts[1], first <= last, last - first < 1000 else {
            throw ValidationError("--seeds takes one number or a range such as 1-5, not `\(seeds)`")
        }
        return Array(first...last)
    }

    private func parsedPolicies() throws -> [LoopPolicy] {
        var result: [LoopPolicy] = []
        for name in policies.split(separator: ",") {
            guard let policy = LoopPolicy(rawValue: String(name)) else {
                throw ValidationError("--policies does not know `\(name)`")
            }
            if !result.contains(policy) { result.append(policy) }
        }
        return result
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Diagnostic(
                "file_not_writable", "cannot write \(path)", remedy: "check the folder and the free space")
        }
    }

    private func table(_ report: LoopReport) -> String {
        func whole(_ value: Double) -> String { String(Int(value.rounded())) }
        func share(_ value: Double?) -> String {
            guard let value else { return "" }
            return "\((value * 1000).rounded() / 10)%"
        }
        var table = TextTable(header: [
            "policy", "net a week", "last 4", "of oracle", "lowest seed", "cost a week", "touches", "conflicts",
            "violations",
        ])
        table.rightAligned = Set(1..<9)
        for line in report.lines {
            table.rows.append([
                line.policy.title, whole(line.net), whole(line.netLate), share(line.oracleShare),
                share(line.lowestOracleShare), whole(line.cost), whole(line.touches),
                "\((line.conflicts * 10).rounded() / 10)", "\(line.violations)",
            ])
        }
        var text =
            "\(report.hcps) HCPs, \(report.weeks) weeks, seeds \(seeds); currency, net of cost, against no contact\n\n"
        text += table.rendered()
        let behind = report.duels.filter { !$0.isAhead }
        if !report.duels.isEmpty {
            text += "\nRapport is ahead at equal cost in \(report.duels.count - behind.count) of \(report.duels.count)"
            text += " comparisons (seed × rival, last four weeks)\n"
        }
        for duel in behind {
            text += "  not shown against \(duel.rival.title), seed \(duel.seed): \(whole(duel.rapport)) against "
            text += "\(whole(duel.other)), cost \(whole(duel.rapportCost)) against \(whole(duel.otherCost))\n"
        }
        if !report.oracleShareByWeek.isEmpty {
            text +=
                "\nshare of the oracle by week: \(report.oracleShareByWeek.map { share($0) }.joined(separator: " "))\n"
        }
        return text
    }
}
