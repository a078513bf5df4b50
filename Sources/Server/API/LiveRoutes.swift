import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger
import Logging
import NIOCore

/// Live decisions and outcomes for programs, with keys instead of sessions.
struct LiveRoutes: Sendable {
    /// A request of ours has some hundred bytes.
    static let maxBody = 16 * 1024

    let desk: (any LiveDesk)?
    let ring: KeyRing
    let now: @Sendable () -> Int64
    let document: ByteBuffer

    func add(to routes: Routes) {
        routes.open(.openAPI) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: document))
        }
        routes.keyed(.decide, ring) { request, _, key in
            let value = try await Self.body(request)
            let question = try DecisionMessage.read(value, now: now(), key: key.number)
            return Self.json(DecisionMessage.write(try present().decide(question)))
        }
        routes.keyed(.reportOutcome, ring) { request, _, key in
            let value = try await Self.body(request)
            let outcome = try OutcomeMessage.read(
                value, idempotencyKey: try Self.idempotencyKey(request.headers), now: now(), key: key.number)
            return Self.json(OutcomeMessage.write(try await present().record(outcome), outcome))
        }
    }

    private func present() throws(Problem) -> any LiveDesk {
        guard let desk else {
            throw Problem(.serviceUnavailable, "no_plan", "This server decides nothing live.", retryAfter: 60)
        }
        return desk
    }

    private static func json(_ buffer: ByteBuffer) -> Response {
        Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: buffer))
    }

    private static func body(_ request: Request) async throws -> JSONValue {
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased()
        guard type?.hasPrefix("application/json") == true else {
            throw Problem(.unsupportedMediaType, "not_json", "Send Content-Type: application/json.")
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maxBody { throw tooLarge }
        var buffer: ByteBuffer
        do { buffer = try await request.body.collect(upTo: maxBody) } catch is NIOTooManyBytesError { throw tooLarge }
        buffer.discardReadBytes()
        do { return try JSONValue.read(buffer) } catch {
            throw Problem(
                .badRequest, "malformed_json", "The body is no JSON that this server reads: \(error.why).",
                details: [Problem.Detail(pointer: "", message: "byte \(error.offset): \(error.why)")])
        }
    }

    private static let tooLarge = Problem(
        .contentTooLarge, "too_large", "A request has at most \(maxBody) bytes.")

    /// `Idempotency-Key`, quoted as the draft says or bare.
    static func idempotencyKey(_ fields: HTTPFields) throws(Problem) -> String? {
        guard var key = fields[HTTPField.Name.idempotencyKey] else { return nil }
        if key.count >= 2, key.hasPrefix("\""), key.hasSuffix("\"") { key = String(key.dropFirst().dropLast()) }
        guard !key.isEmpty, key.utf8.count <= 200, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem(.badRequest, "bad_idempotency_key", "An Idempotency-Key has 1 to 200 printable characters.")
        }
        return key
    }
}

extension HTTPField.Name {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
}

extension Routes {
    typealias KeyedHandler = @Sendable (Request, PageContext, APIKey) async throws -> Response

    /// A route for programs: a key with the operation's scope; every refusal is a `Problem`.
    func keyed(_ operation: Operation, _ ring: KeyRing, _ handler: @escaping KeyedHandler) {
        guard case .key(let scope) = operation.access else {
            preconditionFailure("\(operation) is not declared for keys")
        }
        router.on(RouterPath(operation.path), method: operation.method) { request, context in
            await Self.answering(context) {
                try await handler(request, context, try ring.admit(request.headers, for: scope))
            }
        }
    }

    /// The answer of `body`; whatever it throws becomes a `Problem`.
    static func answering(_ context: PageContext, _ body: () async throws -> Response) async -> Response {
        do {
            return try await body()
        } catch let problem as Problem {
            return problem.response
        } catch let diagnostic as Diagnostic {
            let problem = Problem(diagnostic)
            if problem.status == .internalServerError {
                context.logger.error("request failed", metadata: ["code": "\(diagnostic.code)"])
            }
            return problem.response
        } catch is CancellationError {
            return Problem(.serviceUnavailable, "stopping", "The server is stopping.", retryAfter: 5).response
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(type(of: error))"])
            return Problem(.internalServerError, "internal_error", "The fault is ours and was recorded.").response
        }
    }
}
