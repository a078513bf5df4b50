import Testing

@testable import Insight

struct SafetyFlagTests {
    @Test(arguments: [
        ("My patient developed a rash after starting Zorvalin", SafetyFlag.Kind.adverseEvent, false),
        ("She was taken to hospital with severe dizziness while on Mextin", .adverseEvent, true),
        ("patient died two days after injection", .adverseEvent, true),
        ("Why did my husband get a headache, he took it yesterday", .adverseEvent, false),
        ("The autoinjector jammed and the needle is bent", .deviceComplaint, false),
        ("infusion pump shut down with an error message during surgery", .deviceComplaint, false),
        ("a patient of ours took too many tablets by mistake", .specialSituation, false),
        ("My wife is pregnant and was taking Ilapro", .specialSituation, false),
    ])
    func reportsAreFlagged(text: String, kind: SafetyFlag.Kind, serious: Bool) {
        let flag = SafetyFlags.scan(text).first { $0.kind == kind }
        #expect(flag != nil)
        #expect(flag?.serious == serious)
        #expect(flag?.deadlineHours == (serious ? 4 : 24))
        #expect(flag?.evidence.isEmpty == false)
    }

    @Test(arguments: [
        "", "what are the side effects of Zorvalin", "which drugs cause dizziness", "please send samples of Mextin",
        "Patient doing well, no rash and no nausea after starting Ilapro", "how should the pen be stored",
        "the scanner works well, very happy", "can Mextin cause hair loss",
    ])
    func questionsAndGoodNewsAreNot(text: String) {
        #expect(SafetyFlags.scan(text).isEmpty)
    }

    /// One text, two reports: harm to a patient and a device that failed, in each language of the default markets.
    @Test(arguments: [
        ("The infusion pump stopped working and my patient collapsed.", false),
        ("Needle broke off during injection; she was taken to hospital with bleeding.", true),
        ("What should we do? The inhaler is leaking. Our patient has a rash since this morning.", false),
        ("I would like to report that the autoinjector jammed and he had severe pain.", false),
        ("Die Insulinpumpe ist ausgefallen, und mein Patient bekam eine Unterzuckerung.", false),
        ("Der Pen funktioniert seit gestern nicht mehr. Die Patientin liegt mit Fieber auf der Intensivstation.", true),
        ("Bitte beachten Sie: die Nadel ist abgebrochen, der Patient hatte starke Schmerzen.", false),
        ("La pompe est tombée en panne et la patiente a eu un malaise.", false),
        ("Le stylo est bloqué ; mon patient a été hospitalisé pour une hémorragie.", true),
        ("La bomba de infusión dejó de funcionar y el paciente sufrió una hipoglucemia.", false),
        ("La jeringa se rompió y mi paciente fue llevada al hospital con hemorragia.", true),
        ("Il sensore si è fermato e il mio paziente ha avuto una ipoglicemia.", false),
        ("La siringa si è rotta; la paziente è stata ricoverata con una emorragia.", true),
    ])
    func harmAndABrokenDeviceRaiseBothFlags(text: String, serious: Bool) {
        let flags = SafetyFlags.scan(text)
        #expect(flags.map(\.kind) == [.adverseEvent, .deviceComplaint], "\(text): \(flags)")
        #expect(flags.allSatisfy { $0.serious == serious && !$0.evidence.isEmpty }, "\(text): \(flags)")
        let reading = InquiryReading.read(text)
        #expect(reading.flags == flags && reading.medical && reading.urgency == .high)
    }

    @Test(arguments: [
        ("Mein Patient entwickelte nach der zweiten Dosis einen Hautausschlag.", SafetyFlag.Kind.adverseEvent, false),
        ("Eine Patientin ist zwei Tage nach der Infusion verstorben.", .adverseEvent, true),
        ("Er konnte nicht schlafen wegen Schmerzen, seit er Mextin nimmt.", .adverseEvent, false),
        ("Das Beatmungsgerät zeigt eine Fehlermeldung.", .deviceComplaint, false),
        ("Meine Patientin ist schwanger und hat Ilapro eingenommen.", .specialSituation, false),
        ("Ma patiente a présenté une éruption cutanée après la prise du comprimé.", .adverseEvent, false),
        ("Le patient est mort deux jours après l'injection.", .adverseEvent, true),
        ("L'aiguille est cassée.", .deviceComplaint, false),
        ("Mon patient a reçu une double dose par erreur.", .specialSituation, false),
        ("Mi paciente presentó un sarpullido tras la primera dosis.", .adverseEvent, false),
        ("Hay una fuga en la bomba.", .deviceComplaint, false),
        ("El paciente falleció dos días después de la inyección.", .adverseEvent, true),
        ("Una paciente embarazada tomó Ilapro.", .specialSituation, false),
        ("La mia paziente ha avuto un'eruzione dopo l'assunzione.", .adverseEvent, false),
        ("Il paziente è deceduto dopo l'infusione.", .adverseEvent, true),
        ("L'ago della penna è piegato.", .deviceComplaint, false),
        ("Mio figlio ha preso troppe compresse.", .specialSituation, false),
    ])
    func reportsAreFlaggedInTheLanguagesOfTheMarkets(text: String, kind: SafetyFlag.Kind, serious: Bool) {
        let flags = SafetyFlags.scan(text)
        #expect(flags.first { $0.kind == kind }?.serious == serious, "\(text): \(flags)")
    }

    @Test(arguments: [
        "Welche Nebenwirkungen hat Zorvalin?", "Bitte senden Sie uns Informationen zu Nebenwirkungen.",
        "Kann Mextin Haarausfall verursachen?", "Dem Patienten geht es gut, kein Ausschlag und keine Übelkeit.",
        "Wir bitten um ein Angebot für 40 Pumpen.", "Wie lagert man den Pen?",
        "Rückruf erbeten, unser Vertrag läuft aus.",
        "Quels sont les effets indésirables du Mextin ?", "Le patient va bien, sans nausée ni vertige.",
        "Merci de nous envoyer un devis pour la pompe.", "¿Qué efectos adversos tiene Mextin?",
        "El paciente está bien, sin dolor y sin fiebre.", "Por favor, envíen el precio de las bombas.",
        "Quali sono gli effetti collaterali di Mextin?", "Il paziente sta bene, nessuna nausea.",
        "Vorremmo un preventivo per le pompe.", "Our hospital needs a quote for ten pumps.",
        "We would like to order needles for the intensive care ward.",
    ])
    func questionsWishesAndGoodNewsAreNotInAnyLanguage(text: String) {
        #expect(SafetyFlags.scan(text).isEmpty, "\(text): \(SafetyFlags.scan(text))")
    }
}
