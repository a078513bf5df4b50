internal import Decisioning
internal import EngagementModel

/// Contents that touches of an HCP may choose from where none may come twice: the eligible variants of the offers that
/// the strategy's `repeats` is about, best first.
///
/// Rows lie by HCP, then by rank of the content, then by offer. A content that several offers carry has one rank.
struct ContentOptions: Sendable {
    struct Row: Sendable {
        var hcp: Int32
        var offer: Int32
        /// 0 = the HCP's best content.
        var rank: Int16
        var variant: Int32
        var probability: Float = 0
        var effect: Float = 0
        var effectLow: Float = 0
        var effectHigh: Float = 0
        var value: Float = 0
        /// Days of the horizon on which consent and approval have not ended.
        var days: DayMask
    }

    let rule: Strategy.Gap
    private(set) var rows: [Row] = []
    /// Place of the first row of each HCP up to the last that has any.
    private var start: [Int32] = [0]

    /// Contents of an HCP that are kept: the best, as many as a plan has days at most, and the best of each offer, so that
    /// what is planned finds some.
    private static let (kept, keptOfOffer) = (20, 6)

    init(_ rule: Strategy.Gap) { self.rule = rule }

    /// - Parameter rows: by HCP, rank and offer.
    init(_ rule: Strategy.Gap, rows: [Row]) {
        self.rule = rule
        for row in rows { append(row) }
    }

    /// Whether contents of the offer are counted: those of its channel, as far as it has any.
    func concerns(_ offer: Int, _ catalogue: OfferCatalogue) -> Bool {
        rule.channels.contains(catalogue.offers[offer].channel)
            && catalogue.variantRange[offer].contains { catalogue.variants[$0].content != nil }
    }

    func of(_ hcp: Int) -> ArraySlice<Row> {
        guard hcp + 1 < start.count else { return rows[rows.endIndex...] }
        return rows[Int(start[hcp])..<Int(start[hcp + 1])]
    }

    private mutating func append(_ row: Row) {
        while start.count < Int(row.hcp) + 1 { start.append(Int32(rows.count)) }
        rows.append(row)
        if start.count == Int(row.hcp) + 1 { start.append(Int32(rows.count)) } else { start[Int(row.hcp) + 1] += 1 }
    }

    /// Adds the eligible variants of one HCP.
    ///
    /// - Parameters:
    ///   - found: by offer; `rank` is settled here.
    ///   - worth: of the same, what the order goes by.
    mutating func add(_ found: [(row: Row, content: Int, worth: Float)]) {
        guard !found.isEmpty else { return }
        var best: [Int: Float] = [:]
        for entry in found { best[entry.content] = max(best[entry.content] ?? -.infinity, entry.worth) }
        let order = best.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var places: [Int: Int16] = [:]
        for (place, entry) in order.enumerated() { places[entry.key] = Int16(clamping: place) }
        var ranked = found.map { entry -> Row in
            var row = entry.row
            row.rank = places[entry.content] ?? .max
            return row
        }
        ranked.sort { ($0.rank, $0.offer) < ($1.rank, $1.offer) }
        var ofOffer: [Int32: Int] = [:]
        for row in ranked {
            ofOffer[row.offer, default: 0] += 1
            if row.rank < Self.kept || ofOffer[row.offer, default: 0] <= Self.keptOfOffer { append(row) }
        }
    }

    // MARK: For the planner

    /// What offers are worth after 1, 2 … earlier touches: an offer's first content beyond so many ranks.
    ///
    /// The planner's states tell one number of earlier touches apart: that of the channels with the most contents among
    /// those which take nobody's time, since they are what one HCP is planned often. What else finds no content left falls
    /// away in `touches(of:)`.
    ///
    /// - Parameters:
    ///   - days: of the horizon.
    ///   - touches: how many the caps and gaps may allow one HCP within the horizon.
    ///   - most: levels that the planner can still tell apart, the first included.
    func repeats(
        _ catalogue: OfferCatalogue, hcps: Int, classes: ContactClasses, days: Int, touches: Int, most: Int
    ) -> PlanRepeats? {
        guard let counted = countedOffers(catalogue) else { return nil }
        let mask = counted.reduce(UInt32(0)) { $0 | 1 << UInt32(classes(catalogue.offers[$1].channel)) }
        // A class is counted as a whole: offers of it that have no contents keep their value.
        let actions = catalogue.offers.indices.filter { mask >> UInt32(classes(catalogue.offers[$0].channel)) & 1 == 1 }
        guard actions == counted else { return nil }
        let lists = (0..<min(hcps, start.count - 1)).map { hcp in ranked(hcp, counted, days: days) }
        let depth = min(touches - 1, lists.reduce(0) { max($0, ($1.last?.rank ?? -1) + 1) }, most - 1)
        guard depth > 0 else { return nil }
        let column = Dictionary(uniqueKeysWithValues: zip(actions, actions.indices))
        var later = [Float](repeating: -.infinity, count: hcps * depth * actions.count)
        for (hcp, list) in lists.enumerated() {
            // Last to first: what is written last is the best that is left.
            for (row, rank) in list.reversed() where rank > 0 {
                for level in 1...min(depth, rank) {
                    later[(hcp * depth + level - 1) * actions.count + (column[Int(row.offer)] ?? 0)] = row.value
                }
            }
        }
        return PlanRepeats(
            classes: mask, windowDays: rule.min.days, actions: actions, depth: depth, later: later)
    }

    /// Options of the counted offers with the rank of their contents among them, without those that end within the
    /// horizon: the planner knows no days for them.
    private func ranked(_ hcp: Int, _ counted: [Int], days: Int) -> [(row: Row, rank: Int)] {
        var (rank, last) = (-1, -1)
        return of(hcp).compactMap { row in
            guard row.days >> DayMask(days - 1) & 1 == 1, counted.contains(Int(row.offer)) else { return nil }
            if Int(row.rank) != last { (rank, last) = (rank + 1, Int(row.rank)) }
            return (row, rank)
        }
    }

    /// Offers of channels that share contents, of which most options are: those that the system sends, if there are any.
    private func countedOffers(_ catalogue: OfferCatalogue) -> [Int]? {
        var sets: [(channels: Set<Channel>, contents: Set<Int>)] = []
        for channel in rule.channels.sorted(by: { $0.code < $1.code }) {
            var found = (channels: Set([channel]), contents: Set<Int>())
            for offer in catalogue.offers.indices where catalogue.offers[offer].channel == channel {
                found.contents.formUnion(catalogue.variantRange[offer].compactMap { catalogue.variants[$0].content })
            }
            guard !found.contents.isEmpty else { continue }
            for other in sets where !other.contents.isDisjoint(with: found.contents) {
                found = (found.channels.union(other.channels), found.contents.union(other.contents))
            }
            sets.removeAll { !$0.contents.isDisjoint(with: found.contents) }
            sets.append(found)
        }
        var size = [Int](repeating: 0, count: catalogue.offers.count)
        for row in rows { size[Int(row.offer)] += 1 }
        func options(_ set: (channels: Set<Channel>, contents: Set<Int>)) -> (Int, Int) {
            let offers = catalogue.offers.indices.filter { set.channels.contains(catalogue.offers[$0].channel) }
            let isSent = offers.contains { catalogue.offers[$0].slot < 0 }
            return (isSent ? 1 : 0, offers.reduce(0) { $0 + size[$1] })
        }
        guard let most = sets.max(by: { options($0) < options($1) }) else { return nil }
        return catalogue.offers.indices.filter { most.channels.contains(catalogue.offers[$0].channel) }
    }
}

/// One planned touch with the content that it takes.
struct PlannedTouch: Sendable {
    var position: Int
    var offer: Int
    /// -1 = the table knows none.
    var variant: Int
    var probability: Float
    var effect: Float
    var effectLow: Float
    var effectHigh: Float
    var value: Float
}

extension CandidateTable {
    /// The touches that a plan chose for an HCP, each with the best content of its offer that may still come; `left` gets
    /// the days whose offer has none.
    ///
    /// An offer of which the table knows no contents, as when a what-if lifts the cap that refused it, has the one that
    /// stands for it.
    /// - Parameter offerAt: the offer of a day of the horizon, nil = no touch.
    func touches(
        of hcp: Int, days: [Day], left: (Int) -> Void = { _ in }, offerAt: (Int) -> Int?
    ) -> [PlannedTouch] {
        var result: [PlannedTouch] = []
        var used: [(content: Int16, day: Day)] = []
        for (position, day) in days.enumerated() {
            guard let offer = offerAt(position) else { continue }
            guard let options, choosesContents[offer] else {
                result.append(best(of: hcp, offer, position))
                continue
            }
            func isFree(_ content: Int16) -> Bool {
                !used.contains { $0.content == content && day - $0.day < options.rule.min.days }
            }
            let known = options.of(hcp).filter { Int($0.offer) == offer }
            let unranked = Int16(-1 - offer)
            if known.isEmpty, variant[hcp * offers + offer] >= 0, isFree(unranked) {
                used.append((unranked, day))
                result.append(best(of: hcp, offer, position))
                continue
            }
            guard let free = known.first(where: { $0.days >> DayMask(position) & 1 == 1 && isFree($0.rank) }) else {
                left(position)
                continue
            }
            used.append((free.rank, day))
            result.append(
                PlannedTouch(
                    position: position, offer: offer, variant: Int(free.variant), probability: free.probability,
                    effect: free.effect, effectLow: free.effectLow, effectHigh: free.effectHigh, value: free.value))
        }
        return result
    }

    /// The same for the choices of a plan.
    ///
    /// - Parameter ends: what also goes to `left`: touches whose consent or approval ends before their day; nil = they stay.
    func touches(
        of hcp: Int, days: [Day], in plan: Plan, ends: EndsEarly? = nil, left: (Int) -> Void = { _ in }
    ) -> [PlannedTouch] {
        touches(of: hcp, days: days, left: left) { position in
            let choice = Int(plan.choice[hcp * days.count + position])
            guard choice >= 0 else { return nil }
            let cell = hcp * offers + choice
            guard let ends, !choosesContents[choice], self.days[cell] >> DayMask(position) & 1 == 0,
                ends(self, cell)
            else { return choice }
            left(position)
            return nil
        }
    }

    /// The touch with the variant that stands for its offer.
    private func best(of hcp: Int, _ offer: Int, _ position: Int) -> PlannedTouch {
        let cell = hcp * offers + offer
        return PlannedTouch(
            position: position, offer: offer, variant: Int(variant[cell]), probability: probability[cell],
            effect: effect[cell], effectLow: effectLow[cell], effectHigh: effectHigh[cell], value: value[cell])
    }
}
