import EngagementModel
import Journeys
import Ledger
import Testing

@testable import Server

/// Journeys as pages: the graph, live counts, and the switch.
struct JourneyPageTests {
    private static let journey = JourneyDefinition(
        id: "series", title: "Webinars & more", purpose: .educational,
        entry: .init(door: .event(EventMatch("registered"))),
        goal: EventMatch("demo_requested"), start: "invite",
        nodes: [
            "invite": .init(
                .message(.init(channel: .email, contentID: "C1", patience: Span(seconds: 86_400), refused: "call")),
                next: "answer"),
            "answer": .init(
                .waitEvent(EventMatch("attended"), timeout: Span(seconds: 604_800), late: "again"), next: "split"),
            "again": .init(.wait(Span(seconds: 172_800)), next: "invite"),
            "split": .init(
                .choose([.init(.atLeast("questions", 1), node: "call")]), next: "done"),
            "call": .init(.task(kind: "follow_up", title: "Answer the questions", due: nil), next: "done"),
            "done": .init(.goal("informed")),
        ])

    @Test func everyStepLiesBelowWhatLeadsToIt() {
        let graph = JourneyGraph(Self.journey)
        #expect(Set(graph.steps.map(\.id)) == Set(Self.journey.nodes.keys))
        let layer = Dictionary(uniqueKeysWithValues: graph.steps.map { ($0.id, $0.layer) })
        for edge in graph.edges where !(edge.from == "again" && edge.to == "invite") {
            #expect((layer[edge.from] ?? 9) < (layer[edge.to] ?? -1), "\(edge)")
        }
        // No two steps share a place.
        #expect(Set(graph.steps.map { [$0.layer, $0.place] }).count == graph.steps.count)
        #expect(graph.edges.contains { $0.from == "split" && $0.words == "questions at least 1" })
        #expect(graph.edges.contains { $0.from == "invite" && $0.to == "call" && $0.words == "refused" })
    }

    @Test func mistakesInFilesAreShownWhereTheyAre() async throws {
        let fault = Diagnostic(
            "bad_span", "`<soon>` is no span", file: "journeys/news.yaml", line: 5, column: 9, remedy: "write 2d")
        try await Site.open(published: false, change: { $0.journeyFaults = { [fault] } }) { site, client in
            let page = try await site.get(client, "/journeys", as: .marketer)
            #expect(page.text.contains("journeys/news.yaml, line 5") && page.text.contains("write 2d"))
            #expect(page.text.contains("&lt;soon&gt;") && HTMLCheck(page.text).problems.isEmpty)
            let ready = try await site.get(client, "/readyz")
            #expect(ready.status == 200 && ready.text == "ready\nfiles of journeys with mistakes: 1\n")
        }
    }

    @Test func thePageShowsWhoIsWhereAndTheSwitchStopsThem() async throws {
        try await Site.open { site, client in
            let empty = try await site.get(client, "/journeys", as: .marketer)
            #expect(empty.text.contains("There is no journey yet"))
            struct World: JourneyWorld {
                func trait(_ name: String, ofHCP hcpID: String) -> String? { nil }
                func bestMoment(ofHCP hcpID: String, within span: ClosedRange<Int64>) -> Int64? { nil }
                func address(ofHCP hcpID: String, channel: Channel) -> String? { nil }
                func version(ofContent contentID: String, channel: Channel, hcpID: String, sender: String) -> String? {
                    nil
                }
                func nextBestAction(ofHCP hcpID: String, channels: Set<Channel>, now: Int64) -> JourneyOffer? { nil }
            }
            var waiting = Self.journey
            waiting.start = "answer"
            _ = try await JourneyRunner.register(waiting, in: site.ledger, by: .system)
            let policy = ClaimPolicy(strategy: SnapshotFixture.strategy)
            let runner = try await JourneyRunner(ledger: site.ledger, policy: policy, world: World())
            for hcp in ["H1", "H2"] {
                _ = try await runner.deliver([JourneyEvent(id: "r-\(hcp)", name: "registered", hcpID: hcp)])
            }
            let list = try await site.get(client, "/journeys", as: .marketer)
            #expect(list.text.contains("Webinars &amp; more") && HTMLCheck(list.text).problems.isEmpty)
            let page = try await site.get(client, "/journeys/series", as: .marketer)
            #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            #expect(page.text.contains("Wait for attended, 1 week at most") || page.text.contains("7 days at most"))
            #expect(page.text.contains(">2</text>"))
            let paused = try await site.post(client, "/journeys/series/pause", as: .marketer, [("paused", "yes")])
            #expect(paused.status == 303)
            #expect(try await site.ledger.journeyCounts("series").paused == 2)
            #expect(try await site.get(client, "/journeys/series", as: .marketer).text.contains("Resume"))
            _ = try await site.post(client, "/journeys/series/pause", as: .marketer, [("paused", "no")])
            #expect(try await site.ledger.journeyCounts("series").paused == 0)
            #expect(try await site.get(client, "/journeys/nothing", as: .marketer).status == 404)
        }
    }
}
