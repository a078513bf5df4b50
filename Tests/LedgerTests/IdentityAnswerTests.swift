import EngagementModel
import GRDB
import Testing

@testable import Ledger

@Suite struct IdentityAnswerTests {
    private let steward = Principal(id: "user:1")

    @Test func anAnswerIsOneWhicheverWayRoundItWasAsked() async throws {
        let ledger = try memoryLedger()
        let first = try await ledger.answerIdentity(
            left: ("crm", "B"), right: ("crm", "A"), isSame: true, by: steward)
        let second = try await ledger.answerIdentity(
            left: ("crm", "A"), right: ("crm", "B"), isSame: true, by: steward)
        #expect(first == second)
        #expect((first.leftID, first.rightID) == ("A", "B"))
        #expect(try await ledger.identityAnswers() == [first])
    }

    @Test func aLaterAnswerReplacesTheEarlierAndBothStayOnFile() async throws {
        let ledger = try memoryLedger()
        _ = try await ledger.answerIdentity(left: ("a", "1"), right: ("b", "2"), isSame: true, by: steward)
        _ = try await ledger.answerIdentity(left: ("a", "1"), right: ("b", "2"), isSame: false, by: steward)
        let answers = try await ledger.identityAnswers()
        #expect(answers.map(\.isSame) == [false])
        let rows = try await ledger.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM identity_answer") }
        #expect(rows == 2)
        let entries = try await ledger.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM audit WHERE action = 'identity.answered'")
        }
        #expect(entries == 2)
    }

    @Test func aRecordIsNeverAskedAboutItself() async throws {
        let ledger = try memoryLedger()
        await #expect(throws: Diagnostic.self) {
            try await ledger.answerIdentity(left: ("a", "1"), right: ("a", "1"), isSame: true, by: steward)
        }
    }

    @Test func anErasedPersonHasNoNameInAnAnswer() async throws {
        let ledger = try memoryLedger()
        _ = try await ledger.answerIdentity(left: ("a", "h1"), right: ("b", "2"), isSame: true, by: steward)
        _ = try await ledger.eraseSubject("h1", by: steward)
        let answers = try await ledger.identityAnswers()
        #expect(answers.count == 1 && answers[0].leftID.hasPrefix("erased:") && answers[0].rightID == "2")
    }

    @Test(arguments: ["DELETE FROM identity_answer", "UPDATE identity_answer SET is_same = 0"])
    func noProgramCanChangeAnAnswer(_ sql: String) async throws {
        let ledger = try memoryLedger()
        _ = try await ledger.answerIdentity(left: ("a", "1"), right: ("b", "2"), isSame: true, by: steward)
        await #expect(throws: (any Error).self) { try await ledger.write { db in try db.execute(sql: sql) } }
    }
}
