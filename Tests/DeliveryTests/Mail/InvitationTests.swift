import EngagementModel
import Foundation
import Testing

@testable import Delivery

struct InvitationTests {
    private func invitation(_ change: (inout Invitation) -> Void = { _ in }) -> Invitation {
        var invitation = Invitation(
            uid: "visit-17@engage.example.com", sequence: 2, title: "Gespräch, Daten; Fragen",
            details: "Zeile 1\nZeile 2 \\ Ende", place: "Praxis", link: "https://example.com/call",
            startsAt: 1_774_683_000_000_000, endsAt: 1_774_684_800_000_000, zone: "Europe/Berlin",
            organiser: "rep@example.com", organiserName: "Rita \"Rep\"\r\nX:1", attendee: "ada@hospital.example")
        change(&invitation)
        return invitation
    }

    @Test func linesAreFoldedAndValuesEscaped() throws {
        let bytes = try invitation { $0.title = String(repeating: "Änderung 中文 🙂, ", count: 20) }.bytes(at: 0)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.replacing("\r\n", with: "").contains(where: { $0 == "\n" || $0 == "\r" }))
        for line in text.components(separatedBy: "\r\n") { #expect(line.utf8.count <= 75) }
        let unfolded = text.replacing("\r\n ", with: "")
        #expect(unfolded.contains("SUMMARY:Änderung 中文 🙂\\, Änderung"))
        #expect(unfolded.contains("DESCRIPTION:Zeile 1\\nZeile 2 \\\\ Ende"))
        #expect(unfolded.contains("ORGANIZER;CN=\"Rita RepX:1\":mailto:rep@example.com"))
        #expect(try invitation().bytes(at: 0) == invitation().bytes(at: 0))
    }

    @Test func aZoneComesWithItsOffsetsOnBothSidesOfAChange() throws {
        // Saturday 28 March 2026, 08:30 in Berlin, the day before summer time; and the week after.
        let winter = String(decoding: try invitation().bytes(at: 0), as: UTF8.self)
        #expect(winter.contains("DTSTART;TZID=Europe/Berlin:20260328T083000"))
        #expect(winter.contains("TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100"))
        let week: Int64 = 7 * 86_400_000_000
        let summer = String(
            decoding: try invitation {
                $0.startsAt += week
                $0.endsAt += week
            }.bytes(at: 0), as: UTF8.self)
        #expect(summer.contains("DTSTART;TZID=Europe/Berlin:20260404T093000"))
        #expect(summer.contains("BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200"))
        let fixed = String(decoding: try invitation { $0.zone = "UTC" }.bytes(at: 0), as: UTF8.self)
        #expect(fixed.contains("DTSTART:20260328T073000Z") && !fixed.contains("VTIMEZONE"))
    }

    @Test func anEndIsCalledOffAndTheMethodStandsInTheMail() async throws {
        let office = try await Office()
        let cancel = invitation { $0.method = .cancel }
        #expect(String(decoding: try cancel.bytes(at: 0), as: UTF8.self).contains("METHOD:CANCEL\r\n"))
        #expect(String(decoding: try cancel.bytes(at: 0), as: UTF8.self).contains("STATUS:CANCELLED\r\n"))
        let parcel = try await office.parcel(
            content: .init(address: "h0@hospital.example", message: Office.letter, invitation: cancel))
        let read = MIMEPart(try office.writer().mail(parcel, at: 0).bytes)
        let part = try #require(read.parts.first { $0.type == "text/calendar" })
        #expect(part.parameters["method"] == "CANCEL")
        #expect(try part.decoded == cancel.bytes(at: 0))
        #expect(throws: Diagnostic.self) { try invitation { $0.zone = "Mars/Olympus" }.bytes(at: 0) }
        #expect(throws: Diagnostic.self) { try invitation { $0.endsAt = $0.startsAt }.bytes(at: 0) }
    }
}
