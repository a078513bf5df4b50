/// How far two values of one column agree: a level from exact agreement (0, in classes of frequency) down to
/// disagreement (the last).
package final class FieldComparator: Sendable {
    package let field: EncodedField
    let classes: ExactClasses
    /// One label a level, exact agreement first.
    package let labels: [String]
    /// The column that people swap with this one (given and family name), and this column's codes over there.
    let partner: Int?
    let partnerCode: FrozenBuffer<Int32>
    let swappedLevel: UInt8
    /// First level below exact agreement (after `swapped`, when there is a partner).
    private let first: UInt8
    private let isCostly: Bool

    package var levelCount: Int { labels.count }
    /// The level of a pair with a missing cell: no evidence.
    var missingLevel: UInt8 { UInt8(labels.count) }
    var exactLevels: Int { classes.count }

    init(_ field: EncodedField, partner: Int? = nil, partnerCodes: [Int32] = []) {
        self.field = field
        classes = ExactClasses(counts: field.counts)
        self.partner = partner
        partnerCode = FrozenBuffer(partnerCodes)
        var labels = classes.count == 1 ? ["exact"] : ["exact, rare", "exact", "exact, common"]
        if classes.count == 2 { labels = ["exact, rare", "exact, common"] }
        swappedLevel = UInt8(labels.count)
        if partner != nil { labels.append("swapped with its partner") }
        first = UInt8(labels.count)
        labels += FieldComparator.levels(of: field)
        self.labels = labels
        isCostly = [.name, .text, .address, .email].contains(field.kind)
    }

    /// Labels below exact agreement, the last for disagreement.
    private static func levels(of field: EncodedField) -> [String] {
        switch field.kind {
        case .name: ["one letter or nearly", "initial or short form", "similar", "faintly similar", "different"]
        case .text: ["nearly the same", "mostly the same words", "some of the words", "different"]
        case .address: ["nearly the same", "mostly the same words", "some of the words", "different"]
        case .date:
            field.isEventDate
                ? ["within a day", "within four days", "within ten days", "within a month", "different"]
                : [
                    "one digit, or day and month swapped", "two parts of three, or two digits", "within a year",
                    "different",
                ]
        case .postcode: ["one sign", "same area", "different"]
        case .phone: ["one digit", "last six digits", "different"]
        case .email: ["same local part", "nearly the same", "similar local part", "different"]
        case .category: ["different"]
        case .identifier: ["one sign", "two signs", "different"]
        case .geo: ["within 200 m", "within 1 km", "within 10 km", "within 100 km", "different"]
        case .number: ["within 1 %", "within 3 %", "within 10 %", "within 30 %", "different"]
        }
    }

    /// The level of two codes, `-1` for missing.
    @inline(__always) func level(_ a: Int32, _ b: Int32, _ index: Int, _ scratch: ComparisonScratch) -> UInt8 {
        if a < 0 || b < 0 { return missingLevel }
        if a == b { return classes.classOf[Int(a)] }
        // Every comparison is symmetric: one order serves both.
        let low = min(a, b)
        let high = max(a, b)
        if isCostly { return scratch.cached(index, low, high) { first + below(low, high, scratch) } }
        return first + below(low, high, scratch)
    }

    /// Level below exact agreement, from 0.
    private func below(_ a: Int32, _ b: Int32, _ scratch: ComparisonScratch) -> UInt8 {
        switch field.kind {
        case .name: ofNames(a, b, scratch)
        case .text, .address: ofWords(a, b, scratch)
        case .date: field.isEventDate ? ofDays(a, b) : ofBirthDates(a, b, scratch)
        case .postcode: ofPostcodes(a, b, scratch)
        case .phone: ofPhones(a, b, scratch)
        case .email: ofEmails(a, b, scratch)
        case .category: 0
        case .identifier: ofIdentifiers(a, b, scratch)
        case .geo: ofPlaces(a, b)
        case .number: ofAmounts(a, b)
        }
    }

    /// Edits, or `limit + 1` when there are surely more than `limit`.
    @inline(__always) private func edits(_ a: Int32, _ b: Int32, limit: Int, _ scratch: ComparisonScratch) -> Int {
        let left = field.text(a)
        let right = field.text(b)
        if abs(left.count - right.count) > limit { return limit + 1 }
        if LetterSet.fewestEdits(field.letters[Int(a)], field.letters[Int(b)]) > limit { return limit + 1 }
        return scratch.alignment.distance(left, right)
    }

    @inline(__always) private func likeness(_ a: Int32, _ b: Int32, atLeast: Double) -> Double {
        let left = field.text(a)
        let right = field.text(b)
        let bound = LetterSet.highestSimilarity(
            field.letters[Int(a)], left.count, field.letters[Int(b)], right.count)
        return bound < atLeast ? 0 : JaroWinkler.similarity(left, right)
    }

    @inline(__always) private func sharesStart(_ a: Int32, _ b: Int32, shortest: Int) -> Bool {
        let left = field.text(a)
        let right = field.text(b)
        let length = min(left.count, right.count)
        guard length >= shortest else { return false }
        for place in 0..<length where left[place] != right[place] { return false }
        return true
    }

    private func ofNames(_ a: Int32, _ b: Int32, _ scratch: ComparisonScratch) -> UInt8 {
        let shorter = min(field.text(a).count, field.text(b).count)
        let edits = edits(a, b, limit: 2, scratch)
        if edits <= 1, shorter >= 3 { return 0 }
        let likeness = likeness(a, b, atLeast: 0.7)
        if likeness >= 0.94 { return 0 }
        if sharesStart(a, b, shortest: 1) { return 1 }
        if likeness >= 0.86 || (edits <= 2 && shorter >= 6) { return 2 }
        return likeness >= 0.7 ? 3 : 4
    }

    private func ofWords(_ a: Int32, _ b: Int32, _ scratch: ComparisonScratch) -> UInt8 {
        if edits(a, b, limit: 2, scratch) <= 2, min(field.text(a).count, field.text(b).count) >= 5 { return 0 }
        let words = field.tokens?.similarity(a, b) ?? 0
        if words >= 0.9 { return 0 }
        let likeness = likeness(a, b, atLeast: 0.85)
        if words >= 0.6 || likeness >= 0.93 { return 1 }
        return words >= 0.25 || likeness >= 0.85 ? 2 : 3
    }

    private func ofDays(_ a: Int32, _ b: Int32) -> UInt8 {
        let left = field.marks[Int(a)]
        let right = field.marks[Int(b)]
        guard left != Int32.min, right != Int32.min else { return 4 }
        switch abs(left - right) {
        case ...1: return 0
        case ...4: return 1
        case ...10: return 2
        case ...31: return 3
        default: return 4
        }
    }

    private func ofBirthDates(_ a: Int32, _ b: Int32, _ scratch: ComparisonScratch) -> UInt8 {
        let left = field.text(a)
        let right = field.text(b)
        guard left.count == 8, right.count == 8 else {
            let edits = edits(a, b, limit: 2, scratch)
            return edits <= 1 ? 0 : edits == 2 ? 1 : 3
        }
        var different = 0
        for place in 0..<8 where left[place] != right[place] { different += 1 }
        if different == 1 { return 0 }
        let sameYear = left[0] == right[0] && left[1] == right[1] && left[2] == right[2] && left[3] == right[3]
        let sameMonth = left[4] == right[4] && left[5] == right[5]
        let sameDay = left[6] == right[6] && left[7] == right[7]
        if different <= 4, sameYear, left[4] == right[6], left[5] == right[7], left[6] == right[4], left[7] == right[5]
        {
            return 0
        }
        if different == 2, edits(a, b, limit: 1, scratch) <= 1 { return 0 }
        if (sameYear ? 1 : 0) + (sameMonth ? 1 : 0) + (sameDay ? 1 : 0) == 2 { return 1 }
        if different <= 4, edits(a, b, limit: 2, scratch) <= 2 { return 1 }
        let days = field.marks[Int(a)]
        let others = field.marks[Int(b)]
        return days != Int32.min && others != Int32.min && abs(days - others) <= 366 ? 2 : 3
    }

    private func ofPostcodes(_ a: Int32, _ b: Int32, _ scratch: ComparisonScratch) -> UInt8 {
        if edits(a, b, limit: 1, scratch) <= 1 { return 0 }
        let left = field.text(a)
        let right = field.text(b)
        let area = max(2, min(left.count, right.count) / 2)
        guard left.count >= area, right.count >= area else { return 2 }
        for place in 0..<area where left[place] != right[place] { return 2 }
        return 1
    }

    private func ofPhones(_ a: Int32, _ b: Int32, _ scratch: ComparisonScratch) -> UInt8 {
        if edits(a, b, limit: 1, scratch) <= 1 { return 0 }
        let left = field.text(a)
        let right = field.text(b)
        guard left.count >= 6, right.count >= 6 else { return 2 }
        for place in 1...6 where left[left.count - place] != right[right.count - place] { return 2 }
        return 1
    }

    private func ofEmails(_ a: Int32, _ b: Int32, _ scratch: ComparisonScratch) -> UInt8 {
        let left = field.text(a)
        let right = field.text(b)
        let localA = UnsafeBufferPointer(rebasing: left[0..<Int(field.marks[Int(a)])])
        let localB = UnsafeBufferPointer(rebasing: right[0..<Int(field.marks[Int(b)])])
        if localA.count == localB.count, localA.elementsEqual(localB) { return 0 }
        let edits = edits(a, b, limit: 2, scratch)
        if edits <= 2 { return 1 }
        if likeness(a, b, atLeast: 0.7) >= 0.92 { return 1 }
        return JaroWinkler.similarity(localA, localB) >= 0.88 ? 2 : 3
    }

    private func ofIdentifiers(_ a: Int32, _ b: Int32, _ scratch: ComparisonScratch) -> UInt8 {
        let shorter = min(field.text(a).count, field.text(b).count)
        let edits = edits(a, b, limit: 2, scratch)
        if edits <= 1, shorter >= 2 { return 0 }
        return edits <= 2 && shorter >= 5 ? 1 : 2
    }

    private func ofPlaces(_ a: Int32, _ b: Int32) -> UInt8 {
        let kilometres = GreatCircle.kilometres(
            (field.numbers[2 * Int(a)], field.numbers[2 * Int(a) + 1]),
            (field.numbers[2 * Int(b)], field.numbers[2 * Int(b) + 1]))
        if kilometres <= 0.2 { return 0 }
        if kilometres <= 1 { return 1 }
        return kilometres <= 10 ? 2 : kilometres <= 100 ? 3 : 4
    }

    private func ofAmounts(_ a: Int32, _ b: Int32) -> UInt8 {
        let left = field.numbers[Int(a)]
        let right = field.numbers[Int(b)]
        let share = abs(left - right) / max(abs(left), abs(right))
        if share <= 0.01 { return 0 }
        if share <= 0.03 { return 1 }
        return share <= 0.1 ? 2 : share <= 0.3 ? 3 : 4
    }
}
