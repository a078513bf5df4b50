import Definitions
import EngagementModel
import Foundation

@testable import Content

/// A library of two languages that shows everything once.
enum Sample {
    static let day = Day("2026-03-02")!

    static let claims = """
        claims:
          - id: CL-1
            title: Fewer events
            product: P1
            countries: [US, DE]
            references:
              - {id: trial, text: "Trial A, 2025.", url: "https://example.org/a"}
              - {id: label, text: Label of the product.}
            text:
              en: Fewer events than with standard of care
              de: Weniger Ereignisse als unter Standardtherapie
          - id: CL-2
            product: P1
            expires: 2027-12-31
            references: [{id: label, text: Label of the product.}]
            text: {en: Once a day, de: Einmal am Tag}
        """

    static let modules = """
        modules:
          - id: M-INTRO
            product: P1
            variants:
              - language: en
                blocks:
                  - heading: "For {{salutation}}"
                  - text: "You asked about it: {{claim CL-1}}."
              - language: en
                for: {specialty: cardiology}
                blocks:
                  - text: "In cardiology: {{claim CL-1}} and {{claim CL-2}}."
              - language: de
                blocks:
                  - text: "Für {{salutation}}: {{claim CL-1}}."
          - id: M-MORE
            variants:
              - language: en
                blocks:
                  - html: |
                      <p>Ask <a href="https://example.org/q?name={{last_name}}">{{rep_name|your representative}}</a>
                      &amp; read on.</p>
                  - list: [One, "Two for {{city|you}}"]
                  - button: {text: Join, url: "{{event_url}}"}
                  - image: {src: "https://example.org/i.png", alt: "Curve for {{specialty|all}}", width: 500}
                  - offer: O-SEAT
              - language: de
                blocks:
                  - text: Mehr dazu.
                  - offer: O-SEAT
        """

    static let offers = """
        offers:
          - id: O-SEAT
            kind: webinar_seat
            for: {stakeholder: clinical}
            link: "{{event_url}}"
            text: {en: Keep a seat, de: Platz sichern}
            terms: {en: For clinicians only., de: Nur für Fachkreise.}
        """

    static let template = """
        <html>
        <head><meta charset="utf-8"><title>{{company}}</title></head>
        <body>
        <p>Dear {{salutation}},</p>
        {{slot body}}
        <div>{{references}}</div>
        <p><a href="{{unsubscribe_url}}">Unsubscribe</a></p>
        </body>
        </html>
        """

    static let messages = """
        messages:
          - content_id: C-1
            title: What is new
            purpose: promotional
            product: P1
            channels: [email, portal]
            audience: {stakeholder: clinical}
            template: letter
            slots: {body: [M-INTRO, M-MORE]}
            subject:
              en:
                - {text: "News for {{last_name}}"}
                - {for: {specialty: cardiology}, text: "Cardiology news for {{last_name}}"}
              de: "Neues für {{last_name}}"
          - content_id: C-2
            purpose: service
            channels: [sms]
            slots: {body: [M-SHORT]}
            subject: {en: Reminder}
        """

    static let short = """
        modules:
          - id: M-SHORT
            variants:
              - language: en
                blocks: [{text: "{{event_title}} at {{event_time}}: {{event_url}}"}]
        """

    static let review = """
        countries: [US, DE, UK, IT]
        fallback: {it: [en]}
        restricted_words:
          - {words: [cure, safe and effective], countries: [DE], language: en, cause: absolute claim}
          - {words: [guaranteed]}
        """

    static var files: [LibraryReader.File] {
        [
            .init("claims/a.yaml", claims), .init("modules/a.yaml", modules), .init("modules/b.yaml", short),
            .init("offers/a.yaml", offers), .init("templates/letter.html", template),
            .init("messages/a.yaml", messages), .init("review.yaml", review),
        ]
    }

    static let library = LibraryReader.read(files).library

    /// Every part approved and released a month ago.
    static func approved(_ library: Library) -> Standings {
        var standings = Standings()
        for key in library.keys {
            guard let record = library.record(of: key) else { continue }
            standings[record.version] = PartStanding(.approvedForDistribution, approvedOn: day - 30)
        }
        return standings
    }

    static let fields: [Field: String] = [
        .salutation: "Dr. Keller", .firstName: "Anna", .lastName: "Keller", .company: "Acme", .eventTitle: "Webinar",
        .eventTime: "18:00", .eventURL: "https://example.org/e/1", .unsubscribeURL: "https://example.org/u/abc",
    ]

    static func request(
        _ id: String = "C-1", language: String = "en", country: String = "US", specialty: String? = nil,
        channel: Channel = .email, fields: [Field: String] = fields
    ) -> AssemblyRequest {
        AssemblyRequest(
            contentID: id, channel: channel,
            reader: Reader(language: language, country: country, specialty: specialty, stakeholder: .clinical),
            day: day,
            fields: fields)
    }

    static func assemble(_ request: AssemblyRequest) -> Result<AssembledMessage, AssemblyRefusal> {
        let library = library
        return Assembly(library: library, standings: approved(library)).assemble(request)
    }

    /// Replaces one file and reads again.
    static func reading(_ name: String, _ text: String) -> LibraryReading {
        LibraryReader.read(files.map { $0.name == name ? .init(name, text) : $0 })
    }
}

/// The 300 injection strings that pages, messages and the browser test share.
let injections: [String] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/injections.json")
    let data = FileManager.default.contents(atPath: file.path) ?? Data()
    return (try? JSONDecoder().decode([String].self, from: data)) ?? []
}()
