import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A mail server that behaves as a script says: a real socket, no goodwill.
final class ScriptedServer: Sendable {
    enum Stage: Hashable, Sendable { case greeting, ehlo, startTLS, auth, mail, rcpt, data, text, final, rset, quit }

    enum Answer: Sendable {
        /// A reply, with CRLF added to its last line.
        case say(String)
        case sayAndClose(String)
        case close
        /// Never answers.
        case silence
        /// The reply byte by byte, each in a packet of its own.
        case drip(String)
        /// Takes the mail and dies before it says so.
        case keepAndClose
        case keepAndSilence
    }

    /// Answers by stage, in order over all connections; then, and for stages that are not named, a good server's.
    struct Script: Sendable {
        var answers: [Stage: [Answer]] = [:]
        var abilities = ["PIPELINING", "SIZE 1000000"]
        var tls: NIOSSLContext?
        var isImplicit = false
    }

    struct Seen: Sendable {
        var connections = 0
        var lines: [String] = []
        /// Mails that a reader may find in the box.
        var kept: [[UInt8]] = []
    }

    private let script: Script
    private let served = Mutex<[Stage: Int]>([:])
    private let record = Mutex(Seen())
    private let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }
    var seen: Seen { record.withLock { $0 } }

    private init(_ script: Script, _ channel: any Channel, _ box: Box) {
        self.script = script
        self.channel = channel
        box.server.withLock { $0 = self }
    }

    private final class Box: Sendable { let server = Mutex<ScriptedServer?>(nil) }

    static func open(_ script: Script) async throws -> ScriptedServer {
        let box = Box()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if script.isImplicit, let tls = script.tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    guard let server = box.server.withLock({ $0 }) else { return }
                    try channel.pipeline.syncOperations.addHandler(Conversation(server))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        return ScriptedServer(script, channel, box)
    }

    func close() async throws { try await channel.close().get() }

    private func next(_ stage: Stage) -> Answer? {
        guard let list = script.answers[stage] else { return nil }
        return served.withLock { served in
            let index = served[stage, default: 0]
            served[stage] = index + 1
            return index < list.count ? list[index] : nil
        }
    }

    private final class Conversation: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let server: ScriptedServer
        private var buffer: [UInt8] = []
        private var isInText = false
        private var text: [UInt8] = []
        private var isSecure: Bool
        private var hasSender = false
        private var hasRecipient = false

        init(_ server: ScriptedServer) {
            self.server = server
            isSecure = server.script.isImplicit
        }

        func channelActive(context: ChannelHandlerContext) {
            server.record.withLock { $0.connections += 1 }
            answer(.greeting, "220 hostile.example ESMTP", context)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            buffer += Array(unwrapInboundIn(data).readableBytesView)
            while context.channel.isActive, let end = buffer.firstIndex(of: 10) {
                let line = Array(buffer[...end])
                buffer.removeFirst(end + 1)
                isInText ? read(text: line, context) : read(command: line, context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func read(text line: [UInt8], _ context: ChannelHandlerContext) {
            if text.isEmpty, let hostile = server.next(.text) { return perform(hostile, context) }
            guard line == Array(".\r\n".utf8) else {
                text += line.first == 46 ? Array(line.dropFirst()) : line
                return
            }
            isInText = false
            let mail = text
            text = []
            let hostile = server.next(.final)
            switch hostile {
            case nil: keep(mail)
            case .say(let reply)?, .drip(let reply)?: if reply.hasPrefix("2") { keep(mail) }
            case .keepAndClose?, .keepAndSilence?: keep(mail)
            default: break
            }
            perform(hostile ?? .say("250 2.0.0 kept"), context)
        }

        private func keep(_ mail: [UInt8]) { server.record.withLock { $0.kept.append(mail) } }

        private func read(command line: [UInt8], _ context: ChannelHandlerContext) {
            let command = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)
            server.record.withLock { $0.lines.append(command) }
            let word = command.prefix(4).uppercased()
            switch word {
            case "EHLO":
                var abilities = server.script.abilities
                if isSecure { abilities.removeAll { $0 == "STARTTLS" } }
                let all = ["hostile.example"] + abilities
                answer(
                    .ehlo,
                    all.enumerated().map { "250\($0.offset == all.count - 1 ? " " : "-")\($0.element)" }
                        .joined(separator: "\r\n"), context)
            case "STAR":
                answer(.startTLS, "220 go", context)
                guard let tls = server.script.tls, !isSecure else { return }
                isSecure = true
                // The reply goes out in the clear, what follows does not.
                let handler = NIOSSLServerHandler(context: tls)
                try? context.pipeline.syncOperations.addHandler(handler, position: .first)
            case "AUTH": answer(.auth, "235 2.7.0 welcome", context)
            case "MAIL":
                hasSender = answer(.mail, "250 2.1.0 sender", context)
                hasRecipient = false
            case "RCPT":
                hasRecipient = answer(.rcpt, hasSender ? "250 2.1.5 recipient" : "503 5.5.1 MAIL first", context)
            case "DATA":
                isInText = answer(.data, hasRecipient ? "354 go ahead" : "503 5.5.1 RCPT first", context)
            case "RSET": answer(.rset, "250 2.0.0 forgotten", context)
            case "QUIT":
                answer(.quit, "221 2.0.0 bye", context)
                context.close(promise: nil)
            default: answer(.auth, "235 2.7.0 welcome", context)
            }
        }

        /// - Returns: whether the answer was a good one.
        @discardableResult
        private func answer(_ stage: Stage, _ good: String, _ context: ChannelHandlerContext) -> Bool {
            let answer = server.next(stage) ?? .say(good)
            perform(answer, context)
            switch answer {
            case .say(let text), .drip(let text): return text.hasPrefix("2") || text.hasPrefix("3")
            default: return false
            }
        }

        private func perform(_ answer: Answer, _ context: ChannelHandlerContext) {
            func send(_ text: String) {
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            }
            switch answer {
            case .say(let text): send(text + "\r\n")
            case .sayAndClose(let text):
                send(text + "\r\n")
                context.close(promise: nil)
            case .close, .keepAndClose: context.close(promise: nil)
            case .silence, .keepAndSilence: break
            case .drip(let text): for byte in (text + "\r\n").utf8 { send(String(UnicodeScalar(byte))) }
            }
        }
    }
}
