internal import Definitions
internal import EngagementModel

extension LibraryReader {
    mutating func claim(_ yaml: YAMLReader) {
        let head = head(yaml)
        let texts = byLanguage(yaml, "text")
        let references = yaml.mappings("references").compactMap { item -> ClaimPart.Reference? in
            let (id, text, url) = (item.required("id"), item.required("text"), item.string("url"))
            item.finish()
            if let url, !SafeLink.isSafe(url) {
                item.report("url", "bad_link", "an https address in ASCII is expected")
            }
            guard let id, let text else { return nil }
            return .init(id: id, text: text, url: url)
        }
        if texts.isEmpty { yaml.report("text", "missing_key", "a claim has a text in one language at least") }
        for text in texts.values where text.string.contains("{{") {
            log.report(
                "misplaced_field", "a claim is the same for everybody: it has no fields", in: text,
                remedy: "put the field into a module")
        }
        if references.isEmpty {
            yaml.report(
                "references", "missing_reference", "a claim rests on one reference at least",
                remedy: "add `references: [{id: …, text: …}]`")
        }
        yaml.finish()
        guard let head, isNew(library.claims[head.id]?.head, yaml) else { return }
        var part = ClaimPart(head: head)
        part.references = references
        part.texts = texts
        library.claims[head.id] = part
    }

    mutating func module(_ yaml: YAMLReader) {
        let head = head(yaml)
        let variants = yaml.mappings("variants").compactMap { item -> ModulePart.Variant? in
            let language = item.required("language")
            let audience = audience(item, "for")
            var words: [LocatedText] = []
            let blocks = item.mappings("blocks").compactMap { block($0, &words) }
            if blocks.isEmpty { item.report("blocks", "missing_key", "a variant has one block at least") }
            item.finish()
            guard let language, isLanguage(language, item, "language") else { return nil }
            var variant = ModulePart.Variant(language: language, audience: audience, blocks: blocks)
            variant.words = words
            return variant
        }
        if variants.isEmpty { yaml.report("variants", "missing_key", "a module has one variant at least") }
        yaml.finish()
        guard let head, isNew(library.modules[head.id]?.head, yaml) else { return }
        var part = ModulePart(head: head)
        part.variants = variants
        library.modules[head.id] = part
    }

    private func block(_ yaml: YAMLReader, _ words: inout [LocatedText]) -> ModulePart.Block? {
        let known = ["heading", "text", "list", "html", "image", "button", "offer"]
        guard yaml.keys.contains(where: known.contains) else {
            let place = yaml.start
            log.append([
                Diagnostic(
                    "unknown_block", "a block is none of \(known.joined(separator: ", "))", file: yaml.file,
                    line: place.line, column: place.column)
            ])
            return nil
        }
        defer { yaml.finish() }
        func phrase(_ key: String) -> Phrase? {
            guard let text = yaml.located(key) else { return nil }
            words.append(text)
            return PhraseReader.phrase(text, log: log)
        }
        if yaml.has("heading") { return phrase("heading").map { .heading($0) } }
        if yaml.has("text") { return phrase("text").map { .text($0) } }
        if yaml.has("list") {
            let items = yaml.locatedList("list")
            words += items
            return .list(items.map { PhraseReader.phrase($0, log: log) })
        }
        if yaml.has("html") {
            guard let text = yaml.located("html") else { return nil }
            words.append(text)
            return .html(MarkupReader.read(text, scope: .fragment, log: log))
        }
        if yaml.has("image") {
            guard let inner = yaml.mapping("image") else { return nil }
            let (source, alternative) = (inner.required("src"), inner.located("alt"))
            let width = inner.integer("width", 1...2000)
            inner.finish()
            if let source, !SafeLink.isSafe(source) {
                inner.report("src", "bad_link", "an https address in ASCII is expected")
                return nil
            }
            guard let alternative else {
                inner.report("alt", "missing_key", "is required", remedy: "say what the image shows")
                return nil
            }
            words.append(alternative)
            return source.map {
                .image(source: $0, alternative: PhraseReader.phrase(alternative, log: log), width: width)
            }
        }
        if yaml.has("button") {
            guard let inner = yaml.mapping("button") else { return nil }
            let (title, link) = (inner.located("text"), inner.located("url"))
            inner.finish()
            guard let title, let link else {
                yaml.report("button", "missing_key", "a button has text and url")
                return nil
            }
            words.append(title)
            let target = PhraseReader.phrase(link, log: log)
            if let why = MarkupRules.fault(in: target, of: "href") {
                log.report(
                    "bad_link", why, in: link, remedy: "begin with https://, or use a field such as {{event_url}}")
            }
            return .button(title: PhraseReader.phrase(title, log: log), link: target)
        }
        return yaml.string("offer").map { .offer($0) }
    }

    mutating func offer(_ yaml: YAMLReader) {
        let head = head(yaml)
        let kind = yaml.choice("kind", OfferPart.Kind.self)
        if !yaml.has("kind") { yaml.report("kind", "missing_key", "is required") }
        let audience = audience(yaml, "for")
        let link = yaml.located("link")
        let (texts, terms) = (byLanguage(yaml, "text"), byLanguage(yaml, "terms"))
        if texts.isEmpty { yaml.report("text", "missing_key", "an offer has a text in one language at least") }
        for text in Array(texts.values) + Array(terms.values) where text.string.contains("{{") {
            log.report("misplaced_field", "an offer's words have no fields", in: text)
        }
        yaml.finish()
        let target = link.map { PhraseReader.phrase($0, log: log) }
        if let link, let target, let why = MarkupRules.fault(in: target, of: "href") {
            log.report("bad_link", why, in: link)
        }
        guard let head, let kind, isNew(library.offers[head.id]?.head, yaml) else { return }
        var part = OfferPart(head: head, kind: kind)
        part.audience = audience
        part.link = target
        for (language, text) in texts { part.words[language] = .init(text: text, terms: terms[language]) }
        library.offers[head.id] = part
    }

    mutating func message(_ yaml: YAMLReader) {
        let head = head(yaml, idKey: "content_id")
        let purpose = yaml.choice("purpose", Purpose.self)
        if !yaml.has("purpose") { yaml.report("purpose", "missing_key", "is required") }
        var channels: Set<Channel> = []
        for name in yaml.strings("channels") ?? [] {
            if let group = Channel.group(name) {
                channels.formUnion(group)
            } else {
                let all = Channel.allCases.map(\.rawValue)
                yaml.report(
                    "channels", "unknown_channel", "`\(name)` is no channel",
                    remedy: nearest(name, all).map { "did you mean `\($0)`?" })
            }
        }
        if channels.isEmpty { yaml.report("channels", "missing_key", "a message names one channel at least") }
        let audience = audience(yaml, "audience")
        let (topic, format, template) = (yaml.string("topic"), yaml.string("format"), yaml.string("template"))
        var slots: [String: [String]] = [:]
        if let inner = yaml.mapping("slots") {
            for name in inner.keys { slots[name] = inner.strings(name) ?? [] }
        }
        let subjects = subjects(yaml)
        yaml.finish()
        guard let head, let purpose, isNew(library.messages[head.id]?.head, yaml, "content_id") else { return }
        var part = MessagePlan(head: head, purpose: purpose, channels: channels)
        (part.topic, part.format, part.template) = (topic, format, template)
        part.audience = audience
        part.slots = slots
        part.subjects = subjects
        library.messages[head.id] = part
    }

    /// `subject: {en: One for all, de: [{for: {specialty: cardiology}, text: …}, {text: …}]}`
    private func subjects(_ yaml: YAMLReader) -> [String: [MessagePlan.Subject]] {
        guard let inner = yaml.mapping("subject") else {
            if !yaml.has("subject") {
                yaml.report("subject", "missing_key", "is required", remedy: "add `subject: {en: …}`")
            }
            return [:]
        }
        var result: [String: [MessagePlan.Subject]] = [:]
        for language in inner.keys {
            isLanguage(language, inner, language)
            if inner.isList(language) {
                result[language] = inner.mappings(language).compactMap { item in
                    let audience = audience(item, "for")
                    let text = item.located("text")
                    if text == nil { item.report("text", "missing_key", "is required") }
                    item.finish()
                    return text.map { .init(audience: audience, text: PhraseReader.phrase($0, log: log), words: $0) }
                }
            } else if let text = inner.located(language) {
                result[language] = [.init(text: PhraseReader.phrase(text, log: log), words: text)]
            }
        }
        return result
    }

    mutating func template(_ text: String, name: String, path: String) {
        let parts = name.dropLast(".html".count).split(separator: ".", omittingEmptySubsequences: false).map(
            String.init)
        let words = LocatedText(text, file: path)
        guard parts.count <= 2, let id = parts.first, !id.isEmpty else {
            return log.report("bad_file_name", "a template is called name.html or name.language.html", in: words)
        }
        let language = parts.count == 2 ? parts[1] : ""
        let head = PartHead(id: id, title: id, file: path)
        let body = MarkupReader.read(words, scope: .document, log: log)
        var part = TemplatePart(head: head, language: language, body: body)
        part.words = words
        library.templates[id, default: [:]][language] = part
    }
}

/// Reads `review.yaml`.
enum ReviewFile {
    static func read(_ yaml: YAMLReader) -> ReviewPolicy {
        var policy = ReviewPolicy()
        policy.countries = Set(yaml.strings("countries") ?? [])
        if let inner = yaml.mapping("fallback") {
            for language in inner.keys { policy.fallback[language] = inner.strings(language) ?? [] }
        }
        for item in yaml.mappings("restricted_words") {
            let countries = Set(item.strings("countries") ?? [])
            let (language, cause) = (item.string("language"), item.string("cause"))
            let words = item.strings("words") ?? []
            if words.isEmpty { item.report("words", "missing_key", "is required") }
            item.finish()
            policy.restricted += words.map {
                .init($0, countries: countries, language: language, cause: cause)
            }
        }
        yaml.finish()
        return policy
    }
}
