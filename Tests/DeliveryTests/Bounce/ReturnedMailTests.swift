import EngagementModel
import Foundation
import Ledger
import Statistics
import Testing

@testable import Delivery

/// T12: sixty shapes of returned mail as servers write them, and mutants of each.
struct ReturnedMailTests {
    /// What must be read, and whether the address may be suppressed.
    struct Shape: Sendable {
        var name: String
        var mail: String
        var kind: String
        var suppresses = false
    }

    static let path = "b-1-SEAL@engage.example.com"
    static let link = "https://engage.example.com/u/TOKEN"

    static func dsn(
        _ action: String, _ status: String, to: String = path,
        from: String = "Mail Delivery System <MAILER-DAEMON@mx.example>",
        extra: String = "", returned: String = "Subject: x\nMessage-ID: <1.abc@engage.example.com>\n",
        end: String = "--B--\n"
    ) -> String {
        """
        Return-Path: <>
        From: \(from)
        To: \(to)
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="B"

        --B
        Content-Type: text/plain

        I'm sorry to have to inform you that your message could not be delivered.
        --B
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example
        Arrival-Date: Mon, 5 Jan 2026 09:00:00 +0000

        Final-Recipient: rfc822; h0@hospital.example
        Action: \(action)
        Status: \(status)
        Diagnostic-Code: smtp; 550 5.1.1 unknown
        \(extra)
        --B
        Content-Type: text/rfc822-headers

        \(returned)
        \(end)
        """
    }

    static func report(
        _ kind: String, returned: String = "List-Unsubscribe: <\(link)>\nSubject: x\n",
        to: String = "fbl@engage.example.com"
    ) -> String {
        """
        From: <abuse@isp.example>
        To: \(to)
        Subject: FW: Neue Daten
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report;
         boundary="part1_13d.2e68ed54_boundary"

        --part1_13d.2e68ed54_boundary
        Content-Type: text/plain; charset="US-ASCII"

        This is an email abuse report.
        --part1_13d.2e68ed54_boundary
        Content-Type: message/feedback-report

        Feedback-Type: \(kind)
        User-Agent: SomeGenerator/1.0
        Version: 1

        --part1_13d.2e68ed54_boundary
        Content-Type: message/rfc822

        From: <hello@engage.example.com>
        \(returned)
        Hello
        --part1_13d.2e68ed54_boundary--
        """
    }

    static func answer(_ headers: String, _ body: String = "Danke!", to: String = path) -> String {
        "From: Ada <ada@hospital.example>\nTo: \(to)\n\(headers)\n\n\(body)\n"
    }

    static let shapes: [Shape] = {
        var all: [Shape] = []
        func add(_ name: String, _ kind: String, _ mail: String, suppresses: Bool = false) {
            all.append(Shape(name: name, mail: mail, kind: kind, suppresses: suppresses))
        }
        // Failures for good.
        for status in ["5.1.1", "5.1.2", "5.1.10", "5.0.0", "5.2.1", "5.5.0"] {
            add("failed \(status)", "bounce", dsn("failed", status), suppresses: true)
        }
        add("capitals", "bounce", dsn("Failed", "5.1.1 (bad destination mailbox address)"), suppresses: true)
        add("action with a comment", "bounce", dsn("failed (permanently)", "5.1.1"), suppresses: true)
        add(
            "path in Delivered-To", "bounce",
            "Delivered-To: \(path)\n" + dsn("failed", "5.1.1", to: "postmaster@x.example"), suppresses: true)
        add(
            "path in X-Original-To", "bounce", "X-Original-To: \(path)\n" + dsn("failed", "5.1.1", to: "x@x.example"),
            suppresses: true)
        add("path in capitals", "bounce", dsn("failed", "5.1.1", to: path.uppercased()), suppresses: true)
        add("path with a name", "bounce", dsn("failed", "5.1.1", to: "\"Rapport\" <\(path)>"), suppresses: true)
        add(
            "returned header with the link", "bounce",
            dsn("failed", "5.1.1", to: "x@x.example", returned: "List-Unsubscribe: <\(link)>\n"), suppresses: true)
        add(
            "returned header with the path", "bounce",
            dsn("failed", "5.1.1", to: "x@x.example", returned: "Return-Path: <\(path)>\n"), suppresses: true)
        add("no last boundary", "bounce", dsn("failed", "5.1.1", end: ""), suppresses: true)
        add("from a postmaster", "bounce", dsn("failed", "5.1.1", from: "postmaster@outlook.example"), suppresses: true)
        add("folded status", "bounce", dsn("failed", "\n 5.1.1"), suppresses: true)
        add(
            "line ends of Unix and Windows", "bounce", dsn("failed", "5.1.1").replacing("\n", with: "\r\n"),
            suppresses: true)
        add(
            "encoded status", "bounce",
            dsn("failed", "5.1.1").replacing(
                "Content-Type: message/delivery-status\n",
                with: "Content-Type: message/delivery-status\nContent-Transfer-Encoding: quoted-printable\n"),
            suppresses: true)
        // Failures that say nothing about the address.
        for status in ["5.2.2", "5.2.3", "5.3.4", "5.4.4", "5.4.7", "5.6.1", "5.7.1", "5.7.26"] {
            add("failed \(status)", "bounce", dsn("failed", status))
        }
        add("failed for now", "bounce", dsn("failed", "4.4.7"))
        add("failed with success", "bounce", dsn("failed", "2.0.0"))
        for status in ["4.4.1", "4.2.2", "5.1.1"] { add("delayed \(status)", "bounce", dsn("delayed", status)) }
        add("delivered", "bounce", dsn("delivered", "2.0.0"))
        add("relayed", "bounce", dsn("relayed", "2.0.0"))
        add("expanded", "bounce", dsn("expanded", "2.0.0"))
        // What proves nothing.
        add("forged path", "bounce", dsn("failed", "5.1.1", to: "b-1-aaaaaaaaaaaaaaaa@engage.example.com"))
        add("no path", "bounce", dsn("failed", "5.1.1", to: "x@x.example"))
        add(
            "Message-ID alone", "bounce",
            dsn("failed", "5.1.1", to: "x@x.example", returned: "Message-ID: <1.abc@engage.example.com>\n"))
        add("no status", "unknown", dsn("failed", ""))
        add("no action", "unknown", dsn("", "5.1.1"))
        add("status of words", "unknown", dsn("failed", "five"))
        add("status of two parts", "unknown", dsn("failed", "5.1"))
        add("status of another class", "unknown", dsn("failed", "6.1.1"))
        add(
            "two recipients", "unknown",
            dsn("failed", "5.1.1", extra: "\nFinal-Recipient: rfc822; other@x.example\nAction: failed\nStatus: 5.1.1"))
        add(
            "prose", "unknown",
            "Return-Path: <>\nFrom: MAILER-DAEMON@qmail.example\nTo: \(path)\nSubject: failure notice\n\nHi. This is the qmail-send program.\n<h0@hospital.example>:\n550 5.1.1 user unknown\n"
        )
        add(
            "a report that is none", "unknown",
            "From: x@x.example\nTo: \(path)\nContent-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\nContent-Type: text/plain\n\n550 5.1.1 user unknown\n--B--\n"
        )
        add(
            "a read receipt", "unknown",
            "From: x@x.example\nTo: \(path)\nContent-Type: multipart/report; report-type=disposition-notification; boundary=B\n\n--B\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n--B--\n"
        )
        add("empty", "unknown", "")
        add("no header", "unknown", "\n\n550 5.1.1 user unknown\n")
        // Complaints.
        for kind in ["abuse", "fraud", "Abuse", "opt-out", "virus", "other"] {
            add("complaint \(kind)", "complaint", report(kind))
        }
        add("complaint with the path alone", "complaint", report("abuse", returned: "Return-Path: <\(path)>\n"))
        add("complaint without a proof", "complaint", report("abuse", returned: "Subject: x\n"))
        add("not spam after all", "unknown", report("not-spam"))
        // Machines that answer.
        add("vacation", "auto_reply", answer("Auto-Submitted: auto-replied\nSubject: Re: Neue Daten"))
        add("Exchange", "auto_reply", answer("Subject: Automatic reply: Neue Daten\nX-Auto-Response-Suppress: All"))
        add("German", "auto_reply", answer("Subject: Automatische Antwort: Neue Daten"))
        add("precedence", "auto_reply", answer("Precedence: auto_reply\nSubject: Re: x"))
        add("old responder", "auto_reply", answer("X-Autoreply: yes\nSubject: Re: x"))
        add("a machine that says stop", "auto_reply", answer("Auto-Submitted: auto-generated\nSubject: Re: x", "STOP"))
        // People.
        add("answer", "reply", answer("Subject: Re: Neue Daten", "Bitte rufen Sie mich an.\n> STOP\n"))
        add("answer, not automatic", "reply", answer("Auto-Submitted: no\nSubject: Re: x", "Danke"))
        add("a question with stop in it", "reply", answer("Subject: Re: x", "When should I stop the infusion?"))
        add(
            "Outlook's own mark", "reply",
            answer("Subject: RE: x\nX-Auto-Response-Suppress: DR, OOF, AutoReply", "Thanks"))
        for word in ["STOP", "Unsubscribe", "abmelden.", "> zitiert\n\nPlease unsubscribe me", "  Opt-Out  "] {
            add("stop: \(word)", "unsubscribe", answer("Subject: Re: Neue Daten", word + "\n\n> earlier text"))
        }
        add("stop in the subject", "unsubscribe", answer("Subject: UNSUBSCRIBE", ""))
        add(
            "stop in base64", "unsubscribe",
            answer("Subject: Re: x\nContent-Transfer-Encoding: base64", Data("Stop\n".utf8).base64EncodedString()))
        return all
    }()

    private static func kind(_ mail: ReturnedMail) -> String {
        switch mail {
        case .bounce: "bounce"
        case .complaint: "complaint"
        case .autoReply: "auto_reply"
        case .unsubscribe: "unsubscribe"
        case .reply: "reply"
        case .unknown: "unknown"
        }
    }

    private func filled(_ mail: String, _ links: LinkMint, claim: Int64) throws -> [UInt8] {
        let path = links.returnPath(claim, domain: "x").prefix { $0 != "@" }
        return Array(
            mail.replacing("b-1-SEAL", with: String(path)).replacing("B-1-SEAL", with: path.uppercased())
                .replacing("TOKEN", with: try links.token(.unsubscribe, claim)).utf8)
    }

    @Test func everyShapeIsReadRightAndHasItsEffectOnce() async throws {
        #expect(Self.shapes.count >= 60)
        let office = try await Office(hcps: Self.shapes.count)
        let clock = office.clock
        let desk = ReturnDesk(links: office.links, ledger: office.ledger, sink: office.book, now: { clock.now })
        for (index, shape) in Self.shapes.enumerated() {
            let parcel = try await office.parcel("h\(index)")
            let number = parcel.ticket.claim.number
            try await office.desk.finish([(number, .sent)])
            let bytes = try filled(shape.mail, office.links, claim: number)
            for _ in 0..<2 {
                let read = try await desk.take(bytes)
                #expect(Self.kind(read) == shape.kind, "\(shape.name): \(read)")
            }
            let held = try await office.ledger.suppressions(ofAddress: Office.address("h\(index)"), channel: .email)
            let isProven = desk.reader.read(bytes).claim == number
            let expected: [SuppressionReach] =
                shape.suppresses
                ? [.all] : ["complaint", "unsubscribe"].contains(shape.kind) && isProven ? [.promotional] : []
            #expect(held == expected, "\(shape.name)")
            let consents = try await office.ledger.consents(ofHCP: "h\(index)")
            #expect(consents.count == (expected == [.promotional] ? 1 : 0), "\(shape.name)")
            if expected == [.promotional] {
                let again = ClaimRequest(
                    key: ClaimKey(campaign: "c2", step: "s"), hcpID: "h\(index)", channel: .email,
                    address: Office.address("h\(index)"), purpose: .promotional, contentID: "letter",
                    contentVersion: "1")
                #expect(try await office.desk.claim(again).refusal != nil, "\(shape.name)")
            }
        }
        let complaint = office.book.names.count { $0 == "email_complaint" }
        #expect(complaint == 14)
    }

    @Test func noMutantSuppressesWhatItDoesNotProve() async throws {
        let office = try await Office(hcps: 1)
        let parcel = try await office.parcel()
        let number = parcel.ticket.claim.number
        let reader = ReturnedMailReader(links: office.links)
        var random = SeededGenerator(seed: 12)
        for round in 0..<2500 {
            let shape = Self.shapes[round % Self.shapes.count]
            var bytes = try filled(shape.mail, office.links, claim: number)
            for _ in 0...random.below(6) where !bytes.isEmpty {
                let place = random.below(bytes.count)
                switch random.below(6) {
                case 0: bytes[place] ^= UInt8(1 << random.below(8))
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
                case 3: bytes = Array(bytes[..<place])
                case 4: bytes += bytes[place...].prefix(500)
                default: bytes.replaceSubrange(place..<min(place + 20, bytes.count), with: "\r\n\r\n--B\r\n".utf8)
                }
            }
            let read = reader.read(bytes)
            // Nobody but the claim that the seal names; and an address dies only by a report that says so.
            if let claim = read.claim { #expect(claim == number) }
            if case .bounce(let bounce) = read, bounce.suppresses {
                #expect(bounce.action == .failed && bounce.status.hasPrefix("5."), "round \(round): \(shape.name)")
            }
        }
    }

    @Test func whatIsDeepOrLongIsBounded() {
        var deep = "Content-Type: text/plain\n\nend"
        for level in 0..<500 {
            deep = "Content-Type: multipart/mixed; boundary=b\(level)\n\n--b\(level)\n\(deep)\n--b\(level)--\n"
        }
        let part = MIMEPart(Array(deep.utf8))
        #expect(part.isCut || part.all.contains(where: \.isCut))
        #expect(part.all.count <= 10)
        let wide = "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\nx\n", count: 10_000)
        #expect(MIMEPart(Array(wide.utf8)).all.count <= 65)
        let long = "X: " + String(repeating: "a", count: 3_000_000) + "\n\nbody"
        #expect(MIMEPart(Array(long.utf8)).isCut)
        let many = String(repeating: "X: y\n", count: 100_000)
        #expect(MIMEPart(Array(many.utf8)).fields.count <= 400)
        let nested = "Content-Type: message/rfc822\n\n"
        #expect(MIMEPart(Array(String(repeating: nested, count: 1000).utf8)).all.count <= 10)
    }

    @Test func aMailDropIsReadOnceAndSurvivesARestart() async throws {
        let office = try await Office()
        let clock = office.clock
        var numbers: [Int64] = []
        for hcp in ["h0", "h1", "h2"] {
            let parcel = try await office.parcel(hcp)
            numbers.append(parcel.ticket.claim.number)
            try await office.desk.finish([(numbers.last!, .sent)])
        }
        let folder = try TemporaryFolder()
        let manager = FileManager.default
        try manager.createDirectory(atPath: "\(folder.path)/new", withIntermediateDirectories: true)
        let first = try filled(Self.dsn("failed", "5.1.1"), office.links, claim: numbers[0])
        try Data(first).write(to: URL(fileURLWithPath: "\(folder.path)/new/1.mail"))
        let desk = ReturnDesk(links: office.links, ledger: office.ledger, sink: office.book, now: { clock.now })
        let drop = MailDrop(folder: folder.path, desk: desk, logger: quiet)
        #expect(try await drop.collect() == 1)
        #expect(folder.files("new").isEmpty && folder.files("cur") == ["1.mail:2,S"])
        #expect(try await drop.collect() == 0)
        let boxes = try TemporaryFolder()
        let mails = try [1, 2].map { try filled(Self.dsn("failed", "5.1.1"), office.links, claim: numbers[$0]) }
        let mbox = mails.map {
            "From MAILER-DAEMON Mon Jan  5 09:00:00 2026\n" + String(decoding: $0, as: UTF8.self) + "\n>From x\n\n"
        }.joined()
        try mbox.write(toFile: "\(boxes.path)/in.mbox", atomically: true, encoding: .utf8)
        #expect(try await MailDrop(folder: boxes.path, desk: desk, logger: quiet).collect() == 2)
        #expect(boxes.files("done") == ["in.mbox"])
        for hcp in ["h0", "h1", "h2"] {
            #expect(try await office.ledger.suppressions(ofAddress: Office.address(hcp), channel: .email) == [.all])
        }
        #expect(office.book.names == ["email_bounced", "email_bounced", "email_bounced"])
    }
}
