import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore

/// Inquiries from other programs: a call centre, a portal, a CRM. JSON or a form, and a form with files as the hosted one
/// takes them; idempotent by key and id.
struct InquiryAPIRoutes: Sendable {
    static let maxBody = 128 * 1024
    private let door = AskGuard()

    let desk: InquiryDesk?
    let ring: KeyRing
    let now: @Sendable () -> Int64

    func add(to routes: Routes) {
        routes.keyed(.takeInquiry, ring) { request, _, key in
            guard let desk else {
                throw Problem(.serviceUnavailable, "no_inbox", "This server has no inbox.", retryAfter: 300)
            }
            let (read, files) = try await self.fields(request)
            var fields = read
            var draft = InquiryDraft(
                source: "key:\(key.number)", sourceID: "", channel: .portal, receivedAt: now(), body: "")
            let id = fields.text("id")
            draft.channel = fields.word("channel", Channel.self) ?? .portal
            draft.subject = fields.text("subject", max: 4 * InquiryDraft.longestSubject) ?? ""
            let body = fields.text("text", max: 4 * InquiryDraft.longestBody)
            draft.hcpID = fields.text("hcp_id")
            draft.accountID = fields.text("account_id")
            draft.productID = fields.text("product_id")
            draft.fromName = fields.text("name")
            draft.fromAddress = fields.text("email", max: 254)
            draft.language = fields.text("language", max: 12)
            draft.asked = fields.word("about", InquiryAsk.self)
            if let time = fields.time("received_at") { draft.receivedAt = min(time, now()) }
            if body == nil, fields.details.allSatisfy({ $0.pointer != "/text" }) {
                fields.fault("text", "a text is needed")
            }
            if let address = draft.fromAddress, !AskRoutes.isAddress(address) {
                fields.fault("email", "an e-mail address is expected")
            }
            let header = try LiveRoutes.idempotencyKey(request.headers)
            if id == nil && header == nil && fields.details.isEmpty {
                fields.fault("id", "an id of the message is needed, here or as Idempotency-Key")
            }
            fields.finish()
            try fields.check()
            draft.sourceID = id ?? header ?? ""
            draft.body = body ?? ""
            draft.files = files
            if let known = draft.hcpID {
                guard let hcp = try await desk.ledger.hcp(known: known) else {
                    throw Problem(.notFound, "unknown_hcp", "There is no such HCP.")
                }
                (draft.hcpID, draft.identifiedBy) = (hcp, .program)
            }
            return Self.answer(try await desk.take(draft))
        }
    }

    private static func answer(_ receipt: InquiryReceipt) -> Response {
        var json = JSONBytes(capacity: 256)
        json.object { json in
            json.set("inquiry_id", String(receipt.number))
            json.set("status", receipt.isNew ? receipt.continues ? "continued" : "opened" : "known")
            json.set("queue", receipt.queue.rawValue)
            json.set("due_at", Timestamp.text(receipt.dueAt))
            json.set("case_id", receipt.caseNumber.map(String.init))
            json.set("safety_due_at", receipt.safetyDueAt.map(Timestamp.text))
        }
        return Response(
            status: receipt.isNew ? .created : .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: json.buffer))
    }

    private func fields(_ request: Request) async throws -> (RequestFields, [AttachedFile]) {
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased()
        if type == "multipart/form-data" { return try await form(request) }
        let isForm = type == "application/x-www-form-urlencoded"
        guard isForm || type == "application/json" else {
            throw Problem(
                .unsupportedMediaType, "not_json",
                "Send Content-Type: application/json, application/x-www-form-urlencoded or multipart/form-data.")
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.maxBody {
            throw Self.tooLarge
        }
        let body: ByteBuffer
        do { body = try await request.body.collect(upTo: Self.maxBody) } catch is NIOTooManyBytesError {
            throw Self.tooLarge
        }
        if isForm { return (try Self.members(FormFields(String(buffer: body))), []) }
        let value: JSONValue
        do { value = try JSONValue.read(body) } catch {
            throw Problem(
                .badRequest, "malformed_json", "The body is no JSON that this server reads: \(error.why).",
                details: [Problem.Detail(pointer: "", message: "byte \(error.offset): \(error.why)")])
        }
        return (try RequestFields(value), [])
    }

    /// A form with files: the same number, sizes and kinds as the hosted form takes.
    private func form(_ request: Request) async throws -> (RequestFields, [AttachedFile]) {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > AskForm.longestBody {
            throw Self.filesTooLarge
        }
        guard door.beginUpload() else {
            throw Problem(
                .tooManyRequests, "server_busy", "As many files are coming in as may at once.", retryAfter: 5)
        }
        defer { door.endUpload() }
        let body: ByteBuffer
        do { body = try await request.body.collect(upTo: AskForm.longestBody) } catch is NIOTooManyBytesError {
            throw Self.filesTooLarge
        }
        let form = AskForm(Array(body.readableBytesView), request.headers[.contentType] ?? "")
        guard !form.isTooLarge else { throw Self.filesTooLarge }
        // The fields are held to the size of a message without files.
        guard form.fields.pairs.reduce(0, { $0 + $1.value.utf8.count }) <= Self.maxBody else { throw Self.tooLarge }
        var fields = try Self.members(form.fields)
        for (place, file) in form.files.enumerated() where !AskForm.kinds.contains(file.kind) {
            fields.fault("files", "no. \(place + 1) is neither picture, PDF, text nor video")
        }
        return (fields, form.files)
    }

    private static func members(_ form: FormFields) throws(Problem) -> RequestFields {
        var seen: Set<String> = []
        return try RequestFields(
            .object(
                form.pairs.filter { !$0.value.isEmpty && seen.insert($0.name).inserted }.map {
                    JSONMember(name: $0.name, value: .text($0.value))
                }))
    }

    private static let filesTooLarge = Problem(
        .contentTooLarge, "files_too_large",
        "A message has at most \(AskForm.most) files, of 10 MiB each and 20 MiB together.")

    private static let tooLarge = Problem(.contentTooLarge, "too_large", "A message has at most \(maxBody) bytes.")
}
