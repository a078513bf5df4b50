internal import Decisioning
internal import EngagementModel

/// The columns of a log of decisions, read and checked.
struct OpeInput {
    var action: String
    var reward: String
    var propensity: String
    var position: String?
    var target: String?
    var context: [String]
    var categorical: [String]

    func decisions(_ table: AnalysisTable, _ policy: AnalysisTable?) throws -> LoggedDecisions {
        let (actions, values) = try table.codes(action)
        if let row = actions.firstIndex(of: -1) {
            throw table.fault(
                "missing_value", "`\(action)` is empty", row: row, column: action,
                remedy: "fill the cell or leave the row out")
        }
        let propensities = try table.doubles(propensity)
        for (row, p) in propensities.enumerated() where !(p > 0 && p <= 1) {
            throw table.fault(
                "bad_propensity", "`\(propensity)` is no probability above 0 and up to 1", row: row,
                column: propensity, remedy: "write the probability with which the action was logged, as 0.25")
        }
        var positions: (codes: [Int32], values: [String])?
        if let position {
            let found = try table.codes(position)
            if let row = found.codes.firstIndex(of: -1) {
                throw table.fault(
                    "missing_value", "`\(position)` is empty", row: row, column: position,
                    remedy: "fill the cell or leave the row out")
            }
            positions = found
        }
        var log = LoggedDecisions(
            actions: actions, actionCount: values.count, rewards: try table.doubles(reward),
            propensities: propensities, targets: [], positions: positions?.codes,
            positionCount: positions?.values.count ?? 1)
        if let target {
            log.targets = try table.doubles(target)
            for (row, p) in log.targets.enumerated() where !(p >= 0 && p <= 1) {
                throw table.fault(
                    "bad_probability", "`\(target)` is no probability", row: row, column: target,
                    remedy: "write the policy's probability of the logged action, as 0.25")
            }
        }
        if let policy { try read(policy, actions: values, into: &log) }
        return log
    }

    /// Columns of a policy file are named for the actions; those without a name are left out.
    private func read(_ policy: AnalysisTable, actions: [String], into log: inout LoggedDecisions) throws {
        guard policy.rowCount == log.count else {
            throw Diagnostic(
                "row_mismatch", "the policy has \(policy.rowCount) rows and the log \(log.count)", file: policy.path,
                remedy: "give one row for each row of the log, in its order")
        }
        let known = Set(actions)
        if let lost = actions.first(where: { !policy.has($0) }) {
            throw Diagnostic(
                "missing_column", "the policy has no column for the logged action `\(lost)`", file: policy.path,
                line: 1, remedy: "name each column for its action")
        }
        let extra = policy.names.filter { !$0.isEmpty && !known.contains($0) }
        let all = actions + extra
        var table = [Double](repeating: 0, count: log.count * all.count)
        for (place, name) in all.enumerated() {
            for (row, p) in try policy.doubles(name).enumerated() {
                guard p >= 0, p <= 1 else {
                    throw policy.fault(
                        "bad_probability", "`\(name)` is no probability", row: row, column: name,
                        remedy: "write numbers from 0 to 1")
                }
                table[row * all.count + place] = p
            }
        }
        for row in 0..<log.count {
            let sum = table[(row * all.count)..<((row + 1) * all.count)].reduce(0, +)
            guard abs(sum - 1) <= 1e-4 else {
                throw policy.fault(
                    "bad_probability", "the probabilities of the row do not add up to 1", row: row,
                    remedy: "give the policy's probability of every action")
            }
        }
        log.actionCount = all.count
        log.targets = (0..<log.count).map { table[$0 * all.count + Int(log.actions[$0])] }
        log.policy = .rows(table)
    }

    /// Context: columns whose every cell is a number as numbers, others as categories; and what is odd about them.
    func design(_ table: AnalysisTable) throws -> (columns: DesignColumns, warnings: [String]) {
        var design = DesignColumns(rowCount: table.rowCount)
        let warnings = try context.compactMap {
            try design.add(table, $0, isCategorical: categorical.contains($0))
        }
        return (design, warnings)
    }
}

extension DesignColumns {
    /// Adds a column of a table: numbers when every cell is one, else categories; a missing cell is the mean, or
    /// no category.
    ///
    /// - Returns: a warning when the column explains nothing, when cells are missing, or when many cells of a column that
    ///   is read as categories are numbers.
    /// - Throws: `mixed_column` when one cell among numbers is a word.
    mutating func add(
        _ table: AnalysisTable, _ name: String, isCategorical: Bool, withSquares: Bool = false
    ) throws -> String? {
        let found: (numbers: [Double]?, doubt: String?) =
            isCategorical ? (nil, nil) : try table.numbersUnlessWords(name)
        guard let numbers = found.numbers else {
            let (codes, values) = try table.codes(name)
            add(codes: codes, count: values.count)
            if let doubt = found.doubt { return doubt }
            if values.isEmpty { return "`\(name)` has no value: it explains nothing" }
            return values.count == 1 && !codes.contains(-1)
                ? "`\(name)` is the same in every row: it explains nothing" : nil
        }
        let known = numbers.filter { !$0.isNaN }
        guard let first = known.first else { return "`\(name)` has no value: it explains nothing" }
        let mean = known.reduce(0) { $0 + $1 / Double(known.count) }
        let filled = numbers.map { $0.isNaN ? mean : $0 }
        add(filled)
        let scale = filled.reduce(0) { max($0, abs($1 - mean)) }
        // Of two values the square says nothing new.
        if withSquares, scale > 0, Set(filled).count > 2 {
            add(filled.map { ($0 - mean) / scale * (($0 - mean) / scale) })
        }
        if known.allSatisfy({ $0 == first }) { return "`\(name)` is the same in every row: it explains nothing" }
        if let warning = AnalysisTable.doubt(aboutSizes: name, known) { return warning }
        let missing = numbers.count - known.count
        return missing > 0 ? "`\(name)`: \(missing) missing values were read as the mean" : nil
    }
}
