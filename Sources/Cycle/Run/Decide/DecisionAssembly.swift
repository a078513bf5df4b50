internal import Crypto
internal import Decisioning
internal import Dispatch
internal import EngagementModel
internal import Foundation

/// Turns the planner's choices into decisions with sender, hour, price, reasons: one row per touch, and one for every
/// HCP that is left alone.
struct DecisionAssembly: Sendable {
    let context: RunContext
    let runID: String
    let modelVersion: String
    let inputs: ModelInputs
    let catalogue: OfferCatalogue
    let horizon: Horizon
    let table: CandidateTable
    let plan: Plan
    let arms: [PlanArm]
    /// nil without models.
    let scorer: PlanScorer?
    let hours: BestHours
    let rules: Eligibility
    let limits: [SharedLimit]
    /// Specialties in words, by number.
    let specialtyTitles: [String]
    let endsEarly: EndsEarly
    /// What the insight step knows of an HCP and product, in words.
    let occasions: Occasions
    /// Planned touches that the contact policy has no room for, by HCP × position; and the rules in words.
    var crowded: [Int: Int] = [:]
    var ruleWords: [String] = []

    struct Row: Sendable {
        var decision: Decision
        var hcp: Int32
        /// -1 = no touch.
        var offer: Int32
        /// Position in the sender's day.
        var rank: Int32 = 0
        /// Digest of what the score of the choice was made of; nil for no touch and without models.
        var features: String?
    }

    struct Result: Sendable {
        var rows: [Row] = []
        var touches = 0
        var touchedHCPs = 0
        /// HCPs with a planned touch, by channel.
        var plannedHCPs: [Channel: Int] = [:]
        /// Planned touches that fell away: their consent or approval ends before their day, or (with the rule's number) a
        /// rule of the contact policy lets only the worthier of two stand.
        var lapsed: [(hcp: Int32, day: Day, rule: Int?)] = []
    }

    /// Drops the planned touches that the claim would refuse beside the others.
    mutating func drop(_ known: KnownTouches) {
        let (prices, all) = (prices, self)
        ruleWords = known.words
        for touch in known.crowded(
            inputs.population.count, catalogue, touches: { all.chosen($0) },
            net: { Double($1.value) - prices.price($0, $1.offer, $1.position) })
        { crowded[Int(touch.hcp) * horizon.days.count + touch.position] = touch.rule }
    }

    func decisions() throws -> Result {
        let labels = labels()
        let (parts:treeParts, firsts) = try treeParts()
        let parts = max(1, min(64, inputs.population.count / 256))
        let count = inputs.population.count
        // Each part writes its own place only, and no one reads before all have written.
        nonisolated(unsafe) let places = UnsafeMutableBufferPointer<Result>.allocate(capacity: parts)
        places.initialize(repeating: Result())
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let range = (part * count / parts)..<((part + 1) * count / parts)
            places[part] = decisions(range, labels, treeParts, firsts)
        }
        var result = Result()
        for part in places {
            result.rows += part.rows
            result.touches += part.touches
            result.touchedHCPs += part.touchedHCPs
            result.lapsed += part.lapsed
            result.plannedHCPs.merge(part.plannedHCPs, uniquingKeysWith: +)
        }
        places.deinitialize()
        places.deallocate()
        rank(&result.rows)
        return result
    }

    /// Planned touches of an HCP with their contents, before any is dropped for another; not those whose consent or approval
    /// ends before their day, or whose offer has no content left: the planner knows no days for them.
    private func chosen(_ hcp: Int, lapsed: (Day) -> Void = { _ in }) -> [PlannedTouch] {
        table.touches(of: hcp, days: horizon.days, in: plan, ends: endsEarly) { lapsed(horizon.days[$0]) }
    }

    /// Planned touches of an HCP that stand.
    private func touches(_ hcp: Int, lapsed: (Day, Int?) -> Void = { _, _ in }) -> [PlannedTouch] {
        chosen(hcp, lapsed: { lapsed($0, nil) }).filter { touch in
            guard let rule = crowded[hcp * horizon.days.count + touch.position] else { return true }
            lapsed(horizon.days[touch.position], rule)
            return false
        }
    }

    /// What released trees say of all planned touches, and the place of each HCP's first among them: taken apart in few
    /// calls, since each costs LightGBM more than a row.
    private func treeParts() throws -> (parts: TreeParts, firsts: [Int32]) {
        guard let scorer, scorer.trees != nil else { return (TreeParts(), []) }
        var cells: [TreeCell] = []
        var firsts: [Int32] = []
        for hcp in 0..<inputs.population.count {
            firsts.append(Int32(cells.count))
            for touch in touches(hcp) { cells.append(TreeCell(hcp: hcp, action: shown(touch))) }
        }
        return (try scorer.parts(cells), firsts)
    }

    private func decisions(
        _ hcps: Range<Int>, _ labels: [[ActionLabel]], _ treeParts: TreeParts, _ firsts: [Int32]
    ) -> Result {
        var result = Result()
        let prices = prices
        for hcp in hcps {
            var touched: Set<Channel> = []
            let planned = touches(hcp) { result.lapsed.append((Int32(hcp), $0, $1)) }
            guard !planned.isEmpty else {
                result.rows.append(noTouch(hcp, labels, prices))
                continue
            }
            // What all touches of an HCP share is looked up once.
            let traces = scorer?.traces(
                hcp: hcp, actions: planned.map(shown), treeParts,
                from: firsts.isEmpty ? 0 : Int(firsts[hcp]))
            for (k, touch) in planned.enumerated() {
                result.rows.append(row(hcp, touch, labels, prices, traces?[k]))
                touched.insert(catalogue.offers[touch.offer].channel)
                result.touches += 1
            }
            result.touchedHCPs += 1
            for channel in touched { result.plannedHCPs[channel, default: 0] += 1 }
        }
        return result
    }

    private func row(
        _ hcp: Int, _ touch: PlannedTouch, _ labels: [[ActionLabel]], _ prices: OfferPrices,
        _ trace: CandidateTrace?
    ) -> Row {
        let population = inputs.population
        let (offer, position) = (touch.offer, touch.position)
        let terms = catalogue.offers[offer]
        let variant = catalogue.variants[touch.variant]
        let day = horizon.days[position]
        let width = horizon.days.count
        let moment = hours.moment(hcp: hcp, channel: terms.channel, quiet: quietHours(hcp))
        let slot = terms.slot
        let rep = slot < 0 ? -1 : population.sender[hcp * Population.slots + Int(slot)]
        let price = prices.price(hcp, offer, position)
        let facts = facts(hcp, touch, moment)
        let explained = scorer == nil ? ruleReasons(hcp, terms) : modelReasons(hcp, touch, labels, price, facts, trace)
        let reasons =
            switch arms[hcp] {
            case .random: drawnReasons(hcp, facts, explained)
            // Without models the whole plan is the rule's, and its reasons are that.
            case .rules where scorer != nil: listedReasons(hcp, terms, facts, explained)
            case .rules, .engine:
                occasions.leading(
                    explained, hcp: hcp, product: terms.objective.product, isDisclosed: facts.assumedConversion != nil)
            }
        var decision = base(hcp, key: day.description)
        decision.day = day
        decision.hour = moment?.hour
        decision.channel = terms.channel
        decision.contentID = variant.content.map { inputs.shelf.items[$0].id }
        decision.productID = terms.objective.product
        decision.purpose = variant.purpose
        decision.sender = rep < 0 ? "system" : population.reps[Int(rep)].id
        decision.objective = terms.objective.name
        decision.expectedEffect = Double(touch.effect)
        decision.effectLow = Double(touch.effectLow)
        decision.effectHigh = Double(touch.effectHigh)
        decision.value = Double(touch.value)
        decision.cost = terms.terms.cost
        decision.price = price
        decision.propensity = Double(plan.propensity[hcp * width + position])
        (decision.reason1, decision.reason2, decision.reason3) = split(reasons)
        var row = Row(decision: decision, hcp: Int32(hcp), offer: Int32(offer))
        row.features = trace?.contentHash
        return row
    }

    private func noTouch(_ hcp: Int, _ labels: [[ActionLabel]], _ prices: OfferPrices) -> Row {
        var decision = base(hcp, key: "none")
        let width = horizon.days.count
        // The probability that nothing is done: the choice of every day was "nothing".
        var propensity = 1.0
        for position in 0..<width { propensity *= Double(plan.propensity[hcp * width + position]) }
        decision.propensity = min(1, max(1e-6, propensity))
        (decision.reason1, decision.reason2, decision.reason3) = split(
            arms[hcp] == .engine || scorer == nil && arms[hcp] == .rules
                || !cells(hcp).contains { table.isEligible($0) }
                ? quietReasons(hcp, labels, prices)
                : [arms[hcp] == .random ? Self.drawnQuiet : Self.listedQuiet])
        return Row(decision: decision, hcp: Int32(hcp), offer: -1)
    }

    private func base(_ hcp: Int, key: String) -> Decision {
        let population = inputs.population
        let id = population.hcpIDs[hcp]
        let digest = SHA256.hash(data: Data("\(runID)\u{1F}\(id)\u{1F}\(key)".utf8)).prefix(10)
        let arm: Arm =
            switch arms[hcp] {
            case .engine: .engine
            case .random: .random
            case .rules: .rules
            }
        return Decision(
            decisionID: Self.hexadecimal(digest), runID: runID,
            asOf: context.asOf, hcpID: id, hcoID: population.hcoIDs[hcp], arm: arm,
            strategyVersion: context.workspace.strategyVersion, modelVersion: modelVersion)
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private func quietHours(_ hcp: Int) -> Strategy.QuietHours? {
        let country = inputs.population.country[hcp]
        let market = country < 0 ? nil : context.workspace.market(inputs.population.countryNames[Int(country)])
        return market?.quietHours ?? context.workspace.strategy.quietHours
    }

    // MARK: Prices

    private var prices: OfferPrices {
        OfferPrices(
            catalogue: catalogue, sender: inputs.population.sender, days: horizon.days.count, limits: limits,
            prices: plan.prices)
    }

    /// Price of every candidate on its cheapest day, row-major as the candidates.
    func candidatePrices() -> [Float] {
        let prices = prices
        return table.refusal.indices.map { cell in
            table.isEligible(cell) ? Float(prices.price(cell / table.offers, cell % table.offers, nil)) : 0
        }
    }

    /// Ranks each sender's day by value after prices.
    private func rank(_ rows: inout [Row]) {
        let order = rows.indices.filter { rows[$0].offer >= 0 }.sorted { a, b in
            let (x, y) = (rows[a].decision, rows[b].decision)
            if x.sender != y.sender { return (x.sender ?? "") < (y.sender ?? "") }
            if x.day != y.day { return (x.day?.number ?? 0) < (y.day?.number ?? 0) }
            let (p, q) = (x.value - x.price, y.value - y.price)
            return p != q ? p > q : x.hcpID < y.hcpID
        }
        var place: Int32 = 0
        for (i, row) in order.enumerated() {
            let same =
                i > 0 && rows[order[i - 1]].decision.sender == rows[row].decision.sender
                && rows[order[i - 1]].decision.day == rows[row].decision.day
            place = same ? place + 1 : 1
            rows[row].rank = place
        }
    }
}
