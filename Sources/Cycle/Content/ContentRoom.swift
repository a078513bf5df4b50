internal import Content
public import EngagementModel
public import Foundation
internal import Ledger
internal import Warehouse

/// The library of a workspace for the command line: list, look, review.
public struct ContentRoom: Sendable {
    private let workspace: Workspace
    private let ledger: Ledger
    private let now: @Sendable () -> Int64

    public init(workspace: Workspace, now: @escaping @Sendable () -> Int64) throws {
        self.workspace = workspace
        self.now = now
        ledger = try workspace.openLedger(now: now)
    }

    /// One content in one language.
    public struct Item: Sendable, Codable {
        public var contentID: String
        public var language: String
        public var title: String
        public var state: String
        public var approvedOn: String?
        public var expiresOn: String?
        public var version: String
        public var channels: [String]
        public var purpose: String
        /// `content/` or the sources.
        public var origin: String
    }

    /// One part of a content with its standing.
    public struct Part: Sendable, Codable {
        public var part: String
        public var title: String
        public var version: String
        public var digest: String
        public var state: String
        public var approvedOn: String?
        public var expiresOn: String?
        public var signatures: [String]
    }

    /// A message as it would go out.
    public struct Preview: Sendable, Codable {
        public var contentID: String
        public var contentVersion: String
        public var language: String
        public var subject: String
        public var text: String
        public var html: String?
        public var parts: [String]
        /// Why it could not go out today; nil = it could.
        public var refusal: String?
    }

    private var today: Day { Day(number: Int32(now() / 86_400_000_000)) }

    private func book() async throws -> ContentBook {
        try await ContentDesk(folder: workspace.contentDirectory, ledger: ledger).book(sources: await sources())
    }

    /// Contents of the published snapshot; none before the first run.
    private func sources() async throws -> [SourceContent] {
        guard SnapshotStore(directory: workspace.snapshotDirectory).current != nil else { return [] }
        let connection = try DecisionBook(workspace: workspace, now: now).snapshot()
        return try await SourceContent.read(connection)
    }

    // MARK: - Looking

    public func list() async throws -> [Item] {
        let book = try await book()
        var items: [Item] = []
        for message in book.library.messages.values {
            for language in message.languages {
                let standing = book.standing(of: message, language)
                let key = PartKey(.message, message.head.id, language)
                items.append(
                    Item(
                        contentID: message.head.id, language: language, title: message.head.title,
                        state: standing.state.rawValue, approvedOn: standing.approvedOn?.description,
                        expiresOn: standing.expiresOn?.description,
                        version: book.library.record(of: key)?.version.version ?? "",
                        channels: message.channels.map(\.rawValue).sorted(), purpose: message.purpose.rawValue,
                        origin: "content/"))
            }
        }
        for source in book.library.sources.values {
            items.append(
                Item(
                    contentID: source.contentID, language: source.language ?? "", title: source.title,
                    state: source.standing.state.rawValue, approvedOn: source.standing.approvedOn?.description,
                    expiresOn: source.standing.expiresOn?.description, version: source.version,
                    channels: source.channels.map(\.rawValue).sorted(), purpose: source.purpose.rawValue,
                    origin: "sources"))
        }
        return items.sorted { ($0.contentID, $0.language) < ($1.contentID, $1.language) }
    }

    /// Parts of a content in a language, with the signatures under each.
    public func show(_ id: String, language: String?) async throws -> [Part] {
        let (book, message, language) = try await message(id, language)
        var parts: [Part] = []
        for key in book.library.uses(of: message, language) {
            guard let record = book.library.record(of: key) else { continue }
            let standing = book.standings[record.version]
            let signatures = try await ledger.partReview(record.version)?.signatures ?? []
            parts.append(
                Part(
                    part: key.description, title: record.title, version: record.version.version,
                    digest: record.version.digest, state: standing.state.rawValue,
                    approvedOn: standing.approvedOn?.description,
                    expiresOn: [standing.expiresOn, record.expires].compactMap { $0 }.min()?.description,
                    signatures: signatures.map { "\($0.printedName): \($0.meaning.sentence($0.discipline))" }))
        }
        return parts
    }

    private func message(_ id: String, _ language: String?) async throws -> (ContentBook, MessagePlan, String) {
        let book = try await book()
        guard let message = book.library.messages[id] else {
            throw Diagnostic(
                "unknown_content", "content/ has no message \(id)", remedy: "see `rapport content list`")
        }
        guard let language = language ?? message.languages.first, message.languages.contains(language) else {
            throw Diagnostic(
                "unknown_language", "\(id) is not written in \(language ?? "any language")",
                remedy: "use one of \(message.languages.joined(separator: ", "))")
        }
        return (book, message, language)
    }

    /// How a content reads for an HCP, and whether it could go out today.
    public func preview(_ id: String, hcp: String, language: String?, channel: Channel?) async throws -> Preview {
        let book = try await book()
        let connection = try DecisionBook(workspace: workspace, now: now).snapshot()
        let table = try await connection.prepare(
            """
            SELECT first_name, last_name, credential, hco_name, city, language, country, specialty, stakeholder
            FROM mart.hcp WHERE hcp_id = ?
            """
        ).query([.text(hcp)])
        guard table.rowCount > 0 else {
            throw Diagnostic("unknown_hcp", "no HCP has this id", remedy: "see mart.hcp, or the search page")
        }
        func text(_ name: String) throws -> String? { try table.strings(name)[0] }
        var reader = Reader(
            language: try text("language") ?? "en", country: try text("country") ?? "",
            specialty: try text("specialty"),
            stakeholder: try text("stakeholder").flatMap(Stakeholder.init(rawValue:)) ?? .clinical)
        if let language { reader.language = language }
        let name = ReaderName(
            first: try text("first_name"), last: try text("last_name"), credential: try text("credential"),
            site: try text("hco_name"), city: try text("city"))
        let channels = book.library.messages[id]?.channels ?? book.library.sources[id]?.channels ?? []
        let chosen =
            channel
            ?? (channels.isEmpty || channels.contains(.email)
                ? .email : Channel.allCases.first(where: channels.contains) ?? .email)
        let request = AssemblyRequest(
            contentID: id, channel: chosen, reader: reader, day: today,
            fields: ReaderName.preview.merging(name.fields(reader)) { $1 })
        var refusal: String?
        let message: AssembledMessage
        switch book.assemble(request) {
        case .success(let made): message = made
        case .failure(let reason):
            refusal = reason.sentence
            let draft = Assembly(library: book.library, standings: .assumed(book.library)).assemble(request)
            guard case .success(let made) = draft else { throw Diagnostic(reason.reason.rawValue, reason.sentence) }
            message = made
        }
        return Preview(
            contentID: id, contentVersion: message.contentVersion, language: message.language, subject: message.subject,
            text: message.text, html: message.html, parts: message.parts.map { "\($0.id)@\($0.version)" },
            refusal: refusal)
    }

    // MARK: - Review

    private func versions(_ id: String, _ language: String?) async throws -> [PartVersion] {
        let (book, message, language) = try await message(id, language)
        guard !book.hasErrors else { throw ValidationFailure(diagnostics: book.diagnostics) }
        return book.library.uses(of: message, language).compactMap { book.library.record(of: $0)?.version }
    }

    private func person(_ login: String) async throws -> User {
        guard let user = try await ledger.user(login: login) else {
            throw Diagnostic("unknown_login", "nobody signs in as \(login)", remedy: "see `rapport user list`")
        }
        return user
    }

    /// Names a person as approver, or takes the right away.
    public func approver(_ discipline: String, login: String, granted: Bool) async throws {
        guard let discipline = ReviewDiscipline(rawValue: discipline) else {
            throw Diagnostic("unknown_discipline", "a discipline is medical, legal or regulatory")
        }
        let user = try await person(login)
        guard user.role == .compliance || !granted else {
            throw Diagnostic(
                "not_compliance", "\(login) does not have the role compliance", remedy: "add such a person")
        }
        try await ledger.setApprover(discipline, user, granted: granted, by: Principal(id: "command"))
    }

    /// - Returns: how many parts were handed to review.
    public func submit(_ id: String, language: String?, by login: String) async throws -> Int {
        let user = try await person(login)
        guard user.role == .marketer || user.role == .owner else {
            throw Diagnostic("not_allowed", "marketers and owners submit content")
        }
        return try await ledger.submitParts(try await versions(id, language), by: user.principal).count
    }

    /// Signs with login and password: on the command line every signature is a first one.
    /// - Returns: how many parts were signed.
    public func approve(
        _ id: String, language: String?, as discipline: String, release: Bool, expires: Day?, by login: String,
        password: String
    ) async throws -> Int {
        guard let discipline = ReviewDiscipline(rawValue: discipline) else {
            throw Diagnostic("unknown_discipline", "a discipline is medical, legal or regulatory")
        }
        return try await ledger.signParts(
            try await versions(id, language), as: discipline, release ? .release : .approve, expires: expires,
            with: SigningCredentials(login: login, password: password), by: try await person(login)
        ).count
    }

    public func withdraw(_ id: String, language: String?, cause: String, by login: String) async throws {
        let user = try await person(login)
        guard user.role == .compliance || user.role == .owner else {
            throw Diagnostic("not_allowed", "compliance and owners withdraw content")
        }
        let own = try await versions(id, language).prefix(1)
        try await ledger.withdrawParts(Array(own), cause: cause, by: user.principal)
    }

    /// Takes over approvals that another system gave: a CSV with `part, version, medical, legal, regulatory, approved_on,
    /// expires_on, reference`. A row binds to the present words of its part; a row for another stated version is refused.
    ///
    /// - Returns: versions that are approved for distribution by it.
    public func importApprovals(_ data: Data, file: String, by login: String?) async throws -> Int {
        var principal = Principal(id: "command")
        if let login {
            let user = try await person(login)
            guard user.role == .compliance || user.role == .admin else {
                throw Diagnostic("not_allowed", "compliance and administrators bring in approvals")
            }
            principal = user.principal
        }
        let book = try await book()
        guard !book.hasErrors else { throw ValidationFailure(diagnostics: book.diagnostics) }
        let approvals = try ApprovalFile.read(data, file: file, library: book.library)
        return try await ledger.importApprovals(approvals, by: principal).count
    }
}

extension Workspace {
    /// Where the parts of messages are written.
    package var contentDirectory: URL { root.appending(path: "content") }
}
