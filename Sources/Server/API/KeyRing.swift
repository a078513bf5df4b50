import Foundation
import HTTPTypes
import Ledger
import Synchronization

/// The keys of the ledger in memory, read anew every second: a key that was taken away opens nothing a second later.
final class KeyRing: Sendable {
    private struct State {
        var keys: [Int64: APIKey] = [:]
        /// Room of each key that has a limit: requests left, as of a time in microseconds.
        var room: [Int64: (left: Double, at: Int64)] = [:]
    }

    private let state = Mutex(State())
    private let ledger: Ledger
    private let now: @Sendable () -> Int64

    init(ledger: Ledger, now: @escaping @Sendable () -> Int64) {
        self.ledger = ledger
        self.now = now
    }

    func refresh() async throws {
        let keys = try await ledger.keys()
        state.withLock { state in
            state.keys = Dictionary(uniqueKeysWithValues: keys.map { ($0.number, $0) })
            state.room = state.room.filter { state.keys[$0.key]?.isRevoked == false }
        }
    }

    /// The key of a request.
    ///
    /// - Throws: `Problem` 401 without a valid key, 403 when the key may not do this, 429 beyond its limit.
    func admit(_ fields: HTTPFields, for scope: KeyScope) throws(Problem) -> APIKey {
        guard let field = fields[.authorization], field.count > 7, field.prefix(7).lowercased() == "bearer " else {
            throw Problem(.unauthorized, "no_key", "Send a key: Authorization: Bearer rpk_…")
        }
        return try admit(text: field.dropFirst(7), for: scope)
    }

    /// The key of a request that reports events: as a bearer, or as the user of Basic authentication, as tracking
    /// clients send their write key.
    func admitWriter(_ fields: HTTPFields) throws(Problem) -> APIKey {
        guard let field = fields[.authorization], field.count > 6, field.prefix(6).lowercased() == "basic " else {
            return try admit(fields, for: .writeEvents)
        }
        let text = Data(base64Encoded: String(field.dropFirst(6))).map { String(decoding: $0, as: UTF8.self) }
        return try admitWriter(text: text.map { String($0.prefix { $0 != ":" }) })
    }

    /// The key that a body names.
    func admitWriter(text: String?) throws(Problem) -> APIKey {
        guard let text else {
            throw Problem(
                .unauthorized, "no_key", "Send a write key: as the user of Basic authentication, or as writeKey.")
        }
        return try admit(text: text, for: .writeEvents)
    }

    private func admit(text: some StringProtocol, for scope: KeyScope) throws(Problem) -> APIKey {
        // An unknown number costs the same digest as a known one, and gets the same answer as a wrong secret.
        let found = APIKey.number(in: text).flatMap { number in state.withLock { $0.keys[number] } }
        guard (found ?? .nobody).matches(text.utf8), let key = found, !key.isRevoked else {
            throw Problem(.unauthorized, "bad_key", "This key opens nothing.")
        }
        guard key.scopes.contains(scope) else {
            throw Problem(.forbidden, "scope_missing", "This key lacks the scope \(scope.rawValue).")
        }
        if let limit = key.perSecond, let wait = spend(key.number, limit: limit) {
            throw Problem(
                .tooManyRequests, "rate_limited", "This key may send \(limit) requests a second.", retryAfter: wait)
        }
        return key
    }

    /// Takes one request from a key's room, which fills at its limit up to one second's worth; else the seconds to wait.
    private func spend(_ number: Int64, limit: Int) -> Int? {
        let now = now()
        return state.withLock { state in
            let (left, at) = state.room[number] ?? (Double(limit), now)
            let filled = min(Double(limit), left + Double(max(0, now - at)) * 1e-6 * Double(limit))
            guard filled >= 1 else {
                state.room[number] = (filled, now)
                return 1
            }
            state.room[number] = (filled - 1, now)
            return nil
        }
    }
}
