internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// Reads what a run wrote about its plan, as it wrote it.
enum RecordedPlan {
    /// The candidate set with its scores.
    static func candidates(
        _ connection: WarehouseConnection, _ inputs: ModelInputs, _ catalogue: OfferCatalogue, _ rule: Strategy.Gap?
    ) async throws -> CandidateTable {
        let count = inputs.population.count
        var table = CandidateTable(hcps: count, offers: catalogue.offers.count)
        table.choose(
            among: try await options(connection, rule, inputs.shelf, catalogue, offerOf: { $0 }), catalogue)
        // Variant by offer and content; the place after the last content stands for "without material".
        let contents = inputs.shelf.items.count
        var variants = [Int32](repeating: -1, count: catalogue.offers.count * (contents + 1))
        for (number, variant) in catalogue.variants.enumerated() {
            variants[variant.offer * (contents + 1) + (variant.content ?? contents)] = Int32(number)
        }
        let reasons = Refusal.allCases.map { "WHEN '\($0.rawValue)' THEN \($0.code)" }.joined(separator: " ")
        try await connection.stream(
            """
            SELECT c.hcp_no, c.action_no, CAST(coalesce(s.content_no, -1) AS INTEGER) AS content,
              CAST(CASE c.refusal \(reasons) ELSE \(EligibilityResult.eligible) END AS UTINYINT) AS refusal,
              c.probability, c.effect, c.effect_low, c.effect_high, c.value
            FROM plan.candidate AS c
            LEFT JOIN (SELECT content_id, row_number() OVER (ORDER BY content_id) - 1 AS content_no FROM mart.content) AS s
              ON s.content_id = c.content_id
            """
        ) { batch in
            let (hcp, action) = (try batch.int32("hcp_no"), try batch.int32("action_no"))
            let (content, refusal) = (try batch.int32("content"), try batch.uint8("refusal"))
            let (probability, effect) = (try batch.float("probability"), try batch.float("effect"))
            let (low, high) = (try batch.float("effect_low"), try batch.float("effect_high"))
            let value = try batch.float("value")
            for row in hcp.indices {
                let offer = Int(action[row])
                guard Int(hcp[row]) < count, offer < table.offers else { continue }
                let cell = Int(hcp[row]) * table.offers + offer
                let place = content[row] < 0 ? contents : Int(content[row])
                table.variant[cell] = variants[offer * (contents + 1) + place]
                table.refusal[cell] = refusal[row]
                table.probability[cell] = probability[row]
                table.effect[cell] = effect[row]
                table.effectLow[cell] = low[row]
                table.effectHigh[cell] = high[row]
                table.value[cell] = value[row]
            }
        }
        return table
    }

    /// Contents that may not come twice; nil without such a rule, and for plans of versions that did not know it.
    ///
    /// - Parameters:
    ///   - offerOf: the place in `catalogue` of an offer of the record.
    ///   - valued: changes an option as another strategy values it.
    static func options(
        _ connection: WarehouseConnection, _ rule: Strategy.Gap?, _ shelf: ContentShelf, _ catalogue: OfferCatalogue,
        offerOf: (Int) -> Int?, valued: (inout ContentOptions.Row) -> Void = { _ in }
    ) async throws -> ContentOptions? {
        let known = try await connection.query(
            "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'plan' AND table_name = 'option'")
        guard let rule, known.rowCount > 0 else { return nil }
        var variants: [[String: Int]] = catalogue.offers.map { _ in [:] }
        for (number, variant) in catalogue.variants.enumerated() {
            if let content = variant.content { variants[variant.offer][shelf.items[content].id] = number }
        }
        let table = try await connection.query("SELECT * FROM plan.option ORDER BY rowid")
        let (hcp, action) = (try table.int32s("hcp_no"), try table.int32s("action_no"))
        let (rank, content) = (try table.int32s("rank"), try table.texts("content_id"))
        let (probability, effect) = (try table.floats("probability"), try table.floats("effect"))
        let (low, high) = (try table.floats("effect_low"), try table.floats("effect_high"))
        let (value, days) = (try table.floats("value"), try table.int32s("days"))
        var rows: [ContentOptions.Row] = []
        rows.reserveCapacity(hcp.count)
        for i in hcp.indices {
            guard let offer = offerOf(Int(action[i])), let variant = variants[offer][content[i]] else { continue }
            var row = ContentOptions.Row(
                hcp: hcp[i], offer: Int32(offer), rank: Int16(clamping: rank[i]), variant: Int32(variant),
                probability: probability[i], effect: effect[i], effectLow: low[i], effectHigh: high[i],
                value: value[i], days: DayMask(bitPattern: days[i]))
            valued(&row)
            rows.append(row)
        }
        return ContentOptions(rule, rows: rows)
    }

    /// Prices of the plan and minutes of the reps' days, both in the order of reps and days.
    static func prices(_ connection: WarehouseConnection) async throws -> (PlanPrices, [Float]) {
        let table = try await connection.query(
            """
            SELECT p.kind, p.price, p.capacity FROM plan.price AS p LEFT JOIN mart.rep AS r ON r.rep_id = p.rep_id
            ORDER BY p.kind <> 'rep_day', r.rep_no, p.day, p.rowid
            """)
        let (kinds, prices) = (try table.texts("kind"), try table.doubles("price"))
        let capacity = try table.doubles("capacity")
        var result = PlanPrices(repDay: [], limit: [])
        var minutes: [Float] = []
        for row in kinds.indices {
            if kinds[row] != "rep_day" {
                result.limit.append(prices[row])
            } else {
                result.repDay.append(prices[row])
                minutes.append(Float(capacity[row]))
            }
        }
        return (result, minutes)
    }

    static func lapsed(_ connection: WarehouseConnection) async throws -> Set<RecordedRun.HCPDay> {
        let table = try await connection.query("SELECT hcp_no, day FROM plan.lapsed")
        return Set(
            zip(try table.int32s("hcp_no"), try table.days("day")).compactMap { hcp, day in
                day.map { RecordedRun.HCPDay(hcp: hcp, day: $0) }
            })
    }

    /// Digest of the features of each decision that has one.
    static func features(_ connection: WarehouseConnection) async throws -> [String: String] {
        let table = try await connection.query(
            "SELECT decision_id, features_hash FROM plan.decision WHERE features_hash IS NOT NULL")
        return Dictionary(
            zip(try table.texts("decision_id"), try table.texts("features_hash")),
            uniquingKeysWith: { first, _ in first })
    }

    /// The response history in the order in which the run folded it: by HCP and time, then by place in the table.
    ///
    /// - Parameter hcp: this one alone; nil = all.
    static func touches(
        _ connection: WarehouseConnection, hcp: Int?, contents: Interner, products: Interner, reps: Interner
    ) async throws -> TouchColumns {
        let table = try await connection.query(
            """
            SELECT hcp_no, epoch_us(occurred_at) AS at, channel, CAST(level AS UTINYINT) AS level,
              direction = 'pull' AS pull, status = 'uncertain' AS pending, content_id, rep_id, product_id
            FROM mart.touch WHERE hcp_no BETWEEN ? AND ? AND head AND NOT medical AND NOT machine
              AND (status IS NULL OR status IN ('sent', 'delivered', 'uncertain'))
            ORDER BY hcp_no, occurred_at, rowid
            """, [.int(Int64(hcp ?? 0)), .int(Int64(hcp ?? Int(Int32.max)))])
        let (channels, levels) = (try table.texts("channel"), try table.uint8s("level"))
        let (pulls, pending) = (try table.bools("pull"), try table.bools("pending"))
        return TouchColumns(
            hcp: try table.int32s("hcp_no"), time: try table.int64s("at"),
            channel: channels.map { Channel(rawValue: $0)?.code ?? 0 }, level: levels,
            flags: pulls.indices.map {
                (pulls[$0] ? TouchFlag.pull : 0) | (pending[$0] ? TouchFlag.pending : 0)
            },
            content: try table.strings("content_id").map { contents.known($0) },
            rep: try table.strings("rep_id").map { reps.known($0) },
            product: try table.strings("product_id").map { products.known($0) })
    }
}
