import Crypto
import EngagementModel
import Foundation
import GRDB

extension Ledger {
    /// Checks a login and a password. An unknown login costs the same time as a wrong password, and counts towards the
    /// same lock, so that neither tells who has an account.
    ///
    /// The failure is counted before the password is looked at and taken back on success: many guesses at the same
    /// moment gain nothing over one after the other, and a crash forgives nothing.
    package func authenticate(login: String, password: String) async throws -> SignIn {
        let login = Self.normalised(login)
        let (at, policy) = (now(), options.signIn)
        let attempt = try await write { db in try Self.beginAttempt(db, login: login, at: at, policy: policy) }
        guard attempt.lockedUntil <= at else { return .locked(until: attempt.lockedUntil) }

        let cost = options.passwordCost
        let encoded = attempt.encoded ?? Self.hashOfNobody(cost)
        let tooLong = password.utf8.count > 1024
        let fits = try await passwordWorkers.run { try PasswordHash.verify(tooLong ? "" : password, encoded) }
        guard fits, !tooLong, let user = attempt.user, !user.isDisabled else {
            try await write { db in
                try Self.audit(
                    db, at: at, by: .system, "sign_in.refused", subject: attempt.user?.principal.id ?? "user:unknown")
            }
            return .refused
        }
        var renewed: String?
        if PasswordHash.isOutdated(encoded, cost: cost) {
            let salt = randomBytes(PasswordHash.saltLength)
            renewed = try await passwordWorkers.run { try PasswordHash.make(password, cost: cost, salt: salt) }
        }
        try await write { [renewed] db in
            try db.execute(
                sql: "DELETE FROM sign_in_attempt WHERE login_hash = ?", arguments: [Self.digest(of: login)])
            if let renewed {
                try db.execute(
                    sql: "UPDATE app_user SET password_hash = ? WHERE user_no = ? AND password_hash = ?",
                    arguments: [renewed, user.number, encoded])
            }
            try Self.audit(db, at: at, by: user.principal, "sign_in", subject: user.principal.id)
        }
        return .welcome(user)
    }

    // MARK: - Sessions

    /// Opens a session and returns its token, which is stored nowhere: the ledger keeps its SHA-256.
    package func openSession(for user: User, lasting seconds: Int = 12 * 3600) async throws -> String {
        let token = Data(randomBytes(32)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let at = now()
        try await write { db in
            // Sessions that ended a month ago tell nothing any more; the audit trail has the sign-ins.
            try db.execute(
                sql: "DELETE FROM session WHERE expires_at < ?", arguments: [at - 30 * 86_400_000_000])
            try db.execute(
                sql: "INSERT INTO session (token_hash, user_no, created_at, expires_at) VALUES (?, ?, ?, ?)",
                arguments: [Self.digest(of: token), user.number, at, at + Int64(seconds) * 1_000_000])
        }
        return token
    }

    /// The session of a token; nil when it is unknown, expired or revoked, or its user disabled.
    package func session(for token: String) async throws -> Session? {
        let at = now()
        return try await read { db in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT u.user_no, s.created_at, s.expires_at FROM session s JOIN app_user u USING (user_no)
                        WHERE s.token_hash = ? AND s.revoked_at IS NULL AND s.expires_at > ? AND u.disabled = 0
                        """),
                arguments: [Self.digest(of: token), at])
            guard let row, let user = try Self.users(db, "WHERE user_no = ?", [row[0] as Int64]).first
            else { return nil }
            return Session(user: user, createdAt: row[1], expiresAt: row[2])
        }
    }

    /// Ends a session: signing out. An unknown token is no error.
    package func revokeSession(_ token: String) async throws {
        let at = now()
        try await write { db in
            try db.execute(
                sql: "UPDATE session SET revoked_at = ? WHERE token_hash = ? AND revoked_at IS NULL",
                arguments: [at, Self.digest(of: token)])
        }
    }

    /// Ends every session of a person.
    package func revokeSessions(of user: User) async throws {
        let at = now()
        try await write { db in
            try db.execute(
                sql: "UPDATE session SET revoked_at = ? WHERE user_no = ? AND revoked_at IS NULL",
                arguments: [at, user.number])
        }
    }

    // MARK: - Parts

    private struct Attempt: Sendable {
        var lockedUntil: Int64
        var user: User?
        var encoded: String?
    }

    private static func beginAttempt(_ db: Database, login: String, at: Int64, policy: SignInPolicy) throws -> Attempt {
        let key = digest(of: login)
        try db.execute(
            sql: "DELETE FROM sign_in_attempt WHERE last_at < ?", arguments: [at - Int64(policy.memory) * 1_000_000])
        let earlier = try Row.fetchOne(
            db, sql: "SELECT failures, locked_until FROM sign_in_attempt WHERE login_hash = ?", arguments: [key])
        if let until = earlier.map({ $0[1] as Int64 }), until > at { return Attempt(lockedUntil: until) }
        let failures = (earlier?[0] ?? 0) + 1
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO sign_in_attempt (login_hash, failures, locked_until, last_at)
                VALUES (?, ?, ?, ?)
                """,
            arguments: [key, failures, at + policy.lock(afterFailures: failures), at])
        let encoded = try String.fetchOne(
            db, sql: "SELECT password_hash FROM app_user WHERE login = ?", arguments: [login])
        return Attempt(lockedUntil: 0, user: try users(db, "WHERE login = ?", [login]).first, encoded: encoded)
    }

    private static func digest(of text: String) -> Data { Data(SHA256.hash(data: Data(text.utf8))) }

    /// A hash that no password fits, at the cost of a real one.
    private static func hashOfNobody(_ cost: PasswordHash.Cost) -> String {
        let zeros = { Data(count: $0).base64EncodedString() }
        return "scrypt$\(cost.rounds)$\(cost.blockSize)$\(cost.parallelism)$\(zeros(16))$\(zeros(32))"
    }
}
