/// The published plan, its prices, and what is known about how good it is.
package struct Plan: Sendable {
    /// N × T: action of each HCP and day, -1 = no touch.
    package var choice: [Int16] = []
    /// N × T: probability of the published choice (of no touch, too), marginal over sequences.
    ///
    /// Engine: of the soft policy at the working temperature, with the exploration floor mixed in; random arm: of
    /// its even policy; rules arm, a plan without exploration, and what is kept from yesterday's plan: 1. Repairs for shared capacity are not in the
    /// formula; ask for `propensitySeeds` to have them estimated, for both arms. Within [1e-6, 1].
    package var propensity: [Float] = []
    /// N: whose touches were taken over from yesterday's plan, so that nothing was drawn.
    package var isKept: [Bool] = []
    /// Requested HCPs × T × (A + 1), the last column for no touch.
    package var marginals: [Float] = []
    package var prices = PlanPrices(repDay: [], limit: [])
    /// What the plan uses: R × T minutes, and units of each limit.
    package var repMinutesUsed: [Double] = []
    package var limitUsed: [Double] = []

    /// Net value of all planned touches, currency; of which the random and rules arms.
    package var objective = 0.0
    package var armValue = 0.0
    /// No plan is worth more, given what the arms and kept touches hold (dual at temperature zero, rounded outward).
    package var upperBound = 0.0
    /// Share of the bound that the plan would miss without exploration.
    package var gap = 0.0
    /// What sampling costs against the best plan found, currency; not in `gap`.
    package var explorationCost = 0.0
    /// Currency per nat for an HCP of average value; 0 = nothing sampled.
    package var temperature = 0.0
    /// Passes over all HCPs that pricing took.
    package var sweeps = 0
    /// Broken caps, gaps, days, senders and shared limits, counted from the definitions: always 0.
    package var violations = 0
    /// Touches of the previous plan, and how many of them this plan does not repeat.
    package var previousTouches = 0
    package var changedTouches = 0
    package var shortfalls: [FloorShortfall] = []

    package init() {}

    package var touches: Int { choice.count { $0 >= 0 } }
}

/// A floor that cannot be met.
package struct FloorShortfall: Sendable, Hashable {
    package var limit: String
    package var floor: Double
    /// What this plan reaches.
    package var reached: Double
    /// The highest floor, up to the one asked for, for which a plan was found that holds every other floor as far as
    /// this plan does: the smallest relaxation known to do is `floor - attainable`.
    package var attainable: Double
    /// No plan that holds the other floors so goes beyond this; at `attainable` the relaxation is proven smallest.
    package var ceiling: Double
}

package struct PlanOptions: Sendable {
    /// 0 = one per core, at most 8; results do not depend on it.
    package var threads = 0
    /// HCPs whose marginals are wanted.
    package var marginals: [Int] = []
    /// How many further plans estimate the propensities, repairs included; 0 = use the formula.
    package var propensitySeeds = 0
    /// Asks how high a floor can be, for another plan's report; no further questions are asked then.
    var isProbe = false

    package init(threads: Int = 0, marginals: [Int] = [], propensitySeeds: Int = 0) {
        self.threads = threads
        self.marginals = marginals
        self.propensitySeeds = propensitySeeds
    }
}
