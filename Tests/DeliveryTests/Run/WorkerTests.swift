import EngagementModel
import Foundation
import Ledger
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import Delivery

/// Keeps what it is given, and answers as it is told.
final class BookAdapter: ChannelAdapter {
    let channels: Set<Channel>
    private let answer: @Sendable (Parcel) -> Handover
    private let pausing: @Sendable (ComposedMessage) -> Int64?
    private let parcels = Mutex<[Parcel]>([])
    var taken: [Parcel] { parcels.withLock { $0 } }

    init(
        _ channels: Set<Channel> = [.email], pausing: @escaping @Sendable (ComposedMessage) -> Int64? = { _ in nil },
        answer: @escaping @Sendable (Parcel) -> Handover = { _ in Handover(.sent) }
    ) {
        self.channels = channels
        self.answer = answer
        self.pausing = pausing
    }

    func pause(before content: ComposedMessage) -> Int64? { pausing(content) }
    func deliver(_ parcel: Parcel) async -> Handover {
        parcels.withLock { $0.append(parcel) }
        return answer(parcel)
    }
}

struct WorkerTests {
    @Test func eachClaimLeavesOnceOnItsOwnChannel() async throws {
        let office = try await Office(hcps: 500)
        for index in 0..<500 { try await office.claim("h\(index)", channel: index % 5 == 0 ? .sms : .email) }
        let (mail, texts) = (BookAdapter(), BookAdapter([.sms]))
        let worker = office.worker([mail, texts])
        let report = try await worker.drain()
        #expect(report == .init(taken: 500, handedOver: 500))
        #expect(mail.taken.count == 400 && texts.taken.count == 100)
        #expect(Set((mail.taken + texts.taken).map(\.ticket.messageKey)).count == 500)
        #expect(try await office.ledger.claims(in: .claimed).isEmpty)
        #expect(try await office.ledger.claims(in: .sending).isEmpty)
        #expect(try await worker.drain() == .init())
    }

    @Test func whoOptsOutBetweenClaimAndSendingGetsNothing() async throws {
        let office = try await Office()
        let claim = try await office.claim()
        let other = try await office.claim("h1")
        try await office.ledger.optOut(ofClaim: claim.number, means: .link)
        let mail = BookAdapter()
        let report = try await office.worker([mail]).drain()
        #expect(report.withdrawn == 1 && mail.taken.map(\.ticket.claim.number) == [other.number])
        #expect(try await office.state(claim) == .failed)
    }

    @Test func anotherAddressThanTheClaimedOneGetsNothing() async throws {
        let office = try await Office()
        let claim = try await office.claim()
        let mail = BookAdapter()
        let composer = PlainComposer { content, _ in content.address = "someone@else.example" }
        try await office.worker([mail], composer: composer).drain()
        #expect(mail.taken.isEmpty)
        let after = try await office.ledger.claim(claim.number)
        #expect(after?.state == .failed && after?.failure == "address_changed")
    }

    struct Moody: MessageComposer {
        func compose(_ claim: Claim) async throws -> ComposedMessage? {
            switch claim.hcpID {
            case "h0": return nil
            case "h1": throw Diagnostic("content_missing", "Not now.")
            default: return ComposedMessage(address: Office.address(claim.hcpID), message: Office.letter)
            }
        }
    }

    @Test func whatCannotBeComposedHoldsUpNobody() async throws {
        let office = try await Office()
        let claims = [try await office.claim("h0"), try await office.claim("h1"), try await office.claim("h2")]
        let mail = BookAdapter()
        let worker = office.worker([mail], composer: Moody())
        let report = try await worker.drain()
        #expect(report == .init(taken: 3, handedOver: 1, postponed: 1, withdrawn: 1))
        #expect(try await office.state(claims[0]) == .failed)
        #expect(try await office.state(claims[1]) == .claimed)
        #expect(try await office.state(claims[2]) == .sent)
        // Attempts count what was begun, not what waited.
        #expect(try await office.ledger.claim(claims[1].number)?.attempts == 0)
    }

    @Test func aDryRunWritesAndSendsNothing() async throws {
        let office = try await Office()
        let claims = [try await office.claim("h0"), try await office.claim("h1"), try await office.claim("h2")]
        let mail = BookAdapter()
        let lines = try await office.worker([mail], composer: Moody()).dryRun()
        #expect(lines.map(\.verdict) == ["not_composed", "content_missing", "would_send"])
        #expect(lines[2].content == "letter@1")
        #expect(mail.taken.isEmpty)
        for claim in claims {
            #expect(try await office.ledger.claim(claim.number) == claim)
            #expect(try await office.ledger.claimEvents(claim.number).count == 1)
        }
    }

    @Test func theUncertainStaysUnlessLivesDependOnIt() async throws {
        let office = try await Office()
        let advert = try await office.claim("h0")
        let warning = try await office.claim("h1", purpose: .safety)
        let attempts = Mutex(0)
        let mail = BookAdapter(answer: { parcel in
            attempts.withLock { $0 += 1 }
            return attempts.withLock { $0 } <= 2 ? Handover(.uncertain(code: "smtp_dropped")) : Handover(.sent)
        })
        let worker = office.worker([mail])
        try await worker.drain()
        #expect(try await office.state(advert) == .uncertain)
        for _ in 0..<10 {
            office.clock.advance(seconds: 86_400)
            try await worker.recover()
            try await worker.drain()
        }
        #expect(try await office.state(advert) == .uncertain)
        #expect(try await office.state(warning) == .sent)
        #expect(mail.taken.count == 3)
        // The second copy of a warning carries the same Message-ID.
        #expect(Set(mail.taken.map { $0.ticket.messageID(domain: "x") }).count == 2)
    }

    @Test func whenTheLedgerFailsNothingLeavesAndAfterwardsItGoesOn() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/ledger.sqlite"
        let office = try await Office(path: path, hcps: 50)
        for index in 0..<50 { try await office.claim("h\(index)") }
        // A second door to the same file takes the ledger away, and gives it back.
        let rests = Mutex(0)
        let mail = BookAdapter()
        let blocker = try Blocker(path)
        let worker = DeliveryWorker(
            desk: office.desk, adapters: [mail], composer: PlainComposer(), name: "test",
            now: { office.clock.now }, logger: quiet,
            rest: { _ in
                rests.withLock { $0 += 1 }
                if rests.withLock({ $0 }) == 2 { blocker.release() }
            })
        try blocker.refuse("sent")
        try await worker.drain()
        // Results waited for the ledger; each message left once.
        #expect(rests.withLock { $0 } >= 2)
        try await worker.drain()
        #expect(mail.taken.count == 50)
        #expect(Set(mail.taken.map(\.ticket.messageKey)).count == 50)
        #expect(try await office.ledger.claims(in: .sending).isEmpty)
        #expect(try await office.ledger.claims(in: .claimed).isEmpty)
        try blocker.refuse("sending")
        try await office.claim("h0", step: "s2")
        await #expect(throws: (any Error).self) { try await worker.drain() }
        #expect(mail.taken.count == 50)
        blocker.release()
        try await worker.drain()
        #expect(mail.taken.count == 51)
    }

    @Test func aServiceEndsWhatIsOnItsWayAndRecoversAtTheStart() async throws {
        let office = try await Office(hcps: 20)
        // The rest of a run that died.
        let lost = try await office.claim("h19")
        _ = try await office.desk.beginSending([(lost.number, Office.address("h19"))], worker: "dead")
        for index in 0..<10 { try await office.claim("h\(index)") }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let mail = BookAdapter(answer: { _ in
            continuation.yield()
            return Handover(.sent)
        })
        let service = DeliveryService(office.worker([mail]), poll: .seconds(3600), logger: quiet)
        let group = ServiceGroup(configuration: .init(services: [.init(service: service)], logger: quiet))
        async let run: Void = group.run()
        var iterator = stream.makeAsyncIterator()
        for _ in 0..<10 { _ = await iterator.next() }
        try await office.claim("h11")
        service.nudge()
        _ = await iterator.next()
        await group.triggerGracefulShutdown()
        try await run
        #expect(mail.taken.count == 11)
        #expect(try await office.ledger.claims(in: .sending).isEmpty)
        #expect(try await office.state(lost) == .uncertain)
    }

    /// Another service fails (a port that is taken) while a round is on its way: that one's words are all that is said.
    @Test func anEndByAnothersFailureIsNoFailureOfSending() async throws {
        let office = try await Office(hcps: 1)
        let said = Mutex<[String]>([])
        var logger = Logger(label: "test") { _ in LogBook(said: { text in said.withLock { $0.append(text) } }) }
        logger.logLevel = .notice
        let (rounds, begins) = AsyncStream.makeStream(of: Void.self)
        let (never, _) = AsyncStream.makeStream(of: Void.self)
        let service = DeliveryService(
            office.worker([BookAdapter()]), poll: .seconds(3600), logger: logger,
            afterRound: {
                begins.yield()
                for await _ in never {}
                try Task.checkCancellation()
            })
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: service), .init(service: Failing(after: rounds))], logger: quiet))
        await #expect(throws: Diagnostic.self) { try await group.run() }
        #expect(said.withLock { $0 }.isEmpty, "\(said.withLock { $0 })")
    }

    private struct Failing: Service {
        let after: AsyncStream<Void>
        func run() async throws {
            for await _ in after { throw Diagnostic("cannot_listen", "the port is taken") }
        }
    }

    private struct LogBook: LogHandler {
        let said: @Sendable (String) -> Void
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.notice
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { said("\(event.message)") }
    }

    @Test func anEndThatTheLedgerDoesNotAllowIsAnEndAllTheSame() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/ledger.sqlite"
        let office = try await Office(path: path)
        let claim = try await office.claim()
        let blocker = try Blocker(path)
        try blocker.refuse("sent")
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let worker = office.worker([BookAdapter()], rest: { _ in continuation.yield() })
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: DeliveryService(worker, poll: .seconds(3600), logger: quiet))], logger: quiet)
        )
        async let run: Void = group.run()
        var iterator = stream.makeAsyncIterator()
        _ = await iterator.next()
        await group.triggerGracefulShutdown()
        try await run
        blocker.release()
        // What was handed over and not written down is uncertain at the next start, and stays so.
        #expect(try await office.state(claim) == .sending)
        #expect(try await worker.recover() == [claim.number])
        #expect(try await office.state(claim) == .uncertain)
    }

    // MARK: - The sandbox and files

    @Test func theSandboxWritesWhatWouldLeave() async throws {
        let folder = try TemporaryFolder()
        let office = try await Office()
        let (mail, text) = (try await office.claim("h0"), try await office.claim("h1", channel: .sms))
        let clock = office.clock
        let adapter = try SandboxAdapter(folder: folder.path, writer: office.writer(), now: { clock.now })
        try await office.worker([adapter]).drain()
        #expect(try await office.state(mail) == .sent)
        #expect(try await office.state(text) == .sent)
        let files = folder.files()
        #expect(files.count == 2)
        let letter = try #require(files.first { $0.hasSuffix(".eml") })
        #expect(letter.hasPrefix("\(mail.number)."))
        #expect(MIMEPart(Array(folder.text(letter).utf8)).parts.count == 2)
        let sms = try #require(files.first { $0.hasSuffix(".json") })
        #expect(folder.text(sms).contains("\"channel\":\"sms\""))
    }

    @Test func aFileHoldsEachMessageOnceWhereverTheProcessDies() async throws {
        let folder = try TemporaryFolder()
        let office = try await Office(hcps: 5)
        for index in 0..<5 { try await office.claim("h\(index)", channel: .mail) }
        let clock = office.clock
        let adapter = try FileAdapter(folder: folder.path, now: { clock.now })
        let composer = PlainComposer { content, _ in content.fields = [.init("first_name", "=cmd|'/c calc'!A1")] }
        try await office.worker([adapter], composer: composer).drain()
        #expect(folder.files("spool").count == 5)
        // Died after the spool was moved away, before the file was written.
        try FileManager.default.moveItem(atPath: "\(folder.path)/spool", toPath: "\(folder.path)/closing-7")
        try FileManager.default.createDirectory(atPath: "\(folder.path)/spool", withIntermediateDirectories: true)
        #expect(try adapter.endBatch() == ["\(folder.path)/mail-7.csv"])
        #expect(try adapter.endBatch().isEmpty)
        let text = folder.text("mail-7.csv")
        #expect(text.components(separatedBy: "\r\n").filter { $0.contains("hospital.example") }.count == 5)
        #expect(text.hasPrefix("message_key,address,subject,text,content_id,content_version,first_name\r\n"))
        #expect(text.contains("'=cmd|'/c calc'!A1") && !text.contains(",=cmd"))
        #expect(folder.files() == ["mail-7.csv", "spool"])
    }

    /// T19: what a spreadsheet would run.
    @Test func noCellBecomesAFormula() {
        let heads = [
            "=", "+", "-", "@", "\t", "\r", "\n", " =", "  +", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "\u{0}=",
            "\u{A0}=",
        ]
        let tails = [
            "cmd|'/c calc'!A1", "HYPERLINK(\"https://evil.example\",\"x\")", "1+1", "SUM(A1:A9)", "IMPORTXML(A1)",
            "DDE(\"cmd\")", "",
            "WEBSERVICE(\"http://x\")", "\",=1", "x\r\n=1",
        ]
        for head in heads {
            for tail in tails {
                let cell = SafeCSV.cell(head + tail)
                let bare = cell.hasPrefix("\"") ? String(cell.dropFirst()) : cell
                #expect(bare.hasPrefix("'"), "\(head.debugDescription)\(tail)")
                if (head + tail).contains(where: { $0 == "\"" || $0 == "," || $0.isNewline }) {
                    #expect(cell.hasPrefix("\"") && cell.hasSuffix("\""))
                }
            }
        }
        #expect(SafeCSV.cell("Ada, \"Dr.\"") == "\"Ada, \"\"Dr.\"\"\"")
        #expect(SafeCSV.cell("plain") == "plain")
    }
}
