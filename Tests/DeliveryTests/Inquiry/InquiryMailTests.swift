import EngagementModel
import Foundation
import Ledger
import Testing

@testable import Delivery

/// Mails as people send them: what is theirs in them, who they are, what they answer.
struct InquiryMailTests {
    private static func mail(_ lines: String) -> MIMEPart { MIMEPart(Array(lines.replacing("\n", with: "\r\n").utf8)) }

    private static func draft(_ lines: String) throws -> InquiryDraft {
        try #require(InquiryMail.draft(of: mail(lines), claim: nil, at: 7))
    }

    @Test func aPlainMailInGerman() throws {
        let draft = try Self.draft(
            """
            From: =?iso-8859-1?Q?Dr=2E_J=FCrgen_M=FCller?= <J.Mueller@Praxis.example>
            To: engage@x.example
            Subject: =?UTF-8?B?RnJhZ2UgenVyIERvc2llcnVuZw==?=
            Message-ID: <abc@praxis.example>
            Content-Type: text/plain; charset=iso-8859-1
            Content-Transfer-Encoding: quoted-printable

            Welche Dosis f=FCr Patienten =FCber 75?
            Gr=FC=DFe
            """)
        #expect(draft.fromName == "Dr. Jürgen Müller" && draft.fromAddress == "j.mueller@praxis.example")
        #expect(draft.subject == "Frage zur Dosierung" && draft.sourceID == "abc@praxis.example")
        #expect(draft.body == "Welche Dosis für Patienten über 75?\nGrüße")
        #expect(draft.hcpID == nil && draft.identifiedBy == nil && draft.receivedAt == 7)
    }

    @Test(arguments: [
        "On Thu, 19 Nov 2026 at 16:00, Rapport demo <engage@x.example> wrote:",
        "Am 19.11.2026 um 16:00 schrieb Rapport demo <engage@x.example>:",
        "Le jeu. 19 nov. 2026 à 16:00, Rapport demo <engage@x.example> a écrit :",
        "El jue, 19 nov 2026 a las 16:00, Rapport demo (<engage@x.example>) escribió:",
        "Il giorno gio 19 nov 2026 alle ore 16:00 Rapport demo <engage@x.example> ha scritto:",
        "On Thu, 19 Nov 2026 at 16:00, Rapport demo\n<engage@x.example> wrote:",
        "-----Original Message-----", "-----Ursprüngliche Nachricht-----", "----- Message d'origine -----",
        "-----Mensaje original-----", "-----Messaggio originale-----",
        "From: Rapport demo\nSent: Thursday, November 19, 2026 4:00 PM",
        "Von: Rapport demo\nGesendet: Donnerstag, 19. November 2026 16:00",
        "De : Rapport demo\nEnvoyé : jeudi 19 novembre 2026 16:00",
        "Da: Rapport demo\nInviato: giovedì 19 novembre 2026",
        "-- \nDr. A. Somebody, Clinic",
    ])
    func quotationsAndSignaturesAreNotTheAuthors(_ divider: String) throws {
        let draft = try Self.draft(
            """
            From: a@b.example
            Subject: Re: AW: Antw: Training
            Content-Type: text/plain; charset=utf-8

            My own words.
            > quoted before
            More of mine: from: not a header.

            \(divider)
            Somebody said this before me: overdose, hospital, death.
            > and this
            """)
        #expect(draft.body == "My own words.\nMore of mine: from: not a header.")
        #expect(draft.subject == "Training")
    }

    @Test func whatWasOnlyPassedOnIsKept() throws {
        let draft = try Self.draft(
            """
            From: a@b.example
            Subject: Fwd: Report
            Content-Type: text/plain

            ---------- Forwarded message ---------
            From: a patient's doctor
            A patient developed a rash.
            """)
        #expect(draft.body.contains("developed a rash") && draft.subject == "Report")
    }

    @Test func anHTMLMailGivesItsWordsAndNothingElse() throws {
        let draft = try Self.draft(
            """
            From: "Ann <b>O'Hara</b>" <ann@clinic.example>
            Subject: HTML
            MIME-Version: 1.0
            Content-Type: multipart/alternative; boundary=b1

            --b1
            Content-Type: text/plain


            --b1
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            <html><head><title>no</title><style>p{color:red}</style></head><body>
            <script>alert('x')</script><!-- <p>hidden</p> --><p title=3D">">Caf&eacute; &amp; 5&nbsp;mg &lt;b&gt; &#8364; &#x41;</p>
            <div>Second<br/>line</div><img src=3Dx onerror=3Dalert(1)>
            <div class=3D"gmail_quote"><div>On Monday X wrote:</div><blockquote>old <b>text</b></blockquote></div>
            after</body></html>
            --b1--
            """)
        #expect(
            draft.body.split(separator: "\n").map(String.init) == ["Café & 5 mg <b> € A", "Second", "line", "after"])
        #expect(draft.fromAddress == "ann@clinic.example" && draft.fromName == "Ann <b>O'Hara</b>")
    }

    @Test func filesComeWithTheMailAndAreNotReadAsWords() throws {
        let draft = try Self.draft(
            """
            From: a@b.example
            Subject: Photo
            Content-Type: multipart/mixed; boundary=b1

            --b1
            Content-Type: text/plain

            See the photo.
            --b1
            Content-Type: image/jpeg; name="../../etc/display,1.jpg"
            Content-Disposition: attachment
            Content-Transfer-Encoding: base64

            /9j/4AAQSkZJRg==
            --b1
            Content-Type: text/plain; charset=utf-8
            Content-Disposition: attachment; filename="=?utf-8?Q?gr=C3=BC=C3=9Fe.txt?="

            not mine to read
            --b1--
            """)
        #expect(draft.body == "See the photo.")
        #expect(draft.files.map(\.name) == ["display1.jpg", "grüße.txt"])
        #expect(draft.files.map(\.kind) == [.jpeg, .text] && draft.files.allSatisfy { !$0.isCut })
        #expect(draft.files[0].bytes.starts(with: [0xFF, 0xD8, 0xFF, 0xE0]))
    }

    /// What enemies send as files: another type than claimed, a name that is a path or a header, more than fits.
    @Test func hostileFilesAreTakenForWhatTheyAre() throws {
        let page = Data("<html><script>alert(1)</script></html>".utf8).base64EncodedString()
        let draft = try Self.draft(
            """
            From: a@b.example
            Subject: Photo
            Content-Type: multipart/mixed; boundary=b1

            --b1
            Content-Type: image/jpeg; name="photo.jpg"
            Content-Disposition: attachment; filename="=?utf-8?Q?=0D=0ASet-Cookie:_x=2F..=2Fphoto=E2=80=AE.jpg?="
            Content-Transfer-Encoding: base64

            \(page)
            --b1
            Content-Type: image/png
            Content-Transfer-Encoding: base64

            %%%% this is no base64 %%%%
            --b1
            Content-Type: text/plain

            words
            --b1--
            """)
        #expect(draft.body == "words")
        #expect(draft.files.map(\.name) == ["photo.jpg", "file"])
        #expect(draft.files[0].kind == .markup)
    }

    @Test func ofAMailThatIsTooLongTheWordsAndTheWholeFilesAreKept() throws {
        func part(_ name: String, _ bytes: Int) -> String {
            let line = String(repeating: "/9j/4AAQSkZJRg//", count: 4) + "\r\n"
            return "--b1\r\nContent-Type: image/jpeg; name=\"\(name)\"\r\nContent-Disposition: attachment\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\n" + String(repeating: line, count: bytes / 48) + "\r\n"
        }
        let mail =
            "From: a@b.example\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\n"
            + "Content-Type: text/plain\r\n\r\nThe pump burns.\r\n" + part("small.jpg", 96_000)
            + part("huge.jpg", 24_000_000) + "--b1--\r\n"
        let message = MIMEPart(Array(mail.utf8), limits: .withFiles)
        let draft = try #require(InquiryMail.draft(of: message, claim: nil, at: 0))
        #expect(draft.body == "The pump burns." && message.isLong)
        #expect(draft.files.map(\.name) == ["small.jpg", "huge.jpg"])
        #expect(draft.files.map(\.isCut) == [false, true] && draft.files[0].bytes.count == 96_000)
    }

    @Test func threadsAreReadFromTheNearestOn() throws {
        let draft = try Self.draft(
            """
            From: a@b.example
            Subject: x
            Message-ID: <3@b.example>
            In-Reply-To: <2@x.example>
            References: <1@x.example>
             <2@x.example> broken <not an id>

            words
            """)
        #expect(draft.answers == ["2@x.example", "2@x.example", "1@x.example"])
    }

    @Test func hostileHeadersStayHarmless() throws {
        let draft = try Self.draft(
            """
            From: "x\\" <evil@x.example>, =?utf-8?Q?=0D=0ABcc=3A_all=40x=2Eexample?=" <real@x.example>
            Subject: =?utf-8?Q?a=0D=0ABcc:_b@x.example?= =?utf-8?Q?_=00c?=
            Message-ID: <\(String(repeating: "a", count: 400))@x>

            =CMD()|' /C calc'!A0
            """)
        #expect(draft.fromAddress == "real@x.example")
        #expect(draft.sourceID.utf8.count == 32 && draft.messageID == nil)
        #expect(draft.body == "=CMD()|' /C calc'!A0")
        // A mail without words is none.
        #expect(InquiryMail.draft(of: Self.mail("From: a@b.example\n\n  \n"), claim: nil, at: 0) == nil)
        // Long ones are cut, and say so.
        let long = try Self.draft("From: a@b.example\n\n" + String(repeating: "word ", count: 10_000))
        #expect(long.body.count <= InquiryDraft.longestBody && long.body.hasSuffix("[cut: the rest is in the mailbox]"))
    }

    @Test func anErasedPersonStaysErased() throws {
        let mail = Self.mail("From: a@b.example\nSubject: x\n\nwords")
        let known = InquiryMail.draft(of: mail, claim: (7, "h1"), at: 0)
        #expect(known?.hcpID == "h1" && known?.identifiedBy == .reply && known?.claim == 7)
        let gone = InquiryMail.draft(of: mail, claim: (7, "erased:ab"), at: 0)
        #expect(gone?.hcpID == nil && gone?.claim == 7)
    }

    /// The desk behind the mailbox: a free mail and an answer become inquiries, once; everything else does not.
    @Test func theMailboxBringsInquiriesToTheInbox() async throws {
        let clock = Clock()
        let ledger = try Ledger.inMemory(now: { clock.now })
        let inquiries = InquiryDesk(ledger: ledger, rules: InquiryRules()) { _, body in
            InquiryFinding(kind: body.contains("price") ? .price : .other, reader: "test")
        }
        let links = try await LinkMint(baseURL: "https://x.example", ledger: ledger)
        let desk = ReturnDesk(links: links, ledger: ledger, sink: nil, inquiries: inquiries, now: { clock.now })
        func take(_ lines: String) async throws { try await desk.take(Array(lines.utf8)) }
        let mail = "From: a@b.example\nSubject: Question\nMessage-ID: <q1@b.example>\n\nThe price, please."
        try await take(mail)
        try await take(mail)
        // The same id with other words: some programs repeat theirs; both are kept, each once.
        let other = "From: c@d.example\nSubject: Other\nMessage-ID: <q1@b.example>\n\nAnother price."
        try await take(other)
        try await take(other)
        for ignored in [
            "From: a@b.example\nAuto-Submitted: auto-replied\nSubject: Out of office\n\nprice",
            "From: MAILER-DAEMON@x.example\nSubject: failed\n\nprice", "From: a@b.example\nSubject: stop\n\nSTOP", "",
            "From: a@b.example\n\n",
        ] { try await take(ignored) }
        // An answer in the thread goes on with it.
        try await take(
            "From: a@b.example\nSubject: Re: Question\nMessage-ID: <q2@b.example>\nIn-Reply-To: <q1@b.example>\n\n"
                + "And the price of two?\n\nOn 1 Jan 2026, x wrote:\n> ten")
        let (rows, total) = try await ledger.inquiries(InquiryFilter(), seenBy: .all)
        #expect(total == 2 && rows.allSatisfy { $0.queue == .insideSales && $0.channel == .email })
        let thread = try await ledger.timeline(ofInquiry: 1, seenBy: .all)
        #expect(thread.map(\.kind) == [.messageIn, .messageIn])
        #expect(thread[1].text == "Question\n\nAnd the price of two?")
    }

    /// Three hundred broken mails: nothing fails, nothing becomes two, nothing is longer than allowed.
    @Test func brokenMailsNeverFail() throws {
        let seeds = [
            "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>x<b>&am;&#;&#x110000;<div class='gmail_quote'><p</div>\n--b--",
            "From: \"=?utf-8?B?gICA?=\" <@>\nSubject: =?x?Q?=ZZ?=\n\n>\n>\n\n-- \n",
        ]
        var state: UInt64 = 11
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for round in 0..<300 {
            var bytes = Array(seeds[round % seeds.count].utf8)
            for _ in 0..<(1 + next(8)) {
                let place = next(bytes.count)
                switch next(3) {
                case 0: bytes[place] = UInt8(next(256))
                case 1: bytes.remove(at: place)
                default: bytes.insert(contentsOf: Array("<--=\"".utf8).prefix(1 + next(5)), at: place)
                }
            }
            let draft = InquiryMail.draft(of: MIMEPart(bytes), claim: nil, at: 0)
            #expect((draft?.body.count ?? 0) <= InquiryDraft.longestBody)
            #expect((draft?.subject.count ?? 0) <= InquiryDraft.longestSubject)
        }
    }
}
