internal import Decisioning
internal import EngagementModel

/// Candidates, their uses and the limits, read, joined and checked.
struct OptimizeInput {
    var problem: ChoiceProblem
    /// Names of the limits.
    var constraints: [String]
    /// Row of the candidate file for each candidate of the problem.
    var rows: [Int32]

    /// Names of the columns.
    struct Columns {
        var id: String
        var group: String
        var value: String
    }

    init(_ candidates: AnalysisTable, _ uses: AnalysisTable, _ limits: AnalysisTable, _ columns: Columns) throws {
        let values = try candidates.doubles(columns.value)
        let ids = try KeyIndex(candidates, columns.id, duplicate: "the candidate stands here a second time")
        let (groups, names) = try candidates.codes(columns.group)
        if let row = groups.firstIndex(of: -1) {
            throw candidates.fault(
                "missing_value", "`\(columns.group)` is empty", row: row, column: columns.group,
                remedy: "name the group or leave the candidate out")
        }
        let (limit, floor, keys) = try Self.limits(limits)
        constraints = try limits.texts("constraint_id")
        let owners = try ids.rows(uses, "candidate_id")
        if let row = owners.firstIndex(of: -1) {
            throw uses.fault(
                "unknown_candidate", "no candidate has this name", row: row, column: "candidate_id",
                remedy: "write the names as the candidates have them")
        }
        let things = try Self.things(uses, keys, limits)
        let amounts = try uses.doubles("amount")
        if let row = amounts.firstIndex(where: { $0 < 0 }) {
            throw uses.fault(
                "negative_use", "`amount` is negative", row: row, column: "amount", remedy: "write amounts from 0 on")
        }
        let (order, starts) = Self.sorted(groups, count: names.count)
        rows = order ?? (0..<groups.count).map { Int32(truncatingIfNeeded: $0) }
        problem = try Self.joined(
            values, order, starts, owners, things, amounts, limit, floor, uses, constraints.count)
    }

    private static func limits(_ table: AnalysisTable) throws -> ([Double], [Double], KeyIndex) {
        let keys = try KeyIndex(table, "constraint_id", duplicate: "the constraint stands here a second time")
        let hasFloor = table.has("floor")
        let given = try table.doubles("limit", missing: hasFloor ? .nan : .refuse)
        let floors = hasFloor ? try table.doubles("floor", missing: .nan) : given.map { _ in .nan }
        for row in given.indices {
            if given[row] < 0 {
                throw table.fault(
                    "negative_limit", "`limit` is negative", row: row, column: "limit",
                    remedy: "write 0 where nothing is allowed, nothing where there is no limit")
            }
            if floors[row] < 0 {
                throw table.fault(
                    "negative_limit", "`floor` is negative", row: row, column: "floor",
                    remedy: "leave it empty where there is no floor")
            }
            if floors[row] > given[row] {
                throw table.fault(
                    "infeasible", "the floor lies above the limit", row: row, column: "floor",
                    remedy: "lower the floor or raise the limit")
            }
        }
        return (given.map { $0.isNaN ? .infinity : $0 }, floors.map { $0.isNaN ? 0 : $0 }, keys)
    }

    /// The constraint of each use.
    private static func things(_ uses: AnalysisTable, _ keys: KeyIndex, _ limits: AnalysisTable) throws -> [Int32] {
        // Few constraints, many uses: the words are numbered once and then translated.
        let (codes, words) = try uses.codes("constraint_id")
        let places = try limits.texts("constraint_id").enumerated()
            .reduce(into: [String: Int32]()) { $0[$1.element] = Int32($1.offset) }
        let translation = words.map { places[$0] ?? -1 }
        guard !codes.contains(-1), !translation.contains(-1) else {
            let row = codes.firstIndex { $0 < 0 || translation[Int($0)] < 0 } ?? 0
            throw uses.fault(
                "unknown_constraint", "the limits name no such constraint", row: row, column: "constraint_id",
                remedy: "add it to the limits")
        }
        return codes.map { translation[Int($0)] }
    }

    /// Where each code begins when places are put in order of their codes, and that order; nil when they are already.
    private static func sorted(_ codes: [Int32], count: Int) -> (order: [Int32]?, starts: [Int32]) {
        var starts = [Int32](repeating: 0, count: count + 1)
        var isSorted = true
        var last: Int32 = 0
        for code in codes {
            starts[Int(code) + 1] += 1
            if code < last { isSorted = false }
            last = code
        }
        for k in 0..<count { starts[k + 1] += starts[k] }
        if isSorted { return (nil, starts) }
        var next = starts
        var order = [Int32](repeating: 0, count: codes.count)
        for (place, code) in codes.enumerated() {
            order[Int(next[Int(code)])] = Int32(truncatingIfNeeded: place)
            next[Int(code)] += 1
        }
        return (order, starts)
    }

    /// Values in a new order.
    private static func taken<Value>(_ values: [Value], _ order: [Int32]?) -> [Value] {
        order.map { $0.map { values[Int($0)] } } ?? values
    }

    private static func joined(
        _ values: [Double], _ order: [Int32]?, _ groupStarts: [Int32], _ owners: [Int32], _ things: [Int32],
        _ amounts: [Double], _ limits: [Double], _ floors: [Double], _ uses: AnalysisTable, _ count: Int
    ) throws -> ChoiceProblem {
        var owners = owners
        if let order {
            var place = [Int32](repeating: 0, count: order.count)
            for (k, row) in order.enumerated() { place[Int(row)] = Int32(truncatingIfNeeded: k) }
            owners = owners.map { place[Int($0)] }
        }
        let (useOrder, useStarts) = sorted(owners, count: values.count)
        let useLimits = taken(things, useOrder)
        // The candidate that used a thing last.
        var seen = [Int32](repeating: -1, count: count)
        for candidate in 0..<values.count {
            for use in useStarts[candidate]..<useStarts[candidate + 1] {
                let thing = Int(useLimits[Int(use)])
                if seen[thing] == Int32(truncatingIfNeeded: candidate) {
                    throw uses.fault(
                        "duplicate_use", "the candidate uses this constraint twice",
                        row: Int(useOrder?[Int(use)] ?? use), remedy: "add up what it uses of one constraint")
                }
                seen[thing] = Int32(truncatingIfNeeded: candidate)
            }
        }
        return ChoiceProblem(
            groupStarts: groupStarts, values: taken(values, order), useStarts: useStarts, useLimits: useLimits,
            useAmounts: taken(amounts, useOrder), limits: limits, floors: floors)
    }

    /// Refuses floors that no choice can meet even if nothing else were asked.
    func checkFloors(_ limits: AnalysisTable) throws {
        var most = [Double](repeating: 0, count: constraints.count)
        for group in 0..<problem.groupCount {
            var best: [Int32: Double] = [:]
            for candidate in Int(problem.groupStarts[group])..<Int(problem.groupStarts[group + 1]) {
                for use in Int(problem.useStarts[candidate])..<Int(problem.useStarts[candidate + 1]) {
                    let k = problem.useLimits[use]
                    if problem.floors[Int(k)] > 0 { best[k] = max(best[k] ?? 0, problem.useAmounts[use]) }
                }
            }
            for (k, amount) in best { most[Int(k)] += amount }
        }
        for k in constraints.indices where most[k] < problem.floors[k] * (1 - 1e-12) {
            throw limits.fault(
                "infeasible", "no choice can reach the floor: all candidates together use \(most[k]) at most", row: k,
                column: "floor", remedy: "lower the floor to that or add candidates")
        }
    }
}
