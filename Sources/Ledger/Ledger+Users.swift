package import EngagementModel
import GRDB

extension Ledger {
    /// Adds a person.
    ///
    /// - Throws: `password_too_short` (12 characters at least), `password_too_long`, `bad_login`, `login_taken`,
    ///   `rep_missing` for a rep without a rep id.
    @discardableResult
    package func createUser(
        login: String, name: String, role: Role, repID: String? = nil, password: String,
        by principal: Principal = .system
    ) async throws -> User {
        let login = Self.normalised(login)
        guard !login.isEmpty, login.utf8.count <= 200, !login.contains(where: \.isWhitespace) else {
            throw Diagnostic("bad_login", "A login is a word of 1 to 200 bytes without spaces.")
        }
        guard role != .rep || repID?.isEmpty == false else {
            throw Diagnostic("rep_missing", "A user with the role rep needs the id of a rep.", remedy: "give --rep ID")
        }
        let hash = try await hashed(password)
        let at = now()
        return try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO app_user (login, name, role, rep_id, password_hash, disabled, created_at, changed_at)
                    VALUES (?, ?, ?, ?, ?, 0, ?, ?) ON CONFLICT (login) DO NOTHING
                    """,
                arguments: [login, name, role.rawValue, repID, hash, at, at])
            guard db.changesCount == 1 else {
                throw Diagnostic("login_taken", "There is a user with this login already.")
            }
            let user = User(
                number: db.lastInsertedRowID, login: login, name: name, role: role, repID: repID, isDisabled: false,
                createdAt: at)
            var after = ["role": role.rawValue]
            after["rep_id"] = repID
            try Self.audit(db, at: at, by: principal, "user.created", subject: user.principal.id, after: after)
            return user
        }
    }

    /// Everyone, in the order of logins.
    package func users() async throws -> [User] {
        try await read { db in try Self.users(db, "ORDER BY login") }
    }

    package func user(login: String) async throws -> User? {
        let login = Self.normalised(login)
        return try await read { db in try Self.users(db, "WHERE login = ?", [login]).first }
    }

    /// Sets a new password and ends every session of the person.
    package func setPassword(of user: User, to password: String, by principal: Principal) async throws {
        let hash = try await hashed(password)
        try await change(
            user, "password_hash = :value", hash, endingSessions: true, by: principal, "user.password_set", [:])
    }

    /// Takes the right to sign in away, or gives it back; ends every session of the person.
    package func setDisabled(_ disabled: Bool, user: User, by principal: Principal) async throws {
        try await change(
            user, "disabled = :value", disabled ? 1 : 0, endingSessions: true, by: principal,
            disabled ? "user.disabled" : "user.enabled", [:])
    }

    /// Changes what a person may do; running sessions obey at once.
    package func setRole(_ role: Role, user: User, by principal: Principal) async throws {
        try await change(
            user, "role = :value", role.rawValue, endingSessions: false, by: principal, "user.role_set",
            ["role": role.rawValue])
    }

    // MARK: - Parts

    static func normalised(_ login: String) -> String {
        String(login.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()).lowercased()
    }

    static func users(_ db: Database, _ clause: String, _ arguments: StatementArguments = []) throws -> [User] {
        try Row.fetchAll(
            db,
            sql: "SELECT user_no, login, name, role, rep_id, disabled, created_at FROM app_user \(clause)",
            arguments: arguments
        ).map {
            User(
                number: $0[0], login: $0[1], name: $0[2], role: try $0.closed(3), repID: $0[4], isDisabled: $0[5],
                createdAt: $0[6])
        }
    }

    /// Length is what counts (NIST SP 800-63B); the upper bound keeps a megabyte from being hashed.
    private func hashed(_ password: String) async throws -> String {
        guard password.count >= 12 else {
            throw Diagnostic("password_too_short", "A password has at least 12 characters.")
        }
        guard password.utf8.count <= 1024 else {
            throw Diagnostic("password_too_long", "A password has at most 1,024 bytes.")
        }
        let (cost, salt) = (options.passwordCost, randomBytes(PasswordHash.saltLength))
        return try await passwordWorkers.run { try PasswordHash.make(password, cost: cost, salt: salt) }
    }

    private func change(
        _ user: User, _ assignment: String, _ value: some DatabaseValueConvertible & Sendable, endingSessions: Bool,
        by principal: Principal, _ action: String, _ after: [String: String]
    ) async throws {
        let at = now()
        try await write { db in
            try db.execute(
                sql: "UPDATE app_user SET \(assignment), changed_at = :at WHERE user_no = :user",
                arguments: ["value": value, "at": at, "user": user.number])
            guard db.changesCount == 1 else { throw Diagnostic("unknown_user", "There is no such user.") }
            if endingSessions {
                try db.execute(
                    sql: "UPDATE session SET revoked_at = ? WHERE user_no = ? AND revoked_at IS NULL",
                    arguments: [at, user.number])
            }
            try Self.audit(
                db, at: at, by: principal, action, subject: user.principal.id,
                before: action == "user.role_set" ? ["role": user.role.rawValue] : nil, after: after)
        }
    }
}
