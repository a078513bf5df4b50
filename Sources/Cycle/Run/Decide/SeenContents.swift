internal import Decisioning
internal import EngagementModel
internal import Ledger

/// What each HCP was sent lately: the same content stays away from them for as long as the strategy says, and another
/// one of the offer, if there is any, comes first. Within one plan `ContentOptions` sees to it.
struct SeenContents: Sendable {
    /// Last day by variant of the catalogue, of HCPs who were sent anything.
    private var last: [Int: [(variant: Int, day: Day)]] = [:]
    private let days: [Day]
    private let gap: Int

    static func read(
        _ context: RunContext, _ population: Population, _ catalogue: OfferCatalogue, _ shelf: ContentShelf,
        _ horizon: Horizon
    ) async throws -> SeenContents {
        guard let rule = context.workspace.strategy.repeats else { return SeenContents(days: [], gap: 0) }
        var result = SeenContents(days: horizon.days, gap: rule.min.days)
        var numbers: [String: Int] = [:]
        numbers.reserveCapacity(population.count)
        for (place, id) in population.hcpIDs.enumerated() { numbers[id] = place }
        var variants: [String: [Int]] = [:]
        for (place, variant) in catalogue.variants.enumerated()
        where rule.channels.contains(catalogue.offers[variant.offer].channel)
            && !variant.purpose.skipsPromotionalPolicy
        {
            if let content = variant.content { variants[shelf.items[content].id, default: []].append(place) }
        }
        let seen = try await context.ledger.contentsSeen(
            from: context.asOf + -rule.min.days, through: horizon.days.last ?? context.asOf, channels: rule.channels)
        for (hcpID, contentID, day) in seen {
            guard let hcp = numbers[hcpID], let places = variants[contentID] else { continue }
            result.last[hcp, default: []] += places.map { ($0, day) }
        }
        return result
    }

    private init(days: [Day], gap: Int) {
        (self.days, self.gap) = (days, gap)
    }

    /// Refuses what would come too early on the first day of the plan, as one whose gap is too short.
    func narrow(_ answers: inout EligibilityResult) {
        guard !last.isEmpty else { return }
        for hcp in answers.hcps {
            // The rule of the same content is the first of `Workspace.touchRules`.
            for (variant, day) in last[hcp] ?? [] where isNear(day) {
                answers.narrow(hcp: hcp, action: variant, to: 0, by: 0, .gapTooShort)
            }
        }
    }

    /// Whether a content of the offer is kept from the HCP.
    func closes(_ offer: Int, to hcp: Int, _ catalogue: OfferCatalogue) -> Bool {
        (last[hcp] ?? []).contains { catalogue.variants[$0.variant].offer == offer && isNear($0.day) }
    }

    private func isNear(_ day: Day) -> Bool { days.first.map { $0 - day < gap } ?? false }
}
