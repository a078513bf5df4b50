import Foundation

/// Rows of a sparse matrix: indices and values of row i are at `offsets[i]..<offsets[i + 1]`.
package struct SparseRows: Sendable {
    package var offsets: [Int] = [0]
    package var indices: [Int32] = []
    package var values: [Double] = []
    package var width = 0

    package var count: Int { offsets.count - 1 }
}

/// TF-IDF weights of words, characters and sentence frames, learned from texts, and the directions of a sentence model
/// where one is given.
///
/// Within each kind of terms: (1 + ln tf) · (ln((1 + n) / (1 + df)) + 1), scaled to length 1 (Salton and Buckley 1988, in the
/// smoothed form of scikit-learn).
package struct TextFeatures: Sendable {
    /// What makes up a row: three kinds of terms, and the vector of a sentence model.
    package enum Kind: Int, Sendable { case words, characters, frames, meaning }

    private(set) var vocabulary: [[UInt64: Int32]]
    /// ln((1 + n) / (1 + df)) + 1 of each term.
    private(set) var weight: [Double] = []
    private(set) var common: Set<UInt64> = []
    let kinds: [Kind]
    /// Numbers of a sentence vector, behind the terms; 0 without `meaning`.
    let dimensions: Int

    /// Number of distinct terms and of a sentence vector's numbers.
    package var width: Int { weight.count + dimensions }

    /// - Parameters:
    ///   - kinds: which terms.
    ///   - dimensions: of the sentence vectors, for `meaning`.
    ///   - commonFrom: a word is part of a sentence's frame when at least so many texts hold it.
    package init(
        _ texts: [String], kinds: [Kind] = [.words, .characters, .frames], dimensions: Int = 0, commonFrom: Int = 5
    ) {
        self.kinds = kinds
        self.dimensions = kinds.contains(.meaning) ? dimensions : 0
        vocabulary = kinds.map { _ in [:] }
        let words = texts.map(TextTokens.words)
        var frequency: [UInt64: Int] = [:]
        for text in words { for hash in Set(TextTokens.wordHashes(text)) { frequency[hash, default: 0] += 1 } }
        common = Set(frequency.filter { $0.value >= commonFrom }.keys)
        var documents: [Int] = []
        for text in words {
            for (block, kind) in kinds.enumerated() {
                // In the order of the text, so that the numbering does not depend on a set's order.
                var seen: Set<UInt64> = []
                for term in terms(text, kind) where seen.insert(term).inserted {
                    if let number = vocabulary[block][term] {
                        documents[Int(number)] += 1
                    } else {
                        vocabulary[block][term] = Int32(documents.count)
                        documents.append(1)
                    }
                }
            }
        }
        weight = documents.map { log(Double(1 + texts.count) / Double(1 + $0)) + 1 }
    }

    init(
        kinds: [Kind], vocabulary: [[UInt64: Int32]], weight: [Double], common: Set<UInt64>, dimensions: Int
    ) {
        (self.kinds, self.vocabulary, self.weight, self.common) = (kinds, vocabulary, weight, common)
        self.dimensions = dimensions
    }

    /// A sentence vector's length beside the length 1 of each kind of terms.
    private static let meaningScale = 2.0

    private func terms(_ words: [[UInt8]], _ kind: Kind) -> [UInt64] {
        switch kind {
        case .words: TextTokens.wordTerms(TextTokens.wordHashes(words), pairs: false)
        case .characters: TextTokens.characterTerms(words)
        case .frames: TextTokens.frameTerms(TextTokens.wordHashes(words), common: common)
        case .meaning: []
        }
    }

    /// One row a text; terms that were not learned are left out.
    ///
    /// - Parameter meanings: of these texts, for `meaning`.
    package func rows(_ texts: [String], _ meanings: TextMeanings? = nil) -> SparseRows {
        var result = SparseRows()
        result.width = width
        for text in texts {
            let words = TextTokens.words(text)
            for (block, kind) in kinds.enumerated() {
                var counts: [Int32: Int] = [:]
                for term in terms(words, kind) {
                    if let number = vocabulary[block][term] { counts[number, default: 0] += 1 }
                }
                let entries = counts.map { ($0.key, (1 + log(Double($0.value))) * weight[Int($0.key)]) }
                    .sorted { $0.0 < $1.0 }
                let length = entries.reduce(0) { $0 + $1.1 * $1.1 }.squareRoot()
                for (number, value) in entries {
                    result.indices.append(number)
                    result.values.append(value / length)
                }
            }
            if dimensions > 0, let vector = meanings?[text] {
                for (i, value) in vector.enumerated() {
                    result.indices.append(Int32(weight.count + i))
                    result.values.append(Double(value) * Self.meaningScale)
                }
            }
            result.offsets.append(result.indices.count)
        }
        return result
    }
}
