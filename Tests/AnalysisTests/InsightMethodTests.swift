import ArgumentParser
import EngagementModel
import Foundation
import Testing

@testable import Analysis

struct InsightMethodTests {
    private func network(_ place: TemporaryPlace, _ edges: String, _ more: [String] = []) async throws -> [String] {
        let file = try place.file("edges.csv", edges)
        let out = place.path("out.csv")
        let base = [file, "--from", "a", "--to", "b", "--out", out, "--quiet", "--json"]
        try await NetworkMethod.parse(base + more).run()
        return try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test func networkWritesOneRowANode() async throws {
        let place = try TemporaryPlace()
        let rows = try await network(place, "a,b\nx,y\ny,z\nz,x\nx,x\nx,y\nw,x\n")
        #expect(rows[0] == "id,degree,pagerank,betweenness,community,influence")
        #expect(rows.count == 5)
        #expect(rows[1].hasPrefix("x,3,"))
    }

    @Test func badTiesEndWithTheLine() async throws {
        let place = try TemporaryPlace()
        func fault(_ text: String, _ more: [String] = []) async -> Diagnostic? {
            await refusal { try await network(place, text, more) }
        }
        #expect(await fault("")?.code == "empty_file")
        #expect(await fault("a,b\n")?.code == "no_rows")
        #expect(await fault("a,b\nx,x\n")?.code == "no_ties")
        let missing = await fault("a,b\nx,y\nx,\n")
        #expect(missing?.code == "missing_value")
        #expect(missing?.line == 3)
        let negative = await fault("a,b,w\nx,y,1\ny,z,-2\n", ["--weight", "w"])
        #expect(negative?.code == "negative_weight")
        #expect(negative?.line == 3)
        #expect(negative?.column == 3)
        #expect(await fault("a,b,w\nx,y,1\ny,z,inf\n", ["--weight", "w"])?.line == 3)
        #expect(await fault("a,b\nx,y\n") == nil)
    }

    @Test func badHistoriesEndWithTheLine() async throws {
        let place = try TemporaryPlace()
        func fault(_ nodes: String) async throws -> Diagnostic? {
            let file = try place.file("nodes.csv", nodes)
            return await refusal {
                try await network(place, "a,b\nx,y\ny,z\n", ["--nodes", file, "--adopted", "t"])
            }
        }
        let negative = try await fault("id,t\nx,1\ny,-3\n")
        #expect(negative?.code == "negative_time")
        #expect(negative?.line == 3)
        #expect(try await fault("id,t\nx,1\nx,2\n")?.code == "duplicate_id")
        #expect(try await fault("id,t\nx,1.5\n")?.code == "bad_period")
        #expect(try await fault("id,t\nx,\ny,\n")?.code == "no_periods")
    }

    @Test func segmentNamesEveryRow() async throws {
        let place = try TemporaryPlace()
        let lines = (0..<60).map { "h\($0),\($0 % 2 == 0 ? 1 : 9).\($0),\($0 % 7)" }
        let file = try place.file("rows.csv", (["id,visits,noise"] + lines).joined(separator: "\n") + "\n")
        let out = place.path("out.csv")
        try await SegmentMethod.parse(
            [file, "--id", "id", "--features", "visits", "--max-segments", "2", "--out", out, "--quiet", "--json"]
        ).run()
        let rows = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(rows.count == 61)
        #expect(Set(rows[1...].map { $0.contains("igh visits") }).count == 2)
        let equal = try place.file("equal.csv", "id,x\n" + (0..<20).map { "h\($0),4\n" }.joined())
        let fault = await refusal {
            try await SegmentMethod.parse([equal, "--id", "id", "--features", "x", "--quiet"]).run()
        }
        #expect(fault?.code == "no_variation")
        #expect(fault?.file == equal)
    }

    @Test func classifyAnswersATestFile() async throws {
        let place = try TemporaryPlace()
        let train = (0..<12).map {
            $0 % 2 == 0 ? "what is the dose of drug\($0),dose" : "how to store drug\($0),storage"
        }
        let file = try place.file("train.csv", "q,kind\n" + train.joined(separator: "\n") + "\n")
        let test = try place.file(
            "test.csv", "q\nwhat is the dose of newdrug\nmy patient got a rash after taking it\n")
        let out = place.path("out.csv")
        try await ClassifyMethod.parse(
            [file, "--text", "q", "--label", "kind", "--test", test, "--safety", "--out", out, "--quiet", "--json"]
        ).run()
        let rows = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(rows[0] == "row,label,probability,safety,serious,safety_hours")
        #expect(rows[1].hasPrefix("1,dose,"))
        #expect(rows[2].contains("adverse_event"))
        let one = try place.file("one.csv", "q,kind\nx,a\ny,a\n")
        let fault = await refusal {
            try await ClassifyMethod.parse([one, "--text", "q", "--label", "kind", "--quiet"]).run()
        }
        #expect(fault?.code == "one_class")
        let empty = try place.file("none.csv", "q,kind\nx,a\ny,\n")
        let missing = await refusal {
            try await ClassifyMethod.parse([empty, "--text", "q", "--label", "kind", "--quiet"]).run()
        }
        #expect(missing?.line == 3)
    }
}
