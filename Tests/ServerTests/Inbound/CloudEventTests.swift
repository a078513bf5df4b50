import EngagementModel
import Foundation
import HTTPTypes
import Ledger
import Testing

@testable import Server

@Suite struct CloudEventTests {
    private static func name(_ text: String) -> HTTPField.Name { HTTPField.Name(text)! }

    @Test func theThreeModesAreTriedInOrder() async throws {
        try await InboundAPITests.Door.open { door in
            let one =
                #"{"specversion":"1.0","id":"1","source":"/crm","type":"case.opened","subject":"h1","data":{"product_id":"P1"}}"#
            let structured = try await door.post("/v1/events", one, type: "application/cloudevents+json; charset=utf-8")
            #expect(structured.status == 200, "\(structured.text)")
            let batch = try await door.post(
                "/v1/events", "[\(one),{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"/crm\",\"type\":\"t\"},{}]",
                type: "application/cloudevents-batch+json")
            let answer = try InboundAPITests.object(batch)
            #expect(answer["stored"] as? Int == 1 && answer["duplicates"] as? Int == 1)
            #expect((answer["rejected"] as? [[String: Any]])?.first?["code"] as? String == "missing_specversion")
            let empty = try await door.post("/v1/events", "[]", type: "application/cloudevents-batch+json")
            #expect(empty.status == 200)
            let binary = try await door.post(
                "/v1/events", #"{"topic":"heart"}"#,
                [
                    Self.name("ce-specversion"): "1.0", Self.name("ce-id"): "3", Self.name("ce-source"): "/crm",
                    Self.name("ce-type"): "Euro%20%E2%82%AC%2525", Self.name("ce-hcpid"): "h1",
                    Self.name("ce-time"): "2019-12-31T23:00:00Z",
                ])
            #expect(binary.status == 200, "\(binary.text)")
            let events = try await door.events()
            #expect(events.map(\.event.name) == ["case.opened", "t", "Euro €%25"])
            #expect(events.map(\.userID) == ["h1", nil, "h1"] && events[2].event.attributes == ["topic": "heart"])
            #expect(events[0].event.attributes == ["product_id": "P1"])
            #expect(events[2].event.occurredAt == 1_577_833_200_000_000)
        }
    }

    @Test func whatIsNoCloudEventIsRefused() async throws {
        try await InboundAPITests.Door.open { door in
            let type = "application/cloudevents+json"
            for (body, type, status) in [
                (#"{"specversion":"0.3","id":"1","source":"s","type":"t"}"#, type, 400),
                (#"{"specversion":"1.0","id":"","source":"s","type":"t"}"#, type, 400),
                (#"{"specversion":"1.0","id":"1","source":"s","type":"t","time":"noon"}"#, type, 400),
                (#"{"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"*"}"#, type, 400),
                (#"{"specversion":"1.0","id":"1","source":"s","type":"t"} x"#, type, 400),
                ("x", "application/cloudevents+avro", 415), ("{}", "application/cloudevents-batch+json", 400),
                ("x", "text/plain", 400),
            ] {
                #expect(try await door.post("/v1/events", body, type: type).status == status, "\(body)")
            }
            #expect(try await door.events().isEmpty)
            let good = try await door.post(
                "/v1/events", #"{"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"AAEC"}"#,
                type: type)
            #expect(good.status == 200)
        }
    }

    @Test func headersAreDecodedOnce() {
        #expect(CloudEventReader.decoded("a%2520b") == "a%20b")
        #expect(CloudEventReader.decoded("%C3%A9") == "é")
        #expect(CloudEventReader.decoded(#""quoted \"x\"""#) == "quoted \"x\"")
        for bad in ["%", "%4", "%zz", "%FF"] { #expect(CloudEventReader.decoded(bad) == nil) }
    }
}
