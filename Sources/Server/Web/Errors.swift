import EngagementModel
import HTTPTypes
import Hummingbird
import Logging

/// Turns whatever was thrown into a page that says what to do; details go to the log, never to the browser.
struct ErrorPages: RouterMiddleware {
    typealias Context = PageContext
    let pages: PageRenderer

    func handle(
        _ request: Request, context: PageContext, next: @concurrent (Request, PageContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where request.uri.path.hasPrefix("/v1/") {
            return Problem(error.status, "http_\(error.status.code)", ErrorPage(status: error.status).sentence).response
        } catch let error as HTTPError {
            return answer(error.status, headers: error.headers, said: error.body)
        } catch let error as Diagnostic {
            let status = Self.status(of: error)
            if status == .internalServerError {
                context.logger.error(
                    "request failed", metadata: ["code": "\(error.code)", "error": "\(error.message)"])
                return answer(status)
            }
            return answer(
                status,
                said: [error.message, error.remedy.map { "You can \($0)." }]
                    .compactMap { $0 }.joined(separator: " "))
        } catch is CancellationError {
            return answer(.serviceUnavailable)
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(type(of: error))"])
            return answer(.internalServerError)
        }
    }

    /// What a refusal of the ledger means in HTTP; any other diagnostic is our own fault.
    static func status(of error: Diagnostic) -> HTTPResponse.Status {
        switch error.code {
        case "unknown_decision", "not_a_touch", "unknown_claim", "unknown_part", "unknown_inquiry", "unknown_case":
            .notFound
        case "not_yours", "medical_firewall": .forbidden
        case "not_an_approver", "own_submission", "second_hat", "signature_refused": .forbidden
        case "not_uncertain", "already_executed", "expired", "day_taken", "idempotency_mismatch", "review_state",
            "nothing_to_review", "content_changed", "inquiry_state", "case_state", "inquiry_changed":
            .conflict
        case "nothing_to_edit", "bad_hour", "day_passed", "note_too_long", "bad_form", "cause_missing",
            "identification_needed", "reason_missing", "inquiry_empty", "inquiry_too_long", "unknown_hcp",
            "unknown_content", "signature_too_large":
            .unprocessableContent
        case "ledger_locked", "disk_full", "no_snapshot", "scan_failed": .serviceUnavailable
        default: .internalServerError
        }
    }

    private func answer(_ status: HTTPResponse.Status, headers: HTTPFields = [:], said: String? = nil) -> Response {
        var page = ErrorPage(status: status)
        if let said { page.sentence = said }
        var response = (try? pages.error(page)) ?? Response.text(page.title, status: status)
        response.headers.append(contentsOf: headers)
        return response
    }
}

/// One failure in words.
struct ErrorPage: Sendable {
    var status: HTTPResponse.Status
    var title: String
    var sentence: String

    init(status: HTTPResponse.Status) {
        self.status = status
        switch status {
        case .notFound:
            title = "Not found"
            sentence = "There is no such page, or it is not yours to see."
        case .forbidden:
            title = "Not allowed"
            sentence = "Your role does not include this."
        case .unauthorized:
            title = "Please sign in"
            sentence = "Your session has ended."
        case .conflict:
            title = "Something changed in the meantime"
            sentence = "Go back and reload the page to see the present state."
        case .contentTooLarge:
            title = "Too large"
            sentence = "The form held more than this server accepts."
        case .serviceUnavailable:
            title = "Not available just now"
            sentence = "Please try again in a moment."
        case .gone:
            title = "Expired"
            sentence = "This link has expired."
        case .unprocessableContent, .badRequest:
            title = "That could not be read"
            sentence = "Go back and check what you entered."
        default:
            title = "Something went wrong"
            sentence = "The fault is ours and was recorded. Please try again."
        }
    }

    var view: View {
        .with {
            $0.set("errorTitle", title)
            $0.set("errorSentence", sentence)
        }
    }
}
