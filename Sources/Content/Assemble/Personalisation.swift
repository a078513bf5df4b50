internal import EngagementModel

/// What is known of a person by name; becomes the fields of a message.
package struct ReaderName: Sendable, Hashable {
    package var first: String?
    package var last: String?
    package var credential: String?
    package var site: String?
    package var city: String?

    package init(
        first: String? = nil, last: String? = nil, credential: String? = nil, site: String? = nil, city: String? = nil
    ) {
        self.first = first
        self.last = last
        self.credential = credential
        self.site = site
        self.city = city
    }

    private static let doctors: Set<String> = [
        "md", "do", "phd", "dr", "dr med", "dds", "dmd", "mbbs", "mbchb", "frcs",
    ]

    /// Values of the fields that name the reader. `salutation` is the name as it follows a greeting: `Dr. Keller` for
    /// doctors, `Anna Keller` for everybody else; gender is never guessed.
    package func fields(_ reader: Reader) -> [Field: String] {
        var fields: [Field: String] = [:]
        let full = [first, last].compactMap { $0 }.joined(separator: " ")
        let titles = (credential ?? "").lowercased().split { !$0.isLetter && $0 != " " }.map {
            $0.split(separator: " ").joined(separator: " ")
        }
        let isDoctor = titles.contains(where: Self.doctors.contains)
        if let last, isDoctor {
            fields[.salutation] = (reader.language.hasPrefix("en") && reader.country == "UK" ? "Dr " : "Dr. ") + last
        } else if !full.isEmpty {
            fields[.salutation] = full
        }
        fields[.fullName] = full.isEmpty ? nil : full
        (fields[.firstName], fields[.lastName], fields[.credential]) = (first, last, credential)
        (fields[.site], fields[.city]) = (site, city)
        fields[.specialty] = reader.specialty.map { $0.replacing("_", with: " ") }
        return fields
    }

    /// Addresses and an occasion for a look at a message that is not sent.
    package static let preview: [Field: String] = [
        .repName: "Robin Sample", .repPhone: "+1 555 0100", .company: "Preview", .eventTitle: "Sample webinar",
        .eventDate: "14 May", .eventTime: "18:00", .eventSpeaker: "Prof. Sample",
        .eventURL: "https://preview.example/event", .contactURL: "https://preview.example/contact",
        .unsubscribeURL: "https://preview.example/unsubscribe",
        .preferencesURL: "https://preview.example/preferences", .notesURL: "https://preview.example/messages",
    ]
}

extension Standings {
    /// As if everything in the library had been released: for a look before review, never for sending.
    package static func assumed(_ library: Library) -> Standings {
        var all = Standings()
        for key in library.keys {
            guard let record = library.record(of: key) else { continue }
            all[record.version] = PartStanding(.approvedForDistribution)
        }
        return all
    }
}
