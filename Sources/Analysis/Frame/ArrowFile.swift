internal import EngagementModel
internal import Warehouse

/// A Parquet file, read by the warehouse's engine.
struct ArrowFile: Sendable {
    let path: String
    let table: ArrowTable
    var rowCount: Int { table.rowCount }
    var names: [String] { table.columns }

    static func read(_ path: String, only: [String]?) async throws -> ArrowFile {
        try FileBytes.checkReadable(path)
        let warehouse = try Warehouse.open(WarehouseOptions())
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        do {
            var columns = "*"
            if let only {
                let names = try await connection.query("SELECT * FROM read_parquet(?) LIMIT 0", [.text(path)]).columns
                let present = only.filter(names.contains)
                // A column that is missing is reported by whoever asks for it, with the names that exist.
                if present.count == only.count && !only.isEmpty {
                    columns = present.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ", ")
                }
            }
            return ArrowFile(
                path: path, table: try await connection.query("SELECT \(columns) FROM read_parquet(?)", [.text(path)]))
        } catch let diagnostic as Diagnostic {
            var placed = diagnostic
            placed.file = path
            if placed.code == WarehouseError.engine {
                placed.code = "file_unreadable"
                placed.message = "the file cannot be read as Parquet"
                placed.remedy = "write it again, or give it the ending .csv if that is what it is"
            }
            throw placed
        }
    }

    private func isText(_ name: String) throws -> Bool {
        if case .text = try table[name].type { return true }
        return false
    }

    /// A column whose cells are read one by one; text cells as a CSV file's would be.
    private func map<Source, Value>(
        _ name: String, _ cells: [Source], _ read: (Source) -> Result<Value, CellFault>
    ) throws -> [Value] {
        var result: [Value] = []
        result.reserveCapacity(cells.count)
        for cell in cells {
            switch read(cell) {
            case .success(let value): result.append(value)
            case .failure(let reason):
                throw reason.diagnostic(name, file: path, line: result.count + 1, column: nil)
            }
        }
        return result
    }

    private func parsed<Value>(
        _ name: String, _ read: (UnsafePointer<UInt8>, Int) -> Result<Value, CellFault>
    ) throws -> [Value] {
        try map(name, table.strings(name)) { cell in
            guard var text = cell, !text.isEmpty else { return .failure(.missing) }
            return text.withUTF8 { bytes in
                bytes.baseAddress.map { read($0, bytes.count) } ?? .failure(.missing)
            }
        }
    }

    func doubles(_ name: String, missing: MissingRule) throws -> [Double] {
        if try isText(name) {
            return try map(name, table.strings(name)) { cell in
                guard var text = cell, !text.isEmpty else {
                    return missing == .nan ? .success(.nan) : .failure(.missing)
                }
                return text.withUTF8 { bytes in
                    guard let base = bytes.baseAddress else { return .failure(.missing) }
                    return NumberText.double(base, bytes.count)
                        .mapError { $0 == .notFinite ? .notFinite : .notANumber }
                }
            }
        }
        if case .bool = try table[name].type {
            return try map(name, table.optionalBools(name)) { cell in
                cell.map { .success($0 ? 1 : 0) } ?? (missing == .nan ? .success(.nan) : .failure(.missing))
            }
        }
        let plain = try table.doubles(name)
        if plain.allSatisfy(\.isFinite) { return plain }
        return try map(name, table.optionalDoubles(name)) { cell in
            guard let value = cell else { return missing == .nan ? .success(.nan) : .failure(.missing) }
            return value.isFinite ? .success(value) : .failure(.notFinite)
        }
    }

    func integers(_ name: String) throws -> [Int] {
        if try isText(name) {
            return try parsed(name) { start, count in NumberText.integer(start, count).mapError { _ in .notWhole } }
        }
        return try doubles(name, missing: .refuse).enumerated().map { row, value in
            guard value == value.rounded(), abs(value) <= 0x1p53 else {
                throw CellFault.notWhole.diagnostic(name, file: path, line: row + 1, column: nil)
            }
            return Int(value)
        }
    }

    func flags(_ name: String) throws -> [Bool] {
        if try isText(name) {
            return try parsed(name) { start, count in
                NumberText.flag(start, count).map { .success($0) } ?? .failure(.notAFlag)
            }
        }
        return try map(name, doubles(name, missing: .refuse)) { value in
            value == 1 ? .success(true) : value == 0 ? .success(false) : .failure(.notAFlag)
        }
    }

    /// Text of any scalar column, empty for null; numbers and days as they print.
    func texts(_ name: String) throws -> [String] {
        let type = try table[name].type
        switch type {
        case .text, .null: return try table.texts(name)
        case .bool: return try table.optionalBools(name).map { $0.map { $0 ? "true" : "false" } ?? "" }
        case .day, .dayMilliseconds: return try table.days(name).map { $0.map(\.description) ?? "" }
        case .float, .double: return try table.optionalDoubles(name).map { $0.map { "\($0)" } ?? "" }
        default: return try table.ints(name).map { $0.map { "\($0)" } ?? "" }
        }
    }

    func codes(_ name: String) throws -> (codes: [Int32], values: [String]) {
        let column = try table[name]
        if case .text = column.type, column.chunks.allSatisfy({ $0.field.dictionary == nil }) {
            return ArrowCodes.ofText(column)
        }
        if let whole = ArrowCodes.ofIntegers(column) { return whole }
        var numbers: [String: Int32] = [:]
        var values: [String] = []
        let codes = try texts(name).map { text -> Int32 in
            if text.isEmpty { return -1 }
            if let known = numbers[text] { return known }
            let number = Int32(values.count)
            numbers[text] = number
            values.append(text)
            return number
        }
        return (codes, values)
    }

    func days(_ name: String) throws -> [Int32] {
        if try isText(name) {
            return try parsed(name) { start, count in
                CalendarText.day(start, count).map { .success($0) } ?? .failure(.notADay)
            }
        }
        return try map(name, table.days(name)) { $0.map { .success($0.number) } ?? .failure(.missing) }
    }

    func timestamps(_ name: String) throws -> [Int64] {
        if try isText(name) {
            return try parsed(name) { start, count in
                CalendarText.timestamp(start, count).map { .success($0) } ?? .failure(.notATime)
            }
        }
        if let plain = try table[name].completeTimestamps() { return plain }
        return try map(name, table.timestamps(name)) { $0.map { .success($0) } ?? .failure(.missing) }
    }
}
