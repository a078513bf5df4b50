internal import Decisioning
internal import EngagementModel
internal import Foundation
internal import Ledger
internal import Synchronization
internal import Warehouse

/// One published plan, read for live decisions: candidates as columns, prices, rules, touches. What changes under it is
/// what review says about its contents.
final class LiveSnapshot: Sendable {
    /// Days after the plan's day for which it answers: bits of the day mask.
    static let reach = 32

    let id: String
    let asOf: Day
    let runID: String
    let modelVersion: String
    let isRulesOnly: Bool
    let strategy: Strategy
    let strategyVersion: String
    let markets: [Market]
    let population: Population
    let shelf: ContentShelf
    let products: Interner
    let catalogue: OfferCatalogue
    /// Channel code of each offer: looked up in its list once.
    let channelCode: [Int]
    let candidates: LiveCandidates
    let meanProbability: [Float]
    let prices: LivePrices
    let names: LiveNames
    let zones: LiveZones
    let arms: [PlanArm]
    let ruleRanking: [Int]
    /// Currency per nat at the mean HCP, and per unit of an HCP's best value; the strategy's own is absolute.
    let fixedTemperature: Double?
    let relativeTemperature: Double
    let meanScale: Double
    /// nil without models.
    let scorer: LiveScorer?
    /// Touches up to the plan's day and booked ones after it, sorted by HCP.
    private let touchStart: [Int32]
    private let touchDay: [Int32]
    private let touchChannel: [UInt8]
    /// What rules by product, purpose, sender and content look at.
    let known: KnownTouches
    private let template: EligibilityInput
    private let rules: Mutex<Standing>
    private let warehouse: Warehouse
    private let connection: WarehouseConnection

    /// The rules as reviewers left them, and those of days that were asked for.
    private struct Standing {
        var template: EligibilityInput
        var days: [Int32: DayRules] = [:]
    }

    /// The rules of one day, for everyone.
    struct DayRules: Sendable {
        let eligibility: Eligibility
        /// By market, the strategy's own last.
        let contacts: [LiveContactRules]
    }

    init(_ parts: LiveSnapshotReading, warehouse: Warehouse, connection: WarehouseConnection) {
        id = parts.id
        asOf = parts.context.asOf
        runID = parts.runID
        modelVersion = parts.modelVersion
        isRulesOnly = parts.isRulesOnly
        strategy = parts.context.workspace.strategy
        strategyVersion = parts.context.workspace.strategyVersion
        markets = parts.context.workspace.markets
        population = parts.inputs.population
        shelf = parts.inputs.shelf
        products = parts.inputs.products
        catalogue = parts.catalogue
        channelCode = parts.catalogue.offers.map { Int($0.channel.code) }
        candidates = parts.candidates
        meanProbability = parts.candidates.meanProbability
        prices = parts.prices
        names = parts.names
        zones = LiveZones(
            parts.names.zones, defaultZone: parts.context.workspace.settings.timezone, from: parts.context.asOf,
            days: Self.reach)
        arms = PlanInputs.arms(population, strategy, rulesOnly: parts.isRulesOnly)
        let offers = parts.catalogue.offers
        ruleRanking = offers.indices.sorted { a, b in
            (offers[a].channel.code, offers[b].objective.valuePerUnit, a)
                < (offers[b].channel.code, offers[a].objective.valuePerUnit, b)
        }
        fixedTemperature = strategy.exploration.temperature
        meanScale = parts.candidates.meanScale
        relativeTemperature = parts.temperature / max(meanScale, 1e-9)
        scorer = parts.scorer
        (touchStart, touchDay, touchChannel) = parts.touches
        known = parts.known
        template = parts.template
        rules = Mutex(Standing(template: parts.template))
        self.warehouse = warehouse
        self.connection = connection
    }

    deinit { warehouse.close() }

    /// The rules of a day; the first to ask prepares them.
    func rules(on day: Day) -> DayRules {
        rules.withLock { known in
            if let found = known.days[day.number] { return found }
            let made = DayRules(
                eligibility: Eligibility(Self.input(known.template, on: day, asOf: asOf)),
                contacts: (markets.map(Optional.some) + [nil]).map {
                    LiveContactRules(caps: $0?.caps ?? strategy.caps, gaps: strategy.gaps, day: day)
                })
            known.days[day.number] = made
            return made
        }
    }

    /// From now on contents count as review says they stand: what was withdrawn since the plan is proposed no more.
    func take(_ editions: [ContentEdition]) {
        var shelf = self.shelf
        shelf.take(editions)
        let actions = catalogue.eligibleActions(shelf, population)
        rules.withLock { known in
            known.template.actions = actions
            known.days = [:]
        }
    }

    /// The rules of a day for one HCP whose consents changed since.
    func rules(on day: Day, hcp: Int, consents: Decisioning.ConsentColumns) -> Eligibility {
        var input = Self.input(rules.withLock { $0.template }, on: day, asOf: asOf)
        let all = input.hcps
        input.hcps = EligibilityHCPs(
            count: 1, market: [all.market[hcp]], country: [all.country[hcp]], language: [all.language[hcp]],
            stakeholder: [all.stakeholder[hcp]], specialty: [all.specialty[hcp]], access: [all.access[hcp]],
            addresses: [all.addresses[hcp]], senders: all.senders.map { [$0[hcp]] },
            restricted: [all.restricted[hcp]], appointments: [all.appointments[hcp]],
            credentialed: [all.credentialed[hcp]])
        input.consents = consents
        return Eligibility(input)
    }

    /// Contacts are left out: they change by the minute and are checked by `LiveContactRules`.
    private static func input(_ template: EligibilityInput, on day: Day, asOf: Day) -> EligibilityInput {
        var input = template
        input.asOf = day
        input.days = [day]
        input.contacts = Decisioning.ContactColumns()
        let position = DayMask(clamping: day - asOf)
        input.hcps.appointments = template.hcps.appointments.map { $0 >> position & 1 }
        return input
    }

    /// Position in `DayRules.contacts`.
    func market(of hcp: Int) -> Int {
        let market = Int(template.hcps.market[hcp])
        return markets.indices.contains(market) ? market : markets.count
    }

    func quietHours(market: Int) -> Strategy.QuietHours? {
        (market < markets.count ? markets[market].quietHours : nil) ?? strategy.quietHours
    }

    func addHistory(of hcp: Int, to history: inout LiveHistory) {
        for row in Int(touchStart[hcp])..<Int(touchStart[hcp + 1]) {
            history.add(day: touchDay[row], channel: touchChannel[row])
        }
    }

    /// The response history of one HCP, by time.
    func touches(of hcp: Int) async throws -> TouchColumns {
        let table = try await connection.query(
            """
            SELECT epoch_us(occurred_at) AS at, channel, CAST(level AS UTINYINT) AS level, direction = 'pull' AS pull,
              status = 'uncertain' AS pending, content_id, rep_id, product_id
            FROM mart.touch WHERE hcp_no = ? AND head AND NOT medical AND NOT machine
              AND (status IS NULL OR status IN ('sent', 'delivered', 'uncertain'))
            ORDER BY occurred_at, rowid
            """, [.int(Int64(hcp))])
        let (times, channels) = (try table.int64s("at"), try table.texts("channel"))
        let (levels, pulls, pending) = (
            try table.uint8s("level"), try table.bools("pull"), try table.bools("pending")
        )
        let (contents, carriers) = (try table.strings("content_id"), try table.strings("rep_id"))
        let reps = Interner(population.reps.map(\.id))
        return TouchColumns(
            hcp: [Int32](repeating: Int32(hcp), count: times.count), time: times,
            channel: channels.map { Channel(rawValue: $0)?.code ?? 0 }, level: levels,
            flags: times.indices.map {
                (pulls[$0] ? TouchFlag.pull : 0) | (pending[$0] ? TouchFlag.pending : 0)
            },
            content: contents.map { shelf.ids.known($0) }, rep: carriers.map { reps.known($0) },
            product: try table.strings("product_id").map { products.known($0) })
    }
}
