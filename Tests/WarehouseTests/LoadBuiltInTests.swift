import EngagementModel
import Testing

@testable import Warehouse

/// The mappings that come with Rapport, on fixtures in the published layouts.
@Suite struct LoadBuiltInTests {
    private func load(
        _ bench: LoadBench, _ mappings: BuiltInMapping..., variables: [String: String]
    ) async throws -> LoadReport {
        try await bench.load(try mappings.map { try LoadBench.builtIn($0) }, variables: variables)
    }

    @Test func nppesGivesPeopleOrganisationsAndIdentifiers() async throws {
        let bench = try await LoadBench()
        let report = try await load(bench, .nppes, variables: ["nppes": "\(LoadBench.fixtures)/nppes"])
        #expect(report.allDiagnostics == [])
        try await bench.asOf("2026-01-11")
        #expect(try await bench.rows("SELECT count(*) FROM canon.hcp") == ["28"])
        #expect(
            try await bench.rows(
                """
                SELECT hcp_id, npi, first_name, last_name, credential, specialty, city, region, postal_code, country,
                  traits ->> 'sex' FROM canon.hcp WHERE hcp_id < '11000001' ORDER BY 1
                """) == [
                    "1100000011|1100000011|ALICE|ADAMS|M.D.|207R00000X|AUSTIN|TX|787011234|US|F",
                    "1100000029|1100000029|BOB|BAKER|M.D.|207RC0000X|AUSTIN|TX|787011234|US|M",
                    "1100000037|1100000037|SEAN|O'NEIL, JR|M.D.|208000000X|AUSTIN|TX|787011234|US|M",
                ])
        #expect(
            try await bench.rows("SELECT hco_id, name, city FROM canon.hco ORDER BY 1") == [
                "1200000010|GENERAL HOSPITAL, INC.|DALLAS", "1200000028|CARDIOLOGY \"HEART\" GROUP|DALLAS",
            ])
        #expect(
            try await bench.rows(
                "SELECT scheme, value FROM canon.identifier WHERE subject_id = '1100000029' ORDER BY 1, 2") == [
                    "licence:OK|L2B", "licence:TX|L2", "licence:TX|N7", "npi|1100000029",
                ])
    }

    @Test func aDeactivatedRegistryRowEndsTheIdentifierAndBlanksNoName() async throws {
        let bench = try await LoadBench()
        _ = try await load(bench, .nppes, variables: ["nppes": "\(LoadBench.fixtures)/nppes"])
        try await bench.asOf("2026-01-18")
        #expect(
            try await bench.rows(
                "SELECT hcp_id, last_name, traits ->> 'sex' FROM canon.hcp WHERE hcp_id < '11000001' ORDER BY 1") == [
                    "1100000011|ADAMS|F", "1100000029|BAKER-YOUNG|F", "1100000037|ONEIL|M",
                ])
        #expect(
            try await bench.rows(
                """
                SELECT subject_id, status, CAST(expires_at AS DATE) FROM canon.identifier
                WHERE scheme = 'npi' AND (status <> 'active' OR subject_id = '1100000037') ORDER BY 1
                """) == [
                    "1100000011|deactivated|2026-01-14", "1100000037|active|", "1100009996|deactivated|2026-01-14",
                ])
        #expect(try await bench.rows("SELECT count(*) FROM canon.hcp WHERE hcp_id = '1100009996'") == ["0"])
    }

    @Test func openPaymentsUnpivotProductsWithoutMultiplyingSums() async throws {
        let bench = try await LoadBench()
        let report = try await load(
            bench, .openPayments, variables: ["open_payments": "\(LoadBench.fixtures)/open_payments"])
        #expect(
            try await bench.rows(
                """
                SELECT transfer_id, hcp_id, product_id, amount, currency, nature FROM canon.transfer_of_value
                WHERE traits ->> 'record_id' < '1005' ORDER BY 1
                """) == [
                    "1001|1100000011||18.5|USD|Food and Beverage", "1002|1100000011|ALPHA|3.34|USD|Food and Beverage",
                    "1002-2|1100000011|BETA|3.33|USD|Food and Beverage",
                    "1002-3|1100000011|GAMMA|3.33|USD|Food and Beverage",
                    "1003|1100000011|ALPHA|20.01|USD|Food and Beverage",
                    "1003-2|1100000011|BETA|20.0|USD|Food and Beverage",
                    "1003-3|1100000011|GAMMA|20.0|USD|Food and Beverage",
                    "1003-4|1100000011|DELTA|20.0|USD|Food and Beverage",
                    "1003-5|1100000011|EPSILON|20.0|USD|Food and Beverage",
                    "1004|1100000029|ALPHA|2500.0|USD|Consulting Fee",
                ])
        // Every readable payment, whatever the number of its products: 1001…1006 and twenty more.
        var total: Double = 18.5 + 10 + 100.01 + 2500 + 75.25 + 5000
        for payment in 0..<20 { total += Double(10 + payment) + Double(payment) / 100 }
        let sum = try await bench.connection.query("SELECT sum(amount) AS total FROM canon.transfer_of_value")
        #expect(abs(try #require(try sum.doubles("total").first) - total) < 1e-6)
        // A teaching hospital is no person; a recipient without an NPI keeps its profile.
        #expect(
            try await bench.rows(
                "SELECT hcp_id, traits ->> 'teaching_hospital_id' FROM canon.transfer_of_value "
                    + "WHERE transfer_id IN ('1005', '1006') ORDER BY transfer_id") == ["op:900003|", "|7001"])
        #expect(
            try await bench.rows("SELECT hcp_id, npi, last_name, country FROM canon.hcp ORDER BY 1") == [
                "1100000011|1100000011|ADAMS|US", "1100000029|1100000029|BAKER|US", "op:900003||CLARK|US",
            ])
        #expect(
            try await bench.rows("SELECT product_id FROM canon.product ORDER BY 1") == [
                "ALPHA", "BETA", "DELTA", "EPSILON", "GAMMA",
            ])
        let file = "\(LoadBench.fixtures)/open_payments/OP_DTL_GNRL_PGYR2024_P06302025_06162025.csv"
        #expect(try await bench.rejects() == ["\(file):8 occurred_at bad_date", "\(file):9 amount bad_number"])
        #expect(report.files.first { $0.table == "transfer_of_value" }?.rejected == 2)
        // Known when published, not when paid.
        try await bench.asOf("2025-06-29")
        #expect(try await bench.rows("SELECT count(*) FROM canon.transfer_of_value") == ["0"])
    }

    @Test func partDCountsUnderElevenAreSuppressedAndNeverZero() async throws {
        let bench = try await LoadBench()
        let report = try await load(
            bench, .medicarePartD, variables: ["part_d": "\(LoadBench.fixtures)/medicare_part_d", "year": "2023"])
        #expect(report.allDiagnostics == [])
        #expect(
            try await bench.rows(
                """
                SELECT subject_id, product_id, measure, value, suppressed, period_start, traits ->> 'beneficiaries',
                  traits ->> 'generic'
                FROM canon.volume WHERE subject_id < '11000001' ORDER BY 1, 2, 3
                """) == [
                    "1100000011|ELIQUIS|prescriptions|125.0|false|2023-01-01|31|Apixaban",
                    "1100000011|ELIQUIS|revenue|71234.55||2023-01-01||",
                    "1100000011|INSULIN|prescriptions|35.0|false|2023-01-01||Insulin Aspart;Insulin Lispro",
                    "1100000011|INSULIN|revenue|200.0||2023-01-01||",
                    "1100000011|OZEMPIC|prescriptions||true|2023-01-01||Semaglutide",
                    "1100000011|OZEMPIC|revenue|9876.1||2023-01-01||",
                    "1100000029|ELIQUIS|prescriptions|0.0|false|2023-01-01||Apixaban",
                    "1100000029|ELIQUIS|revenue|0.0||2023-01-01||",
                    "1100000029|OZEMPIC|prescriptions|11.0|false|2023-01-01||Semaglutide",
                ])
        #expect(try await bench.rows("SELECT DISTINCT known_at FROM canon.volume") == ["2025-06-29 23:59:59.999999"])
        #expect(
            try await bench.rows("SELECT hcp_id, last_name, specialty FROM canon.hcp ORDER BY 1 LIMIT 2") == [
                "1100000011|Adams|Internal Medicine", "1100000029|Baker|Cardiology",
            ])
        #expect(try await bench.rows("SELECT count(*) FROM canon.hcp") == ["27"])
        #expect(try await bench.rows("SELECT count(*) FROM canon.product") == ["3"])
    }

    @Test func veevaAccountsBecomePeopleAndOrganisations() async throws {
        let bench = try await LoadBench()
        let report = try await load(bench, .veevaAccount, variables: ["veeva": "\(LoadBench.fixtures)/veeva"])
        #expect(report.allDiagnostics == [])
        #expect(
            try await bench.rows(
                """
                SELECT hcp_id, npi, last_name, specialty, primary_hco_id, email, address_line, city FROM canon.hcp
                WHERE hcp_id < '001B' ORDER BY 1
                """) == [
                    "001A1|1100000011|Adams|Internal Medicine|001H1|Alice.Adams@example.org|100 Main St|Austin",
                    "001A2|1100000029|Baker|Cardiology|001H1|bob.baker@example.org||",
                ])
        #expect(try await bench.rows("SELECT hco_id, name, city FROM canon.hco") == ["001H1|General Hospital|Dallas"])
        #expect(
            try await bench.rows(
                "SELECT scheme, value FROM canon.identifier WHERE subject_id = '001A2' ORDER BY 1") == [
                    "npi|1100000029", "pdrp|opt_out", "veeva|001A2",
                ])
    }

    @Test func veevaCallsClimbTheResponseLadder() async throws {
        let bench = try await LoadBench()
        _ = try await load(bench, .veevaCall, variables: ["veeva": "\(LoadBench.fixtures)/veeva"])
        #expect(
            try await bench.rows(
                """
                SELECT interaction_id, hcp_id, occurred_at, channel, purpose, status, response, product_id, content_id,
                  duration_seconds, traits ->> 'products', traits ->> 'topics'
                FROM canon.interaction WHERE interaction_id < 'a04D' ORDER BY 1
                """) == [
                    "a04C1|001A1|2026-01-05 15:00:00|in_person|promotional|delivered|reached|P1||60|P1;P2|",
                    "a04C2|001A1|2026-01-06 22:30:00|in_person|promotional|delivered|advanced|P1||720||",
                    "a04C3|001A2|2026-01-07 10:00:00|video|promotional|delivered|engaged|P1|||P1|Dosing;Safety",
                    "a04C4|001A2|2026-01-08 10:00:00|phone|promotional|delivered|engaged|P2|PRES1|||",
                    "a04C5|001A2|2026-01-20 10:00:00|in_person|promotional|planned|none|||||",
                    "a04C6|001A1|2026-01-09 10:00:00|in_person|medical|delivered|reached|||||",
                ])
        #expect(
            try await bench.rows("SELECT line, column_name, code FROM history.reject") == ["9|channel|unknown_value"])
        #expect(try await bench.rows("SELECT count(*) FROM canon.interaction") == ["26"])
    }

    @Test func veevaEmailsHaveTheirOpensAndClicksAsChildren() async throws {
        let bench = try await LoadBench()
        _ = try await load(bench, .veevaSentEmail, variables: ["veeva": "\(LoadBench.fixtures)/veeva"])
        #expect(
            try await bench.rows(
                """
                SELECT interaction_id, kind, occurred_at, channel, status, response, responded_at, parent_interaction_id
                FROM canon.interaction WHERE interaction_id < 'f' ORDER BY 1
                """) == [
                    "e1|touch|2026-01-05 09:00:00|email_rep|delivered|none||",
                    "e2|touch|2026-01-06 09:00:00|email_rep|delivered|reached|2026-01-06 18:00:00|",
                    "e2-open|open|2026-01-06 18:00:00|email_rep||||e2",
                    "e3|touch|2026-01-07 09:00:00|email_rep|delivered|engaged|2026-01-08 07:01:00|",
                    "e3-click|click|2026-01-08 07:01:00|email_rep||||e3",
                    "e3-open|open|2026-01-08 07:00:00|email_rep||||e3",
                    "e4|touch|2026-01-09 09:00:00|email_rep|bounced|none||",
                ])
        #expect(
            try await bench.rows("SELECT line, column_name, code FROM history.reject ORDER BY 1") == [
                "6|occurred_at|missing_value", "7|status|unknown_value",
            ])
        // As of the evening of the 7th the click of e3 lies ahead.
        try await bench.asOf("2026-01-07")
        #expect(
            try await bench.rows(
                "SELECT interaction_id, response FROM canon.interaction WHERE interaction_id LIKE 'e3%'")
                == ["e3|"])
    }

    @Test func veevaConsentOfOneChannelIsTheLatestByCaptureTimeThenId() async throws {
        let bench = try await LoadBench()
        let report = try await load(bench, .veevaConsent, variables: ["veeva": "\(LoadBench.fixtures)/veeva"])
        #expect(
            try await bench.rows(
                """
                SELECT hcp_id, channel, status, captured_at, CAST(expires_at AS DATE), consent_id FROM (
                  SELECT *, row_number() OVER (
                    PARTITION BY hcp_id, channel, purpose ORDER BY captured_at DESC, consent_id DESC) AS n
                  FROM canon.consent) AS ranked WHERE n = 1 AND hcp_id LIKE '001A%' ORDER BY 1, 2
                """) == [
                    "001A1|email_rep|opt_out|2025-06-01 10:00:00||m3",
                    "001A2|email_rep|pending|2025-03-01 10:00:00||m5", "001A2|sms|opt_in|2025-02-01 10:00:00||m4",
                ])
        let load = try #require(report.files.first)
        // m6 states nothing that is known; m5 comes twice, and the later statement stands before the earlier one.
        #expect((load.rejected, load.duplicates) == (1, 1))
        try await bench.asOf("2025-05-31")
        #expect(
            try await bench.rows("SELECT status, CAST(expires_at AS DATE) FROM canon.consent WHERE hcp_id = '001A1'")
                == [
                    "opt_in|2027-01-01"
                ])
    }

    @Test func vaultNamesAreAliasesOfTheClassicOnes() async throws {
        let bench = try await LoadBench()
        try bench.write(
            "vault/Account.csv", "id,name__v,first_name__v,last_name__v,npi__v\nV1,Ann Lee,Ann,Lee,1100000011\n")
        let report = try await load(bench, .veevaAccount, variables: ["veeva": "vault"])
        #expect(report.allDiagnostics == [])
        #expect(try await bench.rows("SELECT hcp_id, npi, last_name FROM canon.hcp") == ["V1|1100000011|Lee"])
    }

    @Test(arguments: BuiltInMapping.allCases) func aFileOfAnotherKindIsRefusedByItsHeader(
        _ mapping: BuiltInMapping
    ) async throws {
        let bench = try await LoadBench()
        var other = try LoadBench.builtIn(mapping)
        other.files = ["other.csv"]
        other.inputs = [:]
        try bench.write("other.csv", "a,b\n1,2\n")
        let report = try await bench.load([other], variables: ["year": "2023"])
        #expect(report.refused.count == report.files.count && !report.files.isEmpty)
        #expect(report.allDiagnostics.allSatisfy { $0.code == "missing_column" && $0.line == 1 })
    }
}
