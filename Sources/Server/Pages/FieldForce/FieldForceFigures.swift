import EngagementModel

/// What the page of the field force shows: made from the last run by whoever composes the server.
package struct FieldForceFigures: Sendable, Hashable {
    /// A field rep with the territory.
    package struct Rep: Sendable, Hashable {
        package var repID: String
        package var territoryID: String?
        package var team: String
        package var hcps: Int
        /// Minutes of the horizon, and those that the plan uses.
        package var minutes: Double
        package var used: Double
        /// Currency: one more hour, mean, lowest and highest of the days; one more rep for a week at today's price.
        package var hourPrice: Double
        package var hourPriceLow: Double
        package var hourPriceHigh: Double
        package var anotherRepPerWeek: Double
        /// Minutes a week, now and under the proposals.
        package var load: Double
        package var loadAfter: Double

        package init(
            repID: String, territoryID: String?, team: String, hcps: Int, minutes: Double, used: Double,
            hourPrice: Double, hourPriceLow: Double, hourPriceHigh: Double, anotherRepPerWeek: Double, load: Double,
            loadAfter: Double
        ) {
            self.repID = repID
            self.territoryID = territoryID
            self.team = team
            self.hcps = hcps
            self.minutes = minutes
            self.used = used
            self.hourPrice = hourPrice
            self.hourPriceLow = hourPriceLow
            self.hourPriceHigh = hourPriceHigh
            self.anotherRepPerWeek = anotherRepPerWeek
            self.load = load
            self.loadAfter = loadAfter
        }
    }

    /// An account that another rep would serve.
    package struct Move: Sendable, Hashable {
        package var hcoID: String
        package var name: String?
        package var hcps: Int
        package var load: Double
        package var from: String
        package var to: String

        package init(hcoID: String, name: String?, hcps: Int, load: Double, from: String, to: String) {
            self.hcoID = hcoID
            self.name = name
            self.hcps = hcps
            self.load = load
            self.from = from
            self.to = to
        }
    }

    package struct Balance: Sendable, Hashable {
        /// Load beyond a tenth of the mean, added up over territories, in means.
        package var imbalance: Double
        /// To the middle of the territory, a mean over the work.
        package var kilometres: Double

        package init(imbalance: Double, kilometres: Double) {
            self.imbalance = imbalance
            self.kilometres = kilometres
        }
    }

    package struct Goal: Sendable, Hashable {
        package var name: String
        package var channels: [String]
        package var period: String
        package var hcps: Int
        package var target: Int
        package var due: Int
        package var done: Int
        package var planned: Int
        package var attainment: Double
        package var onPace: Int
        /// Currency: what the last touch that the goal asks for costs the plan.
        package var price: Double

        package init(
            name: String, channels: [String], period: String, hcps: Int, target: Int, due: Int, done: Int, planned: Int,
            attainment: Double, onPace: Int, price: Double
        ) {
            self.name = name
            self.channels = channels
            self.period = period
            self.hcps = hcps
            self.target = target
            self.due = due
            self.done = done
            self.planned = planned
            self.attainment = attainment
            self.onPace = onPace
            self.price = price
        }
    }

    /// One HCP of one goal.
    package struct Person: Sendable, Hashable {
        package var hcpID: String
        package var repID: String?
        package var goal: String
        package var least: Int
        package var done: Int
        package var planned: Int
        package var isOnPace: Bool

        package init(
            hcpID: String, repID: String?, goal: String, least: Int, done: Int, planned: Int, isOnPace: Bool
        ) {
            self.hcpID = hcpID
            self.repID = repID
            self.goal = goal
            self.least = least
            self.done = done
            self.planned = planned
            self.isOnPace = isOnPace
        }
    }

    package var days: Int
    package var reps: [Rep] = []
    package var moves: [Move] = []
    package var before = Balance(imbalance: 0, kilometres: 0)
    package var after = Balance(imbalance: 0, kilometres: 0)
    package var note = ""
    /// Name and dates of the cycle; nil without goals.
    package var cycle: String?
    package var goals: [Goal] = []
    package var people: [Person] = []

    package init(days: Int) { self.days = days }
}

/// Plans with other numbers of field reps.
package struct SizingFigures: Sendable, Hashable {
    package struct Point: Sendable, Hashable {
        /// 1 = as it is.
        package var capacity: Double
        package var reps: Double
        /// Currency over the horizon.
        package var value: Double
        package var bound: Double
        package var visits: Int

        package init(capacity: Double, reps: Double, value: Double, bound: Double, visits: Int) {
            self.capacity = capacity
            self.reps = reps
            self.value = value
            self.bound = bound
            self.visits = visits
        }
    }

    package var points: [Point]
    /// Share of a minute's price that is left once every territory has a second rep, by rep.
    package var priceLeft: [String: Double]

    package init(points: [Point], priceLeft: [String: Double]) {
        self.points = points
        self.priceLeft = priceLeft
    }
}

/// Where the page's figures come from.
package struct FieldForceSource: Sendable {
    /// - Throws: `Diagnostic` before the first run.
    package var figures: @Sendable () async throws -> FieldForceFigures
    /// Takes as long as several plans.
    package var sizing: @Sendable () async throws -> SizingFigures

    package init(
        figures: @escaping @Sendable () async throws -> FieldForceFigures,
        sizing: @escaping @Sendable () async throws -> SizingFigures
    ) {
        self.figures = figures
        self.sizing = sizing
    }
}

/// Keeps what was computed for a snapshot; plans for the curve are made one at a time.
actor FieldForceDesk {
    private let source: FieldForceSource
    private var figures: (snapshot: String, value: FieldForceFigures)?
    private var sizing: (snapshot: String, value: SizingFigures)?
    private var isBusy = false

    init(_ source: FieldForceSource) { self.source = source }

    func figures(_ snapshot: String) async throws -> FieldForceFigures {
        if let figures, figures.snapshot == snapshot { return figures.value }
        let value = try await source.figures()
        figures = (snapshot, value)
        return value
    }

    /// nil when it was not computed for this snapshot yet.
    func known(_ snapshot: String) -> SizingFigures? { sizing?.snapshot == snapshot ? sizing?.value : nil }

    /// - Throws: `sizing_busy` while another one is computed.
    func sizing(_ snapshot: String) async throws -> SizingFigures {
        if let known = known(snapshot) { return known }
        guard !isBusy else {
            throw Diagnostic("sizing_busy", "The curve is being computed already. Please try again in a moment.")
        }
        isBusy = true
        defer { isBusy = false }
        let value = try await source.sizing()
        sizing = (snapshot, value)
        return value
    }
}
