import Delivery
import EngagementModel
import Foundation
import Ledger
import Logging

/// Puts notes on the portal, and waits to be killed before or after the transaction of the second.
enum Notes {
    private struct Stopping: ChannelAdapter {
        let inner: PortalAdapter
        let place: String
        let victim: String
        var channels: Set<Channel> { inner.channels }
        var isWhole: Bool { inner.isWhole }

        func deliver(_ parcel: Parcel) async -> Handover {
            let stops = parcel.ticket.claim.hcpID == victim
            if stops, place == "before" { stop() }
            let handover = await inner.deliver(parcel)
            if stops, place == "after" { stop() }
            return handover
        }

        private func stop() {
            DeliveryProbe.say("here")
            _ = try? FileHandle.standardInput.read(upToCount: 1)
        }
    }

    private struct Composer: MessageComposer {
        func compose(_ claim: Claim) async throws -> ComposedMessage? {
            ComposedMessage(address: nil, message: DeliveryProbe.letter)
        }
    }

    static func run(_ path: String, round: Int64, place: String) async throws {
        let at = 1_767_603_600_000_000 + round * 60_000_000
        let ledger = try Ledger.open(path: path, now: { at })
        let hcps = (0..<3).map { "r\(round)h\($0)" }
        let desk = try await DeliveryProbe.desk(ledger, hcps: hcps)
        _ = try await desk.claim(
            hcps.map {
                ClaimRequest(
                    key: ClaimKey(campaign: "probe", step: "s"), hcpID: $0, channel: .portal, purpose: .promotional,
                    contentID: "c", contentVersion: "1")
            })
        let worker = DeliveryWorker(
            desk: desk,
            adapters: [
                Stopping(inner: PortalAdapter(desk: desk, now: { at }), place: place, victim: "r\(round)h1")
            ],
            composer: Composer(), name: "probe", now: { at }, logger: Logger(label: "probe"))
        try await worker.recover()
        try await worker.drain()
        DeliveryProbe.say("done")
        await worker.close()
    }
}
