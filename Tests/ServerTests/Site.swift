import Content
import Delivery
import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Logging
import Synchronization

@testable import Server

/// A whole server without a socket, on the fixture's snapshot and a ledger in memory.
struct Site: Sendable {
    let fixture: SnapshotFixture
    let ledger: Ledger
    let store: SnapshotStore
    let ring: KeyRing
    /// `GET /today`, as the router knows them.
    let routes: Set<String>
    let clock: Clock
    let links: LinkMint
    /// Folder of the sandbox; not made.
    let outbox: String
    let book: EventBook
    var tokens: [Role: String] = [:]

    /// A clock that a test moves.
    final class Clock: Sendable {
        private let value = Mutex(SnapshotFixture.now)
        var now: Int64 { value.withLock { $0 } }
        func advance(seconds: Int64) { value.withLock { $0 += seconds * 1_000_000 } }
    }

    /// What was reported.
    final class EventBook: EventSink {
        private let all = Mutex<[EngagementEvent]>([])
        func record(_ events: [EngagementEvent]) async throws { all.withLock { $0 += events } }
        var events: [EngagementEvent] { all.withLock { $0 } }
    }

    static let password = "correct horse battery"

    /// Builds the site, does something with it, and cleans up.
    static func open<R>(
        published: Bool = true, isSecure: Bool = false, whatIf: WhatIf? = nil, live: (any LiveDesk)? = nil,
        fieldForce: FieldForceSource? = nil,
        content: [String: String] = [:], sourceLimits: [String: EventLimits] = [:],
        rules: InquiryRules = InquiryRules(),
        answers: ((Ledger) -> any AnswerDesk)? = nil,
        change: (inout ServerContext) -> Void = { _ in },
        _ body: (Site, Client) async throws -> R
    ) async throws -> R {
        let fixture = try SnapshotFixture()
        defer { fixture.remove() }
        let clock = Clock()
        var ledgerOptions = LedgerOptions()
        ledgerOptions.passwordCost = .init(rounds: 2, blockSize: 8, parallelism: 1)
        let ledger = try Ledger.inMemory(options: ledgerOptions, now: { clock.now })
        var options = ServerOptions(stateDirectory: fixture.path)
        options.isSecure = isSecure
        options.sourceLimits = sourceLimits
        var context = ServerContext(
            strategy: SnapshotFixture.strategy, ledger: ledger, now: { clock.now },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        context.whatIf = whatIf
        context.live = live
        context.fieldForce = fieldForce
        let inquiries = InquiryDesk(ledger: ledger, rules: rules, reader: InquiryMarks.read)
        context.inquiries = inquiries
        context.answers = answers?(ledger)
        let links = try await LinkMint(baseURL: "https://engage.example.com", ledger: ledger)
        let outbox = fixture.path + "/outbox"
        let book = EventBook()
        context.mail = MailContext(
            tracking: TrackingDesk(links: links, ledger: ledger, sink: book),
            returns: ReturnDesk(links: links, ledger: ledger, sink: book, inquiries: inquiries, now: { clock.now }),
            outboxFolder: outbox)
        if !content.isEmpty {
            let folder = fixture.folder.appending(path: "content")
            for (name, text) in content {
                let file = folder.appending(path: name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            context.content = ContentDesk(folder: folder, ledger: ledger)
            context.journeysOfContent = { ["M1": ["webinar-series"]] }
        }
        change(&context)
        let ring = KeyRing(ledger: ledger, now: { clock.now })
        let store = try SnapshotStore(options: options, currency: "EUR", logger: context.logger)
        if published {
            try await fixture.publish()
            _ = try await ledger.publish(
                RunRecord(runID: "run-1", asOf: SnapshotFixture.asOf), decisions: SnapshotFixture.decisions)
            await store.refresh()
        }
        let router = try RapportServer.router(options, context, store, ring)
        var site = Site(
            fixture: fixture, ledger: ledger, store: store, ring: ring,
            routes: Set(router.routes.map { "\($0.method.rawValue) \($0.path)" }), clock: clock, links: links,
            outbox: outbox, book: book)
        for role in Role.allCases {
            let user = try await ledger.createUser(
                login: role.rawValue, name: "Uma \(role.rawValue)", role: role, repID: Self.repID(role),
                password: password)
            site.tokens[role] = try await ledger.openSession(for: user)
        }
        defer { store.close() }
        return try await body(site, Client(responder: router.buildResponder(), logger: context.logger))
    }

    static func repID(_ role: Role) -> String? {
        switch role {
        case .rep, .msl, .service: "R1"
        case .manager: "R9"
        default: nil
        }
    }

    func cookie(_ role: Role) -> String { "rapport_session=\(tokens[role] ?? "")" }
    func csrf(_ role: Role) -> String { FormToken.derived(from: tokens[role] ?? "") }

    func get(_ client: Client, _ path: String, as role: Role? = nil, _ headers: HTTPFields = [:])
        async throws -> Page
    {
        var headers = headers
        if let role { headers[.cookie] = cookie(role) }
        return try await client.send(path, .get, headers, "")
    }

    /// Sends a form; the token is the right one unless another is given.
    func post(
        _ client: Client, _ path: String, as role: Role? = nil, _ fields: [(String, String)] = [],
        csrf token: String? = nil, _ headers: HTTPFields = [:]
    ) async throws -> Page {
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        var fields = fields
        if let role {
            headers[.cookie] = cookie(role)
            fields.append(("csrf", token ?? csrf(role)))
        } else if let token {
            fields.append(("csrf", token))
        }
        let body = String(FormFields(fields).query.dropFirst())
        return try await client.send(path, .post, headers, body)
    }
}

/// Asks the router as the server would, without a socket.
struct Client: Sendable {
    let responder: RouterResponder<PageContext>
    let logger: Logger

    private struct Source: RequestContextSource {
        let logger: Logger
    }

    func send(_ path: String, _ method: HTTPRequest.Method, _ headers: HTTPFields, _ body: String) async throws -> Page
    { try await send(path, method, headers, bytes: Array(body.utf8)) }

    func send(_ path: String, _ method: HTTPRequest.Method, _ headers: HTTPFields, bytes: [UInt8]) async throws -> Page
    {
        let head = HTTPRequest(method: method, scheme: "http", authority: "test", path: path, headerFields: headers)
        var logger = logger
        logger[metadataKey: "hb.request.id"] = "test"
        let response = try await responder.respond(
            to: Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: bytes))),
            context: PageContext(detached: Source(logger: logger)))
        let collector = Collector()
        try await response.body.write(collector)
        return Page(
            status: response.status.code, headers: response.headers, text: String(buffer: collector.buffer),
            bytes: Array(collector.buffer.readableBytesView))
    }

    /// Takes in what a socket would send.
    private final class Collector: ResponseBodyWriter {
        var buffer = ByteBuffer()
        func write(_ buffer: ByteBuffer) async throws { self.buffer.writeImmutableBuffer(buffer) }
        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

/// An answer with its text.
struct Page {
    let status: Int
    let headers: HTTPFields
    let text: String
    let bytes: [UInt8]

    var location: String { headers[.location] ?? "" }
}
