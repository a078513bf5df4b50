/// What a message is about, read by rules that a person can check: kind, topic, need, urgency, and whether it is a
/// medical question.
///
/// Used by itself until a company has labelled enough of its own messages for `TextClassifier`, and beside it from
/// then on (`InquiryReader`). A doubt goes to the medical side: a promotional sender must never answer a medical
/// question, and a medical colleague can always hand one back.
package struct InquiryReading: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        // Medical kinds come first: they win ties.
        case dosing, interaction, contraindication, clinicalData = "clinical_data", labelling
        case price, order, coverage, training, technical, delivery, contactWish = "contact_wish", praise, other

        package var isMedical: Bool {
            switch self {
            case .dosing, .interaction, .contraindication, .clinicalData, .labelling: true
            default: false
            }
        }
    }

    package enum Urgency: String, Sendable { case low, normal, high }

    package var kind: Kind
    /// The code of the content topic that answers it; nil where none does.
    package var topic: String?
    /// Need or pain point in one word.
    package var need: String
    package var urgency: Urgency
    package var medical: Bool
    /// Safety flags of the text, at most one of a kind.
    package var flags: [SafetyFlag]
    /// The gravest of them.
    package var safety: SafetyFlag? { flags.first { $0.serious } ?? flags.first }
    /// The words that decided.
    package var evidence: [String]

    /// Reads one text.
    ///
    /// - Parameter author: notes and interviews are written about someone: their wishes count, their questions are told.
    package static func read(_ text: String) -> InquiryReading {
        let words = TextTokens.words(text).map { String(decoding: $0, as: UTF8.self) }
        let sentence = " " + words.joined(separator: " ") + " "
        var best = (kind: Kind.other, hits: [String](), weight: 0)
        var medicalHits: [String] = []
        for kind in Kind.allCases {
            let hits = (InquiryTerms.terms[kind] ?? []).filter { sentence.contains(" " + $0) }
            if kind.isMedical { medicalHits += hits }
            // Longer phrases say more: a phrase of three words outweighs two single words.
            let weight = hits.reduce(0) { $0 + 2 * $1.split(separator: " ").count - 1 }
            if weight > best.weight { best = (kind, hits, weight) }
        }
        let flags = SafetyFlags.scan(text)
        let pressing = InquiryTerms.urgent.contains { sentence.contains(" " + $0) }
        let patient = InquiryTerms.unhurried.contains { sentence.contains(" " + $0) }
        return InquiryReading(
            kind: best.kind, topic: InquiryTerms.topic[best.kind], need: InquiryTerms.need[best.kind] ?? "unclear",
            urgency: !flags.isEmpty || pressing || best.kind == .technical ? .high : patient ? .low : .normal,
            medical: best.kind.isMedical || !medicalHits.isEmpty && best.kind == .other
                || flags.contains { $0.kind != .deviceComplaint },
            flags: flags, evidence: Array((best.hits + flags.flatMap(\.evidence)).prefix(8)))
    }
}

/// The vocabulary of the rules, in the five languages of the default markets; lower case, without apostrophes; a term
/// matches the beginning of words.
enum InquiryTerms {
    static let terms: [InquiryReading.Kind: [String]] = [
        .dosing: [
            "dose", "dosing", "dosage", "titrat", "renal impairment", "hepatic impairment", "how many mg", "dosierung",
            "dosis", "niereninsuffizienz", "posolog", "insuffisance rénale", "dosaggio", "posologia",
            "insufficienza renale", "insuficiencia renal",
        ],
        .interaction: [
            "interaction", "together with", "combination with", "combine with", "anticoagulant", "co administ",
            "wechselwirkung", "interazion", "interaccion", "interactions",
        ],
        .contraindication: [
            "contraindicat", "pregnan", "breastfeed", "before surgery", "allerg", "side effect", "adverse",
            "kontraindikation", "schwangerschaft", "nebenwirkung", "contre indication", "grossesse",
            "effets indésirables", "embaraz", "controindicazion", "gravidanza", "effetti collaterali",
            "efectos secundarios",
        ],
        .clinicalData: [
            "pivotal", "full text", "subgroup", "study on", "studies on", "are there data", "data on", "follow up data",
            "long term data", "years of follow", "efficacy data", "real world", "head to head", "phase 3", "phase iii",
            "clinical trial", "neue daten", "neuen daten", "studie", "données récentes", "données", "étude",
            "datos nuevos", "estudio", "nuovi dati", "studio", "new data", "the paper",
        ],
        .labelling: [
            "label say", "prescribing information", "summary of product", "smpc", "approved indication", "off label",
            "indication for", "fachinformation", "rcp du", "ficha técnica", "scheda tecnica",
        ],
        .price: [
            "price", "pricing", "cost", "quote", "discount", "rebate", "offer for", "preis", "kosten", "angebot",
            "rabatt",
            "prix", "tarif", "coût", "precio", "coste", "descuento", "prezzo", "costi", "sconto",
        ],
        .order: [
            "order samples", "sample", "trial set", "how do i order", "place an order", "reorder", "re order",
            "order form",
            "muster", "bestell", "échantillon", "commander", "muestra", "pedido", "campion", "ordinare",
        ],
        .coverage: [
            "covered", "coverage", "formulary", "reimburs", "prior authori", "tier", "erstattung", "rembours",
            "financiación", "reembolso", "rimborso",
        ],
        .training: [
            "training", "webinar", "workshop", "course", "bring two colleagues", "fortbildung", "schulung",
            "formation pour",
            "formation", "formación", "formazione", "education for",
        ],
        .technical: [
            "blocked", "error", "does not work", "doesnt work", "not working", "cannot log", "cant log", "password",
            "broken", "portal says", "gesperrt", "fehler", "funktioniert nicht", "bloqué", "erreur", "bloqueado",
            "bloccato", "errore",
        ],
        .delivery: [
            "delivery", "shipment", "delivered", "where is my order", "tracking", "invoice", "backorder", "lieferung",
            "rechnung", "livraison", "facture", "entrega", "factura", "consegna", "fattura",
        ],
        .contactWish: [
            "prefers video", "no visit", "short of time", "prefers tuesdays", "call me", "call back", "e mail only",
            "do not call", "per e mail", "by e mail", "wenig zeit", "kein besuch", "lieber mit video", "rückruf",
            "peu de temps", "pas de visite", "préfère", "poco tiempo", "sin visita", "prefiere", "poco tempo",
            "nessuna visita", "preferisce",
        ],
        .praise: [
            "happy with", "satisfied", "recommend", "zufrieden", "empfiehlt", "satisfait", "recommande", "contento",
            "recomienda", "soddisfatto", "consiglia",
        ],
    ]

    static let topic: [InquiryReading.Kind: String] = [
        .dosing: "dosing", .interaction: "safety", .contraindication: "safety", .clinicalData: "efficacy",
        .labelling: "safety", .price: "cost_coverage", .coverage: "cost_coverage", .training: "education",
        .order: "product_news",
    ]

    static let need: [InquiryReading.Kind: String] = [
        .dosing: "guidance", .interaction: "guidance", .contraindication: "guidance", .clinicalData: "evidence",
        .labelling: "guidance", .price: "price", .order: "supply", .coverage: "access", .training: "skills",
        .technical: "help", .delivery: "supply", .contactWish: "time", .praise: "none",
    ]

    static let urgent = [
        "urgent", "immediately", "as soon as possible", "asap", "right away", "today", "at once", "emergency",
        "dringend",
        "sofort", "heute", "immédiatement", "aujourdhui", "urgente", "hoy", "inmediat", "subito", "oggi",
    ]

    static let unhurried = [
        "next quarter", "some time", "sometime", "no hurry", "when you have time", "nächsten quartal",
        "prochain trimestre",
        "próximo trimestre", "prossimo trimestre",
    ]
}
