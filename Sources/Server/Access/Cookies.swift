import Hummingbird

/// The two cookies: the session's token, and a secret for the sign-in form before there is a session.
struct CookieJar: Sendable {
    let isSecure: Bool

    /// `__Host-` binds the cookie to this host and to https; browsers refuse the prefix without https.
    var sessionName: String { isSecure ? "__Host-rapport_session" : "rapport_session" }
    var doorName: String { isSecure ? "__Host-rapport_door" : "rapport_door" }

    func session(of request: Request) -> String? { request.cookies[sessionName]?.value }
    func door(of request: Request) -> String? { request.cookies[doorName]?.value }

    /// - Parameter seconds: nil = until the browser closes; 0 = delete.
    func cookie(_ name: String, _ value: String, seconds: Int? = nil) -> Cookie {
        Cookie(
            name: name, value: value, maxAge: seconds, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax)
    }
}
