import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger

/// Registers routes; the only way to the router, so that no route is without its operation.
struct Routes {
    let gate: Gate
    let router: Router<PageContext>

    typealias Handler = @Sendable (Call) async throws -> Response
    typealias OpenHandler = @Sendable (Request, PageContext) async throws -> Response

    /// A route for everybody.
    func open(_ operation: Operation, _ handler: @escaping OpenHandler) {
        precondition(operation.access == .everybody, "\(operation) needs a signed-in person: use guarded")
        router.on(RouterPath(operation.path), method: operation.method) { request, context in
            try await handler(request, context)
        }
    }

    /// A route for signed-in people of the operation's roles; a POST must carry the form token of the session.
    func guarded(_ operation: Operation, _ handler: @escaping Handler) {
        precondition(operation.access != .everybody, "\(operation) is declared for everybody: use open")
        if case .key = operation.access { preconditionFailure("\(operation) is declared for keys: use keyed") }
        router.on(RouterPath(operation.path), method: operation.method) { [gate] request, context in
            switch try await gate.admit(request, context, to: operation) {
            case .call(let call): try await handler(call)
            case .answer(let response): response
            }
        }
    }
}

/// Stands before every guarded route: who asks, may they, and is the form from one of our own pages.
struct Gate: Sendable {
    let ledger: Ledger
    let cookies: CookieJar

    enum Admission: Sendable {
        case call(Call)
        case answer(Response)
    }

    func admit(_ request: Request, _ context: PageContext, to operation: Operation) async throws -> Admission {
        guard let token = cookies.session(of: request), let session = try await ledger.session(for: token) else {
            return .answer(signInFirst(request))
        }
        let identity = Identity(session.user)
        guard operation.allows(identity.role) else { throw HTTPError(.forbidden) }
        let sent = try await operation.takesFiles ? AskForm.small(request, context) : nil
        let form = if let sent { sent.fields } else { try await Self.form(request, context) }
        if operation.method == .post {
            try Self.requireSameSite(request)
            guard FormToken.matches(form["csrf"], secret: token) else {
                throw HTTPError(.forbidden, message: "This form is out of date. Reload the page and send it again.")
            }
        }
        return .call(
            Call(
                operation: operation, request: request, context: context,
                query: FormFields(request.uri.query ?? ""), form: form, files: sent?.files ?? [],
                visit: Visit(identity: identity, csrf: FormToken.derived(from: token))))
    }

    /// Reads the body of a form; anything but a form counts as empty.
    static func form(_ request: Request, _ context: PageContext) async throws -> FormFields {
        guard request.method == .post else { return FormFields() }
        guard request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") == true else {
            throw HTTPError(.unsupportedMediaType)
        }
        let body = try await request.body.collect(upTo: context.maxUploadSize)
        return FormFields(String(buffer: body))
    }

    /// Browsers say where a request began; old ones and tools say nothing, and the form token alone decides.
    static func requireSameSite(_ request: Request) throws {
        if let site = request.headers[.fetchSite], site != "same-origin", site != "none" {
            throw HTTPError(.forbidden)
        }
    }

    private func signInFirst(_ request: Request) -> Response {
        if request.headers[.hxRequest] == "true" {
            var response = Response.text("", status: .unauthorized)
            response.headers[.hxRedirect] = Operation.signInForm.path
            return response
        }
        // Only a page is worth coming back to; a form that was sent is not sent again.
        let path = request.uri.string
        let next = request.method == .get && path != "/" ? FormFields([("next", path)]).query : ""
        return .seeOther(Operation.signInForm.path + next)
    }
}

extension Identity {
    init(_ user: User) {
        self.init(
            userID: user.principal.id, login: user.login, name: user.name, role: user.role, repID: user.repID)
    }

    var principal: Principal { Principal(id: userID) }
}
