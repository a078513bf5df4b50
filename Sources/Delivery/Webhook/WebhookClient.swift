import EngagementModel
import Foundation
import Glibc
package import NIOCore
import NIOHTTP1
import NIOPosix
package import NIOSSL
import NIOTLS

/// Where a webhook goes: checked once when it is configured, and its addresses at every call.
package struct WebhookURL: Sendable, Hashable {
    package let isSecure: Bool
    package let host: String
    package let port: Int
    /// Path and query.
    package let target: String

    /// - Throws: `bad_webhook_url`.
    package init(_ text: String) throws {
        let bad = Diagnostic(
            "bad_webhook_url", "A webhook goes to an https address without a user and without a fragment.",
            remedy: "write it as https://host/path")
        guard text.utf8.count <= 2000, text.utf8.allSatisfy({ (33...126).contains($0) && $0 != 92 }),
            let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "https" || scheme == "http", parts.user == nil, parts.password == nil, parts.fragment == nil,
            var host = parts.host?.lowercased(), !host.isEmpty
        else { throw bad }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if host.hasSuffix(".") { host.removeLast() }
        guard !host.isEmpty, !host.contains("%") else { throw bad }
        isSecure = scheme == "https"
        self.host = host
        port = parts.port ?? (isSecure ? 443 : 80)
        guard (1...65_535).contains(port) else { throw bad }
        let path = parts.percentEncodedPath
        target = (path.isEmpty ? "/" : path) + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
    }
}

/// Names to addresses; a protocol, so that tests answer as a hostile DNS would.
package protocol AddressResolver: Sendable {
    func addresses(of host: String, port: Int) async throws -> [SocketAddress]
}

/// The system's resolver, off the event loops.
package struct SystemResolver: AddressResolver {
    package init() {}

    package func addresses(of host: String, port: Int) async throws -> [SocketAddress] {
        try await NIOThreadPool.singleton.runIfActive {
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var list: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
            defer { freeaddrinfo(list) }
            var found: [SocketAddress] = []
            var entry = list
            while let info = entry?.pointee {
                if let address = info.ai_addr {
                    switch info.ai_family {
                    case AF_INET:
                        found.append(
                            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) })
                    case AF_INET6:
                        found.append(
                            address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) })
                    default: break
                    }
                }
                entry = info.ai_next
            }
            return found
        }
    }
}

/// What came of one call.
package enum WebhookAnswer: Sendable, Hashable {
    case status(Int)
    /// Nothing was sent: no address, a forbidden one, no connection, no TLS.
    case notSent(code: String)
    /// The call was on its way, and no whole answer came.
    case lost(code: String)
}

/// Calls webhooks over HTTP/1.1, one connection a call.
///
/// A name is resolved once; every address that it has must be a public one, and the connection goes to one of those that
/// were checked: a second answer of the DNS (rebinding) has nothing to say. Redirects are not followed.
package struct WebhookClient: Sendable {
    package var resolver: any AddressResolver
    /// Which addresses may be reached; only tests change it.
    package var admits: @Sendable (SocketAddress) -> Bool
    package var allowsPlain = false
    package var milliseconds: Int64 = 20_000
    private let tls: NIOSSLContext
    private let group: any EventLoopGroup

    package init(
        resolver: any AddressResolver = SystemResolver(),
        admits: @escaping @Sendable (SocketAddress) -> Bool = PublicAddress.isPublic,
        tls: TLSConfiguration = .makeClientConfiguration(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws {
        self.resolver = resolver
        self.admits = admits
        self.group = group
        self.tls = try NIOSSLContext(configuration: tls)
    }

    package func post(_ url: WebhookURL, headers: [(name: String, value: String)], body: [UInt8]) async
        -> WebhookAnswer
    {
        guard url.isSecure || allowsPlain else { return .notSent(code: "webhook_not_https") }
        guard let addresses = try? await resolver.addresses(of: url.host, port: url.port), !addresses.isEmpty else {
            return .notSent(code: "webhook_no_address")
        }
        // One private address among public ones is how a name is made to lead inside.
        guard addresses.allSatisfy(admits) else { return .notSent(code: "webhook_address_refused") }
        for address in addresses.prefix(3) {
            let answer = await call(url, at: address, headers: headers, body: body)
            if answer != .notSent(code: "webhook_no_connection") { return answer }
        }
        return .notSent(code: "webhook_no_connection")
    }

    private func call(
        _ url: WebhookURL, at address: SocketAddress, headers: [(name: String, value: String)], body: [UInt8]
    ) async -> WebhookAnswer {
        let loop = group.next()
        let answer = loop.makePromise(of: WebhookAnswer.self)
        let name = (try? SocketAddress(ipAddress: url.host, port: 0)) == nil ? url.host : nil
        let hostField = url.host.contains(":") ? "[\(url.host)]" : url.host
        let isUsual = url.port == (url.isSecure ? 443 : 80)
        var fields = HTTPHeaders([
            ("host", isUsual ? hostField : "\(hostField):\(url.port)"), ("content-type", "application/json"),
            ("content-length", String(body.count)), ("connection", "close"), ("user-agent", "Rapport-Webhooks"),
        ])
        for (name, value) in headers { fields.add(name: name, value: value) }
        let request = HTTPRequestHead(version: .http1_1, method: .POST, uri: url.target, headers: fields)
        let (tls, isSecure, limit) = (tls, url.isSecure, milliseconds)
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(.milliseconds(min(limit, 10_000)))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if isSecure {
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(
                        WebhookHandler(
                            request, ByteBuffer(bytes: body), waitsForTLS: isSecure, milliseconds: limit,
                            answer: answer))
                }
            }
        do {
            let channel = try await bootstrap.connect(to: address).get()
            let result = (try? await answer.futureResult.get()) ?? .lost(code: "webhook_dropped")
            try? await channel.close().get()
            return result
        } catch {
            answer.succeed(.notSent(code: "webhook_no_connection"))
            return .notSent(code: "webhook_no_connection")
        }
    }
}

/// Sends one request and takes one answer; lives on one event loop.
private final class WebhookHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: HTTPRequestHead
    private let body: ByteBuffer
    private let waitsForTLS: Bool
    private let milliseconds: Int64
    private var answer: EventLoopPromise<WebhookAnswer>?
    private var isSent = false
    private var status = 0
    private var received = 0
    private var timer: Scheduled<Void>?

    /// Nobody reads more of an answer.
    private static let longest = 65_536

    init(
        _ request: HTTPRequestHead, _ body: ByteBuffer, waitsForTLS: Bool, milliseconds: Int64,
        answer: EventLoopPromise<WebhookAnswer>
    ) {
        self.request = request
        self.body = body
        self.waitsForTLS = waitsForTLS
        self.milliseconds = milliseconds
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
            let (handler, context) = bound.value
            handler.end(handler.isSent ? .lost(code: "webhook_timeout") : .notSent(code: "webhook_timeout"), context)
        }
        if !waitsForTLS { send(context) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event { send(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func send(_ context: ChannelHandlerContext) {
        guard !isSent else { return }
        isSent = true
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // 1xx is no answer yet.
            if head.status.code >= 200 { status = Int(head.status.code) }
        case .body(let part):
            received += part.readableBytes
            if received > Self.longest { end(.status(status), context) }
        case .end: if status > 0 { end(.status(status), context) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // A status line is an answer, even when the rest of it never comes.
        end(
            status > 0 ? .status(status) : isSent ? .lost(code: "webhook_dropped") : .notSent(code: "webhook_dropped"),
            context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(isSent ? .lost(code: "webhook_dropped") : .notSent(code: "webhook_tls_failed"), context)
    }

    private func end(_ value: WebhookAnswer, _ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        guard let promise = answer else { return }
        answer = nil
        promise.succeed(value)
        context.close(promise: nil)
    }
}
