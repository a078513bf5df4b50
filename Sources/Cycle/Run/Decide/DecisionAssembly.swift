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
    let scorer: CandidateScorer?
    let timing: TimingModel
    let rules: Eligibility
    /// Use of each shared limit by each offer.
    let limits: [[Float]]
    /// Specialties in words, by number.
    let specialtyTitles: [String]
    let endsEarly: EndsEarly
    /// What the insight step knows of an HCP and product, in words.
    let occasions: Occasions

    struct Row: Sendable {
        var decision: Decision
        var hcp: Int32
        /// -1 = no touch.
        var offer: Int32
        /// Position in the sender's day.
        var rank: Int32 = 0
    }

    struct Result: Sendable {
        var rows: [Row] = []
        var touches = 0
        var touchedHCPs = 0
        /// HCPs with a planned touch, by channel.
        var plannedHCPs: [Channel: Int] = [:]
        /// Planned touches dropped because consent or approval ends before their day.
        var lapsed = 0
    }

    func decisions() -> Result {
        let labels = labels()
        let parts = max(1, min(64, inputs.population.count / 256))
        let count = inputs.population.count
        // Each part writes its own place only, and no one reads before all have written.
        nonisolated(unsafe) let places = UnsafeMutableBufferPointer<Result>.allocate(capacity: parts)
        places.initialize(repeating: Result())
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let range = (part * count / parts)..<((part + 1) * count / parts)
            places[part] = decisions(range, labels)
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

    private func decisions(_ hcps: Range<Int>, _ labels: [[ActionLabel]]) -> Result {
        var result = Result()
        let width = horizon.days.count
        for hcp in hcps {
            var touched: Set<Channel> = []
            for position in 0..<width {
                let choice = plan.choice[hcp * width + position]
                guard choice >= 0 else { continue }
                let cell = hcp * table.offers + Int(choice)
                // Consents and approvals that end within the horizon: the planner knows no days for them.
                guard table.days[cell] & (1 << DayMask(position)) != 0 || !endsEarly(table, cell) else {
                    result.lapsed += 1
                    continue
                }
                result.rows.append(touch(hcp, Int(choice), position, labels))
                touched.insert(catalogue.offers[Int(choice)].channel)
                result.touches += 1
            }
            if touched.isEmpty {
                result.rows.append(noTouch(hcp, labels))
            } else {
                result.touchedHCPs += 1
                for channel in touched { result.plannedHCPs[channel, default: 0] += 1 }
            }
        }
        return result
    }

    private func touch(_ hcp: Int, _ offer: Int, _ position: Int, _ labels: [[ActionLabel]]) -> Row {
        let population = inputs.population
        let cell = hcp * table.offers + offer
        let terms = catalogue.offers[offer]
        let variant = catalogue.variants[Int(table.variant[cell])]
        let day = horizon.days[position]
        let width = horizon.days.count
        let moment = timing.best(
            hcp: hcp, channel: terms.channel, weekdays: [day.weekday], quiet: quietHours(hcp))
        let slot = terms.slot
        let rep = slot < 0 ? -1 : population.sender[hcp * Population.slots + Int(slot)]
        let record = record(hcp, chosen: offer, position: position, labels, moment)
        let reasons = occasions.leading(
            scorer == nil ? ruleReasons(hcp, terms) : record.reasons, hcp: hcp, product: terms.objective.product,
            isDisclosed: record.facts.assumedConversion != nil)
        var decision = base(hcp, key: day.description)
        decision.day = day
        decision.hour = moment?.hour
        decision.channel = terms.channel
        decision.contentID = variant.content.map { inputs.shelf.items[$0].id }
        decision.productID = terms.objective.product
        decision.purpose = variant.purpose
        decision.sender = rep < 0 ? "system" : population.reps[Int(rep)].id
        decision.objective = terms.objective.name
        decision.expectedEffect = Double(table.effect[cell])
        decision.effectLow = Double(table.effectLow[cell])
        decision.effectHigh = Double(table.effectHigh[cell])
        decision.value = Double(table.value[cell])
        decision.cost = terms.terms.cost
        decision.price = price(hcp, offer, position)
        decision.propensity = Double(plan.propensity[hcp * width + position])
        (decision.reason1, decision.reason2, decision.reason3) = split(reasons)
        return Row(decision: decision, hcp: Int32(hcp), offer: Int32(offer))
    }

    private func noTouch(_ hcp: Int, _ labels: [[ActionLabel]]) -> Row {
        var decision = base(hcp, key: "none")
        let width = horizon.days.count
        // The probability that nothing is done: the choice of every day was "nothing".
        var propensity = 1.0
        for position in 0..<width { propensity *= Double(plan.propensity[hcp * width + position]) }
        decision.propensity = min(1, max(1e-6, propensity))
        let reasons = record(hcp, chosen: nil, position: 0, labels, nil).reasons
        (decision.reason1, decision.reason2, decision.reason3) = split(reasons)
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

    // MARK: Records

    /// A code as people write it.
    static func words(_ code: String) -> String { code.replacing("_", with: " ") }

    /// A label for every offer × variant, so that records share their texts.
    private func labels() -> [[ActionLabel]] {
        catalogue.offers.indices.map { number in
            let offer = catalogue.offers[number]
            return catalogue.variantRange[number].map { v in
                let item = catalogue.variants[v].content.map { inputs.shelf.items[$0] }
                return ActionLabel(
                    channel: offer.channel, contentID: item?.id, title: item?.title,
                    topic: item?.topic.map(Self.words), productID: offer.objective.product,
                    measure: Self.words(offer.objective.measure))
            }
        }
    }

    /// What the explanation is made of; inputs of the score for the choice alone.
    private func record(
        _ hcp: Int, chosen: Int?, position: Int, _ labels: [[ActionLabel]], _ moment: Moment?
    ) -> DecisionRecord {
        let population = inputs.population
        var facts = HCPFacts(
            specialty: population.specialty[hcp] < 0 ? nil : specialtyTitles[Int(population.specialty[hcp])],
            hidesVolume: population.hidesVolume[hcp], moment: moment)
        if let chosen {
            let cell = hcp * table.offers + chosen
            facts.consent = consentText(hcp, variant: Int(table.variant[cell]), catalogue.offers[chosen].channel)
            if let scorer, let objective = scorer.terms[Int(table.variant[cell])].objective {
                scorer.outcomes[objective].describe(hcp: hcp, into: &facts)
                if facts.hidesVolume { (facts.recentVolume, facts.volumeTrend, facts.averageVolume) = (nil, nil, nil) }
            }
        }
        let candidates = catalogue.offers.indices.map { (offer: Int) -> CandidateRecord in
            let cell = hcp * table.offers + offer
            let variant = max(Int(table.variant[cell]), catalogue.variantRange[offer].lowerBound)
            let allowed = table.isEligible(cell)
            var record = CandidateRecord(
                label: labels[offer][variant - catalogue.variantRange[offer].lowerBound],
                refusal: allowed ? nil : Refusal(code: table.refusal[cell]),
                score: CandidateScore(
                    probability: table.probability[cell], effect: table.effect[cell],
                    effectLow: table.effectLow[cell], effectHigh: table.effectHigh[cell], value: table.value[cell]),
                price: allowed ? price(hcp, offer, chosen == nil ? nil : position) : 0)
            if offer == chosen, let trace = scorer?.trace(hcp: hcp, action: variant) {
                record.trace = trace
                record.score = trace.replay()
            }
            return record
        }
        return DecisionRecord(
            runID: runID, asOf: context.asOf, hcpID: population.hcpIDs[hcp], modelVersion: modelVersion,
            strategyVersion: context.workspace.strategyVersion, facts: facts, candidates: candidates, chosen: chosen,
            temperature: plan.temperature)
    }

    private func consentText(_ hcp: Int, variant: Int, _ channel: Channel) -> String? {
        switch rules.basis(hcp: hcp, action: variant) {
        case .consent(let row):
            let captured = Day(number: Int32(rules.input.consents.captured[row] / 86_400_000_000))
            return "the opt-in of \(captured)"
        case .rule: return "the market's rule for \(channel.title.lowercased())"
        case nil: return nil
        }
    }

    /// Without models, the facts that the rule looks at.
    private func ruleReasons(_ hcp: Int, _ offer: OfferCatalogue.Offer) -> [String] {
        let population = inputs.population
        var reasons: [String] = []
        if population.decile[hcp] > 0 && !population.hidesVolume[hcp] {
            reasons.append("Volume decile \(population.decile[hcp]) of 10.")
        }
        reasons.append("\(offer.channel.title) comes first among the channels that are allowed for this HCP.")
        reasons.append("Decided by rules, without a model.")
        return reasons
    }

    private func split(_ reasons: [String]) -> (String?, String?, String?) {
        (reasons.first, reasons.dropFirst().first, reasons.dropFirst(2).first)
    }

    private func quietHours(_ hcp: Int) -> Strategy.QuietHours? {
        let country = inputs.population.country[hcp]
        let market = country < 0 ? nil : context.workspace.market(inputs.population.countryNames[Int(country)])
        return market?.quietHours ?? context.workspace.strategy.quietHours
    }

    // MARK: Prices

    /// Price of what a touch uses on a day; without a day, on the cheapest one.
    private func price(_ hcp: Int, _ offer: Int, _ position: Int?) -> Double {
        let terms = catalogue.offers[offer]
        var price = 0.0
        for (k, usage) in limits.enumerated() { price += Double(usage[offer]) * plan.prices.limit[k] }
        guard terms.slot >= 0 else { return price }
        let rep = inputs.population.sender[hcp * Population.slots + Int(terms.slot)]
        guard rep >= 0 else { return price }
        let width = horizon.days.count
        let first = Int(rep) * width
        let minute =
            position.map { plan.prices.repDay[first + $0] }
            ?? plan.prices.repDay[first..<(first + width)].min() ?? 0
        return price + minute * terms.terms.minutes
    }

    /// Price of every candidate on its cheapest day, row-major as the candidates.
    func candidatePrices() -> [Float] {
        table.refusal.indices.map { cell in
            table.isEligible(cell) ? Float(price(cell / table.offers, cell % table.offers, nil)) : 0
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
