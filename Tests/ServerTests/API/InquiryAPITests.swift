import EngagementModel
import Foundation
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// Inquiries from programs: JSON or a form, once each, with a key of the scope.
struct InquiryAPITests {
    private static func open(_ body: (Site, Client, _ key: String) async throws -> Void) async throws {
        try await Site.open(published: false) { site, client in
            try await site.align()
            let key = try await site.ledger.createKey(name: "portal", scopes: [.writeInquiries], by: .system)
            try await site.ring.refresh()
            try await body(site, client, key.text)
        }
    }

    private static func send(
        _ client: Client, _ key: String, _ body: String, type: String = "application/json", once: String? = nil
    ) async throws -> (status: Int, json: [String: Any]) {
        var headers: HTTPFields = [.authorization: "Bearer \(key)", .contentType: type]
        if let once { headers[HTTPField.Name("Idempotency-Key")!] = once }
        let page = try await client.send("/v1/inquiries", .post, headers, body)
        let json = try JSONSerialization.jsonObject(with: Data(page.text.utf8)) as? [String: Any]
        return (page.status, json ?? [:])
    }

    @Test func aMessageIsTakenOnce() async throws {
        try await Self.open { site, client, key in
            let body = #"{"id": "c-1", "text": "rash [adverse_event][serious]", "hcp_id": "H1", "channel": "phone"}"#
            let first = try await Self.send(client, key, body)
            #expect(first.status == 201 && first.json["status"] as? String == "opened")
            #expect(first.json["queue"] as? String == "medical" && first.json["inquiry_id"] as? String == "1")
            #expect(first.json["safety_due_at"] as? String == Timestamp.text(site.clock.now + 14_400_000_000))
            let again = try await Self.send(client, key, body)
            #expect(again.status == 200 && again.json["status"] as? String == "known")
            let other = try await Self.send(client, key, #"{"id": "c-1", "text": "something else"}"#)
            #expect(other.status == 422 && other.json["code"] as? String == "idempotency_mismatch")
            // The header stands for the id; a form says the same as JSON.
            let form = try await Self.send(
                client, key, "text=Quote+please+%5Bprice%5D&email=a%40b.example&subject=",
                type: "application/x-www-form-urlencoded",
                once: "\"k 1\"")
            #expect(form.status == 400)
            let whole = try await Self.send(
                client, key, "text=Quote+please+%5Bprice%5D&email=a%40b.example&subject=",
                type: "application/x-www-form-urlencoded",
                once: "\"k-1\"")
            #expect(whole.status == 201 && whole.json["queue"] as? String == "inside_sales")
            let rows = try await site.ledger.inquiries(InquiryFilter(), seenBy: .all).rows
            #expect(Set(rows.map(\.body)) == ["rash [adverse_event][serious]", "Quote please [price]"])
            #expect(rows.first { $0.hcpID == "H1" }?.identifiedBy == .program)
        }
    }

    @Test func whatCannotBeUsedIsSaidByItsPlace() async throws {
        try await Self.open { site, client, key in
            let cases: [(String, Int, String)] = [
                (#"{"id": "1"}"#, 422, "/text"), (#"{"text": "x"}"#, 422, "/id"),
                (#"{"id": "1", "text": "x", "channel": "pigeon"}"#, 422, "/channel"),
                (#"{"id": "1", "text": "x", "email": "a@b\u0000"}"#, 422, "/email"),
                (#"{"id": "1", "text": "x", "txt": "y"}"#, 422, "/txt"),
                (#"{"id": "1", "text": " \n "}"#, 422, "/text"),
                (#"{"id": "1", "text": "x", "about": "z"}"#, 422, "/about"),
                (#"{"id": "1", "text": 7}"#, 422, "/text"), (#"[]"#, 422, ""),
                (#"{"id": "1", "text": "x", "hcp_id": "nobody"}"#, 404, "-"), ("{", 400, ""),
                (#"{"id": "1", "text": "\#(String(repeating: "y", count: 20_001))"}"#, 422, "/text"),
            ]
            for (body, status, pointer) in cases {
                let answer = try await Self.send(client, key, body)
                #expect(answer.status == status, "\(body.prefix(60)): \(answer)")
                if pointer != "-" {
                    let errors = answer.json["errors"] as? [[String: Any]] ?? []
                    #expect(errors.contains { $0["pointer"] as? String == pointer }, "\(body.prefix(60)) \(errors)")
                }
                #expect(answer.json["code"] is String && answer.json["message"] is String)
            }
            let big = try await Self.send(client, key, String(repeating: " ", count: 140_000))
            #expect(big.status == 413)
            let text = try await Self.send(client, key, "x", type: "text/plain")
            #expect(text.status == 415)
            let none = try await Self.send(client, "rpk_1_x", #"{"id": "1", "text": "x"}"#)
            #expect(none.status == 401)
            let other = try await site.ledger.createKey(name: "o", scopes: [.writeEvents], by: .system)
            try await site.ring.refresh()
            let wrong = try await Self.send(client, other.text, #"{"id": "1", "text": "x"}"#)
            #expect(wrong.status == 403)
            let rows14 = try await site.ledger.inquiries(InquiryFilter(), seenBy: .all)
            #expect(rows14.total == 0)
        }
    }
}
