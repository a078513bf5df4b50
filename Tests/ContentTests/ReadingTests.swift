import EngagementModel
import Foundation
import Testing

@testable import Content

struct ReadingTests {
    @Test func theSampleIsWithoutMistakes() {
        let reading = LibraryReader.read(Sample.files)
        #expect(reading.diagnostics.isEmpty, "\(reading.diagnostics)")
        let library = reading.library
        #expect(library.messages["C-1"]?.languages == ["de", "en"])
        #expect(library.modules["M-INTRO"]?.variants.count == 3)
        #expect(library.keys.count == 2 * 2 + 2 + 2 + 1 + 1 + 2 + 2 + 1)
        #expect(
            library.uses(of: library.messages["C-1"]!, "en").map(\.description) == [
                "message/C-1/en", "template/letter", "module/M-INTRO/en", "module/M-MORE/en", "offer/O-SEAT/en",
                "claim/CL-1/en", "claim/CL-2/en",
            ])
    }

    /// Mistakes with the place where each stands: file, line, column.
    static let mistakes: [(String, String, String, String, Int, Int)] = [
        ("claims/a.yaml", "en: Once a day", "en: \"Once {{city}} a day\"", "misplaced_field", 16, 17),
        ("claims/a.yaml", "expires: 2027-12-31", "expires: 2027-02-31", "bad_date", 14, 14),
        (
            "claims/a.yaml", "    references: [{id: label, text: Label of the product.}]\n", "", "missing_reference",
            12,
            5
        ),
        ("modules/a.yaml", "For {{salutation}}", "For {{salutaton}}", "unknown_field", 7, 27),
        ("modules/a.yaml", "{{claim CL-2}}", "{{claim CL-22}}", "unknown_claim", 12, 54),
        ("modules/a.yaml", "<p>Ask", "<p onclick=\"x\">Ask", "bad_attribute", 21, 18),
        ("modules/a.yaml", "read on.</p>", "<script>x</script></p>", "bad_element", 22, 21),
        ("modules/a.yaml", "https://example.org/q?", "javascript:alert(1)?", "bad_attribute", 21, 31),
        ("modules/a.yaml", "offer: O-SEAT", "offer: O-SEET", "unknown_offer", 16, 1),
        ("modules/a.yaml", "- text: Mehr dazu.", "- txt: Mehr dazu.", "unknown_block", 29, 13),
        ("templates/letter.html", "<p>Dear", "<p style=\"background:url(x)\">Dear", "bad_attribute", 4, 11),
        ("templates/letter.html", "{{slot body}}", "{{slot bod}}", "unknown_slot", 2, 1),
        ("templates/letter.html", "</body>", "</bdy>", "bad_markup", 8, 1),
        ("templates/letter.html", "<p><a href=\"{{unsubscribe_url}}\">Unsubscribe</a></p>", "", "no_unsubscribe", 2, 1),
        ("templates/letter.html", "{{references}}", "", "missing_reference", 2, 1),
        ("messages/a.yaml", "M-INTRO, M-MORE", "M-INTRO, M-MOR", "unknown_module", 2, 1),
        ("messages/a.yaml", "purpose: promotional", "purpose: promotion", "unknown_value", 4, 14),
        ("messages/a.yaml", "channels: [email, portal]", "channels: [emial]", "unknown_channel", 6, 15),
        ("modules/a.yaml", "text: Mehr dazu.", "text: Guaranteed Mehr.", "restricted_word", 29, 19),
        ("modules/a.yaml", "list: [One,", "list: [Cure,", "restricted_word", 23, 20),
        ("review.yaml", "fallback", "fallbak", "unknown_key", 2, 1),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsShownWhereItStands(
        _ file: String, _ from: String, _ to: String, _ code: String, _ line: Int, _ column: Int
    ) throws {
        let text = try #require(
            Sample.files.first { $0.name == file }.map { String(decoding: $0.data, as: UTF8.self) })
        #expect(text.contains(from))
        let found = Sample.reading(file, text.replacing(from, with: to)).diagnostics
        let diagnostic = try #require(
            found.first { $0.code == code && $0.line == line } ?? found.first { $0.code == code }, "\(found)")
        #expect(diagnostic.line == line && diagnostic.column == column, "\(found)")
        #expect(diagnostic.file?.hasPrefix("content/") == true)
    }

    @Test func oneIdIsOnePart() {
        let twice = Sample.reading(
            "offers/a.yaml",
            Sample.offers + "\n" + Sample.offers.split(separator: "\n").dropFirst().joined(separator: "\n"))
        #expect(twice.diagnostics.contains { $0.code == "duplicate_id" })
        #expect(twice.hasErrors)
    }

    @Test func filesThatAreNoTextAreRefused() {
        let poisoned = [
            Data([0xFF, 0xFE, 0x41, 0]), Data([0x41, 0, 0x42]), Data(repeating: 0x20, count: 2 << 20),
            Data("[1, 2".utf8), Data("- a\n- b".utf8),
        ]
        for data in poisoned {
            let reading = LibraryReader.read([.init(name: "claims/x.yaml", data: data)])
            #expect(reading.hasErrors, "\(data.prefix(4) as NSData)")
        }
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(LibraryReader.read([.init("modules/x.yaml", "modules: \(deep)")]).hasErrors)
    }

    @Test func versionsFollowTheWords() throws {
        let library = Sample.library
        let other = Sample.reading("claims/a.yaml", Sample.claims.replacing("Once a day", with: "Twice a day")).library
        func version(_ library: Library, _ key: PartKey) throws -> PartVersion {
            try #require(library.record(of: key)).version
        }
        let (claim, module) = (PartKey(.claim, "CL-2", "en"), PartKey(.module, "M-INTRO", "en"))
        let (message, german) = (PartKey(.message, "C-1", "en"), PartKey(.message, "C-1", "de"))
        #expect(try version(library, claim) == version(Sample.library, claim))
        #expect(try version(library, claim) != version(other, claim))
        #expect(
            try version(library, module) == version(other, module), "a module names its claims, it does not hold them")
        #expect(try version(library, message) != version(other, message), "a message is every word of it")
        #expect(try version(library, german) == version(other, german))
        let stated = Sample.reading(
            "claims/a.yaml", Sample.claims.replacing("  - id: CL-2", with: "  - id: CL-2\n    version: \"3\"")
        ).library
        #expect(try version(stated, claim).version == "3")
        #expect(try version(stated, claim).digest != version(library, claim).digest)
    }

    @Test func aRecordCannotBeForged() throws {
        let a = Sample.reading(
            "offers/a.yaml", Sample.offers.replacing("en: Keep a seat", with: "en: \"a\\nterms: b\""))
        let record = try #require(a.library.record(of: PartKey(.offer, "O-SEAT", "en")))
        #expect(record.body.split(separator: "\n").count { $0.hasPrefix("terms: ") } == 1)
    }
}
