package import EngagementModel

/// A named group of HCPs as a marketer writes it: `segments/*.yaml`.
package struct SegmentDefinition: Sendable, Hashable, Codable {
    package var id: String
    package var title: String
    package var condition: Condition

    package init(id: String, title: String = "", condition: Condition) {
        self.id = id
        self.title = title
        self.condition = condition
    }
}

/// Reads a segment from its decoded file.
///
/// ```yaml
/// segment: cardiologists
/// title: Cardiologists of the upper half
/// if: {is: {specialty: cardiology}, at least: {decile: 6}}
/// ```
package enum SegmentReader {
    /// - Returns: the definition, nil when it cannot be used; and everything that is wrong with it.
    package static func read(_ tree: JourneyTree, file: String? = nil) -> (SegmentDefinition?, [Diagnostic]) {
        let log = TreeLog(file: file)
        guard let root = TreeReader(tree, log) else { return (nil, log.diagnostics) }
        let id = root.required("segment")
        let title = root.text("title")
        let condition = root.tree("if").flatMap { JourneyReader.condition($0, log) }
        if root.tree("if") == nil {
            log.report("missing_key", "`if` is required", root.place, remedy: "add `if: {is: {specialty: …}}`")
        }
        root.finish()
        guard log.diagnostics.isEmpty, let id, let condition else { return (nil, log.diagnostics) }
        return (SegmentDefinition(id: id, title: title ?? id, condition: condition), [])
    }
}
