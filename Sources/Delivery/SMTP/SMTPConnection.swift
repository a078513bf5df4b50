import EngagementModel
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Where a mail server is, and how long its answers may take.
package struct SMTPServer: Sendable {
    package var host: String
    package var port: Int
    package var terms: SMTPTerms
    package var times: SMTPTimes
    /// nil only when `terms.security` is `none`.
    let tls: NIOSSLContext?

    /// - Parameters:
    ///   - authorities: PEM file of the authorities to trust; nil = the system's.
    /// - Throws: `bad_ca_file`.
    package init(host: String, port: Int, terms: SMTPTerms, times: SMTPTimes = SMTPTimes(), authorities: String? = nil)
        throws
    {
        self.host = host
        self.port = port
        self.terms = terms
        self.times = times
        guard terms.security != .none else {
            tls = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let authorities { configuration.trustRoots = .file(authorities) }
        do { tls = try NIOSSLContext(configuration: configuration) } catch {
            throw Diagnostic(
                "bad_ca_file", "The certificates of the mail server's authority cannot be read.",
                remedy: "check delivery.smtp.ca_file")
        }
    }

    /// A server's name goes into the certificate check; an address of numbers has none.
    fileprivate var serverName: String? {
        (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
    }
}

/// Longest waits. Source: RFC 5321, section 4.5.3.2; the last one shorter would cause duplicates.
package struct SMTPTimes: Sendable, Hashable {
    package var connect: Int64 = 30_000
    package var greeting: Int64 = 300_000
    package var command: Int64 = 300_000
    package var data: Int64 = 120_000
    package var final: Int64 = 600_000

    /// Milliseconds.
    package init() {}

    func of(_ wait: SMTPSession.Wait) -> TimeAmount {
        switch wait {
        case .greeting: .milliseconds(greeting)
        case .command: .milliseconds(command)
        case .data: .milliseconds(data)
        case .final: .milliseconds(final)
        }
    }
}

/// Why a server cannot be used at all now.
struct SMTPUnusable: Error, Sendable, Hashable { let code: String }

/// One connection to a mail server that is greeted, secured and signed in.
struct SMTPConnection: Sendable {
    private let channel: any NIOCore.Channel
    private let handler: NIOLoopBound<SMTPHandler>

    var isAlive: Bool { channel.isActive }

    /// - Throws: `SMTPUnusable`.
    static func open(_ server: SMTPServer, on group: any EventLoopGroup) async throws -> SMTPConnection {
        let loop = group.next()
        let ready = loop.makePromise(of: Void.self)
        let made = loop.makePromise(of: NIOLoopBound<SMTPHandler>.self)
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.milliseconds(server.times.connect))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if server.terms.security == .implicit, let tls = server.tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: server.serverName))
                    }
                    let handler = SMTPHandler(server, ready: ready)
                    made.succeed(NIOLoopBound(handler, eventLoop: channel.eventLoop))
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        let channel: any NIOCore.Channel
        do { channel = try await bootstrap.connect(host: server.host, port: server.port).get() } catch {
            made.fail(error)
            ready.fail(SMTPUnusable(code: "smtp_unreachable"))
            throw SMTPUnusable(code: "smtp_unreachable")
        }
        let handler = try await made.futureResult.get()
        do { try await ready.futureResult.get() } catch {
            throw error as? SMTPUnusable ?? SMTPUnusable(code: "smtp_unreachable")
        }
        return SMTPConnection(channel: channel, handler: handler)
    }

    /// Hands one mail over; an answer comes in any case.
    func deliver(_ mail: WireMail) async -> SMTPOutcome {
        let handler = handler
        let future = channel.eventLoop.flatSubmit { handler.value.give(mail) }
        // A future of this handler never fails; if the loop itself is gone, nobody knows how far it came.
        return (try? await future.get()) ?? .unknown(code: "smtp_dropped")
    }

    func quit() async {
        let handler = handler
        try? await channel.eventLoop.submit { handler.value.quit() }.get()
        try? await channel.closeFuture.get()
    }
}

/// Performs what the session says; lives on one event loop.
private final class SMTPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: SMTPServer
    private var session: SMTPSession
    private var ready: EventLoopPromise<Void>?
    private var outcome: EventLoopPromise<SMTPOutcome>?
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(_ server: SMTPServer, ready: EventLoopPromise<Void>) {
        self.server = server
        self.ready = ready
        session = SMTPSession(server.terms)
    }

    func give(_ mail: WireMail) -> EventLoopFuture<SMTPOutcome> {
        guard let context, outcome == nil, session.isIdle else {
            let loop = context?.eventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
            return loop.makeSucceededFuture(.later(code: "smtp_dropped", isOurs: true))
        }
        let promise = context.eventLoop.makePromise(of: SMTPOutcome.self)
        outcome = promise
        perform(session.give(mail), context)
        return promise.futureResult
    }

    func quit() {
        guard let context else { return }
        perform(session.quit(), context)
    }

    // MARK: - Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { perform(session.opened(), context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        perform(session.ended(), context)
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        perform(session.opened(), context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        perform(session.ended(), context)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        perform(session.received(unwrapInboundIn(data).readableBytesView), context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            perform(session.secured(), context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        perform(session.ended(code: error is NIOSSLError ? "smtp_tls_failed" : "smtp_dropped"), context)
        context.close(promise: nil)
    }

    // MARK: - Actions

    private func perform(_ actions: [SMTPSession.Action], _ context: ChannelHandlerContext) {
        for action in actions {
            switch action {
            case .send(let bytes):
                context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
            case .startTLS: startTLS(context)
            case .ready:
                ready?.succeed()
                ready = nil
            case .outcome(let value):
                let promise = outcome
                outcome = nil
                promise?.succeed(value)
            case .wait(let wait):
                timer?.cancel()
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                timer = context.eventLoop.scheduleTask(in: server.times.of(wait)) {
                    let (handler, context) = bound.value
                    handler.perform(handler.session.timedOut(), context)
                }
            case .rest:
                timer?.cancel()
                timer = nil
            case .unusable(let code):
                ready?.fail(SMTPUnusable(code: code))
                ready = nil
            case .close: context.close(promise: nil)
            }
        }
    }

    private func startTLS(_ context: ChannelHandlerContext) {
        do {
            guard let tls = server.tls else { throw SMTPUnusable(code: "smtp_tls_failed") }
            try context.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: server.serverName), position: .first)
        } catch {
            perform(session.ended(code: "smtp_tls_failed"), context)
        }
    }
}
