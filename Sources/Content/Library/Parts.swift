package import Definitions
package import EngagementModel

/// Whom a variant, an offer or a message is for; an empty set means everybody.
package struct Audience: Sendable, Hashable {
    package var specialties: Set<String> = []
    package var segments: Set<String> = []
    package var stakeholders: Set<Stakeholder> = []

    package init(specialties: Set<String> = [], segments: Set<String> = [], stakeholders: Set<Stakeholder> = []) {
        self.specialties = specialties
        self.segments = segments
        self.stakeholders = stakeholders
    }

    package var isEverybody: Bool { specialties.isEmpty && segments.isEmpty && stakeholders.isEmpty }

    /// How many conditions it names: the narrower of two that fit is taken.
    package var narrowness: Int { [specialties.isEmpty, segments.isEmpty, stakeholders.isEmpty].count { !$0 } }

    package func includes(_ reader: Reader) -> Bool {
        (specialties.isEmpty || reader.specialty.map(specialties.contains) ?? false)
            && (segments.isEmpty || reader.segment.map(segments.contains) ?? false)
            && (stakeholders.isEmpty || reader.stakeholder.map(stakeholders.contains) ?? false)
    }
}

/// What is known of the person who reads a message; only this decides on variants.
package struct Reader: Sendable, Hashable {
    package var specialty: String?
    package var segment: String?
    package var stakeholder: Stakeholder?
    /// BCP 47.
    package var language: String
    package var country: String

    package init(
        language: String, country: String, specialty: String? = nil, segment: String? = nil,
        stakeholder: Stakeholder? = nil
    ) {
        self.language = language
        self.country = country
        self.specialty = specialty
        self.segment = segment
        self.stakeholder = stakeholder
    }
}

/// What every kind of part has.
package struct PartHead: Sendable, Hashable {
    package var id: String
    package var title: String
    /// As stated in the file; nil = the digest is the version.
    package var version: String?
    package var product: String?
    /// Empty = everywhere.
    package var countries: Set<String> = []
    /// The last day on which it may be used.
    package var expires: Day?
    package var file: String
    package var line: Int

    package init(id: String, title: String, file: String = "", line: Int = 1) {
        self.id = id
        self.title = title
        self.file = file
        self.line = line
    }
}

/// A statement about a product, with what it rests on.
package struct ClaimPart: Sendable, Hashable {
    package struct Reference: Sendable, Hashable {
        package var id: String
        package var text: String
        package var url: String?

        package init(id: String, text: String, url: String? = nil) {
            self.id = id
            self.text = text
            self.url = url
        }
    }
    package var head: PartHead
    package var references: [Reference] = []
    /// By language.
    package var texts: [String: LocatedText] = [:]

    package init(head: PartHead) { self.head = head }
}

/// A block of words, built on claims, in variants.
package struct ModulePart: Sendable, Hashable {
    package enum Block: Sendable, Hashable {
        case heading(Phrase)
        case text(Phrase)
        case list([Phrase])
        case html([MarkupNode])
        case image(source: String, alternative: Phrase, width: Int?)
        case button(title: Phrase, link: Phrase)
        case offer(String)
    }
    package struct Variant: Sendable, Hashable {
        package var language: String
        package var audience: Audience
        package var blocks: [Block]
        /// Where the words stand; for findings in them.
        package var words: [LocatedText] = []

        package init(language: String, audience: Audience = Audience(), blocks: [Block]) {
            self.language = language
            self.audience = audience
            self.blocks = blocks
        }
    }
    package var head: PartHead
    package var variants: [Variant] = []

    package init(head: PartHead) { self.head = head }
}

/// The frame of a message, with slots.
package struct TemplatePart: Sendable, Hashable {
    package var head: PartHead
    /// Empty = for every language.
    package var language: String
    package var body: [MarkupNode]
    package var words: LocatedText?

    package init(head: PartHead, language: String = "", body: [MarkupNode]) {
        self.head = head
        self.language = language
        self.body = body
    }
}

/// Something of value beside the words: a sample, a seat, a kit; for those who fulfil its conditions.
package struct OfferPart: Sendable, Hashable {
    package enum Kind: String, ClosedList {
        case sample
        case webinarSeat = "webinar_seat"
        case starterKit = "starter_kit"
        case trial, demo, training, service

        package var title: String {
            let words = rawValue.replacing("_", with: " ")
            return words.prefix(1).uppercased() + words.dropFirst()
        }
    }
    package struct Words: Sendable, Hashable {
        package var text: LocatedText
        /// Conditions as the reader sees them.
        package var terms: LocatedText?
        package init(text: LocatedText, terms: LocatedText? = nil) {
            self.text = text
            self.terms = terms
        }
    }
    package var head: PartHead
    package var kind: Kind
    package var audience = Audience()
    package var link: Phrase?
    package var words: [String: Words] = [:]

    package init(head: PartHead, kind: Kind) {
        self.head = head
        self.kind = kind
    }
}

/// What is sent: a content with an id of its own.
package struct MessagePlan: Sendable, Hashable {
    package struct Subject: Sendable, Hashable {
        package var audience: Audience
        package var text: Phrase
        package var words: LocatedText
        package init(audience: Audience = Audience(), text: Phrase, words: LocatedText) {
            self.audience = audience
            self.text = text
            self.words = words
        }
    }
    package var head: PartHead
    package var purpose: Purpose
    package var topic: String?
    package var format: String?
    package var channels: Set<Channel>
    /// Narrows who may get it: stakeholders and specialties bind the send gate too.
    package var audience = Audience()
    /// nil = plain words without a frame.
    package var template: String?
    package var slots: [String: [String]] = [:]
    package var subjects: [String: [Subject]] = [:]

    package init(head: PartHead, purpose: Purpose, channels: Set<Channel>) {
        self.head = head
        self.purpose = purpose
        self.channels = channels
    }

    package var languages: [String] { subjects.keys.sorted() }
    package var modules: [String] { slots.keys.sorted().flatMap { slots[$0] ?? [] } }
}

/// A content that is not written here: a plain body of the `content` table, approved elsewhere.
package struct SourceContent: Sendable, Hashable {
    package var contentID: String
    package var version: String
    package var title: String
    package var body: String
    package var purpose: Purpose
    package var product: String?
    package var topic: String?
    package var format: String?
    package var channels: Set<Channel>
    package var language: String?
    package var countries: Set<String>
    package var standing: PartStanding

    package init(
        contentID: String, version: String, title: String, body: String, purpose: Purpose, product: String? = nil,
        topic: String? = nil, format: String? = nil, channels: Set<Channel> = [], language: String? = nil,
        countries: Set<String> = [], standing: PartStanding
    ) {
        self.contentID = contentID
        self.version = version
        self.title = title
        self.body = body
        self.purpose = purpose
        self.product = product
        self.topic = topic
        self.format = format
        self.channels = channels
        self.language = language
        self.countries = countries
        self.standing = standing
    }
}
