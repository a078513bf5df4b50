import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Journeys
@testable import Ledger

/// A process of its own runs journeys and hands messages over; it is killed with SIGKILL at moments that it does not
/// choose, again and again, until every HCP is at the end.
@Suite struct JourneyCrashTests {
    private static let hcps = 40
    private static let kills = 30

    @Test func everyStepHasExactlyOneEffectInSpiteOfKillNine() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("crash-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/ledger.sqlite"
        var random = Seeded(11)
        var handedOver: [String] = []
        for round in 0..<Self.kills {
            handedOver += try await run(
                path, round: round, killAfter: Int.random(in: 1...14, using: &random),
                microseconds: Int.random(in: 0..<4_000, using: &random))
        }
        handedOver += try await run(path, round: Self.kills, killAfter: nil, microseconds: 0)
        #expect(handedOver.count > Self.hcps)
        // No promotional message left the process twice.
        #expect(Set(handedOver).count == handedOver.count)
        let ledger = try Ledger.open(path: path, now: Clock().read)
        try await ledger.checkIntegrity()
        let counts = try await ledger.journeyCounts("j")
        #expect(counts.ended == [1: ["goal:g": Self.hcps]] && counts.present == [:])
        let (claims, tasks, odd) = try await ledger.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM contact") ?? 0,
                try Int.fetchOne(db, sql: "SELECT count(*) FROM rep_task") ?? 0,
                try Int.fetchOne(
                    db,
                    sql: """
                        SELECT count(*) FROM contact c WHERE claim_state NOT IN ('sent', 'uncertain')
                            OR basis IS NULL OR (SELECT count(*) FROM journey_step s WHERE s.contact_no = c.contact_no)
                            <> 1
                        """) ?? 0
            )
        }
        #expect(claims == 3 * Self.hcps && tasks == Self.hcps && odd == 0)
        // What was handed over is known as sent or as uncertain; nothing is lost silently.
        let known = Set(
            try await (ledger.claims(in: .sent, limit: 999) + ledger.claims(in: .uncertain, limit: 999)).map {
                "sent \($0.number)"
            })
        #expect(known.count == 3 * Self.hcps && known.isSuperset(of: handedOver))
        let steps = try await ledger.read { db in
            try Int.fetchAll(db, sql: "SELECT count(*) FROM journey_step GROUP BY instance_no")
        }
        #expect(steps == [Int](repeating: 7, count: Self.hcps))
    }

    /// Runs the probe until it has said so many lines and some time more, or to its end; what it handed over.
    private func run(_ path: String, round: Int, killAfter: Int?, microseconds: Int) async throws -> [String] {
        let probe = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("JourneyCrashProbe")
        let (process, said, go) = (Process(), Pipe(), Pipe())
        process.executableURL = probe
        process.arguments = [path, "\(Self.hcps)", "\(round)"]
        process.standardOutput = said
        process.standardInput = go
        try process.run()
        var text = Data()
        var answered = 0
        while true {
            let piece = said.fileHandleForReading.availableData
            if piece.isEmpty { break }
            text += piece
            for _ in 0..<piece.count(where: { $0 == 10 }) {
                answered += 1
                try go.fileHandleForWriting.write(contentsOf: [1])
            }
            guard let killAfter, answered >= killAfter else { continue }
            // Not a wait for something: it moves the kill to another moment of the next transaction.
            try await Task.sleep(for: .microseconds(microseconds))
            kill(process.processIdentifier, SIGKILL)
            text += try said.fileHandleForReading.readToEnd() ?? Data()
            break
        }
        process.waitUntilExit()
        #expect((process.terminationReason == .uncaughtSignal) == (killAfter != nil))
        let whole = text.lastIndex(of: 10).map { text[...$0] } ?? Data()
        return String(decoding: whole, as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("sent ") }
    }
}
