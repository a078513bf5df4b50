/// A cost that no plan can fall below.
enum RouteBound {
    /// The better of two relaxations, rounded down by a millionth part for the rounding of sums.
    static func value(_ instance: RouteInstance) -> Double {
        let simple = neighbours(instance)
        let single = instance.days == 1 && instance.problem.fleets.count == 1
        let strong = single && instance.customers <= 400 ? assignment(instance) : 0
        return max(0, max(simple, strong) * (1 - 1e-9))
    }

    /// Every visit has two ends: half of the cheapest way in and out, at the lowest rate of any vehicle.
    private static func neighbours(_ instance: RouteInstance) -> Double {
        let (problem, n, w) = (instance.problem, instance.customers, instance.width)
        var total = 0.0
        for (index, customer) in problem.customers.enumerated() {
            let rates = problem.fleets.indices.filter { instance.canServe($0, index) }.map {
                problem.fleets[$0].costPerDistance
            }
            let row = instance.distance[(index * w)..<((index + 1) * w)]
            let depot = (n..<w).map { row[row.startIndex + $0] }.min() ?? 0
            var (first, second) = (depot, depot)
            for other in 0..<n where other != index {
                let d = row[row.startIndex + other]
                if d < first { (first, second) = (d, first) } else if d < second { second = d }
            }
            let visits = customer.daySets.map(\.nonzeroBitCount).min() ?? 0
            total += Double(visits) * 0.5 * (first + second) * (rates.min() ?? 0)
        }
        return total + fewestRoutes(instance) * (problem.fleets.map(\.costPerRoute).min() ?? 0)
    }

    /// No day has fewer routes than its load needs, and somebody is visited.
    private static func fewestRoutes(_ instance: RouteInstance) -> Double {
        let load = instance.problem.customers.reduce(0.0) {
            $0 + $1.demand * Double($1.daySets.map(\.nonzeroBitCount).min() ?? 0)
        }
        let largest = instance.problem.fleets.map(\.capacity).max() ?? .infinity
        return max(1, (load / largest - 1e-9).rounded(.up))
    }

    /// One successor for each customer and each route, over the ways that capacity and time windows leave open; routes
    /// need not be connected, which is what makes it a bound. Solved exactly (Jonker and Volgenant 1987).
    private static func assignment(_ instance: RouteInstance) -> Double {
        let (problem, n, w) = (instance.problem, instance.customers, instance.width)
        let fleet = problem.fleets[0]
        let routes = min(fleet.count, n)
        let needed = min(routes, Int(fewestRoutes(instance)))
        let size = n + routes
        // Large, but small enough to be added up exactly.
        let forbidden = 1e9
        var cost = [Double](repeating: forbidden, count: size * size)
        for i in 0..<n {
            let a = problem.customers[i]
            let home = instance.distance[i * w + n]
            for r in 0..<routes {
                cost[i * size + n + r] = home * fleet.costPerDistance
                cost[(n + r) * size + i] = home * fleet.costPerDistance + fleet.costPerRoute
            }
            let start = max(a.ready, fleet.open + home * fleet.timePerDistance)
            for j in 0..<n where j != i {
                let b = problem.customers[j]
                let way = instance.distance[i * w + j]
                let arrival = max(b.ready, start + a.service + way * fleet.timePerDistance)
                let back = instance.distance[j * w + n] * fleet.timePerDistance
                guard arrival <= b.due, arrival + b.service + back <= fleet.close, a.demand + b.demand <= fleet.capacity
                else { continue }
                cost[i * size + j] = way * fleet.costPerDistance
            }
        }
        // A vehicle that the load does not need may stay at home.
        for r in needed..<max(needed, routes) { cost[(n + r) * size + n + r] = 0 }
        let value = solve(cost, size)
        // No assignment at all: then there is no plan either, and the other bound stands.
        return value < forbidden ? value : 0
    }

    /// The least sum of a perfect matching, by shortest augmenting paths.
    private static func solve(_ cost: [Double], _ n: Int) -> Double {
        var u = [Double](repeating: 0, count: n + 1)
        var v = [Double](repeating: 0, count: n + 1)
        var row = [Int](repeating: 0, count: n + 1)
        var way = [Int](repeating: 0, count: n + 1)
        for i in 1...n {
            row[0] = i
            var column = 0
            var least = [Double](repeating: .infinity, count: n + 1)
            var done = [Bool](repeating: false, count: n + 1)
            repeat {
                done[column] = true
                let at = row[column]
                var (delta, following) = (Double.infinity, 0)
                for j in 1...n where !done[j] {
                    let reduced = cost[(at - 1) * n + j - 1] - u[at] - v[j]
                    if reduced < least[j] { (least[j], way[j]) = (reduced, column) }
                    if least[j] < delta { (delta, following) = (least[j], j) }
                }
                for j in 0...n {
                    if done[j] {
                        u[row[j]] += delta
                        v[j] -= delta
                    } else {
                        least[j] -= delta
                    }
                }
                column = following
            } while row[column] != 0
            repeat {
                let previous = way[column]
                row[column] = row[previous]
                column = previous
            } while column != 0
        }
        return (1...n).reduce(0) { $0 + cost[(row[$1] - 1) * n + $1 - 1] }
    }
}
