internal import Decisioning
internal import EngagementModel
internal import Simulation

/// A simulated company in memory: what a run reads from the warehouse, made from what the company sees of its market.
struct LoopCompany: Sendable {
    var strategy: Strategy
    let population: Population
    let shelf: ContentShelf
    /// Products by number: those of the objectives first.
    let products: Interner
    let catalogue: OfferCatalogue
    /// Index of the market's content by position on the shelf, and of the market's product by offer.
    let contentOfShelf: [Int]
    let productOfOffer: [Int]
    let contents: ContentColumns

    init(_ market: SimulatedMarket, strategy: Strategy) {
        let view = CompanyView(market)
        self.strategy = strategy
        population = Self.population(market, view)
        (shelf, contentOfShelf) = Self.shelf(market)
        var products = Interner(strategy.objectives.map(\.product))
        for item in shelf.items { _ = products.optional(item.product) }
        self.products = products
        catalogue = OfferCatalogue(strategy: strategy, shelf: shelf, products: products)
        productOfOffer = catalogue.offers.map { offer in
            Product.all.firstIndex { $0.id == offer.objective.product } ?? -1
        }
        contents = shelf.columns
    }

    private static func population(_ market: SimulatedMarket, _ view: CompanyView) -> Population {
        let count = market.hcps.count
        var result = Population()
        result.hcpIDs = (0..<count).map(SimulatedMarket.hcpID)
        result.country = view.country
        result.countryNames = view.countryNames
        var languages = Interner()
        let ofCountry = view.languageNames.map { languages.number(of: $0) }
        result.language = view.country.map { ofCountry[Int($0)] }
        result.languageNames = languages.names
        result.stakeholder = market.hcps.stakeholder.map(\.code)
        result.access = market.hcps.access.map(\.code)
        result.specialty = view.specialty
        result.specialtyNames = view.specialtyNames
        result.hasEmail = view.hasEmail
        result.hasPhone = view.hasPhone
        result.hidesVolume = [Bool](repeating: false, count: count)
        result.utcOffsetMinutes = view.utcOffsetMinutes
        result.decile = [UInt8](repeating: 0, count: count)
        result.reps = view.reps.map { Population.Rep(id: $0.id, kind: $0.kind, minutesPerDay: $0.minutesPerDay) }
        result.sender = (0..<count).flatMap { [view.visitor[$0], view.caller[$0]] }
        return result
    }

    /// Content that is approved for clinicians; what can never be sent to them would only be refused.
    private static func shelf(_ market: SimulatedMarket) -> (ContentShelf, [Int]) {
        var shelf = ContentShelf()
        var indices: [Int] = []
        var columns = ContentColumns()
        for (index, item) in market.content.items.enumerated()
        where item.state.isSendable && item.purpose != .medical && item.audience == "clinical" {
            _ = shelf.ids.number(of: item.id)
            indices.append(index)
            shelf.items.append(
                ContentShelf.Item(
                    id: item.id, version: "1", title: item.title, topic: ContentTaxonomy.topics[item.topic],
                    format: ContentTaxonomy.formats[item.format], product: Product.all[item.product].id,
                    purpose: item.purpose, audience: item.audience, channels: Set(item.channels),
                    language: item.language, countries: Set(item.countries.map(\.rawValue)), state: item.state,
                    approved: item.approved, expires: item.expires))
            columns.ids.append(item.id)
            columns.topic.append(Int32(item.topic))
            columns.format.append(Int32(item.format))
        }
        columns.topicNames = ContentTaxonomy.topics
        columns.formatNames = ContentTaxonomy.formats
        shelf.columns = columns
        return (shelf, indices)
    }

    /// The HCPs as the rules see them.
    var eligibilityHCPs: EligibilityHCPs {
        EligibilityHCPs(
            count: population.count, country: population.country, language: population.language,
            stakeholder: population.stakeholder, specialty: population.specialty, access: population.access,
            addresses: population.hasEmail.indices.map {
                (population.hasEmail[$0] ? AddressFlag.email : 0) | (population.hasPhone[$0] ? AddressFlag.phone : 0)
                    | AddressFlag.postal
            },
            senders: (0..<Population.slots).map { slot in
                (0..<population.count).map { population.sender[$0 * Population.slots + slot] }
            })
    }

    /// Minutes of every rep on every day of a horizon; nobody is on leave here.
    func repMinutes(days: Int) -> [Float] {
        population.reps.flatMap { [Float](repeating: Float($0.minutesPerDay), count: days) }
    }

    /// Which team's calendar an offer belongs to: field, inside, marketing.
    func team(offer: Int) -> LoopTeam {
        switch catalogue.offers[offer].slot {
        case 0: .field
        case 1: .inside
        default: .marketing
        }
    }
}

enum LoopTeam: UInt8, Sendable { case field, inside, marketing }
