import Foundation

/// Log loss, ranking and calibration of many probabilities, by one radix sort: exact, ties counted half.
package struct RankedScore: Sendable {
    package var logLoss: Double
    /// 0.5 when one class is missing.
    package var auc: Double
    /// Expected calibration error over ten bins of equal count.
    package var calibrationError: Double

    package init(_ probabilities: [Float], _ outcomes: [Bool]) {
        precondition(probabilities.count == outcomes.count, "one outcome for each probability")
        let n = probabilities.count
        guard n > 0 else {
            (logLoss, auc, calibrationError) = (0, 0.5, 0)
            return
        }
        var loss = 0.0
        for k in 0..<n { loss += Self.loss(probabilities[k], outcomes[k]) }
        logLoss = loss / Double(n)
        // Bits of a number in 0...1 rise with it and leave the last place for the outcome.
        var keys = (0..<n).map { probabilities[$0].bitPattern << 1 | (outcomes[$0] ? 1 : 0) }
        Self.sort(&keys)
        (auc, calibrationError) = Self.walk(keys)
    }

    @inline(__always) package static func loss(_ p: Float, _ y: Bool) -> Double {
        let q = min(max(Double(p), 1e-12), 1 - 1e-12)
        return y ? -log(q) : -log1p(-q)
    }

    private static func sort(_ keys: inout [UInt32]) {
        var other = [UInt32](repeating: 0, count: keys.count)
        for shift in [0, 11, 22] as [UInt32] {
            var starts = [Int](repeating: 0, count: 2049)
            for key in keys { starts[Int(key >> shift & 2047) + 1] += 1 }
            for k in 0..<2048 { starts[k + 1] += starts[k] }
            for key in keys {
                let digit = Int(key >> shift & 2047)
                other[starts[digit]] = key
                starts[digit] += 1
            }
            swap(&keys, &other)
        }
    }

    private static func walk(_ keys: [UInt32]) -> (auc: Double, error: Double) {
        let n = keys.count
        var positives = 0.0
        var rankSum = 0.0
        var i = 0
        while i < n {
            var j = i
            var ones = 0.0
            while j < n, keys[j] >> 1 == keys[i] >> 1 {
                ones += Double(keys[j] & 1)
                j += 1
            }
            positives += ones
            rankSum += ones * Double(i + j + 1) / 2
            i = j
        }
        let negatives = Double(n) - positives
        let auc =
            positives > 0 && negatives > 0
            ? (rankSum - positives * (positives + 1) / 2) / (positives * negatives) : 0.5
        var error = 0.0
        let bins = min(10, n)
        for bin in 0..<bins {
            var (predicted, observed) = (0.0, 0.0)
            for k in (bin * n / bins)..<((bin + 1) * n / bins) {
                predicted += Double(Float(bitPattern: keys[k] >> 1))
                observed += Double(keys[k] & 1)
            }
            error += abs(predicted - observed) / Double(n)
        }
        return (auc, error)
    }
}
