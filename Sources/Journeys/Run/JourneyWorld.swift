package import EngagementModel
import Ledger

/// What a step may ask about an HCP; answered from memory, inside of a transaction.
package protocol JourneyWorld: Sendable {
    /// An attribute of the HCP (`specialty`, `segment.cardio`, `demo_propensity`).
    func trait(_ name: String, ofHCP hcpID: String) -> String?
    /// The HCP's best moment between two times; nil = any is as good.
    func bestMoment(ofHCP hcpID: String, within span: ClosedRange<Int64>) -> Int64?
    func address(ofHCP hcpID: String, channel: Channel) -> String?
    /// The version of a content that an HCP is to be sent now; nil = there is none that may go out.
    func version(ofContent contentID: String, channel: Channel, hcpID: String, sender: String) -> String?
    /// What the decision engine holds best now; nil = no touch.
    func nextBestAction(ofHCP hcpID: String, channels: Set<Channel>, now: Int64) -> JourneyOffer?
}

/// One action that the decision engine proposes.
package struct JourneyOffer: Sendable, Hashable {
    package var channel: Channel
    package var contentID: String?
    package var productID: String?
    package var purpose: Purpose
    package var sender: String
    package var decisionID: String?

    package init(
        channel: Channel, contentID: String? = nil, productID: String? = nil, purpose: Purpose,
        sender: String = ClaimRequest.system, decisionID: String? = nil
    ) {
        self.channel = channel
        self.contentID = contentID
        self.productID = productID
        self.purpose = purpose
        self.sender = sender
        self.decisionID = decisionID
    }
}
