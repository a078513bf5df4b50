import EngagementModel
import Foundation

/// Chooses what is compared, and how.
struct FieldSelection {
    private(set) var comparators: [FieldComparator] = []
    private(set) var warnings: [String] = []

    /// - Throws: `nothing_to_compare` when no column tells rows apart.
    init(_ columns: [IdentityColumn]) throws {
        let encoded = WorkSplit.map(columns.count) { index -> EncodedField? in
            let column = columns[index]
            return (column.kind ?? KindDetection.kind(of: column)).map { EncodedField(column, kind: $0) }
        }
        var fields: [EncodedField] = []
        for (column, field) in zip(columns, encoded) {
            if let field, field.distinct > 1 {
                fields.append(field)
            } else {
                warnings.append("column `\(column.name)` is left out: it is empty or the same everywhere")
            }
        }
        guard !fields.isEmpty else {
            throw Diagnostic(
                "nothing_to_compare", "no column tells rows apart: all are empty, or the same everywhere",
                remedy: "give a column that differs between persons")
        }
        fields = FieldSelection.fitting(fields, &warnings)
        let given = fields.firstIndex { $0.kind == .name && KindDetection.namePart($0.name) == .given }
        let family = fields.firstIndex { $0.kind == .name && KindDetection.namePart($0.name) == .family }
        for (index, field) in fields.enumerated() {
            if let given, let family, index == given || index == family {
                let partner = index == given ? family : given
                comparators.append(
                    FieldComparator(
                        field, partner: partner, partnerCodes: FieldSelection.across(field, fields[partner])))
            } else {
                comparators.append(FieldComparator(field))
            }
        }
    }

    /// The columns that say most, as many as the pattern's 64 bits hold (four a column).
    private static func fitting(_ fields: [EncodedField], _ warnings: inout [String]) -> [EncodedField] {
        guard fields.count > 16 else { return fields }
        let ranked = fields.enumerated().sorted { a, b in
            let left = information(a.element)
            let right = information(b.element)
            return left != right ? left > right : a.offset < b.offset
        }
        for (_, field) in ranked.dropFirst(16) {
            warnings.append("column `\(field.name)` is left out: sixteen others say more")
        }
        return ranked.prefix(16).sorted { $0.offset < $1.offset }.map(\.element)
    }

    /// Entropy of the values in bits, times the share of filled cells.
    private static func information(_ field: EncodedField) -> Double {
        let rows = Double(max(1, field.rows.count))
        let filled = rows - Double(field.missing)
        guard filled > 0 else { return 0 }
        var bits = 0.0
        for code in 0..<field.distinct {
            let share = Double(field.counts[code]) / filled
            if share > 0 { bits -= share * log2(share) }
        }
        return bits * filled / rows
    }

    /// Code in `other` of each value of `field`, -1 where it does not occur.
    private static func across(_ field: EncodedField, _ other: EncodedField) -> [Int32] {
        var dictionary = ByteDictionary(capacity: other.distinct)
        for code in 0..<other.distinct { _ = dictionary.insert(Array(other.text(Int32(code)))) }
        return (0..<field.distinct).map { code in
            let (found, isNew) = dictionary.insert(Array(field.text(Int32(code))))
            return isNew || Int(found) >= other.distinct ? -1 : found
        }
    }
}
