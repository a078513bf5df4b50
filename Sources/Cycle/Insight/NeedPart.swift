internal import Decisioning
internal import EngagementModel
internal import Insight
internal import Warehouse

/// When each account will order a product again, and when an HCP who prescribes only now and then will do so.
///
/// Accounts: the best of four buy-till-you-die models by Akaike's criterion, with parameters of its own for each
/// product × kind of account that bears them; who bought once or twice is forecast by the accounts of the same kind.
/// The chance of an order within a fortnight is read from each account's own calendar and gaps (`DueChance`).
/// HCPs: months with and without prescriptions are a discrete-time process (BG/BB); the day changes nothing of them.
enum NeedPart {
    static let accountPart = InsightPart(
        name: "need", version: "need-3", stages: ["insight/purchase"], rhythm: .daily, isModel: true, tables: ["need"],
        rows: ofAccounts
    ) { context in try await run(context, ofAccounts, accounts) }

    static let prescriberPart = InsightPart(
        name: "need_prescriber", version: "need-2", stages: ["features/volume_month", "resolve/hcp_number"],
        rhythm: .monthly, isModel: true, tables: ["need"], rows: ofPrescribers
    ) { context in try await run(context, ofPrescribers, prescribers) }

    private static let ofAccounts = "subject_kind = 'hco'"
    private static let ofPrescribers = "subject_kind = 'hcp'"

    /// One row of `insight.need`.
    struct Row: Sendable {
        var kind: String
        var id: String
        var hcp: Int32?
        var hco: String?
        var product: String
        var last: Day
        var purchases: Int32
        var interval: Double
        var due: Day
        var low: Day
        var high: Day
        var active: Double
        var expected: Double
        /// Chance of a purchase within a fortnight, and that in any other fortnight; nil where it is not known.
        var soon = 0.0
        var usual: Double?
        var overdue: Int32
        var basis: String
        var model: String
        var evidence: String

        /// Chance of a purchase within the next thirty days (HCPs: the next month).
        var chance = 0.0

        /// How pressing: the chance of a purchase within thirty days; once it is overdue, that the subject is active.
        var urgency: Double { overdue > 0 ? active : chance }
    }

    private static func run(
        _ context: RunContext, _ own: String, _ source: (RunContext) async throws -> (rows: [Row], note: String)
    ) async throws -> InsightPart.Outcome {
        let (rows, note) = try await source(context)
        try await context.connection.execute("DELETE FROM insight.need WHERE \(own)")
        try await append(rows, context.connection)
        return .init(rows: rows.count, note: note)
    }

    // MARK: Accounts

    private static func accounts(_ context: RunContext) async throws -> (rows: [Row], note: String) {
        let table = try await context.connection.query(
            """
            SELECT p.hco_id, p.product_id, p.day, coalesce(o.kind, 'other') AS kind FROM insight.purchase AS p
            LEFT JOIN mart.hco AS o ON o.hco_id = p.hco_id, history.clock AS k
            WHERE p.day <= k.as_of ORDER BY p.hco_id, p.product_id, p.day
            """)
        guard table.rowCount > 0 else { return ([], "accounts: switched off, no orders (order, order_line)") }
        let (hcos, products) = (try table.texts("hco_id"), try table.texts("product_id"))
        let (days, kinds) = (try table.days("day"), try table.texts("kind"))
        var pairs = PairNumbers()
        var segments = PairNumbers()
        var customer: [Int32] = []
        var segmentOfCustomer: [Int32] = []
        var bought: [[Int32]] = []
        for i in hcos.indices {
            let number = pairs.number(hcos[i], products[i])
            if Int(number) == bought.count { bought.append([]) }
            if let day = days[i] { bought[Int(number)].append(day.number) }
            if Int(number) == segmentOfCustomer.count {
                segmentOfCustomer.append(segments.number(products[i], kinds[i]))
            }
            customer.append(number)
        }
        let events = try EventHistories(
            customers: customer, customerCount: pairs.pairs.count, days: days.map { $0?.number ?? 0 },
            calibrationEnd: context.asOf.number)
        let fits = try TimingFit.fitAll(events.histories)
        let segmentOf = events.customer.map { segmentOfCustomer[Int($0)] }
        let timing = try SegmentedTiming(
            fits[0], events.histories, segmentOf: segmentOf, segmentCount: segments.pairs.count)
        let outlook = timing.outlook(events.histories, horizon: 30)
        let due = DueChance(bought, end: context.asOf.number)
        let usual = usualIntervals(events.histories, segmentOf, segments.pairs.count)
        let rows = events.customer.indices.map { row -> Row in
            let (hco, product) = pairs.pairs[Int(events.customer[row])]
            var made = accountRow(
                hco, product, row, events.histories, outlook, usual[Int(segmentOf[row])],
                model: fits[0].model.rawValue, context.asOf)
            let number = Int(events.customer[row])
            made.soon = due.chance[number] ?? 0
            made.usual = due.usual[number]
            made.chance = outlook.chance[row]
            return made
        }
        let own = timing.segments.count { $0 != nil }
        return (
            rows, "accounts: \(fits[0].model.rawValue), \(own) of \(segments.pairs.count) segments with own parameters"
        )
    }

    /// Median days between two purchases of those of a segment who bought three times or more; of all where nobody did.
    private static func usualIntervals(
        _ histories: PurchaseHistories, _ segmentOf: [Int32], _ count: Int
    ) -> [Double] {
        var gaps = [[Double]](repeating: [], count: count)
        for row in segmentOf.indices where histories.frequency[row] >= 2 {
            gaps[Int(segmentOf[row])].append(histories.recency[row] / histories.frequency[row])
        }
        func median(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.sorted()[values.count / 2]
        }
        let all = median(gaps.flatMap { $0 }) ?? 90
        return gaps.map { median($0) ?? all }
    }

    private static func accountRow(
        _ hco: String, _ product: String, _ row: Int, _ histories: PurchaseHistories, _ outlook: PurchaseOutlook,
        _ usual: Double, model: String, _ asOf: Day
    ) -> Row {
        let repeats = histories.frequency[row]
        let isOwn = repeats >= 2
        let interval = max(1, isOwn ? histories.recency[row] / repeats : usual)
        let elapsed = histories.age[row] - histories.recency[row]
        let last = asOf + -Int(elapsed)
        // Beyond ten years nobody plans; infinity comes from those who are as good as gone.
        func day(_ time: Double) -> Day { asOf + Int(min(max(time.rounded(), 0), 3_650)) }
        let (low, due, high) = (day(outlook.dueLow[row]), day(outlook.due[row]), day(outlook.dueHigh[row]))
        // Overdue once the usual gap has passed by half.
        let overdue = elapsed > 1.5 * interval ? Int(elapsed - interval) : 0
        let every = "every \(InsightWords.days(Int(interval.rounded())))"
        let evidence: String
        if !isOwn {
            evidence =
                "Ordered \(repeats == 0 ? "once" : "twice"), last on \(InsightWords.day(last, asOf: asOf)); "
                + "similar accounts order \(every)."
        } else if overdue > 0 {
            evidence =
                "Orders \(every); the last was \(InsightWords.days(Int(elapsed))) ago, "
                + "\(InsightWords.days(overdue)) overdue."
        } else {
            let spread = max(1, (high - low + 1) / 2)
            evidence =
                "Orders \(every); the next is due on \(InsightWords.day(due, asOf: asOf)) "
                + "(±\(InsightWords.days(spread)))."
        }
        return Row(
            kind: "hco", id: hco, hcp: nil, hco: hco, product: product, last: last, purchases: Int32(repeats) + 1,
            interval: interval, due: due, low: low, high: high, active: outlook.pAlive[row],
            expected: outlook.expected[row], overdue: Int32(overdue), basis: isOwn ? "own" : "segment", model: model,
            evidence: evidence)
    }

    // MARK: Prescribers

    /// HCPs who prescribe in some months and not in others; who does so every month has no next need to wait for.
    private static func prescribers(_ context: RunContext) async throws -> (rows: [Row], note: String) {
        let table = try await context.connection.query(
            """
            WITH last AS (SELECT max(month) AS month FROM mart.volume_month),
            counted AS (
              SELECT v.hcp_no, v.product_id, min(v.month) AS first, max(v.month) AS latest, count(*) AS months,
                max(l.month) AS last
              FROM (
                SELECT hcp_no, product_id, month, sum(value) AS value FROM mart.volume_month
                WHERE measure IN ('prescriptions', 'units', 'orders', 'procedures', 'tests')
                GROUP BY hcp_no, product_id, month HAVING sum(value) > 0
              ) AS v, last AS l
              GROUP BY v.hcp_no, v.product_id
            )
            SELECT c.hcp_no, h.hcp_id, c.product_id, c.latest, c.last, CAST(c.months AS INTEGER) AS months,
              CAST(datediff('month', c.first, c.latest) AS INTEGER) AS recency,
              CAST(datediff('month', c.first, c.last) AS INTEGER) AS age
            FROM counted AS c JOIN mart.hcp AS h ON h.hcp_no = c.hcp_no
            WHERE datediff('month', c.first, c.last) >= 6 ORDER BY c.hcp_no, c.product_id
            """)
        guard table.rowCount > 0 else { return ([], "HCPs: switched off, no volumes of six months (volume)") }
        let (months, recency, age) = (
            try table.int32s("months"), try table.int32s("recency"), try table.int32s("age")
        )
        let histories = PurchaseHistories(
            frequency: months.map { Double($0 - 1) }, recency: recency.map(Double.init), age: age.map(Double.init))
        let fit = try TimingFit.fit(.bgbb, histories)
        let outlook = PurchaseOutlook.make(fit, DistinctHistories(histories), horizon: 1)
        let (hcps, ids) = (try table.int32s("hcp_no"), try table.texts("hcp_id"))
        let (products, latest) = (try table.texts("product_id"), try table.days("latest"))
        let last = try table.days("last")
        let rows = hcps.indices.compactMap { i -> Row? in
            let share = Double(months[i]) / Double(age[i] + 1)
            guard share <= 0.8, months[i] >= 2, outlook.pAlive[i] >= 0.05, let end = last[i], let seen = latest[i]
            else { return nil }
            let index = Month.index(of: end)
            func month(_ wait: Double) -> Day { Month.firstDay(of: index + Int32(min(max(wait, 1), 120))) }
            let due = month(outlook.due[i])
            let often = "Used or prescribed it in \(months[i]) of \(age[i] + 1) months"
            var made = Row(
                kind: "hcp", id: ids[i], hcp: hcps[i], hco: nil, product: products[i], last: seen,
                purchases: months[i], interval: 30.4 / share, due: due, low: month(outlook.dueLow[i]),
                high: Month.firstDay(of: Month.index(of: month(outlook.dueHigh[i])) + 1) + -1,
                active: outlook.pAlive[i], expected: outlook.expected[i], overdue: 0,
                basis: months[i] >= 3 ? "own" : "segment", model: "bgbb",
                evidence:
                    "\(often), last in \(InsightWords.month(seen)); the next is expected by \(InsightWords.month(due))."
            )
            made.chance = outlook.chance[i]
            return made
        }
        return (rows, "HCPs: bgbb on \(hcps.count) histories, \(rows.count) of them intermittent")
    }

    private static func append(_ rows: [Row], _ connection: WarehouseConnection) async throws {
        try await connection.ingest(
            ColumnSet([
                ("subject_kind", .text(rows.map(\.kind))), ("subject_id", .text(rows.map(\.id))),
                ("hcp_no", .optionalInt32(rows.map(\.hcp))), ("hco_id", .optionalText(rows.map(\.hco))),
                ("product_id", .text(rows.map(\.product))), ("last_day", .day(rows.map(\.last))),
                ("purchases", .int32(rows.map(\.purchases))), ("interval_days", .double(rows.map(\.interval))),
                ("due_day", .day(rows.map(\.due))), ("due_low", .day(rows.map(\.low))),
                ("due_high", .day(rows.map(\.high))), ("p_active", .double(rows.map(\.active))),
                ("expected_30d", .double(rows.map(\.expected))), ("chance_14d", .double(rows.map(\.soon))),
                ("overdue_days", .int32(rows.map(\.overdue))),
                ("urgency", .double(rows.map(\.urgency))), ("basis", .text(rows.map(\.basis))),
                ("model", .text(rows.map(\.model))), ("evidence", .text(rows.map(\.evidence))),
                ("usual_14d", .optionalDouble(rows.map(\.usual))),
            ]), into: "insight.need", mode: .append)
    }
}
