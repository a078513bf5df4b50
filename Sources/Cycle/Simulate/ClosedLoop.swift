internal import Decisioning
public import EngagementModel
internal import Foundation
internal import Simulation
internal import Statistics

/// One week of one policy.
public struct LoopWeek: Sendable, Codable, Hashable {
    public var seed: UInt64
    public var policy: LoopPolicy
    /// From 1.
    public var week: Int
    public var touches = 0
    /// Currency: value of the expected additional units against no contact, and what the touches cost.
    public var value = 0.0
    public var cost = 0.0
    /// `value` − `cost`.
    public var net = 0.0
    /// Net value that the policy expected of its own plan.
    public var expected = 0.0
    /// Proposals that would have broken a cap or a gap, or met another team on one day; none of them happened.
    public var capConflicts = 0
    public var gapConflicts = 0
    public var sameDayConflicts = 0
    /// Rules that carried touches broke, counted by the audit: always 0.
    public var violations = 0
    public var explorationCost = 0.0
    public var conflicts: Int { capConflicts + gapConflicts + sameDayConflicts }
}

/// Plays policies against a market whose truth is known, week after week.
///
/// Each policy lives in a world of its own that begins where the company's history ends. It sees its touches and their
/// responses, and volumes when they become known; it decides a week under the same capacity, caps, gaps and budget; the
/// market responds by its truth. What a week was worth is the sum over its touches of the expected increment in the
/// state that each touch met: adstock adds up touch by touch, so these sums are the exact difference to no contact.
public struct ClosedLoop: Sendable {
    private let settings: LoopSettings

    /// - Throws: `simulation_size`.
    public init(_ settings: LoopSettings) throws(Diagnostic) {
        try settings.validate()
        self.settings = settings
    }

    /// Seeds one after the other. Blocks its thread for as long as the planner needs.
    public func run(progress: (LoopWeek) -> Void = { _ in }) throws -> [LoopWeek] {
        try settings.seeds.flatMap { try run(seed: $0, progress) }
    }

    private func run(seed: UInt64, _ progress: (LoopWeek) -> Void) throws -> [LoopWeek] {
        let market = try SimulatedMarket(settings.market(seed: seed))
        let view = CompanyView(market)
        var standard = LoopStrategy.standard(
            weeklyCost: settings.budgetShare * LoopStrategy.fullCost(view), webinarSeats: max(10, settings.hcps / 100))
        standard.arms = settings.arms
        standard.exploration = settings.exploration
        let strategy = settings.strategy ?? standard
        let company = LoopCompany(market, strategy: strategy)
        var states: [ContactState] = []
        var log = LoopLog(market, company, windowDays: strategy.longestWindowDays, states: &states)
        let habits = LoopHabits(log, strategy)
        var world = MarketWorld(market, states: states)
        log.expect(world.openingVolumes())
        var mind = LoopMind()
        if settings.policies.contains(where: \.learns) {
            let input = try LoopMind.input(log, company, asOf: settings.endDay)
            mind.learn(input, log, company, asOf: settings.endDay, newVolumes: true)
        }
        var weeks: [LoopWeek] = []
        for policy in settings.policies {
            var player = LoopPlayer(
                policy: policy, seed: seed, company: company, habits: habits, given: settings.given, world: world,
                log: log, mind: mind)
            let silos = weeks.filter { $0.policy == .siloed }
            for week in 1...settings.weeks {
                if policy == .frugal { player.company.strategy.spend(atMost: max(silos[week - 1].cost, 1)) }
                let result = try player.play(week: week)
                weeks.append(result)
                progress(result)
            }
        }
        return weeks
    }
}

extension LoopPolicy {
    var learns: Bool { isRapport || self == .siloed }
    var isRapport: Bool { self == .rapport || self == .frugal }
}

/// One policy in its world.
private struct LoopPlayer {
    let policy: LoopPolicy
    let seed: UInt64
    var company: LoopCompany
    let habits: LoopHabits
    let given: Set<LoopTruth>
    var world: MarketWorld
    var log: LoopLog
    var mind: LoopMind
    var belief: TrueBelief?

    mutating func play(week: Int) throws -> LoopWeek {
        let asOf = world.today
        let horizon = Horizon(asOf: asOf, strategy: company.strategy)
        let newVolumes = log.receiveVolumes(by: asOf)
        let planning = LoopPlanning(
            company: company, log: log, asOf: asOf, horizon: horizon, seed: seed, habits: habits)
        var result = LoopWeek(seed: seed, policy: policy, week: week)
        var timing: BestHours?
        let decision: LoopPlanning.Decision
        switch policy {
        case .none: decision = LoopPlanning.Decision()
        case .random: decision = try planning.plain(.random)
        case .rules: decision = try planning.plain(.rules)
        case .oracle: decision = try planning.oracle(world)
        case .rapport, .frugal, .siloed:
            let input = try LoopMind.input(log, company, asOf: asOf)
            if week > 1 { mind.learn(input, log, company, asOf: asOf, newVolumes: newVolumes) }
            let hours = log.bestHours(company)
            timing = hours
            if given.contains(.belief), !given.contains(.responsiveness), policy.isRapport, newVolumes || belief == nil
            {
                belief = TrueBelief(world, company, log)
            }
            let known =
                given.isEmpty || !policy.isRapport
                ? nil : MixedValues(world, company, mind, timing: hours, given: given, belief: belief)
            decision =
                try policy.isRapport ? planning.rapport(mind, input, given: known) : planning.siloed(mind, input)
            if policy.isRapport { mind.prices = decision.prices }
        }
        var ledger = LoopLedger(
            company.strategy, days: horizon.days, contacts: log.contacts, hcps: company.population.count)
        let admitted = ledger.admit(decision.proposals) { company.catalogue.offers[$0].channel }
        result.capConflicts = ledger.conflicts.caps
        result.gapConflicts = ledger.conflicts.gaps
        result.sameDayConflicts = ledger.conflicts.sameDay
        result.expected = decision.expected
        result.explorationCost = decision.explorationCost
        let done = live(admitted, horizon, timing)
        score(done, &result)
        result.violations = decision.violations + LoopAudit(company, horizon).violations(done, before: log.contacts)
        log.record(done, company, windowDays: company.strategy.longestWindowDays, through: world.today)
        return result
    }

    /// Carries the week's touches out, day by day, until Sunday.
    private mutating func live(
        _ admitted: [LoopProposal], _ horizon: Horizon, _ timing: BestHours?
    ) -> [LoopTouch] {
        var done: [LoopTouch] = []
        for _ in 0..<7 {
            let day = world.today + 1
            let position = horizon.position(of: day)
            let now = admitted.filter { $0.day == position }
            let touches = now.map { proposal in
                let offer = company.catalogue.offers[proposal.offer]
                let shelf = company.catalogue.variants[proposal.variant].content
                return CarriedTouch(
                    hcp: proposal.hcp, channel: offer.channel, content: shelf.map { company.contentOfShelf[$0] },
                    product: company.productOfOffer[proposal.offer],
                    minute: minute(proposal.hcp, offer.channel, on: day, timing))
            }
            let (outcomes, volumes) = world.live(touches)
            log.expect(volumes)
            for i in now.indices {
                done.append(
                    LoopTouch(
                        touch: touches[i], outcome: outcomes[i], day: day, offer: now[i].offer,
                        shelf: company.catalogue.variants[now[i].variant].content))
            }
        }
        return done
    }

    /// Oracles know the favourite hour, models have learnt one, lists take any hour of the working day.
    private func minute(_ hcp: Int, _ channel: Channel, on day: Day, _ timing: BestHours?) -> Int {
        if policy == .oracle || policy.isRapport && given.contains(.hours) {
            return TrueValues(world, company).minute(hcp: hcp, channel: channel)
        }
        if let moment = timing?.moment(hcp: hcp, channel: channel, quiet: company.strategy.quietHours) {
            return moment.hour * 60 + 30
        }
        var g = SeededGenerator(
            seed: seed ^ 0x0F_F1CE, stream: UInt64(hcp) << 20 ^ UInt64(UInt32(bitPattern: day.number)))
        return (9 + g.below(8)) * 60 + 30
    }

    private func score(_ done: [LoopTouch], _ result: inout LoopWeek) {
        result.touches = done.count
        for item in done {
            let offer = company.catalogue.offers[item.offer]
            result.value += item.outcome.expectedUnits * offer.objective.valuePerUnit * offer.objective.lever
            result.cost += offer.terms.cost
        }
        result.net = result.value - result.cost
    }
}

/// Counts broken rules in what was carried out, from the definitions alone.
private struct LoopAudit {
    let company: LoopCompany
    let horizon: Horizon

    init(_ company: LoopCompany, _ horizon: Horizon) {
        self.company = company
        self.horizon = horizon
    }

    func violations(_ done: [LoopTouch], before contacts: [LoopContact]) -> Int {
        contactViolations(done, contacts) + capacityViolations(done)
    }

    private func contactViolations(_ done: [LoopTouch], _ contacts: [LoopContact]) -> Int {
        var known: [Int32: [LoopContact]] = [:]
        let touched = Set(done.map { Int32($0.touch.hcp) })
        for contact in contacts where touched.contains(contact.hcp) { known[contact.hcp, default: []].append(contact) }
        let new = done.map { LoopContact(hcp: Int32($0.touch.hcp), day: $0.day, channel: $0.touch.channel) }
        for touch in new { known[touch.hcp, default: []].append(touch) }
        var count = 0
        for touch in new {
            let all = known[touch.hcp, default: []]
            if all.count(where: { $0.day == touch.day }) > 1 { count += 1 }
            for gap in company.strategy.gaps where gap.channels.contains(touch.channel) {
                let near = all.count { gap.channels.contains($0.channel) && abs($0.day - touch.day) < gap.min.days }
                if near > 1 { count += 1 }
            }
            for cap in company.strategy.caps where cap.channels.contains(touch.channel) {
                let inside = all.count {
                    cap.channels.contains($0.channel) && touch.day - $0.day >= 0
                        && touch.day - $0.day < cap.window.days
                }
                if inside > cap.max { count += 1 }
            }
        }
        return count
    }

    private func capacityViolations(_ done: [LoopTouch]) -> Int {
        let width = horizon.days.count
        let room = company.repMinutes(days: width)
        var used = [Float](repeating: 0, count: room.count)
        var spent = [(touches: Int, cost: Double)](repeating: (0, 0), count: company.strategy.budgets.count)
        for item in done {
            let offer = company.catalogue.offers[item.offer]
            for (k, budget) in company.strategy.budgets.enumerated() where budget.channels.contains(offer.channel) {
                spent[k].touches += 1
                spent[k].cost += offer.terms.cost
            }
            guard offer.slot >= 0, let position = horizon.position(of: item.day) else { continue }
            let rep = company.population.sender[item.touch.hcp * Population.slots + Int(offer.slot)]
            if rep >= 0 { used[Int(rep) * width + position] += Float(offer.terms.minutes) }
        }
        var count = used.indices.count { used[$0] > room[$0] + 0.01 }
        for (k, budget) in company.strategy.budgets.enumerated() {
            if let most = budget.maxTouches, spent[k].touches > most { count += 1 }
            if let most = budget.maxCost, spent[k].cost > most * (1 + 1e-6) { count += 1 }
        }
        return count
    }
}
