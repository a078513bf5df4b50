import Crypto
import EngagementModel
import Foundation
import GRDB

/// Writes the decisions of one run, row after row, through one prepared statement.
struct DecisionInsert {
    private(set) var touches = 0
    private(set) var idle = 0
    private let run: RunRecord
    private let number: Int64
    private let at: Int64
    private var statement: BulkStatement
    private var digest = PlanDigest()

    init(_ db: Database, run: RunRecord, number: Int64, at: Int64) throws {
        self.run = run
        self.number = number
        self.at = at
        statement = try BulkStatement(
            db,
            """
            INSERT INTO decision (decision_id, run_no, hcp_id, hco_id, day, hour, channel, content_id, product_id,
                purpose, sender, objective, expected_effect, effect_low, effect_high, value, cost, price, propensity,
                arm, reason_1, reason_2, reason_3, strategy_version, model_version, plan_rank, changed_at, due_day,
                due_hour, due_content_id, status)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                ?22, ?23, ?24, ?25, ?26, ?27, ?5, ?6, ?8, 'planned')
            """)
    }

    mutating func add(_ decision: Decision, rank: Int64) throws {
        guard decision.runID == run.runID, decision.asOf == run.asOf else {
            throw Diagnostic(
                "run_mismatch", "Decision \(decision.decisionID) belongs to another run than \(run.runID).")
        }
        guard (decision.day == nil) == (decision.channel == nil) else {
            throw Diagnostic(
                "run_mismatch", "Decision \(decision.decisionID) needs both a day and a channel, or neither.")
        }
        if decision.day == nil { idle += 1 } else { touches += 1 }
        digest.add(decision)
        statement.bind(decision.decisionID)
        statement.bind(number)
        statement.bind(decision.hcpID)
        statement.bind(decision.hcoID)
        statement.bind(decision.day?.stored)
        statement.bind(decision.hour.map(Int64.init))
        statement.bind(decision.channel?.rawValue)
        statement.bind(decision.contentID)
        statement.bind(decision.productID)
        statement.bind(decision.purpose.rawValue)
        statement.bind(decision.sender)
        statement.bind(decision.objective)
        statement.bind(decision.expectedEffect)
        statement.bind(decision.effectLow)
        statement.bind(decision.effectHigh)
        statement.bind(decision.value)
        statement.bind(decision.cost)
        statement.bind(decision.price)
        statement.bind(decision.propensity)
        statement.bind(decision.arm.rawValue)
        statement.bind(decision.reason1)
        statement.bind(decision.reason2)
        statement.bind(decision.reason3)
        statement.bind(decision.strategyVersion == run.strategyVersion ? nil : decision.strategyVersion)
        statement.bind(decision.modelVersion == run.modelVersion ? nil : decision.modelVersion)
        statement.bind(rank)
        statement.bind(at)
        try statement.step()
    }

    mutating func finish() -> Data { digest.finish() }
}

/// A fingerprint of what a plan says, to tell a repeated publish from a different plan: who, when, by what, with what,
/// and how likely it was.
struct PlanDigest {
    private var hash = SHA256()
    private var buffer: [UInt8] = []
    private static let chunk = 1 << 16

    init() { buffer.reserveCapacity(Self.chunk + 4096) }

    mutating func add(_ decision: Decision) {
        for text in [
            decision.decisionID, decision.hcpID, decision.channel?.rawValue ?? "", decision.contentID ?? "",
            decision.sender ?? "",
        ] {
            buffer.append(contentsOf: text.utf8)
            buffer.append(0)
        }
        let day = decision.day.map { Int64($0.number) } ?? .min
        for number in [
            UInt64(bitPattern: day), UInt64(bitPattern: Int64(decision.hour ?? -1)), decision.propensity.bitPattern,
            decision.expectedEffect.bitPattern,
        ] {
            withUnsafeBytes(of: number.littleEndian) { buffer.append(contentsOf: $0) }
        }
        if buffer.count >= Self.chunk { flush() }
    }

    mutating func finish() -> Data {
        flush()
        return Data(hash.finalize())
    }

    private mutating func flush() {
        hash.update(data: buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
