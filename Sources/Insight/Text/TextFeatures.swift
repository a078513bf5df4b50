import Foundation

/// Rows of a sparse matrix: indices and values of row i are at `offsets[i]..<offsets[i + 1]`.
package struct SparseRows: Sendable {
    package var offsets: [Int] = [0]
    package var indices: [Int32] = []
    package var values: [Double] = []
    package var width = 0

    package var count: Int { offsets.count - 1 }

    func selecting(_ rows: [Int]) -> SparseRows {
        var result = SparseRows()
        result.width = width
        for row in rows {
            result.indices.append(contentsOf: indices[offsets[row]..<offsets[row + 1]])
            result.values.append(contentsOf: values[offsets[row]..<offsets[row + 1]])
            result.offsets.append(result.indices.count)
        }
        return result
    }
}

/// TF-IDF weights of words, characters and sentence frames, learned from texts.
///
/// Within each kind: (1 + ln tf) · (ln((1 + n) / (1 + df)) + 1), scaled to length 1 (Salton and Buckley 1988, in the
/// smoothed form of scikit-learn).
package struct TextFeatures: Sendable {
    /// The kinds of terms that make up a row.
    package enum Kind: Int, Sendable, CaseIterable { case words, characters, frames }

    private(set) var vocabulary: [[UInt64: Int32]]
    /// ln((1 + n) / (1 + df)) + 1 of each term.
    private(set) var weight: [Double] = []
    private(set) var common: Set<UInt64> = []
    let kinds: [Kind]

    /// Number of distinct terms.
    package var width: Int { weight.count }

    /// - Parameters:
    ///   - kinds: which terms.
    ///   - commonFrom: a word is part of a sentence's frame when at least so many texts hold it.
    package init(_ texts: [String], kinds: [Kind] = Kind.allCases, commonFrom: Int = 5) {
        self.kinds = kinds
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

    init(kinds: [Kind], vocabulary: [[UInt64: Int32]], weight: [Double], common: Set<UInt64>) {
        (self.kinds, self.vocabulary, self.weight, self.common) = (kinds, vocabulary, weight, common)
    }

    private func terms(_ words: [[UInt8]], _ kind: Kind) -> [UInt64] {
        switch kind {
        case .words: TextTokens.wordTerms(TextTokens.wordHashes(words), pairs: false)
        case .characters: TextTokens.characterTerms(words)
        case .frames: TextTokens.frameTerms(TextTokens.wordHashes(words), common: common)
        }
    }

    /// One row a text; terms that were not learned are left out.
    package func rows(_ texts: [String]) -> SparseRows {
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
            result.offsets.append(result.indices.count)
        }
        return result
    }
}
