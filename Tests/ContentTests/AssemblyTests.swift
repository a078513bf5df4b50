import EngagementModel
import Testing

@testable import Content

struct AssemblyTests {
    @Test func aLetterIsWhole() throws {
        let message = try Sample.assemble(Sample.request()).get()
        #expect(message.subject == "News for Keller" && message.language == "en")
        #expect(
            message.text == """
                Dear Dr. Keller,

                For Dr. Keller

                You asked about it: Fewer events than with standard of care[1,2].

                Ask your representative (https://example.org/q?name=Keller) & read on.

                - One
                - Two for you

                Join (https://example.org/e/1)

                Curve for all

                Keep a seat (https://example.org/e/1)

                For clinicians only.

                1. Trial A, 2025. https://example.org/a

                2. Label of the product.

                Unsubscribe (https://example.org/u/abc)

                """)
        let html = try #require(message.html)
        #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
        #expect(html.contains("standard of care<sup>1,2</sup>."))
        #expect(
            message.parts.map(\.id) == [
                "message/C-1/en", "template/letter", "module/M-INTRO/en", "claim/CL-1/en", "module/M-MORE/en",
                "offer/O-SEAT/en",
            ])
        let library = Sample.library
        for part in message.parts {
            let words = part.id.split(separator: "/").map(String.init)
            let key = PartKey(PartKind(rawValue: words[0])!, words[1], words.count > 2 ? words[2] : "")
            #expect(library.record(of: key)?.version.version == part.version)
        }
        #expect(message.contentVersion == message.parts.first?.version)
    }

    @Test func theNarrowestVariantSpeaks() throws {
        let message = try Sample.assemble(Sample.request(specialty: "cardiology")).get()
        #expect(message.subject == "Cardiology news for Keller")
        #expect(message.text.contains("In cardiology: Fewer events than with standard of care[1,2] and Once a day[2]."))
    }

    @Test func anotherLanguageStandsInOnlyByRule() throws {
        let italian = try Sample.assemble(Sample.request(language: "it")).get()
        #expect(italian.language == "en" && italian.contentVersion.hasSuffix("~it"))
        guard case .failure(let refusal) = Sample.assemble(Sample.request(language: "fr")) else {
            Issue.record("no rule lets another language stand in for French")
            return
        }
        #expect(refusal.reason == .language)
    }

    @Test func aShortMessageIsPlain() throws {
        let message = try Sample.assemble(Sample.request("C-2", channel: .sms)).get()
        #expect(message.html == nil && message.subject.isEmpty)
        #expect(message.text == "Webinar at 18:00: https://example.org/e/1\n")
    }

    static let refusals: [(AssemblyRequest, AssemblyRefusal.Reason, String)] = [
        (Sample.request("C-9"), .unknownContent, "C-9"), (Sample.request(channel: .sms), .channel, "C-1"),
        (Sample.request(country: "UK"), .country, "claim/CL-1/en"),
        (Sample.request(fields: [:]), .missingField, "message/C-1/en"),
        (
            Sample.request(fields: Sample.fields.merging([.unsubscribeURL: "http://example.org/"]) { $1 }), .badField,
            "template/letter"
        ),
        (
            Sample.request(fields: Sample.fields.merging([.eventURL: "javascript:alert(1)"]) { $1 }), .badField,
            "module/M-MORE/en"
        ),
    ]

    @Test(arguments: refusals)
    func aRefusalNamesThePart(_ request: AssemblyRequest, _ reason: AssemblyRefusal.Reason, _ part: String) {
        guard case .failure(let refusal) = Sample.assemble(request) else {
            Issue.record("it was assembled")
            return
        }
        #expect(refusal.reason == reason && refusal.part == part)
    }

    @Test func onlyClinicians() {
        var request = Sample.request()
        request.reader.stakeholder = .procurement
        guard case .failure(let refusal) = Sample.assemble(request) else {
            Issue.record("it was assembled")
            return
        }
        #expect(refusal.reason == .audience)
    }

    @Test func contentsOfTheSourcesAreAssembledToo() throws {
        var library = Sample.library
        library.sources["S-1"] = SourceContent(
            contentID: "S-1", version: "2", title: "A title\r\nBcc: x", body: "First <b>.\n\nSecond.",
            purpose: .promotional, channels: [.email], language: "en", countries: ["US"],
            standing: PartStanding(.approvedForDistribution, approvedOn: Sample.day, expiresOn: Sample.day))
        library.sources["C-1"] = library.sources["S-1"]
        let assembly = Assembly(library: library, standings: Standings())
        let message = try assembly.assemble(Sample.request("S-1")).get()
        #expect(message.subject == "A title Bcc: x" && message.text == "First <b>.\n\nSecond.\n")
        #expect(message.parts == [MessagePart(id: "content/S-1", version: "2")])
        // A file wins over a source of the same id, also where the file is not approved.
        guard case .failure(let refusal) = assembly.assemble(Sample.request("C-1")) else {
            Issue.record("the source's text was sent")
            return
        }
        #expect(refusal.reason == .notApproved)
        var late = Sample.request("S-1")
        late.day = Sample.day + 1
        guard case .failure(let over) = assembly.assemble(late) else {
            Issue.record("an expired text was sent")
            return
        }
        #expect(over.reason == .expired)
    }
}
