#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Prices of one cluster's own rep-days at which a choice of columns fills them: the entropic dual, cooled until
/// nearly every HCP has one column left.
///
/// With the columns at hand the curvature is exact, so a few Newton steps settle each stage; sweeps over the contact
/// graph, which must guess it, are for finding columns. Prices are per unit, then per counted touch (`VisitLimits`).
struct ClusterPrices {
    private let width: Int
    /// Column → its entries: place of a price, and amount used.
    private var entryStart: [Int] = [0]
    private var entryPlace: [Int] = []
    private var entryAmount: [Double] = []
    /// Column → what it is worth before the cluster's own prices, up to a constant of its HCP.
    private var gross: [Double] = []
    private let first: [Int]
    private let bound: [Double]
    private let reach: [Double]
    private let worth: Double
    private(set) var price: [Double]
    /// Column → its share of its HCP.
    private(set) var share: [Double]

    /// Temperatures as shares of a usual touch.
    private static let ladder = [0.01, 0.004, 0.0015, 0.0006, 0.0002]
    private static let stepsPerStage = 7

    /// - Parameters:
    ///   - room, visitBound: units, and counted touches, per dimension.
    ///   - price, visit: currency per unit, and per counted touch (empty = none are counted).
    ///   - counts: how often a touch of so many units counts in a dimension.
    ///   - worth: currency of a usual touch.
    init(
        _ set: ColumnSet, room: [Int32], visitBound: [Double], price: [Float], visit: [Float], worth: Float,
        counts: (Int, Int32) -> Double
    ) {
        width = set.width
        self.worth = Double(worth)
        first = set.first.map { Int($0) } + [set.count]
        bound = room.map { Double($0) } + visitBound
        self.price = price.map { Double($0) } + visit.map { Double($0) }
        share = [Double](repeating: 0, count: set.count)
        var (units, touches) = (0.0, 0.0)
        gross.reserveCapacity(set.count)
        for column in 0..<set.count {
            var own = -Double(set.regret[column])
            for d in 0..<width {
                let use = set.use[column * width + d]
                guard use != 0 else { continue }
                own += Double(price[d]) * Double(use)
                entryPlace.append(d)
                entryAmount.append(Double(use))
                units += Double(use)
                touches += 1
                guard !visit.isEmpty else { continue }
                let count = counts(d, use)
                guard count > 0 else { continue }
                entryPlace.append(width + d)
                entryAmount.append(count)
            }
            gross.append(own)
            entryStart.append(entryPlace.count)
        }
        let usual = touches > 0 ? units / touches : 1
        reach = bound.indices.map { $0 < set.width ? Double(worth) / usual : Double(worth) }
    }

    /// Cools; afterwards `price` and `share` are those of the coldest stage.
    mutating func settle() {
        var system = SmallSystem(size: price.count)
        for relative in Self.ladder {
            let tau = relative * worth
            var now = evaluate(price, tau)
            for _ in 0..<Self.stepsPerStage {
                let over = now.use.indices.map { now.use[$0] - bound[$0] }
                let free = price.indices.filter { price[$0] > 0 || over[$0] > 0 }
                guard !free.isEmpty else { break }
                system.load(free.count) { now.curvature[free[$0] * price.count + free[$1]] / tau }
                system.factorise { i in
                    let k = free[i]
                    return max(1e-3 * bound[k], 1e-2 * abs(over[k]), 1e-3) / (10 * relative * reach[k])
                }
                system.solve { over[free[$0]] }
                var scale = 1.0
                var next: (point: [Double], sums: Sums)?
                for _ in 0..<4 {
                    var point = price
                    for (i, k) in free.enumerated() {
                        let most = 4 * relative * reach[k]
                        point[k] = max(0, point[k] + max(-most, min(most, scale * system.solution[i])))
                    }
                    let sums = evaluate(point, tau)
                    if sums.value < now.value {
                        next = (point, sums)
                        break
                    }
                    scale *= 0.3
                }
                guard let next else { break }
                let gained = now.value - next.sums.value
                (price, now) = next
                if gained < 1e-3 * tau { break }
            }
        }
        _ = evaluate(price, (Self.ladder.last ?? 0.01) * worth, keepsShares: true)
    }

    /// What each column is worth less than the best one of its HCP, with what it pays as a counted touch given back.
    func regrets() -> [Float] {
        var result = [Float](repeating: 0, count: gross.count)
        for hcp in 0..<first.count - 1 {
            let columns = first[hcp]..<first[hcp + 1]
            let best = columns.map { net($0, price) }.max() ?? 0
            for column in columns {
                var minutes = gross[column]
                for k in entryStart[column]..<entryStart[column + 1] where entryPlace[k] < width {
                    minutes -= price[entryPlace[k]] * entryAmount[k]
                }
                result[column] = Float(best - minutes)
            }
        }
        return result
    }

    /// One column per HCP, so chosen that together they use what the shares use: what one takes too much or too
    /// little is carried over to the next.
    func diffused() -> [Int32] {
        var carried = [Double](repeating: 0, count: bound.count)
        var chosen: [Int32] = []
        for hcp in 0..<first.count - 1 {
            let columns = first[hcp]..<first[hcp + 1]
            for column in columns where share[column] > 0 { add(column, share[column], to: &carried) }
            var (best, least) = (columns.lowerBound, Double.infinity)
            for column in columns where share[column] > 0.02 {
                // The square of what is carried on, as far as this column changes it.
                var sum = 0.0
                for k in entryStart[column]..<entryStart[column + 1] where entryPlace[k] < width {
                    let (now, amount) = (carried[entryPlace[k]], entryAmount[k])
                    sum += (now - amount) * (now - amount) - now * now
                }
                if sum < least { (best, least) = (column, sum) }
            }
            add(best, -1, to: &carried)
            chosen.append(Int32(best))
        }
        return chosen
    }

    private func add(_ column: Int, _ part: Double, to sums: inout [Double]) {
        for k in entryStart[column]..<entryStart[column + 1] { sums[entryPlace[k]] += part * entryAmount[k] }
    }

    @inline(__always) private func net(_ column: Int, _ price: [Double]) -> Double {
        var sum = gross[column]
        for k in entryStart[column]..<entryStart[column + 1] { sum -= price[entryPlace[k]] * entryAmount[k] }
        return sum
    }

    private struct Sums {
        var value = 0.0
        var use: [Double]
        var curvature: [Double]
    }

    /// The dual, expected use, and its curvature times the temperature.
    private mutating func evaluate(_ price: [Double], _ tau: Double, keepsShares: Bool = false) -> Sums {
        let size = price.count
        var sums = Sums(use: [Double](repeating: 0, count: size), curvature: [Double](repeating: 0, count: size * size))
        var mean = [Double](repeating: 0, count: size)
        var touched: [Int] = []
        for hcp in 0..<first.count - 1 {
            let columns = first[hcp]..<first[hcp + 1]
            var (top, best) = (-Double.infinity, columns.lowerBound)
            for column in columns {
                share[column] = net(column, price)
                if share[column] > top { (top, best) = (share[column], column) }
            }
            var (total, rivals) = (1.0, 0)
            for column in columns where column != best {
                let down = (share[column] - top) / tau
                share[column] = down > -25 ? exp(down) : 0
                guard share[column] > 0 else { continue }
                total += share[column]
                rivals += 1
            }
            share[best] = 1
            sums.value += top + tau * log(total)
            if rivals == 0 {
                add(best, 1, to: &sums.use)
                continue
            }
            for column in columns where share[column] > 0 {
                share[column] /= total
                let part = share[column]
                for i in entryStart[column]..<entryStart[column + 1] {
                    let (p, q) = (entryPlace[i], part * entryAmount[i])
                    if mean[p] == 0 { touched.append(p) }
                    mean[p] += q
                    for j in entryStart[column]..<entryStart[column + 1] {
                        sums.curvature[p * size + entryPlace[j]] += q * entryAmount[j]
                    }
                }
            }
            for p in touched {
                sums.use[p] += mean[p]
                for q in touched { sums.curvature[p * size + q] -= mean[p] * mean[q] }
            }
            for p in touched { mean[p] = 0 }
            touched.removeAll(keepingCapacity: true)
        }
        for k in 0..<size { sums.value += price[k] * bound[k] }
        return sums
    }
}
