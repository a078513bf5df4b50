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
                throw Diagnostic("bad_delimiter", "the delimiter must be one ASCII character, no quotation mark")
            }
            let file = try CSVFile(path: path, delimiter: byte)
            table = AnalysisTable(
                path: path, rowCount: file.rowCount, names: file.names, started: started, storage: .csv(file))
        }
        for name in only ?? [] { _ = try table.place(name) }
        guard table.rowCount > 0 || allowingNoRows else {
            throw Diagnostic("no_rows", "the file has a header but no rows", file: path)
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
        _ code: String, _ message: String, row: Int, column: String? = nil, remedy: String? = nil
    ) -> Diagnostic {
        Diagnostic(
            code, message, file: path, line: line(ofRow: row),
            column: column.flatMap { name in names.firstIndex(of: name).map { $0 + 1 } }, remedy: remedy)
    }

    /// Finite numbers; an empty cell is refused or becomes NaN. Text that is no number, `inf` and `nan` are refused.
    package func doubles(_ name: String, missing: MissingRule = .refuse) throws -> [Double] {
        let place = try place(name)
        switch storage {
        case .csv(let file): return try file.doubles(place, missing: missing)
        case .arrow(let file): return try file.doubles(name, missing: missing)
        }
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

    /// Numbers of single precision, NaN where empty; nil when the column holds words.
    func numbersUnlessText(_ name: String) throws -> [Float]? {
        let place = try place(name)
        switch storage {
        case .csv(let file): return try file.floatsUnlessText(place)
        case .arrow(let file):
            do {
                return try file.doubles(name, missing: .nan).map(Float.init)
            } catch let diagnostic as Diagnostic where diagnostic.code == "bad_number" {
                // `inf` and `nan` are broken numbers, not words.
                if try file.texts(name).contains(where: { Double($0).map { !$0.isFinite } ?? false }) {
                    throw diagnostic
                }
                return nil
            }
        }
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
