internal import Definitions
internal import EngagementModel

/// What is wrong with a library as a whole: parts that do not fit together.
struct LibraryCheck {
    private let library: Library
    private var found: [Diagnostic] = []

    static func faults(in library: Library) -> [Diagnostic] {
        var check = LibraryCheck(library: library)
        for id in library.modules.keys.sorted() { library.modules[id].map { check.module($0) } }
        for id in library.messages.keys.sorted() { library.messages[id].map { check.message($0) } }
        for key in library.keys { check.words(key) }
        return check.found
    }

    private init(library: Library) { self.library = library }

    private mutating func report(_ code: String, _ message: String, _ head: PartHead, remedy: String? = nil) {
        found.append(
            Diagnostic(code, "\(head.id): \(message)", file: head.file, line: head.line, column: 1, remedy: remedy))
    }

    /// Reports at the place of a word in one of some texts.
    private mutating func report(
        _ code: String, _ message: String, at word: String, in texts: [LocatedText], or head: PartHead,
        remedy: String? = nil
    ) {
        for text in texts {
            guard let range = text.string.firstRange(of: word) else { continue }
            let offset = text.string.distance(from: text.string.startIndex, to: range.lowerBound)
            let place = text.place(offset)
            found.append(
                Diagnostic(code, message, file: text.file, line: place.line, column: place.column, remedy: remedy))
            return
        }
        report(code, message, head, remedy: remedy)
    }

    // MARK: Parts

    private mutating func module(_ part: ModulePart) {
        for language in Set(part.variants.map(\.language)).sorted() {
            let variants = part.variants.filter { $0.language == language }
            if !variants.contains(where: \.audience.isEverybody) {
                report(
                    "no_default_variant", "has no variant for everybody in \(language)", part.head,
                    remedy: "add one without `for:`")
            }
            if variants.count(where: \.audience.isEverybody) > 1 {
                report("two_defaults", "has two variants for everybody in \(language)", part.head)
            }
            for variant in variants {
                for id in variant.claims { claim(id, language, cited: variant.words, by: part.head) }
                for id in variant.offers { offer(id, language, part.head) }
            }
        }
    }

    private mutating func claim(_ id: String, _ language: String, cited texts: [LocatedText], by head: PartHead) {
        guard let claim = library.claims[id] else {
            let near = nearest(id, Array(library.claims.keys)).map { "did you mean `\($0)`?" }
            return report(
                "unknown_claim", "there is no claim \(id)", at: "{{claim \(id)", in: texts, or: head,
                remedy: near ?? "define it in content/claims")
        }
        if claim.texts[language] == nil {
            report(
                "no_translation", "the claim \(id) has no text in \(language)", at: "{{claim \(id)", in: texts,
                or: head,
                remedy: "add `\(language):` to its text")
        }
        if let product = claim.head.product, let own = head.product, product != own {
            report(
                "other_product", "the claim \(id) is about \(product), the text about \(own)", at: "{{claim \(id)",
                in: texts, or: head)
        }
    }

    private mutating func offer(_ id: String, _ language: String, _ head: PartHead) {
        guard let offer = library.offers[id] else {
            let near = nearest(id, Array(library.offers.keys)).map { "did you mean `\($0)`?" }
            return report(
                "unknown_offer", "there is no offer \(id)", head, remedy: near ?? "define it in content/offers")
        }
        if offer.words[language] == nil {
            report("no_translation", "the offer \(id) has no text in \(language)", head)
        }
    }

    // MARK: Messages

    private mutating func message(_ message: MessagePlan) {
        let head = message.head
        if message.subjects.isEmpty { return }
        template(message)
        for (slot, modules) in message.slots.sorted(by: { $0.key < $1.key }) {
            for id in modules where library.modules[id] == nil {
                let near = nearest(id, Array(library.modules.keys)).map { "did you mean `\($0)`?" }
                report(
                    "unknown_module", "the slot \(slot) names \(id), which is no module", head,
                    remedy: near ?? "define it in content/modules")
            }
        }
        for language in message.languages {
            self.message(message, in: language)
        }
    }

    private mutating func message(_ message: MessagePlan, in language: String) {
        let head = message.head
        let subjects = message.subjects[language] ?? []
        if subjects.count(where: \.audience.isEverybody) != 1 {
            report("no_default_variant", "needs exactly one subject for everybody in \(language)", head)
        }
        for subject in subjects {
            for id in subject.text.claims { claim(id, language, cited: [subject.words], by: head) }
        }
        for id in message.modules {
            guard let module = library.modules[id] else { continue }
            if !module.variants.contains(where: { $0.language == language }) {
                report(
                    "no_translation", "the module \(id) has no variant in \(language)", head,
                    remedy: "translate it, or leave \(language) out of the subject")
            }
        }
        if let template = message.template, let found = library.template(template, language) {
            for id in found.body.claims { claim(id, language, cited: [found.words].compactMap { $0 }, by: found.head) }
            let cites = library.uses(of: message, language).contains { $0.kind == .claim }
            if cites, !found.body.hasReferences {
                report(
                    "missing_reference", "cites claims, and the template \(template) shows no references", head,
                    remedy: "put {{references}} into the template")
            }
        } else if message.template != nil, library.templates[message.template ?? ""] != nil {
            report("no_translation", "the template has no form for \(language)", head)
        }
        let sendsMail = message.channels.contains(.email) || message.channels.contains(.emailRep)
        if sendsMail, !message.purpose.skipsPromotionalPolicy, !letsGo(message, language) {
            report(
                "no_unsubscribe", "shows no way to unsubscribe (\(language))", head,
                remedy: "link {{unsubscribe_url}} in its template, or in every variant of one of its modules")
        }
        if Clearance.countries(of: message, language, in: library) == nil {
            report("no_country", "its parts share no country in which all may be used (\(language))", head)
        }
    }

    /// Whether every reader of a message finds a way to unsubscribe.
    private func letsGo(_ message: MessagePlan, _ language: String) -> Bool {
        if let template = message.template.flatMap({ library.template($0, language) }),
            template.body.links(.unsubscribeURL)
        {
            return true
        }
        return message.modules.contains { id in
            let variants = library.modules[id]?.variants.filter { $0.language == language } ?? []
            return !variants.isEmpty
                && variants.allSatisfy { variant in
                    variant.blocks.contains { block in
                        switch block {
                        case .html(let nodes): nodes.links(.unsubscribeURL)
                        case .button(_, let link): link.pieces == [.field(.unsubscribeURL, otherwise: nil)]
                        default: false
                        }
                    }
                }
        }
    }

    private mutating func template(_ message: MessagePlan) {
        let head = message.head
        let sendsMail = message.channels.contains(.email) || message.channels.contains(.emailRep)
        guard let id = message.template else {
            if sendsMail { report("no_template", "an e-mail needs a template", head, remedy: "add `template:`") }
            if message.slots.keys.contains(where: { $0 != "body" }) {
                report("unknown_slot", "without a template there is one slot, body", head)
            }
            return
        }
        guard let forms = library.templates[id], let form = forms.values.min(by: { $0.language < $1.language }) else {
            let near = nearest(id, Array(library.templates.keys)).map { "did you mean `\($0)`?" }
            return report(
                "unknown_template", "there is no template \(id)", head,
                remedy: near ?? "add content/templates/\(id).html")
        }
        let slots = Set(form.body.slots)
        for slot in message.slots.keys.sorted() where !slots.contains(slot) {
            report(
                "unknown_slot", "the template \(id) has no slot \(slot)", head,
                remedy: "its slots are \(slots.sorted().joined(separator: ", "))")
        }
        for slot in slots.sorted() where message.slots[slot] == nil {
            report(
                "empty_slot", "the slot \(slot) of the template \(id) is not filled", head, remedy: "add it to `slots:`"
            )
        }
    }

    private mutating func words(_ key: PartKey) {
        for finding in library.restrictedWords(in: key) {
            let place =
                finding.countries.isEmpty ? "everywhere" : "in \(finding.countries.sorted().joined(separator: ", "))"
            found.append(
                Diagnostic(
                    "restricted_word",
                    "\(key): “\(finding.word)” is restricted \(place)" + (finding.cause.map { ": \($0)" } ?? ""),
                    file: finding.file, line: finding.line, column: finding.column,
                    remedy: "say it in other words, or narrow the part's countries"))
        }
    }
}

extension [MarkupNode] {
    /// Whether the tree shows the list of references.
    var hasReferences: Bool {
        contains { node in
            switch node {
            case .references: true
            case .element(let element): element.children.hasReferences
            case .text, .slot: false
            }
        }
    }

    /// Whether a link of the tree leads to a field's address.
    func links(_ field: Field) -> Bool {
        contains { node in
            guard case .element(let element) = node else { return false }
            let isLink = element.attributes.contains {
                $0.name == "href" && $0.value.pieces.first == .field(field, otherwise: nil)
            }
            return isLink || element.children.links(field)
        }
    }
}
