import Statistics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Picks one column per HCP so that a cluster's rep-days are filled as the prices promise.
///
/// What is minimised is the cluster's part of the gap: regrets, plus unused minutes at their price. Exchanges that
/// touch one day are left to that day's `DayRepair`; a search over the others, simulated annealing (Kirkpatrick,
/// Gelatt and Vecchi 1983), sees each day's mismatch at the cost of its best repair. Rounds start from the best so
/// far and keep what is better.
struct ClusterSearch {
    private let set: ColumnSet
    /// Currency per unit left unused, or used beyond the room.
    private let price: [Float]
    private let excess: [Float]
    private let worth: Float
    /// HCP → its column.
    private(set) var current: [Int32]
    /// Use minus room, units.
    private var over: [Int32]
    /// Columns that differ from their owner's current one on one day, per day; on several, by rising regret, with
    /// the places and amounts of the difference.
    private var narrow: [[DayRepair.Exchange]]
    private var wide: [Wide] = []
    private var changes: [(dimension: Int32, units: Int32)] = []
    /// Owner → position in `wide` of the column it takes, -1 = none.
    private var active: [Int32] = []
    private var half = 0

    private struct Wide {
        var column: Int32
        var owner: Int32
        var regret: Float
        var changeStart: Int32
        var changeEnd: Int32
    }

    private static let rounds = 16
    private static let wideLimit = 768
    private static let ownersPerDay = 80
    private static let epochs = 20

    /// - Parameters:
    ///   - room: units that the cluster may use, per dimension.
    ///   - price, excess: currency per unit left unused, or used beyond the room.
    ///   - worth: currency of a usual touch.
    init(_ set: ColumnSet, room: [Int32], price: [Float], excess: [Float], worth: Float) {
        self.set = set
        self.price = price
        self.excess = excess
        self.worth = worth
        current = set.start
        over = room.map { -$0 }
        for column in set.start {
            for d in 0..<set.width { over[d] += set.use[Int(column) * set.width + d] }
        }
        narrow = [[DayRepair.Exchange]](repeating: [], count: set.width)
    }

    mutating func run(seed: UInt64) {
        guard set.width > 0, set.count > set.hcps.count else { return }
        var random = SeededGenerator(seed: seed, stream: 3)
        var best = loss
        for round in 0..<Self.rounds {
            let before = (current, over)
            sortColumns(isFirst: round == 0, &random)
            anneal(isFirst: round == 0, &random)
            reconstruct(&random)
            let found = loss
            if found < best { best = found } else { (current, over) = before }
        }
    }

    /// Regrets and unused minutes, with a penalty on use beyond the room.
    private var loss: Double {
        var sum = 0.0
        for column in current { sum += Double(set.regret[Int(column)]) }
        for d in over.indices { sum += Double(over[d] > 0 ? Float(over[d]) * excess[d] : Float(-over[d]) * price[d]) }
        return sum
    }

    private mutating func sortColumns(isFirst: Bool, _ random: inout SeededGenerator) {
        let width = set.width
        var most: Int32 = 1
        for d in 0..<width { narrow[d].removeAll(keepingCapacity: true) }
        wide.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
        set.use.withUnsafeBufferPointer { use in
            for owner in set.hcps.indices {
                // The first round sees all; later ones see a part each, so that what one day's repair wants most is
                // sometimes left to another.
                let asked = isFirst ? UInt64.max : random.next() | random.next()
                let base = Int(current[owner])
                let end = owner + 1 < set.first.count ? Int(set.first[owner + 1]) : set.count
                for column in Int(set.first[owner])..<end where column != base {
                    var (only, count) = (0, 0)
                    for d in 0..<width where use[column * width + d] != use[base * width + d] {
                        only = d
                        count += 1
                    }
                    guard count > 0, asked >> UInt64(count == 1 ? only % 63 : 63) & 1 == 1 else { continue }
                    let regret = set.regret[column] - set.regret[base]
                    guard count == 1 else {
                        wide.append(
                            Wide(
                                column: Int32(column), owner: Int32(owner), regret: regret, changeStart: 0, changeEnd: 0
                            ))
                        continue
                    }
                    let change = use[column * width + only] - use[base * width + only]
                    most = max(most, abs(change))
                    narrow[only].append(
                        .init(owner: Int32(owner), column: Int32(column), change: change, regret: regret))
                }
            }
        }
        wide.sort { $0.regret != $1.regret ? $0.regret < $1.regret : $0.column < $1.column }
        if wide.count > Self.wideLimit { wide.removeLast(wide.count - Self.wideLimit) }
        for k in wide.indices {
            let (column, base) = (Int(wide[k].column), Int(current[Int(wide[k].owner)]))
            wide[k].changeStart = Int32(changes.count)
            for d in 0..<width {
                let change = set.use[column * width + d] - set.use[base * width + d]
                if change != 0 { changes.append((Int32(d), change)) }
            }
            wide[k].changeEnd = Int32(changes.count)
        }
        half = min(4000, Int(over.map { abs($0) }.max() ?? 0) + 4 * Int(most))
        for d in 0..<width { thin(&narrow[d], limit: 2 * Self.ownersPerDay + 6 * Int(abs(over[d]) / most)) }
    }

    /// Leaves the exchanges of least regret, grouped by owner.
    private func thin(_ exchanges: inout [DayRepair.Exchange], limit: Int) {
        guard exchanges.count > limit else { return }
        exchanges.sort { $0.regret != $1.regret ? $0.regret < $1.regret : $0.column < $1.column }
        exchanges.removeLast(exchanges.count - limit)
        exchanges.sort { $0.column < $1.column }
    }

    private func repair(_ d: Int, isTaken: [Bool], repairs: Bool = true) -> DayRepair {
        DayRepair(
            half: half, exchanges: isTaken.isEmpty ? narrow[d] : narrow[d].filter { !isTaken[Int($0.owner)] },
            unused: price[d], excess: excess[d], repairs: repairs)
    }

    private static let thresholds: [Float] = (0..<1024).map { -logf((Float($0) + 0.5) / 1024) }

    private mutating func anneal(isFirst: Bool, _ random: inout SeededGenerator) {
        active = [Int32](repeating: -1, count: set.hcps.count)
        guard !wide.isEmpty else { return }
        let states = 2 * half + 1
        // Day × state.
        var tables: [Float] = []
        for d in narrow.indices { tables += repair(d, isTaken: [], repairs: false).cost }
        let (half, epochs) = (half, Self.epochs)
        let steps = max(200, wide.count * (isFirst ? 20 : 8)) / epochs
        let (hot, cold) = (worth * (isFirst ? 0.05 : 0.015), worth * 0.001)
        let least = 1e-5 * worth
        wide.withUnsafeBufferPointer { wide in
            changes.withUnsafeBufferPointer { changes in
                tables.withUnsafeBufferPointer { tables in
                    active.withUnsafeMutableBufferPointer { active in
                        over.withUnsafeMutableBufferPointer { over in
                            func shift(_ k: Int, _ sign: Int32) -> Float {
                                var rise = Float(sign) * wide[k].regret
                                for i in Int(wide[k].changeStart)..<Int(wide[k].changeEnd) {
                                    let d = Int(changes[i].dimension)
                                    let row = d * states + half
                                    let (now, new) = (Int(over[d]), Int(over[d] + sign * changes[i].units))
                                    over[d] = Int32(new)
                                    rise += tables[row + max(-half, min(half, new))]
                                    rise -= tables[row + max(-half, min(half, now))]
                                }
                                return rise
                            }
                            for epoch in 0...epochs {
                                // The last epoch only takes what gains.
                                let isLast = epoch == epochs
                                let share = Float(epoch) / Float(epochs - 1)
                                let temperature = isLast ? 0 : hot * powf(cold / hot, share)
                                for step in 0..<(isLast ? 2 * wide.count : steps) {
                                    let bits = random.next()
                                    let drawn = ((bits >> 32) &* UInt64(wide.count)) >> 32
                                    let k = isLast ? step % wide.count : Int(drawn)
                                    let owner = Int(wide[k].owner)
                                    let now = Int(active[owner])
                                    var rise: Float = 0
                                    if now >= 0 { rise += shift(now, -1) }
                                    if now != k { rise += shift(k, 1) }
                                    if rise <= Self.thresholds[Int(bits & 1023)] * temperature - least {
                                        active[owner] = now == k ? -1 : Int32(k)
                                    } else {
                                        if now != k { _ = shift(k, -1) }
                                        if now >= 0 { _ = shift(now, 1) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Takes the columns of the search, then those of the days' best repairs, in random order of days; nobody is
    /// asked twice.
    private mutating func reconstruct(_ random: inout SeededGenerator) {
        var isTaken = [Bool](repeating: false, count: set.hcps.count)
        for owner in active.indices where active[owner] >= 0 {
            isTaken[owner] = true
            current[owner] = wide[Int(active[owner])].column
        }
        var order = Array(narrow.indices)
        for d in order.indices.reversed() { order.swapAt(d, random.below(d + 1)) }
        for d in order {
            for column in repair(d, isTaken: isTaken).repair(over[d]) {
                let owner = Int(set.owner[Int(column)])
                isTaken[owner] = true
                over[d] += set.use[Int(column) * set.width + d] - set.use[Int(current[owner]) * set.width + d]
                current[owner] = column
            }
        }
    }
}
