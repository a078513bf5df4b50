import Foundation

/// Where accounts lie, how much work they are, and who serves them now: the input of an alignment proposal.
package struct TerritoryProblem: Sendable {
    /// Degrees.
    package var latitude: [Double]
    package var longitude: [Double]
    /// Minutes a week, or any other unit of work, ≥ 0.
    package var load: [Double]
    /// Present territory of each account, 0..<territoryCount.
    package var territory: [Int]
    package var territoryCount: Int
    /// Share by which a territory's load may lie above or below the mean.
    package var tolerance = 0.1
    /// Accounts whose territory is settled.
    package var isFixed: [Bool] = []
    /// Country of each account, any number; empty: all are in one. An account goes only to a territory that holds
    /// accounts of its country today: licences, languages and employers end at borders.
    package var country: [Int] = []
    /// Neighbours by which contiguity is judged: an account touches its nearest ones.
    package var neighbours = 6

    package init(
        latitude: [Double], longitude: [Double], load: [Double], territory: [Int], territoryCount: Int
    ) {
        self.latitude = latitude
        self.longitude = longitude
        self.load = load
        self.territory = territory
        self.territoryCount = territoryCount
    }

    package var count: Int { load.count }

    /// Great-circle distance in kilometres (haversine).
    package static func kilometres(_ a: (Double, Double), _ b: (Double, Double)) -> Double {
        let (p, q) = (a.0 * .pi / 180, b.0 * .pi / 180)
        let (dp, dl) = (q - p, (b.1 - a.1) * .pi / 180)
        let h = sin(dp / 2) * sin(dp / 2) + cos(p) * cos(q) * sin(dl / 2) * sin(dl / 2)
        return 2 * 6371.0088 * asin(min(1, h.squareRoot()))
    }

    /// What an alignment costs: imbalance beyond the tolerance first, then travel, then work that changes hands.
    package struct Cost: Sendable, Hashable, Comparable {
        /// Sum over territories of the load beyond the tolerance, as a share of the mean.
        package var imbalance: Double
        /// Load-weighted kilometres to the territory's centre, per unit of load.
        package var travel: Double
        /// Share of the load that changes hands.
        package var moved: Double

        /// A tenth of a mean load out of balance weighs as much as ten kilometres for everyone; moving all the work
        /// weighs as much as twenty.
        package var total: Double { 100 * imbalance + travel + 20 * moved }

        package static func < (a: Cost, b: Cost) -> Bool { a.total < b.total }
    }

    package func cost(_ assignment: [Int]) -> Cost {
        let all = load.reduce(0, +)
        guard all > 0, territoryCount > 0 else { return Cost(imbalance: 0, travel: 0, moved: 0) }
        let mean = all / Double(territoryCount)
        var sums = [Double](repeating: 0, count: territoryCount)
        for i in 0..<count { sums[assignment[i]] += load[i] }
        let imbalance = sums.reduce(0) { $0 + max(0, abs($1 - mean) / mean - tolerance) }
        let centres = centres(assignment)
        var (travel, moved) = (0.0, 0.0)
        for i in 0..<count {
            travel += load[i] * Self.kilometres((latitude[i], longitude[i]), centres[assignment[i]])
            if assignment[i] != territory[i] { moved += load[i] }
        }
        return Cost(imbalance: imbalance, travel: travel / all, moved: moved / all)
    }

    /// Load-weighted middle of each territory; that of all accounts for an empty one.
    package func centres(_ assignment: [Int]) -> [(Double, Double)] {
        var sums = [(Double, Double, Double)](repeating: (0, 0, 0), count: territoryCount)
        var all = (0.0, 0.0, 0.0)
        for i in 0..<count {
            // An account without work still has a place.
            let weight = max(load[i], 1e-9)
            let k = assignment[i]
            sums[k] = (sums[k].0 + weight * latitude[i], sums[k].1 + weight * longitude[i], sums[k].2 + weight)
            all = (all.0 + weight * latitude[i], all.1 + weight * longitude[i], all.2 + weight)
        }
        return sums.map { $0.2 > 0 ? ($0.0 / $0.2, $0.1 / $0.2) : (all.0 / max(all.2, 1e-9), all.1 / max(all.2, 1e-9)) }
    }
}
