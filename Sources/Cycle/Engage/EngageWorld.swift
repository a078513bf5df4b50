internal import EngagementModel
internal import Journeys
internal import Ledger
internal import Synchronization

/// The journeys' window on the product: the newest book, and the live desk for next best actions.
final class EngageWorld: JourneyWorld {
    private let held: Mutex<EngageBook>
    private let desk: (any LiveDesk)?

    init(_ book: EngageBook, desk: (any LiveDesk)?) {
        held = Mutex(book)
        self.desk = desk
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

    func version(ofContent contentID: String) -> String? { book.version(of: contentID) }

    func nextBestAction(ofHCP hcpID: String, channels: Set<Channel>, now: Int64) -> JourneyOffer? {
        let request = LiveRequest(identifier: .hcp(hcpID), now: now, channels: channels, limit: 1)
        // No plan, or a plan that no longer answers for today: nothing is proposed, and the journey goes its other way.
        guard let answer = try? desk?.decide(request), let action = answer.actions.first else { return nil }
        return JourneyOffer(
            channel: action.channel, contentID: action.contentID, productID: action.productID,
            purpose: action.purpose, sender: action.sender, decisionID: answer.decisionID)
    }
}
