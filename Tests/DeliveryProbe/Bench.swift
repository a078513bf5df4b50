import Cycle
import Delivery
import EngagementModel
import Foundation
import Ledger
import Logging

/// How fast a workspace's own messages leave: claimed in its ledger, put together from its approved parts for each HCP by
/// the composer that `rapport serve` uses, written as mail, signed, handed to a mail server on the loopback.
enum Bench {
    static func run(_ folder: String, port: Int, mails: Int, key: String) async throws {
        var signers: [DKIMSigner] = []
        if let colon = key.firstIndex(of: ":") {
            let text = try String(contentsOfFile: String(key[key.index(after: colon)...]), encoding: .utf8)
            signers = [try DKIMSigner(domain: "engage.example.com", selector: "bench", key: DKIMSigner.key(text))]
        }
        let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1e6) }
        let reading = Workspace.read(at: URL(fileURLWithPath: folder))
        guard let workspace = reading.workspace else { throw ValidationFailure(diagnostics: reading.diagnostics) }
        let ledger = try workspace.openLedger(now: now)
        let engagement = Engagement(workspace: workspace, ledger: ledger, desk: nil, now: now)
        // Everybody may be written to, again and again: what is measured is the way, not the policy.
        var strategy = workspace.strategy
        strategy.consent = [.email: .notOptedOut]
        (strategy.quietHours, strategy.caps, strategy.gaps, strategy.repeats) = (nil, [], [], nil)
        let desk = ClaimDesk(ledger: ledger, policy: ClaimPolicy(strategy: strategy, clockTolerance: 0))
        let worker = DeliveryWorker(
            desk: desk, adapters: [try await DeliveryProbe.adapter(ledger, port: port, signers: signers, now: now)],
            composer: engagement, name: "bench", now: now, logger: Logger(label: "probe"))
        let clock = ContinuousClock()
        var claims: [Claim] = []
        var claiming = Duration.zero
        let campaign = "bench-\(now())"
        for round in 0..<1000 where claims.count < mails {
            let known = claims.count
            var requests: [ClaimRequest] = []
            for content in ["C-P1-EN-01", "C-P1-EN-03", "C-P2-EN-01"] {
                requests += try await engagement.sendable(content, by: .email).map { reader in
                    ClaimRequest(
                        key: ClaimKey(campaign: campaign, step: "\(content)-\(round)"), hcpID: reader.hcpID,
                        channel: .email, address: reader.address, purpose: .promotional, contentID: content,
                        contentVersion: reader.version)
                }
            }
            for start in stride(from: 0, to: requests.count, by: 500) where claims.count < mails {
                let part = Array(requests[start..<min(start + 500, requests.count, start + mails - claims.count)])
                let begun = clock.now
                claims += try await desk.claim(part).compactMap(\.claim)
                claiming += clock.now - begun
            }
            guard claims.count > known else { throw Diagnostic("nobody", "No HCP of the workspace may be written to.") }
        }
        let composed = try await composing(engagement, claims, clock)
        let start = clock.now
        let report = try await worker.drain()
        let sending = clock.now - start
        await worker.close()
        DeliveryProbe.say(
            """
            {"mails":\(report.handedOver),"per_second":\(Double(report.handedOver) / seconds(claiming + sending)),\
            "per_second_sending":\(Double(report.handedOver) / seconds(sending)),"composed_per_second":\(composed)}
            """)
    }

    /// The composer alone, one message after the other.
    private static func composing(
        _ engagement: Engagement, _ claims: [Claim], _ clock: ContinuousClock
    ) async throws -> Double {
        let sample = claims.prefix(5000)
        let start = clock.now
        for claim in sample {
            guard try await engagement.compose(claim) != nil else {
                throw Diagnostic("not_composed", "A claim of the bench has no message.")
            }
        }
        return Double(sample.count) / seconds(clock.now - start)
    }

    private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
