import EngagementModel
import Testing

@testable import Warehouse

/// A stage that reads a table whose masks depend on another table is built anew when that other table's moment comes.
@Suite struct MartMaskTests {
    @Test func anEventThatTookPlaceSinceMakesItsAttendancesNew() async throws {
        let f = try await MartFixture(asOf: "2025-06-29")
        for id in ["1", "2"] {
            try await f.add("hcp", ["hcp_id": .text(id), "last_name": "X"])
            try await f.add("event_attendance", ["event_id": "E", "hcp_id": .text(id), "status": "attended"])
        }
        try await f.add("event", ["event_id": "E", "starts_at": "2025-06-30 10:00:00"])
        func ties() async throws -> [String] {
            try await Marts.resolve(f.connection)
            try await Marts.insight(f.connection)
            return try await f.texts("SELECT CAST(weight AS VARCHAR) FROM insight.tie")
        }
        // The day before nobody has attended yet.
        #expect(try await ties() == [])
        try await f.clock("2025-06-30")
        #expect(try await ties() == ["0.25", "0.25"])
    }
}
