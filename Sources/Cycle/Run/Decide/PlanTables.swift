internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// Writes the plan and everything behind it to `plan.*`.
enum PlanTables {
    static func write(
        _ context: RunContext, runID: String, modelVersion: String, assembly: DecisionAssembly,
        decisions: DecisionAssembly.Result, problem: PlanProblem, counts: EligibilityCounts, minutes: [Float]
    ) async throws {
        let connection = context.connection
        let plan = assembly.plan
        try await connection.execute("CREATE SCHEMA IF NOT EXISTS plan")
        try await connection.ingest(actions(assembly.catalogue), into: "plan.action", mode: .replace)
        try await connection.ingest(candidates(assembly), into: "plan.candidate", mode: .replace)
        try await connection.ingest(options(assembly), into: "plan.option", mode: .replace)
        var columns = DecisionBook.columns(decisions.rows.map(\.decision))
        columns.append("hcp_no", .int32(decisions.rows.map(\.hcp)))
        columns.append("action_no", .int32(decisions.rows.map(\.offer)))
        columns.append("rank", .int32(decisions.rows.map(\.rank)))
        columns.append("features_hash", .optionalText(decisions.rows.map(\.features)))
        try await connection.ingest(columns, into: "plan.decision", mode: .replace)
        try await connection.ingest(
            ColumnSet([
                ("hcp_no", .int32(decisions.lapsed.map(\.hcp))), ("day", .day(decisions.lapsed.map(\.day))),
                ("rule", .optionalText(decisions.lapsed.map { $0.rule.map { assembly.ruleWords[$0] } })),
            ]), into: "plan.lapsed", mode: .replace)
        try await connection.ingest(prices(assembly, problem, minutes), into: "plan.price", mode: .replace)
        try await writeReach(connection, counts, decisions)
        try await connection.ingest(
            ColumnSet([
                ("run_id", .text([runID])), ("as_of", .day([context.asOf])),
                ("strategy_version", .text([context.workspace.strategyVersion])),
                ("model_version", .text([modelVersion])), ("temperature", .double([plan.temperature])),
                ("objective", .double([plan.objective])), ("upper_bound", .double([plan.upperBound])),
                ("gap", .double([plan.gap])), ("exploration_cost", .double([plan.explorationCost])),
                ("sweeps", .int32([Int32(plan.sweeps)])), ("violations", .int32([Int32(plan.violations)])),
                ("propensity_seeds", .int32([Int32(Planning.propensitySeeds(hcps: assembly.inputs.population.count))])),
                ("mode", .text([context.request.rulesOnly ? "rules_only" : "full"])),
            ]), into: "plan.run", mode: .replace)
        try await remember(connection)
    }

    /// Whom earlier plans touched when: the forecast report compares them with the rest.
    private static func remember(_ connection: WarehouseConnection) async throws {
        try await connection.execute(
            """
            CREATE TABLE IF NOT EXISTS history.planned (run_id VARCHAR, hcp_no INTEGER, day DATE, channel VARCHAR);
            DELETE FROM history.planned WHERE day >= (SELECT min(day) FROM plan.decision WHERE day IS NOT NULL);
            INSERT INTO history.planned SELECT run_id, hcp_no, day, channel FROM plan.decision WHERE day IS NOT NULL
              AND channel IN ('in_person', 'video', 'phone')
            """)
    }

    private static func actions(_ catalogue: OfferCatalogue) -> ColumnSet {
        let offers = catalogue.offers
        return ColumnSet([
            ("action_no", .int32(offers.indices.map { Int32($0) })),
            ("channel", .text(offers.map(\.channel.rawValue))), ("content_id", .optionalText(offers.map { _ in nil })),
            ("product_id", .text(offers.map(\.objective.product))),
            ("purpose", .text(offers.map { _ in Purpose.promotional.rawValue })),
            ("minutes", .double(offers.map(\.terms.minutes))), ("cost", .double(offers.map(\.terms.cost))),
            ("sender_kind", .text(offers.map(\.terms.sender.rawValue))),
            ("objective", .text(offers.map(\.objective.name))),
        ])
    }

    /// Sorted by HCP, so that a page reads one HCP's rows from one place.
    private static func candidates(_ assembly: DecisionAssembly) -> ColumnSet {
        let table = assembly.table
        let cells = table.refusal.indices
        let width = Int32(table.offers)
        let reasons = Refusal.allCases.map(\.rawValue)
        let contents = assembly.catalogue.variants.map { variant in
            Int32(variant.content ?? -1)
        }
        return ColumnSet([
            ("hcp_no", .int32(cells.map { Int32($0) / width })), ("action_no", .int32(cells.map { Int32($0) % width })),
            (
                "refusal",
                .textDictionary(
                    codes: table.refusal.map { $0 == EligibilityResult.eligible ? -1 : Int32($0) }, values: reasons)
            ),
            (
                "rule",
                .textDictionary(
                    codes: table.rule.isEmpty
                        ? cells.map { _ in -1 }
                        : table.rule.map { Int($0) < assembly.ruleWords.count ? Int32($0) : -1 },
                    values: assembly.ruleWords)
            ),
            (
                "content_id",
                .textDictionary(
                    codes: table.variant.map { $0 < 0 ? -1 : contents[Int($0)] },
                    values: assembly.inputs.shelf.items.map(\.id))
            ),
            ("probability", .float(table.probability)), ("effect", .float(table.effect)),
            ("effect_low", .float(table.effectLow)), ("effect_high", .float(table.effectHigh)),
            ("value", .float(table.value)), ("price", .float(assembly.candidatePrices())),
        ])
    }

    /// Contents of the offers that use none twice, by HCP.
    private static func options(_ assembly: DecisionAssembly) -> ColumnSet {
        let rows = assembly.table.options?.rows ?? []
        let contents = assembly.catalogue.variants.map { Int32($0.content ?? -1) }
        return ColumnSet([
            ("hcp_no", .int32(rows.map(\.hcp))), ("action_no", .int32(rows.map(\.offer))),
            ("rank", .int32(rows.map { Int32($0.rank) })),
            (
                "content_id",
                .textDictionary(
                    codes: rows.map { contents[Int($0.variant)] }, values: assembly.inputs.shelf.items.map(\.id))
            ),
            ("probability", .float(rows.map(\.probability))), ("effect", .float(rows.map(\.effect))),
            ("effect_low", .float(rows.map(\.effectLow))), ("effect_high", .float(rows.map(\.effectHigh))),
            ("value", .float(rows.map(\.value))),
            ("days", .int32(rows.map { Int32(bitPattern: $0.days) })),
        ])
    }

    private static func prices(_ assembly: DecisionAssembly, _ problem: PlanProblem, _ minutes: [Float]) -> ColumnSet {
        let plan = assembly.plan
        let reps = assembly.inputs.population.reps
        let days = assembly.horizon.days
        var used = [Double](repeating: 0, count: minutes.count)
        var limitUse = [Double](repeating: 0, count: problem.limits.count)
        for hcp in 0..<problem.hcpCount {
            for day in days.indices {
                let choice = plan.choice[hcp * days.count + day]
                guard choice >= 0 else { continue }
                let offer = Int(choice)
                for (k, limit) in problem.limits.enumerated() where limit.members.isEmpty || limit.members[hcp] {
                    limitUse[k] += Double(limit.usage[offer])
                }
                let slot = problem.senderSlot[offer]
                guard slot >= 0 else { continue }
                let rep = problem.sender[hcp * problem.slotCount + Int(slot)]
                if rep >= 0 { used[Int(rep) * days.count + day] += Double(problem.actionMinutes[offer]) }
            }
        }
        var kind: [String] = []
        var name: [String] = []
        var rep: [String?] = []
        var day: [Day?] = []
        var price: [Double] = []
        var use: [Double] = []
        var capacity: [Double] = []
        for r in reps.indices {
            for d in days.indices {
                let cell = r * days.count + d
                kind.append("rep_day")
                name.append("minutes of \(reps[r].id)")
                rep.append(reps[r].id)
                day.append(days[d])
                price.append(plan.prices.repDay[cell])
                use.append(used[cell])
                capacity.append(Double(minutes[cell]))
            }
        }
        for (k, limit) in problem.limits.enumerated() {
            kind.append(limit.name.hasPrefix(CycleGoals.prefix) ? "goal" : "limit")
            name.append(limit.name)
            rep.append(nil)
            day.append(nil)
            price.append(plan.prices.limit[k])
            use.append(limitUse[k])
            capacity.append(limit.ceiling ?? .infinity)
        }
        return ColumnSet([
            ("kind", .text(kind)), ("name", .text(name)), ("rep_id", .optionalText(rep)), ("day", .optionalDay(day)),
            ("price", .double(price)), ("used", .double(use)), ("capacity", .double(capacity)),
        ])
    }

    private static func writeReach(
        _ connection: WarehouseConnection, _ counts: EligibilityCounts, _ decisions: DecisionAssembly.Result
    ) async throws {
        let channels = Channel.allCases.filter { counts.reachable[$0] != nil || counts.refused[$0] != nil }
        try await connection.ingest(
            ColumnSet([
                ("channel", .text(channels.map(\.rawValue))),
                ("hcps", .int64(channels.map { _ in Int64(counts.hcps) })),
                ("eligible", .int64(channels.map { Int64(counts.reachable[$0] ?? 0) })),
                ("planned", .int64(channels.map { Int64(decisions.plannedHCPs[$0] ?? 0) })),
            ]), into: "plan.reach", mode: .replace)
        let refusals = channels.flatMap { channel in
            (counts.refused[channel] ?? [:]).sorted { $0.key.code < $1.key.code }.map { (channel, $0.key, $0.value) }
        }
        try await connection.ingest(
            ColumnSet([
                ("channel", .text(refusals.map(\.0.rawValue))), ("refusal", .text(refusals.map(\.1.rawValue))),
                ("hcps", .int64(refusals.map { Int64($0.2) })),
                ("candidates", .int64(refusals.map { Int64(counts.candidates[$0.0]?[$0.1] ?? 0) })),
            ]), into: "plan.refusal", mode: .replace)
    }
}
