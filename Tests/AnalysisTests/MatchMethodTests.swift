import ArgumentParser
import EngagementModel
import Foundation
import Testing

@testable import Analysis

@Suite struct MatchMethodTests {
    /// Forty people, the first twenty a second time with a slip of the pen.
    private func people() -> String {
        let firsts = ["Anna", "Boris", "Clara", "David", "Elena", "Felix", "Greta", "Hugo"]
        let lasts = ["Abelmann", "Birkenfeld", "Czerny", "Dornbusch", "Ehrlich"]
        func row(_ n: Int, _ id: String, last: String) -> String {
            let birth = "19\(50 + n)-0\(1 + n % 9)-1\(n % 10)"
            return "\(id),\(firsts[n % 8]),\(last),\(birth),\(10_000 + n * 137),p\(n)\n"
        }
        var text = "id,first_name,last_name,date_of_birth,postcode,person\n"
        for n in 0..<40 { text += row(n, "a\(n)", last: lasts[n % 5]) }
        for n in 0..<20 { text += row(n, "b\(n)", last: n % 2 == 0 ? lasts[n % 5] : String(lasts[n % 5].dropLast())) }
        return text
    }

    private func run(_ place: TemporaryPlace, _ more: [String]) async throws {
        let file = try place.file("people.csv", people())
        try await MatchMethod.parse([file, "--id", "id", "--quiet", "--json"] + more).run()
    }

    private func rows(_ path: String) throws -> [[String]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    @Test func twinsAreFoundWithTheirWeights() async throws {
        let place = try TemporaryPlace()
        try await run(
            place, ["--truth", "person", "--out", place.path("pairs.csv"), "--clusters", place.path("c.csv")])
        let pairs = try rows(place.path("pairs.csv"))
        #expect(pairs[0] == ["id_l", "id_r", "match_weight", "match_probability"])
        #expect(pairs.count == 21)
        for pair in pairs.dropFirst() {
            #expect(pair[0].dropFirst() == pair[1].dropFirst() && Double(pair[3]) ?? 0 >= 0.5)
        }
        let clusters = try rows(place.path("c.csv"))
        #expect(clusters.count == 61 && Set(clusters.dropFirst().map { $0[1] }).count == 40)
    }

    @Test func answersBindAndOldIdentifiersStay() async throws {
        let place = try TemporaryPlace()
        let answers = try place.file("answers.csv", "id_l,id_r,match\na0,b0,0\na38,a39,1\n")
        try await run(place, ["--truth", "person", "--answers", answers, "--clusters", place.path("c.csv")])
        let clusters = Dictionary(
            uniqueKeysWithValues: try rows(place.path("c.csv")).dropFirst().map { ($0[0], $0[1]) })
        #expect(clusters["a0"] != clusters["b0"])
        #expect(clusters["a38"] == clusters["a39"])
        #expect(clusters["a2"] == clusters["b2"])
    }

    @Test func theReviewFileHoldsTheEvidenceOfEachField() async throws {
        let place = try TemporaryPlace()
        try await run(place, ["--truth", "person", "--review", place.path("review.csv")])
        let header = try rows(place.path("review.csv"))[0]
        #expect(
            header.prefix(7) == ["id_l", "id_r", "match_weight", "match_probability", "joined", "affected", "worth"])
        #expect(header.contains("evidence_last_name") && !header.contains("evidence_person"))
    }

    @Test func badInputEndsWithTheCause() async throws {
        let place = try TemporaryPlace()
        func fault(_ text: String, _ more: [String] = []) async throws -> String? {
            let file = try place.file("bad.csv", text)
            return await refusal { try await MatchMethod.parse([file, "--id", "id", "--quiet"] + more).run() }?.code
        }
        #expect(try await fault("") == "empty_file")
        #expect(try await fault("id,name\na,x\n") == "too_few_rows")
        #expect(try await fault("id,name\na,x\na,y\n") != nil)
        #expect(try await fault("key,name\na,x\nb,y\n") == "missing_column")
        #expect(throws: (any Error).self) { try MatchMethod.parse(["f.csv", "--id", "id", "--threshold", "1"]) }
        #expect(throws: (any Error).self) {
            try MatchMethod.parse(["f.csv", "--id", "id", "--cardinality", "one-to-one"])
        }
    }

    /// A document as wide as its longest nested table would be unreadable: the levels of a column go below it.
    @Test func theReportForAPersonFitsAScreen() {
        let levels = (0..<9).map { level -> AnalysisValue in
            .object([
                ("level", .text("similar to degree \(level)")), ("m", .number(0.123456)), ("u", .number(0.000123)),
                ("weight", .number(6.54321)),
            ])
        }
        let columns = (0..<4).map { n -> AnalysisValue in
            .object([
                ("column", .text("column_\(n)")), ("kind", .text("name")), ("distinct", .integer(1_000)),
                ("missing", .integer(3)), ("levels", .list(levels)),
            ])
        }
        let text = AnalysisText.text(
            .object([("parameters", .object([("prior", .number(0.001)), ("columns", .list(columns))]))]))
        let lines = text.split(separator: "\n")
        #expect(lines.map(\.count).max() ?? 0 <= 100, "\(lines.map(\.count).max() ?? 0)")
        #expect(text.contains("column_3") && text.contains("similar to degree 8"))
        // Every column is followed by its own levels: their name, their heading, nine rows.
        let first = lines.firstIndex { $0.contains("column_0") } ?? 0
        #expect(lines[(first + 1)...].prefix { !$0.contains("column_1") }.count == 11)
    }
}
