package import EngagementModel
package import Yams

extension YAMLReader {
    /// Where a YAML text is broken.
    package static func place(of error: YamlError, file: String) -> Diagnostic {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            Diagnostic("bad_yaml", problem, file: file, line: mark.line, column: mark.column)
        case .duplicatedKeysInMapping(let duplicates, let context):
            Diagnostic(
                "duplicate_key", "the key `\(duplicates.first ?? "?")` stands twice in one mapping", file: file,
                line: context.mark.line, column: context.mark.column, remedy: "keep one of them")
        default:
            Diagnostic(
                "bad_yaml", "not readable as YAML in UTF-8", file: file, line: 1, column: 1,
                remedy: "save the file as UTF-8 text")
        }
    }
}
