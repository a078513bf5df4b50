public import EngagementModel
internal import Foundation

/// Decisions as text: CSV, JSON and a table for the terminal.
public enum DecisionTable {
    /// RFC 4180 with LF line ends; columns of the contract. Text that a spreadsheet would run as a formula gets a leading apostrophe.
    public static func csv(_ rows: [Decision]) -> String {
        var text = Decision.columns.joined(separator: ",") + "\n"
        for row in rows {
            text += cells(row).map { $0.csv }.joined(separator: ",") + "\n"
        }
        return text
    }

    /// A JSON array of objects with the columns of the contract.
    public static func json(_ rows: [Decision]) throws -> String {
        let objects = rows.map { row in
            Dictionary(uniqueKeysWithValues: zip(Decision.columns, cells(row).map(\.json)))
        }
        let data = try JSONSerialization.data(withJSONObject: objects, options: [.prettyPrinted, .sortedKeys])
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// What a person reads in a terminal: the main columns.
    public static func text(_ rows: [Decision]) -> String {
        guard !rows.isEmpty else { return "No decisions, or none that match: `rapport run` publishes a plan.\n" }
        let header = ["day", "hour", "hcp", "channel", "content", "sender", "effect", "value", "status", "why"]
        var lines = [header]
        for row in rows {
            lines.append([
                row.day?.description ?? "–", row.hour.map { "\($0):00" } ?? "–", row.hcpID,
                row.channel?.rawValue ?? "no touch", row.contentID ?? "–", row.sender ?? "–",
                row.expectedEffect.formatted3, row.value.formatted3, row.status.rawValue, row.reason1 ?? "",
            ])
        }
        var widths = [Int](repeating: 0, count: header.count)
        for line in lines {
            for (i, cell) in line.enumerated() { widths[i] = max(widths[i], min(cell.count, 60)) }
        }
        return lines.map { line in
            line.enumerated().map { i, cell in
                i == line.count - 1 ? cell : cell + String(repeating: " ", count: max(0, widths[i] - cell.count))
            }.joined(separator: "  ")
        }.joined(separator: "\n") + "\n"
    }

    enum Cell {
        case text(String?)
        case number(Double)
        case integer(Int?)

        var csv: String {
            switch self {
            case .text(nil), .integer(nil): return ""
            case .text(.some(let value)): return CSV.field(value)
            case .number(let value): return "\(value)"
            case .integer(.some(let value)): return "\(value)"
            }
        }

        var json: any Sendable {
            switch self {
            case .text(.some(let value)): return value
            case .number(let value): return value.isFinite ? value : NSNull()
            case .integer(.some(let value)): return value
            default: return NSNull()
            }
        }
    }

    /// The values of one decision in the order of `Decision.columns`.
    static func cells(_ row: Decision) -> [Cell] {
        [
            .text(row.decisionID), .text(row.runID), .text(row.asOf.description), .text(row.hcpID), .text(row.hcoID),
            .text(row.day?.description), .integer(row.hour), .text(row.channel?.rawValue), .text(row.contentID),
            .text(row.productID), .text(row.purpose.rawValue), .text(row.sender), .text(row.objective),
            .number(row.expectedEffect), .number(row.effectLow), .number(row.effectHigh), .number(row.value),
            .number(row.cost), .number(row.price), .number(row.propensity), .text(row.arm.rawValue),
            .text(row.reason1), .text(row.reason2), .text(row.reason3), .text(row.strategyVersion),
            .text(row.modelVersion), .text(row.status.rawValue),
        ]
    }
}

/// CSV fields per RFC 4180.
enum CSV {
    /// Quotes a field where needed, and defuses what a spreadsheet would take for a formula (OWASP, "CSV Injection").
    static func field(_ value: String) -> String {
        var text = value
        if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), Double(text) == nil {
            text = "'" + text
        }
        let special = text.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
        return special ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}

extension Double {
    /// About three significant digits, for people.
    var formatted3: String {
        let magnitude = abs(self)
        if !isFinite { return "–" }
        if magnitude >= 100 { return String(Int(self.rounded())) }
        return String(format: magnitude >= 10 ? "%.1f" : magnitude >= 1 ? "%.2f" : "%.3f", self)
    }
}
