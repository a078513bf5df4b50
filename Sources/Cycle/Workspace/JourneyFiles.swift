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

    /// Reads every file; one that cannot be used is left out, with all that is wrong with it.
    package static func read(_ workspace: Workspace) -> JourneyFiles {
        var result = JourneyFiles()
        for (name, tree) in result.trees("segments", in: workspace) {
            let (segment, diagnostics) = SegmentReader.read(tree, file: name)
            result.diagnostics += diagnostics
            guard let segment else { continue }
            if result.segments.contains(where: { $0.id == segment.id }) {
                result.report("duplicate_segment", "another file has a segment of this id", name)
            } else {
                result.segments.append(segment)
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
            }
        }
        return result
    }

    private mutating func report(_ code: String, _ message: String, _ file: String) {
        diagnostics.append(Diagnostic(code, message, file: file, line: 1, column: 1))
    }

    private mutating func trees(_ folder: String, in workspace: Workspace) -> [(String, JourneyTree)] {
        let directory = workspace.root.appending(path: folder)
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
            .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
        return names.compactMap { name in
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
