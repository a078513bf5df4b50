import EngagementModel
import Foundation
import Testing

@testable import Journeys

@Suite struct JourneyReaderTests {
    private func text(_ value: String, _ line: Int = 1) -> JourneyTree { .text(value, .init(line: line, column: 3)) }

    /// A mapping from pairs, one line each.
    private func map(_ pairs: [(String, JourneyTree)], from line: Int = 1) -> JourneyTree {
        .mapping(
            pairs.enumerated().map { .init($1.0, $1.1, .init(line: line + $0, column: 1)) },
            .init(line: line, column: 1)
        )
    }

    private func list(_ items: [JourneyTree]) -> JourneyTree { .list(items, .init()) }

    private func file(_ steps: [JourneyTree], _ more: [(String, JourneyTree)] = []) -> JourneyTree {
        map(
            [
                ("journey", text("j")), ("purpose", text("educational")),
                ("entry", map([("segment", text("s")), ("again", text("30d"))])),
            ] + more + [("steps", list(steps))])
    }

    private func codes(_ tree: JourneyTree) -> [String] { JourneyReader.read(tree, file: "j.yaml").1.map(\.code) }

    @Test func everyKindOfStepIsRead() throws {
        let tree = file(
            [
                map([
                    ("id", text("invite")),
                    ("message", map([("channel", text("email")), ("content", text("c")), ("patience", text("5d"))])),
                ]),
                map([
                    ("id", text("answer")),
                    (
                        "wait",
                        map([
                            ("for", text("registered")), ("key", text("w")), ("up to", text("7d")),
                            ("late", text("call")),
                        ])
                    ),
                ]),
                map([("wait", text("2h"))]), map([("best hour", text("1d"))]),
                map([
                    ("id", text("split")),
                    (
                        "random",
                        list([
                            map([("share", text("0.5")), ("go", text("asked"))]),
                            map([("share", text("0.5")), ("go", text("nba"))]),
                        ])
                    ),
                ]),
                map([
                    ("id", text("asked")),
                    (
                        "choose",
                        list([
                            map([
                                (
                                    "if",
                                    map([
                                        ("at least", map([("questions", text("1"))])),
                                        ("not", map([("is", map([("access", text("no_see"))]))])),
                                    ])
                                ), ("go", text("call")),
                            ])
                        ])
                    ),
                ]),
                map([
                    ("id", text("nba")),
                    (
                        "next best action",
                        map([("channels", list([text("human"), text("email")])), ("patience", text("3d"))])
                    ),
                ]),
                map([
                    ("id", text("call")), ("task", map([("title", text("Call")), ("due", text("2d"))])),
                    ("go", text("end")),
                ]),
                map([("id", text("end")), ("goal", text("informed"))]),
            ],
            [
                ("goal", map([("event", text("demo")), ("where", map([("product", text("P1"))]))])),
                ("exit", list([map([("event", text("unsubscribe"))])])),
            ])
        let (definition, diagnostics) = JourneyReader.read(tree, file: "j.yaml")
        #expect(diagnostics == [])
        let journey = try #require(definition)
        #expect(journey.start == "invite" && journey.purpose == .educational)
        #expect(journey.entry == JourneyEntry(door: .segment("s"), again: Span(seconds: 30 * 86_400)))
        #expect(journey.goal == EventMatch("demo", values: ["product": "P1"]) && journey.exits.count == 1)
        #expect(
            journey.nodes["answer"]
                == JourneyNode(
                    .waitEvent(EventMatch("registered", key: "w"), timeout: Span(seconds: 7 * 86_400), late: "call"),
                    next: "step-3"))
        #expect(journey.nodes["step-3"] == JourneyNode(.wait(Span(seconds: 7200)), next: "step-4"))
        #expect(
            journey.nodes["asked"]?.action
                == .choose([
                    .init(.all([.atLeast("questions", 1), .not(.is("access", "no_see"))]), node: "call")
                ]))
        #expect(
            journey.nodes["nba"]?.action
                == .nextBestAction(
                    channels: [.inPerson, .video, .phone, .email], patience: Span(seconds: 3 * 86_400), refused: nil))
        #expect(journey.nodes["end"] == JourneyNode(.goal("informed")))
    }

    @Test func mistakesAreNamedWithTheirPlaces() {
        let wait = map([("id", text("a")), ("wait", text("3d"))])
        #expect(codes(file([wait])) == [])
        #expect(codes(text("hello")) == ["not_a_mapping"])
        #expect(codes(map([])) == ["missing_key", "missing_key", "missing_key"])
        #expect(codes(file([map([("wait", text("soon"))])])) == ["bad_value"])
        #expect(codes(file([map([("wait", text("1d")), ("goal", text("x"))])])) == ["bad_step"])
        #expect(codes(file([map([("wait", text("1d")), ("colour", text("red"))])])) == ["unknown_key"])
        #expect(codes(file([wait, wait])) == ["duplicate_step"])
        #expect(codes(file([map([("wait", text("1d")), ("go", text("nowhere"))])])) == ["unknown_step"])
        #expect(codes(file([map([("wait", text("0d"))])])) == ["bad_wait"])
        #expect(codes(file([map([("wait", map([("for", text("e"))]))])])) == ["missing_key"])
        #expect(codes(file([map([("id", text("a")), ("wait", text("1d")), ("go", text("a"))])])) == [])
        #expect(
            codes(file([map([("id", text("a")), ("best hour", text("1d")), ("go", text("a"))])])) == ["endless_loop"])
        #expect(
            codes(file([map([("random", list([map([("share", text("-1")), ("go", text("step-1"))])]))])])).contains(
                "bad_split"))
        #expect(
            codes(file([map([("message", map([("channel", text("fax")), ("content", text("c"))]))])])) == [
                "unknown_value"
            ])
        #expect(
            codes(file([map([("choose", list([map([("if", map([])), ("go", text("step-1"))])]))])])).contains(
                "bad_condition"))
        let twice = file([wait], [("goal", map([("event", text("a"))])), ("goal", map([("event", text("b"))]))])
        #expect(codes(twice) == ["duplicate_key"])
        let (_, found) = JourneyReader.read(
            file([map([("id", text("a")), ("wait", .text("soon", .init(line: 9, column: 11)))])]), file: "j.yaml")
        #expect(found.first?.file == "j.yaml" && found.first?.line == 9 && found.first?.column == 11)
        #expect(found.first?.remedy?.isEmpty == false)
    }

    @Test func anUnreachableStepIsAWarningOnly() {
        let tree = file([
            map([("id", text("a")), ("goal", text("x"))]), map([("id", text("b")), ("goal", text("y"))]),
        ])
        let (definition, diagnostics) = JourneyReader.read(tree)
        #expect(definition != nil && diagnostics.map(\.severity) == [.warning])
    }

    /// Sets have another order in every process: the text must not, or every restart would be a new version.
    @Test func theTextOfADefinitionHasOneOrder() throws {
        let channels: Set<Channel> = [.webinar, .email, .sms, .phone, .inPerson, .emailRep, .mail, .video]
        let definition = JourneyDefinition(
            id: "j", entry: .init(door: .segment("s")), start: "a",
            nodes: [
                "a": .init(.nextBestAction(channels: channels, patience: Span(seconds: 60), refused: nil), next: "b"),
                "b": .init(.random([.init(weight: 1, node: "c"), .init(weight: 2, node: "a")])), "c": .init(.goal("g")),
            ])
        let text = try JourneyRunner.text(of: definition)
        let sorted = channels.map { "\"\($0.rawValue)\"" }.sorted().joined(separator: ",")
        #expect(text.contains("[\(sorted)]"))
        #expect(try JSONDecoder().decode(JourneyDefinition.self, from: Data(text.utf8)) == definition)
    }
}
