import EngagementModel
import Statistics

/// A problem laid out for the search: distances as one matrix, places of the depots after those of the customers.
struct RouteInstance: Sendable {
    let problem: RouteProblem
    let days: Int
    let customers: Int
    let distance: [Double]
    let width: Int
    /// Customers nearest to each, itself first.
    let near: [[Int32]]
    var visits: Int { customers * days }

    /// - Throws: `no_customers`, `no_vehicles`, `bad_number`, and `unreachable` with the customer's line.
    init(_ problem: RouteProblem) throws {
        guard !problem.customers.isEmpty else {
            throw Diagnostic("no_customers", "there is nobody to visit", remedy: "give at least one customer")
        }
        guard !problem.fleets.isEmpty, problem.fleets.contains(where: { $0.count > 0 }) else {
            throw Diagnostic("no_vehicles", "there is no vehicle", remedy: "give at least one")
        }
        self.problem = problem
        days = problem.days
        customers = problem.customers.count
        let places = problem.customers.map(\.place) + problem.fleets.map(\.depot)
        for customer in problem.customers {
            let numbers = [
                customer.place.x, customer.place.y, customer.demand, customer.service, customer.ready, customer.due,
            ]
            guard numbers.allSatisfy({ $0.isFinite }), customer.demand >= 0, customer.service >= 0 else {
                throw Diagnostic(
                    "bad_number", "customer \(customer.id) has a number that is infinite or negative",
                    line: customer.line, remedy: "write finite numbers; demand, service and times from 0 on")
            }
            guard customer.ready <= customer.due else {
                throw Diagnostic(
                    "empty_window", "the time window of customer \(customer.id) ends before it begins",
                    line: customer.line, remedy: "write when the window opens as ready and when it closes as due")
            }
        }
        width = places.count
        var distance = [Double](repeating: 0, count: width * width)
        for i in 0..<width {
            for j in 0..<width { distance[i * width + j] = RouteProblem.distance(places[i], places[j]) }
        }
        self.distance = distance
        let (n, w) = (customers, width)
        near = (0..<n).map { i in
            let order = (0..<n).sorted { (distance[i * w + $0], $0) < (distance[i * w + $1], $1) }
            return order.prefix(120).map { Int32($0) }
        }
        for (index, customer) in problem.customers.enumerated() {
            guard problem.fleets.indices.contains(where: { canServe($0, index) }) else {
                throw Diagnostic(
                    "unreachable",
                    "customer \(customer.id) cannot be visited even by a vehicle of its own: too far for its time "
                        + "window, too much for every vehicle, or no vehicle of its kind",
                    line: customer.line, remedy: "widen the window or leave the customer out")
            }
            guard !customer.daySets.isEmpty, customer.daySets.allSatisfy({ $0 > 0 && $0 >> UInt32(days) == 0 }) else {
                throw Diagnostic(
                    "bad_days", "customer \(customer.id) has no set of days within the period", line: customer.line,
                    remedy: "write sets of days of the cycle")
            }
        }
    }

    /// A route of its own would do.
    func canServe(_ fleet: Int, _ customer: Int) -> Bool {
        let (f, c) = (problem.fleets[fleet], problem.customers[customer])
        let way = distance[(customers + fleet) * width + customer] * f.timePerDistance
        let start = max(c.ready, f.open + way)
        return f.count > 0 && c.kinds >> UInt32(f.kind) & 1 == 1 && c.demand <= f.capacity && start <= c.due
            && start + c.service + way <= f.close
    }
}
