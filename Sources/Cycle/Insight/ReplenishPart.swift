internal import EngagementModel
internal import Insight
internal import Warehouse

/// What each account should order, and by when: procedures done × units per procedure, against the stock.
///
/// Needs the tables `inventory`, `procedure_product` and `claim`; a workspace without them has no proposals.
enum ReplenishPart {
    static let part = InsightPart(
        name: "replenish", version: "replenish-1", stages: ["insight/purchase"], rhythm: .daily, isModel: true,
        tables: ["replenish"]
    ) { context in try await run(context) }

    private static func run(_ context: RunContext) async throws -> InsightPart.Outcome {
        let connection = context.connection
        let usage = try await connection.query(
            """
            SELECT product_id, coalesce(code_system, '') || '|' || code AS code, avg(units_per_procedure) AS units
            FROM canon.procedure_product WHERE units_per_procedure > 0 GROUP BY 1, 2 ORDER BY 1, 2
            """)
        let rows = try await connection.query(
            """
            WITH held AS (
              SELECT hco_id, product_id, arg_max(stock, day) AS stock, max(day) AS counted
              FROM canon.inventory, history.clock WHERE day <= as_of AND stock >= 0 GROUP BY hco_id, product_id
            ),
            coming AS (
              SELECT p.hco_id, p.product_id, sum(p.units) AS units FROM insight.purchase AS p
              JOIN held AS h ON h.hco_id = p.hco_id AND h.product_id = p.product_id AND p.day >= h.counted, history.clock
              WHERE p.day <= as_of GROUP BY p.hco_id, p.product_id
            ),
            used AS (SELECT DISTINCT product_id, coalesce(code_system, '') || '|' || code AS code FROM canon.procedure_product),
            done AS (
              SELECT c.hco_id, coalesce(c.code_system, '') || '|' || c.code AS code,
                CAST(date_trunc('month', c.service_date) AS DATE) AS month, sum(coalesce(c.units, 1)) AS procedures
              FROM canon.claim AS c, history.clock AS k
              WHERE c.hco_id IS NOT NULL AND c.service_date < date_trunc('month', k.as_of + 1)
                AND c.service_date >= date_trunc('month', k.as_of + 1) - INTERVAL 12 MONTH
              GROUP BY 1, 2, 3
            ),
            month AS (
              SELECT CAST(unnest(generate_series(date_trunc('month', as_of + 1) - INTERVAL 12 MONTH,
                date_trunc('month', as_of + 1) - INTERVAL 1 MONTH, INTERVAL 1 MONTH)) AS DATE) AS month FROM history.clock
            )
            SELECT h.hco_id, h.product_id, m.month, u.code, coalesce(d.procedures, 0) AS procedures, h.stock,
              coalesce(o.units, 0) AS coming
            FROM held AS h JOIN used AS u ON u.product_id = h.product_id CROSS JOIN month AS m
            LEFT JOIN done AS d ON d.hco_id = h.hco_id AND d.code = u.code AND d.month = m.month
            LEFT JOIN coming AS o ON o.hco_id = h.hco_id AND o.product_id = h.product_id
            WHERE EXISTS (SELECT 1 FROM done AS e WHERE e.hco_id = h.hco_id)
            ORDER BY h.hco_id, h.product_id, m.month, u.code
            """)
        guard usage.rowCount > 0, rows.rowCount > 0 else {
            throw Diagnostic(
                "no_input",
                "switched off: needs stock, use per procedure and procedures (inventory, procedure_product, claim)")
        }
        let (pairs, data, model) = try columns(rows, usage)
        var fitted = model
        try fitted.fitScatter(data)
        let proposals = try OrderProposal.make(
            fitted, data, policy: .init(leadDays: 7, reviewDays: 7, serviceLevel: 0.95, periodDays: 30.4))
        let position = positions(data)
        let hcos = proposals.map { pairs.accounts[Int($0.account)] }
        let products = proposals.map { pairs.products[Int($0.product)] }
        try await connection.replace(
            "replenish",
            ColumnSet([
                ("hco_id", .text(hcos)), ("product_id", .text(products)),
                ("stock", .double(proposals.map { position[key($0.account, $0.product)]?.stock ?? 0 })),
                ("on_order", .double(proposals.map { position[key($0.account, $0.product)]?.coming ?? 0 })),
                ("quantity", .double(proposals.map(\.quantity))),
                ("order_by", .day(proposals.map { context.asOf + $0.orderWithin })),
                ("stockout_probability", .double(proposals.map(\.stockoutProbability))),
                ("demand_per_month", .double(proposals.map(\.demandPerPeriod))),
                ("safety_stock", .double(proposals.map(\.safetyStock))),
                (
                    "evidence",
                    .text(
                        proposals.map {
                            evidence($0, stock: position[key($0.account, $0.product)]?.stock ?? 0, context.asOf)
                        })
                ),
            ]))
        return .init(
            rows: proposals.count,
            note: "\(proposals.count { $0.quantity > 0 }) orders proposed, service level 95%, lead time 7 days")
    }

    private static func key(_ account: Int32, _ product: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: account)) << 32 | UInt64(UInt32(bitPattern: product))
    }

    private static func positions(_ data: ClinicalActivity) -> [UInt64: (stock: Double, coming: Double)] {
        var found: [UInt64: (stock: Double, coming: Double)] = [:]
        for row in data.account.indices {
            found[key(data.account[row], data.product[row])] = (data.stock[row], data.onOrder[row])
        }
        return found
    }

    private static func evidence(_ proposal: OrderProposal, stock: Double, _ asOf: Day) -> String {
        let use =
            "Uses about \(InsightWords.amount(proposal.demandPerPeriod)) units a month, has \(InsightWords.amount(stock)) in stock"
        guard proposal.quantity > 0 else { return use + ": enough for the next quarter." }
        return use
            + ": order \(InsightWords.amount(proposal.quantity)) by \(InsightWords.day(asOf + proposal.orderWithin, asOf: asOf))."
    }

    /// One row an account, product and month, one column a procedure; rows of the query are in that order.
    private static func columns(
        _ rows: ArrowTable, _ usage: ArrowTable
    ) throws -> (names: (accounts: [String], products: [String]), data: ClinicalActivity, model: UsageModel) {
        var (accounts, products, codes) = (Interner(), Interner(), Interner())
        let usedProducts = try usage.texts("product_id")
        let usedCodes = try usage.texts("code")
        for name in usedProducts { _ = products.number(of: name) }
        for name in usedCodes { _ = codes.number(of: name) }
        var per = [[Double]](
            repeating: [Double](repeating: 0, count: codes.names.count), count: products.names.count)
        for (i, units) in try usage.doubles("units").enumerated() {
            per[Int(products.number(of: usedProducts[i]))][Int(codes.number(of: usedCodes[i]))] = units
        }
        let (hcos, items) = (try rows.texts("hco_id"), try rows.texts("product_id"))
        let (months, done) = (try rows.days("month"), try rows.texts("code"))
        let counts = try rows.doubles("procedures")
        let (stock, coming) = (try rows.doubles("stock"), try rows.doubles("coming"))
        var data = ClinicalActivity(
            account: [], product: [], stock: [], activities: [[Double]](repeating: [], count: codes.names.count))
        for i in hcos.indices {
            let (account, product) = (accounts.number(of: hcos[i]), products.number(of: items[i]))
            let period = Int64(months[i]?.number ?? 0)
            if data.account.last != account || data.product.last != product || data.period.last != period {
                data.account.append(account)
                data.product.append(product)
                data.period.append(period)
                data.stock.append(stock[i])
                data.onOrder.append(coming[i])
                for code in data.activities.indices { data.activities[code].append(0) }
            }
            data.activities[Int(codes.number(of: done[i]))][data.account.count - 1] += counts[i]
        }
        return ((accounts.names, products.names), data, UsageModel(perProcedure: per))
    }
}
