package import EngagementModel

/// How files of one source, or a table of the warehouse, become rows of canonical tables (`docs/mappings.md`).
///
/// The language is SQL: an expression per canonical column over the relation `rows`, which is the file as it lies
/// there, every column text, plus `line`, the record's number in the file (the header counts as 1).
package struct SourceMapping: Sendable, Hashable, Codable {
    package var source: String
    package var owner: String?
    /// Whose value survives when sources disagree: the lower number.
    package var priority: Int
    /// How long after the fact the source learns of it; for rows without `known_at` and files without a date.
    package var lag: Span
    /// Paths or patterns, relative to the workspace; `${name}` stands for a variable.
    package var files: [String]
    /// A table or view of the warehouse instead of files.
    package var table: String?
    /// nil: by the file's ending.
    package var format: SourceFormat?
    package var delimiter: String?
    package var encoding: String?
    /// Whether the first record names the columns; otherwise `columns` does.
    package var header: Bool
    package var columns: [String]
    /// Columns without which the file is not what the mapping was written for.
    package var expects: [String]
    /// Columns that may be missing; they are null then.
    package var optional: [String]
    /// Other spellings of a column's name; letter case never matters.
    package var aliases: [String: [String]]
    /// Further files, each a relation of its own.
    package var inputs: [String: MappingInput]
    /// Defaults of variables.
    package var variables: [String: String]
    /// `name AS (SELECT …), …`: relations between `rows` and the tables.
    package var relations: String?
    /// Canonical table → one or more ways to make its rows.
    package var tables: [String: [TableMapping]]

    package init(
        source: String, owner: String? = nil, priority: Int = 100, lag: Span = Span(seconds: 0), files: [String] = [],
        table: String? = nil, format: SourceFormat? = nil, delimiter: String? = nil, encoding: String? = nil,
        header: Bool = true, columns: [String] = [], expects: [String] = [], optional: [String] = [],
        aliases: [String: [String]] = [:], inputs: [String: MappingInput] = [:], variables: [String: String] = [:],
        relations: String? = nil, tables: [String: [TableMapping]] = [:]
    ) {
        self.source = source
        self.owner = owner
        self.priority = priority
        self.lag = lag
        self.files = files
        self.table = table
        self.format = format
        self.delimiter = delimiter
        self.encoding = encoding
        self.header = header
        self.columns = columns
        self.expects = expects
        self.optional = optional
        self.aliases = aliases
        self.inputs = inputs
        self.variables = variables
        self.relations = relations
        self.tables = tables
    }
}

/// How a file is written.
package enum SourceFormat: String, Sendable, Hashable, Codable, CaseIterable {
    case csv, tsv, parquet, jsonl

    /// By the ending of a file's name; nil for endings that are not read.
    package init?(path: String) {
        switch path.split(separator: ".").last?.lowercased() {
        case "csv": self = .csv
        case "tsv", "tab": self = .tsv
        case "parquet": self = .parquet
        case "jsonl", "ndjson": self = .jsonl
        default: return nil
        }
    }
}

/// A further file of a mapping: `Call2_Detail_vod__c.csv` beside `Call2_vod__c.csv`.
package struct MappingInput: Sendable, Hashable, Codable {
    package var files: [String]
    /// Columns that the mapping reads; those that a file lacks are null, and without a file the relation is empty.
    package var columns: [String]

    package init(files: [String], columns: [String]) {
        self.files = files
        self.columns = columns
    }
}

/// One way to make rows of a canonical table.
package struct TableMapping: Sendable, Hashable, Codable {
    /// The relation to read: `rows`, or one of `let`.
    package var from: String
    package var filter: String?
    /// Canonical column, or `known_at` → SQL expression.
    package var columns: [String: String]
    /// Further facts to keep: name → SQL expression.
    package var traits: [String: String]
    /// Length of the period that `period_start` begins: month (by default), week, quarter, year, day.
    package var period: MappingPeriod

    package init(
        from: String = "rows", filter: String? = nil, columns: [String: String], traits: [String: String] = [:],
        period: MappingPeriod = .month
    ) {
        self.from = from
        self.filter = filter
        self.columns = columns
        self.traits = traits
        self.period = period
    }
}

package enum MappingPeriod: String, Sendable, Hashable, Codable, CaseIterable {
    case day, week, month, quarter, year
}
