internal import CADBC
internal import EngagementModel

/// One column's name and type, with the fields below it.
package final class ArrowField: Sendable {
    package let name: String
    /// For a dictionary column the type of its codes; see `dictionary`.
    package let type: ArrowType
    /// How plain numbers lie in the buffer; nil for everything else, dictionaries included.
    package let physical: ArrowType.Physical?
    package let nullable: Bool
    package let children: [ArrowField]
    /// The values of a dictionary column.
    package let dictionary: ArrowField?

    package init(
        name: String, type: ArrowType, nullable: Bool = true, children: [ArrowField] = [],
        dictionary: ArrowField? = nil
    ) {
        self.name = name
        self.type = type
        self.physical = dictionary == nil ? type.physical : nil
        self.nullable = nullable
        self.children = children
        self.dictionary = dictionary
    }

    /// The type that a reader of the column sees.
    package var logicalType: ArrowType { dictionary?.type ?? type }

    /// Copies what a driver described; the caller still releases `schema`.
    convenience init(reading schema: UnsafePointer<CADBC.ArrowSchema>) {
        let c = schema.pointee
        var children: [ArrowField] = []
        for i in 0..<Int(c.n_children) {
            if let child = c.children?[i] { children.append(ArrowField(reading: child)) }
        }
        self.init(
            name: c.name.map { String(cString: $0) } ?? "",
            type: c.format.map { ArrowType(format: String(cString: $0)) } ?? .unsupported(""),
            nullable: c.flags & 2 != 0,
            children: children,
            dictionary: c.dictionary.map { ArrowField(reading: $0) })
    }
}

/// The columns of a result, in order; shared by all its batches.
package final class RecordSchema: Sendable {
    package let fields: [ArrowField]
    package let names: [String]
    private let places: [String: Int]

    package init(fields: [ArrowField]) {
        self.fields = fields
        self.names = fields.map(\.name)
        // The first of several columns of one name wins, as in SQL clients.
        self.places = Dictionary(fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Where the column stands; an error names the columns that there are.
    package func place(of name: String) throws -> Int {
        // Asked once a column and batch: for few columns a comparison is cheaper than a hash.
        if names.count <= 16 {
            for place in names.indices where names[place] == name { return place }
        } else if let place = places[name] {
            return place
        }
        throw Diagnostic(
            "missing_column", "the result has no column `\(name)`; it has \(names.joined(separator: ", "))")
    }
}
