import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger

/// Signing in and out.
struct SignInRoutes: Sendable {
    let gate: Gate
    let pages: PageRenderer
    let ledger: Ledger
    let now: @Sendable () -> Int64
    let sessionHours: Int

    func add(to routes: Routes) {
        routes.open(.signInForm) { request, _ in
            let query = FormFields(request.uri.query ?? "")
            if let token = gate.cookies.session(of: request), try await ledger.session(for: token) != nil {
                return .seeOther(LocalPath.checked(query["next"]) ?? "/")
            }
            return try form(request, SignInPage(next: LocalPath.checked(query["next"])))
        }
        routes.open(.signIn) { request, context in try await signIn(request, context) }
        routes.guarded(.index) { call in .seeOther(Operation.home(of: call.visit.identity.role).path) }
        routes.guarded(.signOut) { call in
            if let token = gate.cookies.session(of: call.request) { try await ledger.revokeSession(token) }
            var response = Response.seeOther(Operation.signInForm.path)
            response.setCookie(gate.cookies.cookie(gate.cookies.sessionName, "", seconds: 0))
            return response
        }
    }

    private func signIn(_ request: Request, _ context: PageContext) async throws -> Response {
        try Gate.requireSameSite(request)
        let fields = try await Gate.form(request, context)
        var page = SignInPage(next: LocalPath.checked(fields["next"]))
        page.login = fields["login"]
        guard let secret = gate.cookies.door(of: request), FormToken.matches(fields["csrf"], secret: secret) else {
            page.failure = "The form was open for too long. Please try again."
            return try form(request, page, status: .forbidden)
        }
        // A password may begin or end with a space: the raw value counts.
        let password = fields.pairs.first { $0.name == "password" }?.value ?? ""
        switch try await ledger.authenticate(login: page.login ?? "", password: password) {
        case .welcome(let user):
            // A new token at every sign-in: one that was planted before is worth nothing.
            let token = try await ledger.openSession(for: user, lasting: sessionHours * 3600)
            var response = Response.seeOther(page.next ?? Operation.home(of: user.role).path)
            response.setCookie(gate.cookies.cookie(gate.cookies.sessionName, token, seconds: sessionHours * 3600))
            return response
        case .refused:
            page.failure = "Login or password is wrong."
            return try form(request, page, status: .unauthorized)
        case .locked(let until):
            let seconds = Int(max(1, (until - now() + 999_999) / 1_000_000))
            page.failure = "Too many failed attempts. Please wait \(Format.plural(seconds, "second"))."
            var response = try form(request, page, status: .tooManyRequests)
            response.headers[.retryAfter] = String(seconds)
            return response
        }
    }

    /// The form with a secret of its own, so that nobody can be signed in as somebody else from another site.
    private func form(_ request: Request, _ page: SignInPage, status: HTTPResponse.Status = .ok) throws -> Response {
        let known = gate.cookies.door(of: request).flatMap { $0.utf8.count == 32 ? $0 : nil }
        let secret = known ?? ledger.newID()
        var page = page
        page.csrf = FormToken.derived(from: secret)
        var response = Response.html(try pages.document("sign-in", page.view, title: "Sign in"), status: status)
        if known == nil { response.setCookie(gate.cookies.cookie(gate.cookies.doorName, secret)) }
        return response
    }
}

/// The door.
package struct SignInPage: Sendable {
    package var csrf = ""
    package var next: String?
    package var login: String?
    package var failure: String?

    package init(next: String? = nil) { self.next = next }

    package var view: View {
        .with {
            $0.set("csrf", csrf)
            $0.set("next", next)
            $0.set("login", login)
            $0.set("failure", failure)
        }
    }
}
