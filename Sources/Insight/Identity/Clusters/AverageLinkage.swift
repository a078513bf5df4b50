/// Splits a group of rows that hang together by single pairs into clusters that hang together as wholes.
///
/// Two clusters join when the evidence over all pairs between them, each capped, speaks for it: the guard against
/// chains, where A is like B and B is like C but A is not like C. Greedy, best average first: a heuristic for
/// correlation clustering. Source: Bansal, Blum, Chawla, "Correlation clustering" (Machine Learning 56, 2004).
enum AverageLinkage {
    /// Evidence of one pair counts at most so many bits for and against.
    static let mostFor = 16.0
    static let mostAgainst = -6.0

    /// - Parameters:
    ///   - count: members, 0..<count.
    ///   - weights: evidence above the threshold in bits between two members (square, symmetric).
    /// - Returns: cluster of each member, numbered from 0 in order of members.
    static func clusters(_ count: Int, _ weights: [Double], sizes: [Double]) -> [Int] {
        var sums = weights
        var size = sizes
        var cluster = Array(0..<count)
        var alive = Array(0..<count)
        while alive.count > 1 {
            var best = (mean: 0.0, a: -1, b: -1)
            for (place, a) in alive.enumerated() {
                for b in alive[(place + 1)...] {
                    let mean = sums[a * count + b] / (size[a] * size[b])
                    if mean > best.mean { best = (mean, a, b) }
                }
            }
            guard best.a >= 0 else { break }
            for other in alive where other != best.a && other != best.b {
                sums[best.a * count + other] += sums[best.b * count + other]
                sums[other * count + best.a] = sums[best.a * count + other]
            }
            size[best.a] += size[best.b]
            alive.removeAll { $0 == best.b }
            for member in 0..<count where cluster[member] == best.b { cluster[member] = best.a }
        }
        var numbers: [Int: Int] = [:]
        return cluster.map { root in
            if let number = numbers[root] { return number }
            numbers[root] = numbers.count
            return numbers.count - 1
        }
    }

    static func capped(_ bits: Double) -> Double { min(mostFor, max(mostAgainst, bits)) }
}
