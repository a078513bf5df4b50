internal import Decisioning
internal import EngagementModel
internal import Ledger
internal import Warehouse

/// What counts as the reward of a decision.
public enum PolicyReward: String, CaseIterable, Sendable, Codable {
    /// Currency: the gain of the touch as far as it got, at the workspace's values, less its cost; 0 when it did not
    /// take place.
    case net
    /// 1 when the touch engaged.
    case engaged
    /// 1 when the touch reached the HCP.
    case reached
}

/// The decisions of past runs that were in force, with their propensities and what came of them; one row for every HCP
/// and day, *no touch* included.
struct PolicyLog: Sendable {
    /// `channel product` of every action of any run or policy; 0 = no touch.
    private(set) var actions = ["no touch"]
    private(set) var action: [Int32] = []
    private(set) var reward: [Double] = []
    private(set) var propensity: [Double] = []
    /// Number of the HCP over all runs.
    private(set) var person: [Int32] = []
    /// Context of the reward model: columns of facts that were known before the decision.
    private(set) var decile: [Double] = []
    private(set) var promise: [Double] = []
    private(set) var specialty: [Int32] = []
    private(set) var access: [Int32] = []
    /// For each policy, rows × actions as listed when its row was added; ragged until `table`.
    private(set) var chances: [[[Double]]]
    private(set) var runs = 0
    private(set) var firstDay: Day?
    private(set) var lastDay: Day?
    private(set) var executed = 0
    private(set) var touches = 0
    private var people = Interner()
    private var specialties = Interner()
    private var numbers: [String: Int] = ["no touch": 0]

    init(policies: Int) { chances = [[[Double]]](repeating: [], count: policies) }

    var count: Int { action.count }
    var personCount: Int { people.names.count }
    var specialtyCount: Int { specialties.names.count }

    private mutating func number(_ name: String) -> Int {
        if let known = numbers[name] { return known }
        numbers[name] = actions.count
        actions.append(name)
        return actions.count - 1
    }

    /// Adds the rows of one run.
    ///
    /// - Parameters:
    ///   - propensities: HCPs × days: of the published choices under the whole procedure, counted over `seeds` plans.
    ///   - days: the days on which the run's plan was in force and whose answers are final.
    ///   - hcps: numbers of the HCPs in the run; those of the rules arm were not drawn and are left out by the caller.
    ///   - logged: decisions of the run in the ledger, by HCP and day.
    mutating func add(
        _ replay: PlanReplay, propensities: [Float], seeds: Int, days: [Day], hcps: [Int],
        policies: [TargetPolicy.Chances],
        decisions: [String: Decision], outcomes: LoggedOutcomes, reward kind: PolicyReward, strategy: Strategy
    ) {
        runs += 1
        let run = replay.run
        let population = run.inputs.population
        let width = run.horizon.days.count
        let mine = run.catalogue.offers.map { number("\($0.channel.rawValue) \($0.objective.product)") }
        let theirs = policies.map { $0.actions.map { number($0) } }
        for (row, hcp) in hcps.enumerated() {
            let id = population.hcpIDs[hcp]
            let cells = (hcp * run.table.offers)..<((hcp + 1) * run.table.offers)
            let best = cells.filter { run.table.isEligible($0) }.map { Double(run.table.probability[$0]) }.max() ?? 0
            for day in days {
                // A drawn touch that lapsed was not what its propensity is about.
                guard let position = run.horizon.position(of: day),
                    !run.lapsed.contains(RecordedRun.HCPDay(hcp: Int32(hcp), day: day))
                else { continue }
                let choice = Int(replay.plan.choice[hcp * width + position])
                action.append(choice < 0 ? 0 : Int32(mine[choice]))
                // A published choice was made at least once in as many plans as were drawn.
                propensity.append(max(Double(propensities[hcp * width + position]), 1 / Double(seeds + 1)))
                person.append(people.number(of: id))
                decile.append(Double(population.decile[hcp]))
                promise.append(best)
                let code = population.specialty[hcp]
                specialty.append(code < 0 ? -1 : specialties.number(of: population.specialtyNames[Int(code)]))
                access.append(population.access[hcp] == 255 ? -1 : Int32(population.access[hcp]))
                var earned = 0.0
                if choice >= 0 {
                    touches += 1
                    let channel = run.catalogue.offers[choice].channel
                    let decision = decisions["\(id) \(day)"]
                    if let level = outcomes.level(
                        decisionID: decision?.decisionID ?? "", hcp: id, channel: channel, day: day)
                    {
                        executed += 1
                        earned = Self.reward(kind, level, run, hcp, choice, strategy)
                    }
                }
                reward.append(earned)
                for (policy, chance) in policies.enumerated() {
                    var line = [Double](repeating: 0, count: actions.count)
                    let place = chance.days.firstIndex(of: day)
                    for (offer, number) in theirs[policy].enumerated() {
                        line[number] += place.map { max(0, chance[row, $0, offer]) } ?? 0
                    }
                    // A day beyond the policy's horizon is a day on which it does nothing.
                    line[0] = place.map { max(0, chance[row, $0, chance.actions.count]) } ?? 1
                    let sum = line.reduce(0, +)
                    chances[policy].append(sum > 0 ? line.map { $0 / sum } : line)
                }
                firstDay = min(firstDay ?? day, day)
                lastDay = max(lastDay ?? day, day)
            }
        }
    }

    private static func reward(
        _ kind: PolicyReward, _ level: UInt8, _ run: RecordedRun, _ hcp: Int, _ choice: Int, _ strategy: Strategy
    ) -> Double {
        switch kind {
        case .reached: return level >= 1 ? 1 : 0
        case .engaged: return level >= 2 ? 1 : 0
        case .net:
            let offer = run.catalogue.offers[choice]
            // One yardstick for all policies: the strategy of the workspace as it is.
            let objective = strategy.objectives.first {
                $0.product == offer.objective.product && $0.measure == offer.objective.measure
            }
            let place = run.evidence.strategy.objectives.firstIndex(of: offer.objective)
            let cost = strategy.channels[offer.channel]?.cost ?? offer.terms.cost
            guard let objective, let place, place < run.outcomes.count else { return -cost }
            let gain = run.outcomes[place].gain(hcp: hcp, channel: Int(offer.channel.code))
            let units = level >= 2 ? gain.engaged : level >= 1 ? gain.reached : 0
            return Double(units) * objective.valuePerUnit * objective.lever - cost
        }
    }

    /// The log with one policy, as the estimators read it.
    func decisions(policy: Int) -> LoggedDecisions {
        var table = [Double](repeating: 0, count: count * actions.count)
        for row in 0..<count {
            for (number, chance) in chances[policy][row].enumerated() { table[row * actions.count + number] = chance }
        }
        return LoggedDecisions(
            actions: action, actionCount: actions.count, rewards: reward, propensities: propensity,
            targets: (0..<count).map { table[$0 * actions.count + Int(action[$0])] }, policy: .rows(table))
    }

    var context: DesignColumns {
        var design = DesignColumns(rowCount: count)
        design.add(decile)
        design.add(promise)
        design.add(codes: specialty, count: specialtyCount)
        design.add(codes: access, count: 8)
        return design
    }
}
