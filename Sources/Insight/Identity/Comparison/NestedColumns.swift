/// Columns that follow from another: who shares a postcode shares its town and its country as well.
///
/// Where the finer column agrees, the agreement of the coarser one is no evidence of its own: neither of u, which
/// `ChanceDependence` corrects on average, nor of how rare the agreed value is, which would count at every step (a rare
/// town of a rare country). It is left out then, as if the cell were empty. Found in the data: nearly all rows with one
/// value of the finer column have the same value of the coarser.
struct NestedColumns: Sendable {
    /// For each column the columns that it follows from, finest first.
    let determinedBy: [[Int]]

    /// Share of rows that must have their group's usual value.
    private static let share = 0.98

    init(_ fields: [EncodedField]) {
        determinedBy = fields.indices.map { coarse in
            fields.indices.filter { $0 != coarse && Self.follows(fields[coarse], from: fields[$0]) }
                .sorted { (-fields[$0].distinct, $0) < (-fields[$1].distinct, $1) }
        }
    }

    /// Persons have names, mailboxes and telephones; places lie in each other.
    private static func follows(_ coarse: EncodedField, from fine: EncodedField) -> Bool {
        guard [.category, .postcode].contains(coarse.kind), [.category, .postcode, .geo].contains(fine.kind),
            coarse.distinct >= 2, fine.distinct > coarse.distinct
        else { return false }
        // One value that nearly everybody has follows from everything, and weighs nothing anyway.
        let filled = coarse.rows.count - coarse.missing
        let commonest = (0..<coarse.distinct).map { Int(coarse.counts[$0]) }.max() ?? 0
        guard Double(commonest) < share * Double(filled) else { return false }
        var groups: [UInt64: Int] = [:]
        var sizes = [Int](repeating: 0, count: fine.distinct)
        for row in 0..<fine.rows.count where fine.rows[row] >= 0 && coarse.rows[row] >= 0 {
            groups[UInt64(fine.rows[row]) << 32 | UInt64(coarse.rows[row]), default: 0] += 1
            sizes[Int(fine.rows[row])] += 1
        }
        var usual = [Int](repeating: 0, count: fine.distinct)
        for (key, count) in groups { usual[Int(key >> 32)] = max(usual[Int(key >> 32)], count) }
        var (rows, alike) = (0, 0)
        for group in sizes.indices where sizes[group] > 1 {
            rows += sizes[group]
            alike += usual[group]
        }
        return rows >= max(30, filled / 20) && Double(alike) >= share * Double(rows)
    }

    var isEmpty: Bool { determinedBy.allSatisfy(\.isEmpty) }
}
