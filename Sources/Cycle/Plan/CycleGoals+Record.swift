internal import EngagementModel
internal import Warehouse

extension CycleGoals {
    func save(_ connection: WarehouseConnection) async throws {
        try await connection.ingest(
            ColumnSet([
                ("goal", .text(lines.map(\.name))), ("cycle", .text(lines.map(\.cycle))),
                ("channels", .text(lines.map { $0.channels.map(\.rawValue).sorted().joined(separator: ";") })),
                ("start_day", .day(lines.map(\.start))), ("end_day", .day(lines.map(\.end))),
                ("elapsed", .double(lines.map(\.elapsed))), ("floor", .double(lines.map(\.floor))),
                ("ceiling", .optionalDouble(lines.map(\.ceiling))),
                ("file", .text(lines.map(\.file))),
                ("file_line", .optionalInt32(lines.map { $0.fileLine.map(Int32.init) })),
            ]), into: "plan.goal", mode: .replace)
        try await connection.ingest(
            ColumnSet([
                ("goal", .text(lines.flatMap { line in line.hcps.map { _ in line.name } })),
                ("hcp_no", .int32(lines.flatMap(\.hcps))), ("least", .int32(lines.flatMap(\.least))),
                ("most", .optionalInt32(lines.flatMap { $0.most.map { $0 < 0 ? nil : $0 } })),
                ("done", .int32(lines.flatMap(\.done))),
            ]), into: "plan.goal_hcp", mode: .replace)
    }

    /// The goals of a recorded plan; none where it was made without.
    static func saved(_ connection: WarehouseConnection) async throws -> CycleGoals {
        let found = try await connection.query(
            """
            SELECT 1 AS one FROM information_schema.columns
            WHERE table_schema = 'plan' AND table_name = 'goal_hcp' AND column_name = 'least'
            """)
        guard found.rowCount > 0 else { return CycleGoals() }
        let goals = try await connection.query("SELECT * FROM plan.goal ORDER BY rowid")
        let people = try await connection.query(
            "SELECT goal, hcp_no, least, most, done FROM plan.goal_hcp ORDER BY goal, hcp_no")
        var places: [String: [Int]] = [:]
        for (row, name) in try people.texts("goal").enumerated() { places[name, default: []].append(row) }
        let (hcps, least) = (try people.int32s("hcp_no"), try people.int32s("least"))
        let (most, done) = (try people.ints("most"), try people.int32s("done"))
        let (cycles, channels) = (try goals.texts("cycle"), try goals.texts("channels"))
        let (starts, ends) = (try goals.days("start_day"), try goals.days("end_day"))
        let (floors, ceilings) = (try goals.doubles("floor"), try goals.optionalDoubles("ceiling"))
        let elapsed = try goals.doubles("elapsed")
        let (files, fileLines) = (try goals.texts("file"), try goals.ints("file_line"))
        return CycleGoals(
            lines: try goals.texts("goal").enumerated().compactMap { row, name in
                guard let start = starts[row], let end = ends[row] else { return nil }
                let mine = places[name] ?? []
                return Line(
                    name: name, cycle: cycles[row],
                    channels: Set(channels[row].split(separator: ";").compactMap { Channel(rawValue: String($0)) }),
                    start: start, end: end, hcps: mine.map { hcps[$0] }, least: mine.map { least[$0] },
                    most: mine.map { Int32(most[$0] ?? -1) }, done: mine.map { done[$0] }, floor: floors[row],
                    ceiling: ceilings[row], elapsed: elapsed[row], file: files[row],
                    fileLine: fileLines[row].map { Int($0) })
            })
    }
}
