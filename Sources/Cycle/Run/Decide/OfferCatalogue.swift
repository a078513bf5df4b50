internal import Decisioning
internal import EngagementModel
internal import Ledger

/// What the strategy lets Rapport do: an *offer* is a channel with a product, the unit that the planner chooses; a
/// *variant* is an offer with one content, the unit that is scored and checked.
///
/// Contents come in languages, countries and audiences, so an HCP can be given only a few variants of each offer; the
/// best of them stands for the offer.
struct OfferCatalogue: Sendable {
    struct Offer: Sendable, Hashable {
        var channel: Channel
        var objective: Strategy.Objective
        var product: Int32
        var terms: Strategy.ChannelTerms
        var slot: Int8

        /// Currency of an effect in units of the objective, net of cost, before prices.
        func value(ofEffect effect: Float) -> Float {
            effect * Float(objective.valuePerUnit * objective.lever) - Float(terms.cost)
        }
    }

    struct Variant: Sendable, Hashable {
        var offer: Int
        /// Position in the shelf, nil = without material.
        var content: Int?
        var purpose: Purpose
    }

    private(set) var offers: [Offer] = []
    /// Sorted by offer.
    private(set) var variants: [Variant] = []
    /// Variants of each offer.
    private(set) var variantRange: [Range<Int>] = []
    /// Offers that did not fit; the planner takes 64.
    private(set) var droppedOffers = 0

    init(strategy: Strategy, shelf: ContentShelf, products: Interner) {
        for channel in Channel.allCases {
            guard let terms = strategy.channels[channel] else { continue }
            for objective in strategy.objectives {
                var contents: [Variant] = []
                for (position, item) in shelf.items.enumerated()
                where item.product == objective.product && item.channels.contains(channel) {
                    contents.append(Variant(offer: offers.count, content: position, purpose: item.purpose))
                }
                // A call can be made without material; a message cannot.
                if contents.isEmpty && channel.isHuman {
                    contents = [Variant(offer: offers.count, content: nil, purpose: .promotional)]
                }
                guard !contents.isEmpty else { continue }
                guard offers.count < 64 else {
                    droppedOffers += 1
                    continue
                }
                offers.append(
                    Offer(
                        channel: channel, objective: objective, product: products.known(objective.product),
                        terms: terms, slot: Population.slot(channel, terms)))
                variantRange.append(variants.count..<(variants.count + contents.count))
                variants += contents
            }
        }
    }

    /// The variants as the response model sees them.
    var responseActions: [ResponseAction] {
        variants.map { ResponseAction(channel: offers[$0.offer].channel, content: $0.content) }
    }

    /// What each variant costs and is worth.
    func valueTerms(_ strategy: Strategy) -> [ValueTerms] {
        variants.map { variant in
            let offer = offers[variant.offer]
            return ValueTerms(
                strategy, channel: offer.channel, objective: strategy.objectives.firstIndex(of: offer.objective))
        }
    }

    /// The variants as the rules see them.
    func eligibleActions(_ shelf: ContentShelf, _ population: Population) -> [EligibleAction] {
        let codes = ContentCodes(population)
        return variants.map { variant in
            let offer = offers[variant.offer]
            let item = variant.content.map { shelf.items[$0] }
            return EligibleAction(
                channel: offer.channel, purpose: variant.purpose, product: offer.product,
                senderSlot: offer.slot < 0 ? nil : Int(offer.slot), minutes: offer.terms.minutes,
                content: item.map { codes.content($0.approval) },
                editions: item?.editions?.map { codes.content($0.approval) } ?? [])
        }
    }
}

/// Approvals in the numbers of a population.
private struct ContentCodes {
    private let countries: Interner
    private let languages: Interner
    private let specialties: Interner

    init(_ population: Population) {
        countries = Interner(population.countryNames)
        languages = Interner(population.languageNames)
        specialties = Interner(population.specialtyNames)
    }

    func content(_ approval: ContentApproval) -> EligibleAction.Content {
        EligibleAction.Content(
            state: approval.state, approvedOn: approval.approvedOn, expiresOn: approval.expiresOn,
            channels: approval.channels, countries: Set(approval.countries.map { code($0, countries) }),
            language: approval.language.map { code($0, languages) } ?? -1,
            stakeholders: approval.stakeholders.reduce(0) { $0 | 1 << $1.code },
            specialties: Set(approval.specialties.map { code($0, specialties) }))
    }

    /// What no HCP has still excludes the others: −2 matches nobody.
    private func code(_ name: String, _ names: Interner) -> Int32 {
        let number = names.known(name)
        return number < 0 ? -2 : number
    }
}
