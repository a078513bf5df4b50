import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

/// Files of inquiries: what they are is read in their bytes, they are seen by whom the words are seen, and go with them.
struct InquiryFileTests {
    private typealias Inbox = InquiryStoreTests.Inbox
    static let photo: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF".utf8) + [0, 1, 2, 3]
    private let safety = InquiryStoreTests.sight([.safety, .medical], medical: true, flagged: true, user: "user:5")

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func whatAFileIsStandsInItsBytes() {
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1]
        let elf: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1]
        let dicom: [UInt8] = [UInt8](repeating: 0, count: 128) + Self.bytes("DICM")
        for (kind, bytes) in [(FileKind.jpeg, Self.photo), (.png, png), (.other, elf), (.other, []), (.dicom, dicom)] {
            #expect(FileKind(of: bytes) == kind)
        }
        let texts: [(FileKind, String)] = [
            (.gif, "GIF89a.."), (.webp, "RIFF....WEBPVP8 "), (.heic, "\0\0\0\u{18}ftypheic"),
            (.mp4, "\0\0\0\u{18}ftypisom"), (.pdf, "%PDF-1.7\n"), (.zip, "PK\u{3}\u{4}word/document.xml"),
            (.tiff, "II*\0...."), (.text, "Serial number 4711, 37 < 38 °C\r\n"), (.text, "BMW of the ward"),
            (.markup, "  \n<!DOCTYPE html><script>alert(1)</script>"), (.markup, "note <img src=x onerror=alert(1)>"),
            (.markup, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), (.other, "MZ\u{90}\0"),
            (.text, String(repeating: "ä", count: 400)), (.text, "x" + String(repeating: "ä", count: 400)),
        ]
        for (kind, text) in texts { #expect(FileKind(of: Self.bytes(text)) == kind, "\(text)") }
    }

    @Test(arguments: [
        ("../../etc/passwd", "passwd"), ("C:\\Windows\\evil.exe", "evil.exe"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie x.jpg"),
        ("photo\u{202E}gpj.exe", "photogpj.exe"), ("", "file"), ("..", "file"), ("\"quoted\".png", "quoted.png"),
        ("Grüße 1.jpg", "Grüße 1.jpg"), ("\0\u{7F}", "file"),
    ])
    func aNameIsOneName(_ given: String, _ kept: String) {
        #expect(AttachedFile.clean(given) == kept)
        let long = AttachedFile.clean(String(repeating: "x", count: 4_000) + ".jpeg")
        #expect(long.count == 100 && long.hasSuffix(".jpeg"), "\(long)")
        let marks = AttachedFile.clean("e" + String(repeating: "\u{301}", count: 5_000) + ".jpg")
        #expect(marks.unicodeScalars.count == 100 && marks.hasSuffix(".jpg"))
    }

    @Test func aNameNeverSaysMoreThanTheBytes() throws {
        func name(_ name: String, _ bytes: [UInt8]) -> String {
            let file = AttachedFile(name: name, bytes: bytes)
            return InquiryFile(
                number: 1, inquiry: 1, name: file.name, kind: file.kind, size: 1, digest: "", fault: nil,
                isErased: false
            ).safeName
        }
        #expect(name("photo.JPG", Self.photo) == "photo.JPG" && name("photo", Self.photo) == "photo.jpg")
        #expect(name("photo.jpg", Array("<html><script></script>".utf8)) == "photo.jpg.bin")
        #expect(name("setup.exe", Array("MZ\u{90}\0".utf8)) == "setup.exe.bin")
        #expect(name("page.html", Array("<html>".utf8)) == "page.html.bin")
        #expect(name("list.docx", Array("PK\u{3}\u{4}".utf8)) == "list.docx")
        #expect(name("photo.png", Self.photo) == "photo.png.jpg")
    }

    @Test func whatIsKeptIsBoundedAndSaysWhatWasNot() async throws {
        let inbox = try await Inbox()
        var draft = inbox.draft("a", "the pump broke [device_complaint]")
        let big = [UInt8](repeating: 7, count: 8 * 1_048_576)
        draft.files =
            [
                AttachedFile(name: "photo.jpg", bytes: Self.photo),
                AttachedFile(name: "huge.jpg", bytes: [UInt8](repeating: 1, count: AttachedFile.longest + 1)),
                AttachedFile(name: "a.bin", bytes: big), AttachedFile(name: "b.bin", bytes: big),
                AttachedFile(name: "c.bin", bytes: big), AttachedFile(name: "cut.jpg", bytes: Self.photo, isCut: true),
            ] + (0..<12).map { AttachedFile(name: "\($0).jpg", bytes: Self.photo) }
        let receipt = try await inbox.desk().take(draft)
        let files = try await inbox.ledger.files(ofInquiry: receipt.number, seenBy: .all)
        #expect(files.count == 18)
        #expect(
            files.prefix(6).map(\.fault) == [nil, .tooLarge, nil, nil, .tooLarge, .cut])
        #expect(files.count(where: \.isKept) == AttachedFile.most && files.last?.fault == .tooMany)
        let found = try #require(
            try await inbox.ledger.file(files[0].number, ofInquiry: receipt.number, seenBy: safety))
        #expect(found.bytes == Self.photo && found.file.kind == .jpeg && found.file.digest.count == 64)
        #expect(try await inbox.ledger.file(files[1].number, ofInquiry: receipt.number, seenBy: safety) == nil)
        // Of another inquiry the number says nothing.
        let other = try await inbox.desk().take(inbox.draft("b", "x [price]"))
        #expect(try await inbox.ledger.file(files[0].number, ofInquiry: other.number, seenBy: .all) == nil)
        let trail = try await inbox.ledger.auditTrail(subject: "inquiry:\(receipt.number)")
        #expect(trail.filter { $0.action == "inquiry.file_taken" }.map(\.actor) == ["user:5"])
        // The same message again is one; with another file it is another message.
        #expect(try await !inbox.desk().take(draft).isNew)
        draft.files[0] = AttachedFile(name: "photo.jpg", bytes: Self.photo + [1])
        await #expect(throws: Diagnostic.self) { try await inbox.desk().take(draft) }
    }

    @Test func aFileIsSeenByWhomItsWordsAreSeen() async throws {
        let inbox = try await Inbox()
        func ask(_ id: String, _ text: String) async throws -> (Int64, Int64) {
            var draft = inbox.draft(id, text)
            draft.files = [AttachedFile(name: "photo.jpg", bytes: Self.photo)]
            let number = try await inbox.desk().take(draft).number
            return (number, try #require(try await inbox.ledger.files(ofInquiry: number, seenBy: .all).first).number)
        }
        let medical = try await ask("a", "rash [dosing][adverse_event]")
        let order = try await ask("b", "please send [order]")
        let rep = InquiryStoreTests.sight([.rep, .insideSales], reps: ["r1"])
        let stranger = InquiryStoreTests.sight([.rep, .insideSales], reps: ["r9"])
        func sees(_ sight: InquirySight, _ which: (Int64, Int64)) async throws -> Bool {
            let one = try await inbox.ledger.file(which.1, ofInquiry: which.0, seenBy: sight) != nil
            let list = try await inbox.ledger.files(ofInquiries: [which.0], seenBy: sight)[which.0] != nil
            #expect(one == list)
            return one
        }
        #expect(try await sees(rep, order))
        for (sight, which) in [(rep, medical), (stranger, order)] { #expect(try await sees(sight, which) == false) }
        #expect(try await sees(safety, medical))
    }

    @Test func aFileGoesWithItsInquiryAndNotBefore() async throws {
        let inbox = try await Inbox()
        var draft = inbox.draft("<a@x.example>", "secretword [adverse_event]", from: "who@x.example")
        draft.files = [AttachedFile(name: "secretword.jpg", bytes: Self.photo + Array("secretbytes".utf8))]
        let number = try await inbox.desk().take(draft).number
        let file = try #require(try await inbox.ledger.files(ofInquiry: number, seenBy: safety).first)
        #expect(
            try await inbox.ledger.eraseSubject("h1", addresses: [(.email, "who@x.example")], by: .system).heldReports
                == 1)
        #expect(try await inbox.ledger.file(file.number, ofInquiry: number, seenBy: safety)?.bytes.count == 25)
        for sql in [
            "DELETE FROM inquiry_file", "UPDATE inquiry_file SET name = 'x'",
            "UPDATE inquiry_file SET name = '', content = NULL, digest = X'', erased_at = 1",
        ] {
            await #expect(throws: (any Error).self, "\(sql)") {
                try await inbox.ledger.write { db in try db.execute(sql: sql) }
            }
        }
        let flag = try #require(try await inbox.ledger.inquiry(number, seenBy: safety)?.flags.first)
        try await inbox.ledger.settleSafety(flag: flag.number, to: .reported, words: "AE-7", seenBy: safety)
        let left = try #require(try await inbox.ledger.files(ofInquiry: number, seenBy: safety).first)
        #expect(left.isErased && left.name.isEmpty && left.digest.isEmpty && left.size == file.size)
        #expect(try await inbox.ledger.file(file.number, ofInquiry: number, seenBy: safety) == nil)
        let bytes = try await inbox.ledger.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM inquiry_file").map { "\($0)" }.joined()
        }
        #expect(!bytes.contains("secret"))
        // A source that delivers it again does not bring it back.
        let again = try await inbox.desk().take(draft)
        #expect(!again.isNew && again.number == number)
        #expect(try await inbox.ledger.files(ofInquiry: number, seenBy: safety).count == 1)
    }

    /// A report that a source tells of somebody who was erased before: for safety alone, and emptied when it is settled.
    @Test func aReportOfAnErasedPersonWaitsForSafetyAlone() async throws {
        let inbox = try await Inbox()
        _ = try await inbox.ledger.eraseSubject("h1", by: .system)
        let before = try await inbox.ledger.events(after: 0, limit: 10).count
        var draft = inbox.draft("n-1", "secretword [device_complaint]", from: "who@x.example", source: "source:crm")
        draft.isOfErased = true
        let receipt = try await inbox.desk().take(draft)
        #expect(receipt.isNew && receipt.safetyDueAt != nil)
        let held = try #require(try await inbox.ledger.inquiry(receipt.number, seenBy: safety))
        #expect(held.heldSince != nil && held.isMedical && held.queue == .safety && held.flags.count == 1)
        #expect(
            try await inbox.ledger.inquiry(receipt.number, seenBy: InquiryStoreTests.sight([.service, .rep])) == nil)
        // No journey hears of somebody who is gone.
        #expect(try await inbox.ledger.events(after: 0, limit: 10).count == before)
        try await inbox.ledger.settleSafety(
            flag: held.flags[0].number, to: .dismissed, words: "known", seenBy: safety)
        #expect(try await inbox.ledger.inquiry(receipt.number, seenBy: .all)?.body.isEmpty == true)
        #expect(try await !inbox.desk().take(draft).isNew)
    }

    @Test func openSafetyDeadlinesStandFirstInEveryList() async throws {
        let inbox = try await Inbox()
        // The answer of the flagged one is due last: medical, of low urgency, has three days.
        let price = try await inbox.desk().take(inbox.draft("a", "how much [price][high]"))
        let order = try await inbox.desk().take(inbox.draft("b", "forty sets [order]"))
        let mild = try await inbox.desk().take(inbox.draft("c", "a rash [dosing][adverse_event]"))
        let grave = try await inbox.desk().take(inbox.draft("d", "died [dosing][adverse_event][serious]"))
        var filter = InquiryFilter()
        func list(_ filter: InquiryFilter) async throws -> [Int64] {
            try await inbox.ledger.inquiries(filter, seenBy: .all).rows.map(\.number)
        }
        #expect(mild.dueAt > price.dueAt && grave.dueAt > price.dueAt)
        #expect(try await list(filter) == [grave.number, mild.number, price.number, order.number])
        filter.stage = .all
        #expect(try await Array(list(filter).prefix(2)) == [grave.number, mild.number])
        let flag = try #require(try await inbox.ledger.inquiry(grave.number, seenBy: safety)?.flags.first)
        try await inbox.ledger.settleSafety(flag: flag.number, to: .reported, words: "AE-1", seenBy: safety)
        filter.stage = .open
        // What is settled stands where its answer is due.
        #expect(try await list(filter) == [mild.number, price.number, order.number, grave.number])
    }
}
