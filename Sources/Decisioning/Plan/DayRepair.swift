/// The cheapest way to bring one rep-day back to its room by exchanges that touch no other day.
///
/// A knapsack over states of mismatch (use minus room, in units): each HCP offers a few exchanges, each with a regret
/// and a change of use, of which it takes one at most.
struct DayRepair {
    struct Exchange {
        var owner: Int32
        var column: Int32
        var change: Int32
        var regret: Float
    }

    /// States from -half to half.
    let half: Int
    /// State → least regret plus cost of what is then unused (at its price) or too much.
    private(set) var cost: [Float]
    private let exchanges: [Exchange]
    /// First exchange of each owner, with an end; owner × state → which of its exchanges to take, 0 = none.
    private var starts: [Int] = []
    private var picks: [UInt8]

    /// - Parameters:
    ///   - exchanges: of this day, by owner.
    ///   - unused, excess: currency per unit.
    ///   - repairs: whether `repair` will be asked; else only `cost` is found.
    init(half: Int, exchanges: [Exchange], unused: Float, excess: Float, repairs: Bool) {
        self.half = half
        self.exchanges = exchanges
        let states = 2 * half + 1
        cost = (0..<states).map { $0 <= half ? Float(half - $0) * unused : Float($0 - half) * excess }
        for k in exchanges.indices where k == 0 || exchanges[k].owner != exchanges[k - 1].owner { starts.append(k) }
        starts.append(exchanges.count)
        picks = repairs ? [UInt8](repeating: 0, count: (starts.count - 1) * states) : []
        var before = cost
        let starts = self.starts
        cost.withUnsafeMutableBufferPointer { cost in
            before.withUnsafeMutableBufferPointer { before in
                picks.withUnsafeMutableBufferPointer { picks in
                    guard let cost = cost.baseAddress, let before = before.baseAddress else { return }
                    for stage in 0..<starts.count - 1 {
                        before.update(from: cost, count: states)
                        let pick = stage * states
                        for k in starts[stage]..<min(starts[stage + 1], starts[stage] + 255) {
                            let (change, regret) = (Int(exchanges[k].change), exchanges[k].regret)
                            let (low, high) = (max(0, -change), min(states, states - change))
                            guard low < high else { continue }
                            // Both ways are written, so that many states are done at once.
                            guard repairs, let picks = picks.baseAddress else {
                                for state in low..<high {
                                    let through = before[state &+ change] + regret
                                    cost[state] = through < cost[state] ? through : cost[state]
                                }
                                continue
                            }
                            let number = UInt8(truncatingIfNeeded: k - starts[stage] + 1)
                            for state in low..<high {
                                let through = before[state &+ change] + regret
                                let isLess = through < cost[state]
                                cost[state] = isLess ? through : cost[state]
                                picks[pick &+ state] = isLess ? number : picks[pick &+ state]
                            }
                        }
                    }
                }
            }
        }
    }

    /// Columns of the best repair of a mismatch.
    func repair(_ mismatch: Int32) -> [Int32] {
        var state = max(0, min(2 * half, Int(mismatch) + half))
        var result: [Int32] = []
        for stage in stride(from: starts.count - 2, through: 0, by: -1) {
            let pick = Int(picks[stage * (2 * half + 1) + state])
            guard pick > 0 else { continue }
            let exchange = exchanges[starts[stage] + pick - 1]
            result.append(exchange.column)
            state += Int(exchange.change)
        }
        return result
    }
}
