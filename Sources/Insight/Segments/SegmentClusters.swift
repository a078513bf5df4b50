import Statistics

/// k-means: Lloyd's iteration from k-means++ starts (Arthur and Vassilvitskii 2007), the best of several.
struct SegmentClusters: Sendable {
    var labels: [Int32]
    var inertia: Double

    /// - Parameters:
    ///   - points: `width` numbers a point.
    static func find(
        _ points: [Double], width: Int, count: Int, starts: Int, _ generator: inout SeededGenerator
    ) -> SegmentClusters {
        var best = one(points, width, count, &generator)
        for _ in 1..<max(1, starts) {
            let next = one(points, width, count, &generator)
            if next.inertia < best.inertia * (1 - 1e-12) { best = next }
        }
        return best
    }

    private static func one(
        _ points: [Double], _ width: Int, _ count: Int, _ generator: inout SeededGenerator
    ) -> SegmentClusters {
        let n = points.count / width
        var centres = seeds(points, width, count, &generator)
        var labels = [Int32](repeating: -1, count: n)
        var inertia = 0.0
        for _ in 0..<100 {
            var moved = false
            inertia = 0
            var sums = [Double](repeating: 0, count: count * width)
            var sizes = [Double](repeating: 0, count: count)
            for point in 0..<n {
                var (best, nearest) = (0, Double.infinity)
                for c in 0..<count {
                    let d = distance(points, point, centres, c, width)
                    if d < nearest { (best, nearest) = (c, d) }
                }
                if labels[point] != best {
                    labels[point] = Int32(best)
                    moved = true
                }
                inertia += nearest
                sizes[best] += 1
                for j in 0..<width { sums[best * width + j] += points[point * width + j] }
            }
            if !moved { break }
            // A centre without points stays where it is.
            for c in 0..<count where sizes[c] > 0 {
                for j in 0..<width { centres[c * width + j] = sums[c * width + j] / sizes[c] }
            }
        }
        return SegmentClusters(labels: labels, inertia: inertia)
    }

    private static func seeds(
        _ points: [Double], _ width: Int, _ count: Int, _ generator: inout SeededGenerator
    ) -> [Double] {
        let n = points.count / width
        var centres: [Double] = []
        var nearest = [Double](repeating: .infinity, count: n)
        var pick = generator.below(n)
        for c in 0..<count {
            centres.append(contentsOf: points[(pick * width)..<((pick + 1) * width)])
            var sum = 0.0
            for point in 0..<n {
                nearest[point] = min(nearest[point], distance(points, point, centres, c, width))
                sum += nearest[point]
            }
            var left = generator.uniform() * sum
            pick = n - 1
            for point in 0..<n {
                left -= nearest[point]
                if left < 0 {
                    pick = point
                    break
                }
            }
        }
        return centres
    }

    private static func distance(_ a: [Double], _ i: Int, _ b: [Double], _ j: Int, _ width: Int) -> Double {
        var sum = 0.0
        for k in 0..<width {
            let d = a[i * width + k] - b[j * width + k]
            sum += d * d
        }
        return sum
    }
}
