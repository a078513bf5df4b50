internal import Content
internal import EngagementModel
internal import Foundation
internal import Ledger

/// Approvals of another system, as a CSV.
enum ApprovalFile {
    private static let columns = [
        "part", "version", "medical", "legal", "regulatory", "approved_on", "expires_on", "reference",
    ]

    /// - Throws: every mistake as one `ValidationFailure`.
    static func read(_ data: Data, file: String, library: Library) throws -> [OutsideApproval] {
        let records = try CSVReader.records(data, file: file)
        guard let header = records.first, header.fields == columns else {
            throw Diagnostic(
                "bad_header", "the first line is not \(columns.joined(separator: ","))", file: file, line: 1)
        }
        var mistakes: [Diagnostic] = []
        var approvals: [OutsideApproval] = []
        for record in records.dropFirst() {
            func mistake(_ code: String, _ message: String, _ remedy: String? = nil) {
                mistakes.append(Diagnostic(code, message, file: file, line: record.line, remedy: remedy))
            }
            guard record.fields.count == columns.count else {
                mistake("bad_row", "has \(record.fields.count) fields, not \(columns.count)")
                continue
            }
            let words = record.fields[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard (2...3).contains(words.count), let kind = PartKind(rawValue: words[0]),
                let part = library.record(of: PartKey(kind, words[1], words.count > 2 ? words[2] : ""))
            else {
                mistake("unknown_part", "names no part of content/", "write kind/id/language")
                continue
            }
            guard part.stated ?? "" == record.fields[1] else {
                mistake(
                    "other_version", "\(part.version.key) is version \(part.stated ?? "(none stated)") here",
                    "export the approvals of this version")
                continue
            }
            let names = Dictionary(uniqueKeysWithValues: zip(ReviewDiscipline.allCases, record.fields[2...4]))
            guard let approved = Day(record.fields[5]), !record.fields[7].isEmpty,
                record.fields[6].isEmpty || Day(record.fields[6]) != nil, names.values.allSatisfy({ !$0.isEmpty })
            else {
                mistake("bad_row", "lacks a name, a reference, or a day as YYYY-MM-DD")
                continue
            }
            approvals.append(
                OutsideApproval(
                    part.version, names: names, approvedOn: approved, expiresOn: Day(record.fields[6]),
                    reference: record.fields[7]))
        }
        guard mistakes.isEmpty else { throw ValidationFailure(diagnostics: mistakes) }
        return approvals
    }
}
