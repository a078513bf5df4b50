import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Analysis

@Suite struct CSVReadingTests {
    let place: TemporaryPlace
    init() throws { place = try TemporaryPlace() }

    private func read(_ text: String) async throws -> AnalysisTable {
        try await AnalysisTable.read(place.file("a.csv", text))
    }

    @Test func quotesDoubledQuotesLineEndsAndByteOrderMarkAreRead() async throws {
        let table = try await read(
            "\u{FEFF}id,\"na,me\",x\r\n1,\"a \"\"b\"\", c\",2.5\r\n\"2\",\"line\none\",\" -1e3 \"\r\n\r\n3,,.5")
        #expect(table.names == ["id", "na,me", "x"])
        #expect(table.rowCount == 3)
        #expect(try table.texts("na,me") == ["a \"b\", c", "line\none", ""])
        #expect(try table.doubles("x") == [2.5, -1000, 0.5])
        #expect(try table.integers("id") == [1, 2, 3])
        #expect((0..<3).map(table.line(ofRow:)) == [2, 3, 6])
    }

    @Test(
        arguments: [
            ("", "empty_file", nil), ("\n\n", "empty_file", nil), ("a,b\n", "no_rows", nil),
            ("a,b\n1,2\n3\n", "ragged_row", 3), ("a,b\n1,2,3\n", "ragged_row", 2),
            ("a,b\n1,2\n\n1,2,3", "ragged_row", 4),
            ("a,a\n1,2\n", "duplicate_header", 1), ("a,b\n1,\"2\n3,4\n", "unclosed_quote", 2),
            ("a,b\n1,2\n1,x\"y\n", "stray_quote", 3), ("a,b\n1,\"x\"y\n", "stray_quote", 2),
            ("a,b\n1,2\n1,\0\n", "nul_byte", 3), ("a\rb\r", "stray_return", 1),
        ] as [(String, String, Int?)])
    func whatBreaksTheFormatIsRefusedWithItsLine(text: String, code: String, line: Int?) async throws {
        let found = await refusal { try await read(text) }
        #expect(found?.code == code)
        #expect(found?.line == line)
        #expect(found?.file?.hasSuffix("a.csv") == true)
    }

    @Test func otherEncodingsAreRefused() async throws {
        let wide = try place.file("w.csv", bytes: [0xFF, 0xFE, 0x61, 0, 0x0A, 0, 0x31, 0])
        #expect(await refusal { try await AnalysisTable.read(wide) }?.code == "bad_encoding")
        let latin = try place.file("l.csv", bytes: Array("a,b\n1,x\n2,".utf8) + [0xE9, 0x0A])
        let found = await refusal { try await AnalysisTable.read(latin) }
        #expect(found?.code == "bad_encoding")
        #expect(found?.line == 3)
        let missing = await refusal { try await AnalysisTable.read(place.path("none.csv")) }
        #expect(missing?.code == "file_unreadable")
    }

    @Test(arguments: ["x", "nan", "NaN", "inf", "-Infinity", "1e999", "0x10", "1,5", "1 2", "--1", "1e", ".", "+"])
    func textThatIsNoFiniteNumberIsRefusedWithItsPlace(cell: String) async throws {
        let table = try await read("a,b\n1,1\n2,\"\(cell)\"\n")
        let found = await refusal { try table.doubles("b") }
        #expect(found?.code == "bad_number")
        #expect(found?.line == 3)
        #expect(found?.column == 2)
        #expect(found?.description.contains(cell == "." || cell == "x" || cell == "+" ? "\u{1}" : cell) == false)
    }

    @Test func emptyCellsAreRefusedOrBecomeNaN() async throws {
        let table = try await read("a,b\n1,\n2,3\n")
        #expect(await refusal { try table.doubles("b") }?.code == "missing_value")
        let values = try table.doubles("b", missing: .nan)
        #expect(values[0].isNaN && values[1] == 3)
        #expect(await refusal { try table.doubles("c") }?.code == "missing_column")
    }

    @Test func numbersRoundAsTheStandardLibraryDoes() async throws {
        var generator = SeededGenerator(seed: 7)
        var texts = [
            "9007199254740993", "0.1", "1e22", "1e23", "123456789012345678901234567890", "5e-324",
            "2.2250738585072011e-308",
            "1.7976931348623157e308", "-0", "0.000000000000000000000000000001", "00012.50",
        ]
        for _ in 0..<5_000 {
            let value = Double(bitPattern: generator.next())
            if value.isFinite { texts.append("\(value)") }
            texts.append("\(generator.below(1_000_000)).\(generator.below(1_000_000_000))")
        }
        let table = try await read("x\n" + texts.joined(separator: "\n") + "\n")
        let values = try table.doubles("x", largest: .infinity)
        #expect(values.count == texts.count)
        for (text, value) in zip(texts, values) { #expect(value.bitPattern == Double(text)?.bitPattern, "\(text)") }
    }

    @Test func daysTimesAndFlagsAreRead() async throws {
        let table = try await read(
            """
            d,t,f
            2024-02-29,2024-02-29T23:30:00-01:00,yes
            1969-12-31,1969-12-31 23:59:59.5Z,0

            """)
        #expect(try table.days("d") == [19782, -1])
        #expect(try table.timestamps("t") == [1_709_253_000_000_000, -500_000])
        #expect(try table.days("t") == [19783, -1])
        #expect(try table.flags("f") == [true, false])
        for bad in ["2023-02-29", "2023-1-01", "2023-13-01", "01/02/2023", "2023-01-01T25:00:00"] {
            let wrong = try await read("d\n\(bad)\n")
            #expect(await refusal { try wrong.days("d") }?.code == "bad_date")
        }
        #expect(await refusal { try table.flags("d") }?.code == "bad_flag")
    }

    /// Collisions would blur what is learnt from categories.
    @Test func shortTextsHashApart() {
        let texts = (0..<20_000).map { "v\($0)" } + (0..<20_000).map { "\($0)" } + ["", "a", "b", "aa", "ab", "ba"]
        #expect(Set(texts.map { ByteDictionary.hash(of: $0) }).count >= texts.count - 2)
    }

    @Test func codesNumberValuesByFirstAppearance() async throws {
        let table = try await read("c\nb\n\"a\"\nb\n\"\"\n\"x\"\"y\"\n")
        let (codes, values) = try table.codes("c")
        #expect(codes == [0, 1, 0, -1, 2])
        #expect(values == ["b", "a", "x\"y"])
    }

    /// Large enough for many parts, with quoted line ends that fall on any boundary.
    @Test(arguments: [false, true]) func manyPartsReadAsOneWould(quotes: Bool) async throws {
        var generator = SeededGenerator(seed: 11)
        var text = "id,note,x\n"
        var (notes, numbers, lines) = ([String](), [Double](), [Int]())
        var line = 2
        for row in 0..<60_000 {
            let note =
                quotes && generator.chance(0.3) ? "n\(generator.below(9)),\n\"\(row)" : "n\(generator.below(500))"
            let number = Double(generator.below(100_000)) / 64
            notes.append(note)
            numbers.append(number)
            lines.append(line)
            let cell = note.contains("\n") ? "\"\(note.replacing("\"", with: "\"\""))\"" : note
            text += "\(row),\(cell),\(number)\n"
            line += note.contains("\n") ? 2 : 1
        }
        let table = try await read(text)
        #expect(table.rowCount == 60_000)
        #expect(try table.texts("note") == notes)
        #expect(try table.doubles("x") == numbers)
        #expect(try table.integers("id") == Array(0..<60_000))
        let (codes, values) = try table.codes("note")
        #expect(codes.map { values[Int($0)] } == notes)
        var seen: Set<String> = []
        #expect(values == notes.filter { seen.insert($0).inserted })
        for row in [0, 1, 29_999, 59_999] { #expect(table.line(ofRow: row) == lines[row]) }
        let broken = try place.file("b.csv", text.replacing("\n40000,", with: "\n40000,,"))
        let found = await refusal { try await AnalysisTable.read(broken) }
        #expect(found?.code == "ragged_row")
        #expect(found?.line == lines[40_000])
    }

    @Test func parquetReadsAsCSVDoes() async throws {
        var columns = AnalysisColumns()
        columns.add("x", [1.5, -2, .nan])
        columns.add("n", [1, 2, 3])
        columns.add("t", ["a", "b \"q\", c", ""])
        columns.add("f", [true, false, true])
        columns.add(days: "d", [0, 19782, -1])
        for name in ["o.parquet", "o.csv"] {
            try await columns.write(to: place.path(name))
            let table = try await AnalysisTable.read(place.path(name))
            #expect(table.names == ["x", "n", "t", "f", "d"])
            let x = try table.doubles("x", missing: .nan)
            #expect(x[0] == 1.5 && x[1] == -2 && x[2].isNaN)
            #expect(try table.integers("n") == [1, 2, 3])
            #expect(try table.texts("t") == ["a", "b \"q\", c", ""])
            #expect(try table.codes("t").codes == [0, 1, -1])
            #expect(try table.flags("f") == [true, false, true])
            #expect(try table.days("d") == [0, 19782, -1])
            #expect(await refusal { try table.doubles("x") }?.code == "missing_value")
            #expect(await refusal { try table.integers("x") }?.code != nil)
        }
    }
}

@Suite struct ReportTests {
    @Test func theDocumentKeepsOrderAndFullPrecision() {
        var document = AnalysisDocument(method: "probe", rows: 3, seed: 9)
        document.set("b", .number(0.1 + 0.2))
        document.set("a", .object([("low", .number(.nan)), ("n", .integer(2)), ("big", .number(1e300))]))
        document.set("list", .list([.number(1), .flag(true), .missing]))
        document.set("word", .text("a\"\\\n\u{1}é"))
        document.warn("careful")
        let text = AnalysisJSON.text(document.complete(seconds: 0.5))
        #expect(
            text == """
                {
                  "method": "probe",
                  "rows": 3,
                  "seed": 9,
                  "b": 0.30000000000000004,
                  "a": {
                    "low": null,
                    "n": 2,
                    "big": 1e+300
                  },
                  "list": [1, true, null],
                  "word": "a\\"\\\\\\n\\u0001é",
                  "warnings": ["careful"],
                  "seconds": 0.5
                }

                """)
        #expect(AnalysisText.text(document.complete(seconds: 0.5)).contains("b         0.30000000000000004"))
    }

    @Test func columnsOfDifferentLengthAreRefused() async throws {
        let place = try TemporaryPlace()
        var columns = AnalysisColumns()
        columns.add("a", [1, 2])
        columns.add("b", [1])
        #expect(await refusal { try await columns.write(to: place.path("x.csv")) }?.code == "ragged_columns")
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.url.path).isEmpty)
    }
}
