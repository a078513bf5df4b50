import EngagementModel
import Foundation
package import Ledger

/// What a provider of SMS, messaging, print or audiences says later about a message: it arrived, it did not, somebody
/// answered. Signed as our own webhooks are, with the same secret (Standard Webhooks).
///
/// ```json
/// {"type": "message.delivered", "data": {"message_key": "12.0123456789abcdef"}}
/// ```
/// Types: `message.delivered`, `message.failed` (`code`, `dead`: the address takes nothing any more), `message.reply`
/// (`text`), `message.opt_out`. The same callback twice has one effect; an unknown type has none.
package struct StatusDesk: Sendable {
    package enum Fault: Error, Sendable, Hashable { case unknownEndpoint, badSignature, malformed, unknownMessage }

    private let endpoints: [String: WebhookSignature]
    private let ledger: Ledger
    private let sink: (any EventSink)?
    private let now: @Sendable () -> Int64

    /// - Parameter endpoints: signatures by the name of the endpoint.
    package init(
        endpoints: [String: WebhookSignature], ledger: Ledger, sink: (any EventSink)?,
        now: @escaping @Sendable () -> Int64
    ) {
        self.endpoints = endpoints
        self.ledger = ledger
        self.sink = sink
        self.now = now
    }

    private struct Body: Decodable {
        struct Data: Decodable {
            var message_key: String
            var code: String?
            var dead: Bool?
            var text: String?
        }
        var type: String
        var data: Data
    }

    /// - Returns: the name of what was noted; nil when the type means nothing here.
    /// - Throws: `Fault`, and what the ledger says: the provider has to say it again then.
    @discardableResult
    package func take(
        endpoint: String, id: String, timestamp: String, signature: String, body: [UInt8]
    ) async throws -> String? {
        guard let keys = endpoints[endpoint] else { throw Fault.unknownEndpoint }
        guard
            keys.accepts(id: id, timestamp: timestamp, signature: signature, body: body, now: now() / 1_000_000)
        else { throw Fault.badSignature }
        guard let said = try? JSONDecoder().decode(Body.self, from: Data(body)) else { throw Fault.malformed }
        guard let number = try await ledger.claimNumber(ofKey: said.data.message_key),
            let claim = try await ledger.claim(number)
        else { throw Fault.unknownMessage }
        guard let word = try await apply(said, to: claim) else { return nil }
        let at = now()
        var attributes = ["channel": claim.channel.rawValue, "claim": String(number)]
        attributes["content_id"] = claim.contentID
        attributes["status"] = said.data.code.map { String($0.prefix(60)) }
        let name = "\(claim.channel.rawValue)_\(word)"
        try await sink?.record([
            EngagementEvent(
                source: "delivery", messageID: "\(name):\(number)", hcpID: claim.hcpID, name: name, occurredAt: at,
                receivedAt: at, attributes: attributes)
        ])
        return name
    }

    private func apply(_ said: Body, to claim: Claim) async throws -> String? {
        let isOut = claim.state == .sent || claim.state == .uncertain
        switch said.type {
        case "message.delivered":
            if isOut { try await ledger.recordArrival(claim.number, delivered: true) }
            return "delivered"
        case "message.failed":
            let code = Self.plain(said.data.code)
            try await ledger.recordBounce(ofClaim: claim.number, code: code, suppresses: said.data.dead ?? false)
            return "bounced"
        case "message.opt_out":
            try await ledger.optOut(ofClaim: claim.number, means: .reply)
            return "unsubscribed"
        case "message.reply":
            guard StopWords.asks(said.data.text ?? "") else { return "replied" }
            try await ledger.optOut(ofClaim: claim.number, means: .reply)
            return "unsubscribed"
        default: return nil
        }
    }

    /// A provider's code as one of ours: it goes into the ledger and onto pages.
    private static func plain(_ code: String?) -> String {
        let text = (code ?? "failed").prefix(40).filter {
            $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0))
        }
        return "provider_" + (text.isEmpty ? "failed" : text)
    }
}

/// Words that end a subscription when they are the whole answer; in a sentence they may be a question about a medicine.
enum StopWords {
    private static let all: Set<String> = [
        "stop", "stopall", "quit", "end", "revoke", "opt out", "opt-out", "optout", "cancel", "unsubscribe", "remove",
        "remove me", "unsubscribe me", "abmelden", "abbestellen", "austragen", "bitte abmelden", "désabonner",
        "désinscrire", "baja", "cancelar", "disiscrivi", "annulla", "please unsubscribe", "please unsubscribe me",
        "please remove me",
    ]

    static func asks(_ text: String) -> Bool { all.contains(plain(text)) }

    private static func plain(_ text: String) -> String {
        text.lowercased().trimmingCharacters(in: CharacterSet(charactersIn: " \t\r\n.!\"'*_-"))
            .split(separator: " ").joined(separator: " ")
    }
}
