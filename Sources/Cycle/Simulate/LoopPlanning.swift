internal import Decisioning
internal import EngagementModel
internal import Simulation
internal import Statistics

/// One week's decision of one policy, from what it may see.
struct LoopPlanning {
    let company: LoopCompany
    let log: LoopLog
    let asOf: Day
    let horizon: Horizon
    let seed: UInt64
    /// Shares of minutes and money that each channel had in the company's history, for siloed channels.
    let habits: LoopHabits

    /// What was decided.
    struct Decision: Sendable {
        var proposals: [LoopProposal] = []
        var prices: PlanPrices?
        var gap = 0.0
        /// Currency lost to exploration, as the planner counts it.
        var explorationCost = 0.0
        /// Value that the policy itself expects of the week.
        var expected = 0.0
        var violations = 0
    }

    // MARK: Policies

    /// - Parameter given: values of which some pieces are true; nil = all learnt.
    func rapport(_ mind: LoopMind, _ input: ResponseInput, given: MixedValues?) throws -> Decision {
        let table = candidates(mind.scorer(input, company), given: given)
        let arms = PlanInputs.arms(company.population, company.strategy, rulesOnly: false)
        var problem = problem(company.strategy, table, arms: arms) {
            given?.given.contains(.fatigue) == true ? given?.truth.fatigue($0) : mind.response.fatigue(channel: $0)
        }
        if let given, given.given.contains(.hours) {
            problem.weekdayFactor = given.truth.weekdayFactors(on: horizon.days.first ?? asOf + 1)
        }
        problem.warmStart = mind.prices
        return try solve(problem, table)
    }

    func oracle(_ world: MarketWorld) throws -> Decision {
        let truth = TrueValues(world, company)
        var table = CandidateTable(hcps: company.population.count, offers: company.catalogue.offers.count)
        let monday = horizon.days.first ?? asOf + 1
        eligible { rules in
            table.take(rules, nil, company.catalogue)
            truth.fill(&table, rules, on: monday)
        }
        var strategy = company.strategy
        strategy.exploration = Strategy.Exploration(temperature: 0, floor: 0)
        var problem = problem(strategy, table, arms: []) { truth.fatigue($0) }
        problem.weekdayFactor = truth.weekdayFactors(on: monday)
        return try solve(problem, table)
    }

    /// Lists and chance: the planner's own control arms, for everybody.
    func plain(_ arm: PlanArm) throws -> Decision {
        var table = CandidateTable(hcps: company.population.count, offers: company.catalogue.offers.count)
        eligible { table.take($0, nil, company.catalogue) }
        var strategy = company.strategy
        strategy.exploration = Strategy.Exploration(temperature: 0, floor: 0)
        var problem = problem(
            strategy, table, arms: [PlanArm](repeating: arm, count: company.population.count)
        ) { _ in nil }
        let deciles = log.deciles()
        problem.ruleOrder = (0..<Int32(company.population.count)).sorted {
            (deciles[Int($1)], $0) < (deciles[Int($0)], $1)
        }
        return try solve(problem, table)
    }

    /// Every channel by itself: it sees its own touches, keeps its share of the caps and spends its share of money and
    /// minutes; nobody looks across.
    func siloed(_ mind: LoopMind, _ input: ResponseInput) throws -> Decision {
        let table = candidates(mind.scorer(input, company), contacts: false)
        let channels = company.catalogue.offers.reduce(into: [Channel]()) {
            if !$0.contains($1.channel) { $0.append($1.channel) }
        }
        var result = Decision()
        for channel in channels {
            let strategy = habits.silo(company.strategy, channel, of: channels)
            var own = table
            for cell in own.refusal.indices
            where company.catalogue.offers[cell % own.offers].channel != channel {
                own.refusal[cell] = Refusal.capReached.code
            }
            let part = try solve(
                problem(
                    strategy, own, arms: [], only: [channel],
                    minutes: habits.minuteShare[channel] ?? 1
                ) { mind.response.fatigue(channel: $0) }, own)
            result.proposals += part.proposals
            result.explorationCost += part.explorationCost
            result.expected += part.expected
            result.violations += part.violations
        }
        return result
    }

    // MARK: Candidates

    /// Rules and scores block by block, as the decide step does.
    private func candidates(
        _ scorer: CandidateScorer, contacts: Bool = true, given: MixedValues? = nil
    ) -> CandidateTable {
        var table = CandidateTable(hcps: company.population.count, offers: company.catalogue.offers.count)
        eligible(contacts: contacts) { rules in
            var scores = scorer.score(rules.hcps)
            given?.replace(&scores, on: horizon.days.first ?? asOf + 1)
            table.take(rules, scores, company.catalogue)
        }
        return table
    }

    private func eligible(contacts: Bool = true, _ body: (EligibilityResult) -> Void) {
        let frozen = contacts ? frozen() : FrozenTouches()
        let width = horizon.days.count
        let minutes = company.repMinutes(days: width)
        let rules = Eligibility(
            EligibilityInput(
                asOf: asOf, days: horizon.days, strategy: company.strategy, hcps: company.eligibilityHCPs,
                consents: log.consents(),
                contacts: Decisioning.ContactColumns(
                    hcp: frozen.hcp, day: frozen.day.map(\.number), channel: frozen.channel.map(\.code)),
                actions: company.catalogue.eligibleActions(company.shelf, company.population),
                repKinds: company.population.reps.map { $0.kind.code },
                repMinutes: company.population.reps.indices.map { rep in
                    minutes[(rep * width)..<((rep + 1) * width)].reduce(0) { $0 + Double($1) }
                }))
        var first = 0
        while first < company.population.count {
            let block = first..<min(first + 8192, company.population.count)
            body(rules.evaluate(block))
            first = block.upperBound
        }
    }

    private func frozen(only: Set<Channel>? = nil) -> FrozenTouches {
        log.frozen(within: company.strategy.longestWindowDays, of: asOf, only: only)
    }

    // MARK: Planning

    private func problem(
        _ strategy: Strategy, _ table: CandidateTable, arms: [PlanArm], only: Set<Channel>? = nil,
        minutes: Double = 1, fatigue: (Channel) -> [Float]?
    ) -> PlanProblem {
        var problem = PlanInputs.problem(
            strategy: strategy, markets: [], population: company.population, catalogue: company.catalogue,
            horizon: horizon, frozen: frozen(only: only),
            repMinutes: company.repMinutes(days: horizon.days.count).map { $0 * Float(minutes) }, table: table,
            arms: arms, rulesOnly: false, fatigue: fatigue)
        problem.seed = SeededGenerator.mix(seed ^ UInt64(UInt32(bitPattern: asOf.number)))
        return problem
    }

    private func solve(_ problem: PlanProblem, _ table: CandidateTable) throws -> Decision {
        let plan = try Planner.plan(problem)
        var result = Decision()
        result.prices = plan.prices
        result.gap = plan.gap
        result.explorationCost = plan.explorationCost
        result.expected = plan.objective
        result.violations = plan.violations
        let width = horizon.days.count
        for place in plan.choice.indices where plan.choice[place] >= 0 {
            let (hcp, day, offer) = (place / width, place % width, Int(plan.choice[place]))
            let variant = Int(table.variant[hcp * table.offers + offer])
            // Approvals that end within the week: the planner knows no days for them.
            let expires = company.catalogue.variants[variant].content.flatMap { company.shelf.items[$0].ends }
            if let expires, expires < horizon.days[day] { continue }
            result.proposals.append(LoopProposal(hcp: hcp, day: day, offer: offer, variant: variant))
        }
        return result
    }
}

/// How the company shared minutes and money between channels before, in the last year of its history.
struct LoopHabits: Sendable {
    /// Share of the caller's minutes; the visitor's are the visits' alone.
    private(set) var minuteShare: [Channel: Double] = [:]
    private(set) var costShare: [Channel: Double] = [:]

    init(_ log: LoopLog, _ strategy: Strategy) {
        var touches = [Double](repeating: 0, count: Channel.allCases.count)
        let last = log.touches.time.max() ?? 0
        for row in log.touches.hcp.indices
        where log.touches.flags[row] & TouchFlag.pull == 0 && log.touches.time[row] > last - 365 * 86_400_000_000 {
            touches[Int(log.touches.channel[row])] += 1
        }
        var (minutes, cost) = (0.0, 0.0)
        for (channel, terms) in strategy.channels {
            // Nobody is left without anything: a channel that was hardly used could not begin.
            let n = max(touches[Int(channel.code)], 1)
            costShare[channel] = n * terms.cost
            cost += n * terms.cost
            guard terms.sender == .rep, channel != .inPerson else { continue }
            minuteShare[channel] = n * terms.minutes
            minutes += n * terms.minutes
        }
        costShare = costShare.mapValues { $0 / cost }
        minuteShare = minuteShare.mapValues { $0 / minutes }
    }

    /// The strategy as one channel sees it: its share of every cap, at least one touch, and of every budget.
    func silo(_ strategy: Strategy, _ channel: Channel, of channels: [Channel]) -> Strategy {
        var own = strategy
        own.caps = strategy.caps.filter { $0.channels.contains(channel) }.map { cap in
            var share = cap
            share.max = max(1, cap.max / max(1, channels.count { cap.channels.contains($0) }))
            share.channels = [channel]
            return share
        }
        own.gaps = strategy.gaps.filter { $0.channels.contains(channel) }.map { gap in
            var share = gap
            share.channels = [channel]
            return share
        }
        own.budgets = strategy.budgets.filter { $0.channels.contains(channel) }.map { budget in
            var share = budget
            let isOwn = channels.count { budget.channels.contains($0) } == 1
            share.maxCost = budget.maxCost.map { isOwn ? $0 : $0 * costShare[channel, default: 0] }
            return share
        }
        return own
    }
}
