import Foundation

/// Online Bayesian logistic regression over hashed features: one weight, a mean and a variance, for each place of a
/// table of 2^bits.
///
/// A row is predicted before it is learnt. It moves the means along the gradient, each by its own variance, and
/// shrinks the variances by the curvature: one step of an extended Kalman filter with a diagonal covariance.
/// Sources: Chapelle and Li, "An empirical evaluation of Thompson sampling" (2011), algorithm 3; Graepel and others,
/// "Web-scale Bayesian click-through rate prediction" (2010); Weinberger and others, "Feature hashing for large
/// scale multitask learning" (2009).
///
/// Unchecked: used by one thread at a time.
package final class HashedLogistic: @unchecked Sendable {
    /// Means and variances side by side: one cache line for both.
    private let weights: UnsafeMutablePointer<SIMD2<Float>>
    package let bits: Int
    /// How many numbers a row has; each is brought to the scale of the rows before it.
    package let numberCount: Int
    package let categoryCount: Int
    private var moments: [RunningMoments]
    private var entries: UnsafeMutablePointer<Int32>
    private var values: UnsafeMutablePointer<Float>

    /// - Parameters:
    ///   - bits: of the table: 2²⁰ places of eight bytes.
    ///   - priorVariance: of every weight before the first row; of the constant 16 times as much.
    package init(numberCount: Int, categoryCount: Int, bits: Int = 20, priorVariance: Float = 0.2) {
        self.bits = bits
        self.numberCount = numberCount
        self.categoryCount = categoryCount
        // The constant and the numbers come after the table of hashed categories.
        let size = (1 << bits) + numberCount * 2 + 1
        weights = .allocate(capacity: size)
        weights.initialize(repeating: SIMD2(0, priorVariance), count: size)
        weights[1 << bits].y = priorVariance * 16
        moments = Array(repeating: RunningMoments(), count: numberCount)
        entries = .allocate(capacity: numberCount * 2 + categoryCount + 1)
        values = .allocate(capacity: numberCount * 2 + categoryCount + 1)
    }

    deinit {
        weights.deallocate()
        entries.deallocate()
        values.deallocate()
    }

    /// The place of a category: a hash of its column and its value.
    @inline(__always) static func place(_ hash: UInt32, column: Int, bits: Int) -> Int32 {
        var h = UInt64(hash) &+ UInt64(truncatingIfNeeded: column &+ 1) &* 0x9E37_79B9_7F4A_7C15
        h = (h ^ (h >> 29)) &* 0xBF58_476D_1CE4_E5B9
        h ^= h >> 32
        return Int32(truncatingIfNeeded: h & ((1 << UInt64(bits)) - 1))
    }

    /// Mean and variance of the logit of the row that was read last.
    @inline(__always) private func logit(_ count: Int) -> (mean: Float, variance: Float) {
        var (mean, variance): (Float, Float) = (0, 0)
        for k in 0..<count {
            let w = weights[Int(entries[k])]
            let x = values[k]
            mean += w.x * x
            variance += w.y * x * x
        }
        return (mean, variance)
    }

    /// The logit whose sigmoid is (nearly) the mean of the sigmoid over the posterior (MacKay 1992).
    @inline(__always) private func moderated(_ mean: Float, _ variance: Float) -> Float {
        mean / (1 + 0.392_699_1 * variance).squareRoot()  // π/8
    }

    /// Collects the features of a row; a missing number (NaN) and a missing category are absent.
    @inline(__always) private func read(_ row: Int, _ columns: LearnColumns, adapting: Bool) -> Int {
        var count = 1
        let base = 1 << bits
        entries[0] = Int32(truncatingIfNeeded: base)
        values[0] = 1
        for column in 0..<numberCount {
            let x = columns.numbers[column][row]
            let isMissing = x.isNaN
            if !isMissing && adapting { moments[column].add(x) }
            // A missing number is itself a feature: it may mean something.
            entries[count] = Int32(truncatingIfNeeded: base + 1 + column * 2 + (isMissing ? 1 : 0))
            values[count] = isMissing ? 1 : moments[column].scaled(x)
            count += 1
        }
        for column in 0..<categoryCount {
            entries[count] = Self.place(columns.hashes[column][row], column: column, bits: bits)
            values[count] = 1
            count += 1
        }
        return count
    }

    /// Predicts a row, then learns it; returns the probability before.
    @inline(__always) package func learn(_ row: Int, _ columns: LearnColumns, outcome: Bool) -> Float {
        let count = read(row, columns, adapting: true)
        let (mean, variance) = logit(count)
        let p = 1 / (1 + exp(-moderated(mean, variance)))
        let curvature = p * (1 - p)
        // The joint correction keeps many features at once from overshooting.
        let damp = 1 / (1 + variance * curvature)
        let gradient = ((outcome ? 1 : 0) - p) * damp
        let shrink = curvature * damp
        for k in 0..<count {
            let pointer = weights + Int(entries[k])
            let weight = pointer.pointee
            let step = weight.y * values[k]
            pointer.pointee = SIMD2(weight.x + step * gradient, weight.y - step * step * shrink)
        }
        return p
    }

    /// Mean and standard deviation of a row's logit, nothing learnt.
    package func predict(_ row: Int, _ columns: LearnColumns) -> (logit: Float, deviation: Float) {
        let (mean, variance) = logit(read(row, columns, adapting: false))
        return (mean, variance.squareRoot())
    }

    /// The probability of a logit, averaged over its uncertainty.
    package func probability(_ logit: Float, _ deviation: Float) -> Float {
        1 / (1 + exp(-moderated(logit, deviation * deviation)))
    }
}

/// The features of a log, column by column.
package struct LearnColumns: Sendable {
    /// NaN where missing.
    package var numbers: [[Float]]
    /// Hash of the category's text; the hash of empty text where missing.
    package var hashes: [[UInt32]]

    package init(numbers: [[Float]], hashes: [[UInt32]]) {
        self.numbers = numbers
        self.hashes = hashes
    }
}

/// Mean and spread of the numbers so far (Welford 1962), so that no row is scaled by rows that come after it.
struct RunningMoments: Sendable {
    private var seen = 0
    private var used = 0.0
    private var mean = 0.0
    private var squares = 0.0
    private var shift: Float = 0
    private var inverse: Float = 0

    @inline(__always) mutating func add(_ x: Float) {
        // After many rows the scale hardly moves: every sixteenth row will do.
        seen &+= 1
        if seen > 16_384 && seen & 15 != 0 { return }
        used += 1
        let delta = Double(x) - mean
        mean += delta / used
        squares += (delta * (Double(x) - mean) - squares) / used
        shift = Float(mean)
        inverse = squares > 0 ? Float(1 / squares.squareRoot()) : 0
    }

    /// Distance from the mean in deviations, at most 8: one freak value must not tear the weights.
    @inline(__always) func scaled(_ x: Float) -> Float { min(max((x - shift) * inverse, -8), 8) }
}
