import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore
import Testing

@testable import Server

/// The doors for events, without a socket; the clients of the field try them in `Tests/Peers`.
@Suite struct InboundAPITests {
    struct Door: Sendable {
        let site: Site
        let client: Client
        let writer: String
        let reader: String

        static func open(_ body: (Door) async throws -> Void) async throws {
            try await Site.open(published: false) { site, client in
                let writer = try await site.ledger.createKey(name: "web", scopes: [.writeEvents], by: .system)
                let reader = try await site.ledger.createKey(name: "reader", scopes: [.readDecisions], by: .system)
                try await site.ring.refresh()
                try await body(Door(site: site, client: client, writer: writer.text, reader: reader.text))
            }
        }

        func post(
            _ path: String, _ body: String, type: String = "application/json", basic: String? = nil,
            _ more: HTTPFields = [:]
        ) async throws -> Page {
            var headers = more
            headers[.contentType] = type
            let user = Data("\(basic ?? writer):".utf8).base64EncodedString()
            if basic != "" { headers[.authorization] = "Basic \(user)" }
            return try await client.send(path, .post, headers, body)
        }

        func events() async throws -> [StoredEvent] { try await site.ledger.events(after: 0, limit: 10_000) }
    }

    static func object(_ page: Page) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(page.text.utf8)) as? [String: Any])
    }

    private func expectProblem(_ page: Page, _ status: Int, _ code: String) throws {
        #expect(page.status == status, "\(page.text)")
        #expect(page.headers[.contentType] == "application/problem+json")
        let body = try Self.object(page)
        #expect(body["code"] as? String == code && body["status"] as? Int == status)
        #expect((body["message"] as? String)?.isEmpty == false)
    }

    @Test func aBatchIsStoredAndAnsweredWithExactly200() async throws {
        try await Door.open { door in
            let body = #"""
                {"batch":[{"type":"track","event":"Paper Read","userId":"h1","messageId":"m1",
                  "timestamp":"2020-01-01T00:00:00.000Z","properties":{"content_id":"C1"},"context":{"library":{}}},
                 {"type":"identify","userId":17,"anonymousId":"v","messageId":"m2","traits":{"email":"a@b.example"}},
                 {"type":"page","anonymousId":"v","userId":null,"messageId":"m3","properties":{"topic":"x"}}],
                 "sentAt":"2020-01-01T00:00:05+00:00","writeKey":"whatever"}
                """#
            for round in 0..<2 {
                let page = try await door.post("/v1/batch", body)
                #expect(page.status == 200 && page.headers[.contentType] == "application/json")
                let answer = try Self.object(page)
                #expect(answer["success"] as? Bool == true && (answer["rejected"] as? [Any])?.isEmpty == true)
                #expect(answer["stored"] as? Int == (round == 0 ? 3 : 0))
                #expect(answer["duplicates"] as? Int == (round == 0 ? 0 : 3))
            }
            let events = try await door.events()
            #expect(events.map(\.event.name) == ["Paper Read", "identified", "page_viewed"])
            #expect(events.map(\.userID) == ["h1", "17", nil] && events.map(\.event.source) == ["web", "web", "web"])
            #expect(events[0].event.occurredAt == SnapshotFixture.now - 5_000_000)
            #expect(events[0].event.attributes == ["content_id": "C1"])
        }
    }

    @Test func oneBadEventFailsNoneOfItsNeighbours() async throws {
        try await Door.open { door in
            let bad = [
                "17", #"{"type":"track","userId":"h"}"#, #"{"userId":"h","event":"e"}"#,
                #"{"type":"buy","userId":"h","event":"e"}"#, #"{"type":"track","event":"e","userId":null}"#,
                #"{"type":"track","event":"e","userId":"","anonymousId":""}"#,
                #"{"type":"track","event":"e","userId":{}}"#,
                #"{"type":"track","event":"e","userId":"h","timestamp":"yesterday"}"#,
                #"{"type":"track","event":"e","userId":"h","messageId":"a\u0000b"}"#,
                #"{"type":"alias","userId":"h"}"#, #"{"type":"group","userId":"h"}"#,
                #"{"type":"track","event":"\#(String(repeating: "e", count: 256))","userId":"h"}"#,
            ]
            let good = #"{"type":"track","event":"e","userId":"h"}"#
            let body = "{\"batch\":[" + bad.map { good + "," + $0 }.joined(separator: ",") + "]}"
            let answer = try Self.object(try await door.post("/v1/batch", body))
            let rejected = try #require(answer["rejected"] as? [[String: Any]])
            #expect(rejected.map { $0["index"] as? Int } == bad.indices.map { 2 * $0 + 1 })
            #expect(
                rejected.map { $0["code"] as? String } == [
                    "not_an_object", "missing_event", "missing_type", "bad_type", "missing_userId", "missing_userId",
                    "bad_userId", "bad_timestamp", "bad_messageId", "missing_previousId", "missing_groupId",
                    "bad_event",
                ])
            #expect(answer["stored"] as? Int == bad.count)
            // They are kept where the source can read them.
            let page = try await door.client.send(
                "/v1/events/rejected?after=2", .get, [.authorization: "Bearer \(door.writer)"], "")
            let kept = try #require(try Self.object(page)["rejected"] as? [[String: Any]])
            #expect(kept.count == bad.count - 2 && kept[0]["event"] as? String == bad[2])
        }
    }

    @Test func whatCannotBeReadAsAWholeIsRefusedWithCodeAndMessage() async throws {
        try await Door.open { door in
            try expectProblem(try await door.post("/v1/batch", "{\"batch\":["), 400, "malformed_json")
            try expectProblem(try await door.post("/v1/batch", "[]"), 400, "malformed_json")
            try expectProblem(try await door.post("/v1/batch", "{\"batch\":{}}"), 400, "no_batch")
            try expectProblem(try await door.post("/v1/batch", "{}{}"), 400, "malformed_json")
            let many = Array(repeating: "{}", count: 2501).joined(separator: ",")
            try expectProblem(try await door.post("/v1/batch", "{\"batch\":[\(many)]}"), 400, "too_many_events")
            let large = "{\"batch\":[],\"x\":\"" + String(repeating: "x", count: 8 * 1024 * 1024) + "\"}"
            try expectProblem(try await door.post("/v1/batch", large), 413, "too_large")
            try expectProblem(try await door.post("/v1/batch", "{}", type: "text/xml"), 415, "not_json")
            try expectProblem(
                try await door.post("/v1/batch", "{}", [.contentEncoding: "br"]), 415, "unknown_encoding")
            try expectProblem(
                try await door.post("/v1/batch", "{}", [.contentEncoding: "gzip"]), 400, "malformed_gzip")
            try expectProblem(try await door.post("/v1/batch", "{}", basic: ""), 401, "no_key")
            try expectProblem(try await door.post("/v1/batch", "{}", basic: "nonsense"), 401, "bad_key")
            try expectProblem(try await door.post("/v1/batch", "{}", basic: door.reader), 403, "scope_missing")
            #expect(try await door.events().isEmpty)
        }
    }

    /// A legal Segment batch: 507,253 bytes, events of up to 32 KB.
    @Test func aFullBatchIsTaken() async throws {
        try await Door.open { door in
            let filler = String(repeating: "x", count: 32 * 1024 - 100)
            let events = (0..<15).map {
                #"{"type":"track","event":"e","userId":"h","messageId":"m\#($0)","properties":{"x":"\#(filler)"}}"#
            }
            let page = try await door.post("/v1/batch", "{\"batch\":[\(events.joined(separator: ","))]}")
            #expect(try page.status == 200 && Self.object(page)["stored"] as? Int == 15)
        }
    }

    @Test func browsersSendPlainTextWithTheKeyInTheBody() async throws {
        try await Door.open { door in
            let body =
                #"{"writeKey":"\#(door.writer)","anonymousId":"v","event":"Seen","messageId":"b1","properties":{}}"#
            let page = try await door.post("/v1/t", body, type: "text/plain", basic: "")
            #expect(page.status == 200 && page.headers[.accessControlAllowOrigin] == "*")
            let check = try await door.client.send(
                "/v1/t", .options, [.origin: "https://portal.example", .accessControlRequestMethod: "POST"], "")
            #expect(check.status == 204 && check.headers[.accessControlAllowOrigin] == "*")
            let refused = try await door.post("/v1/t", "{}", type: "text/plain", basic: "")
            #expect(refused.status == 401 && refused.headers[.accessControlAllowOrigin] == "*")
            for (path, body) in [
                ("/v1/i", #"{"userId":"h","anonymousId":"v"}"#), ("/v1/p", #"{"anonymousId":"v"}"#),
                ("/v1/g", #"{"userId":"h","groupId":"g"}"#), ("/v1/a", #"{"userId":"h","previousId":"v"}"#),
                ("/v1/identify", #"{"userId":"h"}"#), ("/v1/track", #"{"userId":"h","event":"e"}"#),
                ("/v1/page", #"{"userId":"h"}"#), ("/v1/screen", #"{"userId":"h"}"#),
                ("/v1/group", #"{"userId":"h","groupId":"g"}"#), ("/v1/alias", #"{"userId":"h","previousId":"v"}"#),
            ] {
                let page = try await door.post(path, body)
                #expect(try page.status == 200 && Self.object(page)["stored"] as? Int == 1, "\(path)")
            }
            let stored = try await door.site.ledger.events(after: 0, limit: 100)
            #expect(
                stored.map(\.kind) == [
                    .track, .identify, .page, .group, .alias, .identify, .track, .page, .screen, .group, .alias,
                ])
        }
    }

    @Test func aKeyInABodyIsNotStored() async throws {
        try await Door.open { door in
            let good = #"{"writeKey":"\#(door.writer)","anonymousId":"v","event":"Seen","properties":{"a":1}}"#
            let bad = #"{"writeKey":"\#(door.writer)","event":"Seen"}"#
            _ = try await door.post("/v1/t", good, type: "text/plain", basic: "")
            _ = try await door.post("/v1/t", bad, type: "text/plain", basic: "")
            let kept = try await door.site.ledger.rejectedEvents(of: .key("web"))
            #expect(kept.count == 1 && kept[0].event.payload.isEmpty)
            #expect(try await door.events().first?.event.attributes == ["a": "1"])
        }
    }

    @Test func nestingIsRefusedAtOnce() async throws {
        try await Door.open { door in
            for open in ["[", "{\"a\":"] {
                let deep = String(repeating: open, count: 10_000)
                try expectProblem(
                    try await door.post("/v1/batch", "{\"batch\":[{\"type\":\"track\",\"x\":\(deep)"), 400,
                    "malformed_json")
                try expectProblem(try await door.post("/v1/track", "{\"x\":\(deep)"), 400, "malformed_json")
                try expectProblem(
                    try await door.post("/v1/events", deep, type: "application/cloudevents+json"), 400,
                    "malformed_json")
            }
        }
    }
}
