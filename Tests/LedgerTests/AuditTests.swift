import Foundation
import GRDB
import Testing

@testable import Ledger

@Suite struct AuditTests {
    private func ledger(rows: Int) async throws -> Ledger {
        let ledger = try memoryLedger()
        for index in 0..<rows {
            try await ledger.audit(
                "thing.done", subject: "thing-\(index)", by: .user(Int64(index)),
                before: index % 2 == 0 ? nil : ["n": "1"],
                after: ["n": "\(index)"])
        }
        return ledger
    }

    private func tamper(_ ledger: Ledger, _ sql: String, _ arguments: StatementArguments = []) async throws {
        try await ledger.write { db in
            try db.execute(sql: "DROP TRIGGER IF EXISTS audit_keeps_rows; DROP TRIGGER IF EXISTS audit_keeps_values")
            try db.execute(sql: sql, arguments: arguments)
        }
    }

    @Test func anUntouchedTrailIsIntact() async throws {
        guard case .intact(rows: 9, let head) = try await ledger(rows: 9).verifyAudit() else {
            Issue.record("nothing was touched")
            return
        }
        #expect(head.count == 64)
        #expect(try await memoryLedger().verifyAudit() == .intact(rows: 0, head: String(repeating: "0", count: 64)))
    }

    @Test func rowsCannotBeChangedOrRemoved() async throws {
        let ledger = try await ledger(rows: 3)
        for sql in ["DELETE FROM audit WHERE seq = 2", "UPDATE audit SET actor = 'x'"] {
            #expect(await code { try await ledger.write { db in try db.execute(sql: sql) } } == "ledger_conflict")
        }
        let expectation = try await ledger.verifyAudit()
        guard case .intact(rows: 3, _) = expectation else {
            Issue.record("the triggers held")
            return
        }
    }

    /// T28: any bit of any field of any row.
    @Test func everyFlippedBitIsDetected() async throws {
        let rows = 12
        let ledger = try await ledger(rows: rows)
        var random = Seeded(28)
        let texts = ["actor", "action", "subject", "before", "after"]
        for trial in 0..<10_000 {
            let seq = Int64.random(in: 1...Int64(rows), using: &random)
            let column = (texts + ["prev_hash", "hash", "at"]).randomElement(using: &random) ?? "at"
            let bit = Int.random(in: 0..<4096, using: &random)
            let verdict = try await ledger.write { db in
                if trial == 0 {
                    try db.execute(sql: "DROP TRIGGER audit_keeps_rows; DROP TRIGGER audit_keeps_values")
                }
                let old = try Row.fetchOne(db, sql: "SELECT \(column) FROM audit WHERE seq = ?", arguments: [seq])
                let value: DatabaseValue = old?[0] ?? .null
                let flipped = Self.flip(value, bit: bit, isText: texts.contains(column))
                try db.execute(sql: "UPDATE audit SET \(column) = ? WHERE seq = ?", arguments: [flipped, seq])
                return value
            }
            guard case .broken(let named, _) = try await ledger.verifyAudit() else {
                Issue.record("bit \(bit) of \(column) in row \(seq) went unnoticed")
                return
            }
            #expect(named == seq)
            try await ledger.write { db in
                try db.execute(sql: "UPDATE audit SET \(column) = ? WHERE seq = ?", arguments: [verdict, seq])
            }
        }
        guard case .intact = try await ledger.verifyAudit() else {
            Issue.record("everything was put back")
            return
        }
    }

    /// One bit of a number or of bytes; of text, the lowest bits of one ASCII byte, which keeps it text. Null becomes
    /// the empty text.
    private static func flip(_ value: DatabaseValue, bit: Int, isText: Bool) -> DatabaseValue {
        switch value.storage {
        case .int64(let number): return (number ^ (1 << Int64(bit % 63))).databaseValue
        case .blob(let data):
            var bytes = Array(data)
            bytes[bit / 8 % bytes.count] ^= 1 << UInt8(bit % 8)
            return Data(bytes).databaseValue
        case .string(let text):
            var bytes = Array(text.utf8)
            guard !bytes.isEmpty else { return "x".databaseValue }
            bytes[bit / 8 % bytes.count] ^= 1 << UInt8(bit % 5)
            return String(decoding: bytes, as: UTF8.self).databaseValue
        default: return isText ? "".databaseValue : 0.databaseValue
        }
    }

    @Test func missingSwappedAndCutRowsAreNamed() async throws {
        let cases: [(String, Int64)] = [
            ("DELETE FROM audit WHERE seq = 3", 4), ("DELETE FROM audit WHERE seq = 1", 2),
            ("DELETE FROM audit WHERE seq = 6", 6), ("DELETE FROM audit", 1),
            (
                """
                UPDATE audit SET seq = 99 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 6;
                UPDATE audit SET seq = 6 WHERE seq = 99
                """, 4
            ),
            ("UPDATE audit_head SET hash = zeroblob(32)", 7), ("DELETE FROM audit_head", 7),
            // A row that was written anew with a fitting hash of its own breaks the next one.
            ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 5", 5),
        ]
        for (sql, expected) in cases {
            let ledger = try await ledger(rows: 6)
            try await tamper(ledger, sql)
            guard case .broken(seq: expected, _) = try await ledger.verifyAudit() else {
                Issue.record("\(sql): \(try await ledger.verifyAudit())")
                continue
            }
        }
    }

    @Test func aForgedRowBreaksItsSuccessor() async throws {
        let ledger = try await ledger(rows: 4)
        var forged = try await ledger.auditTrail()[2]
        forged.after = #"{"n":"9"}"#
        forged.hash = AuditChain.hash(forged)
        try await tamper(
            ledger, "UPDATE audit SET after = ?, hash = ? WHERE seq = ?",
            [forged.after, Data(forged.hash), forged.seq])
        #expect(
            try await ledger.verifyAudit()
                == .broken(seq: forged.seq + 1, why: "it does not continue the row before it"))
    }

    @Test func fieldsCannotBorrowFromEachOther() {
        func entry(_ actor: String, _ action: String, _ before: String?, _ after: String?) -> [UInt8] {
            AuditChain.hash(
                AuditEntry(
                    seq: 1, at: 1, actor: actor, action: action, subject: "s", before: before, after: after,
                    previous: AuditChain.origin, hash: []))
        }
        let hashes = [
            entry("ab", "c", nil, nil), entry("a", "bc", nil, nil), entry("ab", "c", "", nil),
            entry("ab", "c", nil, ""),
        ]
        #expect(Set(hashes).count == 4)
    }
}
