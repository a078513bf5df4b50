package import EngagementModel

/// Where a claim stands: `claimed → sending → sent | failed | uncertain`.
package enum ClaimState: String, ClosedList, Codable {
    /// Granted and counted; nothing has left.
    case claimed
    /// A worker is handing it over.
    case sending
    case sent, failed
    /// It may have gone out, or not: the connection or the process died in between. A promotional message stays so until a
    /// bounce, a query at the provider or a person settles it.
    case uncertain
}

/// One granted claim: a row of the contact history.
package struct Claim: Sendable, Hashable {
    /// Number of the ledger row.
    package var number: Int64
    package var key: ClaimKey
    package var hcpID: String
    package var channel: Channel
    package var purpose: Purpose
    package var state: ClaimState
    /// As `ClaimBasis.description` spells it.
    package var basis: String
    package var contentID: String?
    package var contentVersion: String?
    package var decisionID: String?
    package var sender: String
    package var claimedAt: Int64
    /// When it counts: the time of sending, or of the planned visit.
    package var occurredAt: Int64
    package var day: Day
    package var attempts: Int
    /// Code of the last failure.
    package var failure: String?
}

/// What became of a request.
package enum ClaimOutcome: Sendable, Hashable {
    case claimed(Claim)
    /// There is a row for this campaign, step and recipient already: the same answer as the first time.
    case existing(Claim)
    case refused(ClaimRefusal, retryAt: Int64?)

    package var claim: Claim? {
        switch self {
        case .claimed(let claim), .existing(let claim): claim
        case .refused: nil
        }
    }
    package var refusal: ClaimRefusal? {
        if case .refused(let reason, _) = self { return reason }
        return nil
    }
}

/// The right to hand one message over, once. Only the ledger makes tickets, and only for rows that it has just set to
/// `sending`: a channel adapter that asks for one cannot be used without a claim.
package struct SendTicket: Sendable, Hashable {
    package let claim: Claim
    /// Unique over every ledger and stable over every attempt; the local part of the `Message-ID`.
    package let messageKey: String

    init(claim: Claim, messageKey: String) {
        self.claim = claim
        self.messageKey = messageKey
    }

    /// `Message-ID` of the message (RFC 5322, 3.6.4): derived from the ledger row, the same at every attempt.
    package func messageID(domain: String) -> String { "<\(messageKey)@\(domain)>" }
}

/// The last look before a message leaves.
package enum SendPermit: Sendable, Hashable {
    case send(SendTicket)
    /// Only time stands in the way; the claim stays `claimed`.
    case notNow(ClaimRefusal, retryAt: Int64?)
    /// Consent, content or right were withdrawn since the claim: it is `failed` now.
    case withdrawn(ClaimRefusal)
    /// Another worker has it, or it is over.
    case taken(ClaimState)
    case unknown
}

/// What a channel reports about one hand-over.
package enum SendResult: Sendable, Hashable {
    /// Accepted by the next system.
    case sent
    /// Refused for good; `code` is machine-readable (`smtp_550`, `no_such_number`).
    case failed(code: String)
    /// Refused for now, with certainty that nothing was accepted: back to `claimed`, not to be tried before `retryAt`.
    case deferred(code: String, retryAt: Int64? = nil)
    /// The connection died after the message was handed over, or the answer was lost.
    case uncertain(code: String)
}

/// How an uncertain claim is settled.
package enum Settlement: Sendable, Hashable {
    case wasSent, wasNotSent(code: String)
    /// Send it again: nobody knows whether it arrived. Only a person may say so of a promotional message.
    case sendAgain
}

package struct ClaimEvent: Sendable, Hashable {
    package var state: ClaimState
    package var at: Int64
    package var actor: String
    package var cause: String?
}
