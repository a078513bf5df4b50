import EngagementModel
import Foundation

/// The server's queries, each a file of `Resources/sql`, read once.
///
/// The header of a file names the tables that the query needs, so that a snapshot of an early run (no model, no
/// volumes) answers "nothing" instead of failing.
struct QueryBook: Sendable {
    struct Query: Sendable, Hashable {
        var name: String
        var sql: String
        var tables: [String]
    }

    private let queries: [String: Query]

    init() throws {
        let folder = Resource.folder.appending(path: "sql")
        var queries: [String: Query] = [:]
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        where file.pathExtension == "sql" {
            let name = file.deletingPathExtension().lastPathComponent
            let sql = try String(contentsOf: file, encoding: .utf8)
            guard let header = sql.split(separator: "\n").first(where: { $0.hasPrefix("-- needs: ") }) else {
                throw Diagnostic(
                    "bad_query", "The query does not say which tables it needs.", file: file.lastPathComponent)
            }
            let tables = header.dropFirst("-- needs: ".count).split(separator: ",").map {
                String($0.replacing(" ", with: ""))
            }
            queries[name] = Query(name: name, sql: sql, tables: tables)
        }
        self.queries = queries
    }

    subscript(_ name: String) -> Query? { queries[name] }
    var names: [String] { queries.keys.sorted() }
}
