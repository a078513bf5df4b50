package import EngagementModel

/// Who is signed in.
package struct Identity: Sendable, Hashable {
    package var userID: String
    package var login: String
    package var name: String
    package var role: Role
    /// The rep whose list and territory this person has; nil for people without one.
    package var repID: String?

    package init(userID: String, login: String, name: String, role: Role, repID: String? = nil) {
        self.userID = userID
        self.login = login
        self.name = name
        self.role = role
        self.repID = repID
    }
}

/// One request of a signed-in person.
package struct Visit: Sendable, Hashable {
    package var identity: Identity
    /// Goes into every form of the page.
    package var csrf: String

    package init(identity: Identity, csrf: String) {
        self.identity = identity
        self.csrf = csrf
    }
}
