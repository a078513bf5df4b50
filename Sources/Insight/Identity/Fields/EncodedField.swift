/// One column made ready for comparing: normalised, dictionary-encoded, with all that a comparison needs laid out
/// by code. Two cells agree exactly when their codes are equal.
package final class EncodedField: Sendable {
    package let name: String
    package let kind: FieldKind
    /// Dates lie close together (deliveries, payments): days apart count, not digits.
    package let isEventDate: Bool
    package let rows: FrozenBuffer<Int32>
    /// Rows that hold each code.
    package let counts: FrozenBuffer<Int32>
    let bytes: FrozenBuffer<UInt8>
    let starts: FrozenBuffer<Int32>
    let letters: FrozenBuffer<UInt64>
    /// Day number of a date, length of the local part of an e-mail address; `Int32.min` for none.
    let marks: FrozenBuffer<Int32>
    /// Amounts; latitude and longitude of a place, two a code.
    let numbers: FrozenBuffer<Double>
    let tokens: TokenIndex?
    package let missing: Int

    package var distinct: Int { counts.count }

    /// Normalises the cells of a column. Codes are numbered by first appearance.
    package init(_ column: IdentityColumn, kind: FieldKind) {
        name = column.name
        self.kind = kind
        var dictionary = ByteDictionary(capacity: column.values.count)
        let reading = DateReading(sample: kind == .date ? column.values : [])
        var marks: [Int32] = []
        var numbers: [Double] = []
        let mapped = column.values.map { value -> Int32 in
            guard !TextFolding.isPlaceholder(value) else { return -1 }
            var mark = Int32.min
            var number = (Double.nan, Double.nan)
            var folded: [UInt8]
            switch kind {
            case .name, .text, .address, .category: folded = TextFolding.words(value)
            case .postcode, .identifier: folded = TextFolding.compact(value)
            case .phone: folded = TextFolding.phone(value)
            case .email:
                folded = TextFolding.email(value)
                mark = Int32(folded.firstIndex(of: 0x40) ?? folded.count)
            case .date:
                if let date = reading.read(value) {
                    folded = EncodedField.digits(date.year, 4) + EncodedField.digits(date.month, 2)
                    folded += EncodedField.digits(date.day, 2)
                    mark = DateReading.dayNumber(date.year, date.month, date.day)
                } else {
                    folded = TextFolding.compact(value)
                }
            case .number:
                guard let amount = Double(value), amount.isFinite else { return -1 }
                folded = Array("\(amount)".utf8)
                number.0 = amount
            case .geo:
                guard let place = EncodedField.coordinates(value) else { return -1 }
                folded = Array("\(place.latitude),\(place.longitude)".utf8)
                number = (place.latitude, place.longitude)
            }
            guard !folded.isEmpty else { return -1 }
            let (code, isNew) = dictionary.insert(folded)
            if isNew {
                marks.append(mark)
                if kind == .number { numbers.append(number.0) }
                if kind == .geo { numbers += [number.0, number.1] }
            }
            return code
        }
        var counts = [Int32](repeating: 0, count: dictionary.count)
        var missing = 0
        let rows = column.codes.map { code -> Int32 in
            let own = code < 0 ? -1 : mapped[Int(code)]
            if own >= 0 { counts[Int(own)] += 1 } else { missing += 1 }
            return own
        }
        self.missing = missing
        self.rows = FrozenBuffer(rows)
        self.counts = FrozenBuffer(counts)
        bytes = FrozenBuffer(dictionary.bytes)
        starts = FrozenBuffer(dictionary.starts)
        self.marks = FrozenBuffer(marks)
        self.numbers = FrozenBuffer(numbers)
        letters = FrozenBuffer((0..<dictionary.count).map { code in dictionary.withBytes(of: code, LetterSet.of) })
        tokens = kind == .address || kind == .text ? TokenIndex(dictionary, counts: counts) : nil
        isEventDate = kind == .date && EncodedField.liesClose(marks)
    }

    @inline(__always) func text(_ code: Int32) -> UnsafeBufferPointer<UInt8> {
        let start = Int(starts[Int(code)])
        return UnsafeBufferPointer(start: bytes.base + start, count: Int(starts[Int(code) + 1]) - start)
    }

    /// The middle nine tenths of the days span less than ten years.
    private static func liesClose(_ days: [Int32]) -> Bool {
        let known = days.filter { $0 != Int32.min }.sorted()
        guard known.count > 1 else { return false }
        return known[known.count * 19 / 20] - known[known.count / 20] < 3_653
    }

    private static func digits(_ value: Int, _ width: Int) -> [UInt8] {
        var rest = value
        var digits = [UInt8](repeating: 0x30, count: width)
        for place in stride(from: width - 1, through: 0, by: -1) {
            digits[place] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
        return digits
    }

    /// `latitude,longitude` in degrees.
    package static func coordinates(_ text: String) -> (latitude: Double, longitude: Double)? {
        let parts = text.split(whereSeparator: { $0 == "," || $0 == ";" || $0 == " " })
        guard parts.count == 2, let latitude = Double(parts[0]), let longitude = Double(parts[1]),
            abs(latitude) <= 90, abs(longitude) <= 180
        else { return nil }
        return (latitude, longitude)
    }
}
