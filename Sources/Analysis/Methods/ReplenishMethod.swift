package import ArgumentParser
internal import EngagementModel
internal import Insight

/// `rapport analyze replenish`: what to order, and by when.
package struct ReplenishMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "replenish",
        abstract: "Proposes orders from clinical activity, stock, lead time and service level.",
        discussion: """
            One row an account, product and period (--period), or one row an account and product. Demand is the mix \
            of procedures times the use per procedure, which is learned from --used or given by --use-per \
            COLUMN=UNITS; with neither, each procedure is taken to use one unit. Stock is that of the last period.
            """)

    @Argument(help: "CSV or Parquet.", completion: .file())
    var file: String

    @Option(help: "Column of the account.")
    var id: String

    @Option(help: "Column of the product.")
    var product: String

    @Option(help: "Column of the units in stock.")
    var stock: String

    @Option(parsing: .upToNextOption, help: "Columns of clinical activity: procedures done in the period.")
    var activity: [String]

    @Option(help: "Column of the period: a day or a whole number.")
    var period: String?

    @Option(help: "Column of the units used in the period.")
    var used: String?

    @Option(help: "Column of the units on their way.")
    var onOrder: String?

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Units per procedure.", valueName: "COLUMN=UNITS"))
    var usePer: [String] = []

    @Option(help: "Days from order to delivery.")
    var leadTime = 7.0

    @Option(help: "Days between two looks at the stock.")
    var review = 7.0

    @Option(help: "Chance that stock suffices.")
    var serviceLevel = 0.95

    @Option(help: "Units in a pack.")
    var pack = 1.0

    @Option(help: "Length of a period in days. Default: what the dates say, else 30.")
    var periodDays: Double?

    @Option(help: "Days ahead within which orders are proposed.")
    var horizon = 90

    @Option(help: ArgumentHelp("The day from which to plan. Default: the last period.", valueName: "YYYY-MM-DD"))
    var today: String?

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard !activity.isEmpty else { throw ValidationError("give at least one column with --activity") }
        guard used == nil || usePer.isEmpty else { throw ValidationError("give either --used or --use-per") }
        guard horizon >= 0, horizon <= 3650 else { throw ValidationError("--horizon lies between 0 and 3650") }
        if let today, Day(today) == nil { throw ValidationError("--today is no day: write YYYY-MM-DD") }
    }

    package func run() async throws {
        let table = try await AnalysisTable.read(file)
        let (accounts, accountNames) = try table.codes(id)
        let (products, productNames) = try table.codes(product)
        let (periods, dated) = try period.map { try table.periods($0) } ?? ([], false)
        let data = ClinicalActivity(
            account: accounts, product: products, period: periods, stock: try table.doubles(stock),
            onOrder: try onOrder.map { try table.doubles($0) } ?? [],
            activities: try activity.map { try table.doubles($0) },
            used: try used.map { try table.doubles($0) } ?? [])
        let length = periodDays ?? (dated ? Self.typicalStep(periods) : nil) ?? 30
        let policy = OrderProposal.Policy(
            leadDays: leadTime, reviewDays: review, serviceLevel: serviceLevel, packSize: pack, periodDays: length,
            horizonDays: horizon)
        var document = AnalysisDocument(method: "replenish", table: table, seed: options.seed)
        let (model, proposals) = try table.placing {
            let model = try usage(data, productNames.count, &document)
            return (model, try OrderProposal.make(model, data, policy: policy))
        }
        for name in [stock] + activity + [used, onOrder].compactMap({ $0 }) {
            if let warning = AnalysisTable.doubt(aboutSizes: name, try table.doubles(name)) { document.warn(warning) }
        }
        document.set("proposals", .integer(proposals.count))
        document.set("orders", .integer(proposals.count { $0.quantity > 0 }))
        document.set("due_now", .integer(proposals.count { $0.quantity > 0 && $0.orderWithin == 0 }))
        document.set("dispersion", .number(model.dispersion))
        document.set("period_days", .number(length))
        document.set(
            "use_per_procedure",
            .object(
                zip(productNames, model.perProcedure).map { name, units in
                    (name, .object(zip(activity, units).map { ($0, .number($1)) }))
                }))
        guard options.out != nil else { return try await report(document, table: nil, options) }
        let start = today.flatMap { Day($0) } ?? (dated ? periods.max().map { Day(number: Int32($0)) } : nil)
        var rows = AnalysisColumns()
        rows.add("id", proposals.map { accountNames[Int($0.account)] })
        rows.add("product", proposals.map { productNames[Int($0.product)] })
        rows.add("order_quantity", proposals.map(\.quantity))
        rows.add(
            "order_by",
            proposals.map { one in
                guard one.quantity > 0 else { return "" }
                return start.map { Day(number: $0.number + Int32(one.orderWithin)).description } ?? "\(one.orderWithin)"
            })
        rows.add("stockout_probability", proposals.map(\.stockoutProbability))
        rows.add("demand_per_period", proposals.map(\.demandPerPeriod))
        rows.add("safety_stock", proposals.map(\.safetyStock))
        if start == nil { document.warn("there is no date to plan from: order_by counts days from now") }
        try await report(document, table: rows, options)
    }

    private func usage(
        _ data: ClinicalActivity, _ productCount: Int, _ document: inout AnalysisDocument
    ) throws -> UsageModel {
        if !data.used.isEmpty { return try UsageModel.fit(data, productCount: productCount) }
        try data.validate()
        var units = [Double](repeating: usePer.isEmpty ? 1 : 0, count: activity.count)
        for entry in usePer {
            let parts = entry.split(separator: "=")
            guard parts.count == 2, let place = activity.firstIndex(of: String(parts[0])),
                let number = Double(parts[1]),
                number >= 0, number.isFinite
            else {
                throw Diagnostic(
                    "bad_use", "`\(entry)` does not say how much of which activity", remedy: "write COLUMN=UNITS")
            }
            units[place] = number
        }
        if usePer.isEmpty { document.warn("the use per procedure is not given: one unit for each is assumed") }
        var model = UsageModel(perProcedure: [[Double]](repeating: units, count: productCount))
        try model.fitScatter(data)
        return model
    }

    /// The median step between distinct periods.
    private static func typicalStep(_ periods: [Int64]) -> Double? {
        let distinct = Set(periods).sorted()
        let steps = zip(distinct.dropFirst(), distinct).map { $0 - $1 }.sorted()
        return steps.isEmpty ? nil : Double(steps[steps.count / 2])
    }
}
