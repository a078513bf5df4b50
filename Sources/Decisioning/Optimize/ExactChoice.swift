/// Proves or improves a choice of a small problem: depth-first search over the groups, cut off by regret.
///
/// Every choice is worth the bound less the regrets of its candidates and the priced capacity that it leaves, so one
/// that beats the incumbent has regrets that add up to less than the gap.
struct ExactChoice {
    private let scaled: ScaledChoice
    private let prices: [Double]
    /// Options of each group, least regret first; -1 is none.
    private var options: [[(candidate: Int32, regret: Double)]] = []
    private var order: [Int] = []
    /// Most that the groups from a place on can add to each thing.
    private var reserve: [[Double]] = []
    private var nodesLeft: Int
    private var used: [Double]
    private var choice: [Int32]
    private(set) var best: [Int32]?
    /// Bound less the worth of the best choice so far.
    private var gap: Double
    private let bound: Double

    /// Whether the search looked everywhere.
    var isComplete: Bool { nodesLeft > 0 }

    init(
        _ scaled: ScaledChoice, _ sweep: ChoiceSweep, prices: [Double], bound: Double, incumbent: [Int32]?, nodes: Int
    ) {
        self.scaled = scaled
        self.prices = prices
        self.bound = bound
        nodesLeft = nodes
        let problem = scaled.problem
        used = Array(repeating: 0, count: problem.limits.count)
        choice = Array(repeating: -1, count: problem.groupCount)
        gap = incumbent.map { bound - problem.value($0) } ?? .infinity
        for group in 0..<problem.groupCount {
            var list: [(candidate: Int32, regret: Double)] = [(-1, 0)]
            for candidate in problem.candidates(group) {
                list.append((Int32(candidate), sweep.score(candidate, prices)))
            }
            let top = list.reduce(0) { max($0, $1.regret) }
            options.append(
                list.map { ($0.candidate, top - $0.regret) }.sorted {
                    ($0.regret, $0.candidate) < ($1.regret, $1.candidate)
                })
        }
        // Clear choices first: they branch last.
        order = (0..<problem.groupCount).sorted {
            let (a, b) = (
                options[$0].count > 1 ? options[$0][1].regret : 0, options[$1].count > 1 ? options[$1][1].regret : 0
            )
            return (-a, $0) < (-b, $1)
        }
        reserve = Array(repeating: used, count: order.count + 1)
        for depth in order.indices.reversed() {
            reserve[depth] = reserve[depth + 1]
            var most: [Int32: Double] = [:]
            for candidate in problem.candidates(order[depth]) {
                for use in problem.uses(candidate) {
                    most[problem.useLimits[use]] = max(most[problem.useLimits[use]] ?? 0, problem.useAmounts[use])
                }
            }
            for (k, amount) in most { reserve[depth][Int(k)] += amount }
        }
        search(0, 0)
    }

    /// Priced capacity that no choice of the remaining groups can use any more.
    private func waste(_ depth: Int) -> Double {
        var sum = 0.0
        for k in prices.indices {
            if prices[k] > 0 { sum += prices[k] * max(0, scaled.problem.limits[k] - used[k] - reserve[depth][k]) }
            if prices[k] < 0 { sum -= prices[k] * max(0, used[k] - scaled.problem.floors[k]) }
        }
        return sum
    }

    private mutating func search(_ depth: Int, _ regret: Double) {
        guard nodesLeft > 0 else { return }
        nodesLeft -= 1
        let problem = scaled.problem
        for k in used.indices where used[k] + reserve[depth][k] < problem.floors[k] * (1 - 1e-11) { return }
        guard regret + waste(depth) < gap - 1e-10 * max(1, abs(bound)) else { return }
        if depth == order.count {
            (best, gap) = (choice, bound - problem.value(choice))
            return
        }
        let group = order[depth]
        for (candidate, more) in options[group] {
            guard regret + more < gap else { break }
            if candidate >= 0 {
                let uses = problem.uses(Int(candidate))
                let fits = uses.allSatisfy { use in
                    let k = Int(problem.useLimits[use])
                    return used[k] + problem.useAmounts[use] <= problem.limits[k] * (1 + 1e-11)
                }
                guard fits else { continue }
                for use in uses { used[Int(problem.useLimits[use])] += problem.useAmounts[use] }
            }
            choice[group] = candidate
            search(depth + 1, regret + more)
            if candidate >= 0 {
                for use in problem.uses(Int(candidate)) { used[Int(problem.useLimits[use])] -= problem.useAmounts[use] }
            }
            choice[group] = -1
        }
    }
}
