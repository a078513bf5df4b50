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
        // mart.touch lies sorted after a whole build; what deltas appended is little and merged here. Only a table that is
        // out of order for the most part is sorted by the engine.
        var touches = try await Touches.read(connection, contents: shelf.ids, products: products, sorted: false)
        if !touches.mergeAppended() {
            touches = try await Touches.read(connection, contents: shelf.ids, products: products, sorted: true)
        }
        let response = try ResponseInput(
            touches: touches, hcps: columns(population), contents: shelf.columns, reps: population.reps.map(\.id),
            asOf: context.asOfEnd)
        return ModelInputs(population: population, shelf: shelf, products: products, response: response)
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
