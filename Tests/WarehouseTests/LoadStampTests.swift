import Foundation
import Testing

@testable import Warehouse

/// A file that stands as it was read is not read again; anything that could have changed it makes it be read.
@Suite struct LoadStampTests {
    private let later = Int64.max / 2

    private func contents(_ bench: LoadBench, now: Int64? = nil) -> FileContents {
        FileContents(connection: bench.connection, now: now ?? later)
    }

    @Test func aFileThatStandsIsReadOnce() async throws {
        let bench = try await LoadBench()
        try bench.write("a.csv", "id\n1\n")
        let path = bench.path + "/a.csv"
        let first = try await contents(bench).content(of: path, delimiter: 44)
        let second = try await contents(bench).content(of: path, delimiter: 44)
        #expect(first.facts != nil && second.facts == nil && first.text == second.text)
        // Whoever must have the bytes gets them.
        var afresh = contents(bench)
        afresh.afresh = true
        #expect(try await afresh.content(of: path, delimiter: 44).facts != nil)
    }

    @Test func anotherFileOfTheSameSizeAndTimeIsRead() async throws {
        let bench = try await LoadBench()
        try bench.write("a.csv", "id\n1\n")
        let path = bench.path + "/a.csv"
        let first = try await contents(bench).content(of: path, delimiter: 44)
        let modified = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        try bench.write("b.csv", "id\n2\n")
        try FileManager.default.setAttributes(
            [.modificationDate: try #require(modified)], ofItemAtPath: bench.path + "/b.csv")
        // Renamed onto it, as a delivery is that must be there at once.
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: bench.path + "/b.csv", toPath: path)
        let second = try await contents(bench).content(of: path, delimiter: 44)
        #expect(second.facts != nil && second.text != first.text)
    }

    @Test func aFileThatHasJustChangedIsReadAgain() async throws {
        let bench = try await LoadBench()
        try bench.write("a.csv", "id\n1\n")
        let path = bench.path + "/a.csv"
        let changed = try #require(FileStamp(path: path)).changedAt
        // Within the time in which one tick of the clock may hold two writes.
        for _ in 0..<2 {
            let read = try await contents(bench, now: changed + 1_000_000).content(of: path, delimiter: 44)
            #expect(read.facts != nil)
        }
    }

    @Test func loadingSkipsWhatStandsAndLoadsWhatIsNew() async throws {
        let bench = try await LoadBench()
        bench.now = later
        try bench.write("canonical/hcp.csv", "hcp_id,last_name\n1,A\n")
        #expect(try await bench.load().files.map(\.isSkipped) == [false])
        #expect(try await bench.load().files.map(\.isSkipped) == [true])
        // Written in place.
        try Data("hcp_id,last_name\n1,BC\n".utf8).write(to: bench.folder.appending(path: "canonical/hcp.csv"))
        #expect(try await bench.load().files.map(\.isSkipped) == [false])
        #expect(try await bench.rows("SELECT last_name FROM canon.hcp") == ["BC"])
        #expect(try await bench.load().files.map(\.isSkipped) == [true])
    }

    /// A mapping that reads the same bytes otherwise gets them, although the file is known.
    @Test func anotherMappingReadsAKnownFile() async throws {
        let bench = try await LoadBench()
        bench.now = later
        try bench.write("people.csv", "id,a,b\n1,X,Y\n")
        func mapping(_ column: String) throws -> SourceMapping {
            try LoadBench.mapping(
                """
                source: crm
                files: [people.csv]
                tables:
                  hcp: [{columns: {hcp_id: id, last_name: \(column)}}]
                """)
        }
        try await bench.load([mapping("a")])
        #expect(try await bench.rows("SELECT last_name FROM canon.hcp") == ["X"])
        try await bench.load([mapping("b")])
        #expect(try await bench.rows("SELECT last_name FROM canon.hcp") == ["Y"])
    }
}
