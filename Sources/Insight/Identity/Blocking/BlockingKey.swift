/// Something that two rows must share to be compared: a cell, or a coarse form of it that survives small errors.
struct BlockingKey: Sendable {
    let name: String
    let field: Int
    /// The cell itself: sharing it is exact agreement.
    let isExact: Bool
    /// Key of each row, -1 for none.
    let rows: FrozenBuffer<Int32>
    let distinct: Int

    /// The keys of all columns: each cell as it is, and its coarse forms.
    static func all(_ comparison: PairComparison) -> [BlockingKey] {
        var keys: [BlockingKey] = []
        for (index, comparator) in comparison.comparators.enumerated() {
            let field = comparator.field
            keys.append(
                BlockingKey(name: field.name, field: index, isExact: true, rows: field.rows, distinct: field.distinct))
            for (label, coarse) in coarseForms(of: field) {
                var dictionary = ByteDictionary(capacity: field.distinct)
                let codes = (0..<field.distinct).map { code -> Int32 in
                    let form = coarse(Int32(code))
                    return form.isEmpty ? -1 : dictionary.insert(form).code
                }
                let rows = (0..<comparison.rowCount).map { row -> Int32 in
                    let code = field.rows[row]
                    return code < 0 ? -1 : codes[Int(code)]
                }
                keys.append(
                    BlockingKey(
                        name: "\(label)(\(field.name))", field: index, isExact: false, rows: FrozenBuffer(rows),
                        distinct: dictionary.count))
            }
        }
        return keys
    }

    /// Amounts and days fall into steps; a second set of steps, half a step on, catches what the first one parts.
    private static func coarseForms(of field: EncodedField) -> [(String, (Int32) -> [UInt8])] {
        func start(_ length: Int) -> (Int32) -> [UInt8] {
            { code in field.text(code).count >= length ? Array(field.text(code).prefix(length)) : [] }
        }
        func fortnight(_ offset: Int32) -> (Int32) -> [UInt8] {
            { code in
                let day = field.marks[Int(code)]
                return day == Int32.min ? [] : Array("\((day + 700_000 + offset) / 14)".utf8)
            }
        }
        func about(_ offset: Double) -> (Int32) -> [UInt8] {
            { code in
                let amount = field.numbers[Int(code)]
                return amount > 0 ? Array("\(Int(Logarithm.steps(amount, ratio: 1.1, offset: offset)))".utf8) : []
            }
        }
        switch field.kind {
        case .name: return [("start", start(3))]
        case .text: return [("start", start(8)), ("start of four", start(4))]
        case .address: return [("start", start(8))]
        case .postcode, .category: return []
        case .phone: return [("end", { Array(field.text($0).suffix(6)) })]
        case .identifier:
            return [
                ("half", { field.text($0).count >= 6 ? Array(field.text($0).prefix(field.text($0).count / 2)) : [] })
            ]
        case .email: return [("local", { Array(field.text($0).prefix(Int(field.marks[Int($0)]))) })]
        case .date:
            if field.isEventDate { return [("fortnight", fortnight(0)), ("second fortnight", fortnight(7))] }
            return [("month", { field.text($0).count == 8 ? Array(field.text($0).prefix(6)) : [] })]
        case .number: return [("about", about(0)), ("second about", about(0.5))]
        case .geo:
            return [
                (
                    "cell",
                    { code in
                        let latitude = Int((field.numbers[2 * Int(code)] * 50).rounded())
                        let longitude = Int((field.numbers[2 * Int(code) + 1] * 50).rounded())
                        return Array("\(latitude) \(longitude)".utf8)
                    }
                )
            ]
        }
    }
}
