package import EngagementModel

/// The codes of a warehouse's diagnostics.
package enum WarehouseError {
    /// The engine refused or failed; the message is its own.
    package static let engine = "warehouse_error"
    /// Interrupted by `cancel()`.
    package static let cancelled = "cancelled"
    /// No library to load; the remedy names the command.
    package static let driverMissing = "driver_missing"
    /// A library was found but is no usable driver.
    package static let driverUnusable = "driver_unusable"
    /// The file is open in this process already, by a writer or for one.
    package static let busy = "warehouse_busy"
    /// Used after `close()`.
    package static let closed = "warehouse_closed"

    /// The engine's text as a diagnostic, with what to do where that is known.
    static func diagnostic(_ text: String, cancelled: Bool, hiding values: [SQLValue]) -> Diagnostic {
        let message = hide(values, in: text.trimmingNewlines())
        // DuckDB 2.0 forgets the status on some paths, such as the first of several statements; the text it keeps.
        let cancelled = cancelled || message.hasPrefix("INTERRUPT Error")
        return Diagnostic(
            cancelled ? Self.cancelled : engine, message, remedy: cancelled ? nil : remedy(for: message))
    }

    private static func remedy(for text: String) -> String? {
        let known: [(part: String, remedy: String)] = [
            ("Could not set lock on file", "another process has the file open for writing; end it, or open read-only"),
            ("Conflicting lock", "another process has the file open for writing; end it, or open read-only"),
            ("Out of Memory", "give the warehouse more memory, or a temporary directory on a larger disk"),
            ("No space left on device", "free disk space and run again; what was committed is kept"),
            ("attached in read-only mode", "the warehouse was opened read-only; changes belong into a run"),
            ("Cannot launch in-memory database in read-only mode", "give the path of a file"),
        ]
        return known.first { text.contains($0.part) }?.remedy
    }

    /// Removes bound values that the engine quotes.
    private static func hide(_ values: [SQLValue], in text: String) -> String {
        var text = text
        for value in values {
            guard case .text(let bound) = value, !bound.isEmpty else { continue }
            for quote in ["'", "\""] {
                text = text.replacing(quote + bound + quote, with: quote + "…" + quote)
            }
        }
        return text
    }
}

extension Diagnostic {
    /// The same without what an engine may have quoted from a cell: the form for logs and for anything that
    /// outlives the moment. Text in single quotes goes, names in double quotes stay; lines that repeat the SQL go.
    package var redacted: Diagnostic {
        var copy = self
        copy.message = Self.redact(message)
        return copy
    }

    private static func redact(_ message: String) -> String {
        var result = ""
        var quoted = false
        for line in message.split(separator: "\n", omittingEmptySubsequences: false) {
            // DuckDB repeats the statement with a caret below: literals in it may be data.
            if !quoted && (line.hasPrefix("LINE ") || line.allSatisfy { $0 == " " || $0 == "^" }) { continue }
            if !result.isEmpty { result += quoted ? "" : "\n" }
            for character in line {
                if character == "'" {
                    result += quoted ? "…'" : "'"
                    quoted.toggle()
                } else if !quoted {
                    result.append(character)
                }
            }
        }
        return quoted ? result + "…'" : result
    }
}

extension String {
    func trimmingNewlines() -> String {
        var text = Substring(self)
        while let last = text.last, last.isNewline || last == " " { text.removeLast() }
        return String(text)
    }
}
