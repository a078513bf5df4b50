import Foundation

/// Texts to numbers of a BERT vocabulary: cleaning, splitting, and the longest known pieces of each word.
///
/// The uncased or cased tokenizer of Devlin and others 2019 ("BERT", and Wu and others 2016 for the pieces), as Hugging
/// Face's `BertNormalizer`, `BertPreTokenizer` and `WordPiece` do it. Names of special tokens inside a text are text.
package struct WordPiece: Sendable {
    /// Numbers of `[UNK]`, `[CLS]`, `[SEP]`.
    let unknown: Int32
    let start: Int32
    let end: Int32
    package let count: Int
    private let pieces: [String: Int32]
    private let lowercases: Bool

    /// Longer words are unknown.
    private static let longestWord = 100

    /// - Parameters:
    ///   - vocabulary: one piece a line, its number is its line; pieces that continue a word begin with `##`.
    ///   - lowercases: lower case without accents.
    /// Nil where a special token is missing.
    package init?(vocabulary: String, lowercases: Bool) {
        var pieces: [String: Int32] = [:]
        var number: Int32 = 0
        for line in vocabulary.utf8.split(separator: 10, omittingEmptySubsequences: false) {
            let line = line.last == 13 ? line.dropLast() : line
            if !line.isEmpty { pieces[String(decoding: line, as: UTF8.self)] = number }
            number += 1
        }
        guard let unknown = pieces["[UNK]"], let start = pieces["[CLS]"], let end = pieces["[SEP]"] else { return nil }
        (self.unknown, self.start, self.end) = (unknown, start, end)
        (self.pieces, self.lowercases) = (pieces, lowercases)
        count = Int((pieces.values.max() ?? -1) + 1)
    }

    /// Numbers of a text between start and end, at most `limit` in all.
    package func numbers(_ text: String, limit: Int) -> [Int32] {
        var result = [start]
        for word in words(text) {
            if result.count >= limit - 1 { break }
            append(word, &result)
        }
        if result.count > limit - 1 { result.removeLast(result.count - (limit - 1)) }
        return result + [end]
    }

    /// Runs without blanks; each mark of punctuation and each CJK ideograph by itself.
    func words(_ text: String) -> [[Unicode.Scalar]] {
        var words: [[Unicode.Scalar]] = []
        var word: [Unicode.Scalar] = []
        func close() {
            if !word.isEmpty { words.append(word) }
            word.removeAll(keepingCapacity: true)
        }
        for scalar in normalized(text) {
            if scalar.properties.isWhitespace {
                close()
            } else if Self.isPunctuation(scalar) || Self.isIdeograph(scalar) {
                close()
                words.append([scalar])
            } else {
                word.append(scalar)
            }
        }
        close()
        return words
    }

    private func normalized(_ text: String) -> [Unicode.Scalar] {
        let clean = text.unicodeScalars.filter { !Self.isDropped($0) }
        guard lowercases else { return Array(clean) }
        var decomposed = String.UnicodeScalarView()
        decomposed.append(contentsOf: clean)
        return String(decomposed).decomposedStringWithCanonicalMapping.unicodeScalars
            .filter { $0.properties.generalCategory != .nonspacingMark }
            .flatMap { $0.properties.lowercaseMapping.unicodeScalars }
    }

    private func append(_ word: [Unicode.Scalar], _ result: inout [Int32]) {
        guard word.count <= Self.longestWord else { return result.append(unknown) }
        var found: [Int32] = []
        var from = 0
        while from < word.count {
            var piece: Int32?
            var to = word.count
            while to > from {
                var candidate = String.UnicodeScalarView()
                if from > 0 { candidate.append(contentsOf: "##".unicodeScalars) }
                candidate.append(contentsOf: word[from..<to])
                piece = pieces[String(candidate)]
                if piece != nil { break }
                to -= 1
            }
            guard let piece else { return result.append(unknown) }
            found.append(piece)
            from = to
        }
        result.append(contentsOf: found)
    }

    /// Control and format characters, unassigned and private ones, and the replacement character.
    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\t" || scalar == "\n" || scalar == "\r" { return false }
        if scalar.value == 0 || scalar.value == 0xFFFD { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .surrogate, .unassigned: return true
        default: return false
        }
    }

    /// Also the ASCII marks that Unicode calls symbols: `$`, `+`, `<`, `^` and their like.
    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 33...47, 58...64, 91...96, 123...126: return true
        default: break
        }
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return true
        default: return false
        }
    }

    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF,
            0xF900...0xFAFF, 0x2F800...0x2FA1F:
            return true
        default: return false
        }
    }
}
