import EngagementModel
import Testing

@testable import Words

/// Words for HCPs: every language has every word, each its own, with the same gaps to fill.
struct WordsTests {
    /// Every text of a table by its place, dictionaries by their keys.
    private static func texts(_ value: Any, at place: String = "") -> [String: String] {
        if let text = value as? String { return [place: text] }
        var result: [String: String] = [:]
        let mirror = Mirror(reflecting: value)
        for (index, child) in mirror.children.enumerated() {
            if mirror.displayStyle == .dictionary {
                let pair = Array(Mirror(reflecting: child.value).children)
                result.merge(texts(pair[1].value, at: "\(place)/\(pair[0].value)")) { $1 }
            } else {
                result.merge(texts(child.value, at: "\(place)/\(child.label ?? String(index))")) { $1 }
            }
        }
        return result
    }

    /// Rules that a table of words keeps beside the English one.
    private static func faults(_ words: PublicWords) -> [String] {
        let (mine, english) = (texts(words), texts(PublicWords.english))
        var faults = Set(mine.keys).symmetricDifference(english.keys).map { "\($0): in one table only" }
        for (place, text) in mine {
            guard let other = english[place] else { continue }
            if text.allSatisfy(\.isWhitespace) { faults.append("\(place): empty") }
            let gaps = { (text: String) in text.matches(of: /\{[a-z]+\}/).map { String($0.0) }.sorted() }
            if gaps(text) != gaps(other) { faults.append("\(place): other gaps") }
            // Short ones may be the same word in two languages (Video, SMS, Portal).
            if words.language != "en", text.count > 12, text == other { faults.append("\(place): not translated") }
        }
        return faults.sorted()
    }

    @Test func everyLanguageHasEveryWord() {
        #expect(PublicWords.all.first == .english)
        #expect(Set(PublicWords.all.map(\.language)).count == PublicWords.all.count)
        let english = Self.texts(PublicWords.english)
        #expect(english["/ask/choices/medical"] == "A medical question" && english.count > 60)
        #expect(Set(PublicWords.english.channels.keys) == Set(Channel.allCases))
        #expect(Set(PublicWords.english.ask.choices.keys) == Set(InquiryAsk.allCases))
        #expect(Set(PublicWords.english.purposes.keys) == Set(PublicWords.asked))
        for words in PublicWords.all {
            #expect(Self.faults(words).isEmpty, "\(words.language): \(Self.faults(words))")
            #expect(words.preferences.weekdays.count == 7)
        }
    }

    /// The test above sees what a careless author does.
    @Test func aTableWithAHoleIsSeen() {
        var german = PublicWords.german
        german.channels[.video] = nil
        german.ask.thanks = " "
        german.confirm.mailAsked = german.confirm.mailAsked.replacing("{company}", with: "Acme")
        german.notes.gone = PublicWords.english.notes.gone
        #expect(
            Self.faults(german) == [
                "/ask/thanks: empty", "/channels/video: in one table only", "/confirm/mailAsked: other gaps",
                "/notes/gone: not translated",
            ])
    }

    @Test func whatWasAgreedToKeepsItsText() {
        // Hashes of texts are kept with consents: a change of these words must change their version.
        let german = PublicWords.german
        #expect(
            german.confirmText(.email, .promotional)
                == """
                confirm-1\nde\nBitte bestätigen Sie\nDürfen wir Sie auf diesem Weg ansprechen?
                E-Mail: Produktinformation\nJa, ich stimme zu
                """)
        #expect(german.preferencesText.hasPrefix("preferences-1\nde\nIhre Einstellungen\n"))
        #expect(german.preferencesText.hasSuffix("Veranstaltung\nAnzeigen\nBrief"))
        let text = german.signedText(company: "Acme", choices: ["E-Mail: Fortbildung"], product: nil)
        #expect(text.contains("dass Acme mich") && text.hasSuffix("Produkt: Alle Produkte\nE-Mail: Fortbildung"))
    }

    @Test func theLanguageFollowsWhatIsAsked() {
        #expect(PublicWords.of("de-AT").language == "de" && PublicWords.of("pt").language == "en")
        #expect(PublicWords.accepted("xx,it-CH;q=0.9,en") == "it" && PublicWords.accepted("xx") == nil)
        #expect(PublicWords.of(nil).language == "en")
    }
}
