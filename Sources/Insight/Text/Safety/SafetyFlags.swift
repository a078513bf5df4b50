/// Does a text tell of harm to a patient or of a device that failed? Such a text goes to safety at once.
///
/// Rules, not a model: they are read and signed by the safety officer, and a wrong alarm costs minutes where a missed
/// one costs a duty. A question *about* a reaction ("what are the side effects of …") is no report; the same words about
/// someone who took the product are.
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
    /// All flags of a text, in the order of `SafetyFlag.Kind`.
    package static func scan(_ text: String) -> [SafetyFlag] {
        let words = TextTokens.words(text).map { String(decoding: $0, as: UTF8.self) }
        guard !words.isEmpty else { return [] }
        let sentence = " " + words.joined(separator: " ") + " "
        let found = { (terms: [String]) in terms.filter { sentence.contains(" " + $0) } }
        let exact = { (terms: [String]) in terms.filter { sentence.contains(" " + $0 + " ") } }
        let about = !exact(SafetyTerms.persons).isEmpty || !found(SafetyTerms.courses).isEmpty
        let asked = SafetyTerms.questions.contains { sentence.hasPrefix(" " + $0 + " ") }
        let told = about && !(asked && exact(SafetyTerms.happened).isEmpty)
        let serious = found(SafetyTerms.serious).filter { !isDenied($0, sentence) }
        var flags: [SafetyFlag] = []
        let reactions = (found(SafetyTerms.reactions) + serious).filter { !isDenied($0, sentence) }
        if !reactions.isEmpty, told || (!serious.isEmpty && !asked) {
            flags.append(SafetyFlag(kind: .adverseEvent, serious: !serious.isEmpty, evidence: unique(reactions)))
        }
        let device = exact(SafetyTerms.devices)
        let failures = found(SafetyTerms.failures).filter { !isDenied($0, sentence) }
        if !device.isEmpty, !failures.isEmpty, !asked || !exact(SafetyTerms.happened).isEmpty {
            flags.append(
                SafetyFlag(kind: .deviceComplaint, serious: !serious.isEmpty, evidence: unique(device + failures)))
        }
        let special = found(SafetyTerms.special).filter { !isDenied($0, sentence) }
        if !special.isEmpty, told {
            flags.append(SafetyFlag(kind: .specialSituation, serious: !serious.isEmpty, evidence: unique(special)))
        }
        return flags
    }

    /// "no rash", "without dizziness", "denies pain": the three words before the term say that it did not happen.
    private static func isDenied(_ term: String, _ sentence: String) -> Bool {
        guard let place = sentence.firstRange(of: " " + term) else { return false }
        let before = sentence[..<place.lowerBound].split(separator: " ").suffix(3)
        return before.contains { SafetyTerms.denials.contains(String($0)) }
    }

    private static func unique(_ terms: [String]) -> [String] {
        var seen: Set<String> = []
        return terms.filter { seen.insert($0).inserted }
    }
}

/// The vocabulary of the rules; lower case, a term matches the beginning of words unless said otherwise.
enum SafetyTerms {
    /// Whole words: someone whom it happened to.
    static let persons = [
        "i", "me", "my", "we", "he", "she", "his", "her", "him", "patient", "patients", "husband", "wife", "mother",
        "father",
        "son", "daughter", "child", "baby", "woman", "man", "boy", "girl", "lady", "gentleman", "infant", "pt", "pts",
    ]
    /// A course of treatment that was told.
    static let courses = [
        "after taking", "after starting", "since starting", "after the first dose", "after the second dose",
        "after injection", "after infusion", "following administration", "following the dose", "while taking",
        "while on", "was taking", "was given", "developed", "experienced",
    ]
    /// First words of a question about a product.
    static let questions = [
        "what", "which", "how", "can", "does", "do", "is", "are", "should", "will", "could", "would", "when", "where",
        "why", "who",
    ]
    /// Whole words that turn a question into a report: it has happened.
    static let happened = [
        "took", "had", "has", "was", "were", "got", "developed", "experienced", "started", "noticed", "felt", "went",
        "died", "broke", "failed", "stopped", "leaked", "began", "became", "reported", "suffered", "feel", "having",
    ]
    static let reactions = [
        "adverse event", "adverse reaction", "side effect", "reaction", "rash", "hives", "itch", "swelling", "swollen",
        "nausea", "vomit", "threw up", "diarrh", "dizz", "faint", "headache", "migraine", "seizure", "convuls",
        "palpitation", "bleeding", "bruis", "fever", "chills", "pain", "cramp", "fatigue", "drows", "insomnia",
        "depress", "suicid", "anxi", "confus", "hallucinat", "blurred vision", "shortness of breath", "breathless",
        "allerg", "anaphyla", "infection", "jaundice", "hair loss", "weight gain", "weight loss", "constipat",
        "numb", "tingling", "tremor", "burning", "blister", "hypogly", "hypotens", "felt sick", "feeling sick",
        "feel sick", "got worse", "fell", "collapse", "cough",
    ]
    static let serious = [
        "died", "death", "passed away", "fatal", "life threatening", "hospital", "emergency room", "intensive care",
        "icu", "ambulance", "coma", "stroke", "heart attack", "cardiac arrest", "anaphyla", "disabilit", "disabled",
        "birth defect", "miscarri", "suicid", "organ failure", "liver failure", "kidney failure", "permanent",
    ]
    /// Whole words.
    static let devices = [
        "device", "pen", "autoinjector", "injector", "inhaler", "pump", "syringe", "needle", "catheter", "stent",
        "implant", "monitor", "sensor", "meter", "cartridge", "applicator", "patch", "scanner", "probe", "ventilator",
        "infusion", "cannula", "screw", "plate", "valve", "lens", "pacemaker", "electrode", "battery", "nebuliser",
        "nebulizer", "stapler", "drill", "monitors", "pens", "syringes", "needles", "pumps",
    ]
    static let failures = [
        "broke", "broken", "break", "malfunction", "defect", "fail", "leak", "jam", "stuck", "crack", "loose",
        "not work",
        "didnt work", "doesnt work", "does not work", "stopped working", "would not", "wouldnt", "wont", "will not",
        "false reading", "wrong reading", "inaccurate", "error message", "overheat", "bent", "detached", "fell off",
        "falls off", "came off", "contaminat", "missing part", "alarm", "shut down", "recall", "mislabel",
    ]
    static let special = [
        "pregnan", "breastfe", "breast fe", "overdos", "too many tablets", "too many pills", "double dose", "misuse",
        "abuse", "wrong dose", "wrong drug", "medication error", "off label", "did not work", "didnt work",
        "no effect", "lack of effect", "not working", "expired",
    ]
    static let denials: Set<String> = ["no", "not", "without", "denies", "denied", "never", "free"]
}
