import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

@Suite struct SignInTests {
    private let password = "correct horse battery"

    private func setUp(_ clock: TestClock = TestClock()) async throws -> (Ledger, User) {
        let ledger = try memoryLedger(clock)
        let user = try await ledger.createUser(
            login: " Ana@Example.org ", name: "Ana Example", role: .rep, repID: "rep-1", password: password)
        return (ledger, user)
    }

    @Test func theRightPasswordAloneOpens() async throws {
        let (ledger, user) = try await setUp()
        #expect(user.login == "ana@example.org")
        #expect(try await ledger.authenticate(login: "ANA@example.org", password: password) == .welcome(user))
        for wrong in ["", "correct horse batter", password + " ", String(repeating: "x", count: 2000)] {
            #expect(try await ledger.authenticate(login: "ana@example.org", password: wrong) == .refused)
            _ = try await ledger.authenticate(login: "ana@example.org", password: password)
        }
        #expect(try await ledger.authenticate(login: "nobody", password: password) == .refused)
        try await ledger.setDisabled(true, user: user, by: .system)
        #expect(try await ledger.authenticate(login: "ana@example.org", password: password) == .refused)
    }

    @Test func failuresLockKnownAndUnknownLoginsAlike() async throws {
        for login in ["ana@example.org", "nobody"] {
            let clock = TestClock()
            let (ledger, _) = try await setUp(clock)
            for _ in 0..<5 {
                #expect(try await ledger.authenticate(login: login, password: "wrong password") == .refused)
            }
            let until = clock.now + 2_000_000
            #expect(try await ledger.authenticate(login: login, password: password) == .locked(until: until))
            // Asking while locked does not lengthen the lock.
            #expect(try await ledger.authenticate(login: login, password: password) == .locked(until: until))
            clock.advance(seconds: 3)
            #expect(try await ledger.authenticate(login: login, password: "wrong password") == .refused)
            #expect(
                try await ledger.authenticate(login: login, password: "x") == .locked(until: clock.now + 4_000_000))
        }
    }

    @Test func successForgivesAndLocksSurviveARestart() async throws {
        let folder = try TemporaryFolder()
        let clock = TestClock()
        let ledger = try Ledger.open(path: folder.ledger, options: options(), now: clock.read)
        try await ledger.createUser(login: "ana", name: "Ana", role: .owner, password: password)
        for _ in 0..<4 { _ = try await ledger.authenticate(login: "ana", password: "wrong password") }
        guard case .welcome = try await ledger.authenticate(login: "ana", password: password) else {
            Issue.record("four failures lock nothing")
            return
        }
        for _ in 0..<5 { _ = try await ledger.authenticate(login: "ana", password: "wrong password") }
        try ledger.close()
        let again = try Ledger.open(path: folder.ledger, options: options(), now: clock.read)
        #expect(
            try await again.authenticate(login: "ana", password: password)
                == .locked(until: clock.now + 2_000_000))
    }

    @Test func guessingInParallelGainsNothing() async throws {
        let (ledger, _) = try await setUp()
        let answers = try await withThrowingTaskGroup(of: SignIn.self) { group in
            for index in 0..<40 {
                group.addTask {
                    try await ledger.authenticate(login: "ana@example.org", password: "guess number \(index)")
                }
            }
            return try await group.reduce(into: [SignIn]()) { $0.append($1) }
        }
        #expect(answers.count { $0 == .refused } == 5)
    }

    @Test func locksGrowAndEnd() {
        let policy = SignInPolicy()
        #expect((0...4).allSatisfy { policy.lock(afterFailures: $0) == 0 })
        #expect((5...8).map { policy.lock(afterFailures: $0) / 1_000_000 } == [2, 4, 8, 16])
        #expect(policy.lock(afterFailures: 1000) == 900_000_000)
    }

    @Test func weakOrDoubtfulUsersAreRefused() async throws {
        let ledger = try memoryLedger()
        func create(_ login: String, _ role: Role, _ rep: String?, _ password: String) async -> String {
            await code {
                try await ledger.createUser(login: login, name: "N", role: role, repID: rep, password: password)
            }
        }
        #expect(await create("ana", .owner, nil, "11 letters.") == "password_too_short")
        #expect(await create("ana", .owner, nil, String(repeating: "x", count: 1025)) == "password_too_long")
        #expect(await create("an a", .owner, nil, password) == "bad_login")
        #expect(await create("", .owner, nil, password) == "bad_login")
        #expect(await create("ana", .rep, nil, password) == "rep_missing")
        #expect(await create("ana", .owner, nil, password) == "")
        #expect(await create("ANA", .owner, nil, password) == "login_taken")
        #expect(try await ledger.users().map(\.login) == ["ana"])
    }

    @Test func hashesCarryTheirCostAndGrowAtSignIn() async throws {
        let cheap = PasswordHash.Cost(rounds: 16, blockSize: 1, parallelism: 1)
        let old = try PasswordHash.make("pässword of old", cost: cheap, salt: [UInt8](repeating: 7, count: 16))
        #expect(old.hasPrefix("scrypt$16$1$1$BwcHBwcHBwcHBwcHBwcHBw==$"))
        #expect(try PasswordHash.verify("pässword of old".decomposedStringWithCanonicalMapping, old))
        #expect(try PasswordHash.verify("password of old", old) == false)
        for broken in ["", "scrypt$16$1$1$AA==$AA==", old.replacing("$16$", with: "$17$"), "md5" + old.dropFirst(6)] {
            #expect(try PasswordHash.verify("pässword of old", broken) == false)
        }
        let (ledger, _) = try await setUp()
        try await ledger.write { db in try db.execute(sql: "UPDATE app_user SET password_hash = ?", arguments: [old]) }
        let weaker = try await ledger.authenticate(login: "ana@example.org", password: "pässword of old")
        guard case .welcome = weaker else {
            Issue.record("an old hash still verifies")
            return
        }
        let stronger = try PasswordHash.make(
            "pässword of old", cost: PasswordHash.Cost(rounds: 32, blockSize: 1, parallelism: 1), salt: [1, 2, 3])
        try await ledger.write { db in
            try db.execute(sql: "UPDATE app_user SET password_hash = ?", arguments: [stronger])
        }
        _ = try await ledger.authenticate(login: "ana@example.org", password: "pässword of old")
        let renewed = try await ledger.read { db in
            try String.fetchOne(db, sql: "SELECT password_hash FROM app_user") ?? ""
        }
        #expect(renewed.hasPrefix("scrypt$16$1$1$"))
    }

    /// RFC 7914, section 12, third vector (N = 1024, r = 8, p = 16), first half: the derivation is scrypt.
    @Test func theDerivationIsScrypt() throws {
        let cost = PasswordHash.Cost(rounds: 1024, blockSize: 8, parallelism: 16)
        let encoded = try PasswordHash.make("password", cost: cost, salt: Array("NaCl".utf8))
        let hash = try #require(Data(base64Encoded: String(encoded.split(separator: "$").last ?? "")))
        #expect(hex(hash) == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162")
    }

    @Test func sessionsEndByTimeByWillAndWithTheUser() async throws {
        let clock = TestClock()
        let (ledger, user) = try await setUp(clock)
        let token = try await ledger.openSession(for: user, lasting: 60)
        #expect(token.count == 43)
        #expect(try await ledger.session(for: token)?.user == user)
        #expect(try await ledger.session(for: token + "x") == nil)
        clock.advance(seconds: 60)
        #expect(try await ledger.session(for: token) == nil)

        let (second, third) = (try await ledger.openSession(for: user), try await ledger.openSession(for: user))
        try await ledger.revokeSession(second)
        #expect(try await ledger.session(for: second) == nil)
        #expect(try await ledger.session(for: third) != nil)
        try await ledger.setRole(.manager, user: user, by: .system)
        #expect(try await ledger.session(for: third)?.user.role == .manager)
        try await ledger.setPassword(of: user, to: "another long one", by: user.principal)
        #expect(try await ledger.session(for: third) == nil)
        let fourth = try await ledger.openSession(for: user)
        try await ledger.revokeSessions(of: user)
        #expect(try await ledger.session(for: fourth) == nil)
        let stored = try await ledger.read { db in try Data.fetchAll(db, sql: "SELECT token_hash FROM session") }
        #expect(stored.allSatisfy { $0.count == 32 && $0 != Data(token.utf8) })
    }

    @Test func theTrailNamesPeopleByNumberOnly() async throws {
        let (ledger, user) = try await setUp()
        _ = try await ledger.authenticate(login: "ana@example.org", password: "wrong password")
        _ = try await ledger.authenticate(login: "ana@example.org", password: password)
        _ = try await ledger.authenticate(login: "bob@example.org", password: password)
        try await ledger.audit(
            "file.exported", subject: "ana@example.org", by: Principal(id: "ana@example.org"),
            after: ["to": "ana@example.org"])
        let trail = try await ledger.auditTrail()
        #expect(
            trail.map(\.action) == ["file.exported", "sign_in.refused", "sign_in", "sign_in.refused", "user.created"])
        #expect(trail[2].subject == user.principal.id)
        let text = trail.map { "\($0.actor) \($0.subject) \($0.before ?? "") \($0.after ?? "")" }.joined()
        #expect(!text.contains("@") && !text.lowercased().contains("ana"))
    }
}
