/// An error or warning that a person can act on: what, where, and what to do.
///
/// Never carries personal data: a rejected cell is named by its place, not by its content.
public struct Diagnostic: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    public enum Severity: String, Sendable, Codable { case error, warning, note }

    /// Stable, machine-readable: `unknown_key`, `bad_date`, `driver_missing`, …
    public var code: String
    public var severity: Severity
    public var message: String
    public var file: String?
    /// From 1.
    public var line: Int?
    public var column: Int?
    /// What the reader can do about it.
    public var remedy: String?

    public init(
        _ code: String, _ message: String, severity: Severity = .error, file: String? = nil, line: Int? = nil,
        column: Int? = nil, remedy: String? = nil
    ) {
        self.code = code
        self.message = message
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.remedy = remedy
    }

    public var description: String {
        var place = file ?? ""
        if let line { place += ":\(line)" }
        if let column { place += ":\(column)" }
        let head = place.isEmpty ? "" : "\(place): "
        let tail = remedy.map { " — \($0)" } ?? ""
        return "\(head)\(severity.rawValue): \(message)\(tail) [\(code)]"
    }
}
