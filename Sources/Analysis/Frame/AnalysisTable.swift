package import EngagementModel

/// What an empty cell means in a column of numbers.
package enum MissingRule: Sendable { case refuse, nan }

/// One CSV or Parquet file as columns: what every analytic method reads.
///
/// Columns are read by name when they are asked for; a cell that cannot be read as asked is a `Diagnostic` with the
/// file, the line (for Parquet: the row, from 1) and the column.
package struct AnalysisTable: Sendable {
    enum Storage: Sendable { case csv(CSVFile), arrow(ArrowFile) }

    package let path: String
    package let rowCount: Int
    package let names: [String]
    /// When the reading began: the first moment of a method's `seconds`.
    package let started: ContinuousClock.Instant
    let storage: Storage

    /// Reads a file: Parquet by its ending, tab-separated as `.tsv`, else CSV.
    ///
    /// - Parameters:
    ///   - only: columns that will be asked for; each must exist.
    ///   - delimiter: one ASCII character between the cells of a text file.
    ///   - allowingNoRows: whether a header alone will do.
    /// - Throws: `file_unreadable`, `empty_file`, `no_rows`, `missing_column`, and what breaks the format.
    package static func read(
        _ path: String, only: [String]? = nil, delimiter: Character? = nil, allowingNoRows: Bool = false
    ) async throws -> AnalysisTable {
        let started = ContinuousClock.now
        let table: AnalysisTable
        let lower = path.lowercased()
        if lower.hasSuffix(".parquet") || lower.hasSuffix(".pq") {
            let file = try await ArrowFile.read(path, only: only)
            table = AnalysisTable(
                path: path, rowCount: file.rowCount, names: file.names, started: started,
                storage: .arrow(file))
        } else {
            let mark = delimiter ?? (lower.hasSuffix(".tsv") ? "\t" : ",")
            guard let byte = mark.asciiValue, byte != 34, byte != 10, byte != 13 else {
                throw Diagnostic(
                    "bad_delimiter", "the delimiter must be one ASCII character, no quotation mark",
                    remedy: "use a comma, a semicolon or a tab")
            }
            let file = try CSVFile(path: path, delimiter: byte)
            table = AnalysisTable(
                path: path, rowCount: file.rowCount, names: file.names, started: started, storage: .csv(file))
        }
        for name in only ?? [] { _ = try table.place(name) }
        guard table.rowCount > 0 || allowingNoRows else {
            throw Diagnostic(
                "no_rows", "the file has a header but no rows", file: path,
                remedy: "write a row a line below the header")
        }
        return table
    }

    package func has(_ name: String) -> Bool { !name.isEmpty && names.contains(name) }

    /// The column's place in the file, from 0.
    func place(_ name: String) throws -> Int {
        if !name.isEmpty, let place = names.firstIndex(of: name) { return place }
        let known = names.filter { !$0.isEmpty }
        let list = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? ", …" : "")
        throw Diagnostic(
            "missing_column", "there is no column `\(name)`", file: path, line: 1, remedy: "it has \(list)")
    }

    /// The line of the file, from 1, on which a row (from 0) begins; of a Parquet file the number of the row.
    package func line(ofRow row: Int) -> Int {
        switch storage {
        case .csv(let file): file.line(ofRow: row)
        case .arrow: row + 1
        }
    }

    /// An error about one row, with its place.
    package func fault(
        _ code: String, _ message: String, row: Int, column: String? = nil, remedy: String
    ) -> Diagnostic {
        Diagnostic(
            code, message, file: path, line: line(ofRow: row),
            column: column.flatMap { name in names.firstIndex(of: name).map { $0 + 1 } }, remedy: remedy)
    }

    /// The largest number that methods compute with: squares and sums of squares of it stay finite.
    package static let largest = 1e100

    /// Finite numbers; an empty cell is refused or becomes NaN. Text that is no number, `inf`, `nan` and numbers beyond
    /// `largest` are refused.
    package func doubles(
        _ name: String, missing: MissingRule = .refuse, largest: Double = Self.largest
    ) throws -> [Double] {
        let place = try place(name)
        let values =
            switch storage {
            case .csv(let file): try file.doubles(place, missing: missing)
            case .arrow(let file): try file.doubles(name, missing: missing)
            }
        if let row = values.firstIndex(where: { abs($0) > largest }) {
            throw fault(
                "bad_number", "`\(name)` is too large to compute with", row: row, column: name,
                remedy: "write it in a larger unit; numbers up to 1e100 are read")
        }
        return values
    }

    /// Numbers, NaN where empty; nil when the column holds words.
    ///
    /// Of the filled cells of up to 10,000 rows, nine tenths or more being numbers refuse the column, half or more warn
    /// (`doubt`), fewer make it one of categories.
    /// - Throws: `mixed_column` when nearly every cell is a number and one is a word: taken for a category, such a
    ///   column would lose its order without a word.
    func numbersUnlessWords(_ name: String) throws -> (numbers: [Double]?, doubt: String?) {
        do { return (try doubles(name, missing: .nan), nil) } catch let fault as Diagnostic
            where fault.code == "bad_number"
        {
            let cells = try sample(name)
            // `inf`, `nan` and numbers that are too large are broken numbers, not words.
            let share = Double(cells.count { Double($0) != nil }) / Double(max(cells.count, 1))
            guard share < 0.9 else { throw mixed(name, fault, cells) }
            return (nil, share >= 0.5 ? Self.doubt(aboutWords: name, share, line: fault.line) : nil)
        }
    }

    /// A warning when a column of mostly numbers is read as categories: not a slip of the pen in one cell, and perhaps not meant.
    private static func doubt(aboutWords name: String, _ share: Double, line: Int?) -> String {
        // Of nearly all, "100%" would be no word about the rest.
        let percent = min(99, max(1, Int((100 * (1 - share)).rounded())))
        return "`\(name)`: \(percent)% of its cells are not numbers"
            + (line.map { ", the first in line \($0)" } ?? "")
            + "; it was read as categories (--categorical says that this is meant, an empty cell that a value is unknown)"
    }

    /// The refusal of a column of numbers with a word in it.
    private func mixed(_ name: String, _ fault: Diagnostic, _ cells: [String]) -> Diagnostic {
        var mixed = fault
        let hasBroken = cells.contains { Double($0).map { !$0.isFinite } ?? false }
        guard fault.message.contains("is not a number"), !hasBroken else { return mixed }
        mixed.code = "mixed_column"
        mixed.message = "`\(name)` holds numbers, but not in this row"
        mixed.remedy = "correct the cell, or leave it empty if unknown; --categorical reads the column as categories"
        return mixed
    }

    /// The filled cells of up to 10,000 rows, spread over the file.
    private func sample(_ name: String) throws -> [String] {
        let step = max(1, rowCount / 10_000)
        switch storage {
        case .csv(let file): return try file.sample(place(name), step: step)
        case .arrow(let file):
            let texts = try file.texts(name)
            return stride(from: 0, to: texts.count, by: step).lazy.map { texts[$0] }.filter { !$0.isEmpty }
        }
    }

    /// A warning when a column that should name rows has an empty cell or one name twice.
    func doubt(aboutKeys name: String) throws -> String? {
        let (codes, values) = try codes(name)
        return values.count < codes.count ? "`\(name)` holds an identifier more than once or an empty one" : nil
    }

    /// A warning when one number of a column drowns the others: more than a million times the usual size of those that are
    /// not 0. Mostly a slip of the pen, and what is estimated rests on it.
    static func doubt<Value: BinaryFloatingPoint>(aboutSizes name: String, _ values: [Value]) -> String? {
        let step = max(1, values.count / 10_000)
        let sizes = stride(from: 0, to: values.count, by: step).lazy.map { abs(values[$0]) }.filter { $0 > 0 }.sorted()
        guard sizes.count > 2, let greatest = values.lazy.filter({ !$0.isNaN }).map(abs).max() else { return nil }
        guard greatest > 1e6 * sizes[sizes.count / 2] else { return nil }
        return "`\(name)`: the largest number is more than a million times the usual one, and the figures rest on it"
    }

    /// Whole numbers; `5.0` is one.
    package func integers(_ name: String) throws -> [Int] {
        let place = try place(name)
        switch storage {
        case .csv(let file): return try file.integers(place)
        case .arrow(let file): return try file.integers(name)
        }
    }

    /// 0/1, true/false, yes/no, t/f, y/n.
    package func flags(_ name: String) throws -> [Bool] {
        let place = try place(name)
        switch storage {
        case .csv(let file): return try file.flags(place)
        case .arrow(let file): return try file.flags(name)
        }
    }

    /// Text, empty where missing.
    package func texts(_ name: String) throws -> [String] {
        let place = try place(name)
        switch storage {
        case .csv(let file): return try file.texts(place)
        case .arrow(let file): return try file.texts(name)
        }
    }

    /// Text as numbers of its values, which stand in order of first appearance; -1 where missing.
    package func codes(_ name: String) throws -> (codes: [Int32], values: [String]) {
        let place = try place(name)
        switch storage {
        case .csv(let file): return file.codes(place)
        case .arrow(let file): return try file.codes(name)
        }
    }

    /// Days since 1970-01-01; of a timestamp its day in UTC.
    package func days(_ name: String) throws -> [Int32] {
        let place = try place(name)
        switch storage {
        case .csv(let file): return try file.days(place)
        case .arrow(let file): return try file.days(name)
        }
    }

    /// Microseconds since 1970-01-01 UTC; of a day its midnight.
    package func timestamps(_ name: String) throws -> [Int64] {
        let place = try place(name)
        switch storage {
        case .csv(let file): return try file.timestamps(place)
        case .arrow(let file): return try file.timestamps(name)
        }
    }

    /// Numbers of single precision, NaN where empty; nil when the column holds words, with a doubt where many are numbers.
    ///
    /// - Throws: as `numbersUnlessWords`.
    func numbersUnlessText(_ name: String) throws -> (numbers: [Float]?, doubt: String?) {
        let place = try place(name)
        if case .csv(let file) = storage, let values = try? file.floatsUnlessText(place) { return (values, nil) }
        let found = try numbersUnlessWords(name)
        guard let values = found.numbers else { return (nil, found.doubt) }
        if let row = values.firstIndex(where: { abs($0) > Double(Float.greatestFiniteMagnitude) }) {
            throw fault(
                "bad_number", "`\(name)` is too large to compute with", row: row, column: name,
                remedy: "write it in a larger unit; numbers up to 1e38 are read")
        }
        return (values.map(Float.init), nil)
    }

    /// A hash of each cell's text.
    func hashes(_ name: String) throws -> [UInt32] {
        let place = try place(name)
        switch storage {
        case .csv(let file): return try file.hashes(place)
        case .arrow(let file):
            return try file.texts(name).map { ByteDictionary.hash(of: $0) }
        }
    }
}
