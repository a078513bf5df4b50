import EngagementModel
import Foundation
import Ledger
import TestSupport
import Testing
import Warehouse

@testable import Cycle

/// People without a shared key: found by the model, settled by a person, kept from run to run.
@Suite struct MatchPartTests {
    private static let asOf = Day(year: 2026, month: 6, day: 1)
    private static let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }

    /// Six hundred people; twenty-two are delivered again under other identifiers, without a shared key, twelve of them
    /// plainly the same, ten with an initial and no phone.
    private func company() throws -> (TemporaryFolder, Workspace) {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(
            .empty, at: root, hcps: 0, reps: nil, seed: 1, endingOn: Self.asOf)
        let firsts = ["Anna", "Boris", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Irene", "Jonas"]
        let lasts = [
            "Abelmann", "Birkenfeld", "Czerny", "Dornbusch", "Ehrlich", "Falkenberg", "Grünwald", "Hohenstein",
            "Isenburg", "Jablonski", "Kaltenbach", "Lindqvist", "Montague", "Nordström", "Oberhuber", "Pellegrini",
            "Quandt", "Rosenzweig", "Steinbrück", "Trautmann",
        ]
        let head = "hcp_id,first_name,last_name,specialty,phone,address_line,city,postal_code,country\n"
        func person(_ n: Int, id: String, first: String? = nil, phone: String? = nil) -> String {
            let street = "\(n * 7 % 97 + 1) \(lasts[n * 3 % 20]) Street"
            return [
                id, first ?? firsts[n % 10], lasts[n / 10 % 20], n % 3 == 0 ? "cardiology" : "oncology",
                phone ?? "+49 30 \(100_000 + n * 7919 % 899_999)", street, n % 2 == 0 ? "Berlin" : "Hamburg",
                String(10_000 + n * 37 % 9_000), "DE",
            ].joined(separator: ",") + "\n"
        }
        try folder.write(
            head + (0..<600).map { person($0, id: "A\($0)") }.joined(), to: "company/sources/canonical/hcp.csv")
        // The second source's identifiers are its own.
        let second = (0..<22).map { n -> String in
            n < 12 ? person(n, id: "B\(n)") : person(n, id: "B\(n)", first: "\(firsts[n % 10].prefix(1)).", phone: "")
        }
        // The same name in the same street, and yet another person.
        let homonyms = (60..<65).map { n in person(n, id: "C\(n)", phone: "+49 89 \(700_000 + n)") }
        try folder.write(
            head + second.joined() + homonyms.joined(),
            to: "company/sources/canonical/hcp-2026-01-02.csv")
        return (folder, try #require(Workspace.read(at: root).workspace))
    }

    private func run(_ workspace: Workspace, _ day: Int = 0) async throws {
        _ = try await CycleRun(
            workspace: workspace, request: RunRequest(asOf: Self.asOf + day, steps: [.load, .resolve]), now: Self.clock
        ).perform()
    }

    private func read(_ workspace: Workspace, _ sql: String) async throws -> [String] {
        let current = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true))
        defer { warehouse.close() }
        return try await (try warehouse.connect()).query(sql).strings("v").map { $0 ?? "-" }
    }

    @Test func plainTwinsAreJoinedUnclearOnesAreAskedAndAnswersBind() async throws {
        let (folder, workspace) = try company()
        defer { withExtendedLifetime(folder) {} }
        try await run(workspace)
        let notes = try await read(workspace, "SELECT note AS v FROM insight.part WHERE part = 'match'")
        let joined = try await read(
            workspace,
            """
            SELECT a.source_hcp_id || ' ' || b.source_hcp_id AS v FROM mart.xref AS a JOIN mart.xref AS b
              ON b.hcp_id = a.hcp_id AND b.source_hcp_id LIKE 'B%' AND a.source_hcp_id LIKE 'A%' ORDER BY v
            """)
        let homonyms = try await read(
            workspace,
            "SELECT hcp_id AS v FROM mart.xref WHERE source_hcp_id LIKE 'C%' AND rule <> 'shared id' ORDER BY v")
        #expect(homonyms == ["C60", "C61", "C62", "C63", "C64"])
        // Whoever is joined is the same person, and most plain twins are.
        #expect(
            joined.allSatisfy { pair in
                let ids = pair.split(separator: " ")
                return ids[0].dropFirst() == ids[1].dropFirst()
            }, "\(joined)")
        #expect(joined.count >= 11, "\(joined.count) \(notes)")
        // The older identity stays, and the newer identifier leads to it.
        let led = try await read(
            workspace, "SELECT hcp_id AS v FROM mart.xref WHERE source_hcp_id = 'B3' AND rule <> 'shared id'")
        #expect(led == ["A3"])

        let questions = try await read(
            workspace,
            "SELECT left_source_id || ' ' || right_source_id AS v FROM insight.identity_pair ORDER BY worth DESC, v")
        let first = try #require(questions.first)
        let ids = first.split(separator: " ").map(String.init)
        let ledger = try workspace.openLedger(now: Self.clock)
        let isSame = ids[0].dropFirst() == ids[1].dropFirst()
        // Against the evidence, so that it is the answer that decides.
        try await ledger.answerIdentity(
            left: ("canonical", ids[0]), right: ("canonical", ids[1]), isSame: true, by: Principal(id: "user:1"))
        try ledger.close()
        try await run(workspace, 1)
        let both = try await read(
            workspace,
            "SELECT DISTINCT hcp_id AS v FROM mart.xref WHERE source_hcp_id IN ('\(ids[0])', '\(ids[1])') AND rule <> 'shared id'"
        )
        #expect(both.count == 1, "\(ids) \(isSame)")
        let left = try await read(
            workspace, "SELECT left_source_id || ' ' || right_source_id AS v FROM insight.identity_pair")
        #expect(!left.contains(first))
        let again = try workspace.openLedger(now: Self.clock)
        try await again.answerIdentity(
            left: ("canonical", ids[0]), right: ("canonical", ids[1]), isSame: false, by: Principal(id: "user:1"))
        try again.close()
        try await run(workspace, 2)
        let apart = try await read(
            workspace,
            "SELECT DISTINCT hcp_id AS v FROM mart.xref WHERE source_hcp_id IN ('\(ids[0])', '\(ids[1])') AND rule <> 'shared id'"
        )
        #expect(apart.count == 2)
    }
}
