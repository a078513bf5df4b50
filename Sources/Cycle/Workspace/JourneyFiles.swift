internal import Definitions
package import EngagementModel
internal import Foundation
package import Journeys
internal import Yams

/// `journeys/*.yaml` and `segments/*.yaml` of a workspace.
package struct JourneyFiles: Sendable {
    /// In the order of file names.
    package var journeys: [JourneyDefinition] = []
    package var segments: [SegmentDefinition] = []
    package var diagnostics: [Diagnostic] = []
    /// Names, sizes and times of the files: what tells that one of them changed.
    package private(set) var mark = ""
    /// The file of each segment and journey.
    private var files: [String: String] = [:]

    private static let folders = ["segments", "journeys"]

    /// That of the files as they lie there now.
    package static func mark(of workspace: Workspace) -> String {
        folders.flatMap { folder in
            names(folder, in: workspace).map { name in
                let path = workspace.root.appending(path: "\(folder)/\(name)").path
                let facts = try? FileManager.default.attributesOfItem(atPath: path)
                let time = (facts?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
                return "\(folder)/\(name) \(facts?[.size] as? Int ?? 0) \(time)"
            }
        }.joined(separator: "\n")
    }

    /// Mistakes for which a file does not count.
    package var faults: [Diagnostic] { diagnostics.filter { $0.severity == .error } }

    /// What counts after a change: a file with mistakes says what it said before them, one that is gone nothing more.
    package func following(_ old: JourneyFiles) -> JourneyFiles {
        let faulty = Set(faults.compactMap(\.file))
        var result = self
        func keeps(_ key: String) -> String? { old.files[key].flatMap { faulty.contains($0) ? $0 : nil } }
        for segment in old.segments where !segments.contains(where: { $0.id == segment.id }) {
            guard let file = keeps("segment \(segment.id)") else { continue }
            result.segments.append(segment)
            result.files["segment \(segment.id)"] = file
        }
        for journey in old.journeys where !journeys.contains(where: { $0.id == journey.id }) {
            guard let file = keeps("journey \(journey.id)") else { continue }
            result.journeys.append(journey)
            result.files["journey \(journey.id)"] = file
        }
        return result
    }

    /// Reads every file; one that cannot be used is left out, with all that is wrong with it.
    package static func read(_ workspace: Workspace) -> JourneyFiles {
        var result = JourneyFiles()
        // Before the files: one that changes while it is read is read again.
        result.mark = mark(of: workspace)
        for (name, tree) in result.trees("segments", in: workspace) {
            let (segment, diagnostics) = SegmentReader.read(tree, file: name)
            result.diagnostics += diagnostics
            guard let segment else { continue }
            if result.segments.contains(where: { $0.id == segment.id }) {
                result.report("duplicate_segment", "another file has a segment of this id", name)
            } else {
                result.segments.append(segment)
                result.files["segment \(segment.id)"] = name
            }
        }
        for (name, tree) in result.trees("journeys", in: workspace) {
            let (journey, diagnostics) = JourneyReader.read(tree, file: name)
            result.diagnostics += diagnostics
            guard let journey else { continue }
            if result.journeys.contains(where: { $0.id == journey.id }) {
                result.report("duplicate_journey", "another file has a journey of this id", name)
            } else if let segment = journey.segment, !result.segments.contains(where: { $0.id == segment }) {
                result.report("unknown_segment", "segments/ has no segment `\(segment)`", name)
            } else {
                result.journeys.append(journey)
                result.files["journey \(journey.id)"] = name
            }
        }
        return result
    }

    private mutating func report(_ code: String, _ message: String, _ file: String) {
        diagnostics.append(Diagnostic(code, message, file: file, line: 1, column: 1))
    }

    private static func names(_ folder: String, in workspace: Workspace) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: workspace.root.appending(path: folder).path)) ?? [])
            .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
    }

    private mutating func trees(_ folder: String, in workspace: Workspace) -> [(String, JourneyTree)] {
        let directory = workspace.root.appending(path: folder)
        return Self.names(folder, in: workspace).compactMap { name in
            let file = "\(folder)/\(name)"
            guard let data = FileManager.default.contents(atPath: directory.appending(path: name).path),
                let text = String(validating: data, as: UTF8.self), !text.contains("\0")
            else {
                report("not_utf8", "is not UTF-8 text", file)
                return nil
            }
            do {
                guard let node = try Yams.compose(yaml: text) else {
                    report("empty_file", "holds nothing", file)
                    return nil
                }
                return (file, Self.tree(node))
            } catch let error as YamlError {
                diagnostics.append(YAMLReader.place(of: error, file: file))
            } catch { report("bad_yaml", "is not readable as YAML", file) }
            return nil
        }
    }

    private static func tree(_ node: Node) -> JourneyTree {
        let place = JourneyTree.Place(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        switch node {
        case .mapping(let mapping):
            return .mapping(
                mapping.map { key, value in
                    JourneyTree.Entry(
                        key.string ?? "", tree(value),
                        JourneyTree.Place(line: key.mark?.line ?? place.line, column: key.mark?.column ?? place.column))
                }, place)
        case .sequence(let sequence): return .list(sequence.map(tree), place)
        case .scalar(let scalar): return .text(scalar.string, place)
        case .alias: return .text("", place)
        }
    }
}

extension JourneyDefinition {
    /// The segment whose members enter, if that is its door.
    package var segment: String? {
        switch entry.door {
        case .segment(let id), .schedule(_, _, let id): id
        case .event: nil
        }
    }
}
