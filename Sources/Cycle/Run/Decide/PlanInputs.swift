internal import Decisioning
internal import EngagementModel
internal import Statistics

/// The planner's numeric problem, made of candidates, rules, capacity and history.
enum PlanInputs {
    /// Everything but values; the candidates are added by `fill`.
    static func problem(
        strategy: Strategy, markets: [Market], population: Population, catalogue: OfferCatalogue, horizon: Horizon,
        frozen: FrozenTouches, repMinutes: [Float], table: CandidateTable, arms: [PlanArm], rulesOnly: Bool,
        sequences: [PlanSequence] = [], fatigue: (Channel) -> [Float]? = { _ in nil }
    ) -> PlanProblem {
        let caps = strategy.caps + markets.flatMap { $0.caps ?? [] }
        let human = Set(Channel.allCases.filter(\.isHuman))
        let classes = ContactClasses(
            caps: caps, gaps: strategy.gaps,
            apart: [human] + sequences.flatMap { [$0.after, $0.then] }
                + (table.options.map { $0.rule.channels.map { [$0] } } ?? []))
        var problem = PlanProblem(
            hcpCount: population.count, actionCount: catalogue.offers.count,
            dayOffsets: horizon.days.map { $0 - horizon.asOf }, dayWeekdays: horizon.days.map(\.weekday),
            value: table.value.indices.map { table.isEligible($0) ? table.value[$0] : -.infinity },
            actionClass: catalogue.offers.map { classes($0.channel) }, senderSlot: catalogue.offers.map(\.slot),
            actionMinutes: catalogue.offers.map { $0.slot < 0 ? 0 : Float($0.terms.minutes) })
        problem.actionCost = catalogue.offers.map { Float($0.terms.cost) }
        problem.ruleSets = ruleSets(strategy, markets, horizon, classes)
        problem.ruleSet = population.country.map { country in
            let code = country < 0 ? nil : population.countryNames[Int(country)]
            return UInt8(1 + (markets.firstIndex { $0.code == code } ?? -1))
        }
        fill(&problem, frozen, horizon, classes)
        let curves = tire(&problem, catalogue, classes, fatigue)
        for sequence in sequences {
            problem.effects.append(
                RecencyEffect(
                    affects: classes.mask(sequence.then), counts: classes.mask(sequence.after),
                    windowDays: sequence.withinDays, multipliers: [1, Float(sequence.factor)]))
        }
        problem.repeats = table.options?.repeats(
            catalogue, hcps: population.count, classes: classes, days: horizon.days.count,
            touches: mostTouches(strategy, markets, horizon),
            most: 254 / problem.effects.reduce(1) { $0 * $1.multipliers.count })
        rest(&problem, catalogue, curves)
        problem.slotCount = Population.slots
        problem.sender = population.sender
        problem.repCount = population.reps.count
        problem.repMinutes = repMinutes
        problem.limits = limits(strategy, catalogue)
        problem.arms = arms
        problem.ruleRanking = ruleRanking(catalogue)
        problem.ruleOrder = ruleOrder(population)
        problem.seed = strategy.seed
        problem.explorationFloor = rulesOnly ? 0 : strategy.exploration.floor
        problem.temperature = strategy.exploration.temperature.map { .fixed($0) } ?? .auto
        return problem
    }

    /// Days over which touches tire an HCP within a plan.
    private static let fatigueDays = 7

    /// Lets each planned touch take from the next ones, as the response model has learnt it; gives the curve of each
    /// class.
    private static func tire(
        _ problem: inout PlanProblem, _ catalogue: OfferCatalogue, _ classes: ContactClasses,
        _ fatigue: (Channel) -> [Float]?
    ) -> [UInt8: [Float]] {
        // People and messages tire differently; finer groups would only multiply the planner's states.
        var multipliers: [UInt8: [Float]] = [:]
        for isHuman in [true, false] {
            let offers = catalogue.offers.filter { $0.channel.isHuman == isHuman }
            guard let curve = offers.first.flatMap({ fatigue($0.channel) }) else { continue }
            let levels = Array(curve.prefix(4))
            for offer in offers { multipliers[classes(offer.channel)] = levels }
            problem.effects.append(
                RecencyEffect(
                    affects: classes.mask(Set(offers.map(\.channel))), windowDays: fatigueDays, multipliers: levels))
        }
        return multipliers
    }

    /// Takes the fatigue of today out of the candidates' values, so that it is not counted twice.
    private static func rest(
        _ problem: inout PlanProblem, _ catalogue: OfferCatalogue, _ multipliers: [UInt8: [Float]]
    ) {
        guard !multipliers.isEmpty else { return }
        for hcp in 0..<problem.hcpCount {
            let touches = Int(problem.touchStart[hcp])..<Int(problem.touchStart[hcp + 1])
            let recent = touches.count { problem.touchDay[$0] <= 0 && problem.touchDay[$0] > -Int16(fatigueDays) }
            guard recent > 0 else { continue }
            for (a, offer) in catalogue.offers.enumerated() {
                guard let curve = multipliers[problem.actionClass[a]] else { continue }
                let cost = Float(offer.terms.cost)
                problem.change(hcp, a) { ($0 + cost) / curve[min(recent, curve.count - 1)] - cost }
            }
        }
    }

    /// How many touches of one channel caps and gaps can let through in a horizon, at most.
    private static func mostTouches(_ strategy: Strategy, _ markets: [Market], _ horizon: Horizon) -> Int {
        guard let first = horizon.days.first, let last = horizon.days.last else { return 0 }
        let span = last - first + 1
        let sets = [strategy.caps] + markets.compactMap(\.caps)
        return sets.map { caps in
            caps.filter { $0.channels == Set(Channel.allCases) }.map { cap in
                cap.max * ((span + cap.window.days - 1) / max(1, cap.window.days))
            }.min() ?? horizon.days.count
        }.max() ?? horizon.days.count
    }

    /// Rule set 0 is the strategy's own, then one for each market.
    private static func ruleSets(
        _ strategy: Strategy, _ markets: [Market], _ horizon: Horizon, _ classes: ContactClasses
    ) -> [ContactRules] {
        [classes.rules(caps: strategy.caps, gaps: strategy.gaps)]
            + markets.map { market in
                classes.rules(
                    caps: market.caps ?? strategy.caps, gaps: strategy.gaps,
                    allowedDays: horizon.days.map { !market.holidays.contains($0) })
            }
    }

    private static func fill(
        _ problem: inout PlanProblem, _ frozen: FrozenTouches, _ horizon: Horizon, _ classes: ContactClasses
    ) {
        var start = [Int32](repeating: 0, count: problem.hcpCount + 1)
        for hcp in frozen.hcp { start[Int(hcp) + 1] += 1 }
        for i in 0..<problem.hcpCount { start[i + 1] += start[i] }
        problem.touchStart = start
        problem.touchDay = frozen.day.map { Int16(clamping: $0 - horizon.asOf) }
        problem.touchClass = frozen.channel.map { classes($0) }
    }

    static func limits(_ strategy: Strategy, _ catalogue: OfferCatalogue) -> [SharedLimit] {
        var limits: [SharedLimit] = []
        for budget in strategy.budgets {
            let counted = catalogue.offers.map { budget.channels.contains($0.channel) }
            if let touches = budget.maxTouches {
                limits.append(
                    SharedLimit(name: budget.name, usage: counted.map { $0 ? 1 : 0 }, ceiling: Double(touches)))
            }
            if let cost = budget.maxCost {
                let usage = zip(counted, catalogue.offers).map { $0 ? Float($1.terms.cost) : 0 }
                limits.append(SharedLimit(name: "\(budget.name) cost", usage: usage, ceiling: cost))
            }
        }
        return limits
    }

    /// The plain rule that the engine is measured against: visit before call before e-mail, dearest product first.
    private static func ruleRanking(_ catalogue: OfferCatalogue) -> [UInt8] {
        catalogue.offers.indices.sorted { a, b in
            let (x, y) = (catalogue.offers[a], catalogue.offers[b])
            return (x.channel.code, y.objective.valuePerUnit, a) < (y.channel.code, x.objective.valuePerUnit, b)
        }.map { UInt8($0) }
    }

    /// High volume first, as lists by decile do.
    private static func ruleOrder(_ population: Population) -> [Int32] {
        (0..<Int32(population.count)).sorted {
            (population.decile[Int($1)], $0) < (population.decile[Int($0)], $1)
        }
    }

    /// Standing control groups: an HCP's arm depends on the id and the seed alone, so it stays from run to run.
    static func arms(_ population: Population, _ strategy: Strategy, rulesOnly: Bool) -> [PlanArm] {
        rulesOnly ? population.hcpIDs.map { _ in .rules } : arms(ids: population.hcpIDs, strategy)
    }

    static func arms(ids: [String], _ strategy: Strategy) -> [PlanArm] {
        ids.map { id in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            let draw = Double(SeededGenerator.mix(hash ^ strategy.seed) >> 11) * 0x1.0p-53
            if draw < strategy.arms.random { return .random }
            return draw < strategy.arms.random + strategy.arms.rules ? .rules : .engine
        }
    }
}
