import EngagementModel
import Foundation
import Testing

@testable import Content

/// The library that the demo begins with: without mistakes, approved as a whole, every message a letter.
struct DemoLibraryTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Cycle/Templates/demo/content")

    @Test func itIsWithoutMistakesAndEveryPartHasItsApproval() throws {
        let reading = Library.read(at: Self.folder)
        #expect(reading.diagnostics.isEmpty, "\(reading.diagnostics)")
        let data = try #require(FileManager.default.contents(atPath: Self.folder.appending(path: "approvals.csv").path))
        let rows = String(decoding: data, as: UTF8.self).split(separator: "\n").dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(Set(rows.map { $0[0] }) == Set(reading.library.keys.map(\.description)))
        for row in rows {
            let key = try #require(reading.library.keys.first { $0.description == row[0] })
            #expect(reading.library.record(of: key)?.stated ?? "" == row[1])
        }
    }

    @Test func everyMessageIsALetterInEachOfItsLanguages() throws {
        let library = Library.read(at: Self.folder).library
        #expect(library.messages.count >= 28)
        var letters: Set<String> = []
        for message in library.messages.values {
            for language in message.languages {
                for specialty in ["cardiology", "gastroenterology", "orthopaedic_surgery", "family_medicine"] {
                    let country = language == "de" ? "DE" : "US"
                    let reader = Reader(
                        language: language, country: country, specialty: specialty, stakeholder: .clinical)
                    let name = ReaderName(first: "Anna", last: "Keller", credential: "MD", site: "Klinik Nord")
                    let request = AssemblyRequest(
                        contentID: message.head.id, channel: message.channels.contains(.email) ? .email : .portal,
                        reader: reader, day: Day("2026-01-05")!,
                        fields: ReaderName.preview.merging(name.fields(reader)) { $1 })
                    let letter = try Assembly(library: library, standings: .assumed(library)).assemble(request).get()
                    #expect(letter.html?.contains("https://preview.example/unsubscribe") == true)
                    #expect(letter.text.contains("Dr. Keller") && !letter.subject.isEmpty)
                    letters.insert(letter.text)
                }
            }
        }
        // The webinar speaks to cardiologists in their own words.
        #expect(letters.count > library.messages.count + 6)
    }

    @Test func aReaderOfAnotherLanguageGetsOneWholeLetter() throws {
        let library = Library.read(at: Self.folder).library
        let reader = Reader(language: "fr", country: "FR", specialty: "cardiology", stakeholder: .clinical)
        let request = AssemblyRequest(
            contentID: "WEB-P1-INVITE", channel: .email, reader: reader, day: Day("2026-01-05")!,
            fields: ReaderName.preview)
        let letter = try Assembly(library: library, standings: .assumed(library)).assemble(request).get()
        #expect(letter.language == "en" && letter.html?.contains("<html lang=\"en\">") == true)
    }
}
