/// The vocabulary of the safety rules in one language; lower case, words as `TextTokens` splits them. A term matches the
/// beginning of words unless said otherwise; a blank at its end closes the word; `a…b` = b within a few words after a.
struct SafetyVocabulary: Sendable {
    /// Whole words: someone whom it happened to.
    var persons: [String]
    /// A course of treatment that was told.
    var courses: [String]
    /// First words of a question about a product, or of a wish.
    var questions: [String]
    /// First words that ask only where a question mark follows ("hay una fuga" tells).
    var asks: [String]
    /// Whole words that turn a question into a report: it has happened.
    var happened: [String]
    var reactions: [String]
    /// Harm by themselves, and serious.
    var grave: [String]
    /// Harm when somebody is told of, and serious.
    var admissions: [String]
    /// Where people are treated: makes a reaction serious.
    var care: [String]
    /// Whole words; where the language makes compounds, their ends ("Insulinpumpe").
    var devices: [String]
    var failures: [String]
    var special: [String]
    var denials: Set<String>
    /// End the reach of a denial.
    var turns: Set<String>
    /// Terms of six letters and more also match inside of words ("Hautausschlag").
    var makesCompounds = false
    /// An apostrophe parts two words ("l'hôpital").
    var elides = false

    static let all = [english, german, french, spanish, italian]

    /// Terms as people review them: one comma between two.
    static func list(_ text: String) -> [String] {
        text.replacing("\n", with: " ").split(separator: ",").map { term in
            // A blank before the comma closes the word.
            let words = term.drop { $0 == " " }
            return words.hasSuffix(" ") ? words.split(separator: " ").joined(separator: " ") + " " : String(words)
        }.filter { !$0.isEmpty }
    }
}
