/// Visits to plan: where, how long, when, how often, by which kind of vehicle.
package struct RouteProblem: Sendable {
    package struct Place: Sendable, Hashable {
        package var x: Double
        package var y: Double

        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }
    package struct Customer: Sendable {
        package var id: String
        package var place: Place
        package var demand: Double
        /// Time spent.
        package var service: Double
        /// The visit starts in ready…due.
        package var ready: Double
        package var due: Double
        /// Allowed sets of days, bit d = day d; one set is chosen and each of its days gets one visit.
        package var daySets: [UInt32]
        /// Bit k: a vehicle of kind k may come.
        package var kinds: UInt32
        /// Line of the file, from 1.
        package var line: Int?

        package init(
            id: String, place: Place, demand: Double, service: Double, ready: Double, due: Double,
            daySets: [UInt32] = [1], kinds: UInt32 = .max, line: Int? = nil
        ) {
            self.id = id
            self.place = place
            self.demand = demand
            self.service = service
            self.ready = ready
            self.due = due
            self.daySets = daySets
            self.kinds = kinds
            self.line = line
        }
    }
    /// Vehicles of one kind at one depot.
    package struct Fleet: Sendable {
        package var depot: Place
        package var kind: Int
        /// Routes a day at most.
        package var count: Int
        package var capacity: Double
        /// Leaves at `open` or later, is back at `close`.
        package var open: Double
        package var close: Double
        package var costPerRoute: Double
        package var costPerDistance: Double
        package var timePerDistance: Double

        package init(
            depot: Place, kind: Int = 0, count: Int, capacity: Double, open: Double = 0, close: Double,
            costPerRoute: Double = 0, costPerDistance: Double = 1, timePerDistance: Double = 1
        ) {
            self.depot = depot
            self.kind = kind
            self.count = count
            self.capacity = capacity
            self.open = open
            self.close = close
            self.costPerRoute = costPerRoute
            self.costPerDistance = costPerDistance
            self.timePerDistance = timePerDistance
        }
    }

    package var customers: [Customer]
    package var fleets: [Fleet]
    package var days: Int

    package init(customers: [Customer], fleets: [Fleet], days: Int = 1) {
        self.customers = customers
        self.fleets = fleets
        self.days = days
    }

    static func distance(_ a: Place, _ b: Place) -> Double {
        ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
    }
}

/// Routes day by day, and what they cost.
package struct RoutePlan: Sendable {
    package struct Route: Sendable, Hashable {
        package var day: Int
        package var fleet: Int
        /// Numbers of customers in the order of the visits.
        package var stops: [Int]
        /// When each visit starts.
        package var starts: [Double]
        package var distance: Double
    }
    package var routes: [Route]
    package var cost: Double
    /// Customers that no vehicle can reach in time.
    package var unserved: [Int]
    package var feasible: Bool { unserved.isEmpty }
    /// No plan costs less.
    package var lowerBound: Double
    package var iterations: Int
}
