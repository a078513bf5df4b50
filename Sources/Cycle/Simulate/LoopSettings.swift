public import EngagementModel
internal import Simulation

/// Who decides in a closed loop.
public enum LoopPolicy: String, Sendable, CaseIterable, Codable {
    /// The engine as a run wires it: learnt responses and outcomes, a joint plan, exploration included.
    case rapport
    /// The same planner on the true value of every touch.
    case oracle
    /// The same models, but every channel plans alone with its share of caps, budget and minutes.
    case siloed
    /// Rapport on no more money than the silos spent in the same week: they leave some of theirs, so that only this
    /// compares the two at equal cost.
    case frugal
    /// A list by volume decile: visit before call before e-mail.
    case rules
    /// Any eligible touch.
    case random
    /// No contact at all: the zero of the comparison.
    case none

    public var title: String {
        switch self {
        case .rapport: "Rapport"
        case .oracle: "Oracle"
        case .siloed: "Siloed channels"
        case .frugal: "Rapport, silos' cost"
        case .rules: "List by decile"
        case .random: "Random eligible"
        case .none: "No contact"
        }
    }
}

/// What a closed loop plays: market, weeks, policies, strategy.
public struct LoopSettings: Sendable {
    public var hcps = 2000
    public var weeks = 26
    public var seeds: [UInt64] = [1]
    public var policies = LoopPolicy.allCases
    /// Standard deviation of the logarithms of the market's hidden coefficients between seeds: fatigue, carry-over,
    /// preferences and effects differ by about this share.
    public var variation = 0.25
    /// A Sunday that ends a month, so that the first week begins with a fresh one.
    public var endDay = Day(year: 2026, month: 5, day: 31)
    /// Years of the company's own history that everyone begins with.
    public var years = 2
    /// Currency that a policy may spend a week, as a share of what all reps' full calendars would cost.
    public var budgetShare = 0.5
    /// Rapport's own control arms. None here: rivals play whole markets, and arms that are blind to prices would take a
    /// share of a tight budget that is far above their share of HCPs.
    public var arms = Strategy.ArmShares(random: 0, rules: 0)
    /// How Rapport and the silos explore.
    public var exploration = Strategy.Exploration()
    /// Pieces of the truth that Rapport is given instead of what it has learnt; none but to find where value is lost.
    public var given: Set<LoopTruth> = []
    /// nil = the standard strategy of the loop, with the arms and the exploration above.
    public var strategy: Strategy?

    public init() {}

    /// - Throws: `simulation_size` when a size is outside its range, `simulation_order` when frugal comes before siloed.
    func validate() throws(Diagnostic) {
        guard (200...1_000_000).contains(hcps), (1...100).contains(weeks), !seeds.isEmpty, !policies.isEmpty,
            (1...10).contains(years), (0...0.5).contains(variation), budgetShare > 0, budgetShare <= 10
        else {
            throw Diagnostic(
                "simulation_size", "a closed loop has 200 to 1000000 HCPs, 1 to 100 weeks and at least one seed",
                remedy: "change --hcps, --weeks or --seeds")
        }
        if let frugal = policies.firstIndex(of: .frugal), !policies[..<frugal].contains(.siloed) {
            throw Diagnostic(
                "simulation_order", "the policy frugal spends what the silos spent before it",
                remedy: "name siloed before frugal in --policies")
        }
    }

    func market(seed: UInt64) -> MarketParameters {
        MarketParameters(
            hcps: hcps, seed: seed, endDay: endDay, years: years, kind: .pharma, variation: variation)
    }
}

/// The strategy of the loop: the demo's channels, caps, gaps and arms, planned week by week.
enum LoopStrategy {
    /// - Parameter weeklyCost: currency that all channels together may spend a week.
    static func standard(weeklyCost: Double, webinarSeats: Int) -> Strategy {
        var strategy = Strategy()
        strategy.horizonDays = 5
        strategy.objectives = [
            Strategy.Objective(product: "P1", measure: "prescriptions", valuePerUnit: 40),
            Strategy.Objective(product: "P2", measure: "prescriptions", valuePerUnit: 50),
        ]
        strategy.channels = [
            .inPerson: Strategy.ChannelTerms(minutes: 45, cost: 60, sender: .rep),
            .video: Strategy.ChannelTerms(minutes: 30, cost: 20, sender: .rep),
            .phone: Strategy.ChannelTerms(minutes: 15, cost: 10, sender: .rep),
            .emailRep: Strategy.ChannelTerms(minutes: 4, cost: 3, sender: .rep),
            .email: Strategy.ChannelTerms(cost: 0.05),
            .webinar: Strategy.ChannelTerms(cost: 8),
        ]
        let any = Set(Channel.allCases)
        let human = Set(Channel.allCases.filter(\.isHuman))
        func days(_ n: Int) -> Span { Span(seconds: n * 86_400) }
        strategy.caps = [
            Strategy.Cap(channels: any, max: 3, window: days(7), name: "any 3 in 7d"),
            Strategy.Cap(channels: human, max: 2, window: days(14), name: "human 2 in 14d"),
        ]
        strategy.gaps = [
            Strategy.Gap(channels: [.email, .emailRep], min: days(2), name: "e-mail 2d"),
            Strategy.Gap(channels: human, min: days(4), name: "human 4d"),
        ]
        strategy.budgets = [
            Strategy.Budget(name: "spend", channels: any, maxCost: weeklyCost),
            Strategy.Budget(name: "webinar seats", channels: [.webinar], maxTouches: webinarSeats),
        ]
        strategy.consent = [
            .email: .optIn, .emailRep: .optIn, .webinar: .optIn, .inPerson: .notOptedOut, .video: .notOptedOut,
            .phone: .notOptedOut,
        ]
        return strategy
    }

    /// What a week of full calendars would cost: visits for who visits, calls for who calls.
    static func fullCost(_ view: CompanyView) -> Double {
        view.reps.reduce(0) { sum, rep in
            switch rep.kind {
            case .field, .hybrid: sum + 5 * rep.minutesPerDay / 45 * 60
            case .inside, .callCentre: sum + 5 * rep.minutesPerDay / 15 * 10
            case .kam, .msl, .technician: sum
            }
        }
    }
}

extension Strategy {
    /// Lowers the loop's weekly money.
    mutating func spend(atMost cost: Double) {
        for k in budgets.indices { if let most = budgets[k].maxCost { budgets[k].maxCost = min(most, cost) } }
    }
}
