package import EngagementModel

/// Rules of review that hold for the whole library: `content/review.yaml`.
package struct ReviewPolicy: Sendable, Hashable {
    package struct RestrictedWord: Sendable, Hashable {
        package var text: String
        /// Empty = in every country.
        package var countries: Set<String>
        /// nil = in every language.
        package var language: String?
        package var cause: String?

        package init(_ text: String, countries: Set<String> = [], language: String? = nil, cause: String? = nil) {
            self.text = text
            self.countries = countries
            self.language = language
            self.cause = cause
        }
    }
    /// Countries in which anything is used; what is allowed "everywhere" is allowed in these.
    package var countries: Set<String> = []
    /// Which languages may stand in for one that a message does not have, in order.
    package var fallback: [String: [String]] = [:]
    package var restricted: [RestrictedWord] = []

    package init() {}

    /// The languages to try for a reader, the own first.
    package func chain(_ language: String) -> [String] {
        [language] + (fallback[language] ?? []).filter { $0 != language }
    }

    /// Other languages whose readers may get a text in this one.
    package func standsIn(for language: String) -> [String] {
        fallback.keys.filter { $0 != language && fallback[$0]?.contains(language) ?? false }.sorted()
    }
}

/// Everything that messages are made of.
package struct Library: Sendable, Hashable {
    package var review = ReviewPolicy()
    package var claims: [String: ClaimPart] = [:]
    package var modules: [String: ModulePart] = [:]
    /// By id, then language.
    package var templates: [String: [String: TemplatePart]] = [:]
    package var offers: [String: OfferPart] = [:]
    package var messages: [String: MessagePlan] = [:]
    /// Contents of the sources; one whose id is a message's does not count.
    package var sources: [String: SourceContent] = [:]

    package init() {}

    /// The template of a message in a language: the one written for it, else the one without words.
    package func template(_ id: String, _ language: String) -> TemplatePart? {
        templates[id]?[language] ?? templates[id]?[""]
    }

    /// Keys of everything that a message may show in a language, whatever the reader: what has to be approved.
    ///
    /// The message itself comes first; parts that the library lacks are in the list too.
    package func uses(of message: MessagePlan, _ language: String) -> [PartKey] {
        var keys = [PartKey(.message, message.head.id, language)]
        var seen = Set(keys)
        func add(_ key: PartKey) {
            if seen.insert(key).inserted { keys.append(key) }
        }
        var claims = (message.subjects[language] ?? []).flatMap(\.text.claims)
        if let template = message.template {
            let found = self.template(template, language)
            add(PartKey(.template, template, found?.language ?? language))
            claims += found?.body.claims ?? []
        }
        for id in message.modules {
            add(PartKey(.module, id, language))
            for variant in modules[id]?.variants ?? [] where variant.language == language {
                claims += variant.claims
                for offer in variant.offers { add(PartKey(.offer, offer, language)) }
            }
        }
        for claim in claims { add(PartKey(.claim, claim, language)) }
        return keys
    }

    /// What a part says about itself; nil when the library does not have it.
    package func head(of key: PartKey) -> PartHead? {
        switch key.kind {
        case .claim: claims[key.id].flatMap { $0.texts[key.language] == nil ? nil : $0.head }
        case .module:
            modules[key.id].flatMap { part in
                part.variants.contains { $0.language == key.language } ? part.head : nil
            }
        case .template: templates[key.id]?[key.language]?.head
        case .offer: offers[key.id].flatMap { $0.words[key.language] == nil ? nil : $0.head }
        case .message: messages[key.id].flatMap { $0.subjects[key.language] == nil ? nil : $0.head }
        }
    }

    /// Every part in every language, in the order of kinds and ids.
    package var keys: [PartKey] {
        var keys: [PartKey] = []
        for (id, part) in claims { keys += part.texts.keys.map { PartKey(.claim, id, $0) } }
        for (id, part) in modules { keys += Set(part.variants.map(\.language)).map { PartKey(.module, id, $0) } }
        for (id, parts) in templates { keys += parts.keys.map { PartKey(.template, id, $0) } }
        for (id, part) in offers { keys += part.words.keys.map { PartKey(.offer, id, $0) } }
        for (id, part) in messages { keys += part.subjects.keys.map { PartKey(.message, id, $0) } }
        return keys.sorted()
    }

    /// Messages that use a part, in the order of ids.
    package func users(of key: PartKey) -> [PartKey] {
        messages.values.flatMap { message in
            message.languages.filter { uses(of: message, $0).dropFirst().contains(key) }
                .map { PartKey(.message, message.head.id, $0) }
        }.sorted()
    }
}

extension ModulePart.Variant {
    package var claims: [String] {
        blocks.flatMap { block -> [String] in
            switch block {
            case .heading(let phrase), .text(let phrase): phrase.claims
            case .list(let phrases): phrases.flatMap(\.claims)
            case .html(let nodes): nodes.claims
            case .image, .button, .offer: []
            }
        }
    }

    package var offers: [String] {
        blocks.compactMap { if case .offer(let id) = $0 { id } else { nil } }
    }
}
