internal import Decisioning

/// What a live decision chose from, as bytes: with temperature, floor and seed enough to draw it again.
///
/// 19 bytes a candidate, little-endian: offer (1), variant (2), P(engaged) (4), value (4), price (8); in the order in
/// which the policy saw them.
struct LiveEvidence: Sendable, Hashable {
    struct Candidate: Sendable, Hashable {
        var offer: UInt8
        var variant: UInt16
        var probability: Float
        var value: Float
        var price: Double

        /// Currency, after prices.
        var net: Double { Double(value) - price }
    }

    var candidates: [Candidate] = []

    static let width = 19

    var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(candidates.count * Self.width)
        func append(_ word: UInt64, _ count: Int) {
            for place in 0..<count { result.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * place))) }
        }
        for candidate in candidates {
            append(UInt64(candidate.offer), 1)
            append(UInt64(candidate.variant), 2)
            append(UInt64(candidate.probability.bitPattern), 4)
            append(UInt64(candidate.value.bitPattern), 4)
            append(candidate.price.bitPattern, 8)
        }
        return result
    }

    init(_ candidates: [Candidate] = []) { self.candidates = candidates }

    /// nil when the bytes are no whole number of candidates.
    init?(bytes: [UInt8]) {
        guard bytes.count % Self.width == 0 else { return nil }
        var place = 0
        func take(_ count: Int) -> UInt64 {
            defer { place += count }
            return (0..<count).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
        }
        while place < bytes.count {
            candidates.append(
                Candidate(
                    offer: UInt8(take(1)), variant: UInt16(take(2)),
                    probability: Float(bitPattern: UInt32(take(4))), value: Float(bitPattern: UInt32(take(4))),
                    price: Double(bitPattern: take(8))))
        }
    }
}
