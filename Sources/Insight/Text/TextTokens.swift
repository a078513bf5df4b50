import Statistics

/// Words and the terms made of them: what a text looks like to a linear model.
///
/// Terms are 64-bit hashes of their bytes with a tag per kind; at a million distinct terms two share a hash with
/// probability 3 · 10⁻⁸.
package enum TextTokens {
    /// Lower-case runs of letters and digits, in order. Apostrophes inside a word are dropped ("doesn't" → "doesnt").
    package static func words(_ text: String) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        for scalar in text.lowercased().unicodeScalars {
            if scalar.properties.isAlphabetic || (48...57).contains(scalar.value) {
                word.append(contentsOf: UTF8.encode(scalar) ?? UTF8.CodeUnit.none)
            } else if (scalar == "'" || scalar == "’") && !word.isEmpty {
                continue
            } else if !word.isEmpty {
                words.append(word)
                word.removeAll(keepingCapacity: true)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// FNV-1a over the bytes, finished by SplitMix64.
    static func hash(_ bytes: some Sequence<UInt8>, tag: UInt64) -> UInt64 {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325 ^ tag
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return SeededGenerator.mix(value ^ tag &* 0x9E37_79B9_7F4A_7C15)
    }

    /// A term of several terms, in their order.
    static func join(_ parts: some Sequence<UInt64>, tag: UInt64) -> UInt64 {
        parts.reduce(SeededGenerator.mix(tag)) { SeededGenerator.mix($0 ^ $1 &+ 0x632B_E59B_D9B4_E019) }
    }

    /// Hashes of single words.
    static func wordHashes(_ words: [[UInt8]]) -> [UInt64] { words.map { hash($0, tag: 1) } }

    /// Words and pairs of neighbours.
    static func wordTerms(_ hashes: [UInt64], pairs: Bool) -> [UInt64] {
        guard pairs, hashes.count > 1 else { return hashes }
        return hashes + (1..<hashes.count).map { join(hashes[($0 - 1)...$0], tag: 2) }
    }

    /// Runs of 2…5 characters inside each word with a blank on either side.
    static func characterTerms(_ words: [[UInt8]]) -> [UInt64] {
        var terms: [UInt64] = []
        for word in words {
            let padded = [32] + word + [32]
            // A character starts at every byte that does not continue one.
            let starts = padded.indices.filter { padded[$0] & 0xC0 != 0x80 } + [padded.count]
            let count = starts.count - 1
            for length in 2...5 {
                guard count >= length else { break }
                for first in 0...(count - length) {
                    terms.append(hash(padded[starts[first]..<starts[first + length]], tag: 3))
                }
            }
        }
        return terms
    }

    /// The frame of a sentence: rare words (names of products, mostly) become one blank, then runs of 1…3 and pairs
    /// that stand up to six places apart, with the sentence's start and end as words of their own.
    ///
    /// "how long does warfarin stay" and "how long does tylenol stay" share every such term.
    static func frameTerms(_ hashes: [UInt64], common: Set<UInt64>) -> [UInt64] {
        var frame: [UInt64] = [frameStart]
        for hash in hashes {
            let next = common.contains(hash) ? hash : frameBlank
            if next != frameBlank || frame[frame.count - 1] != frameBlank { frame.append(next) }
        }
        frame.append(frameEnd)
        var terms: [UInt64] = []
        for i in frame.indices {
            for length in 1...3 where i + length <= frame.count { terms.append(join(frame[i..<(i + length)], tag: 4)) }
            for j in (i + 2)..<max(i + 2, min(frame.count, i + 7)) {
                terms.append(join([frame[i], frame[j]], tag: 5))
            }
        }
        return terms
    }

    private static let frameStart: UInt64 = 1
    private static let frameEnd: UInt64 = 2
    private static let frameBlank: UInt64 = 3
}

extension UTF8.CodeUnit {
    fileprivate static var none: Unicode.UTF8.EncodedScalar { Unicode.UTF8.encodedReplacementCharacter }
}
