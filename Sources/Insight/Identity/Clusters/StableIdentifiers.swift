/// Identifiers that outlive a run: a cluster keeps the identifier that its rows had before.
package struct StableIdentifiers: Sendable, Equatable {
    /// Identifier of each row.
    package var identifiers: [String]
    /// Two old identifiers turned out to be one person: the first stays, the second leads to it.
    package var merged: [Merge]
    /// Clusters without any row of before.
    package var fresh: Int

    package struct Merge: Sendable, Equatable {
        package var kept: String
        package var absorbed: String
    }

    /// - Parameters:
    ///   - clusters: cluster of each row.
    ///   - known: identifier of each row in the run before, empty for a new row. A cluster keeps the identifier that
    ///     most of its known rows had; of equals the one seen first.
    ///   - names: what a new cluster is named for: the key of its first row. A name already taken gets a number.
    package init(clusters: [Int32], known: [String], names: [String]) {
        var votes: [[(name: String, rows: Int)]] = Array(repeating: [], count: Int(clusters.max() ?? -1) + 1)
        var first = [Int](repeating: -1, count: votes.count)
        for (row, cluster) in clusters.enumerated() {
            if first[Int(cluster)] < 0 { first[Int(cluster)] = row }
            guard row < known.count, !known[row].isEmpty else { continue }
            if let place = votes[Int(cluster)].firstIndex(where: { $0.name == known[row] }) {
                votes[Int(cluster)][place].rows += 1
            } else {
                votes[Int(cluster)].append((known[row], 1))
            }
        }
        // An identifier whose rows fell apart stays with the larger part: with the first of equals.
        var holder: [String: (cluster: Int, rows: Int)] = [:]
        for (cluster, own) in votes.enumerated() {
            for (name, rows) in own where rows > holder[name]?.rows ?? 0 { holder[name] = (cluster, rows) }
        }
        var taken = Set(holder.keys)
        var result = [String](repeating: "", count: votes.count)
        merged = []
        fresh = 0
        for (cluster, own) in votes.enumerated() {
            let held = own.filter { holder[$0.name]?.cluster == cluster }
            if let best = held.max(by: { $0.rows < $1.rows }), let kept = held.first(where: { $0.rows == best.rows }) {
                result[cluster] = kept.name
                for other in held where other.name != kept.name {
                    merged.append(Merge(kept: kept.name, absorbed: other.name))
                }
                continue
            }
            let base = first[cluster] < names.count ? names[first[cluster]] : "\(first[cluster] + 1)"
            var name = base
            var number = 2
            while !taken.insert(name).inserted {
                name = "\(base)-\(number)"
                number += 1
            }
            result[cluster] = name
            if own.isEmpty { fresh += 1 }
        }
        identifiers = clusters.map { result[Int($0)] }
    }

    /// Rows that shared an identifier before stay together: each is tied to the first of them.
    package static func ties(known: [String]) -> [RowPair] {
        var first: [String: Int32] = [:]
        var ties: [RowPair] = []
        for (row, name) in known.enumerated() where !name.isEmpty {
            if let head = first[name] { ties.append(RowPair(head, Int32(row))) } else { first[name] = Int32(row) }
        }
        return ties
    }
}
