import Statistics

extension CandidateTrace {
    /// Digest of everything that the score was computed from: features, weights, calibration, gain and terms, bit for
    /// bit; two traces with one digest replay to one score.
    package var contentHash: String {
        var hash = ContentHash()
        for trace in [reach, engage] {
            // Of trees the row and what they said of it: the parts follow from both.
            if let trees = trace.trees {
                hash.combine(trees.row)
                hash.combine(UInt64(trees.value.bitPattern) << 32 | UInt64(trees.spread.bitPattern))
                hash.combine(trace.calibration.slope.bitPattern)
                hash.combine(trace.calibration.shift.bitPattern)
                continue
            }
            for group in [trace.contact, trace.action, trace.cross] {
                hash.combine(UInt64(group.count))
                for term in group {
                    hash.combine(UInt64(term.value.bitPattern) << 32 | UInt64(term.mean.bitPattern))
                    hash.combine(UInt64(term.variance.bitPattern))
                }
            }
            hash.combine(trace.calibration.slope.bitPattern)
            hash.combine(trace.calibration.shift.bitPattern)
        }
        hash.combine(gain == nil ? 0 : 1)
        if let gain {
            hash.combine(UInt64(gain.reached.bitPattern) << 32 | UInt64(gain.engaged.bitPattern))
            hash.combine(UInt64(gain.relativeVariance.bitPattern))
        }
        hash.combine(UInt64(bitPattern: Int64(terms.objective ?? -1)))
        for number in [terms.valuePerUnit, terms.lever, terms.cost] { hash.combine(number.bitPattern) }
        return hash.hex
    }
}
