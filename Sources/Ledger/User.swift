package import EngagementModel

/// A person who may sign in.
package struct User: Sendable, Hashable {
    package var number: Int64
    /// Lower case, without spaces around.
    package var login: String
    /// The name that pages show.
    package var name: String
    package var role: Role
    /// The rep whose territory the person works in; nil for others.
    package var repID: String?
    package var isDisabled: Bool
    /// Microseconds since 1970, UTC.
    package var createdAt: Int64

    /// The person as events and the audit trail name them.
    package var principal: Principal { .user(number) }
}

/// The answer to a sign-in.
package enum SignIn: Sendable, Hashable {
    case welcome(User)
    /// Unknown login, wrong password or disabled: on purpose not told apart.
    case refused
    /// Too many failures; the password was not looked at. Microseconds since 1970, UTC.
    case locked(until: Int64)
}

package struct Session: Sendable, Hashable {
    package var user: User
    package var createdAt: Int64
    package var expiresAt: Int64
}

/// How failed sign-ins slow the next one down: a pure rule.
package struct SignInPolicy: Sendable, Hashable {
    /// Failures that cost nothing.
    package var freeFailures = 5
    /// Seconds of the first lock; each further failure doubles it.
    package var firstLock = 2
    /// Seconds of the longest lock.
    package var longestLock = 900
    /// Seconds after which failures are forgotten.
    package var memory = 86_400
    package init() {}

    /// Microseconds to wait after that many failures in a row.
    package func lock(afterFailures failures: Int) -> Int64 {
        guard failures >= freeFailures else { return 0 }
        let doublings = min(failures - freeFailures, 20)
        return Int64(min(firstLock << doublings, longestLock)) * 1_000_000
    }
}
