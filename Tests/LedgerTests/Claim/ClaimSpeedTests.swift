import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

/// `RAPPORT_BENCH=1` runs the figure at full size.
@Suite(.serialized) struct ClaimSpeedTests {
    private static let isBench = ProcessInfo.processInfo.environment["RAPPORT_BENCH"] == "1"

    /// Four workers on one ledger, each with 128 requests on their way, every claim durable when it is answered.
    @Test func claimsAreGrantedFast() async throws {
        let count = Self.isBench ? 100_000 : 4_000
        let folder = try TemporaryFolder()
        let clock = Wrist()
        let hcps = (0..<count / 2).map { "h\($0)" }
        let ledger = try await claimLedger(clock, path: folder.ledger, hcps: hcps)
        var loaded = ContactColumns()
        for (index, hcp) in hcps.enumerated() {
            for back in 0..<4 {
                let day = monday + -(10 + back * 5)
                loaded.append(
                    Contact(
                        hcpID: hcp, channel: .email, purpose: .promotional, productID: "P1", sender: "system",
                        occurredAt: Int64(day.number) * 86_400_000_000, day: day, status: .delivered),
                    interactionID: "i\(index)-\(back)")
            }
        }
        _ = try await ledger.replaceLoadedContacts(window: monday + -90...monday, loaded)
        let desk = ClaimDesk(ledger: ledger, policy: policy { $0.gaps = [] })
        let (start, before) = (ContinuousClock.now, Self.processorSeconds())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask { try await Self.work(desk, hcps, steps: worker % 2, half: worker / 2) }
            }
            try await group.waitForAll()
        }
        let seconds = (ContinuousClock.now - start) / Duration.seconds(1)
        let granted = try await ledger.claims(in: .claimed, limit: count + 1).count
        let busy = ((Self.processorSeconds() - before) * 100).rounded() / 100
        print(
            "figure: \(count) claims, 4 workers: \(Int(Double(count) / seconds)) a second, durable; processor \(busy) s"
        )
        #expect(granted == count)
    }

    /// What the whole process has used: tells a slow ledger from a busy machine.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func work(_ desk: ClaimDesk, _ hcps: [String], steps: Int, half: Int) async throws {
        let own = half == 0 ? hcps[..<(hcps.count / 2)] : hcps[(hcps.count / 2)...]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, hcp) in own.enumerated() {
                if index >= 128 { try await group.next() }
                group.addTask { _ = try await desk.claim(email(hcp, step: "s\(steps)")) }
            }
            try await group.waitForAll()
        }
    }
}
