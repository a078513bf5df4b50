import EngagementModel
import Testing

@testable import Warehouse

@Suite struct MartAlignmentTests {
    /// Two HCPs, one at an organisation; a field and an inside team; dated assignments.
    func market(asOf day: String) async throws -> MartFixture {
        let f = try await MartFixture(asOf: day)
        try await f.add("hco", ["hco_id": "O1", "name": "Clinic", "city": "Ulm"])
        try await f.add("hcp", ["hcp_id": "1", "last_name": "A", "primary_hco_id": "O1"])
        try await f.add("hcp", ["hcp_id": "2", "last_name": "B"])
        try await f.add("affiliation", ["hcp_id": "2", "hco_id": "O1", "start_date": "2025-01-01", "strength": 0.4])
        for (rep, team) in [("F1", "field"), ("F2", "field"), ("I1", "inside")] {
            try await f.add(
                "rep", ["rep_id": .text(rep), "name": .text(rep), "team": .text(team), "territory_id": "T0"])
        }
        try await f.add(
            "rep_territory",
            ["rep_id": "F1", "territory_id": "T1", "start_date": "2025-01-01", "end_date": "2025-03-31"])
        try await f.add("rep_territory", ["rep_id": "F2", "territory_id": "T1", "start_date": "2025-05-01"])
        try await f.add(
            "alignment", ["territory_id": "T1", "team": "field", "hcp_id": "1", "start_date": "2025-01-01"])
        try await f.add(
            "alignment", ["territory_id": "T0", "team": "inside", "hco_id": "O1", "start_date": "2025-01-01"])
        try await f.add(
            "alignment",
            [
                "territory_id": "T1", "team": "field", "hcp_id": "2", "start_date": "2025-01-01",
                "end_date": "2025-02-28",
            ])
        try await f.run()
        return f
    }

    func teams(_ f: MartFixture) async throws -> [String] {
        try await f.texts("SELECT hcp_id || ' ' || team || ' ' || rep_id FROM mart.hcp_rep ORDER BY 1")
    }

    @Test func oneRepPerTeamByDatesAndByOrganisation() async throws {
        #expect(
            try await teams(try await market(asOf: "2025-02-01"))
                == ["1 field F1", "1 inside I1", "2 field F1", "2 inside I1"])
    }

    @Test func aVacancyHasNoRow() async throws {
        #expect(try await teams(try await market(asOf: "2025-04-15")) == ["1 inside I1", "2 inside I1"])
    }

    @Test func theSuccessorTakesOver() async throws {
        #expect(try await teams(try await market(asOf: "2025-06-01")) == ["1 field F2", "1 inside I1", "2 inside I1"])
    }

    @Test func workplacesFillWhatTheRecordDoesNotSay() async throws {
        let f = try await market(asOf: "2025-06-01")
        #expect(
            try await f.texts("SELECT primary_hco_id || ' ' || hco_name || ' ' || city FROM mart.hcp ORDER BY hcp_id")
                == ["O1 Clinic Ulm", "O1 Clinic Ulm"])
    }
}
