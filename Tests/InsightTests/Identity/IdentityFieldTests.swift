import Testing

@testable import Insight

/// Columns: how they are read, what kind they are, how two cells compare.
@Suite struct IdentityFieldTests {
    @Test(arguments: [
        ("given_name", ["anna", "peter", "jonas"], FieldKind.name), ("Surname", ["weber", "schmidt"], .name),
        ("dateOfBirth", ["19560409", "19110823"], .date), ("e-mail", ["a@b.de", "c@d.de"], .email),
        ("Telefon", ["030 1234567", "+49 171 555123"], .phone), ("zip", ["10115", "80331"], .postcode),
        ("address_1", ["12 main street", "4 hill road"], .address), ("street_number", ["12", "4a", "7"], .identifier),
        ("soc_sec_id", ["5328066", "4957843"], .identifier), ("NPI", ["1234567893", "1003000126"], .identifier),
        ("amount", ["12.50", "9.99"], .number), ("memo", ["rent for may", "salary for june"], .text),
        ("x1", ["1970-01-01", "1980-02-03"], .date), ("x2", ["a@b.de", "c@d.de"], .email),
        ("x3", ["52.5,13.4", "48.1,11.6"], .geo), ("x4", ["anna", "peter", "jonas"], .name),
        ("gender", ["m", "f"], .category), ("suburb", ["st james", "bittern"], .name),
    ]) func kindsAreFoundFromNamesAndContents(name: String, cells: [String], kind: FieldKind) {
        #expect(KindDetection.kind(of: IdentityColumn(name: name, cells: cells)) == kind)
    }

    @Test func aColumnThatSaysNothingHasNoKind() {
        #expect(KindDetection.kind(of: IdentityColumn(name: "name", cells: ["", "", ""])) == nil)
        #expect(KindDetection.kind(of: IdentityColumn(name: "name", cells: ["a", "a", ""])) == nil)
    }

    private func level(_ kind: FieldKind, _ a: String, _ b: String, others: [String] = []) -> String {
        let column = IdentityColumn(name: "c", cells: [a, b] + others)
        let comparator = FieldComparator(EncodedField(column, kind: kind))
        let scratch = ComparisonScratch(fields: 1)
        let rows = comparator.field.rows
        let level = Int(comparator.level(rows[0], rows[1], 0, scratch))
        // Every comparison is symmetric.
        #expect(Int(comparator.level(rows[1], rows[0], 0, scratch)) == level)
        return level < comparator.levelCount ? comparator.labels[level] : "missing"
    }

    @Test func namesCompare() {
        #expect(level(.name, "Müller", "MULLER ") == "exact")
        #expect(level(.name, "O'Neil", "oneil") == "exact")
        #expect(level(.name, "smith", "smtih") == "one letter or nearly")
        #expect(level(.name, "robert", "r") == "initial or short form")
        #expect(level(.name, "alexander", "alex") == "initial or short form")
        #expect(level(.name, "anna", "wolfgang") == "different")
        #expect(level(.name, "anna", "") == "missing")
        #expect(level(.name, "anna", "NULL") == "missing")
    }

    @Test func birthDatesCompareInAnyNotation() {
        let old = ["1930-01-01", "1940-05-07", "1999-12-31"]
        #expect(level(.date, "1956-04-09", "19560409", others: old) == "exact")
        #expect(level(.date, "1956-04-09", "1956-09-04", others: old) == "one digit, or day and month swapped")
        #expect(level(.date, "1956-04-09", "1956-04-08", others: old) == "one digit, or day and month swapped")
        #expect(level(.date, "1956-04-09", "1956-04-27", others: old) == "two parts of three, or two digits")
        #expect(level(.date, "1956-04-09", "1956-10-28", others: old) == "within a year")
        #expect(level(.date, "1956-04-09", "1987-11-20", others: old) == "different")
        #expect(level(.date, "19160017", "19161017", others: old) == "one digit, or day and month swapped")
        let events = ["2022-01-01", "2022-02-01"]
        #expect(level(.date, "2022-03-28", "2022-03-29", others: events) == "within a day")
        #expect(level(.date, "2022-03-28", "2022-05-29", others: events) == "different")
        #expect(DateReading(sample: ["04/28/1956", "03/02/1960"]).read("03/02/1960").map { $0.month } == 3)
        #expect(DateReading(sample: ["28/04/1956", "03/02/1960"]).read("03/02/1960").map { $0.month } == 2)
        #expect(DateReading.dayNumber(1970, 1, 1) == 0)
        #expect(DateReading.dayNumber(2000, 3, 1) == 11_017)
    }

    @Test func otherKindsCompare() {
        #expect(level(.phone, "+49 171 5551234", "0171/5551234") == "exact")
        #expect(level(.phone, "0171 5551234", "0171 5551235") == "one digit")
        #expect(level(.email, "Anna.Weber@gmx.de", "anna.weber@gmx.de") == "exact")
        #expect(level(.email, "anna.weber@gmx.de", "anna.weber@web.de") == "same local part")
        #expect(level(.email, "anna.weber@gmx.de", "ana.weber@gmx.de") == "nearly the same")
        #expect(level(.email, "anna.weber@gmx.de", "zorro@praxis.org") == "different")
        #expect(level(.postcode, "SW1A 1AA", "sw1a1aa") == "exact")
        #expect(level(.postcode, "10115", "10999") == "same area")
        #expect(level(.identifier, "1804974", "1840974") == "one sign")
        #expect(level(.identifier, "1804974", "1840979") == "two signs")
        #expect(level(.category, "nsw", "qld") == "different")
        #expect(level(.address, "12 main street", "main street 12") == "nearly the same")
        #expect(level(.address, "12 main street", "12 main str") == "nearly the same")
        #expect(level(.address, "12 main street", "9 hill road") == "different")
        #expect(level(.geo, "52.5200,13.4050", "52.5201,13.4051") == "within 200 m")
        #expect(level(.geo, "52.52,13.40", "48.14,11.58") == "different")
        #expect(level(.number, "100", "100.5") == "within 1 %")
        #expect(level(.number, "100", "125") == "within 30 %")
        #expect(level(.number, "100", "300") == "different")
    }

    @Test func rareValuesWeighMoreThanCommonOnes() {
        let cells = (0..<400).map { $0 < 300 ? "schmidt" : "name\($0 / 2)" }
        let field = EncodedField(IdentityColumn(name: "surname", cells: cells), kind: .name)
        let classes = ExactClasses(counts: field.counts)
        #expect(classes.count >= 2)
        let common = Int(field.rows[0])
        let rare = Int(field.rows[399])
        #expect(classes.classOf[rare] < classes.classOf[common])
        let flat = ExactClasses(counts: field.counts, classes: 1)
        #expect(flat.adjustment[rare] > 4)
        #expect(flat.adjustment[common] < 0.5)
    }
}
