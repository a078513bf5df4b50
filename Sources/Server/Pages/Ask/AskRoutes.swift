import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger
import Words

/// The form for questions: for everybody at `/ask`, and behind the signed link of a message, where it knows who asks.
///
/// The page works without scripts and without a session. Every form that is shown carries a signed stamp: sent twice it is
/// one message, and one that no page of ours has shown is none. A field that people do not see catches programs; what
/// they send is thanked for and dropped.
struct AskRoutes: Sendable {
    static let longest = 5_000
    private static let day: Int64 = 86_400_000_000

    let pages: PageRenderer
    let context: ServerContext
    let door = AskGuard()

    init(pages: PageRenderer, context: ServerContext) {
        self.pages = pages
        self.context = context
    }

    /// Who asks, as far as the link says it.
    private struct Visitor: Sendable {
        var hcpID: String?
        var words: PublicWords
        var address: String?
    }

    func add(to routes: Routes) {
        routes.open(.askForm) { request, context in try await show(request, try anybody(request, context)) }
        routes.open(.ask) { request, context in
            try await take(request, context, try anybody(request, context))
        }
        routes.open(.questionForm) { request, context in try await show(request, try await known(context)) }
        routes.open(.question) { request, context in
            try await take(request, context, try await known(context))
        }
    }

    private func anybody(_ request: Request, _ context: PageContext) throws -> Visitor {
        guard let desk = self.context.inquiries, desk.rules.form.isOpen else { throw HTTPError(.notFound) }
        let asked = FormFields(request.uri.query ?? "")["lang"]
        let language = asked ?? PublicWords.accepted(request.headers[.acceptLanguage])
        return Visitor(words: PublicWords.of(language), address: context.remoteAddress)
    }

    private func known(_ request: PageContext) async throws -> Visitor {
        guard context.inquiries != nil else { throw HTTPError(.notFound) }
        let text = FormFields.decode(request.parameters.get("token") ?? "")
        switch LinkToken.read(text, keys: [try await context.ledger.linkKey()], now: context.now()) {
        case .valid(let token) where token.action == .question:
            guard let recipient = try await context.ledger.recipient(token.subject) else { throw HTTPError(.notFound) }
            return Visitor(
                hcpID: token.subject, words: PublicWords.of(recipient.language), address: request.remoteAddress)
        case .expired(let token) where token.action == .question:
            let recipient = try await context.ledger.recipient(token.subject)
            throw HTTPError(.gone, message: PublicWords.of(recipient?.language).expired)
        default: throw HTTPError(.notFound)
        }
    }

    // MARK: - The page

    private func show(_ request: Request, _ visitor: Visitor) async throws -> Response {
        let isSent = FormFields(request.uri.query ?? "")["sent"] != nil
        return try await document(visitor, FormFields(), isSent: isSent)
    }

    private func document(
        _ visitor: Visitor, _ form: FormFields, fault: (field: String, words: String)? = nil, isSent: Bool = false,
        status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let words = visitor.words
        let stamp = LinkToken(
            action: .form, subject: context.ledger.newID(), expiresAt: context.now() + Self.day)
        let signed = try stamp.signed(with: try await context.ledger.linkKey())
        let view = View.with { view in
            view.set("title", words.ask.title)
            view.set("lead", words.ask.lead)
            if isSent {
                view.set("thanks", words.ask.thanks)
                view.set("thanksNote", words.ask.thanksNote)
                return
            }
            view.set("form", true)
            view.set("stamp", signed)
            view.set("about", words.ask.about)
            let chosen = form["about"] ?? InquiryAsk.other.rawValue
            view.set(
                "choices",
                InquiryAsk.allCases.map { ask in
                    .with {
                        $0.set("choiceValue", ask.rawValue)
                        $0.set("choiceName", words.ask.choices[ask])
                        $0.set("choiceOn", ask.rawValue == chosen)
                    }
                })
            view.set("isAnybody", visitor.hcpID == nil)
            view.set("nameWord", words.ask.name)
            view.set("nameValue", form["name"])
            view.set("emailWord", words.ask.email)
            view.set("emailNote", words.ask.emailNote)
            view.set("emailValue", form["email"])
            view.set("subjectWord", words.ask.subject)
            view.set("subjectValue", form["subject"])
            view.set("textWord", words.ask.text)
            view.set("textValue", form["text"])
            view.set("filesWord", words.ask.files)
            view.set("filesNote", words.ask.filesNote)
            view.set("filesFault", fault?.field == "files")
            view.set("safetyNote", words.ask.safety)
            view.set("privacy", words.ask.privacy)
            view.set("sendWord", words.ask.send)
            view.set("leaveEmpty", words.ask.leaveEmpty)
            view.set("fault", fault?.words)
            view.set("textFault", fault?.field == "text")
            view.set("emailFault", fault?.field == "email")
        }
        let html = try pages.document("ask", view, title: words.ask.title, language: words.language)
        return .html(html, status: status)
    }

    // MARK: - Taking

    private func take(_ request: Request, _ context: PageContext, _ visitor: Visitor) async throws -> Response {
        let words = visitor.words
        switch try await AskForm.read(request, context, door) {
        case .form(let form): return try await take(request, form, visitor)
        case .tooLarge:
            return try await document(
                visitor, FormFields(), fault: ("files", words.ask.tooLarge), status: .contentTooLarge)
        case .busy:
            var response = try await document(
                visitor, FormFields(), fault: ("", words.ask.tooMany), status: .tooManyRequests)
            response.headers[.retryAfter] = "60"
            return response
        }
    }

    private func take(_ request: Request, _ sent: AskForm, _ visitor: Visitor) async throws -> Response {
        let (words, form) = (visitor.words, sent.fields)
        let thanked = Response.seeOther(
            request.uri.path + FormFields([("sent", "yes"), ("lang", words.language)]).query)
        func refused(_ field: String, _ said: String, _ status: HTTPResponse.Status = .unprocessableContent)
            async throws
            -> Response
        { try await document(visitor, form, fault: (field, said), status: status) }

        if form["website"] != nil { return thanked }
        guard let desk = context.inquiries else { throw HTTPError(.notFound) }
        guard let text = form["text"] else { return try await refused("text", words.ask.needsText) }
        guard text.count <= Self.longest else { return try await refused("text", words.ask.tooLong) }
        let email = form["email"]
        if visitor.hcpID == nil, email == nil || !Self.isAddress(email ?? "") {
            return try await refused("email", words.ask.needsEmail)
        }
        if sent.isTooLarge { return try await refused("files", words.ask.tooLarge) }
        if sent.hasOtherKinds { return try await refused("files", words.ask.otherKind) }
        let key = try await context.ledger.linkKey()
        guard case .valid(let stamp) = LinkToken.read(form["stamp"] ?? "", keys: [key], now: context.now()),
            stamp.action == .form
        else { return try await refused("", words.ask.outOfDate) }
        if let wait = door.take(
            visitor.hcpID ?? visitor.address, bytes: sent.bytes, now: context.now(), rules: desk.rules.form)
        {
            var response = try await refused("", words.ask.tooMany, .tooManyRequests)
            response.headers[.retryAfter] = String(wait)
            return response
        }
        var draft = InquiryDraft(
            source: "form", sourceID: stamp.subject, channel: .portal, receivedAt: context.now(),
            subject: String((form["subject"] ?? "").prefix(InquiryDraft.longestSubject)), body: text)
        draft.hcpID = visitor.hcpID
        draft.identifiedBy = visitor.hcpID == nil ? nil : .link
        draft.fromName = form["name"].map { String($0.prefix(120)) }
        draft.fromAddress = email.flatMap { Self.isAddress($0) ? $0 : nil }
        draft.language = words.language
        draft.files = sent.files
        draft.asked = form["about"].flatMap(InquiryAsk.init(rawValue:))
        do { _ = try await desk.take(draft) } catch let refusal as Diagnostic where refusal.code == "inquiry_empty" {
            return try await refused("text", words.ask.needsText)
        } catch let refusal as Diagnostic where refusal.code == "idempotency_mismatch" {
            // The page was sent, changed and sent again: a new form, with what was written.
            return try await refused("", words.ask.outOfDate, .conflict)
        }
        return thanked
    }

    static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return text.utf8.count <= 254 && parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".")
            && !parts[1].hasPrefix(".") && !parts[1].hasSuffix(".")
            && text.unicodeScalars.allSatisfy {
                $0.value > 32 && $0.value != 127 && !"<>,;:\"()[]\\".unicodeScalars.contains($0)
            }
    }
}
