import EngagementModel

/// From pairs to persons.
struct Clustering {
    let space: PairSpace
    let threshold: Double
    let cardinality: Cardinality
    let answers: PairAnswers
    /// Evidence between any two rows in bits, prior included.
    let evidence: (Int, Int) -> Double
    /// Whether two rows are equal in every compared cell.
    let isIdentical: (Int, Int) -> Bool

    /// Groups above this many different rows are cut at weak pairs before their pairs are looked at one by one.
    private static let largest = 150

    /// Cluster of each row, numbered in row order.
    ///
    /// - Parameter pairs: scored pairs in any order.
    /// - Throws: `contradictory_answers` when rows that are one are also said to be two.
    func clusters(_ pairs: [ScoredPair]) throws -> [Int32] {
        var joined = DisjointSets(space.rowCount)
        for pair in answers.same { joined.union(Int(pair.left), Int(pair.right)) }
        let apart = Set(answers.different)
        for pair in apart where joined.find(Int(pair.left)) == joined.find(Int(pair.right)) {
            throw Diagnostic(
                "contradictory_answers",
                "rows \(pair.left + 1) and \(pair.right + 1) are said to be different, and by way of others the same",
                remedy: "withdraw one of the answers")
        }
        let chosen = pairs.filter { $0.bits >= threshold && !apart.contains(RowPair($0.left, $0.right)) }
        if cardinality != .manyToMany, let boundary = space.leftCount {
            return assigned(chosen, boundary, joined, apart)
        }
        var components = joined
        for pair in chosen { components.union(Int(pair.left), Int(pair.right)) }
        let settled = joined.labels()
        var result = DisjointSets(space.rowCount)
        for pair in answers.same { result.union(Int(pair.left), Int(pair.right)) }
        for (members, edges) in groups(of: components.labels(), chosen) {
            split(members, edges, settled, apart, threshold, into: &result)
        }
        return result.labels()
    }

    /// Members and pairs of each component of at least two rows.
    private func groups(of labels: [Int32], _ pairs: [ScoredPair]) -> [(members: [Int32], edges: [ScoredPair])] {
        var place = [Int32](repeating: -1, count: labels.count)
        var counts = [Int32](repeating: 0, count: labels.count)
        for label in labels { counts[Int(label)] += 1 }
        var groups: [(members: [Int32], edges: [ScoredPair])] = []
        for (row, label) in labels.enumerated() where counts[Int(label)] > 1 {
            if place[Int(label)] < 0 {
                place[Int(label)] = Int32(groups.count)
                groups.append(([], []))
            }
            groups[Int(place[Int(label)])].members.append(Int32(row))
        }
        for pair in pairs {
            let group = place[Int(labels[Int(pair.left)])]
            if group >= 0 { groups[Int(group)].edges.append(pair) }
        }
        return groups
    }

    private func split(
        _ members: [Int32], _ edges: [ScoredPair], _ settled: [Int32], _ apart: Set<RowPair>, _ threshold: Double,
        into result: inout DisjointSets
    ) {
        if members.count == 2, apart.isEmpty {
            result.union(Int(members[0]), Int(members[1]))
            return
        }
        // Rows that are settled to be one, and rows equal in every cell, go together.
        var blocks: [[Int32]] = []
        var blockOfSettled: [Int32: Int] = [:]
        for row in members {
            if let block = blockOfSettled[settled[Int(row)]] {
                blocks[block].append(row)
            } else if let block = blocks.firstIndex(where: {
                isIdentical(Int($0[0]), Int(row)) && !isApart($0, row, apart)
            }),
                evidence(Int(row), Int(blocks[block][0])) >= threshold
            {
                blocks[block].append(row)
                blockOfSettled[settled[Int(row)]] = block
            } else {
                blockOfSettled[settled[Int(row)]] = blocks.count
                blocks.append([row])
            }
        }
        if blocks.count > Clustering.largest, threshold < self.threshold + 24 {
            var parts = DisjointSets(members.count)
            var place: [Int32: Int] = [:]
            for (index, row) in members.enumerated() { place[row] = index }
            for block in blocks {
                for row in block { if let a = place[row], let b = place[block[0]] { parts.union(a, b) } }
            }
            let strong = edges.filter { $0.bits >= threshold + 2 }
            for edge in strong {
                if let a = place[edge.left], let b = place[edge.right] { parts.union(a, b) }
            }
            let labels = parts.labels()
            var smaller: [Int32: ([Int32], [ScoredPair])] = [:]
            for (index, row) in members.enumerated() { smaller[labels[index], default: ([], [])].0.append(row) }
            for edge in strong {
                if let a = place[edge.left] { smaller[labels[a], default: ([], [])].1.append(edge) }
            }
            for label in smaller.keys.sorted() {
                if let (rows, own) = smaller[label], rows.count > 1 {
                    split(rows, own, settled, apart, threshold + 2, into: &result)
                }
            }
            return
        }
        let assigned = blocks.count > 4 * Clustering.largest ? blocks.map { _ in 0 } : linked(blocks, apart)
        var heads: [Int: Int32] = [:]
        for (block, cluster) in zip(blocks, assigned) {
            for row in block { result.union(Int(heads[cluster] ?? block[0]), Int(row)) }
            if heads[cluster] == nil { heads[cluster] = block[0] }
        }
    }

    private func isApart(_ block: [Int32], _ row: Int32, _ apart: Set<RowPair>) -> Bool {
        !apart.isEmpty && block.contains { apart.contains(RowPair($0, row)) }
    }

    private func linked(_ blocks: [[Int32]], _ apart: Set<RowPair>) -> [Int] {
        let count = blocks.count
        var weights = [Double](repeating: 0, count: count * count)
        for a in 0..<count {
            for b in (a + 1)..<max(a + 1, count) {
                var sum = 0.0
                // Rows of one file that are linked to another say nothing about each other.
                for left in blocks[a].prefix(8) {
                    for right in blocks[b].prefix(8) where isComparable(left, right) {
                        sum += AverageLinkage.capped(evidence(Int(left), Int(right)) - threshold)
                    }
                }
                if !apart.isEmpty, blocks[a].contains(where: { isApart(blocks[b], $0, apart) }) { sum = -1e9 }
                weights[a * count + b] = sum
                weights[b * count + a] = sum
            }
        }
        return AverageLinkage.clusters(count, weights, sizes: blocks.map { Double(min(8, $0.count)) })
    }

    private func isComparable(_ a: Int32, _ b: Int32) -> Bool {
        guard let boundary = space.leftCount else { return true }
        return (Int(a) < boundary) != (Int(b) < boundary)
    }

    /// Best pairs first; a row that is taken is not taken again.
    private func assigned(
        _ pairs: [ScoredPair], _ boundary: Int, _ settled: DisjointSets, _ apart: Set<RowPair>
    ) -> [Int32] {
        var result = settled
        var taken = [Bool](repeating: false, count: space.rowCount)
        for pair in answers.same {
            taken[Int(pair.right)] = true
            if cardinality == .oneToOne { taken[Int(pair.left)] = true }
        }
        let best = pairs.sorted { a, b in
            a.bits != b.bits ? a.bits > b.bits : (a.left, a.right) < (b.left, b.right)
        }
        for pair in best where !taken[Int(pair.right)] && !(cardinality == .oneToOne && taken[Int(pair.left)]) {
            taken[Int(pair.left)] = cardinality == .oneToOne
            taken[Int(pair.right)] = true
            result.union(Int(pair.left), Int(pair.right))
        }
        return result.labels()
    }
}
