internal import EngagementModel
internal import Foundation

/// One stage of the SQL pipeline: a file of `SQL/` and what its header says.
struct MartStage: Sendable, Hashable {
    /// `resolve/hcp`: folder and name, without ending.
    var file: String
    var sql: String
    var grain: String
    var keys: String
    /// Tables and views that the stage reads, with their schema.
    var inputs: [String]
    /// A query of one number: the file runs again until the number stays the same.
    var repeatUntilStable: String?

    /// Reads the header of a stage's text.
    ///
    /// Errors: `mart_header` when one of `grain`, `keys`, `inputs` is missing.
    init(file: String, sql: String) throws {
        func field(_ name: String) -> String? {
            var lines = sql.split(separator: "\n", omittingEmptySubsequences: false)[...]
            guard let start = lines.firstIndex(where: { $0.hasPrefix("-- \(name): ") }) else { return nil }
            var text = lines[start].dropFirst(name.count + 5)
            lines = lines[(start + 1)...]
            // A line that is indented under a field continues it.
            while let next = lines.first, next.hasPrefix("--   ") {
                text += " " + next.dropFirst(5)
                lines = lines.dropFirst()
            }
            return String(text)
        }
        guard let grain = field("grain"), let keys = field("keys"), let inputs = field("inputs") else {
            throw Diagnostic(
                "mart_header", "a stage says its grain, keys and inputs in comments at its head", file: "\(file).sql",
                remedy: "add the lines `-- grain: …`, `-- keys: …`, `-- inputs: …`")
        }
        self.file = file
        self.sql = sql
        self.grain = grain
        self.keys = keys
        self.inputs = inputs.split(separator: ",").map { $0.trimmingPrefix(while: { $0 == " " }) }.map(String.init)
        repeatUntilStable = field("repeat")
    }

    /// The installed `SQL` folder.
    static var folder: String? { Bundle.module.resourceURL.map { $0.appendingPathComponent("SQL").path } }

    /// The stage of that name in the installed `SQL` folder.
    static func load(_ file: String) throws -> MartStage {
        guard let folder, let sql = try? String(contentsOfFile: "\(folder)/\(file).sql", encoding: .utf8) else {
            throw Diagnostic(
                "mart_missing", "the stage `\(file)` is not installed", file: "SQL/\(file).sql",
                remedy: "install Rapport again")
        }
        return try MartStage(file: file, sql: sql)
    }

    /// Tables and views that the stage makes, in order.
    var products: [String] {
        sql.split(separator: "\n").compactMap { line in
            for opening in ["CREATE OR REPLACE TABLE ", "CREATE OR REPLACE VIEW "] where line.hasPrefix(opening) {
                return line.dropFirst(opening.count).prefix { $0 != " " && $0 != "(" }.description
            }
            return nil
        }
    }

    /// The table that the file is named for; the last one it makes.
    var product: String? { products.last { !$0.hasPrefix("history.") } ?? products.last }
}

/// FNV-1a, 64 bits: tells whether a text is the same as last time; not for strangers' input.
struct Fingerprint: Sendable, Hashable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
        value = (value ^ 0xff) &* 0x100_0000_01b3
    }

    var text: String { String(value, radix: 16) }
}
