package import Delivery
internal import EngagementModel
package import Ledger

/// Makes the messages of claims: the approved words for the HCP, and where they go.
extension Engagement: MessageComposer {
    /// - Returns: nil when the claim can no longer be made into a message: the HCP is not known any more, or the content
    ///   that was claimed is not what would be assembled now. The claim is withdrawn then, never sent in other words.
    package func compose(_ claim: Claim) async throws -> ComposedMessage? {
        guard let (world, _) = try await current() else {
            throw Diagnostic("no_plan", "Nothing has been published yet.", remedy: "run `rapport run` first")
        }
        let people = world.book
        guard let hcp = people.number(of: claim.hcpID), let contentID = claim.contentID else { return nil }
        let rep = claim.sender == ClaimRequest.system ? nil : claim.sender
        guard
            case .success(let message) = world.contents.message(
                contentID, claim.channel, to: hcp, of: people, rep: rep, claim: claim.number, at: now()),
            message.contentVersion == claim.contentVersion
        else { return nil }
        return ComposedMessage(
            address: people.address(of: hcp, claim.channel), message: message,
            senderName: rep.flatMap { people.repNames[$0] }, replyTo: rep.flatMap { people.repEmails[$0] })
    }
}
