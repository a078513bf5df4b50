internal import Content
internal import Delivery
internal import EngagementModel
internal import Foundation
internal import Ledger
internal import Synchronization
internal import Warehouse

/// What is said to whom: assembles messages from approved parts for the HCPs of a book.
///
/// The library and the states of review are read again every round; between two rounds the send gate of the ledger
/// still knows of a withdrawal, as it judges the content's version in the transaction that sends.
final class EngageContents: Sendable {
    private let desk: ContentDesk
    private let book: Mutex<ContentBook>
    private let links: EngageLinks?

    /// - Parameter links: makes the addresses that messages carry; nil = messages that need one are not assembled.
    init(workspace: Workspace, ledger: Ledger, links: EngageLinks?) async throws {
        desk = ContentDesk(folder: workspace.contentDirectory, ledger: ledger)
        book = Mutex(try await desk.book())
        self.links = links
    }

    /// Takes up what authors and reviewers changed.
    func refresh(_ people: EngageBook) async throws {
        let newer = try await desk.book(sources: people.sources)
        book.withLock { $0 = newer }
    }

    /// Authored messages of some purposes that go out by e-mail, by title.
    func plans(for purposes: Set<Purpose>) -> [MessagePlan] {
        book.withLock { $0 }.library.messages.values
            .filter { purposes.contains($0.purpose) && $0.channels.contains(.email) }
            .sorted { ($0.head.title, $0.head.id) < ($1.head.title, $1.head.id) }
    }

    /// The message of a content for an HCP, as it would go out at a time.
    ///
    /// - Parameters:
    ///   - rep: in whose name, for a message of a rep.
    ///   - claim: whose way out the message carries; nil = it is not claimed yet, and only asked what it would be.
    func message(
        _ contentID: String, _ channel: Channel, to hcp: Int, of people: EngageBook, rep: String?,
        claim: Int64? = nil, at: Int64
    ) -> Result<AssembledMessage, AssemblyRefusal> {
        let reader = people.reader(hcp)
        var fields = people.name(hcp).fields(reader)
        fields[.company] = people.company
        fields[.repName] = (rep ?? people.rep(of: hcp)).flatMap { people.repNames[$0] }
        if let links { fields.merge(links.fields(people.hcpIDs[hcp], claim: claim, at: at)) { $1 } }
        let book = book.withLock { $0 }
        let product = book.library.messages[contentID]?.head.product ?? book.library.sources[contentID]?.product
        if let event = people.nextEvent(product, after: at) {
            fields.merge(event.fields(reader.language, people.zones[hcp])) { $1 }
            fields[.eventURL] = links?.event(event.id)
        }
        return book.assemble(
            AssemblyRequest(
                contentID: contentID, channel: channel, reader: reader, day: people.zones[hcp].local(at).day,
                fields: fields))
    }
}

/// The addresses that a message may carry.
struct EngageLinks: Sendable {
    /// `https://…`, without a slash at its end.
    let baseURL: String
    let key: [UInt8]
    let eventURL: String?
    let contactURL: String?

    /// A link to the preference centre holds for half a year.
    private static let validity: Int64 = 180 * 86_400_000_000

    func fields(_ hcpID: String, claim: Int64?, at: Int64) -> [Field: String] {
        var fields: [Field: String] = [:]
        fields[.unsubscribeURL] =
            claim.flatMap { try? LinkMint(baseURL: baseURL, keys: [key]).unsubscribe($0) } ?? baseURL
        let token = LinkToken(action: .preferences, subject: hcpID, expiresAt: at + Self.validity)
        if let text = try? token.signed(with: key) { fields[.preferencesURL] = "\(baseURL)/p/\(text)" }
        let notes = LinkToken(action: .notes, subject: hcpID, expiresAt: at + Self.validity)
        if let text = try? notes.signed(with: key) { fields[.notesURL] = "\(baseURL)/n/\(text)" }
        // Where no page of the company's own takes questions, the hosted form does.
        let question = LinkToken(action: .question, subject: hcpID, expiresAt: at + Self.validity)
        fields[.contactURL] = contactURL ?? (try? question.signed(with: key)).map { "\(baseURL)/q/\($0)" }
        return fields
    }

    func event(_ id: String) -> String? { eventURL?.replacing("{event_id}", with: Escape.url(id)) }
}

/// An event that is still to come.
struct EngageEvent: Sendable {
    var id: String
    var title: String
    var productID: String?
    var startsAt: Int64

    /// Title, day and hour as the reader's language and zone write them.
    func fields(_ language: String, _ zone: Zone) -> [Field: String] {
        let local = zone.local(startsAt)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (_, month, day) = local.day.civil
        let code = String(language.prefix(2))
        let months = Self.months[code] ?? Self.months["en"] ?? []
        let date = code == "de" ? "\(day). \(months[month - 1])" : "\(day) \(months[month - 1])"
        return [
            .eventTitle: title, .eventDate: date, .eventTime: "\(two(local.minute / 60)):\(two(local.minute % 60))",
        ]
    }

    private static let months = [
        "en": [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ],
        "de": [
            "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
            "November", "Dezember",
        ],
        "fr": [
            "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
            "novembre", "décembre",
        ],
        "es": [
            "de enero", "de febrero", "de marzo", "de abril", "de mayo", "de junio", "de julio", "de agosto",
            "de septiembre", "de octubre", "de noviembre", "de diciembre",
        ],
        "it": [
            "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre",
            "ottobre", "novembre", "dicembre",
        ],
    ]
}
