package import ArgumentParser
internal import Decisioning
internal import EngagementModel
internal import Foundation

/// `rapport analyze route`: day routes with time windows, cycle plans with visit frequencies.
package struct RouteMethod: AsyncParsableCommand {
    /// How the file is written.
    package enum Format: String, ExpressibleByArgument, CaseIterable, Sendable { case solomon, cordeau, csv }

    package static let configuration = CommandConfiguration(
        commandName: "route",
        abstract: "Plans routes with time windows, or a cycle of days with visit frequencies.",
        discussion: """
            csv: columns id, x, y, and where there are any demand, ready, due, service; the first row is the depot. \
            The search is seeded and stops after a number of iterations: the same seed gives the same plan. \
            `lower_bound` is a cost that no plan can fall below.
            """)

    @Argument(help: "File of depots and customers.", completion: .file())
    var file: String

    @Option(help: "solomon, cordeau or csv.")
    var format = Format.solomon

    @Option(help: "csv: routes at most; without it as many as customers.")
    var vehicles: Int?

    @Option(help: "csv: what a vehicle carries; without it no limit.")
    var capacity: Double?

    @Option(help: "Ruins of the search; more is better and slower.")
    var iterations: Int?

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        if let vehicles, vehicles < 1 { throw ValidationError("--vehicles is at least 1") }
        if let capacity, !(capacity > 0 && capacity.isFinite) { throw ValidationError("--capacity is above 0") }
        if let iterations, !(1...100_000_000).contains(iterations) {
            throw ValidationError("--iterations lies in 1…100,000,000")
        }
        guard format == .csv || (vehicles == nil && capacity == nil) else {
            throw ValidationError("--vehicles and --capacity go with --format csv; the other formats hold them")
        }
    }

    package func run() async throws {
        let started = ContinuousClock.now
        let problem: RouteProblem
        let plan: RoutePlan
        do {
            problem = try await read()
            plan = try RouteSearch(iterations: iterations).plan(problem, seed: options.seed)
        } catch var fault as Diagnostic {
            fault.file = fault.file ?? file
            fault.line = fault.line ?? 1
            throw fault
        }
        var document = AnalysisDocument(
            method: "route", rows: problem.customers.count, seed: options.seed, started: started)
        document.set("cost", .number(plan.cost))
        document.set("distance", .number(plan.routes.reduce(0) { $0 + $1.distance }))
        document.set(
            "routes",
            .list(
                plan.routes.map { route in
                    .object([
                        ("day", .integer(route.day + 1)), ("fleet", .integer(route.fleet + 1)),
                        ("distance", .number(route.distance)),
                        ("stops", .texts(route.stops.map { problem.customers[$0].id })),
                    ])
                }))
        document.set("feasible", .flag(plan.feasible))
        document.set("lower_bound", .number(plan.lowerBound))
        document.set("iterations", .integer(plan.iterations))
        if !plan.feasible {
            document.set("unserved", .texts(plan.unserved.map { problem.customers[$0].id }))
            document.warn("\(plan.unserved.count) customers found no place: more vehicles or wider windows are needed")
        }
        try await report(document, table: table(plan, problem), options)
    }

    private func table(_ plan: RoutePlan, _ problem: RouteProblem) -> AnalysisColumns {
        var rows = AnalysisColumns()
        let stops = plan.routes.enumerated().flatMap { number, route in
            route.stops.indices.map { (number, route, $0) }
        }
        rows.add("route", stops.map { $0.0 + 1 })
        rows.add("day", stops.map { $0.1.day + 1 })
        rows.add("fleet", stops.map { $0.1.fleet + 1 })
        rows.add("position", stops.map { $0.2 + 1 })
        rows.add("id", stops.map { problem.customers[$0.1.stops[$0.2]].id })
        rows.add("start", stops.map { $0.1.starts[$0.2] })
        return rows
    }

    private func read() async throws -> RouteProblem {
        if format == .csv { return try await readTable() }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Diagnostic("file_unreadable", "the file cannot be read", file: file, remedy: "check the path")
        }
        if let place = data.firstIndex(of: 0) {
            // Numbers are read up to it: what follows would be lost.
            let line = data[..<place].count { $0 == UInt8(ascii: "\n") } + 1
            throw Diagnostic(
                "bad_line", "the file holds a NUL byte: it is no text", file: file, line: line,
                remedy: "write the file as text in UTF-8")
        }
        let text = String(decoding: data, as: UTF8.self)
        return format == .solomon ? try RouteFiles.solomon(text) : try RouteFiles.cordeau(text)
    }

    private func readTable() async throws -> RouteProblem {
        let table = try await AnalysisTable.read(file)
        let ids = try table.texts("id")
        if let row = ids.firstIndex(of: "") {
            throw table.fault(
                "missing_value", "`id` is empty", row: row, column: "id", remedy: "give every stop an id of its own")
        }
        var seen: Set<String> = []
        for (row, id) in ids.enumerated() where !seen.insert(id).inserted {
            // Two stops of one name could not be told apart in the answer.
            throw Diagnostic(
                "duplicate_key", "the id of this line stands above already", file: file, line: table.line(ofRow: row),
                remedy: "give every stop an id of its own; visits of one customer may be told apart by a suffix")
        }
        let (x, y) = (try table.doubles("x"), try table.doubles("y"))
        func column(_ name: String, _ missing: Double) throws -> [Double] {
            guard table.has(name) else { return [Double](repeating: missing, count: table.rowCount) }
            return try table.doubles(name, missing: .nan).map { $0.isNaN ? missing : $0 }
        }
        let never = Double.greatestFiniteMagnitude
        let (demand, service) = (try column("demand", 0), try column("service", 0))
        let (ready, due) = (try column("ready", 0), try column("due", never))
        return RouteProblem(
            customers: (1..<max(1, table.rowCount)).map { row in
                RouteProblem.Customer(
                    id: ids[row], place: .init(x: x[row], y: y[row]), demand: demand[row], service: service[row],
                    ready: ready[row], due: due[row], line: table.line(ofRow: row))
            },
            fleets: [
                RouteProblem.Fleet(
                    depot: .init(x: x[0], y: y[0]), count: vehicles ?? max(1, table.rowCount - 1),
                    capacity: capacity ?? never, open: ready[0], close: due[0])
            ])
    }
}
