import HTTPTypes
import Hummingbird

extension HTTPField.Name {
    static let hxRequest = HTTPField.Name("HX-Request")!
    static let hxRedirect = HTTPField.Name("HX-Redirect")!
    static let contentTypeOptions = HTTPField.Name("X-Content-Type-Options")!
    static let frameOptions = HTTPField.Name("X-Frame-Options")!
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    static let permissionsPolicy = HTTPField.Name("Permissions-Policy")!
    static let openerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
    static let resourcePolicy = HTTPField.Name("Cross-Origin-Resource-Policy")!
    static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!
}

extension Response {
    static func html(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: .init(byteBuffer: .init(string: text)))
    }

    static func text(_ text: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8")
        -> Response
    {
        Response(status: status, headers: [.contentType: type], body: .init(byteBuffer: .init(string: text)))
    }

    /// After a form: the browser asks for the page anew, so that reloading repeats nothing.
    static func seeOther(_ path: String) -> Response { Response(status: .seeOther, headers: [.location: path]) }
}

/// Headers that every answer carries.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = PageContext
    let isSecure: Bool

    /// No inline script or style anywhere; nothing from elsewhere; no framing.
    static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
        form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        """

    /// A page that shows a message of ours in a frame.
    static let framingPolicy = policy + "; frame-src 'self'"
    /// The message in its frame: its own inline styles and its pictures, and nothing that acts.
    static let framedPolicy = """
        sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'none'; \
        base-uri 'none'; frame-ancestors 'self'
        """

    func handle(
        _ request: Request, context: PageContext, next: @concurrent (Request, PageContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        // A route may have said something stricter or narrower about its own answer.
        func set(_ name: HTTPField.Name, _ value: String) {
            if response.headers[name] == nil { response.headers[name] = value }
        }
        set(.contentSecurityPolicy, Self.policy)
        response.headers[.contentTypeOptions] = "nosniff"
        set(.frameOptions, "DENY")
        set(.referrerPolicy, "same-origin")
        response.headers[.permissionsPolicy] = "camera=(), geolocation=(), microphone=(), payment=()"
        response.headers[.openerPolicy] = "same-origin"
        set(.resourcePolicy, "same-origin")
        if isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        // Pages hold personal data: no cache between server and reader may keep one.
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}

/// Paths to return to after a form.
enum LocalPath {
    /// `text` when it is a path on this server; anything else would let a link lead people away.
    static func checked(_ text: String?) -> String? {
        guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), !text.hasPrefix("/\\"), text.utf8.count <= 2000,
            text.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value < 127 && $0 != "\\" })
        else { return nil }
        return text
    }
}
