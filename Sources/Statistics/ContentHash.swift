/// A 128-bit digest of columns: names versions of models by their content.
///
/// Two lanes of the SplitMix64 finaliser; it finds changes, it does not resist an adversary.
package struct ContentHash: Sendable {
    private var a: UInt64 = 0x243F_6A88_85A3_08D3
    private var b: UInt64 = 0x1319_8A2E_0370_7344

    package init() {}

    package mutating func combine(_ word: UInt64) {
        a = SeededGenerator.mix(a ^ word)
        b = SeededGenerator.mix(b &+ word &* 0x9E37_79B9_7F4A_7C15) ^ a
    }

    package mutating func combine(_ text: String) {
        combine(bytes: Array(text.utf8))
    }

    /// Length first, then eight bytes a word, little-endian.
    package mutating func combine(bytes: [UInt8]) {
        combine(UInt64(bytes.count))
        bytes.withUnsafeBytes { raw in
            var i = 0
            while i + 8 <= raw.count {
                combine(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: i, as: UInt64.self)))
                i += 8
            }
            var tail: UInt64 = 0
            var shift: UInt64 = 0
            while i < raw.count {
                tail |= UInt64(raw[i]) << shift
                shift += 8
                i += 1
            }
            combine(tail)
        }
    }

    /// 32 lower-case hexadecimal digits.
    package var hex: String {
        func digits(_ word: UInt64) -> String {
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return digits(a) + digits(b)
    }
}
