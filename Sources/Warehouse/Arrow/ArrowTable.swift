package import EngagementModel

/// A whole result: its batches, as the driver gave them.
package struct ArrowTable: Sendable, ColumnReading {
    package let schema: RecordSchema
    package let batches: [RecordBatch]
    package let rowCount: Int

    package init(schema: RecordSchema, batches: [RecordBatch]) {
        self.schema = schema
        self.batches = batches
        self.rowCount = batches.reduce(0) { $0 + $1.rowCount }
    }

    /// Names in the order of the query.
    package var columns: [String] { schema.names }

    package subscript(name: String) -> ArrowColumn {
        get throws { column(at: try schema.place(of: name)) }
    }

    /// The column at `place`, from 0.
    package func column(at place: Int) -> ArrowColumn {
        ArrowColumn(field: schema.fields[place], chunks: batches.map { $0.chunk(at: place) })
    }
}

/// What a whole result and one of its batches have in common: columns by name, copied out on request.
///
/// Every accessor throws a `Diagnostic` with code `missing_column`, `wrong_type` or `out_of_range`.
/// Whole numbers of any width, and decimals without a fraction (the engine's `sum` of `BIGINT`), read as
/// integers; all numbers read as doubles; dictionaries read as their values.
package protocol ColumnReading {
    subscript(name: String) -> ArrowColumn { get throws }
}

extension ColumnReading {
    /// Text, nil for null.
    package func strings(_ name: String) throws -> [String?] { try self[name].strings() }
    /// Text, empty for null.
    package func texts(_ name: String) throws -> [String] { try self[name].texts() }
    /// Whole numbers, nil for null.
    package func ints(_ name: String) throws -> [Int64?] { try self[name].ints() }
    /// Whole numbers, 0 for null.
    package func int64s(_ name: String) throws -> [Int64] { try self[name].integers(Int64.self) }
    /// Whole numbers, 0 for null.
    package func int32s(_ name: String) throws -> [Int32] { try self[name].integers(Int32.self) }
    /// Whole numbers, 0 for null.
    package func uint8s(_ name: String) throws -> [UInt8] { try self[name].integers(UInt8.self) }
    /// Numbers, NaN for null.
    package func doubles(_ name: String) throws -> [Double] { try self[name].doubles() }
    /// Numbers, nil for null.
    package func optionalDoubles(_ name: String) throws -> [Double?] { try self[name].optionalDoubles() }
    /// Numbers, NaN for null.
    package func floats(_ name: String) throws -> [Float] { try self[name].floats() }
    /// False for null.
    package func bools(_ name: String) throws -> [Bool] { try self[name].optionalBools().map { $0 ?? false } }
    package func optionalBools(_ name: String) throws -> [Bool?] { try self[name].optionalBools() }
    /// Days, nil for null; of a time stamp its day in UTC.
    package func days(_ name: String) throws -> [Day?] { try self[name].days() }
    /// Microseconds since 1970-01-01 UTC, nil for null; of a day its midnight.
    package func timestamps(_ name: String) throws -> [Int64?] { try self[name].timestamps() }
    /// Microseconds since midnight, nil for null.
    package func times(_ name: String) throws -> [Int64?] { try self[name].times() }
    /// Bytes, nil for null.
    package func binaries(_ name: String) throws -> [[UInt8]?] { try self[name].binaries() }
    /// Decimals exactly as written, nil for null.
    package func decimalTexts(_ name: String) throws -> [String?] { try self[name].decimalTexts() }
    /// Lists of text, nil for null; a null element is empty text.
    package func textLists(_ name: String) throws -> [[String]?] { try self[name].textLists() }
    /// Any column as values, nested ones included. Allocates for each cell: for exports, not for hot paths.
    package func values(_ name: String) throws -> [ArrowValue] { try self[name].values() }
}
