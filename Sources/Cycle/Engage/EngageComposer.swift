package import Delivery
package import EngagementModel
package import Ledger

/// Makes the messages of claims: the approved words for the HCP, and where they go.
extension Engagement: MessageComposer {
    /// - Returns: nil when the claim can no longer be made into a message: the HCP is not known any more, or the content
    ///   that was claimed is not what would be assembled now. The claim is withdrawn then, never sent in other words.
    package func compose(_ claim: Claim) async throws -> ComposedMessage? {
        guard let (world, _) = try await current() else {
            throw Diagnostic("no_plan", "Nothing has been published yet.", remedy: "run `rapport run` first")
        }
        if claim.key.campaign == ClaimKey.confirmations { return try await confirmation(claim, world) }
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

extension Engagement {
    /// HCPs for whom a content can be put together now, with the version and the address that a claim has to name.
    package func sendable(
        _ contentID: String, by channel: Channel
    ) async throws -> [(hcpID: String, version: String, address: String?)] {
        guard let (world, _) = try await current() else { return [] }
        return world.book.hcpIDs.indices.compactMap { hcp in
            let (id, address) = (world.book.hcpIDs[hcp], world.book.address(of: hcp, channel))
            guard !channel.needsAddress || address != nil,
                let version = world.version(
                    ofContent: contentID, channel: channel, hcpID: id, sender: ClaimRequest.system)
            else { return nil }
            return (id, version, address)
        }
    }
}
