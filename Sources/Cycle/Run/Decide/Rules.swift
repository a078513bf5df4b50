internal import Decisioning
internal import EngagementModel
internal import Ledger
internal import Warehouse

/// Puts together what eligibility reads: people, consents from the ledger, contact history, contents, markets.
enum Rules {
    static func prepare(
        _ context: RunContext, _ inputs: ModelInputs, _ catalogue: OfferCatalogue, _ horizon: Horizon,
        _ frozen: FrozenTouches, _ minutes: [Float]
    ) async throws -> Eligibility {
        let population = inputs.population
        let markets = context.workspace.markets
        let codes = markets.map(\.code)
        let width = horizon.days.count
        var appointments = [DayMask](repeating: 0, count: population.count)
        for booked in frozen.appointments {
            if let position = horizon.position(of: booked.day) {
                appointments[Int(booked.hcp)] |= 1 << DayMask(position)
            }
        }
        let hcps = EligibilityHCPs(
            count: population.count,
            market: population.country.map { country in
                country < 0 ? -1 : Int32(codes.firstIndex(of: population.countryNames[Int(country)]) ?? -1)
            },
            country: population.country, language: population.language, stakeholder: population.stakeholder,
            specialty: population.specialty, access: population.access,
            addresses: population.hasEmail.indices.map {
                (population.hasEmail[$0] ? AddressFlag.email : 0) | (population.hasPhone[$0] ? AddressFlag.phone : 0)
                    | AddressFlag.postal
            },
            senders: (0..<Population.slots).map { slot in
                (0..<population.count).map { population.sender[$0 * Population.slots + slot] }
            },
            appointments: appointments)
        return Eligibility(
            EligibilityInput(
                asOf: context.asOf, days: horizon.days, strategy: context.workspace.strategy, markets: markets,
                hcps: hcps, consents: try await consents(context, population, inputs.products),
                contacts: Decisioning.ContactColumns(
                    hcp: frozen.hcp, day: frozen.day.map(\.number), channel: frozen.channel.map(\.code)),
                actions: catalogue.eligibleActions(inputs.shelf, population),
                repKinds: population.reps.map { $0.kind.code },
                repMinutes: population.reps.indices.map { rep in
                    minutes[(rep * width)..<((rep + 1) * width)].reduce(0) { $0 + Double($1) }
                }))
    }

    /// The ledger's word on consent, not the warehouse's: objections and opt-outs captured in Rapport count at once.
    private static func consents(
        _ context: RunContext, _ population: Population, _ products: Interner
    ) async throws -> Decisioning.ConsentColumns {
        var numbers: [String: Int32] = [:]
        numbers.reserveCapacity(population.count)
        for (i, id) in population.hcpIDs.enumerated() { numbers[id] = Int32(i) }
        let known = try await context.ledger.currentConsents()
        var rows: [(hcp: Int32, row: Int)] = []
        for i in known.hcpID.indices {
            if let hcp = numbers[known.hcpID[i]] { rows.append((hcp, i)) }
        }
        rows.sort { ($0.hcp, $0.row) < ($1.hcp, $1.row) }
        var result = Decisioning.ConsentColumns()
        for (hcp, i) in rows {
            // A consent for a product that nothing here is about cannot allow or forbid anything planned.
            let product = known.productID[i].map { products.known($0) } ?? -1
            if known.productID[i] != nil && product < 0 { continue }
            result.append(
                hcp: Int(hcp), channel: known.channel[i], purpose: known.purpose[i], product: Int(product),
                status: known.status[i], captured: known.capturedAt[i],
                expires: known.expiresAt[i].map { Day(number: Int32($0 / 86_400_000_000)) + -1 })
        }
        return result
    }
}
