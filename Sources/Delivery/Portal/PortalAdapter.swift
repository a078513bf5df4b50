package import EngagementModel
package import Ledger

/// Puts notes into the ledger, from where the HCP's page (`/n/…`) and a company's own portal (`/v1/portal/notes`) show them.
///
/// The note and the end of its claim are one transaction: nothing is ever uncertain here, and after a crash a note that is
/// not there is put there.
package struct PortalAdapter: ChannelAdapter {
    package let channels: Set<Channel> = [.portal]
    package let isWhole = true
    private let desk: ClaimDesk
    private let now: @Sendable () -> Int64

    package init(desk: ClaimDesk, now: @escaping @Sendable () -> Int64) {
        self.desk = desk
        self.now = now
    }

    package var way: String { "portal page" }

    package func deliver(_ parcel: Parcel) async -> Handover {
        do {
            try await desk.post(parcel.ticket, parcel.content.message)
            return Handover(.sent)
        } catch {
            // The transaction failed as a whole: the note is not there.
            return Handover(
                .deferred(code: (error as? Diagnostic)?.code ?? "note_not_kept", retryAt: now() + 60_000_000))
        }
    }
}
