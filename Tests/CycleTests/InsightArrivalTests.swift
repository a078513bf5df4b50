import Testing

@testable import Cycle

/// What has not been delivered yet is no news about those who are waited for.
@Suite struct InsightArrivalTests {
    @Test func nobodysOrdersFellInMonthsThatHaveNotArrived() async throws {
        let company = try await InsightCompany.shared.value
        #expect(try await company.number("SELECT CAST(count(*) AS DOUBLE) AS v FROM insight.purchase") > 0)
        let early = try await company.number(
            """
            SELECT CAST(count(*) AS DOUBLE) AS v FROM insight.change
            WHERE subject_kind = 'hco' AND changed_month > (SELECT max(date_trunc('month', day)) FROM insight.purchase)
            """)
        #expect(early == 0)
    }
}
