internal import Decisioning
internal import EngagementModel

/// What a policy has learnt so far: the models of a run, fitted again as its own log grows.
struct LoopMind: Sendable {
    private(set) var response = ResponseModel()
    private(set) var outcomes: [OutcomeModel] = []
    var prices: PlanPrices?

    /// Learns up to the end of a day, as the run's learn step does: responses go on from what is known, outcomes are
    /// fitted again when volumes have come.
    mutating func learn(_ input: ResponseInput, _ log: LoopLog, _ company: LoopCompany, asOf: Day, newVolumes: Bool) {
        _ = response.learn(input)
        let products = company.strategy.objectives.map { company.products.known($0.product) }
        guard newVolumes || outcomes.isEmpty else {
            for k in outcomes.indices { outcomes[k].refresh(touches: input, product: products[k]) }
            return
        }
        let complete = Month.index(of: asOf + 1) - 1
        outcomes = OutcomeModel.learn(
            company.strategy.objectives.indices.map { k in
                let volumes = log.volumes[k]
                return OutcomeMonths(
                    volumes: volumes, product: products[k], last: min(complete, volumes.month.max() ?? complete))
            }, touches: input)
    }

    func scorer(_ input: ResponseInput, _ company: LoopCompany) -> CandidateScorer {
        CandidateScorer(
            response: ResponseScorer(model: response, input: input, actions: company.catalogue.responseActions),
            outcomes: outcomes,
            terms: company.catalogue.variants.map { variant in
                let offer = company.catalogue.offers[variant.offer]
                return ValueTerms(
                    company.strategy, channel: offer.channel,
                    objective: company.strategy.objectives.firstIndex(of: offer.objective))
            })
    }

    static func input(_ log: LoopLog, _ company: LoopCompany, asOf: Day) throws -> ResponseInput {
        let population = company.population
        let hcps = HCPColumns(
            specialty: population.specialty, specialtyNames: population.specialtyNames, decile: log.deciles(),
            access: population.access, country: population.country, countryNames: population.countryNames,
            utcOffsetMinutes: population.utcOffsetMinutes,
            rep: stride(from: 0, to: population.sender.count, by: Population.slots).map { population.sender[$0] })
        return try ResponseInput(
            touches: log.touches, hcps: hcps, contents: company.contents, reps: population.reps.map(\.id),
            asOf: Int64(asOf.number + 1) * 86_400_000_000 - 1)
    }
}
