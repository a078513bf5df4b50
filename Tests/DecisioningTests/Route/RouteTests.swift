import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Decisioning

struct RouteTests {
    /// A random problem with time windows.
    private func problem(_ customers: Int, vehicles: Int, seed: UInt64) -> RouteProblem {
        var generator = SeededGenerator(seed: seed)
        return RouteProblem(
            customers: (0..<customers).map { i in
                let ready = Double(generator.below(100))
                return .init(
                    id: "\(i + 1)", place: .init(x: Double(generator.below(60)), y: Double(generator.below(60))),
                    demand: Double(1 + generator.below(9)), service: 5, ready: ready,
                    due: ready + 90 + Double(generator.below(60)))
            },
            fleets: [.init(depot: .init(x: 30, y: 30), count: vehicles, capacity: 20, close: 400)])
    }

    /// The cheapest plan by trying every order of every split; for a handful of customers.
    private func brute(_ problem: RouteProblem) -> Double {
        let n = problem.customers.count
        var route = [Double](repeating: .infinity, count: 1 << n)
        let fleet = problem.fleets[0]
        func walk(_ set: Int, _ at: RouteProblem.Place, _ leave: Double, _ load: Double, _ length: Double) {
            if set > 0 {
                let home = RouteProblem.distance(at, fleet.depot)
                if leave + home <= fleet.close { route[set] = min(route[set], length + home) }
            }
            for next in 0..<n where set >> next & 1 == 0 {
                let c = problem.customers[next]
                let way = RouteProblem.distance(at, c.place)
                let start = max(c.ready, leave + way)
                guard start <= c.due, load + c.demand <= fleet.capacity else { continue }
                walk(set | 1 << next, c.place, start + c.service, load + c.demand, length + way)
            }
        }
        walk(0, fleet.depot, fleet.open, 0, 0)
        var best = [Double](repeating: .infinity, count: 1 << n)
        best[0] = 0
        for set in 1..<(1 << n) {
            var part = set
            while part > 0 {
                best[set] = min(best[set], best[set & ~part] + route[part])
                part = (part - 1) & set
            }
        }
        return best[(1 << n) - 1]
    }

    @Test(arguments: 1...8) func smallProblemsAreSolved(seed: Int) throws {
        let small = problem(7, vehicles: 7, seed: UInt64(seed))
        let plan = try RouteSearch(iterations: 3000).plan(small, seed: 1)
        let optimum = brute(small)
        #expect(RouteCheck.violations(plan, small).isEmpty)
        #expect(abs(plan.cost - optimum) < 1e-6)
        #expect(plan.lowerBound <= optimum * (1 + 1e-9))
        #expect(plan.lowerBound > 0.3 * optimum)
    }

    @Test func theSameSeedGivesTheSamePlan() throws {
        let many = problem(60, vehicles: 30, seed: 9)
        let first = try RouteSearch(iterations: 2000).plan(many, seed: 4)
        let again = try RouteSearch(iterations: 2000).plan(many, seed: 4)
        #expect(first.routes == again.routes)
        #expect(first.cost == again.cost)
        #expect(RouteCheck.violations(first, many).isEmpty)
    }

    @Test func tooFewVehiclesAreSaid() throws {
        let many = problem(30, vehicles: 3, seed: 2)
        let plan = try RouteSearch(iterations: 2000).plan(many, seed: 1)
        #expect(!plan.feasible)
        #expect(plan.unserved.count < 30)
        #expect(RouteCheck.violations(plan, many).isEmpty)
    }

    @Test func visitsKeepTheirFrequency() throws {
        let text = """
            1 2 6 4
            0 40
            0 40
            0 40
            0 40
            0 0 0
            1 10 0 1 10 2 2 5 10
            2 12 1 1 10 2 2 5 10
            3 -10 0 1 10 1 4 1 2 4 8
            4 -12 1 1 10 1 4 1 2 4 8
            5 0 15 1 10 4 1 15
            6 1 15 1 10 4 1 15
            """
        let problem = try RouteFiles.cordeau(text)
        #expect(problem.days == 4)
        #expect(problem.customers[0].daySets == [0b1010, 0b0101])
        #expect(problem.customers[2].daySets == [8, 4, 2, 1])
        let plan = try RouteSearch(iterations: 4000).plan(problem, seed: 1)
        #expect(plan.feasible)
        #expect(RouteCheck.violations(plan, problem).isEmpty)
        // Neighbours are visited on the same days: 1 with 2, 3 with 4.
        let daysOf = { (stop: Int) in Set(plan.routes.filter { $0.stops.contains(stop) }.map(\.day)) }
        #expect(daysOf(0) == daysOf(1))
        #expect(daysOf(2) == daysOf(3))
        #expect(daysOf(4).count == 4)
    }

    @Test func severalDepotsAndKindsAreKept() throws {
        let text = """
            2 2 4 2 8.0
            1 3 50 60 10 1
            2 3 200 40 30 0.5
            1 10 0 20 0.5 2 1 3 2
            2 12 0 120 0.5 1 2 1 2 1
            3 90 0 20 0.5 1 2 1 2 3
            4 92 0 20 0.5 1 2 1 2 3
            5 0 0
            6 100 0
            """
        let problem = try RouteFiles.cordeau(text)
        #expect(problem.fleets.count == 4)
        let plan = try RouteSearch(iterations: 3000).plan(problem, seed: 1)
        #expect(plan.feasible)
        #expect(RouteCheck.violations(plan, problem).isEmpty)
        #expect(plan.routes.contains { $0.stops.sorted() == [2, 3] && $0.fleet >= 2 })
    }

    @Test func solomonIsRead() throws {
        let problem = try RouteFiles.solomon(Self.solomon)
        #expect(problem.customers.count == 3)
        #expect(problem.fleets[0].count == 2)
        #expect(problem.fleets[0].capacity == 30)
        #expect(problem.fleets[0].close == 200)
        #expect(problem.customers[1].service == 9)
        let plan = try RouteSearch(iterations: 500).plan(problem, seed: 1)
        #expect(plan.feasible)
        #expect(abs(plan.cost - brute(problem)) < 1e-9)
    }

    private static let solomon = """
        TINY

        VEHICLE
        NUMBER     CAPACITY
          2         30

        CUSTOMER
        CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

            0      40         50          0          0        200          0
            1      45         68         10         20         90          9
            2      45         70         10         10         80          9
            3      42         30         10         65        146          9
        """

    @Test func brokenFilesNameTheLine() {
        func fault(_ text: String, cordeau: Bool = false) -> (String, Int?)? {
            do {
                let problem = cordeau ? try RouteFiles.cordeau(text) : try RouteFiles.solomon(text)
                _ = try RouteSearch(iterations: 10).plan(problem, seed: 1)
                return nil
            } catch { return (error as? Diagnostic).map { ($0.code, $0.line) } }
        }
        func changed(_ a: String, _ b: String) -> String { Self.solomon.replacing(a, with: b) }
        #expect(fault(Self.solomon) == nil)
        #expect(fault("")! == ("bad_format", 1))
        #expect(fault(changed("42         30         10", "42         inf        10"))! == ("not_finite", 13))
        #expect(fault(changed("42         30         10", "42         abc        10"))! == ("bad_line", 13))
        #expect(fault(changed("42         30         10 ", "42         30            "))! == ("bad_line", 13))
        #expect(fault(changed("42         30         10", "42         30         99"))! == ("unreachable", 13))
        #expect(fault(changed("65        146", "165       146"))! == ("empty_window", 13))
        #expect(fault(changed("42         30         10", "42       3000         10"))! == ("unreachable", 13))
        #expect(fault(changed("45         70         10", "45         70        -10"))! == ("bad_number", 12))
        #expect(fault(changed("  2         30", "  0         30"))?.0 == "no_vehicles")
        #expect(fault("1 2 3", cordeau: true)! == ("bad_format", 1))
        #expect(fault("1 2 6 4\n0 40", cordeau: true)?.0 == "truncated")
        #expect(fault("1 1 1 2\n0 40\n0 40\n0 0 0\n1 1 1 1 1 2 1 1", cordeau: true)! == ("bad_days", 5))
    }
}
