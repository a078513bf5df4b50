internal import EngagementModel
internal import Ledger
internal import Warehouse

/// The plan enters the ledger in one transaction, under an id that the inputs determine: publishing twice is publishing once.
///
/// Reading the warehouse and writing the ledger are apart: while the ledger writes, the warehouse measures.
struct PublishStep: Sendable {
    private let register: ClaimRegister
    private let record: RunRecord
    private let decisions: [Decision]
    private let ranks: [Int32]

    /// Reads all that is to be published.
    ///
    /// - Parameter plan: the decisions and ranks where this process has just written them; nil = as the warehouse has them.
    init(_ context: RunContext, runID: String, plan: RunMemory.Plan?) async throws {
        let connection = context.connection
        let facts = try await connection.query("SELECT model_version FROM plan.run")
        if let plan {
            (decisions, ranks) = (plan.decisions, plan.ranks)
        } else {
            (decisions, ranks) = try await Self.read(connection)
        }
        record = RunRecord(
            runID: runID, asOf: context.asOf, mode: context.request.rulesOnly ? .rulesOnly : .full,
            strategyVersion: context.workspace.strategyVersion, modelVersion: try facts.texts("model_version")[0])
        register = try await ClaimRegister(context)
    }

    /// Writes it; asks nothing of the warehouse.
    func write(_ ledger: Ledger) async throws {
        try await register.write(ledger)
        _ = try await ledger.publish(record, decisions: decisions, ranks: ranks)
    }

    /// The plan as it was written, so that a resumed run publishes what the interrupted one decided.
    private static func read(_ connection: WarehouseConnection) async throws -> ([Decision], [Int32]) {
        let table = try await connection.query("SELECT * FROM plan.decision ORDER BY hcp_no, day")
        let id = try table.texts("decision_id")
        let run = try table.texts("run_id")
        let asOf = try table.days("as_of")
        let hcp = try table.texts("hcp_id")
        let hco = try table.strings("hco_id")
        let day = try table.days("day")
        let hour = try table.ints("hour")
        let channel = try table.strings("channel")
        let content = try table.strings("content_id")
        let product = try table.strings("product_id")
        let purpose = try table.texts("purpose")
        let sender = try table.strings("sender")
        let objective = try table.strings("objective")
        let effect = try table.doubles("expected_effect")
        let low = try table.doubles("effect_low")
        let high = try table.doubles("effect_high")
        let value = try table.doubles("value")
        let cost = try table.doubles("cost")
        let price = try table.doubles("price")
        let propensity = try table.doubles("propensity")
        let arm = try table.texts("arm")
        let reason1 = try table.strings("reason_1")
        let reason2 = try table.strings("reason_2")
        let reason3 = try table.strings("reason_3")
        let strategy = try table.texts("strategy_version")
        let model = try table.texts("model_version")
        let decisions = id.indices.map { i in
            Decision(
                decisionID: id[i], runID: run[i], asOf: asOf[i] ?? Day(number: 0), hcpID: hcp[i], hcoID: hco[i],
                day: day[i], hour: hour[i].map(Int.init), channel: channel[i].flatMap(Channel.init(rawValue:)),
                contentID: content[i], productID: product[i], purpose: Purpose(rawValue: purpose[i]) ?? .promotional,
                sender: sender[i], objective: objective[i], expectedEffect: effect[i], effectLow: low[i],
                effectHigh: high[i], value: value[i], cost: cost[i], price: price[i], propensity: propensity[i],
                arm: Arm(rawValue: arm[i]) ?? .engine, reason1: reason1[i], reason2: reason2[i], reason3: reason3[i],
                strategyVersion: strategy[i], modelVersion: model[i])
        }
        return (decisions, try table.int32s("rank"))
    }
}
