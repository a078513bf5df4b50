import Content
import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger

/// What is said: the list, one content, its look, and its review.
struct ContentRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext
    let store: SnapshotStore
    let cookies: CookieJar

    func add(to routes: Routes) {
        routes.guarded(.contents) { call in try await list(call) }
        routes.guarded(.content) { call in try await show(call, said: nil) }
        routes.guarded(.contentPreview) { call in try await frame(call) }
        routes.guarded(.contentSubmit) { call in
            try await act(call, "Submitted for review.") { versions, _ in
                try await context.ledger.submitParts(versions, by: call.visit.identity.principal)
            }
        }
        routes.guarded(.contentSign) { call in try await sign(call) }
        routes.guarded(.contentReject) { call in
            try await act(call, "Sent back to its authors.") { versions, book in
                let chosen = try await chosen(call, versions, .reject, book)
                try await context.ledger.rejectParts(chosen, cause: call.form["cause"] ?? "", by: try await user(call))
            }
        }
        routes.guarded(.contentWithdraw) { call in
            try await act(call, "Withdrawn: nothing that uses it goes out any more.") { versions, book in
                guard call.form["part"] != nil else { throw Diagnostic("bad_form", "Choose a part.") }
                let chosen = try await chosen(call, versions, .withdraw, book)
                try await context.ledger.withdrawParts(
                    chosen, cause: call.form["cause"] ?? "", by: call.visit.identity.principal)
            }
        }
    }

    private var today: Day { Day(number: Int32(context.now() / 86_400_000_000)) }

    private func book() async throws -> ContentBook {
        let sources = try await ContentReads(snapshot: store.snapshot).sources()
        if let desk = context.content { return try await desk.book(sources: sources) }
        var library = Library()
        for source in sources { library.sources[source.contentID] = source }
        return ContentBook(library: library, standings: Standings())
    }

    // MARK: - The list

    private func list(_ call: Call) async throws -> Response {
        let book = try await book()
        let reads = ContentReads(snapshot: store.snapshot)
        let uses = try await reads.uses()
        var page = ContentListPage(filter: .init(call.query), today: today)
        page.brands = store.snapshot?.facts.brands ?? [:]
        page.mistakes = book.diagnostics
        for message in book.library.messages.values {
            for language in message.languages {
                page.items.append(item(message, language, book))
            }
        }
        for source in book.library.sources.values {
            page.items.append(
                .init(
                    contentID: source.contentID, title: source.title, language: source.language,
                    product: source.product,
                    purpose: source.purpose, channels: source.channels,
                    standing: shown(source.standing), isAuthored: false))
        }
        for index in page.items.indices {
            let use = uses[page.items[index].contentID]
            (page.items[index].planned, page.items[index].plannedHCPs) = (use?.touches ?? 0, use?.hcps ?? 0)
            page.items[index].journeys = context.journeysOfContent()[page.items[index].contentID] ?? []
        }
        page.items.sort { ($0.title, $0.contentID, $0.language ?? "") < ($1.title, $1.contentID, $1.language ?? "") }
        return .html(
            try pages.document(
                "content-list", page.view, title: "Content", section: .content, visit: call.visit,
                stamp: store.snapshot?.facts.stamp))
    }

    private func item(_ message: MessagePlan, _ language: String, _ book: ContentBook) -> ContentListPage.Item {
        .init(
            contentID: message.head.id, title: message.head.title, language: language, product: message.head.product,
            purpose: message.purpose, channels: message.channels, standing: shown(book.standing(of: message, language)),
            isAuthored: true)
    }

    private func shown(_ standing: PartStanding) -> PartStanding {
        var standing = standing
        standing.state = ContentListPage.shown(standing, on: today)
        return standing
    }

    // MARK: - One content

    private func show(
        _ call: Call, said: (text: String, failed: Bool)?, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let id = try call.parameter("id")
        let book = try await book()
        let fields = call.operation.method == .post ? call.form : call.query
        guard var page = try await page(id, fields, book, call) else { throw HTTPError(.notFound) }
        page.said = said ?? Self.done(call.query["done"])
        var response = Response.html(
            try pages.document(
                "content", page.view, title: page.title, section: .content, visit: call.visit,
                stamp: store.snapshot?.facts.stamp),
            status: status)
        response.headers[.contentSecurityPolicy] = SecurityHeaders.framingPolicy
        return response
    }

    private func page(_ id: String, _ fields: FormFields, _ book: ContentBook, _ call: Call) async throws
        -> ContentPage?
    {
        let builder = ContentPageBuilder(book: book, context: context, snapshot: store.snapshot, today: today)
        guard var page = try await builder.page(id, language: fields["language"]) else { return nil }
        let role = call.visit.identity.role
        page.csrf = call.visit.csrf
        page.canSubmit = Operation.contentSubmit.allows(role) && page.body == nil && !book.hasErrors
        page.canWithdraw = Operation.contentWithdraw.allows(role) && page.body == nil
        if Operation.contentSign.allows(role), page.body == nil {
            page.disciplines = try await context.ledger.disciplines(of: try await user(call))
            page.needsIdentification = try await context.ledger.needsIdentification(
                session: cookies.session(of: call.request))
        }
        page.userName = call.visit.identity.name
        page.canPreview = Operation.contentPreview.allows(role)
        if page.canPreview { page.preview = try await builder.preview(id, language: page.language, hcp: fields["hcp"]) }
        return page
    }

    /// The message alone, for the frame.
    private func frame(_ call: Call) async throws -> Response {
        let id = try call.parameter("id")
        let builder = ContentPageBuilder(
            book: try await book(), context: context, snapshot: store.snapshot, today: today)
        guard let language = call.query["language"], let hcp = call.query["hcp"],
            let html = try await builder.html(id, language: language, hcp: hcp)
        else { throw HTTPError(.notFound) }
        var response = Response.html(html)
        response.headers[.contentSecurityPolicy] = SecurityHeaders.framedPolicy
        response.headers[.frameOptions] = "SAMEORIGIN"
        return response
    }

    // MARK: - Review

    private func user(_ call: Call) async throws -> User {
        guard let user = try await context.ledger.user(login: call.visit.identity.login) else {
            throw HTTPError(.forbidden)
        }
        return user
    }

    /// Does something with all parts of the content that the form is about, and answers with a redirect; a refusal comes
    /// back with the page.
    private func act(
        _ call: Call, _ words: String, _ body: ([PartVersion], ContentBook) async throws -> Void
    ) async throws -> Response {
        let id = try call.parameter("id")
        do {
            let book = try await book()
            guard let message = book.library.messages[id], let language = call.form["language"],
                message.subjects[language] != nil
            else { throw HTTPError(.notFound) }
            let versions = book.library.uses(of: message, language).compactMap { book.library.record(of: $0)?.version }
            // The form names the words that the person saw: nothing else is signed.
            guard let seen = call.form["digest"], versions.first?.digest == seen else {
                throw Diagnostic(
                    "content_changed", "The text has changed since you opened the page.",
                    remedy: "read the new version and decide again")
            }
            try await body(versions, book)
            let query = FormFields([("language", language), ("done", call.operation.rawValue)]).query
            return .seeOther("/content/" + FormFields.encode(id) + query)
        } catch let refusal as Diagnostic where ErrorPages.status(of: refusal).code < 500 {
            let words = [refusal.message, refusal.remedy.map { "You can \($0)." }].compactMap { $0 }
            return try await show(
                call, said: (words.joined(separator: " "), true), status: ErrorPages.status(of: refusal))
        }
    }

    private static func done(_ operation: String?) -> (String, Bool)? {
        switch operation.flatMap(Operation.init(rawValue:)) {
        case .contentSubmit: ("Submitted for review.", false)
        case .contentSign: ("Signed.", false)
        case .contentReject: ("Sent back to its authors.", false)
        case .contentWithdraw: ("Withdrawn: nothing that uses it goes out any more.", false)
        default: nil
        }
    }

    private func sign(_ call: Call) async throws -> Response {
        try await act(call, "Signed.") { versions, _ in
            guard let discipline = call.form["discipline"].flatMap(ReviewDiscipline.init(rawValue:)),
                let meaning = call.form["meaning"].flatMap(SignatureMeaning.init(rawValue:))
            else { throw Diagnostic("bad_form", "The form could not be read.") }
            var expires: Day?
            if let text = call.form["expires"] {
                guard let day = Day(text), day >= today else {
                    throw Diagnostic("bad_form", "The last day of use is today or later.")
                }
                expires = day
            }
            _ = try await context.ledger.signParts(
                versions, as: discipline, meaning, expires: expires,
                with: SigningCredentials(
                    login: call.form["login"], password: call.form["password"] ?? "",
                    session: cookies.session(of: call.request)),
                by: try await user(call))
        }
    }

    /// The part that a form names, or every one that admits the step.
    private func chosen(
        _ call: Call, _ versions: [PartVersion], _ action: ReviewAction, _ book: ContentBook
    ) async throws -> [PartVersion] {
        if let name = call.form["part"] {
            guard let found = versions.first(where: { $0.key.description == name }) else {
                throw Diagnostic("unknown_part", "The message has no such part.")
            }
            return [found]
        }
        return versions.filter { ReviewMachine(state: book.standings[$0].state).admits(action) }
    }
}
