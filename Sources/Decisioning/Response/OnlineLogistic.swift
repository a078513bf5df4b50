import Foundation

/// Bayesian logistic regression with a diagonal Gaussian posterior, one pass over the rows.
///
/// Each weight is (mean, variance). A row moves the means along the gradient, each by its own variance, and
/// shrinks the variances by the curvature: one step of an extended Kalman filter, with the joint correction
/// 1 + s·h that keeps many features at once from overshooting.
/// Sources: Chapelle and Li, "An empirical evaluation of Thompson sampling" (2011), algorithm 3; Graepel and
/// others, "Web-scale Bayesian click-through rate prediction" (2010).
enum OnlineLogistic {
    /// Mean and variance of the logit of a row.
    @inline(__always) static func moments(
        _ weights: UnsafePointer<SIMD2<Float>>, _ buffer: FeatureBuffer
    ) -> (mean: Float, variance: Float) {
        var mean: Float = 0
        var variance: Float = 0
        for k in 0..<buffer.count {
            let w = weights[Int(buffer.index[k])]
            let x = buffer.value[k]
            mean += w.x * x
            variance += w.y * x * x
        }
        return (mean, variance)
    }

    /// Learns one row.
    @inline(__always) static func learn(
        _ weights: UnsafeMutablePointer<SIMD2<Float>>, _ buffer: FeatureBuffer, outcome: Bool
    ) {
        let (mean, variance) = moments(weights, buffer)
        let p = 1 / (1 + exp(-moderated(mean, variance)))
        let curvature = p * (1 - p)
        let damp = 1 / (1 + variance * curvature)
        let gradient = ((outcome ? 1 : 0) - p) * damp
        let shrink = curvature * damp
        for k in 0..<buffer.count {
            let pointer = weights + Int(buffer.index[k])
            let step = pointer.pointee.y * buffer.value[k]
            pointer.pointee.x += step * gradient
            pointer.pointee.y -= step * step * shrink
        }
    }

    /// The logit whose sigmoid is (nearly) the mean of the sigmoid over the posterior (MacKay 1992).
    @inline(__always) static func moderated(_ mean: Float, _ variance: Float) -> Float {
        mean / (1 + 0.392_699_1 * variance).squareRoot()  // π/8
    }
}

/// Deterministic scattering of HCPs over the pass, so that shared weights see a fair mix from the first rows on.
struct ScatteredOrder: Sendable {
    let count: Int
    private let stride: Int

    init(_ count: Int) {
        self.count = count
        // Near the golden section and coprime with the count: visits everyone once, far apart.
        var candidate = max(1, Int(Double(count) * 0.618_033_988_75))
        while Self.divisor(candidate, count) > 1 { candidate += 1 }
        stride = candidate
    }

    private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }

    @inline(__always) subscript(_ k: Int) -> Int {
        Int((UInt64(k) &* UInt64(stride)) % UInt64(max(count, 1)))
    }
}
