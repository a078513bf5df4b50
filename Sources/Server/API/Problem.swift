import EngagementModel
import HTTPTypes
import Hummingbird
import NIOCore

/// A refusal that programs read: RFC 9457, with `code` and `message` beside its members.
struct Problem: Error, Sendable, Equatable {
    /// One part of the request that is wrong, by its JSON pointer.
    struct Detail: Sendable, Equatable {
        var pointer: String
        var message: String
    }

    var status: HTTPResponse.Status
    var code: String
    var message: String
    var details: [Detail] = []
    /// Seconds after which another attempt may go better.
    var retryAfter: Int?

    init(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, details: [Detail] = [],
        retryAfter: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.retryAfter = retryAfter
    }

    static func unprocessable(_ pointer: String, _ message: String) -> Problem {
        Problem(
            .unprocessableContent, "invalid_request", "The request cannot be used as it is.",
            details: [Detail(pointer: pointer, message: message)])
    }

    /// What a diagnostic means in HTTP; details of our own faults stay in the log.
    init(_ diagnostic: Diagnostic) {
        let message = [diagnostic.message, diagnostic.remedy.map { "You can \($0)." }].compactMap { $0 }
            .joined(separator: " ")
        switch diagnostic.code {
        case "unknown_hcp": self.init(.notFound, diagnostic.code, message)
        case "ambiguous_identifier", "plan_out_of_date": self.init(.conflict, diagnostic.code, message)
        case "unknown_content":
            self.init(
                .unprocessableContent, diagnostic.code, message,
                details: [Detail(pointer: "/content_id", message: message)])
        case "unknown_product":
            self.init(
                .unprocessableContent, diagnostic.code, message,
                details: [Detail(pointer: "/product_id", message: message)])
        case "inquiry_empty", "inquiry_too_long":
            self.init(
                .unprocessableContent, diagnostic.code, message,
                details: [Detail(pointer: "/text", message: message)])
        case "idempotency_mismatch": self.init(.unprocessableContent, diagnostic.code, message)
        case "log_full", "events_busy": self.init(.tooManyRequests, diagnostic.code, message, retryAfter: 1)
        case "no_plan", "stopping", "scan_failed", "ledger_locked", "disk_full", "ledger_closed":
            self.init(.serviceUnavailable, diagnostic.code, message, retryAfter: 5)
        default: self.init(.internalServerError, "internal_error", "The fault is ours and was recorded.")
        }
    }

    var response: Response {
        var json = JSONBytes(capacity: 256)
        json.object { json in
            json.set("type", "about:blank")
            json.set("title", status.reasonPhrase)
            json.set("status", status.code)
            json.set("detail", message)
            json.set("code", code)
            json.set("message", message)
            if !details.isEmpty {
                json.list("errors") { json in
                    for detail in details {
                        json.object { json in
                            json.set("pointer", detail.pointer)
                            json.set("detail", detail.message)
                        }
                    }
                }
            }
        }
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"rapport\"" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: json.buffer))
    }
}
