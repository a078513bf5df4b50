/// How well the found pairs agree with the true ones.
package struct PairQuality: Sendable, Equatable {
    package var hits: Double
    package var found: Double
    package var real: Double

    package init(hits: Double, found: Double, real: Double) {
        self.hits = hits
        self.found = found
        self.real = real
    }

    package var precision: Double { found > 0 ? hits / found : real > 0 ? 0 : 1 }
    package var recall: Double { real > 0 ? hits / real : 1 }
    package var f1: Double { found + real > 0 ? 2 * hits / (found + real) : 1 }

    /// Pairs in one cluster against pairs in one true cluster; a row with a negative code is true to no other.
    package static func clusters(_ clusters: [Int32], truth: [Int32], _ space: PairSpace) -> PairQuality {
        struct Cell: Hashable {
            var cluster: Int32
            var truth: Int32
        }
        var sides: [Cell: (Double, Double)] = [:]
        func add(_ cell: Cell, _ isLeft: Bool) {
            if isLeft { sides[cell, default: (0, 0)].0 += 1 } else { sides[cell, default: (0, 0)].1 += 1 }
        }
        for row in clusters.indices {
            let isLeft = row < (space.leftCount ?? clusters.count)
            add(Cell(cluster: clusters[row], truth: -1), isLeft)
            guard truth[row] >= 0 else { continue }
            add(Cell(cluster: -1, truth: truth[row]), isLeft)
            add(Cell(cluster: clusters[row], truth: truth[row]), isLeft)
        }
        var quality = PairQuality(hits: 0, found: 0, real: 0)
        for (cell, count) in sides {
            let pairs = space.leftCount == nil ? count.0 * (count.0 - 1) / 2 : count.0 * count.1
            if cell.truth < 0 {
                quality.found += pairs
            } else if cell.cluster < 0 {
                quality.real += pairs
            } else {
                quality.hits += pairs
            }
        }
        return quality
    }

    /// Pairs found one by one against pairs in one true cluster.
    package static func pairs(_ pairs: [ScoredPair], truth: [Int32], _ space: PairSpace) -> PairQuality {
        let real = PairQuality.clusters((0..<Int32(truth.count)).map { $0 }, truth: truth, space).real
        let hits = pairs.count { truth[Int($0.left)] >= 0 && truth[Int($0.left)] == truth[Int($0.right)] }
        return PairQuality(hits: Double(hits), found: Double(pairs.count), real: real)
    }

    /// Labelled pairs only: found when both rows are in one cluster.
    package static func labels(_ labels: [(pair: RowPair, isMatch: Bool)], clusters: [Int32]) -> PairQuality {
        var quality = PairQuality(hits: 0, found: 0, real: 0)
        for (pair, isMatch) in labels {
            let isFound = clusters[Int(pair.left)] == clusters[Int(pair.right)]
            if isFound { quality.found += 1 }
            if isMatch { quality.real += 1 }
            if isFound, isMatch { quality.hits += 1 }
        }
        return quality
    }
}
