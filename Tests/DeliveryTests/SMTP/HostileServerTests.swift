import EngagementModel
import Foundation
import Ledger
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import Delivery

/// T11: forty servers that do what servers do on bad days. Each gets one promotional mail, through the ledger.
struct HostileServerTests {
    /// What must be true after the first attempt.
    enum Class: Sendable, Equatable {
        case sent, failed, uncertain
        /// Tried again, not before half an hour.
        case later
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var answers: [ScriptedServer.Stage: [ScriptedServer.Answer]]
        var expected: Class
        var code: String?
        var abilities = ["PIPELINING", "SIZE 1000000"]
        var suppresses = false
        var testDescription: String { name }

        init(
            _ name: String, _ answers: [ScriptedServer.Stage: [ScriptedServer.Answer]], _ expected: Class,
            _ code: String? = nil, abilities: [String] = ["PIPELINING", "SIZE 1000000"], suppresses: Bool = false
        ) {
            self.name = name
            self.answers = answers
            self.expected = expected
            self.code = code
            self.abilities = abilities
            self.suppresses = suppresses
        }
    }

    static let cases: [Case] = [
        Case("a good server", [:], .sent),
        Case("a good server without pipelining", [:], .sent, abilities: []),
        Case(
            "every reply byte by byte",
            [
                .greeting: [.drip("220 slow")], .mail: [.drip("250 ok")], .rcpt: [.drip("250 ok")],
                .data: [.drip("354 ok")], .final: [.drip("250 ok")],
            ], .sent),
        Case("a greeting of many lines", [.greeting: [.say("220-one\r\n220-two\r\n220 three")]], .sent),
        Case("greylisting", [.rcpt: [.say("450 4.7.1 come back later")]], .later, "smtp_450_4.7.1"),
        Case(
            "greylisting without pipelining", [.rcpt: [.say("451 4.7.1 later")]], .later, "smtp_451_4.7.1",
            abilities: []),
        Case("421 as a greeting", [.greeting: [.sayAndClose("421 4.3.2 too busy")]], .later, "smtp_421_4.3.2"),
        Case("421 after EHLO", [.ehlo: [.sayAndClose("421 bye")]], .later, "smtp_421"),
        Case("421 after MAIL", [.mail: [.sayAndClose("421 4.7.0 too many")]], .later, "smtp_421_4.7.0"),
        Case("421 after RCPT", [.rcpt: [.sayAndClose("421 4.7.0 too many")]], .later, "smtp_421_4.7.0"),
        Case("421 after DATA", [.data: [.sayAndClose("421 bye")]], .later, "smtp_421"),
        Case("421 after the text", [.final: [.sayAndClose("421 4.3.0 not taken")]], .later, "smtp_421_4.3.0"),
        Case("450 for the recipient", [.rcpt: [.say("450 4.2.1 box is busy")]], .later, "smtp_450_4.2.1"),
        Case("452 after the text", [.final: [.say("452 4.3.1 no room")]], .later, "smtp_452_4.3.1"),
        Case(
            "550 nobody", [.rcpt: [.say("550 5.1.1 unknown <h0@hospital.example>")]], .failed, "smtp_550_5.1.1",
            suppresses: true),
        Case(
            "550 without an enhanced code", [.rcpt: [.say("550 no such user")]], .failed, "smtp_550", suppresses: true),
        Case("550 a policy", [.rcpt: [.say("550 5.7.1 blocked by policy")]], .failed, "smtp_550_5.7.1"),
        Case(
            "550 without pipelining", [.rcpt: [.say("550 5.1.1 nobody")]], .failed, "smtp_550_5.1.1", abilities: [],
            suppresses: true),
        Case(
            "550 and DATA accepted all the same", [.rcpt: [.say("550 5.1.1 nobody")], .data: [.say("354 go")]], .failed,
            "smtp_550_5.1.1", suppresses: true),
        Case("550 for the sender", [.mail: [.say("550 5.1.8 bad sender")]], .failed, "smtp_550_5.1.8"),
        Case("550 after the text", [.final: [.say("550 5.7.1 spam")]], .failed, "smtp_550_5.7.1"),
        Case("552 the box is full", [.rcpt: [.say("552 5.2.2 over quota")]], .failed, "smtp_552_5.2.2"),
        Case("552 too many recipients", [.rcpt: [.say("552 too many")]], .later, "smtp_552"),
        Case("552 too large", [.final: [.say("552 5.3.4 too large")]], .failed, "smtp_552_5.3.4"),
        Case(
            "554 as a greeting", [.greeting: [.sayAndClose("554 5.7.1 no service for you")]], .later, "smtp_554_5.7.1"),
        Case("SIZE is too small", [:], .failed, "message_too_large", abilities: ["PIPELINING", "SIZE 100"]),
        Case("530 sign in first", [.mail: [.say("530 5.7.0 authenticate")]], .later, "smtp_530_5.7.0"),
        Case("drop before the greeting", [.greeting: [.close]], .later, "smtp_dropped"),
        Case("drop after MAIL", [.mail: [.close]], .later, "smtp_dropped"),
        Case("drop after DATA was asked", [.data: [.close]], .later, "smtp_dropped"),
        Case("drop in the middle of the text", [.text: [.close]], .uncertain, "smtp_dropped"),
        Case("drop after the text, taken", [.final: [.keepAndClose]], .uncertain, "smtp_dropped"),
        Case("drop after the text, not taken", [.final: [.close]], .uncertain, "smtp_dropped"),
        Case("silence after the text, taken", [.final: [.keepAndSilence]], .uncertain, "smtp_timeout"),
        Case("silence as a greeting", [.greeting: [.silence]], .later, "smtp_timeout"),
        Case("silence after RCPT", [.rcpt: [.silence]], .later, "smtp_timeout"),
        Case("no SMTP at all", [.greeting: [.say("HTTP/1.1 400 Bad Request")]], .later, "smtp_malformed"),
        Case("nonsense after the text, taken or not", [.final: [.say("what?")]], .uncertain, "smtp_malformed"),
        Case("a 3xx after the text", [.final: [.say("354 more please")]], .uncertain, "smtp_confused"),
        Case("codes that differ within a reply", [.mail: [.say("250-one\r\n550 two")]], .later, "smtp_malformed"),
        Case(
            "a reply without end", [.ehlo: [.say(String(repeating: "250-x\r\n", count: 500) + "250 x")]], .later,
            "smtp_malformed"),
        Case(
            "a line without end", [.greeting: [.say("220 " + String(repeating: "x", count: 20_000))]], .later,
            "smtp_malformed"),
        Case("a sender refused for now", [.mail: [.say("451 4.3.0 later")]], .later, "smtp_451_4.3.0"),
    ]

    private func adapter(_ office: Office, _ server: ScriptedServer, _ terms: SMTPTerms, ca: String? = nil) throws
        -> SMTPAdapter
    {
        var times = SMTPTimes()
        // Only the scripts that stay silent reach these; nothing asserts them.
        (times.greeting, times.command, times.data, times.final) = (4000, 4000, 4000, 4000)
        let clock = office.clock
        return SMTPAdapter(
            server: try SMTPServer(
                host: ca == nil ? "127.0.0.1" : "localhost", port: server.port, terms: terms, times: times,
                authorities: ca), writer: try office.writer(), connections: 2, now: { clock.now })
    }

    @Test func thereAreFortyAndMore() { #expect(Self.cases.count >= 40) }

    @Test(arguments: cases)
    func aServerOnABadDay(_ hostile: Case) async throws {
        var script = ScriptedServer.Script()
        script.answers = hostile.answers
        script.abilities = hostile.abilities
        let server = try await ScriptedServer.open(script)
        let office = try await Office()
        let claim = try await office.claim()
        let terms = SMTPTerms(security: .none, helloName: "engage.example.com")
        let adapter = try adapter(office, server, terms)
        let worker = office.worker([adapter])
        try await worker.drain()
        let after = try #require(try await office.ledger.claim(claim.number))
        if let code = hostile.code { #expect(after.failure == code) }
        let suppressed = try await office.ledger.suppressions(ofAddress: Office.address("h0"), channel: .email)
        #expect(suppressed == (hostile.suppresses ? [.all] : []))
        #expect(!(after.failure ?? "").contains("h0"))
        switch hostile.expected {
        case .sent:
            #expect(after.state == .sent)
            #expect(server.seen.kept.count == 1)
        case .failed: #expect(after.state == .failed)
        case .uncertain: #expect(after.state == .uncertain)
        case .later:
            #expect(after.state == .claimed)
            // Not before half an hour, and then with success: the script is used up.
            office.clock.advance(seconds: 1795)
            try await worker.drain()
            #expect(try await office.state(claim) == .claimed)
            #expect(server.seen.kept.isEmpty)
            office.clock.advance(seconds: 5)
            try await worker.drain()
            #expect(try await office.state(claim) == .sent)
            #expect(server.seen.kept.count == 1)
        }
        // Nothing that is over begins again, however long one waits.
        for _ in 0..<6 {
            office.clock.advance(seconds: 86_400)
            try await worker.recover()
            try await worker.drain()
        }
        #expect(server.seen.kept.count <= 1, "a second delivery")
        if let mail = server.seen.kept.first {
            #expect(MIMEPart(mail)["message-id"]?.hasPrefix("<\(claim.number).") == true)
        }
        await worker.close()
        try await server.close()
    }

    // MARK: - TLS and signing in

    private func tls() throws -> NIOSSLContext {
        try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: NIOSSLCertificate.fromPEMBytes(Array(TestKeys.certificate.utf8)).map {
                    .certificate($0)
                },
                privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(TestKeys.certificateKey.utf8), format: .pem))))
    }

    private func attempt(
        _ script: ScriptedServer.Script, _ terms: SMTPTerms, trusts: Bool = true
    ) async throws -> (claim: Claim, seen: ScriptedServer.Seen) {
        let folder = try TemporaryFolder()
        let ca = "\(folder.path)/ca.pem"
        try TestKeys.certificate.write(toFile: ca, atomically: true, encoding: .utf8)
        let server = try await ScriptedServer.open(script)
        let office = try await Office()
        let claim = try await office.claim()
        let adapter = try adapter(office, server, terms, ca: trusts ? ca : nil)
        let worker = office.worker([adapter])
        try await worker.drain()
        await worker.close()
        let after = try #require(try await office.ledger.claim(claim.number))
        try await server.close()
        return (after, server.seen)
    }

    @Test func withoutSTARTTLSNothingLeaves() async throws {
        var script = ScriptedServer.Script()
        script.abilities = ["PIPELINING", "AUTH PLAIN"]
        let terms = SMTPTerms(security: .starttls, helloName: "x.example", user: "ada", password: "open sesame")
        let (claim, seen) = try await attempt(script, terms)
        #expect(claim.state == .claimed && claim.failure == "smtp_no_starttls")
        #expect(!seen.lines.contains { $0.hasPrefix("MAIL") || $0.hasPrefix("AUTH") })
    }

    @Test(arguments: ["AUTH PLAIN LOGIN", "AUTH LOGIN"])
    func afterSTARTTLSItSignsInAndSends(_ way: String) async throws {
        var script = ScriptedServer.Script()
        script.tls = try tls()
        script.abilities = ["PIPELINING", "STARTTLS", way]
        if way == "AUTH LOGIN" { script.answers[.auth] = [.say("334 VXNlcm5hbWU6"), .say("334 UGFzc3dvcmQ6")] }
        let terms = SMTPTerms(security: .starttls, helloName: "x.example", user: "ada", password: "open sesame")
        let (claim, seen) = try await attempt(script, terms)
        #expect(claim.state == .sent && seen.kept.count == 1)
        #expect(seen.lines.count { $0.hasPrefix("EHLO") } == 2)
        let secret = Data("\u{0}ada\u{0}open sesame".utf8).base64EncodedString()
        let expected =
            way == "AUTH LOGIN"
            ? ["AUTH LOGIN", Data("ada".utf8).base64EncodedString(), Data("open sesame".utf8).base64EncodedString()]
            : ["AUTH PLAIN \(secret)"]
        #expect(Array(seen.lines.drop { !$0.hasPrefix("AUTH") }.prefix(expected.count)) == expected)
    }

    @Test func implicitTLSSends() async throws {
        var script = ScriptedServer.Script()
        script.tls = try tls()
        script.isImplicit = true
        let (claim, seen) = try await attempt(script, SMTPTerms(security: .implicit, helloName: "x.example"))
        #expect(claim.state == .sent && seen.kept.count == 1)
    }

    @Test func aCertificateThatNobodyTrustsStopsIt() async throws {
        var script = ScriptedServer.Script()
        script.tls = try tls()
        script.abilities = ["STARTTLS"]
        let (claim, seen) = try await attempt(
            script, SMTPTerms(security: .starttls, helloName: "x.example"), trusts: false)
        #expect(claim.state == .claimed && claim.failure == "smtp_tls_failed")
        #expect(seen.kept.isEmpty)
    }

    @Test func wordsThatWereSentAheadOfTLSAreNoReplies() async throws {
        var script = ScriptedServer.Script()
        script.abilities = ["STARTTLS"]
        script.answers[.startTLS] = [.say("220 go\r\n250-evil\r\n250 AUTH PLAIN")]
        let (claim, seen) = try await attempt(
            script, SMTPTerms(security: .starttls, helloName: "x.example", user: "ada", password: "open sesame"))
        #expect(claim.state == .claimed && claim.failure == "smtp_early_bytes")
        #expect(!seen.lines.contains { $0.hasPrefix("AUTH") })
    }

    @Test func aPasswordThatIsRefusedFailsNoMail() async throws {
        var script = ScriptedServer.Script()
        script.tls = try tls()
        script.abilities = ["STARTTLS", "AUTH PLAIN"]
        script.answers[.auth] = [.say("535 5.7.8 wrong")]
        let (claim, _) = try await attempt(
            script, SMTPTerms(security: .starttls, helloName: "x.example", user: "ada", password: "wrong"))
        #expect(claim.state == .claimed && claim.failure == "smtp_535_5.7.8")
    }

    // MARK: - Over many mails

    @Test func connectionsAreUsedAgainAndEachMailArrivesOnce() async throws {
        let server = try await ScriptedServer.open(ScriptedServer.Script())
        let office = try await Office(hcps: 300)
        for index in 0..<300 { try await office.claim("h\(index)") }
        let adapter = try adapter(office, server, SMTPTerms(security: .none, helloName: "x.example"))
        let worker = office.worker([adapter])
        try await worker.drain()
        await worker.close()
        #expect(try await office.ledger.claims(in: .sending).isEmpty)
        let ids = server.seen.kept.compactMap { MIMEPart($0)["message-id"] }
        #expect(ids.count == 300 && Set(ids).count == 300)
        #expect(server.seen.connections <= 2)
        try await server.close()
    }

    @Test func thePaceOfADomainPutsOffAndLosesNothing() async throws {
        let server = try await ScriptedServer.open(ScriptedServer.Script())
        let office = try await Office(hcps: 30)
        for index in 0..<30 { try await office.claim("h\(index)") }
        let clock = office.clock
        let adapter = SMTPAdapter(
            server: try SMTPServer(
                host: "127.0.0.1", port: server.port, terms: SMTPTerms(security: .none, helloName: "x.example")),
            writer: try office.writer(), perMinute: 60, now: { clock.now })
        let worker = office.worker([adapter])
        try await worker.drain()
        #expect(server.seen.kept.count == 10)
        var rounds = 0
        while server.seen.kept.count < 30, rounds < 60 {
            clock.advance(seconds: 1)
            try await worker.drain()
            rounds += 1
            #expect(server.seen.kept.count <= 10 + rounds)
        }
        #expect(server.seen.kept.count == 30)
        #expect(try await office.ledger.claims(in: .claimed).isEmpty)
        await worker.close()
        try await server.close()
    }

    @Test func theScheduleBeginsAfterHalfAnHourAndEndsWithinFiveDays() {
        let schedule = RetrySchedule.mail
        #expect(schedule.delays.allSatisfy { $0 >= 1_800_000_000 })
        #expect((4 * 86_400_000_000...5 * 86_400_000_000).contains(schedule.total))
        #expect(schedule.delay(after: schedule.delays.count) != nil)
        #expect(schedule.delay(after: schedule.delays.count + 1) == nil)
        #expect(SMTPTimes().final == 600_000)
    }
}
