import EngagementModel
import Testing

@testable import Warehouse

@Suite struct MartVolumeTests {
    @Test func volumesAddUpWithinASourceAndTheBetterSourceWins() async throws {
        let f = try await MartFixture()
        try await f.source("vendor", priority: 5)
        try await f.source("crm", priority: 9)
        try await f.add("hcp", source: "vendor", ["hcp_id": "1", "last_name": "A", "npi": .text(npi(1))])
        try await f.add("hcp", source: "vendor", ["hcp_id": "2", "last_name": "A", "npi": .text(npi(1))])
        try await f.add("hcp", source: "crm", ["hcp_id": "9", "last_name": "A", "npi": .text(npi(1))])
        func volume(_ source: String, _ id: String, _ month: String, _ value: Double?, suppressed: Bool = false)
            async throws
        {
            try await f.add(
                "volume", source: source,
                [
                    "period_start": .text(month), "subject_kind": "hcp", "subject_id": .text(id), "product_id": "P",
                    "measure": "prescriptions", "value": value.map { .double($0) } ?? .null,
                    "suppressed": .bool(suppressed),
                ])
        }
        try await volume("vendor", "1", "2025-01-01", 3)
        try await volume("vendor", "2", "2025-01-01", 4)
        try await volume("crm", "9", "2025-01-01", 100)
        try await volume("crm", "9", "2025-02-01", 6)
        try await volume("vendor", "1", "2025-03-01", nil, suppressed: true)
        try await f.run()
        #expect(
            try await f.texts("SELECT month || ' ' || CAST(value AS INTEGER) FROM mart.volume_month ORDER BY month")
                == ["2025-01-01 7", "2025-02-01 6"])
    }

    @Test func decilesTrendAndHiddenVolumes() async throws {
        let f = try await MartFixture()
        for n in 1...10 {
            try await f.add(
                "hcp", ["hcp_id": .text("\(n)"), "last_name": "A", "country": .text(n == 10 ? "FR" : "US")])
            for (month, factor) in [("2024-12-01", 1.0), ("2025-04-01", 3.0)] {
                try await f.add(
                    "volume",
                    [
                        "period_start": .text(month), "subject_kind": "hcp", "subject_id": .text("\(n)"),
                        "product_id": "P",
                        "measure": "units", "value": .double(Double(n <= 2 ? 2 : n) * factor),
                    ])
            }
        }
        try await f.add("hcp", ["hcp_id": "none", "last_name": "A"])
        try await MartTables.create(f.connection)
        try await f.connection.execute("INSERT INTO history.market VALUES ('FR', TRUE)")
        try await f.run()
        #expect(
            try await f.texts(
                """
                SELECT h.hcp_id || ' ' || f.volume_decile FROM mart.feature_hcp AS f JOIN mart.hcp AS h ON h.hcp_no = f.hcp_no
                WHERE h.hcp_id IN ('1', '2', '9', '10', 'none') ORDER BY 1
                """) == ["1 3", "10 0", "2 3", "9 10", "none 0"])
        #expect(
            try await f.texts(
                """
                SELECT CAST(f.volume_3m AS INTEGER) || ' ' || CAST(f.volume_12m AS INTEGER) || ' ' || f.volume_trend
                FROM mart.feature_hcp AS f JOIN mart.hcp AS h ON h.hcp_no = f.hcp_no WHERE h.hcp_id IN ('5', '10') ORDER BY h.hcp_id
                """) == ["-", "15 20 0.5"])
    }
}
