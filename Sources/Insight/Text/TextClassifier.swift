import EngagementModel
import Foundation

/// What kind of inquiry a text is, with a calibrated probability.
///
/// Two linear models, one of words and sentence frames, one of words and characters, each calibrated by itself; their
/// probabilities are multiplied and their root taken (a logarithmic opinion pool, Hinton 2002), because they err apart.
/// With a sentence model its vectors are added to both.
package struct TextClassifier: Sendable {
    /// Class names.
    package let labels: [String]
    package let members: [TextScorer]
    /// The sentence model whose vectors it needs; nil without one.
    package let sentences: String?

    package static let termKinds: [[TextFeatures.Kind]] = [[.words, .frames], [.words, .characters]]

    /// - Parameters:
    ///   - texts, classes: one text and the number of its label each; classes in 0..<labels.count.
    ///   - meanings: vectors of the texts, where a sentence model is installed.
    ///   - innerFolds: parts of the cross-validation that chooses the regularisation.
    ///   - kinds: features of each member.
    /// - Throws: `one_class` and `empty_texts`.
    package init(
        texts: [String], classes: [Int32], labels: [String], seed: UInt64, meanings: TextMeanings? = nil,
        innerFolds: Int = 5, members kinds: [[TextFeatures.Kind]]? = nil
    ) throws {
        guard Set(classes).count > 1 else {
            throw Diagnostic(
                "one_class", "all texts have the same label: there is nothing to tell apart",
                remedy: "give texts of at least two kinds")
        }
        self.labels = labels
        sentences = meanings?.version
        let kinds = kinds ?? Self.termKinds.map { meanings == nil ? $0 : $0 + [.meaning] }
        members = try kinds.map {
            try TextScorer(
                texts: texts, classes: classes, classCount: labels.count, kinds: $0, meanings: meanings,
                innerFolds: innerFolds, seed: seed)
        }
    }

    init(labels: [String], members: [TextScorer], sentences: String?) {
        (self.labels, self.members, self.sentences) = (labels, members, sentences)
    }

    /// Probabilities of every class for every text, text after text; each text's sum to 1.
    ///
    /// - Parameter meanings: of these texts, by the model of the training, when it had one.
    package func probabilities(_ texts: [String], _ meanings: TextMeanings? = nil) -> [Double] {
        precondition(sentences == meanings?.version, "vectors of the model that it was trained with")
        let each = members.map { $0.probabilities(texts, meanings) }
        guard each.count > 1 else { return each.first ?? [] }
        var pooled = [Double](repeating: 0, count: texts.count * labels.count)
        for row in texts.indices {
            let range = (row * labels.count)..<((row + 1) * labels.count)
            for i in range {
                // Far below any probability that matters, and keeps the logarithm finite.
                pooled[i] = exp(each.reduce(0) { $0 + log(max($1[i], 1e-300)) } / Double(each.count))
            }
            let sum = range.reduce(0) { $0 + pooled[$1] }
            for i in range { pooled[i] /= sum }
        }
        return pooled
    }

    /// The likeliest class and its probability.
    package func classify(
        _ texts: [String], _ meanings: TextMeanings? = nil
    ) -> [(label: Int, probability: Double)] {
        let p = probabilities(texts, meanings)
        return texts.indices.map { row in
            let range = (row * labels.count)..<((row + 1) * labels.count)
            let best = range.max { p[$0] < p[$1] } ?? range.lowerBound
            return (best - range.lowerBound, p[best])
        }
    }
}
