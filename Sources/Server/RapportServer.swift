import EngagementModel
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The web workspace and its operations: pages, sign-in, health, metrics.
///
/// A `Service`: run it in the program's `ServiceGroup`. On SIGTERM it takes no new connection, finishes what is being
/// answered within `ServerOptions.drainSeconds`, and lets go of the snapshot.
package struct RapportServer: Service {
    private let options: ServerOptions
    private let context: ServerContext
    private let store: SnapshotStore
    private let ring: KeyRing
    private let live: LiveService?
    private let application: Application<RouterResponder<PageContext>>

    /// Compiles templates and registers every route.
    ///
    /// - Parameter onListening: called with the port once the server accepts connections.
    package init(
        _ options: ServerOptions, _ context: ServerContext,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws {
        self.options = options
        self.context = context
        store = try SnapshotStore(options: options, currency: context.currency, logger: context.logger)
        let ring = KeyRing(ledger: context.ledger, now: context.now)
        self.ring = ring
        live = context.live.map {
            LiveService(desk: $0, ring: ring, seconds: options.watchSeconds, logger: context.logger)
        }
        let router = try Self.router(options, context, store, ring)
        application = Application(
            responder: router.buildResponder(),
            // Who sends nothing for a while gives the connection back.
            server: .http1(configuration: .init(idleTimeout: .seconds(Int64(options.idleSeconds)))),
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port), serverName: "Rapport"),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? options.port) },
            logger: context.logger)
    }

    /// Serves until the group shuts down.
    ///
    /// - Throws: `cannot_listen` when the address is taken, not ours, or unknown.
    package func run() async throws {
        await store.refresh()
        // Before the door opens: a client that is told "no such key" throws its events away.
        try await ring.refresh()
        let inner: [any Service] = [store] + (live.map { [$0] } ?? []) + [application]
        var configuration = ServiceGroupConfiguration(services: inner, logger: context.logger)
        configuration.maximumGracefulShutdownDuration = .seconds(options.drainSeconds)
        // Hears of the outer group's shutdown by itself; services stop in reverse order, the door first.
        defer { store.close() }
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw cannotListen("another program listens there", "end it, or choose another port with --port")
        } catch let error as IOError where [EACCES, EADDRNOTAVAIL].contains(error.errnoCode) {
            throw cannotListen("the system does not allow it", "choose another address with --host and --port")
        } catch is SocketAddressError.UnknownHost {
            throw cannotListen("nobody knows that name", "choose another address with --host")
        }
    }

    private func cannotListen(_ cause: String, _ remedy: String) -> Diagnostic {
        Diagnostic("cannot_listen", "cannot listen on \(options.host):\(options.port): \(cause)", remedy: remedy)
    }

    /// All routes; separate, so that tests ask without a socket.
    static func router(
        _ options: ServerOptions, _ context: ServerContext, _ store: SnapshotStore, _ ring: KeyRing
    ) throws -> Router<PageContext> {
        let pages = try PageRenderer(nativeDirectory: options.nativeDirectory)
        let metrics = RequestMetrics()
        let router = Router(context: PageContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: MeasureRequests(metrics: metrics))
        router.add(middleware: SecurityHeaders(isSecure: options.isSecure))
        router.add(middleware: ErrorPages(pages: pages))
        let gate = Gate(ledger: context.ledger, cookies: CookieJar(isSecure: options.isSecure))
        let routes = Routes(gate: gate, router: router)
        HealthRoutes(context: context, store: store, metrics: metrics).add(to: routes)
        routes.open(.asset) { _, context in try pages.assets.response(context.parameters.get("file") ?? "") }
        SignInRoutes(
            gate: gate, pages: pages, ledger: context.ledger, now: context.now, sessionHours: options.sessionHours
        ).add(to: routes)
        TodayRoutes(pages: pages, context: context, store: store).add(to: routes)
        HCPRoutes(pages: pages, context: context, store: store).add(to: routes)
        OwnerRoutes(pages: pages, context: context, store: store, desk: WhatIfDesk()).add(to: routes)
        FieldForceRoutes(
            pages: pages, context: context, store: store, desk: context.fieldForce.map { FieldForceDesk($0) }
        ).add(to: routes)
        ContentRoutes(pages: pages, context: context, store: store, cookies: gate.cookies).add(to: routes)
        JourneyRoutes(pages: pages, ledger: context.ledger, faults: context.journeyFaults).add(to: routes)
        CalendarRoutes(pages: pages, context: context, store: store).add(to: routes)
        PreferenceRoutes(pages: pages, context: context, store: store).add(to: routes)
        ConfirmRoutes(pages: pages, context: context).add(to: routes)
        NoteRoutes(pages: pages, context: context).add(to: routes)
        NoteAPIRoutes(ledger: context.ledger, ring: ring, now: context.now).add(to: routes)
        ConsentRoutes(gate: gate, pages: pages, context: context, store: store).add(to: routes)
        InsightRoutes(pages: pages, store: store).add(to: routes)
        IdentityRoutes(pages: pages, context: context, store: store).add(to: routes)
        let inbox = InboxReads(context: context, store: store)
        InboxRoutes(pages: pages, reads: inbox).add(to: routes)
        CaseRoutes(pages: pages, reads: inbox).add(to: routes)
        AskRoutes(pages: pages, context: context).add(to: routes)
        InquiryAPIRoutes(desk: context.inquiries, ring: ring, now: context.now).add(to: routes)
        LiveRoutes(desk: context.live, ring: ring, now: context.now, document: try OpenAPIDocument.read())
            .add(to: routes)
        InboundRoutes(
            desk: context.events, ring: ring, limits: options.eventLimits, sources: options.sourceLimits,
            now: context.now
        ).add(to: routes)
        LinkRoutes(pages: pages, mail: context.mail, now: context.now).add(to: routes)
        StatusRoutes(mail: context.mail).add(to: routes)
        OutboxRoutes(pages: pages, context: context).add(to: routes)
        InboundMailRoutes(mail: context.mail, ring: ring).add(to: routes)
        return router
    }
}
