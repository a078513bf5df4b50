/// Does a text tell of harm to a patient or of a device that failed? Such a text goes to safety at once.
///
/// Rules, not a model: they are read and signed by the safety officer, and a wrong alarm costs minutes where a missed
/// one costs a duty. A question *about* a reaction ("what are the side effects of …") is no report; the same words about
/// someone who took the product are. Read in the five languages of the default markets, sentence by sentence, so that a
/// question beside a report does not hide it.
package struct SafetyFlag: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case adverseEvent = "adverse_event"
        case deviceComplaint = "device_complaint"
        /// Use in pregnancy, overdose, misuse, medication error, lack of effect: reported even without harm (EMA GVP
        /// module VI, B.6).
        case specialSituation = "special_situation"
    }

    package var kind: Kind
    /// Death, danger to life, hospital, lasting harm, birth defect (ICH E2A): the shortest of the deadlines.
    package var serious: Bool
    /// The words that raised the flag.
    package var evidence: [String]

    /// Hours until safety must have the text: one working day, at once when serious.
    package var deadlineHours: Int { serious ? 4 : 24 }
}

package enum SafetyFlags {
    /// All flags of a text, at most one of a kind, in the order of `SafetyFlag.Kind`: a text that tells of harm *and* of
    /// a broken device is both, each with its own deadline.
    package static func scan(_ text: String) -> [SafetyFlag] {
        let sentences = Sentence.all(of: text)
        guard !sentences.isEmpty else { return [] }
        var flags: [SafetyFlag] = []
        for vocabulary in SafetyVocabulary.all {
            for flag in scan(sentences, vocabulary) {
                if let known = flags.firstIndex(where: { $0.kind == flag.kind }) {
                    flags[known].serious = flags[known].serious || flag.serious
                    flags[known].evidence = unique(flags[known].evidence + flag.evidence)
                } else {
                    flags.append(flag)
                }
            }
        }
        return SafetyFlag.Kind.allCases.compactMap { kind in flags.first { $0.kind == kind } }
    }

    private static func scan(_ sentences: [Sentence], _ terms: SafetyVocabulary) -> [SafetyFlag] {
        // Who it happened to, and which device it was, may stand in another sentence than what happened.
        let about = sentences.contains { $0.has(exact: terms.persons, terms) || !$0.find(terms.courses, terms).isEmpty }
        let devices = sentences.flatMap { $0.devices(terms) }
        let told = sentences.filter { !$0.isAsked(terms) }
        let find = { (list: [String]) in told.flatMap { $0.find(list, terms) } }
        let grave = find(terms.grave)
        let reactions = find(terms.reactions) + grave
        // A ward is no harm by itself: it says how grave a reaction was.
        let serious = grave + (about ? find(terms.care) : [])
        let admissions = about ? find(terms.admissions) : []
        let isSerious = !serious.isEmpty || !admissions.isEmpty
        var flags: [SafetyFlag] = []
        let harm = unique(reactions + admissions + (reactions.isEmpty ? [] : serious))
        if !harm.isEmpty, about || !grave.isEmpty {
            flags.append(SafetyFlag(kind: .adverseEvent, serious: isSerious, evidence: harm))
        }
        let failures = find(terms.failures)
        if !devices.isEmpty, !failures.isEmpty {
            flags.append(
                SafetyFlag(kind: .deviceComplaint, serious: isSerious, evidence: unique(devices + failures)))
        }
        let special = find(terms.special)
        if !special.isEmpty, about {
            flags.append(SafetyFlag(kind: .specialSituation, serious: isSerious, evidence: unique(special)))
        }
        return flags
    }

    private static func unique(_ terms: [String]) -> [String] {
        var seen: Set<String> = []
        return terms.filter { seen.insert($0).inserted }
    }
}

/// One sentence as words, ready to be searched.
private struct Sentence {
    /// Apostrophes dropped ("doesnt"), and as a space ("l hôpital"): languages differ.
    private let joined: String
    private let split: String

    /// Whether a question mark ends it.
    private let isQuestion: Bool

    /// Sentences that hold a word, in order.
    static func all(of text: String) -> [Sentence] {
        var sentences: [Sentence] = []
        var start = text.startIndex
        for place in text.indices where ".!?;\n\r\r\n".contains(text[place]) {
            sentences.append(Sentence(text[start..<place], isQuestion: text[place] == "?"))
            start = text.index(after: place)
        }
        sentences.append(Sentence(text[start...], isQuestion: false))
        return sentences.filter { !$0.joined.isEmpty }
    }

    private init(_ text: Substring, isQuestion: Bool) {
        func line(_ text: String) -> String {
            let words = TextTokens.words(text).map { String(decoding: $0, as: UTF8.self) }
            return words.isEmpty ? "" : " " + words.joined(separator: " ") + " "
        }
        joined = line(String(text))
        self.isQuestion = isQuestion
        split = line(String(text).replacing("'", with: " ").replacing("’", with: " "))
    }

    private func line(_ terms: SafetyVocabulary) -> String { terms.elides ? split : joined }

    func has(exact list: [String], _ terms: SafetyVocabulary) -> Bool {
        let line = line(terms)
        return list.contains { line.contains(" \($0) ") }
    }

    /// A question or a wish that tells of nothing that has happened; the first word may be of any language.
    func isAsked(_ terms: SafetyVocabulary) -> Bool {
        SafetyVocabulary.all.contains { each in
            let line = line(each)
            return each.questions.contains { line.hasPrefix(" \($0) ") }
                || isQuestion && each.asks.contains { line.hasPrefix(" \($0) ") }
        } && !has(exact: terms.happened, terms)
    }

    /// Terms at the beginning of words (inside of compounds where the language makes them) that are not denied.
    func find(_ list: [String], _ terms: SafetyVocabulary) -> [String] {
        let line = line(terms)
        return list.filter { term in
            let parts = term.split(separator: "…")
            let start = terms.makesCompounds && parts[0].count >= 6 ? "" : " "
            let mark = start + String(parts[0])
            return line.ranges(of: mark).contains { place in
                if parts.count > 1, !line[place.upperBound...].prefix(50).contains(" \(parts[1]) ") { return false }
                return !Self.isDenied(line[..<place.lowerBound], terms)
            }
        }
    }

    func devices(_ terms: SafetyVocabulary) -> [String] {
        let line = line(terms)
        guard terms.makesCompounds else { return terms.devices.filter { line.contains(" \($0) ") } }
        return terms.devices.filter { device in
            guard device.count >= 5 else { return line.contains(" \(device) ") }
            return ["", "n", "e", "en", "s", "es", "er"].contains { line.contains("\(device)\($0) ") }
        }
    }

    /// "no rash", "without dizziness", "denies pain": the three words before the term say that it did not happen, unless
    /// a word between gives a cause or turns the sentence ("could not sleep because of pain").
    private static func isDenied(_ before: Substring, _ terms: SafetyVocabulary) -> Bool {
        for word in before.split(separator: " ").suffix(3).reversed() {
            if terms.turns.contains(String(word)) { return false }
            if terms.denials.contains(String(word)) { return true }
        }
        return false
    }
}
