import ArgumentParser
import EngagementModel
import Foundation
import Testing

@testable import Analysis

struct RouteMethodTests {
    @Test func tablesArePlanned() async throws {
        let place = try TemporaryPlace()
        let file = try place.file(
            "visits.csv", "id,x,y,due,service\ndepot,0,0,100,0\na,10,0,50,5\nb,12,0,60,5\nc,0,-30,,5\n")
        let out = place.path("out.csv")
        try await RouteMethod.parse(
            [file, "--format", "csv", "--iterations", "500", "--out", out, "--quiet", "--json"]
        ).run()
        let rows = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(rows[0] == "route,day,fleet,position,id,start")
        #expect(rows.count == 4)
        #expect(rows.contains { $0.hasSuffix(",a,10") })
    }

    @Test func whatCannotBeReachedNamesTheLine() async throws {
        let place = try TemporaryPlace()
        let file = try place.file("visits.csv", "id,x,y,due\ndepot,0,0,100\na,10,0,50\nb,90,0,60\n")
        let fault = await refusal { try await RouteMethod.parse([file, "--format", "csv", "--quiet"]).run() }
        #expect(fault?.code == "unreachable")
        #expect(fault?.line == 4)
        let gone = await refusal { try await RouteMethod.parse([place.path("none.txt"), "--quiet"]).run() }
        #expect(gone?.code == "file_unreadable")
        let empty = try place.file("empty.csv", "id,x,y\n0,1,1\n")
        let nobody = await refusal { try await RouteMethod.parse([empty, "--format", "csv", "--quiet"]).run() }
        #expect(nobody?.code == "no_customers")
    }
}
