/// How the values of a column are compared.
package enum FieldKind: String, Sendable, CaseIterable {
    case name, text, address, date, postcode, phone, email, category, identifier, geo, number
}

/// One column as it comes: dictionary-encoded, `-1` for a missing cell.
package struct IdentityColumn: Sendable {
    package var name: String
    /// `nil`: found from the name and the contents.
    package var kind: FieldKind?
    /// One code a row, an index into `values`.
    package var codes: [Int32]
    package var values: [String]

    package init(name: String, kind: FieldKind? = nil, codes: [Int32], values: [String]) {
        self.name = name
        self.kind = kind
        self.codes = codes
        self.values = values
    }

    /// A column from its cells; an empty cell is missing.
    package init(name: String, kind: FieldKind? = nil, cells: [String]) {
        var index: [String: Int32] = [:]
        var values: [String] = []
        let codes = cells.map { cell -> Int32 in
            if cell.isEmpty { return -1 }
            if let known = index[cell] { return known }
            let code = Int32(values.count)
            index[cell] = code
            values.append(cell)
            return code
        }
        self.init(name: name, kind: kind, codes: codes, values: values)
    }

    /// The rows of one column followed by the rows of another, over one dictionary.
    package func appending(_ other: IdentityColumn) -> IdentityColumn {
        var index: [String: Int32] = [:]
        index.reserveCapacity(values.count + other.values.count)
        for (code, value) in values.enumerated() { index[value] = Int32(code) }
        var merged = values
        let mapped = other.values.map { value -> Int32 in
            if let known = index[value] { return known }
            let code = Int32(merged.count)
            index[value] = code
            merged.append(value)
            return code
        }
        let added = other.codes.map { $0 < 0 ? -1 : mapped[Int($0)] }
        return IdentityColumn(name: name, kind: kind ?? other.kind, codes: codes + added, values: merged)
    }
}
