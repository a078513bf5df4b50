package import EngagementModel
import Foundation
import GRDB

/// The one door through which a message may leave: grants claims, hands out tickets, notes what became of them.
///
/// `claim` is a group commit. Requests that arrive while a transaction is being made durable wait in a queue; the next
/// transaction takes all of them, decides each on its own and in order (every claim sees the rows of those before it),
/// and one flush to disk makes all of them durable. An answer is given only after that flush. So the rules are those of
/// one claim a transaction, while the cost of `synchronous=FULL` is shared.
package final class ClaimDesk: Sendable {
    package let ledger: Ledger
    package let policy: ClaimPolicy
    let principal: Principal
    private let queue: ClaimQueue

    /// - Parameter principal: who claims, as the event rows name it.
    package init(ledger: Ledger, policy: ClaimPolicy, by principal: Principal = .system, batch: Int = 512) {
        self.ledger = ledger
        self.policy = policy
        self.principal = principal
        queue = ClaimQueue(limit: batch) { requests in
            try await ledger.claimAll(requests, policy, principal)
        }
    }

    /// Grants a claim and writes its row, or refuses with one reason. Durable when it returns. Asking again for the same
    /// campaign, step and recipient returns the first row.
    package func claim(_ request: ClaimRequest) async throws -> ClaimOutcome {
        guard request.isWhole else { throw ClaimRequest.incomplete }
        return try await queue.add(request)
    }

    /// Many claims in one transaction, decided in order.
    package func claim(_ requests: [ClaimRequest]) async throws -> [ClaimOutcome] {
        guard requests.allSatisfy(\.isWhole) else { throw ClaimRequest.incomplete }
        return try await ledger.claimAll(requests, policy, principal)
    }

    /// What the policy would say now; writes nothing and promises nothing.
    package func preview(_ request: ClaimRequest) async throws -> ClaimAnswer {
        let (policy, ledger) = (policy, ledger)
        return try await ledger.write { db in
            let digests = try ledger.digests(db)
            let now = ledger.now()
            let facts = try ClaimFactsReader(db: db, digests: digests, policy: policy)
                .facts(for: request, now: now, latestSeen: now)
            return policy.decide(request, facts)
        }
    }

    /// The last look before the messages leave, and their tickets: each claim is judged again as of now.
    ///
    /// - Parameters:
    ///   - claims: number and address of each.
    ///   - worker: names the process that sends, so that its open rows can be told after a crash.
    package func beginSending(_ claims: [(number: Int64, address: String?)], worker: String) async throws
        -> [SendPermit]
    {
        let (policy, ledger, principal) = (policy, ledger, principal)
        return try await ledger.write { db in
            let transaction = try ClaimTransaction(db, ledger: ledger, policy: policy, actor: principal)
            let prefix = hex(try ledger.secret(db, "ledger_id").prefix(8))
            return try claims.map {
                try transaction.begin($0.number, address: $0.address, worker: worker, keyPrefix: prefix)
            }
        }
    }

    /// Notes what became of messages that were handed over.
    package func finish(_ results: [(number: Int64, result: SendResult)]) async throws {
        let (policy, ledger, principal) = (policy, ledger, principal)
        try await ledger.write { db in
            let transaction = try ClaimTransaction(db, ledger: ledger, policy: policy, actor: principal)
            for (number, result) in results { try transaction.finish(number, result) }
        }
    }

    /// Ends the name of a worker whose hand-over is a transaction of this ledger (`post`).
    package static let wholeMark = "#ledger"

    /// After a crash: what was being sent is `uncertain`, and is not sent again by itself. What is handed over within the
    /// ledger itself certainly was not, and waits again.
    ///
    /// - Parameters:
    ///   - worker: only rows of the worker that died; nil = of every worker (one process sends).
    ///   - before: only rows that began before, microseconds since 1970.
    /// - Returns: numbers of the claims that are uncertain now.
    @discardableResult
    package func recover(worker: String? = nil, before: Int64 = .max) async throws -> [Int64] {
        let (policy, ledger, principal) = (policy, ledger, principal)
        return try await ledger.write { db in
            let open = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Claim.columns) FROM contact WHERE claim_state = 'sending' AND changed_at < :before
                        AND (:worker IS NULL OR worker = :worker) ORDER BY contact_no
                    """, arguments: ["worker": worker, "before": before]
            ).map(Claim.init)
            let whole = Set(
                try Int64.fetchAll(
                    db, sql: "SELECT contact_no FROM contact WHERE claim_state = 'sending' AND worker LIKE ?",
                    arguments: ["%" + Self.wholeMark]))
            let transaction = try ClaimTransaction(db, ledger: ledger, policy: policy, actor: principal)
            for claim in open where whole.contains(claim.number) {
                try transaction.move(claim, to: .claimed, status: .planned, cause: "recovered")
            }
            let doubtful = open.filter { !whole.contains($0.number) }
            for claim in doubtful {
                try transaction.move(claim, to: .uncertain, status: .uncertain, cause: "recovered")
            }
            return doubtful.map(\.number)
        }
    }

    /// Settles an uncertain claim: a bounce came, the provider was asked, or a person decided.
    ///
    /// - Throws: `needs_a_person` when the system would send a promotional message again, `unknown_claim`, `not_uncertain`.
    package func settle(_ number: Int64, _ settlement: Settlement, by principal: Principal) async throws {
        let (policy, ledger) = (policy, ledger)
        try await ledger.write { db in
            guard let claim = try Claim.find(db, number) else { throw ClaimFailure.unknown }
            guard claim.state == .uncertain else {
                throw Diagnostic("not_uncertain", "The claim is \(claim.state.rawValue), there is nothing to settle.")
            }
            let transaction = try ClaimTransaction(db, ledger: ledger, policy: policy, actor: principal)
            switch settlement {
            case .wasSent: try transaction.move(claim, to: .sent, status: .sent, cause: "settled")
            case .wasNotSent(let code): try transaction.move(claim, to: .failed, status: .failed, cause: code)
            case .sendAgain:
                guard claim.purpose.skipsPromotionalPolicy || principal != .system else {
                    throw Diagnostic(
                        "needs_a_person", "A message that may have arrived is not sent again by itself.",
                        remedy: "let a person decide, or wait for a bounce")
                }
                try transaction.move(claim, to: .claimed, status: .planned, cause: "sent_again")
            }
            try Ledger.audit(
                db, at: transaction.now, by: principal, "claim.settled", subject: "contact:\(number)",
                before: ["state": claim.state.rawValue], after: ["settlement": settlement.word])
        }
    }
}

extension ClaimRequest {
    var isWhole: Bool { !key.campaign.isEmpty && !key.step.isEmpty && !hcpID.isEmpty && !sender.isEmpty }
    static let incomplete = Diagnostic(
        "claim_incomplete", "A claim names its campaign, step, recipient and sender.",
        remedy: "use `ClaimKey.decision` for a touch without a campaign")
}

extension Settlement {
    var word: String {
        switch self {
        case .wasSent: "was_sent"
        case .wasNotSent: "was_not_sent"
        case .sendAgain: "send_again"
        }
    }
}

extension Ledger {
    func claimAll(_ requests: [ClaimRequest], _ policy: ClaimPolicy, _ principal: Principal) async throws
        -> [ClaimOutcome]
    {
        try await write { db in
            let transaction = try ClaimTransaction(db, ledger: self, policy: policy, actor: principal)
            return try requests.map(transaction.claim)
        }
    }

    /// A claim by its number; nil when there is none.
    package func claim(_ number: Int64) async throws -> Claim? { try await read { try Claim.find($0, number) } }

    /// Claims that stand in a state, oldest first.
    package func claims(in state: ClaimState, limit: Int = 1000) async throws -> [Claim] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Claim.columns) FROM contact WHERE claim_state = ? ORDER BY changed_at, contact_no LIMIT ?
                    """, arguments: [state.rawValue, limit]
            ).map(Claim.init)
        }
    }

    /// Claims that wait to be sent on some channels and may be tried now, those that wait longest first.
    package func claimsToSend(on channels: Set<Channel>, at: Int64, limit: Int = 500) async throws -> [Claim] {
        let list = channels.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Claim.columns) FROM contact
                    WHERE claim_state = 'claimed' AND not_before <= ? AND channel IN (\(list))
                    ORDER BY not_before LIMIT ?
                    """, arguments: [at, limit]
            ).map(Claim.init)
        }
    }

    /// What happened to a claim, in order.
    package func claimEvents(_ number: Int64) async throws -> [ClaimEvent] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT state, at, actor, cause FROM claim_event WHERE contact_no = ? ORDER BY event_no",
                arguments: [number]
            ).map { ClaimEvent(state: try $0.closed(0), at: $0[1], actor: $0[2], cause: $0[3]) }
        }
    }

    /// How many touches were refused for which reason, by channel; each campaign step and HCP once a day.
    package func refusalCounts(from first: Day, through last: Day) async throws -> [Channel: [ClaimRefusal: Int]] {
        try await read { db in
            var counts: [Channel: [ClaimRefusal: Int]] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT channel, reason, count(*) FROM claim_refusal WHERE day BETWEEN ? AND ? GROUP BY 1, 2",
                arguments: [first.stored, last.stored])
            while let row = try rows.next() {
                let (channel, reason): (Channel, ClaimRefusal) = (try row.closed(0), try row.closed(1))
                counts[channel, default: [:]][reason] = row[2]
            }
            return counts
        }
    }
}
