public import EngagementModel
public import Foundation
internal import Simulation

/// What `rapport init` begins with.
public enum WorkspaceTemplate: String, CaseIterable, Sendable {
    case demo, pharma, medtech, empty

    /// What was made.
    public struct Made: Sendable, Codable {
        public var path: String
        public var template: String
        public var files: [String]
        public var rows: [String: Int]

        public var summary: String {
            let total = rows.values.reduce(0, +)
            let data = total > 0 ? " and \(total) rows of simulated data in \(rows.count) files" : ""
            // Only released words are planned: the demo's approvals come before its first run.
            let next =
                template == WorkspaceTemplate.demo.rawValue
                ? """
                  rapport content import-approvals \(path)/content/approvals.csv --workspace \(path)
                  rapport run --workspace \(path)
                """
                : """
                  put your files into \(path)/sources/canonical, or map them in \(path)/sources/*.yaml
                  rapport check --workspace \(path)
                  rapport run --workspace \(path)
                """
            return "Made \(files.count) files\(data). Next:\n\(next)"
        }
    }

    /// Makes the folder and its files.
    ///
    /// - Parameter deltaDays: days after the as-of day that the demo's market also delivers, as dated files.
    /// - Throws: `not_empty` when the folder holds something already; nothing is overwritten.
    public static func create(
        _ template: WorkspaceTemplate, at root: URL, hcps: Int, reps: Int?, seed: UInt64, endingOn asOf: Day,
        deltaDays: Int = 0
    ) throws -> Made {
        let files = FileManager.default
        let present = (try? files.contentsOfDirectory(atPath: root.path)) ?? []
        guard present.isEmpty else {
            throw Diagnostic(
                "not_empty", "\(root.path) is not empty", remedy: "name a new folder, or remove what is in this one")
        }
        var made = Made(path: root.path, template: template.rawValue, files: [], rows: [:])
        do {
            for folder in [
                "sources/canonical", "markets", "segments", "journeys", "content", "playbook", "programme", "scenarios",
            ] {
                try files.createDirectory(at: root.appending(path: folder), withIntermediateDirectories: true)
            }
            guard let templates = Bundle.module.url(forResource: "Templates", withExtension: nil) else {
                throw Diagnostic(
                    "incomplete_installation", "the templates are missing", remedy: "run `script/build` again")
            }
            let source = templates.appending(path: template.rawValue)
            for name in try files.subpathsOfDirectory(atPath: source.path).sorted()
            where [".yaml", ".html", ".csv", ".eml"].contains(where: name.hasSuffix) {
                let target = root.appending(path: name)
                try files.createDirectory(
                    at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                try files.copyItem(at: source.appending(path: name), to: target)
                made.files.append(name)
            }
            try Data("state/\n".utf8).write(to: root.appending(path: ".gitignore"))
        } catch let error as CocoaError {
            throw Diagnostic(
                "not_writable", "cannot write to \(root.path) (\(error.code.rawValue))",
                remedy: "check the folder's owner and the free space")
        }
        if template == .demo {
            let market = try SimulatedMarket(
                MarketParameters(hcps: hcps, reps: reps, seed: seed, endDay: asOf, deltaDays: deltaDays))
            made.rows = try MarketWriter(market).write(to: root.appending(path: "sources/canonical")).rows
        }
        return made
    }
}
