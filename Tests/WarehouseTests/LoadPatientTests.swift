import EngagementModel
import Testing

@testable import Warehouse

@Suite struct LoadPatientTests {
    @Test(arguments: [
        ("claim", "patient_name"), ("claim", "PatientName"), ("claim", "Patient Date of Birth"), ("claim", "dob"),
        ("claim", "birth_year"), ("claim", "first_name"), ("claim", "address_line"), ("claim", "zip"),
        ("claim", "telephone"), ("claim", "record_number"), ("claim", "MRN"), ("claim", "member_id"),
        ("claim", "patient_id"), ("hcp", "patient_last_name"), ("interaction", "ssn"), ("note", "medical record"),
        ("volume", "beneficiary_dob"),
    ])
    func aColumnNamedLikeAPatientsIdentifierRefusesTheFile(_ table: String, _ column: String) async throws {
        let bench = try await LoadBench()
        let declared = try #require(CanonicalSchema.table(table))
        let header = declared.columns.filter(\.required).map(\.name) + [column]
        try bench.write("canonical/\(table).csv", header.joined(separator: ",") + "\n")
        let report = try await bench.load()
        let diagnostic = try #require(report.files.first?.diagnostics.first)
        #expect(diagnostic.code == "patient_identifier" && diagnostic.column == header.count && diagnostic.line == 1)
        #expect(report.exitCode == 3)
    }

    @Test(arguments: [
        "John Smith", "Smith, John", "12 Main Street", "555-123-4567", "+4915112345678", "1956-03-04", "3/4/1956",
        "j.smith@example.com", "123-45-6789", "MRN 00123",
    ])
    func contentsThatLookLikeAPatientRefuseAClaimFile(_ value: String) async throws {
        let bench = try await LoadBench()
        try bench.write(
            "canonical/claim.csv", "claim_id,patient_token,extra\nc1,8f3a,\"\(value)\"\n"
        )
        try bench.write("canonical/hcp.csv", "hcp_id,last_name\nh,Miller\n")
        let report = try await bench.load()
        let diagnostic = try #require(report.refused.first?.diagnostics.first)
        // A name counts when values differ from row to row, as names do.
        #expect(diagnostic.code == "patient_identifier")
        #expect(!diagnostic.description.contains(value))
        #expect(report.exitCode == 3)
        #expect(try await bench.rows("SELECT count(*) FROM history.claim") == ["0"])
        #expect(try await bench.rows("SELECT count(*) FROM history.delivery WHERE table_name = 'claim'") == ["0"])
        #expect(try await bench.rows("SELECT count(*) FROM canon.hcp") == ["1"])
    }

    @Test func aTokenThatIsARecordNumberIsRefusedAndAKeyIsNot() async throws {
        let bench = try await LoadBench()
        try bench.write("canonical/claim.csv", "claim_id,patient_token\nc1,00123456\nc2,00123457\n")
        #expect(try await bench.load().exitCode == 3)
        try bench.write(
            "canonical/claim.csv",
            """
            claim_id,hcp_id,patient_token,service_date,code_system,code,units,payer,paid,provider_last_name
            c1,h1,9f86d081884c7d65,2025-01-03,CPT,99213,1,Blue Cross,12.50,Miller
            c2,h1,T000000000017,2025-01-04,CPT,99213,1,Blue Cross,12.50,Miller
            c3,h1,a1b2,2025-01-05,CPT,99213,1,Blue Cross,12.50,Miller
            """)
        let report = try await bench.load()
        #expect(report.allDiagnostics == [])
        #expect(try await bench.rows("SELECT count(*) FROM canon.claim") == ["3"])
    }

    @Test func peopleWhoAreProfessionalsMayBeNamed() async throws {
        let bench = try await LoadBench()
        try bench.write(
            "canonical/hcp.csv",
            "hcp_id,first_name,last_name,phone,address_line,birth_date\nh,Ann,Miller,555-123-4567,1 Main Street,1970-01-01\n"
        )
        try bench.write("canonical/referral.csv", "from_hcp_id,to_hcp_id,period_start,patients\na,b,2025-01-01,12\n")
        #expect(try await bench.load().allDiagnostics == [])
    }
}
