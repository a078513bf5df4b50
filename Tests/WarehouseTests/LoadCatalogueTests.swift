import EngagementModel
import Testing

@testable import Warehouse

@Suite struct LoadCatalogueTests {
    @Test func theCatalogueTellsRowsRejectsFreshnessCompletenessAndOrphans() async throws {
        let bench = try await LoadBench()
        try bench.write("canonical/hcp.csv", "hcp_id,last_name,email\nh1,Miller,a@b.de\nh2,Ng,\nh2,Ng,\n")
        try bench.write(
            "canonical/interaction.csv",
            """
            interaction_id,hcp_id,occurred_at,channel,rep_id
            a,h1,2025-01-05T10:00:00Z,phone,r1
            b,h9,2025-01-06T10:00:00Z,phone,r1
            c,h9,2025-01-07T10:00:00Z,phone,
            d,h1,2025-02-30,phone,
            e,h1,2025-03-01,phone,r1
            """)
        let mapping = try LoadBench.mapping(
            """
            source: crm
            owner: Sales
            priority: 10
            lag: 1d
            files: crm.csv
            tables: {hcp: {columns: {hcp_id: key, last_name: name}}}
            """)
        try bench.write("crm.csv", "key,name\nh9,Other\n")
        try await bench.load([mapping])
        try await bench.asOf("2025-02-01")
        try await bench.loader.catalogue()
        #expect(
            try await bench.rows(
                """
                SELECT source, table_name, owner, grain, "rows", rejected, duplicates, orphans, freshness, priority
                FROM report.source ORDER BY 1, 2
                """) == [
                    "canonical|hcp||person|2|0|1|0||100",
                    "canonical|interaction||touch, or a response to one|3|1|0|0|2025-01-07 10:00:00|100",
                    "crm|hcp|Sales|person|1|0|0|0||10",
                ])
        #expect(
            try await bench.rows(
                "SELECT filled FROM report.completeness WHERE table_name = 'hcp' AND source = 'canonical' "
                    + "AND column_name IN ('email', 'last_name') ORDER BY column_name") == ["0.5", "1.0"])
        // Without a file of reps nobody is an orphan; with one, rows that name someone else are.
        try bench.write("canonical/rep.csv", "rep_id,name\nr2,Rep\n")
        try bench.remove("crm.csv")
        try await bench.load()
        try await bench.loader.catalogue()
        #expect(
            try await bench.rows("SELECT table_name, column_name, orphans FROM report.orphan ORDER BY 1, 2") == [
                "interaction|rep_id|2"
            ])
    }
}
