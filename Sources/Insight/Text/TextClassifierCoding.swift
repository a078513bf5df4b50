package import EngagementModel
package import Foundation
internal import Statistics

/// A trained classifier with what is known of it: how many texts it learnt from, and how well it does on texts that it
/// had not seen.
///
/// Trained with a sentence model it holds two classifiers: the classical one answers where that model is not installed.
package struct TrainedText: Sendable {
    /// Figures of a stratified cross-validation over the texts that the classifier was then trained on.
    package struct Proof: Sendable, Hashable, Codable {
        package var texts: Int
        /// Share of right answers in each part that was left out, in order.
        package var foldAccuracy: [Double]
        package var accuracy: Double
        package var macroF1: Double
        package var calibrationError: Double

        package init(
            texts: Int, foldAccuracy: [Double], accuracy: Double, macroF1: Double, calibrationError: Double
        ) {
            self.texts = texts
            self.foldAccuracy = foldAccuracy
            self.accuracy = accuracy
            self.macroF1 = macroF1
            self.calibrationError = calibrationError
        }
    }

    /// Needs no sentence model.
    package var classifier: TextClassifier
    package var proof: Proof
    /// The same texts with the vectors of a sentence model.
    package var embedded: Embedded?
    /// Name of the content: the same training, the same version.
    package private(set) var version: String

    /// A classifier that needs the sentence model `sentences`.
    package struct Embedded: Sendable {
        package var classifier: TextClassifier
        package var proof: Proof

        package init(_ classifier: TextClassifier, proof: Proof) {
            (self.classifier, self.proof) = (classifier, proof)
        }
    }

    package init(_ classifier: TextClassifier, proof: Proof, embedded: Embedded? = nil) {
        self.classifier = classifier
        self.proof = proof
        self.embedded = embedded
        version = Self.version(of: [classifier] + (embedded.map { [$0.classifier] } ?? []))
    }

    /// The file as JSON: weights as little-endian 32-bit floats, hashes of terms as 64-bit words; no text of the
    /// training is in it.
    package func encoded() throws -> Data {
        let coder = JSONEncoder()
        coder.outputFormatting = [.sortedKeys]
        return try coder.encode(
            File(
                format: File.current, labels: classifier.labels, proof: proof,
                members: classifier.members.map(\.stored),
                sentences: embedded.map {
                    .init(
                        model: $0.classifier.sentences ?? "", proof: $0.proof,
                        members: $0.classifier.members.map(\.stored))
                }))
    }

    /// - Throws: `text_model_damaged` when the data are no classifier of this format.
    package init(decoding data: Data) throws(Diagnostic) {
        guard let file = try? JSONDecoder().decode(File.self, from: data), file.format == File.current,
            file.labels.count > 1, let plain = Self.classifier(file.labels, file.members, sentences: nil)
        else { throw Self.damaged }
        var embedded: Embedded?
        if let stored = file.sentences {
            guard let other = Self.classifier(file.labels, stored.members, sentences: stored.model) else {
                throw Self.damaged
            }
            embedded = Embedded(other, proof: stored.proof)
        }
        self.init(plain, proof: file.proof, embedded: embedded)
    }

    /// Nil where a member is damaged, none is there, or the members disagree on the length of a vector.
    private static func classifier(
        _ labels: [String], _ members: [TextScorer.Stored], sentences: String?
    ) -> TextClassifier? {
        let read = members.compactMap { TextScorer($0, classes: labels.count) }
        guard !read.isEmpty, read.count == members.count,
            read.allSatisfy({ ($0.features.dimensions > 0) == (sentences != nil) }),
            Set(read.map(\.features.dimensions)).count == 1
        else { return nil }
        return TextClassifier(labels: labels, members: read, sentences: sentences)
    }

    private static let damaged = Diagnostic(
        "text_model_damaged", "the file is no text classifier, or is one of another version",
        remedy: "train it again: `rapport analyze classify … --save FILE`")

    private static func version(of classifiers: [TextClassifier]) -> String {
        var hash = ContentHash()
        for classifier in classifiers {
            for label in classifier.labels { hash.combine(label) }
            if let sentences = classifier.sentences { hash.combine(sentences) }
            for member in classifier.members {
                let stored = member.stored
                for part in stored.terms + stored.weights + [stored.numbers, stored.common, stored.rarity] {
                    hash.combine(bytes: Array(part))
                }
            }
        }
        return "text-\(hash.hex.prefix(10))"
    }

    private struct File: Codable {
        static let current = "rapport-text-1"
        var format: String
        var labels: [String]
        var proof: Proof
        var members: [TextScorer.Stored]
        var sentences: Sentences?

        struct Sentences: Codable {
            var model: String
            var proof: Proof
            var members: [TextScorer.Stored]
        }
    }
}

extension TextScorer {
    /// One linear model of the file.
    struct Stored: Codable {
        var kinds: [Int]
        var cost: Double
        var slope: Double
        var pull: Double
        var prior: [Double]
        /// Hashes of terms by kind, in order of their numbers; `numbers` are those of all kinds, kind after kind.
        var terms: [Data]
        var numbers: Data
        var rarity: Data
        var common: Data
        var weights: [Data]
        /// Numbers of a sentence vector, behind the terms; left out without one.
        var dimensions: Int?
    }

    var stored: Stored {
        let sorted = features.vocabulary.map { $0.sorted { $0.value < $1.value } }
        return Stored(
            kinds: features.kinds.map(\.rawValue), cost: cost, slope: calibration.slope, pull: calibration.pull,
            prior: calibration.prior, terms: sorted.map { Self.data($0.map(\.key)) },
            numbers: Self.data(sorted.joined().map { UInt32($0.value) }),
            rarity: Self.data(features.weight.map { Float($0).bitPattern }),
            common: Self.data(features.common.sorted()),
            weights: machine.weights.map { Self.data($0.map { Float($0).bitPattern }) },
            dimensions: features.dimensions > 0 ? features.dimensions : nil)
    }

    /// Nil where sizes contradict each other.
    init?(_ stored: Stored, classes: Int) {
        let kinds = stored.kinds.compactMap { TextFeatures.Kind(rawValue: $0) }
        let numbers = Self.words(stored.numbers, UInt32.self)
        let rarity = Self.words(stored.rarity, UInt32.self).map { Double(Float(bitPattern: $0)) }
        let dimensions = stored.dimensions ?? 0
        let weights = stored.weights.map { Self.words($0, UInt32.self).map { Double(Float(bitPattern: $0)) } }
        guard kinds.count == stored.kinds.count, stored.terms.count == kinds.count, numbers.count == rarity.count,
            !rarity.isEmpty, numbers.allSatisfy({ $0 < rarity.count }), weights.count == classes,
            (0...65536).contains(dimensions), (dimensions > 0) == kinds.contains(.meaning),
            weights.allSatisfy({ $0.count == rarity.count + dimensions + 1 && $0.allSatisfy(\.isFinite) }),
            stored.prior.count == classes, stored.prior.allSatisfy({ $0 > 0 }), stored.slope.isFinite,
            stored.pull.isFinite
        else { return nil }
        var vocabulary: [[UInt64: Int32]] = []
        var place = 0
        for block in stored.terms {
            var terms: [UInt64: Int32] = [:]
            for hash in Self.words(block, UInt64.self) {
                guard place < numbers.count else { return nil }
                terms[hash] = Int32(numbers[place])
                place += 1
            }
            vocabulary.append(terms)
        }
        guard place == numbers.count else { return nil }
        var calibration = ScoreCalibration(prior: stored.prior)
        (calibration.slope, calibration.pull) = (stored.slope, stored.pull)
        self.init(
            cost: stored.cost, calibration: calibration,
            features: TextFeatures(
                kinds: kinds, vocabulary: vocabulary, weight: rarity,
                common: Set(Self.words(stored.common, UInt64.self)), dimensions: dimensions),
            machine: LinearMachine(weights: weights))
    }

    private static func data<T: FixedWidthInteger>(_ words: [T]) -> Data {
        var data = Data(capacity: words.count * MemoryLayout<T>.size)
        for word in words { withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) } }
        return data
    }

    /// A rest that fills no word makes the sizes differ, and is found there.
    private static func words<T: FixedWidthInteger & BitwiseCopyable>(_ data: Data, _ type: T.Type) -> [T] {
        let size = MemoryLayout<T>.size
        return data.withUnsafeBytes { bytes in
            (0..<(bytes.count / size)).map {
                T(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: T.self))
            }
        }
    }
}
