package import Definitions
package import EngagementModel

/// A restricted word in a part, with the countries that restrict it.
package struct RestrictedFinding: Sendable, Hashable {
    package var part: PartKey
    package var word: String
    package var cause: String?
    /// Countries of the part in which the word is restricted; empty = everywhere.
    package var countries: Set<String>
    package var file: String
    package var line: Int
    package var column: Int

    package func applies(in country: String) -> Bool { countries.isEmpty || countries.contains(country) }
}

extension Library {
    /// Restricted words of a part, in the order of the list and then of the text.
    ///
    /// A word counts where it stands as a word of its own, in any case of letters; a phrase across any white space.
    package func restrictedWords(in key: PartKey) -> [RestrictedFinding] {
        guard !review.restricted.isEmpty, let head = head(of: key) else { return [] }
        let texts = words(of: key)
        var findings: [RestrictedFinding] = []
        for rule in review.restricted {
            guard rule.language.map({ $0 == key.language || key.language.isEmpty }) ?? true else { continue }
            let countries = Self.common(rule.countries, head.countries)
            guard let countries else { continue }
            for text in texts {
                for offset in WordSearch.offsets(of: rule.text, in: text.string) {
                    let place = text.place(offset)
                    findings.append(
                        RestrictedFinding(
                            part: key, word: rule.text, cause: rule.cause, countries: countries, file: text.file,
                            line: place.line, column: place.column))
                }
            }
        }
        return findings
    }

    /// Every text of a part that a reader may see.
    package func words(of key: PartKey) -> [LocatedText] {
        switch key.kind {
        case .claim: [claims[key.id]?.texts[key.language]].compactMap { $0 }
        case .module: modules[key.id]?.variants.filter { $0.language == key.language }.flatMap(\.words) ?? []
        case .template: [templates[key.id]?[key.language]?.words].compactMap { $0 }
        case .offer:
            offers[key.id]?.words[key.language].map { [$0.text, $0.terms].compactMap { $0 } } ?? []
        case .message: messages[key.id]?.subjects[key.language]?.map(\.words) ?? []
        }
    }

    /// What two sets of countries share, where empty means all; nil = nothing.
    static func common(_ a: Set<String>, _ b: Set<String>) -> Set<String>? {
        if a.isEmpty { return b }
        if b.isEmpty { return a }
        let both = a.intersection(b)
        return both.isEmpty ? nil : both
    }
}

enum WordSearch {
    /// Where a word or phrase begins, in characters.
    static func offsets(of phrase: String, in text: String) -> [Int] {
        let wanted = phrase.split(whereSeparator: \.isWhitespace).map { folded($0) }
        guard let first = wanted.first, !first.isEmpty else { return [] }
        let letters = Array(text)
        var offsets: [Int] = []
        for start in letters.indices where start == 0 || !isWord(letters[start - 1]) || !isWord(letters[start]) {
            var at = start
            var fits = true
            for (number, word) in wanted.enumerated() {
                if number > 0 {
                    let space = at
                    while at < letters.count, letters[at].isWhitespace { at += 1 }
                    if at == space { fits = false }
                }
                for letter in word where fits {
                    fits = at < letters.count && folded(letters[at...at]).first == letter
                    at += 1
                }
                if !fits { break }
            }
            if fits, at == letters.count || !isWord(letters[at]) || !isWord(letters[at - 1]) { offsets.append(start) }
        }
        return offsets
    }

    private static func folded(_ text: some Sequence<Character>) -> [Character] {
        text.map { letter in
            let lower = letter.lowercased()
            return lower.count == 1 ? Character(lower) : letter
        }
    }

    private static func isWord(_ letter: Character) -> Bool { letter.isLetter || letter.isNumber }
}
