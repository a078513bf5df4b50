import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Synchronization
import Testing

@testable import Server

/// A desk that answers without a plan: the interface alone is tested here.
final class FixedDesk: LiveDesk {
    let asked = Mutex<[LiveRequest]>([])
    let told = Mutex<[LiveOutcome]>([])
    let failure = Mutex<Diagnostic?>(nil)

    func decide(_ request: LiveRequest) throws -> LiveAnswer {
        if let failure = failure.withLock({ $0 }) { throw failure }
        asked.withLock { $0.append(request) }
        let action = LiveAction(
            offer: 0, channel: .email, contentID: "C1", productID: "P1", purpose: .promotional, objective: "P1 scripts",
            sender: "system", value: 3.5, price: 0.5, net: 3, probability: 0.25, effect: 0.1, effectLow: 0.05,
            effectHigh: 0.2, propensity: 0.75, reasons: ["One \"quoted\" reason.", "Two\nlines.", "Three."])
        return LiveAnswer(
            decisionID: String(repeating: "a", count: 32), runID: "run-1", modelVersion: "m1", strategyVersion: "s1",
            asOf: SnapshotFixture.asOf, hcpID: "H1", arm: .engine, decidedAt: request.now, liveEvents: 0,
            isRescored: false, temperature: 0.4, explorationFloor: 0.01, noTouchPropensity: 0.25, actions: [action],
            refusals: [])
    }

    func record(_ outcome: LiveOutcome) async throws -> LiveReceipt {
        if let failure = failure.withLock({ $0 }) { throw failure }
        told.withLock { $0.append(outcome) }
        return LiveReceipt(number: 7, isDuplicate: false, isRescored: true)
    }

    func refresh() async throws {}
    func finish() async throws {}
}

@Suite struct LiveAPITests {
    /// A site with a desk and one key of each scope.
    private struct Door: Sendable {
        let site: Site
        let client: Client
        let desk: FixedDesk
        let reader: String
        let writer: String

        static func open(_ perSecond: Int? = nil, _ body: (Door) async throws -> Void) async throws {
            let desk = FixedDesk()
            try await Site.open(published: false, live: desk) { site, client in
                let reader = try await site.ledger.createKey(
                    name: "reader", scopes: [.readDecisions], perSecond: perSecond, by: .system)
                let writer = try await site.ledger.createKey(name: "writer", scopes: [.writeOutcomes], by: .system)
                try await site.ring.refresh()
                try await body(
                    Door(site: site, client: client, desk: desk, reader: reader.text, writer: writer.text))
            }
        }

        func post(
            _ path: String, _ body: String, key: String?, _ more: HTTPFields = [:], type: String = "application/json"
        ) async throws -> Page {
            var headers = more
            headers[.contentType] = type
            if let key { headers[.authorization] = "Bearer \(key)" }
            return try await client.send(path, .post, headers, body)
        }

        /// With the method of the operation.
        func ask(_ operation: Server.Operation, _ body: String, key: String?, _ more: HTTPFields = [:]) async throws
            -> Page
        {
            var headers = more
            headers[.contentType] = "application/json"
            if let key { headers[.authorization] = "Bearer \(key)" }
            return try await client.send(operation.path, operation.method, headers, body)
        }

        func decide(_ body: String) async throws -> Page { try await post("/v1/decisions", body, key: reader) }
        func report(_ body: String, _ more: HTTPFields = [:]) async throws -> Page {
            try await post("/v1/outcomes", body, key: writer, more)
        }
    }

    private static let question = #"{"hcp_id":"H1","context":{"placement":"inbound_call"},"limit":2}"#
    private static let report =
        #"{"outcome_id":"o1","hcp_id":"H1","channel":"phone","occurred_at":"2026-01-02T09:59:00+01:00","response":"engaged"}"#

    private func object(_ page: Page) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(page.text.utf8)) as? [String: Any])
    }

    private func expectProblem(_ page: Page, _ status: Int, _ code: String) throws {
        #expect(page.status == status, "\(page.text)")
        #expect(page.headers[.contentType] == "application/problem+json")
        let body = try object(page)
        #expect(body["code"] as? String == code && body["status"] as? Int == status)
        #expect((body["message"] as? String)?.isEmpty == false)
    }

    @Test func aDecisionIsAskedAndAnswered() async throws {
        try await Door.open { door in
            let page = try await door.decide(Self.question)
            #expect(page.status == 200 && page.headers[.contentType] == "application/json")
            let body = try object(page)
            let action = try #require((body["actions"] as? [[String: Any]])?.first)
            #expect(body["decision"] as? String == "touch" && body["as_of"] as? String == "2025-12-31")
            #expect(action["channel"] as? String == "email" && action["propensity"] as? Double == 0.75)
            #expect((action["reasons"] as? [String])?[0] == "One \"quoted\" reason.")
            #expect((action["reasons"] as? [String])?[1] == "Two\nlines.")
            let asked = try #require(door.desk.asked.withLock { $0 }.first)
            #expect(asked.channels == [.phone] && asked.limit == 2 && asked.now == SnapshotFixture.now)
            let npi = try await door.decide(
                #"{"npi":"1234567893","context":{"now":"2026-01-03T10:00:00Z","channel":"email","purpose":"medical"}}"#)
            #expect(npi.status == 200)
            let second = try #require(door.desk.asked.withLock { $0 }.last)
            #expect(second.identifier == .npi("1234567893") && second.purpose == .medical && second.limit == 3)
        }
    }

    @Test func anOutcomeIsReportedOnce() async throws {
        try await Door.open { door in
            let page = try await door.report(Self.report)
            #expect(page.status == 200)
            #expect(try object(page)["rescored"] as? Bool == true)
            let told = try #require(door.desk.told.withLock { $0 }.first)
            #expect(told.occurredAt == SnapshotFixture.now - 60_000_000 && told.direction == .push && told.key == 2)
            // The header stands for the name; quoted or bare.
            let bare = Self.report.replacing(#""outcome_id":"o1","#, with: "")
            for header in ["o-77", "\"o-77\""] {
                let named = try await door.report(bare, [.idempotencyKey: header])
                #expect(named.status == 200)
                #expect(door.desk.told.withLock { $0.last?.outcomeID } == "o-77")
            }
            try expectProblem(try await door.report(bare), 422, "invalid_request")
            door.desk.failure.withLock { $0 = Diagnostic("idempotency_mismatch", "Another.") }
            try expectProblem(try await door.report(Self.report), 422, "idempotency_mismatch")
        }
    }

    /// Every operation with a key × every kind of key.
    @Test func keysOpenWhatTheirScopesSay() async throws {
        try await Door.open { door in
            let revoked = try await door.site.ledger.createKey(
                name: "gone", scopes: [.readDecisions, .writeOutcomes], by: .system
            ).text
            try await door.site.ring.refresh()
            let before = try await door.post("/v1/decisions", Self.question, key: revoked)
            #expect(before.status == 200)
            try await door.site.ledger.revokeKey(name: "gone", by: .system)
            try await door.site.ring.refresh()
            let unknown = "rpk_99_" + String(repeating: "a", count: 43)
            let forged = "rpk_1_" + String(repeating: "a", count: 43)
            for (operation, scope) in AccessTests.keyed {
                let body = operation == .decide ? Self.question : Self.report
                for (key, held) in [(door.reader, KeyScope.readDecisions), (door.writer, .writeOutcomes)] {
                    let page = try await door.ask(operation, body, key: key)
                    if held == scope {
                        #expect(page.status == 200)
                    } else {
                        try expectProblem(page, 403, "scope_missing")
                    }
                }
                for key in [revoked, unknown, forged, "x", ""] {
                    let page = try await door.ask(operation, body, key: key)
                    #expect(page.status == 401 && page.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
                }
                try expectProblem(try await door.ask(operation, body, key: nil), 401, "no_key")
                // A session opens no interface of programs, whatever the role.
                for role in Role.allCases {
                    let page = try await door.ask(operation, body, key: nil, [.cookie: door.site.cookie(role)])
                    #expect(page.status == 401)
                }
            }
        }
    }

    @Test func whatIsWrongIsNamedByItsPointer() async throws {
        try await Door.open { door in
            func pointers(_ page: Page) throws -> Set<String> {
                try expectProblem(page, 422, "invalid_request")
                return Set(
                    (try object(page)["errors"] as? [[String: Any]] ?? []).compactMap { $0["pointer"] as? String })
            }
            let wrong =
                #"{"hcp_id":7,"limit":0,"colour":1,"context":{"now":"tomorrow","channel":"fax","a/b":1}}"#
            let questions: [(String, Set<String>)] = [
                ("{}", ["/hcp_id"]), (#"{"hcp_id":"H1","npi":"1"}"#, ["/hcp_id"]), ("[]", [""]),
                (wrong, ["/hcp_id", "/limit", "/colour", "/context/now", "/context/channel", "/context/a~1b"]),
            ]
            for (body, expected) in questions {
                let page = try await door.decide(body)
                #expect(try pointers(page) == expected)
            }
            let reports: [(String, Set<String>)] = [
                ("{}", ["/outcome_id", "/hcp_id", "/channel", "/occurred_at", "/response"]),
                (Self.report.replacing("2026-01-02", with: "2026-01-09"), ["/occurred_at"]),
            ]
            for (body, expected) in reports {
                let page = try await door.report(body)
                #expect(try pointers(page) == expected)
            }
        }
    }

    @Test func badBodiesAreRefusedAtOnce() async throws {
        try await Door.open { door in
            for body in ["", "{", "nonsense", #"{"hcp_id":"H1"}x"#, #"{"hcp_id":"\ud800"}"#, #"{"a":1,"a":2}"#] {
                try expectProblem(try await door.decide(body), 400, "malformed_json")
            }
            let deep = String(repeating: "[", count: 8000)
            try expectProblem(try await door.decide(deep), 400, "malformed_json")
            let large = "{\"hcp_id\":\"" + String(repeating: "a", count: 20_000) + "\"}"
            try expectProblem(try await door.decide(large), 413, "too_large")
            try expectProblem(
                try await door.post("/v1/decisions", Self.question, key: door.reader, type: "text/plain"), 415,
                "not_json")
            try expectProblem(
                try await door.report(Self.report, [.idempotencyKey: "a b"]), 400, "bad_idempotency_key")
        }
    }

    @Test func refusalsOfTheDeskHaveTheirStatus() async throws {
        try await Door.open { door in
            let expected = [
                ("unknown_hcp", 404), ("ambiguous_identifier", 409), ("plan_out_of_date", 409), ("log_full", 429),
                ("no_plan", 503), ("stopping", 503),
            ]
            for (code, status) in expected {
                door.desk.failure.withLock { $0 = Diagnostic(code, "So it is.") }
                let page = try await door.decide(Self.question)
                try expectProblem(page, status, code)
                #expect((page.headers[.retryAfter] != nil) == (status == 429 || status == 503))
            }
            door.desk.failure.withLock { $0 = Diagnostic("odd", "A secret of ours.") }
            let page = try await door.decide(Self.question)
            try expectProblem(page, 500, "internal_error")
            #expect(!page.text.contains("secret"))
        }
    }

    @Test func aKeyWithALimitIsHeldToIt() async throws {
        try await Door.open(3) { door in
            for _ in 0..<3 {
                let page = try await door.decide(Self.question)
                #expect(page.status == 200)
            }
            let over = try await door.decide(Self.question)
            try expectProblem(over, 429, "rate_limited")
            #expect(over.headers[.retryAfter] == "1")
            door.site.clock.advance(seconds: 1)
            let later = try await door.decide(Self.question)
            #expect(later.status == 200)
        }
    }

    @Test func withoutADeskTheAnswerIsNotNow() async throws {
        try await Site.open(published: false) { site, client in
            let key = try await site.ledger.createKey(name: "reader", scopes: [.readDecisions], by: .system)
            try await site.ring.refresh()
            let page = try await client.send(
                "/v1/decisions", .post, [.contentType: "application/json", .authorization: "Bearer \(key.text)"],
                Self.question)
            try expectProblem(page, 503, "no_plan")
        }
    }

    @Test func theDescriptionNamesEveryRoute() async throws {
        try await Site.open(published: false) { site, client in
            let page = try await site.get(client, "/openapi.json")
            #expect(page.status == 200)
            let document = try object(page)
            #expect(document["openapi"] as? String == "3.1.0")
            let paths = try #require(document["paths"] as? [String: [String: Any]])
            let described = Set(paths.flatMap { path, item in item.keys.map { "\($0.uppercased()) \(path)" } })
            let served = site.routes.filter { $0.contains(" /v1/") && !$0.hasPrefix("HEAD ") }
            #expect(described == served && !served.isEmpty)
            for (path, item) in paths {
                // What is read, or said by its path alone, has no body to be refused.
                let operation = try #require((item["post"] ?? item["get"]) as? [String: Any])
                let answers = try #require(operation["responses"] as? [String: Any])
                var expected = ["200", "401", "403", "429", "503"]
                if operation["requestBody"] != nil { expected += ["400", "413", "415"] }
                if ["/v1/decisions", "/v1/outcomes"].contains(path) { expected += ["404", "422"] }
                // Of providers: opened by a signature, not by a key.
                if path.hasPrefix("/v1/delivery/") { expected = ["200", "400", "401", "404", "413"] }
                for status in expected { #expect(answers[status] != nil, "\(path) \(status)") }
            }
            // Every reference leads somewhere.
            let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
            for match in page.text.matches(of: /#\/components\/schemas\/(\w+)/) {
                #expect(schemas[String(match.output.1)] != nil)
            }
        }
    }

    @Test func unknownRoutesOfProgramsAnswerAsProblems() async throws {
        try await Site.open(published: false) { site, client in
            try expectProblem(try await site.get(client, "/v1/nothing"), 404, "http_404")
        }
    }
}
