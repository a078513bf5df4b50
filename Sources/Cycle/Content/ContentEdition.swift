internal import Content
internal import EngagementModel
internal import Foundation
internal import Ledger
internal import Warehouse

/// What review says about a content that is written in `content/`, for readers of one language.
///
/// A run collects them once and keeps them with its plan (`plan.content_edition`): planned is what could be claimed at
/// that moment, and a replay does not ask the ledger.
struct ContentEdition: Sendable, Hashable {
    /// The version that a reader of the language would get, as the send gate knows it.
    var approval: ContentApproval

    /// One line that tells whether anything changed.
    var line: String {
        "content "
            + (["\(approval.contentID)", approval.version, approval.language ?? "", approval.state.rawValue]
            + [approval.approvedOn?.description ?? "", approval.expiresOn?.description ?? ""]
            + Self.lists(approval)).joined(separator: " ")
    }

    /// Registers the library's parts, ends what has expired, and asks the ledger about every content that it holds.
    ///
    /// While the files have mistakes nothing that is written there goes out, and so nothing of it is planned.
    static func collect(_ workspace: Workspace, _ ledger: Ledger, on day: Day) async throws -> [ContentEdition] {
        let book = try await ContentDesk(folder: workspace.contentDirectory, ledger: ledger).book()
        try await ledger.expireParts(on: day)
        let library = book.library
        var result: [ContentEdition] = []
        for id in try await ledger.authoredContents().union(library.messages.keys).sorted() {
            // No longer in the files: its versions stay closed, and those of the sources under the same id too.
            guard let message = library.messages[id], !book.hasErrors else {
                let purpose = library.messages[id]?.purpose ?? .promotional
                result.append(closed(id, purpose))
                continue
            }
            result += try await editions(of: message, id, library, ledger)
        }
        return result
    }

    /// - Parameter ledger: nil = nothing was ever reviewed.
    private static func editions(
        of message: MessagePlan, _ id: String, _ library: Library, _ ledger: Ledger?
    ) async throws -> [ContentEdition] {
        var result: [ContentEdition] = []
        let readers = Set(message.languages + message.languages.flatMap(library.review.standsIn(for:)))
        for reader in readers.sorted() {
            for written in library.review.chain(reader) where message.subjects[written] != nil {
                guard let own = library.record(of: PartKey(.message, id, written))?.version else { continue }
                let version = written == reader ? own.version : "\(own.version)~\(reader)"
                let known = try await ledger?.contentApproval(id, version: version)
                result.append(ContentEdition(approval: known ?? closed(id, message.purpose, reader).approval))
            }
        }
        return result
    }

    // MARK: - What cannot be planned

    /// Says which messages of `content/` nobody can be sent, and what to do: a plan without them looks like any other.
    ///
    /// - Parameter day: on which they are to be sent; nil = whenever.
    static func warnings(_ editions: [ContentEdition], _ workspace: Workspace, on day: Day?) -> [Diagnostic] {
        // What is no longer in the files has no language here.
        let written = Set(editions.filter { $0.approval.language != nil }.map(\.approval.contentID))
        let usable = Set(
            editions.filter { edition in
                let approval = edition.approval
                guard approval.state.isSendable else { return false }
                guard let day else { return true }
                return approval.approvedOn.map { $0 <= day } ?? true && approval.expiresOn.map { day <= $0 } ?? true
            }.map(\.approval.contentID))
        let closed = written.subtracting(usable).sorted()
        guard let first = closed.first else { return [] }
        let file = workspace.contentDirectory.appending(path: "approvals.csv")
        let hasFile = FileManager.default.fileExists(atPath: file.path)
        let names = closed.count > 3 ? "\(closed.prefix(3).joined(separator: ", ")), …" : closed.joined(separator: ", ")
        return [
            Diagnostic(
                "content_without_approval",
                "\(closed.count) of \(written.count) messages in content/ are not released, so nothing of them is planned: "
                    + names, severity: .warning, file: "content",
                remedy: (hasFile
                    ? "bring in what another system approved (`rapport content import-approvals content/approvals.csv`)"
                    : "bring approvals in (`rapport content import-approvals FILE`)")
                    + ", or have them signed: `rapport content submit \(first) --by LOGIN`, then /content")
        ]
    }

    /// The same without a run: reads the files and what the ledger says of them, and changes nothing.
    static func warnings(_ workspace: Workspace) async -> [Diagnostic] {
        let reading = Library.read(at: workspace.contentDirectory)
        guard !reading.library.messages.isEmpty, !reading.diagnostics.contains(where: { $0.severity == .error })
        else { return [] }
        do {
            let version = try await Ledger.schemaVersion(of: workspace.ledgerPath.path)
            // A ledger of another program is left as it is.
            guard version == nil || version == Ledger.newestSchema else { return [] }
            let ledger = version == nil ? nil : try workspace.openLedger(now: { 0 })
            defer { try? ledger?.close() }
            var all: [ContentEdition] = []
            for (id, message) in reading.library.messages.sorted(by: { $0.key < $1.key }) {
                all += try await editions(of: message, id, reading.library, ledger)
            }
            return warnings(all, workspace, on: nil)
        } catch let problem as Diagnostic {
            return [problem]
        } catch { return [] }
    }

    private static func closed(_ id: String, _ purpose: Purpose, _ language: String? = nil) -> ContentEdition {
        ContentEdition(
            approval: ContentApproval(contentID: id, version: "", purpose: purpose, state: .draft, language: language))
    }

    private static func lists(_ approval: ContentApproval) -> [String] {
        [
            approval.channels.map(\.rawValue), Array(approval.countries), approval.stakeholders.map(\.rawValue),
            Array(approval.specialties),
        ].map { $0.sorted().joined(separator: ";") }
    }

    static func save(_ editions: [ContentEdition], _ connection: WarehouseConnection) async throws {
        let all = editions.map(\.approval)
        let lists = all.map(Self.lists)
        try await connection.execute("CREATE SCHEMA IF NOT EXISTS plan")
        try await connection.ingest(
            ColumnSet([
                ("place", .int32(all.indices.map { Int32($0) })), ("content_id", .text(all.map(\.contentID))),
                ("version", .text(all.map(\.version))), ("purpose", .text(all.map(\.purpose.rawValue))),
                ("state", .text(all.map(\.state.rawValue))), ("approved", .optionalDay(all.map(\.approvedOn))),
                ("expires", .optionalDay(all.map(\.expiresOn))), ("language", .optionalText(all.map(\.language))),
                ("channels", .text(lists.map { $0[0] })), ("countries", .text(lists.map { $0[1] })),
                ("stakeholders", .text(lists.map { $0[2] })), ("specialties", .text(lists.map { $0[3] })),
            ]), into: "plan.content_edition", mode: .replace)
    }

    /// Those of a snapshot or record, in the order of content, language and preference; none where an older program
    /// wrote it.
    static func read(_ connection: WarehouseConnection) async throws -> [ContentEdition] {
        let found = try await connection.query(
            """
            SELECT 1 AS one FROM information_schema.tables
            WHERE table_schema = 'plan' AND table_name = 'content_edition'
            """)
        guard found.rowCount > 0 else { return [] }
        let table = try await connection.query("SELECT * FROM plan.content_edition ORDER BY place")
        let (ids, versions) = (try table.texts("content_id"), try table.texts("version"))
        let (purposes, states) = (try table.texts("purpose"), try table.texts("state"))
        let (approved, expires) = (try table.days("approved"), try table.days("expires"))
        let (languages, channels) = (try table.strings("language"), try table.texts("channels"))
        let (countries, stakeholders) = (try table.texts("countries"), try table.texts("stakeholders"))
        let specialties = try table.texts("specialties")
        func words(_ text: String) -> [String] { text.split(separator: ";").map(String.init) }
        return ids.indices.map { i in
            ContentEdition(
                approval: ContentApproval(
                    contentID: ids[i], version: versions[i], purpose: Purpose(rawValue: purposes[i]) ?? .promotional,
                    state: MLRState(rawValue: states[i]) ?? .draft, approvedOn: approved[i], expiresOn: expires[i],
                    channels: Set(words(channels[i]).compactMap(Channel.init(rawValue:))),
                    countries: Set(words(countries[i])), language: languages[i],
                    stakeholders: Set(words(stakeholders[i]).compactMap(Stakeholder.init(rawValue:))),
                    specialties: Set(words(specialties[i]))))
        }
    }
}

extension ContentShelf.Item {
    /// What the sources say.
    var approval: ContentApproval {
        ContentApproval(
            contentID: id, version: version, purpose: purpose, state: state, approvedOn: approved, expiresOn: expires,
            channels: channels, countries: countries, language: language,
            stakeholders: Set(audience.flatMap { Stakeholder(rawValue: $0.lowercased()) }.map { [$0] } ?? []))
    }
}
