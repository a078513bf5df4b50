import EngagementModel
import Foundation
import Testing

@testable import Simulation

@Suite struct TableWriterTests {
    private func written(_ body: (TableWriter) throws -> Void) throws -> CSVDocument {
        let url = FileManager.default.temporaryDirectory.appending(path: "table-\(UUID().uuidString).csv")
        defer { try? FileManager.default.removeItem(at: url) }
        let writer = try TableWriter(url, columns: ["a", "b"])
        try body(writer)
        try writer.close()
        return try CSVDocument(url)
    }

    @Test func anyTextComesBackAsItWas() throws {
        let texts = ["", "plain", "a,b", "say \"hi\"", "two\nlines", "cr\rlf", "\"", "Müller, Köln", ",", "\"\",\n\""]
        let file = try written { w in
            for text in texts {
                w.text(text)
                w.plain("x")
                try w.end()
            }
        }
        #expect(file.column("a") == texts)
        #expect(file.header == ["a", "b"])
    }

    @Test func numbersAndTimesAreSpelledExactly() throws {
        let file = try written { w in
            w.integer(-120)
            w.decimal(-0.00004, 4)
            try w.end()
            w.decimal(-77.44, 4)
            w.decimal(1260, 2)
            try w.end()
            w.instant(1_741_097_109)
            w.day(Day(year: 2024, month: 2, day: 29))
            try w.end()
            w.identifier(UInt8(ascii: "H"), 42, 7)
            w.compound(UInt8(ascii: "I"), 42, 7, suffix: UInt8(ascii: "o"))
            try w.end()
        }
        #expect(
            file.rows == [
                ["-120", "0.0000"], ["-77.4400", "1260.00"], ["2025-03-04T14:05:09Z", "2024-02-29"],
                ["H0000042", "I0000042-7o"],
            ])
    }

    @Test func manyRowsPassTheBufferWhole() throws {
        let file = try written { w in
            for i in 0..<60_000 {
                w.integer(i)
                w.text("row \(i)")
                try w.end()
            }
        }
        #expect(file.rows.count == 60_000)
        #expect(file.rows[59_999] == ["59999", "row 59999"])
    }

    /// A small file of this test's own, removed by the caller.
    private func plainFile() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(path: "plain-\(UUID().uuidString)")
        try Data("x".utf8).write(to: url)
        return url
    }

    @Test func aFolderThatCannotBeWrittenToIsNamed() throws {
        let file = try plainFile()
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(throws: Diagnostic.self) { try TableWriter(file.appending(path: "table.csv"), columns: ["a"]) }
    }

    @Test func aRefusedWriteIsReportedOnce() throws {
        // A handle for reading refuses every write, as a full disk does; no device is needed for it.
        let file = try plainFile()
        defer { try? FileManager.default.removeItem(at: file) }
        let writer = try TableWriter(file, handle: FileHandle(forReadingFrom: file), columns: ["a"])
        let error = #expect(throws: Diagnostic.self) {
            for i in 0..<200_000 {
                writer.integer(i)
                try writer.end()
            }
            try writer.close()
        }
        #expect(error?.code == "file_not_written" && error?.file == file.path)
    }

    @Test func theStrictReaderRefusesWhatTheGrammarForbids() {
        func fault(_ text: String) -> CSVDocument.Fault? {
            do {
                _ = try CSVDocument(Array(text.utf8))
                return nil
            } catch { return error as? CSVDocument.Fault }
        }
        #expect(fault("a,b\n1\n") == .ragged(line: 2, fields: 1, expected: 2))
        #expect(fault("a\nx\"y\n") == .quoteInsidePlainField(line: 2))
        #expect(fault("a\n\"x\"y\n") == .textAfterQuote(line: 2))
        #expect(fault("a\n\"x\n") == .openQuote)
        #expect(fault("a\nx") == .noFinalLineEnd)
    }

    @Test func summerTimeFollowsTheRules() {
        func offset(_ zone: Zone, _ y: Int, _ m: Int, _ d: Int) -> Int {
            zone.offsetHours(on: Day(year: y, month: m, day: d))
        }
        // 2025: United States 9 March to 2 November, Europe 30 March to 26 October.
        #expect(offset(.newYork, 2025, 3, 8) == -5 && offset(.newYork, 2025, 3, 9) == -4)
        #expect(offset(.losAngeles, 2025, 11, 1) == -7 && offset(.losAngeles, 2025, 11, 2) == -8)
        #expect(offset(.berlin, 2025, 3, 29) == 1 && offset(.berlin, 2025, 3, 30) == 2)
        #expect(offset(.london, 2025, 10, 25) == 1 && offset(.london, 2025, 10, 26) == 0)
        for zone in Zone.allCases {
            for day in stride(from: 0, to: 800, by: 7) {
                let date = Day(year: 2024, month: 1, day: 1) + day
                let seconds = Int64(date.number) * 86_400 + 43_200
                let reference = TimeZone(identifier: zone.name)?
                    .secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
                #expect(reference == zone.offsetHours(on: date) * 3600, "\(zone.name) \(date)")
            }
        }
    }
}
