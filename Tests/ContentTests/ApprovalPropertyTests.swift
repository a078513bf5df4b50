import Definitions
import EngagementModel
import Statistics
import Testing

@testable import Content

/// Random libraries against a brute-force oracle: nothing that is not approved ever shows, and what may go out does.
struct ApprovalPropertyTests {
    /// A library whose every part carries a word of its own, so that a message tells what went into it.
    struct World {
        var library = Library()
        var standings = Standings()
        /// Words of each part by key.
        var marks: [PartKey: String] = [:]
        /// What the oracle knows of each part, drawn before the library was made.
        var truth:
            [PartKey: (
                state: MLRState, from: Day?, until: Day?, ownEnd: Day?, countries: Set<String>, bad: Set<String>
            )] = [:]
        static let languages = ["en", "de"]
        static let countries = ["US", "DE", "UK"]
    }

    static let day = Day("2026-06-15")!

    static func world(_ g: inout SeededGenerator) -> World {
        var w = World()
        w.library.review.countries = Set(World.countries)
        w.library.review.fallback = ["de": ["en"], "it": ["de", "en"]]
        w.library.review.restricted = [.init("forbidden", countries: ["DE"]), .init("never", language: "de")]
        // Mostly approved, so that whole messages come through often enough to mean something.
        func draw(_ kind: PartKind, _ id: String, _ language: String, _ head: inout PartHead) -> String {
            let key = PartKey(kind, id, language)
            let state: MLRState =
                Int.random(in: 0..<14, using: &g) > 0
                ? .approvedForDistribution : MLRState.allCases.randomElement(using: &g)!
            let from = Int.random(in: 0..<10, using: &g) == 0 ? day + Int.random(in: -3...3, using: &g) : nil
            let until = Int.random(in: 0..<10, using: &g) == 0 ? day + Int.random(in: -3...3, using: &g) : nil
            var bad: Set<String> = []
            let mark = "zq\(kind)\(id.filter { $0 != "-" })\(language)qz"
            var text = mark
            if Int.random(in: 0..<25, using: &g) == 0 {
                text += " Forbidden"
                bad.insert("DE")
            }
            if Int.random(in: 0..<25, using: &g) == 0 {
                text += " never"
                if language == "de" || language.isEmpty { bad = ["*"] }
            }
            w.marks[key] = mark
            w.truth[key] = (state, from, until, head.expires, head.countries, bad)
            return text
        }
        func head(_ id: String) -> PartHead {
            var head = PartHead(id: id, title: id)
            if Int.random(in: 0..<12, using: &g) == 0 { head.expires = day + Int.random(in: -2...2, using: &g) }
            if Int.random(in: 0..<8, using: &g) == 0 {
                head.countries = Set(World.countries.filter { _ in Bool.random(using: &g) })
            }
            return head
        }
        for number in 0..<4 {
            let id = "C-\(number)"
            var part = ClaimPart(head: head(id))
            part.references = [.init(id: "r\(number)", text: "reference \(number)")]
            for language in World.languages where Int.random(in: 0..<9, using: &g) > 0 {
                part.texts[language] = LocatedText(draw(.claim, id, language, &part.head))
            }
            w.library.claims[id] = part
        }
        for number in 0..<2 {
            let id = "O-\(number)"
            var part = OfferPart(head: head(id), kind: .sample)
            part.audience = Bool.random(using: &g) ? Audience(specialties: ["a"]) : Audience()
            for language in World.languages {
                part.words[language] = .init(text: LocatedText(draw(.offer, id, language, &part.head)))
            }
            w.library.offers[id] = part
        }
        for number in 0..<4 {
            let id = "M-\(number)"
            var part = ModulePart(head: head(id))
            for language in World.languages where Int.random(in: 0..<9, using: &g) > 0 {
                let text = draw(.module, id, language, &part.head)
                for audience in [Audience(), Audience(specialties: ["a"]), Audience(segments: ["s"])].prefix(
                    Int.random(in: 1...3, using: &g))
                {
                    var blocks: [ModulePart.Block] = [.text(Phrase([.literal(text)]))]
                    if Bool.random(using: &g) {
                        blocks.append(.text(Phrase([.claim("C-\(Int.random(in: 0..<4, using: &g))")])))
                    }
                    if Int.random(in: 0..<3, using: &g) == 0 {
                        blocks.append(.offer("O-\(Int.random(in: 0..<2, using: &g))"))
                    }
                    var variant = ModulePart.Variant(language: language, audience: audience, blocks: blocks)
                    variant.words = [LocatedText(text)]
                    part.variants.append(variant)
                }
            }
            w.library.modules[id] = part
        }
        for language in Bool.random(using: &g) ? [""] : ["en", "de"] {
            var own = head("T")
            let text = draw(.template, "T", language, &own)
            let body: [MarkupNode] = [.text(Phrase(literal: text)), .slot("body"), .references]
            var part = TemplatePart(head: own, language: language, body: body)
            part.words = LocatedText(text)
            w.library.templates["T", default: [:]][language] = part
        }
        for number in 0..<3 {
            let id = "X-\(number)"
            var part = MessagePlan(head: head(id), purpose: .promotional, channels: [.email])
            part.template = "T"
            part.slots["body"] = (0..<Int.random(in: 1...3, using: &g)).map { _ in
                "M-\(Int.random(in: 0..<4, using: &g))"
            }
            for language in World.languages where Int.random(in: 0..<5, using: &g) > 0 {
                let text = draw(.message, id, language, &part.head)
                part.subjects[language] = [.init(text: Phrase(literal: text), words: LocatedText(text))]
            }
            w.library.messages[id] = part
        }
        for (key, truth) in w.truth {
            guard let record = w.library.record(of: key) else { continue }
            w.standings[record.version] = PartStanding(truth.state, approvedOn: truth.from, expiresOn: truth.until)
        }
        return w
    }

    /// Whether one part may be shown, from what was drawn.
    static func mayShow(_ key: PartKey, _ country: String, _ w: World) -> Bool {
        guard let truth = w.truth[key] else { return false }
        return truth.state == .approvedForDistribution && (truth.from ?? day) <= day && (truth.until ?? day) >= day
            && (truth.ownEnd ?? day) >= day && (truth.countries.isEmpty || truth.countries.contains(country))
            && !truth.bad.contains(country) && !truth.bad.contains("*")
    }

    /// Everything that any reader of the message could see, by walking the definitions.
    static func closure(_ message: MessagePlan, _ language: String, _ w: World) -> Set<PartKey> {
        var keys: Set<PartKey> = [PartKey(.message, message.head.id, language)]
        let template = w.library.templates["T"]?[language] == nil ? "" : language
        keys.insert(PartKey(.template, "T", template))
        for module in message.slots["body"] ?? [] {
            keys.insert(PartKey(.module, module, language))
            for variant in w.library.modules[module]!.variants where variant.language == language {
                for block in variant.blocks {
                    if case .offer(let id) = block { keys.insert(PartKey(.offer, id, language)) }
                    if case .text(let phrase) = block {
                        for case .claim(let id) in phrase.pieces { keys.insert(PartKey(.claim, id, language)) }
                    }
                }
            }
        }
        return keys
    }

    @Test func nothingUnapprovedShowsAndWhatMayGoOutDoes() throws {
        var (sent, refused, fallbacks) = (0, 0, 0)
        for seed in 0..<1500 as Range<UInt64> {
            var g = SeededGenerator(seed: seed)
            let w = Self.world(&g)
            let assembly = Assembly(library: w.library, standings: w.standings)
            for id in w.library.messages.keys.sorted() {
                let message = w.library.messages[id]!
                for (language, country) in [("en", "US"), ("de", "DE"), ("it", "UK"), ("fr", "US")] {
                    let reader = Reader(
                        language: language, country: country, specialty: Bool.random(using: &g) ? "a" : "b",
                        segment: Bool.random(using: &g) ? "s" : nil)
                    let request = AssemblyRequest(
                        contentID: id, channel: .email, reader: reader, day: Self.day, fields: [:])
                    let result = assembly.assemble(request)
                    let chain = ["en": ["en"], "de": ["de", "en"], "it": ["it", "de", "en"], "fr": ["fr"]][language]!
                    let cleared = chain.first { tried in
                        message.subjects[tried] != nil
                            && Self.closure(message, tried, w).allSatisfy { Self.mayShow($0, country, w) }
                    }
                    guard case .success(let made) = result else {
                        refused += 1
                        #expect(cleared == nil, "seed \(seed): \(id) \(language)-\(country) was refused: \(result)")
                        continue
                    }
                    sent += 1
                    if made.language != language { fallbacks += 1 }
                    #expect(made.language == cleared, "seed \(seed): \(id) \(language)-\(country)")
                    let seen = made.subject + "\n" + made.text + "\n" + (made.html ?? "")
                    let shown = w.marks.filter { seen.contains($0.value) }
                    for key in shown.keys {
                        #expect(Self.mayShow(key, country, w), "seed \(seed): \(key) shows in \(id)")
                        #expect(
                            made.parts.contains { $0.id == key.description }, "seed \(seed): \(key) is not recorded")
                    }
                    #expect(shown.count == made.parts.count, "seed \(seed): parts that do not show are recorded")
                }
            }
        }
        #expect(sent > 1500 && refused > 1500 && fallbacks > 50, "\(sent) \(refused) \(fallbacks)")
    }

    @Test func theSameQuestionHasTheSameAnswer() {
        for seed in 0..<60 as Range<UInt64> {
            var (g, h) = (SeededGenerator(seed: seed), SeededGenerator(seed: seed))
            let (a, b) = (Self.world(&g), Self.world(&h))
            for key in a.library.keys { #expect(a.library.record(of: key) == b.library.record(of: key)) }
            for id in a.library.messages.keys {
                let request = AssemblyRequest(
                    contentID: id, channel: .email, reader: Reader(language: "en", country: "US"), day: Self.day,
                    fields: [:])
                #expect(
                    Assembly(library: a.library, standings: a.standings).assemble(request)
                        == Assembly(library: b.library, standings: b.standings).assemble(request))
            }
        }
    }

    /// The countries that the send gate is told are those in which assembly agrees.
    @Test func theGateAndTheAssemblyAgreeOnCountries() {
        for seed in 0..<300 as Range<UInt64> {
            var g = SeededGenerator(seed: seed)
            var w = Self.world(&g)
            for key in w.library.keys {
                guard let record = w.library.record(of: key) else { continue }
                w.standings[record.version] = PartStanding(.approvedForDistribution)
            }
            let clearance = Clearance(library: w.library, standings: w.standings)
            for message in w.library.messages.values {
                for language in message.languages {
                    let keys = w.library.uses(of: message, language)
                    guard keys.allSatisfy({ w.library.head(of: $0) != nil }) else { continue }
                    let allowed = Clearance.countries(of: message, language, in: w.library)
                    for country in World.countries {
                        let refusal = clearance.refusal(message, language, country: country, on: Self.day)
                        if let refusal, refusal.reason == .expired { continue }
                        let gate = allowed.map { $0.isEmpty || $0.contains(country) } ?? false
                        #expect(gate == (refusal == nil), "seed \(seed) \(message.head.id) \(language) \(country)")
                    }
                }
            }
        }
    }
}
