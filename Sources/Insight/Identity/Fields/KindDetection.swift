/// Finds how a column is best compared, from its name first and its contents second.
package enum KindDetection {
    /// `nil` for a column that says nothing: all missing, or one value everywhere.
    package static func kind(of column: IdentityColumn) -> FieldKind? {
        guard column.values.count > 1 else { return nil }
        let contents = Contents(column)
        return named(words(column.name), contents) ?? contents.kind
    }

    /// Lower-case words of a header: `dateOfBirth`, `date_of_birth` and `Date of birth` are the same.
    static func words(_ header: String) -> [String] {
        var words: [String] = [""]
        var wasLower = false
        for letter in header {
            if letter.isUppercase, wasLower { words.append("") }
            wasLower = letter.isLowercase
            if letter.isLetter || letter.isNumber {
                words[words.count - 1].append(contentsOf: letter.lowercased())
            } else if words.last?.isEmpty == false {
                words.append("")
            }
        }
        return words.filter { !$0.isEmpty }
    }

    private static let hints: [(FieldKind, Set<String>)] = [
        (.email, ["email", "mail", "emails"]),
        (.phone, ["phone", "tel", "telephone", "mobile", "fax", "telefon", "handy", "cell", "telefono"]),
        (.postcode, ["zip", "postcode", "postal", "plz", "postleitzahl", "zipcode", "pincode"]),
        (.date, ["dob", "birth", "date", "birthdate", "birthday", "geburtsdatum", "datum", "born"]),
        (.number, ["amount", "price", "value", "sum", "total", "betrag"]),
        (
            .identifier,
            [
                "ssn", "sec", "npi", "licence", "license", "id", "number", "nr", "identifier", "lanr", "gln", "iban",
                "passport",
            ]
        ),
        (
            .category,
            [
                "state", "gender", "sex", "country", "title", "specialty", "speciality", "type", "status", "province",
                "land",
            ]
        ),
        (.address, ["address", "street", "addr", "strasse", "adresse", "road", "rue"]),
        (
            .name,
            [
                "name", "surname", "firstname", "lastname", "forename", "given", "family", "vorname", "nachname", "nom",
                "prenom", "city", "town", "suburb", "ort", "stadt", "ville", "village", "municipality", "middle",
                "first",
                "last",
            ]
        ),
        (.text, ["memo", "description", "note", "notes", "comment", "text"]),
    ]

    private static func named(_ words: [String], _ contents: Contents) -> FieldKind? {
        let words = Set(words)
        if !words.isDisjoint(with: ["latlon", "latlong", "geo", "coordinates", "location"]),
            contents.pairsOfNumbers > 0.8
        {
            return .geo
        }
        for (kind, hint) in hints where !words.isDisjoint(with: hint) {
            // The name proposes, the contents must not contradict.
            switch kind {
            case .date: if contents.dates > 0.6 { return .date }
            case .email: if contents.emails > 0.5 { return .email }
            case .phone: if contents.digitShare > 0.5 { return .phone }
            case .number: if contents.numbers > 0.8 { return .number }
            case .address: return contents.numbers > 0.6 ? .identifier : .address
            case .name: if contents.digitShare < 0.3 { return contents.wordsPerValue > 3.2 ? .text : .name }
            case .identifier: return contents.digitShare > 0.2 ? .identifier : contents.kind
            case .category: return contents.distinct <= 2_000 ? .category : contents.kind
            default: return kind
            }
        }
        return nil
    }

    /// Shares of the distinct values (at most 2,000 of them) that look like something.
    struct Contents {
        var emails = 0.0
        var dates = 0.0
        var numbers = 0.0
        var decimals = 0.0
        var pairsOfNumbers = 0.0
        var digitShare = 0.0
        var wordsPerValue = 0.0
        var meanLength = 0.0
        var withDigitAndLetter = 0.0
        let distinct: Int
        let rows: Int

        init(_ column: IdentityColumn) {
            distinct = column.values.count
            rows = column.codes.count
            let step = max(1, distinct / 2_000)
            let sample = stride(from: 0, to: distinct, by: step).map { column.values[$0] }
            let reading = DateReading(sample: sample)
            var digits = 0
            var letters = 0
            for value in sample {
                let bytes = Array(value.utf8)
                let ownDigits = bytes.count { $0 >= 0x30 && $0 <= 0x39 }
                let ownLetters = bytes.count { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || $0 >= 0x80 }
                digits += ownDigits
                letters += ownLetters
                if let at = value.firstIndex(of: "@"), at != value.startIndex { emails += 1 }
                if reading.read(value) != nil { dates += 1 }
                if Double(value) != nil {
                    numbers += 1
                    if value.contains(".") { decimals += 1 }
                }
                if EncodedField.coordinates(value) != nil { pairsOfNumbers += 1 }
                if ownDigits > 0, ownLetters > 0 { withDigitAndLetter += 1 }
                wordsPerValue += Double(TextFolding.words(value).count { $0 == 0x20 } + 1)
                meanLength += Double(bytes.count)
            }
            let total = Double(max(1, sample.count))
            emails /= total
            dates /= total
            numbers /= total
            decimals /= total
            pairsOfNumbers /= total
            withDigitAndLetter /= total
            wordsPerValue /= total
            meanLength /= total
            digitShare = Double(digits) / Double(max(1, digits + letters))
        }

        var kind: FieldKind {
            if emails > 0.6 { return .email }
            if dates > 0.8 { return .date }
            if pairsOfNumbers > 0.9 { return .geo }
            if numbers > 0.9, decimals > 0.3 { return .number }
            if distinct <= 60, Double(distinct) < 0.05 * Double(rows) { return .category }
            if digitShare > 0.6 { return .identifier }
            if wordsPerValue < 2.3 { return withDigitAndLetter > 0.5 ? .identifier : .name }
            return withDigitAndLetter > 0.5 && wordsPerValue < 7 ? .address : .text
        }
    }

    /// The part a column plays in a person's name, when its header says so: people swap the two.
    package enum NamePart: Sendable { case given, family }

    package static func namePart(_ header: String) -> NamePart? {
        let words = Set(words(header))
        if !words.isDisjoint(with: ["surname", "last", "lastname", "family", "nachname", "nom"]) { return .family }
        if !words.isDisjoint(with: ["first", "firstname", "given", "forename", "vorname", "prenom"]) { return .given }
        return nil
    }
}
