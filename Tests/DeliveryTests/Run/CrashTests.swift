import EngagementModel
import Foundation
import Ledger
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Delivery

/// T2: the process is killed with SIGKILL at four places of the conversation; the mail server here decides when.
struct CrashTests {
    /// Where it dies.
    enum Place: String, Sendable, CaseIterable {
        case beforeMail, afterData, afterAcceptance, afterCommit
    }

    /// Rounds of each place; `script/soak` asks for fifty.
    static let rounds = ProcessInfo.processInfo.environment["RAPPORT_CRASH_ROUNDS"].flatMap { Int($0) } ?? 4

    /// A mail server that kills its client at a place, once for each conversation that gets there.
    final class Killer: Sendable {
        private struct State {
            var victim: pid_t?
            var kept: [String] = []
        }
        private let state = Mutex(State())
        private let place: Place
        private let channel = Mutex<(any NIOCore.Channel)?>(nil)

        var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
        /// Message-IDs that a reader finds in the box.
        var kept: [String] { state.withLock { $0.kept } }

        init(_ place: Place) async throws {
            self.place = place
            let made = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { [self] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Talk(self))
                    }
                }.bind(host: "127.0.0.1", port: 0).get()
            channel.withLock { $0 = made }
        }

        func arm(_ victim: pid_t?) { state.withLock { $0.victim = victim } }
        func close() async throws { try await channel.withLock { $0 }?.close().get() }

        /// - Returns: whether the client is dead now.
        func reached(_ place: Place) -> Bool {
            guard place == self.place else { return false }
            return state.withLock { state in
                guard let victim = state.victim else { return false }
                state.victim = nil
                kill(victim, SIGKILL)
                return true
            }
        }

        func keep(_ id: String) { state.withLock { $0.kept.append(id) } }
    }

    private final class Talk: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let killer: Killer
        private var buffer: [UInt8] = []
        private var text: [UInt8]?
        init(_ killer: Killer) { self.killer = killer }

        private func say(_ reply: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: reply + "\r\n")), promise: nil)
        }

        func channelActive(context: ChannelHandlerContext) {
            _ = killer.reached(.beforeMail)
            say("220 killer", context)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            buffer += Array(unwrapInboundIn(data).readableBytesView)
            while let end = buffer.firstIndex(of: 10) {
                let line = Array(buffer[...end])
                buffer.removeFirst(end + 1)
                if text != nil {
                    read(line, context)
                    continue
                }
                switch String(decoding: line.prefix(4), as: UTF8.self).uppercased() {
                case "EHLO": say("250-killer\r\n250 PIPELINING", context)
                case "DATA":
                    text = []
                    say("354 go", context)
                case "QUIT":
                    say("221 bye", context)
                    context.close(promise: nil)
                default: say("250 ok", context)
                }
            }
        }

        private func read(_ line: [UInt8], _ context: ChannelHandlerContext) {
            guard line == Array(".\r\n".utf8) else {
                text?.append(contentsOf: line)
                return
            }
            let id = MIMEPart(text ?? [])["message-id"] ?? ""
            text = nil
            // Killed with its text handed over: this server takes it, as the worst one would.
            killer.keep(id)
            if killer.reached(.afterData) { return }
            if killer.reached(.afterAcceptance) {
                // The reply is on its way to a process that is no more, or dies before it has written it down.
                say("250 kept", context)
                return
            }
            say("250 kept", context)
        }
    }

    @Test(arguments: Place.allCases)
    func noCrashSendsTwiceOrLosesInSilence(_ place: Place) async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/ledger.sqlite"
        let killer = try await Killer(place)
        var claimed: Set<Int64> = []
        var kills = 0
        for round in 0..<Self.rounds {
            let probe = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
                .appendingPathComponent("DeliveryProbe")
            let (process, pipe) = (Process(), Pipe())
            process.executableURL = probe
            process.arguments = ["crash", path, "\(killer.port)", "\(round)", "6"]
            process.standardOutput = pipe
            // After its last word the probe waits for a byte that never comes.
            process.standardInput = Pipe()
            try process.run()
            if place != .afterCommit { killer.arm(process.processIdentifier) }
            var said = ""
            while true {
                let piece = pipe.fileHandleForReading.availableData
                guard !piece.isEmpty else { break }
                said += String(decoding: piece, as: UTF8.self)
                // "done" is said after the last commit.
                if said.contains("done") {
                    kill(process.processIdentifier, SIGKILL)
                }
            }
            process.waitUntilExit()
            if process.terminationReason == .uncaughtSignal { kills += 1 }
            for line in said.split(separator: "\n") where line.hasPrefix("claimed ") {
                if let number = Int64(line.dropFirst(8)) { claimed.insert(number) }
            }
            killer.arm(nil)
        }
        #expect(kills > 0)
        // A last start, without a kill, recovers and sends what is left.
        let office = try await Office(path: path, clock: Clock(1_767_603_600_000_000 + 86_400_000_000), hcps: 0)
        let clock = office.clock
        let adapter = SMTPAdapter(
            server: try SMTPServer(
                host: "127.0.0.1", port: killer.port, terms: SMTPTerms(security: .none, helloName: "x.example")),
            writer: try office.writer(), now: { clock.now })
        let worker = office.worker([adapter])
        try await worker.recover()
        try await worker.drain()
        await worker.close()
        let ids = killer.kept
        #expect(Set(ids).count == ids.count, "a promotional mail was sent twice")
        // A connection that a killed process left behind may be met late, and kill the next one before it has claimed.
        #expect(!claimed.isEmpty && claimed.count <= Self.rounds * 6)
        #expect(try await office.ledger.claims(in: .claimed).isEmpty)
        #expect(try await office.ledger.claims(in: .sending).isEmpty)
        for number in claimed {
            let claim = try #require(try await office.ledger.claim(number))
            let arrived = ids.contains { $0.hasPrefix("<\(number).") }
            switch claim.state {
            case .sent: #expect(arrived, "sent, and nowhere to be found")
            case .uncertain: break
            default: Issue.record("\(number) is \(claim.state) and nobody would ever look at it")
            }
        }
        try office.ledger.close()
        try await killer.close()
    }
}
