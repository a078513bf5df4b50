internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// What learning and deciding both read from the marts; read once a run.
struct ModelInputs: Sendable {
    var population: Population
    var shelf: ContentShelf
    /// Products by number: those of the objectives first.
    var products: Interner
    var response: ResponseInput

    static func read(_ context: RunContext) async throws -> ModelInputs {
        let connection = context.connection
        let population = try await Population.read(
            connection, asOf: context.asOf, defaultZone: context.workspace.settings.timezone)
        let shelf = try await ContentShelf.read(connection)
        var products = Interner(context.workspace.strategy.objectives.map(\.product))
        for item in shelf.items { _ = products.optional(item.product) }
        let hcps = columns(population)
        func input(sorted: Bool) async throws -> ResponseInput {
            let touches = try await Touches.read(connection, contents: shelf.ids, products: products, sorted: sorted)
            return try ResponseInput(
                touches: touches, hcps: hcps, contents: shelf.columns, reps: population.reps.map(\.id),
                asOf: context.asOfEnd)
        }
        do {
            // mart.touch lies sorted after a whole build; only appended deltas make a sort necessary.
            let response = try await input(sorted: false)
            return ModelInputs(population: population, shelf: shelf, products: products, response: response)
        } catch let diagnostic as Diagnostic where diagnostic.code == "touches_unsorted" {
            let response = try await input(sorted: true)
            return ModelInputs(population: population, shelf: shelf, products: products, response: response)
        }
    }

    /// The population as the response model sees it.
    static func columns(_ population: Population) -> HCPColumns {
        HCPColumns(
            specialty: population.specialty, specialtyNames: population.specialtyNames, decile: population.decile,
            access: population.access, country: population.country, countryNames: population.countryNames,
            utcOffsetMinutes: population.utcOffsetMinutes,
            rep: stride(from: 0, to: population.sender.count, by: Population.slots).map { population.sender[$0] })
    }
}
