import Delivery
import EngagementModel
import Foundation
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// The door for providers' callbacks: the signature opens it, nothing else does.
@Suite struct StatusRouteTests {
    @Test func aSignedCallbackIsHeardAndOthersAreNot() async throws {
        let signature = try WebhookSignature(
            secrets: ["whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()])
        try await Site.open(
            published: false,
            change: { context in
                let (ledger, now) = (context.ledger, context.now)
                context.mail?.statuses = StatusDesk(
                    endpoints: ["texts": signature], ledger: ledger, sink: nil, now: now)
            }
        ) { site, client in
            var strategy = Strategy()
            strategy.consent = [.sms: .notOptedOut]
            strategy.quietHours = nil
            try await site.ledger.registerRecipients([Recipient(hcpID: "h1", zone: "Europe/Berlin")])
            try await site.ledger.registerContent(
                [ContentApproval(contentID: "l", version: "1", purpose: .promotional, state: .approvedForDistribution)],
                by: .system)
            let desk = ClaimDesk(ledger: site.ledger, policy: ClaimPolicy(strategy: strategy, clockTolerance: 0))
            let outcome = try await desk.claim(
                ClaimRequest(
                    key: ClaimKey(campaign: "c", step: "s"), hcpID: "h1", channel: .sms, address: "+49 1",
                    purpose: .promotional, contentID: "l", contentVersion: "1"))
            let number = try #require(outcome.claim).number
            let permits = try await desk.beginSending([(number, "+49 1")], worker: "t")
            guard case .send(let ticket)? = permits.first else {
                Issue.record("\(permits)")
                return
            }
            try await desk.finish([(number, .uncertain(code: "lost"))])
            func post(_ body: String, endpoint: String = "texts", signed: String? = nil) async throws -> Page {
                let time = site.clock.now / 1_000_000
                let headers: HTTPFields = [
                    .contentType: "application/json", .webhookID: "m1", .webhookTimestamp: "\(time)",
                    .webhookSignature: signature.header(id: "m1", timestamp: time, body: Array((signed ?? body).utf8)),
                ]
                return try await client.send("/v1/delivery/status/\(endpoint)", .post, headers, body)
            }
            let body = #"{"type":"message.delivered","data":{"message_key":"\#(ticket.messageKey)"}}"#
            #expect(try await post(body, endpoint: "others").status == 401)
            #expect(try await post(body, signed: body + " ").status == 401)
            #expect(try await client.send("/v1/delivery/status/texts", .post, [:], body).status == 401)
            #expect(try await post("{}").status == 400)
            #expect(try await post(body.replacing(ticket.messageKey, with: "1.x")).status == 404)
            #expect(try await post(String(repeating: " ", count: 70_000)).status == 413)
            #expect(try await site.ledger.claim(number)?.state == .uncertain)
            let heard = try await post(body)
            #expect(heard.status == 200 && heard.text == #"{"noted":"sms_delivered"}"#)
            #expect(try await site.ledger.claim(number)?.state == .sent)
        }
    }
}
