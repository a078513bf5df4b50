internal import Decisioning
internal import EngagementModel
internal import Ledger
internal import Statistics

/// What the claim will hold against a touch by product, purpose, sender and content (`contact.yaml`, `repeats`), as far
/// as the touches on file decide it: the plan keeps off those days, and of planned touches that meet each other only the
/// worthier stays.
///
/// Whether the same content lies too near to one that was sent is said by `SeenContents`, for whole offers.
struct KnownTouches: Sendable {
    private(set) var book: TouchCodebook
    private let history: RuledTouches
    private let days: [Int32]
    /// By variant of the catalogue, without day and sender.
    private let wishes: [RuledTouch]
    /// Variants that the rules tell apart, by the first of each kind.
    private let kinds: [(variant: Int, slot: Int8)]
    private let kindOfVariant: [Int]
    /// The sender's code by rep, the system's last.
    private let carriers: [Int32]
    private let senders: [Int32]

    /// - Parameter isLive: touches through the as-of day alone, those with contents too: what comes after is met one by one.
    static func read(
        _ context: RunContext, _ population: Population, _ catalogue: OfferCatalogue, _ shelf: ContentShelf,
        _ horizon: Horizon, isLive: Bool = false
    ) async throws -> KnownTouches {
        let rules = context.workspace.touchRules
        var book = TouchCodebook(rules)
        var rows: [(person: Int32, touch: RuledTouch)] = []
        if !rules.isEmpty {
            var numbers: [String: Int32] = [:]
            numbers.reserveCapacity(population.count)
            for (place, id) in population.hcpIDs.enumerated() { numbers[id] = Int32(place) }
            // In a plan, the same content alone needs no history here: see above.
            let reach = (isLive ? rules : context.workspace.contact.rules).map(\.days).max()
            let found = try await context.ledger.countedHistory(
                from: reach.map { context.asOf + -$0 }, through: isLive ? context.asOf : nil, booked: context.asOf + 1,
                channels: rules.reduce(into: []) { $0.formUnion($1.channels) })
            rows.reserveCapacity(found.count)
            for i in 0..<found.count {
                guard let person = numbers[found.hcpID[i]] else { continue }
                rows.append(
                    (
                        person,
                        book.touch(
                            found.day[i], found.channel[i].code, found.purpose[i]?.code, product: found.productID[i],
                            sender: found.sender[i], content: found.contentID[i])
                    ))
            }
        }
        return KnownTouches(
            book, RuledTouches(count: population.count, rows), population, catalogue, shelf, horizon.days)
    }

    init(
        _ codes: TouchCodebook, _ history: RuledTouches, _ population: Population, _ catalogue: OfferCatalogue,
        _ shelf: ContentShelf, _ horizon: [Day]
    ) {
        var book = codes
        self.history = history
        days = horizon.map(\.number)
        let wishes = catalogue.variants.map { variant in
            let offer = catalogue.offers[variant.offer]
            return book.touch(
                Day(number: 0), offer.channel.code, variant.purpose.code, product: offer.objective.product, sender: nil,
                content: variant.content.map { shelf.items[$0].id })
        }
        carriers = population.reps.map { book.sender($0.id) } + [book.sender(ClaimRequest.system)]
        senders = population.sender
        let asksContent = codes.rules.rules.contains(where: \.sameContent)
        var kinds: [(variant: Int, slot: Int8)] = []
        var known: [RuledTouch: [Int]] = [:]
        kindOfVariant = catalogue.variants.indices.map { v in
            let slot = catalogue.offers[catalogue.variants[v].offer].slot
            var asked = wishes[v]
            if !asksContent { asked.content = -1 }
            if let same = known[asked]?.first(where: { kinds[$0].slot == slot }) { return same }
            known[asked, default: []].append(kinds.count)
            kinds.append((v, slot))
            return kinds.count - 1
        }
        self.kinds = kinds
        self.wishes = wishes
        self.book = book
    }

    /// The rules in words, by number.
    var words: [String] { book.words }

    private func wish(_ variant: Int, slot: Int8, hcp: Int) -> RuledTouch {
        var touch = wishes[variant]
        let rep = slot < 0 ? -1 : Int(senders[hcp * Population.slots + Int(slot)])
        touch.sender = carriers[rep < 0 ? carriers.count - 1 : rep]
        return touch
    }

    private static let free: Set<UInt8> = Set(Purpose.allCases.filter(\.skipsPromotionalPolicy).map(\.code))

    // MARK: One person at one moment

    /// The touches on file of one HCP, in numbers.
    func onFile(_ hcp: Int) -> ArraySlice<RuledTouch> { history[hcp] }

    /// The first rule that one more touch on a day would break beside others.
    func broken(hcp: Int, variant: Int, slot: Int8, on day: Int32, beside others: [RuledTouch]) -> Int? {
        guard !Self.free.contains(wishes[variant].purpose), !others.isEmpty || book.rules.forbids else { return nil }
        var touch = wish(variant, slot: slot, hcp: hcp)
        touch.day = day
        return book.rules.broken(by: touch, beside: others)
    }

    // MARK: What the past decides

    /// Takes the days on which the claim would refuse because of touches on file.
    func narrow(_ answers: inout EligibilityResult) {
        guard !book.rules.isEmpty, !history.touches.isEmpty || book.rules.forbids else { return }
        let (range, width) = (answers.hcps, answers.actions)
        let parts = range.count < 1000 ? 1 : Cores.count * 2
        let found = Cores.map(parts) { part in
            let first = range.lowerBound + part * range.count / parts
            return closed(first..<(range.lowerBound + (part + 1) * range.count / parts))
        }
        for row in found.joined() {
            for variant in 0..<width where kindOfVariant[variant] == row.kind {
                answers.narrow(
                    hcp: row.hcp, action: variant, to: row.free, by: UInt8(clamping: row.rule),
                    book.rules.rules[row.rule].refusal)
            }
        }
    }

    private func closed(_ hcps: Range<Int>) -> [(hcp: Int, kind: Int, free: DayMask, rule: Int)] {
        var result: [(hcp: Int, kind: Int, free: DayMask, rule: Int)] = []
        var near: [Int32] = []
        let all = DayMask.first(days.count)
        for hcp in hcps {
            let touches = history[hcp]
            guard !touches.isEmpty || book.rules.forbids else { continue }
            for (number, kind) in kinds.enumerated() where !Self.free.contains(wishes[kind.variant].purpose) {
                let (free, rule) = book.rules.freeDays(
                    wish(kind.variant, slot: kind.slot, hcp: hcp), beside: touches, days: days, near: &near)
                if free != all { result.append((hcp, number, free, rule)) }
            }
        }
        return result
    }

    // MARK: What a plan does to itself

    /// A planned touch that has to go, and the rule that it would meet.
    struct Crowded: Sendable {
        var hcp: Int32
        var position: Int
        var rule: Int
    }

    /// The planned touches that the claim would refuse if all the others were carried out: of those that meet under a
    /// rule the worthiest stay.
    ///
    /// - Parameters:
    ///   - touches: planned, with their contents, by HCP.
    ///   - net: what a touch is worth after prices.
    func crowded(
        _ hcps: Int, _ catalogue: OfferCatalogue, touches: @Sendable (_ hcp: Int) -> [PlannedTouch],
        net: @Sendable (_ hcp: Int, PlannedTouch) -> Double
    ) -> [Crowded] {
        guard !book.rules.isEmpty else { return [] }
        let parts = hcps < 1000 ? 1 : Cores.count * 2
        return Cores.map(parts) { part -> [Crowded] in
            var result: [Crowded] = []
            for hcp in (part * hcps / parts)..<((part + 1) * hcps / parts) {
                var beside: [RuledTouch]?
                var planned: [(touch: RuledTouch, worth: Double)] = []
                var positions: [Int] = []
                for chosen in touches(hcp) {
                    var touch = wish(chosen.variant, slot: catalogue.offers[chosen.offer].slot, hcp: hcp)
                    touch.day = days[chosen.position]
                    if Self.free.contains(touch.purpose) {
                        beside = (beside ?? Array(history[hcp])) + [touch]
                    } else {
                        planned.append((touch, net(hcp, chosen)))
                        positions.append(chosen.position)
                    }
                }
                guard !planned.isEmpty else { continue }
                let rules = book.rules.crowded(planned, beside: beside.map { $0[...] } ?? history[hcp])
                for (place, rule) in rules.enumerated() {
                    if let rule { result.append(Crowded(hcp: Int32(hcp), position: positions[place], rule: rule)) }
                }
            }
            return result
        }.flatMap { $0 }
    }

    /// The same for a plan that is not published: the touches that have to go are taken out of it.
    func drop(
        from plan: inout Plan, _ table: CandidateTable, _ catalogue: OfferCatalogue, _ horizon: [Day],
        _ prices: OfferPrices, ends: EndsEarly? = nil
    ) {
        let drawn = plan
        let crowded = crowded(
            table.hcps, catalogue, touches: { table.touches(of: $0, days: horizon, in: drawn, ends: ends) },
            net: { Double($1.value) - prices.price($0, $1.offer, $1.position) })
        for touch in crowded { plan.choice[Int(touch.hcp) * horizon.count + touch.position] = -1 }
    }
}
