import EngagementModel
import Foundation
import HTTPTypes
import Ledger
import Testing

@testable import Delivery
@testable import Server

/// What each source may send, and what a watch sees of it.
@Suite struct SourceTests {
    private static func send(
        _ client: Client, _ key: String, _ count: Int, from first: Int = 0, padding: Int = 0
    ) async throws -> Page {
        let pad = String(repeating: "x", count: padding)
        let events = (first..<first + count).map {
            #"{"type":"track","event":"e","userId":"u","messageId":"m\#($0)","properties":{"p":"\#(pad)"}}"#
        }
        let headers: HTTPFields = [
            .contentType: "application/json", .authorization: "Basic \(Data("\(key):".utf8).base64EncodedString())",
        ]
        return try await client.send("/v1/batch", .post, headers, #"{"batch":[\#(events.joined(separator: ","))]}"#)
    }

    @Test func everySourceHasItsOwnLimits() async throws {
        var small = EventLimits()
        (small.bodyBytes, small.eventBytes, small.events, small.perSecond) = (20_000, 1000, 50, 40)
        try await Site.open(published: false, sourceLimits: ["small": small]) { site, client in
            let narrow = try await site.ledger.createKey(name: "small", scopes: [.writeEvents], by: .system).text
            let wide = try await site.ledger.createKey(name: "wide", scopes: [.writeEvents], by: .system).text
            try await site.ring.refresh()
            // Size of a body, of an event, number of events.
            #expect(try await Self.send(client, narrow, 30, padding: 900).status == 413)
            #expect(try await Self.send(client, wide, 30, padding: 900).status == 200)
            let large = try await Self.send(client, narrow, 1, from: 100, padding: 1000)
            #expect(large.status == 200 && large.text.contains("event_too_large"))
            let many = try await Self.send(client, narrow, 51, from: 200)
            #expect(many.status == 400 && many.text.contains("too_many_events"))
            // Events a second: one batch may go over, and is made up for.
            #expect(try await Self.send(client, narrow, 50, from: 300).status == 200)
            let wait = try await Self.send(client, narrow, 1, from: 400)
            #expect(wait.status == 429 && wait.text.contains("source_limited"))
            #expect(wait.headers[.retryAfter] == "1")
            #expect(try await Self.send(client, wide, 2000, from: 500).status == 200)
            site.clock.advance(seconds: 1)
            #expect(try await Self.send(client, narrow, 1, from: 400).status == 200)
        }
    }

    @Test func aWatchSeesCountsAndNobody() async throws {
        let figures: [DeliveryWorker.Figure: Int] = [
            .init(channel: .email, result: "sent"): 12, .init(channel: .sms, result: "uncertain"): 1,
        ]
        try await Site.open(
            published: false,
            change: { context in
                context.journeySteps = { 7 }
                context.mail?.figures = { figures }
            }
        ) { site, client in
            let key = try await site.ledger.createKey(name: "web", scopes: [.writeEvents], by: .system).text
            try await site.ring.refresh()
            for _ in 0..<2 { #expect(try await Self.send(client, key, 5).status == 200) }
            let headers: HTTPFields = [
                .contentType: "application/json",
                .authorization: "Basic \(Data("\(key):".utf8).base64EncodedString())",
            ]
            let bad = #"{"batch":[{"type":"track","userId":"jane@example.org"},{"type":"dance","userId":"u"}]}"#
            #expect(try await client.send("/v1/batch", .post, headers, bad).status == 200)
            try await site.ledger.moveEventReader("journeys", to: 3)
            site.clock.advance(seconds: 4)
            let text = try await site.get(client, "/metrics").text
            for line in [
                "rapport_events_total{result=\"stored\"} 5", "rapport_events_total{result=\"duplicate\"} 5",
                "rapport_events_rejected_total{reason=\"missing_event\"} 1",
                "rapport_events_rejected_total{reason=\"bad_type\"} 1", "rapport_events_waiting 0",
                "rapport_event_reader_events{reader=\"journeys\"} 2",
                "rapport_event_reader_lag_seconds{reader=\"journeys\"} 4.0", "rapport_journey_steps_total 7",
                "rapport_journey_timer_lag_seconds 0.0",
                "rapport_messages_total{channel=\"email\",result=\"sent\"} 12",
                "rapport_messages_total{channel=\"sms\",result=\"uncertain\"} 1",
            ] { #expect(text.contains(line + "\n"), "\(line)") }
            #expect(!text.contains("jane") && !text.contains("\"u\""))
            // Every family says what it is, once.
            let helps = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            #expect(Set(helps).count == helps.count)
        }
    }
}
