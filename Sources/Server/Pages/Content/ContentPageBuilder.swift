import Content
import EngagementModel
import Ledger

/// Gathers what the page of one content shows.
struct ContentPageBuilder: Sendable {
    let book: ContentBook
    let context: ServerContext
    let snapshot: Snapshot?
    let today: Day

    /// nil when there is no such content, or not in this language.
    func page(_ id: String, language asked: String?) async throws -> ContentPage? {
        if let message = book.library.messages[id] {
            let languages = message.languages
            guard let language = asked ?? languages.first, languages.contains(language) else { return nil }
            return try await page(message, language)
        }
        guard let source = book.library.sources[id] else { return nil }
        var standing = source.standing
        standing.state = ContentListPage.shown(standing, on: today)
        var page = ContentPage(
            contentID: id, title: source.title, language: source.language ?? "en", standing: standing, today: today,
            preview: .init(channel: source.channels.contains(.email) ? .email : .portal))
        page.facts = facts(
            product: source.product, purpose: source.purpose, channels: source.channels, countries: source.countries,
            audience: nil)
        page.facts.append(("Written in", "the sources; review is theirs too"))
        page.facts.append(("Version", source.version))
        page.body = source.body.isEmpty ? "(no text was delivered)" : source.body
        return page
    }

    private func page(_ message: MessagePlan, _ language: String) async throws -> ContentPage {
        let library = book.library
        var standing = book.standing(of: message, language)
        standing.state = ContentListPage.shown(standing, on: today)
        var page = ContentPage(
            contentID: message.head.id, title: message.head.title, language: language, standing: standing, today: today,
            preview: .init(channel: channel(of: message)))
        page.languages = message.languages
        let countries = Clearance.countries(of: message, language, in: library)
        page.facts = facts(
            product: message.head.product, purpose: message.purpose, channels: message.channels, countries: countries,
            audience: message.audience)
        let journeys = context.journeysOfContent()[message.head.id] ?? []
        page.facts.append(("Journeys", journeys.isEmpty ? "–" : journeys.joined(separator: ", ")))
        if let use = try await ContentReads(snapshot: snapshot).uses()[message.head.id] {
            page.facts.append(
                ("Planned", "\(Format.plural(use.touches, "touch", "touches")) to \(Format.plural(use.hcps, "HCP"))"))
        }
        page.mistakes = book.diagnostics
        for key in library.uses(of: message, language) {
            let record = library.record(of: key)
            var part = ContentPage.Part(
                key: key, title: record?.title ?? key.id, version: record?.version, standing: PartStanding(.draft),
                ownEnd: record?.expires)
            if let version = record?.version {
                part.standing = book.standings[version]
                part.review = try await context.ledger.partReview(version)
            }
            page.parts.append(part)
            page.findings += library.restrictedWords(in: key)
        }
        for user in try await context.ledger.users() { page.names[user.principal.id] = user.name }
        return page
    }

    private func facts(
        product: String?, purpose: Purpose, channels: Set<Channel>, countries: Set<String>?, audience: Audience?
    ) -> [(String, String)] {
        var facts = [
            ("Product", product.map { snapshot?.facts.brands[$0] ?? $0 } ?? "–"),
            ("Purpose", Format.label(purpose.rawValue)),
            ("Channels", Channel.allCases.filter(channels.contains).map(\.title).joined(separator: ", ")),
            ("Countries", countries.map { $0.isEmpty ? "all" : $0.sorted().joined(separator: ", ") } ?? "none"),
        ]
        if let audience {
            let words =
                audience.stakeholders.map(\.rawValue).sorted() + audience.specialties.sorted()
                + audience.segments.sorted()
            facts.append(("For", words.isEmpty ? "everybody" : words.map(Format.label).joined(separator: ", ")))
        }
        return facts
    }

    // MARK: - Preview

    private func channel(of message: MessagePlan) -> Channel {
        [.email, .emailRep, .portal, .sms].first(where: message.channels.contains)
            ?? Channel.allCases.first(where: message.channels.contains) ?? .email
    }

    private func request(_ id: String, _ language: String, _ hcp: String) async throws
        -> (AssemblyRequest, ContentReads.Person)?
    {
        guard let person = try await ContentReads(snapshot: snapshot).person(hcp) else { return nil }
        let channel: Channel
        if let message = book.library.messages[id] {
            channel = self.channel(of: message)
        } else {
            let channels = book.library.sources[id]?.channels ?? []
            channel =
                channels.isEmpty || channels.contains(.email)
                ? .email : Channel.allCases.first(where: channels.contains) ?? .email
        }
        var reader = person.reader
        reader.language = language
        let fields = ReaderName.preview.merging(person.name.fields(reader)) { $1 }
        return (AssemblyRequest(contentID: id, channel: channel, reader: reader, day: today, fields: fields), person)
    }

    /// How the message reads for an HCP, approved or not, and whether it could go out today.
    func preview(_ id: String, language: String, hcp: String?) async throws -> ContentPage.Preview {
        var preview = ContentPage.Preview(channel: .email)
        if let message = book.library.messages[id] { preview.channel = channel(of: message) }
        guard let hcp else { return preview }
        preview.hcpID = hcp
        guard let (request, person) = try await request(id, language, hcp) else {
            preview.fault = "No HCP has this identifier."
            return preview
        }
        preview.channel = request.channel
        preview.label = person.label
        var real = request
        real.reader.language = person.reader.language
        switch book.assemble(real) {
        case .success(let message):
            preview.isOpen = true
            preview.verdict = "Today it could go out to \(person.label), in \(message.language)."
        case .failure(let refusal):
            preview.verdict = "Today it could not go out to \(person.label). \(refusal.sentence)"
        }
        switch draft(request) {
        case .success(let message):
            preview.subject = message.subject
            preview.text = message.text
            if message.html != nil {
                preview.framePath =
                    "/content/\(FormFields.encode(id))/preview"
                    + FormFields([("language", language), ("hcp", hcp)]).query
            }
        case .failure(let refusal): preview.fault = "It cannot be shown. \(refusal.sentence)"
        }
        return preview
    }

    /// The HTML of the preview; nil when there is none.
    func html(_ id: String, language: String, hcp: String) async throws -> String? {
        guard let (request, _) = try await request(id, language, hcp) else { return nil }
        return try? draft(request).get().html
    }

    /// As if everything were released: for eyes, never for sending.
    private func draft(_ request: AssemblyRequest) -> Result<AssembledMessage, AssemblyRefusal> {
        Assembly(library: book.library, standings: .assumed(book.library)).assemble(request)
    }
}
