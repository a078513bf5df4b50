import Foundation

/// A proposal to move accounts between neighbouring territories, so that the work is balanced, territories stay in one
/// piece and travel stays short.
///
/// Steepest descent on `TerritoryProblem.Cost` over single moves and exchanges across borders; deterministic. It finds
/// a local optimum: never worse than the present alignment, and on small instances near the best of all (see the tests).
package struct TerritoryBalance: Sendable {
    package struct Move: Sendable, Hashable {
        package var account: Int
        package var from: Int
        package var to: Int
    }

    package private(set) var assignment: [Int]
    package let before: TerritoryProblem.Cost
    package private(set) var after: TerritoryProblem.Cost
    private let problem: TerritoryProblem
    /// Accounts that touch each account, symmetric.
    private let touching: [[Int]]
    private var members: [[Int]]
    /// Countries that each territory holds today; empty when all accounts are in one.
    private let countries: [Set<Int>]
    /// Load, load-weighted kilometres, and load that came from elsewhere, of each territory.
    private var sums: [Sums]
    private let mean: Double
    private let all: Double

    private struct Sums {
        var load = 0.0
        var travel = 0.0
        var moved = 0.0
    }

    /// - Parameter maxMoves: at most so many steps of descent.
    package init(_ problem: TerritoryProblem, maxMoves: Int = 500) {
        self.problem = problem
        touching = Self.touching(problem)
        assignment = problem.territory
        before = problem.cost(assignment)
        after = before
        all = problem.load.reduce(0, +)
        mean = all / Double(max(problem.territoryCount, 1))
        members = [[Int]](repeating: [], count: problem.territoryCount)
        for i in 0..<problem.count { members[assignment[i]].append(i) }
        countries = problem.country.isEmpty ? [] : members.map { Set($0.map { problem.country[$0] }) }
        sums = []
        guard all > 0 else { return }
        sums = members.indices.map { sums(of: members[$0], $0) }
        for _ in 0..<maxMoves {
            guard let better = step() else { break }
            for (account, to) in better {
                let from = assignment[account]
                assignment[account] = to
                members[from].removeAll { $0 == account }
                members[to].append(account)
                for k in [from, to] { sums[k] = sums(of: members[k], k) }
            }
        }
        after = problem.cost(assignment)
    }

    package var moves: [Move] {
        assignment.indices.filter { assignment[$0] != problem.territory[$0] }.map {
            Move(account: $0, from: problem.territory[$0], to: assignment[$0])
        }
    }

    /// The best change of one account, or of two that trade places; nil when none helps.
    private func step() -> [(account: Int, to: Int)]? {
        var best: [(account: Int, to: Int)]?
        var least = -1e-9
        func consider(_ changes: [(account: Int, to: Int)]) {
            let change = change(changes)
            if change < least { (best, least) = (changes, change) }
        }
        for i in 0..<problem.count where !isFixed(i) {
            let near = Set(touching[i].map { assignment[$0] }).sorted().filter { $0 != assignment[i] && isOpen($0, i) }
            guard !near.isEmpty, staysWhole(without: i, assignment) else { continue }
            for k in near { consider([(i, k)]) }
        }
        if best != nil { return best }
        // Exchanges only where single moves no longer help: they are many.
        for i in 0..<problem.count where !isFixed(i) {
            for j in touching[i]
            where j > i && assignment[j] != assignment[i] && !isFixed(j) && isOpen(assignment[j], i)
                && isOpen(assignment[i], j)
            {
                var changed = assignment
                changed.swapAt(i, j)
                // No territory that is in one piece may fall apart.
                let isFine = [assignment[i], assignment[j]].allSatisfy { k in
                    Self.isWhole(k, changed, touching) || !Self.isWhole(k, assignment, touching)
                }
                if isFine { consider([(i, assignment[j]), (j, assignment[i])]) }
            }
        }
        return best
    }

    /// What changes would do to the cost: only the two territories concerned are counted again.
    private func change(_ changes: [(account: Int, to: Int)]) -> Double {
        var touched: [Int: [Int]] = [:]
        for (account, to) in changes {
            let from = assignment[account]
            touched[from] = (touched[from] ?? members[from]).filter { $0 != account }
            touched[to] = (touched[to] ?? members[to]) + [account]
        }
        var difference = 0.0
        for (k, list) in touched.sorted(by: { $0.key < $1.key }) {
            difference += cost(sums(of: list, k)) - cost(sums[k])
        }
        return difference
    }

    private func cost(_ part: Sums) -> Double {
        let imbalance = max(0, abs(part.load - mean) / mean - problem.tolerance)
        return TerritoryProblem.Cost(imbalance: imbalance, travel: part.travel / all, moved: part.moved / all).total
    }

    private func sums(of list: [Int], _ territory: Int) -> Sums {
        var result = Sums()
        var (latitude, longitude, weight) = (0.0, 0.0, 0.0)
        for i in list {
            // An account without work still has a place.
            let w = max(problem.load[i], 1e-9)
            latitude += w * problem.latitude[i]
            longitude += w * problem.longitude[i]
            weight += w
        }
        guard weight > 0 else { return result }
        let centre = (latitude / weight, longitude / weight)
        for i in list {
            result.load += problem.load[i]
            result.travel +=
                problem.load[i]
                * TerritoryProblem.kilometres((problem.latitude[i], problem.longitude[i]), centre)
            if problem.territory[i] != territory { result.moved += problem.load[i] }
        }
        return result
    }

    /// Whether a territory may take an account: it holds accounts of that country already.
    private func isOpen(_ territory: Int, _ account: Int) -> Bool {
        countries.isEmpty || countries[territory].contains(problem.country[account])
    }

    private func isFixed(_ i: Int) -> Bool { i < problem.isFixed.count && problem.isFixed[i] }

    /// Whether a territory loses nothing of its connection when an account leaves: its neighbours there still reach
    /// each other.
    private func staysWhole(without i: Int, _ assignment: [Int]) -> Bool {
        let mine = touching[i].filter { assignment[$0] == assignment[i] }
        guard let start = mine.first, mine.count > 1 else { return true }
        var seen: Set<Int> = [i, start]
        var queue = [start]
        while let next = queue.popLast() {
            for j in touching[next] where assignment[j] == assignment[i] && seen.insert(j).inserted { queue.append(j) }
        }
        return mine.allSatisfy(seen.contains)
    }

    /// Whether all accounts of a territory reach each other over accounts of the territory.
    package static func isWhole(_ territory: Int, _ assignment: [Int], _ touching: [[Int]]) -> Bool {
        guard let start = assignment.firstIndex(of: territory) else { return true }
        var seen: Set<Int> = [start]
        var queue = [start]
        while let next = queue.popLast() {
            for j in touching[next] where assignment[j] == territory && seen.insert(j).inserted { queue.append(j) }
        }
        return seen.count == assignment.count { $0 == territory }
    }

    /// Each account touches its nearest ones, in either direction.
    package static func touching(_ problem: TerritoryProblem) -> [[Int]] {
        let n = problem.count
        var result = [Set<Int>](repeating: [], count: n)
        for i in 0..<n {
            let here = (problem.latitude[i], problem.longitude[i])
            let near = (0..<n).filter { $0 != i }.map { j in
                (TerritoryProblem.kilometres(here, (problem.latitude[j], problem.longitude[j])), j)
            }.sorted { $0 < $1 }.prefix(problem.neighbours)
            for (_, j) in near {
                result[i].insert(j)
                result[j].insert(i)
            }
        }
        return result.map { $0.sorted() }
    }
}
