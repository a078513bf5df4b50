internal import EngagementModel
internal import Journeys
internal import Ledger
internal import Synchronization

/// The journeys' window on the product: the newest book, and the live desk for next best actions.
final class EngageWorld: JourneyWorld {
    private let held: Mutex<EngageBook>
    private let desk: (any LiveDesk)?
    private let now: @Sendable () -> Int64
    let contents: EngageContents

    init(
        _ book: EngageBook, contents: EngageContents, desk: (any LiveDesk)?, now: @escaping @Sendable () -> Int64
    ) {
        held = Mutex(book)
        self.contents = contents
        self.desk = desk
        self.now = now
    }

    var book: EngageBook { held.withLock { $0 } }

    func exchange(_ book: EngageBook) { held.withLock { $0 = book } }

    func trait(_ name: String, ofHCP hcpID: String) -> String? {
        let book = book
        return book.number(of: hcpID).flatMap { book.trait(name, of: $0) }
    }

    func bestMoment(ofHCP hcpID: String, within span: ClosedRange<Int64>) -> Int64? {
        let book = book
        return book.number(of: hcpID).flatMap { book.bestMoment(of: $0, within: span) }
    }

    func address(ofHCP hcpID: String, channel: Channel) -> String? {
        let book = book
        return book.number(of: hcpID).flatMap { book.address(of: $0, channel) }
    }

    func version(ofContent contentID: String, channel: Channel, hcpID: String, sender: String) -> String? {
        let book = book
        guard let hcp = book.number(of: hcpID) else { return nil }
        let rep = sender == ClaimRequest.system ? nil : sender
        // The version is that of the message as it would be assembled: a part that is not approved makes it none.
        switch contents.message(contentID, channel, to: hcp, of: book, rep: rep, at: now()) {
        case .success(let message): return message.contentVersion
        case .failure: return nil
        }
    }

    func nextBestAction(ofHCP hcpID: String, channels: Set<Channel>, now: Int64) -> JourneyOffer? {
        let request = LiveRequest(identifier: .hcp(hcpID), now: now, channels: channels, limit: 1)
        // No plan, or a plan that no longer answers for today: nothing is proposed, and the journey goes its other way.
        guard let answer = try? desk?.decide(request), let action = answer.actions.first else { return nil }
        return JourneyOffer(
            channel: action.channel, contentID: action.contentID, productID: action.productID,
            purpose: action.purpose, sender: action.sender, decisionID: answer.decisionID)
    }
}
