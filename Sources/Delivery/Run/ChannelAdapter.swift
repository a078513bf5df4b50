package import EngagementModel
package import Ledger

/// A way out: hands parcels over, and says with certainty or without what became of each.
///
/// `deliver` must answer `uncertain` when the other side may have taken the message; `deferred` only when it certainly has
/// not. It takes a `Parcel`, which holds a ticket, and tickets come from the ledger alone.
package protocol ChannelAdapter: Sendable {
    var channels: Set<Channel> { get }
    /// How a person calls it: `smtp mail.example.com:587`, `webhook texts`, `sandbox`.
    var way: String { get }
    /// Whether a hand-over and the end of its claim are one transaction of the ledger: a crash leaves no doubt then.
    var isWhole: Bool { get }
    /// Until when a message of this kind must wait (microseconds since 1970); nil = it may go, and has its place in the
    /// pace. Asked before the claim is begun, so that waiting costs no attempt.
    func pause(before content: ComposedMessage) -> Int64?
    func deliver(_ parcel: Parcel) async -> Handover
    /// Takes somebody out of an audience that the way has been given: `sent` once the other side knows.
    func remove(_ member: AudienceMember) async -> Handover
    /// Looks at what may have changed since the last round: a receiver that a person switched on.
    func refresh() async throws
    /// Lets go of connections; nothing is under way any more.
    func close() async
}

extension ChannelAdapter {
    package var way: String { "other" }
    package var isWhole: Bool { false }
    package func remove(_ member: AudienceMember) async -> Handover { Handover(.failed(code: "no_audiences")) }
    package func pause(before content: ComposedMessage) -> Int64? { nil }
    package func refresh() async throws {}
    package func close() async {}
}

/// What an adapter reports.
package struct Handover: Sendable, Hashable {
    package var result: SendResult
    /// The address takes no message at all: it goes onto the suppression list.
    package var suppresses: Bool

    package init(_ result: SendResult, suppresses: Bool = false) {
        self.result = result
        self.suppresses = suppresses
    }
}

/// Makes messages of claims: the approved words for this HCP, and where they go.
package protocol MessageComposer: Sendable {
    /// - Returns: nil when the claim can no longer be made into a message: it is withdrawn then.
    /// - Throws: when it cannot be told now; the claim waits.
    func compose(_ claim: Claim) async throws -> ComposedMessage?
}
