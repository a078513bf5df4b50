import Foundation
import Statistics

/// How alike two partitions are, and how well one separates points.
package enum PartitionScores {
    /// Adjusted Rand index: 1 = the same partition, 0 = as alike as chance makes them. Source: Hubert and Arabie,
    /// "Comparing partitions" (1985).
    package static func adjustedRand(_ a: [Int32], _ b: [Int32]) -> Double {
        let (rows, columns) = (Int((a.max() ?? -1) + 1), Int((b.max() ?? -1) + 1))
        var table = [Double](repeating: 0, count: rows * columns)
        for (x, y) in zip(a, b) { table[Int(x) * columns + Int(y)] += 1 }
        let pairs = { (n: Double) in n * (n - 1) / 2 }
        var (sumA, sumB, both) = (0.0, 0.0, 0.0)
        for i in 0..<rows { sumA += pairs((0..<columns).reduce(0) { $0 + table[i * columns + $1] }) }
        for j in 0..<columns { sumB += pairs((0..<rows).reduce(0) { $0 + table[$1 * columns + j] }) }
        for n in table { both += pairs(n) }
        let all = pairs(Double(a.count))
        guard all > 0 else { return 1 }
        let expected = sumA * sumB / all
        let most = (sumA + sumB) / 2
        // Both trivial (one part, or all alone): the same partition.
        return most == expected ? 1 : (both - expected) / (most - expected)
    }

    /// Mean silhouette (Rousseeuw 1987) with Euclidean distance; a point alone in its part counts 0.
    ///
    /// - Parameters:
    ///   - points: `width` numbers a point.
    package static func silhouette(_ points: [Double], width: Int, labels: [Int32]) -> Double {
        let n = labels.count
        let parts = Int((labels.max() ?? -1) + 1)
        var counted = [Double](repeating: 0, count: parts)
        for label in labels { counted[Int(label)] += 1 }
        let sizes = counted
        guard sizes.count(where: { $0 > 0 }) > 1 else { return 0 }
        let ranges = NetworkParts.ranges(n)
        let sums = Cores.map(ranges.count) { range -> Double in
            var total = 0.0
            var distances = [Double](repeating: 0, count: parts)
            for i in ranges[range] where sizes[Int(labels[i])] > 1 {
                for p in 0..<parts { distances[p] = 0 }
                for j in 0..<n {
                    var sum = 0.0
                    for k in 0..<width {
                        let d = points[i * width + k] - points[j * width + k]
                        sum += d * d
                    }
                    distances[Int(labels[j])] += sum.squareRoot()
                }
                let own = Int(labels[i])
                let inside = distances[own] / (sizes[own] - 1)
                var outside = Double.infinity
                for p in 0..<parts where p != own && sizes[p] > 0 { outside = min(outside, distances[p] / sizes[p]) }
                if max(inside, outside) > 0 { total += (outside - inside) / max(inside, outside) }
            }
            return total
        }
        return sums.reduce(0, +) / Double(n)
    }
}
