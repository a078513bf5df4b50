package import EngagementModel

/// Reads messages by the company's own classifier where one is installed, by the rules where it is not, or not sure.
///
/// What must never depend on a training stays with the rules: safety flags, urgency, and every doubt on the medical
/// side. A message is medical when the classifier says so, when it gives medical kinds a fifth of its belief, or when a
/// rule says so.
package struct InquiryReader: Sendable {
    /// Below this the rules name the kind: a calibrated probability of one half is a coin. Who never learnt what is none of
    /// its kinds must be surer.
    package static let sure = (knowsOthers: 0.5, knowsNone: 0.8)
    /// Belief in medical kinds from which on a colleague of medical must look.
    package static let medicalDoubt = 0.2

    private let classifier: TextClassifier?
    private let sentences: SentenceModel?
    private let kinds: [InquiryReading.Kind]
    /// Whether the vectors of a sentence model are among the features.
    package var readsMeaning: Bool { sentences != nil }
    /// What read, for the table of readings: another version reads every message anew.
    package let version: String

    /// The rules alone.
    package init() {
        (classifier, sentences, kinds, version) = (nil, nil, [], "rules-2")
    }

    /// - Parameter sentences: the sentence model that is installed; the classical classifier reads without the one that
    ///   the classifier was trained with.
    /// - Throws: `text_model_labels` when a label is no kind that a route, a topic and a need belong to.
    package init(_ trained: TrainedText, sentences: SentenceModel? = nil) throws(Diagnostic) {
        var kinds: [InquiryReading.Kind] = []
        for label in trained.classifier.labels {
            guard let kind = InquiryReading.Kind(rawValue: label) else {
                let known = InquiryReading.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw Diagnostic(
                    "text_model_labels", "the classifier knows a label that is no kind of inquiry: `\(label)`",
                    remedy: "train it on labels among \(known)")
            }
            kinds.append(kind)
        }
        self.kinds = kinds
        let name = "rules-2+\(trained.version)"
        if let embedded = trained.embedded, let sentences, embedded.classifier.sentences == sentences.version,
            embedded.classifier.members.allSatisfy({ $0.features.dimensions == sentences.dimensions })
        {
            (classifier, self.sentences) = (embedded.classifier, sentences)
            version = "\(name)+\(sentences.version)"
        } else {
            (classifier, self.sentences, version) = (trained.classifier, nil, name)
        }
    }

    /// Readings of texts, in order.
    package func read(_ texts: [String]) -> [InquiryReading] {
        let ruled = texts.map { InquiryReading.read($0) }
        guard let classifier else { return ruled }
        let beliefs = classifier.probabilities(texts, sentences.map { TextMeanings(texts, by: $0) })
        return ruled.indices.map { row in
            combine(ruled[row], Array(beliefs[(row * kinds.count)..<((row + 1) * kinds.count)]))
        }
    }

    private func combine(_ rules: InquiryReading, _ belief: [Double]) -> InquiryReading {
        guard let best = belief.indices.max(by: { belief[$0] < belief[$1] }) else { return rules }
        let medical = kinds.indices.reduce(0) { $0 + (kinds[$1].isMedical ? belief[$1] : 0) }
        var reading = rules
        // A kind that was not in the training cannot be the classifier's answer; there the rules speak alone.
        let isTaught = rules.kind == .other || kinds.contains(rules.kind)
        let bound = kinds.contains(.other) ? Self.sure.knowsOthers : Self.sure.knowsNone
        if isTaught, belief[best] >= bound {
            reading.kind = kinds[best]
            reading.topic = InquiryTerms.topic[reading.kind]
            reading.need = InquiryTerms.need[reading.kind] ?? "unclear"
            reading.evidence.append("classifier \(Int((belief[best] * 100).rounded()))%")
            if reading.kind == .technical { reading.urgency = .high }
        }
        reading.medical = rules.medical || reading.kind.isMedical || medical >= Self.medicalDoubt
        return reading
    }
}
