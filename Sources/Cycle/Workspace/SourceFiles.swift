internal import Definitions
internal import EngagementModel
internal import Foundation
internal import Warehouse
internal import Yams

/// The sources of a workspace: canonical files, and mappings of other files (`sources/*.yaml`).
struct SourceFiles: Sendable {
    var mappings: [SourceMapping] = []
    var diagnostics: [Diagnostic] = []
    /// Canonical tables that some source delivers.
    var tables: Set<String> = []

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// Reads `sources/*.yaml`; a file with `use: NAME` begins with the built-in mapping of that name.
    static func read(_ workspace: Workspace) -> SourceFiles {
        var result = SourceFiles()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: workspace.sourcesDirectory.path)) ?? []
        for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let path = workspace.sourcesDirectory.appending(path: name).path
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            let file = "sources/\(name)"
            guard let text = String(validating: data, as: UTF8.self) else {
                result.diagnostics.append(
                    Diagnostic("not_utf8", "is not UTF-8 text", file: file, line: 1, remedy: "save it as UTF-8"))
                continue
            }
            do {
                let mapping = try decode(text, file: file)
                if mapping.source == "canonical" || result.mappings.contains(where: { $0.source == mapping.source }) {
                    result.diagnostics.append(
                        Diagnostic(
                            "duplicate_source", "the source name `\(mapping.source)` is taken", file: file, line: 1,
                            remedy: "give every source a name of its own; `canonical` is the canonical folder"))
                }
                result.mappings.append(mapping)
                result.tables.formUnion(mapping.tables.keys)
            } catch let diagnostic as Diagnostic {
                result.diagnostics.append(diagnostic)
            } catch {
                result.diagnostics.append(Diagnostic("bad_yaml", "not readable as YAML", file: file, line: 1))
            }
        }
        result.tables.formUnion(canonicalTables(workspace.canonicalDirectory))
        return result
    }

    /// What a run would refuse before reading a row: missing files, wrong headers of canonical files.
    static func checkHeaders(_ sources: SourceFiles, in workspace: Workspace) async -> [Diagnostic] {
        var found: [Diagnostic] = []
        let names = (try? FileManager.default.contentsOfDirectory(atPath: workspace.canonicalDirectory.path)) ?? []
        for name in names.sorted() where name.hasSuffix(".csv") {
            let stem = String(name.dropLast(4))
            let table = CanonicalSchema.tables.filter { stem == $0.name || stem.hasPrefix($0.name + "-") }
                .max { $0.name.count < $1.name.count }
            let file = "sources/canonical/\(name)"
            guard let table else {
                let known = CanonicalSchema.tables.map(\.name)
                found.append(
                    Diagnostic(
                        "unknown_table", "the name is none of the canonical tables, so it is not read",
                        severity: .warning,
                        file: file, remedy: nearest(stem, known).map { "did you mean `\($0).csv`?" }))
                continue
            }
            guard let handle = try? FileHandle(forReadingFrom: workspace.canonicalDirectory.appending(path: name)),
                let head = try? handle.read(upToCount: 1 << 16)
            else { continue }
            try? handle.close()
            let line = head.prefix { $0 != 0x0A }
            guard let header = try? CSVReader.records(line, file: file).first?.fields else {
                found.append(
                    Diagnostic(
                        "not_utf8", "the header is not UTF-8 text", file: file, line: 1,
                        remedy: "save the file as UTF-8"))
                continue
            }
            let columns = Set(header.map { $0.lowercased().filter { $0 != " " } })
            for column in table.columns where column.required && !columns.contains(column.name) {
                found.append(
                    Diagnostic(
                        "missing_column", "has no column `\(column.name)`", file: file, line: 1,
                        remedy: nearest(column.name, header).map { "rename `\($0)`" } ?? "add the column"))
            }
        }
        for mapping in sources.mappings where mapping.table == nil {
            do {
                let resolved = try mapping.resolved(workspace.settings.variables)
                for pattern in resolved.files where !pattern.contains("*") {
                    let path = pattern.hasPrefix("/") ? pattern : workspace.root.appending(path: pattern).path
                    if !FileManager.default.fileExists(atPath: path) {
                        found.append(
                            Diagnostic(
                                "file_missing", "source `\(mapping.source)` finds no file", file: pattern,
                                remedy: "check the path and its variables"))
                    }
                }
            } catch let diagnostic as Diagnostic {
                found.append(diagnostic)
            } catch { continue }
        }
        return found
    }

    private static func canonicalTables(_ folder: URL) -> Set<String> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let known = CanonicalSchema.tables.map(\.name)
        return Set(
            names.filter { $0.hasSuffix(".csv") || $0.hasSuffix(".parquet") }.compactMap { name in
                known.filter { name.hasPrefix($0 + ".") || name.hasPrefix($0 + "-") }.max { $0.count < $1.count }
            })
    }

    private static func decode(_ text: String, file: String) throws -> SourceMapping {
        var text = text
        var root: Node
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw Diagnostic("missing_key", "source: is required", file: file, line: 1)
            }
            root = node
        } catch let error as YamlError {
            throw YAMLReader.place(of: error, file: file)
        }
        if let name = root["use"]?.string {
            guard let path = BuiltInMapping(rawValue: name)?.path, let data = FileManager.default.contents(atPath: path)
            else {
                throw Diagnostic(
                    "unknown_value", "use: there is no built-in mapping `\(name)`", file: file,
                    line: root["use"]?.mark?.line, column: root["use"]?.mark?.column,
                    remedy: "built in are \(BuiltInMapping.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            text = try overlay(root, on: String(decoding: data, as: UTF8.self))
            root = try Yams.compose(yaml: text) ?? root
        }
        do {
            return try YAMLDecoder().decode(SourceMapping.self, from: text)
        } catch let error as DecodingError {
            throw diagnostic(error, root: root, file: file)
        }
    }

    /// The keys of a workspace's file in place of those of the built-in mapping.
    private static func overlay(_ node: Node, on base: String) throws -> String {
        guard var result = try Yams.compose(yaml: base), let own = node.mapping else { return base }
        for (key, value) in own where key.string != "use" {
            if let name = key.string { result[name] = value }
        }
        return try Yams.serialize(node: result)
    }

    /// A decoding error with the place of the key that it is about.
    private static func diagnostic(_ error: DecodingError, root: Node, file: String) -> Diagnostic {
        let context: DecodingError.Context
        var keys: [any CodingKey]
        var message: String
        switch error {
        case .keyNotFound(let key, let found):
            context = found
            keys = context.codingPath
            message = "`\(key.stringValue)` is required"
        case .dataCorrupted(let found), .typeMismatch(_, let found), .valueNotFound(_, let found):
            context = found
            keys = context.codingPath
            message = context.debugDescription
        @unknown default:
            return Diagnostic("bad_value", "cannot be read", file: file, line: 1)
        }
        var node: Node? = root
        var mark = root.mark
        while let key = keys.first {
            keys.removeFirst()
            node = key.intValue.flatMap { index in node?.sequence.map { $0[index] } } ?? node?[key.stringValue]
            mark = node?.mark ?? mark
        }
        if message.isEmpty { message = "has the wrong form" }
        return Diagnostic("bad_value", message, file: file, line: mark?.line ?? 1, column: mark?.column)
    }
}
