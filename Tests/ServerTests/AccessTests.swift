import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger
import Testing

@testable import Server

/// Who may do what: declared once more here, cell by cell, so that a slip in the code's own table shows.
struct AccessTests {
    static let everybody = Set(Role.allCases)
    static let inboxPeople: Set<Role> = [.rep, .msl, .medical, .insideSales, .service, .safety]
    static let matrix: [Operation: Set<Role>] = [
        .index: everybody,
        .signOut: everybody,
        .today: [.rep, .msl, .manager],
        .dayCalendar: [.rep, .msl, .manager],
        .accept: [.rep, .msl],
        .edit: [.rep, .msl],
        .dismiss: [.rep, .msl],
        .snooze: [.rep, .msl],
        .hcpSearch: everybody.subtracting([.admin]),
        .hcp: everybody.subtracting([.admin]),
        .hcpConsents: [.rep, .msl, .manager, .compliance], .recordConsent: [.rep, .msl],
        .consentSignature: [.rep, .msl, .manager, .compliance],
        .owner: [.manager, .owner, .marketer, .analyst, .compliance, .admin],
        .whatIf: [.owner, .marketer, .analyst],
        .catalogue: [.owner, .marketer, .analyst, .compliance, .admin],
        .contents: [.owner, .marketer, .analyst, .compliance, .admin],
        .content: [.owner, .marketer, .analyst, .compliance, .admin],
        .contentPreview: [.owner, .marketer, .analyst, .compliance],
        .contentSubmit: [.owner, .marketer], .contentSign: [.compliance], .contentReject: [.compliance],
        .contentWithdraw: [.owner, .compliance],
        .journeys: [.manager, .owner, .marketer, .analyst, .compliance],
        .journey: [.manager, .owner, .marketer, .analyst, .compliance],
        .pauseJourney: [.owner, .marketer],
        .calendar: [.manager, .owner, .marketer, .analyst, .compliance],
        .outbox: [.owner, .marketer, .compliance],
        .outboxMessage: [.owner, .marketer, .compliance],
        .outboxBody: [.owner, .marketer, .compliance],
        .settleClaim: [.owner, .compliance],
        .enableEndpoint: [.owner, .compliance],
        .insight: [.manager, .owner, .marketer, .analyst, .compliance, .safety, .admin],
        .fieldForce: [.manager, .owner, .marketer, .analyst],
        .decideMoves: [.manager, .owner],
        .identity: [.owner, .analyst, .admin],
        .settleIdentity: [.owner, .analyst, .admin],
        .inbox: inboxPeople.union([.manager, .compliance]), .inquiry: inboxPeople.union([.manager, .compliance]),
        .inquiryFile: inboxPeople.union([.manager, .compliance]),
        .cases: inboxPeople.union([.manager, .compliance]), .serviceCase: inboxPeople.union([.manager, .compliance]),
        .assignInquiry: inboxPeople, .handInquiryOver: inboxPeople, .answerInquiry: inboxPeople,
        .closeInquiry: inboxPeople, .reopenInquiry: inboxPeople, .noteInquiry: inboxPeople,
        .identifyInquiry: [.medical, .insideSales, .service, .safety], .settleSafety: [.safety],
        .openCase: [.medical, .msl, .insideSales, .service, .rep], .moveCase: [.service],
        .noteCase: [.service, .insideSales, .rep],
    ]
    static let open: Set<Operation> = [
        .live, .ready, .metrics, .asset, .signInForm, .signIn, .openAPI, .browserEventCheck, .browserIdentifyCheck,
        .browserPageCheck, .browserGroupCheck, .browserAliasCheck, .preferences, .savePreferences, .confirmForm,
        .confirmConsent, .notes, .note, .mailOpen,
        .mailClick, .unsubscribeForm, .unsubscribe, .deliveryStatus, .askForm, .ask, .questionForm, .question,
    ]
    /// Of programs: opened by keys alone (see `LiveAPITests` and `InboundAPITests`).
    static let keyed: [Operation: KeyScope] = [
        .decide: .readDecisions, .reportOutcome: .writeOutcomes, .trackBatch: .writeEvents,
        .trackIdentify: .writeEvents, .trackEvent: .writeEvents, .trackPage: .writeEvents, .trackScreen: .writeEvents,
        .trackGroup: .writeEvents, .trackAlias: .writeEvents, .browserEvent: .writeEvents,
        .browserIdentify: .writeEvents, .browserPage: .writeEvents, .browserGroup: .writeEvents,
        .browserAlias: .writeEvents, .cloudEvent: .writeEvents, .rejectedEvents: .writeEvents, .inboundMail: .writeMail,
        .takeInquiry: .writeInquiries, .portalNotes: .portalNotes, .portalNoteSeen: .portalNotes,
    ]

    @Test func everyRouteIsDeclared() async throws {
        try await Site.open(published: false) { site, _ in
            let declared = Set(Operation.allCases.map { "\($0.method.rawValue) \($0.path)" })
            #expect(site.routes == declared)
            for operation in Operation.allCases {
                let places =
                    (Self.open.contains(operation) ? 1 : 0) + (Self.matrix[operation] == nil ? 0 : 1)
                    + (Self.keyed[operation] == nil ? 0 : 1)
                #expect(places == 1, "\(operation) is undeclared")
            }
        }
    }

    @Test func everyRoleGetsWhatTheMatrixSaysAndNothingElse() async throws {
        try await Site.open { site, client in
            for (operation, allowed) in Self.matrix where operation != .signOut {
                let path = operation.path.replacing("{id}", with: operation == .hcp ? "H1" : "D1")
                for role in Role.allCases {
                    let page =
                        operation.method == .get
                        ? try await site.get(client, path, as: role)
                        : try await site.post(client, path, as: role, [("cause", "wrong_time")])
                    if allowed.contains(role) {
                        #expect(page.status != 403, "\(role) must be allowed \(operation)")
                    } else {
                        #expect(page.status == 403, "\(role) must not be allowed \(operation): \(page.status)")
                        #expect(!page.text.contains("Keller"))
                    }
                }
            }
        }
    }

    @Test func nobodyGetsInWithoutASession() async throws {
        try await Site.open { site, client in
            for operation in Self.matrix.keys {
                let path = operation.path.replacing("{id}", with: "H1")
                for cookie in ["", "rapport_session=forged", "rapport_session="] {
                    let page =
                        operation.method == .get
                        ? try await site.get(client, path, [.cookie: cookie])
                        : try await site.post(client, path, [], csrf: "x", [.cookie: cookie])
                    #expect(page.status == 303 && page.location.hasPrefix("/sign-in"), "\(operation)")
                    #expect(page.text.isEmpty)
                }
            }
        }
    }

    @Test func openRoutesTellNothingAboutPeople() async throws {
        try await Site.open { site, client in
            _ = try await site.get(client, "/hcps/H1", as: .rep)
            let live = try await site.get(client, "/livez")
            #expect(live.status == 200)
            let answer1 = try await site.get(client, "/readyz")
            #expect(answer1.status == 200)
            let metrics = try await site.get(client, "/metrics")
            #expect(
                metrics.text.contains(
                    "rapport_http_request_duration_seconds_count{route=\"/hcps/{id}\",method=\"GET\",status=\"200\"} 1")
            )
            #expect(metrics.text.contains("rapport_snapshot_open 1"))
            for word in ["Keller", "H1\"", "Uma", "rep\"", "1234567893"] { #expect(!metrics.text.contains(word)) }
        }
    }

    @Test func aRepSeesTheOwnTerritoryOnly() async throws {
        try await Site.open { site, client in
            let answer2 = try await site.get(client, "/hcps/H1", as: .rep)
            #expect(answer2.status == 200)
            let other = try await site.get(client, "/hcps/H3", as: .rep)
            let nobody = try await site.get(client, "/hcps/H99", as: .rep)
            #expect(other.status == 404)
            // Another territory's HCP and one that does not exist look the same.
            #expect(other.text == nobody.text)
            let answer3 = try await site.get(client, "/hcps/H3", as: .manager)
            #expect(answer3.status == 200)
            let answer4 = try await site.get(client, "/hcps/H3", as: .owner)
            #expect(answer4.status == 200)
            let found = try await site.get(client, "/hcps?q=rossi", as: .rep)
            #expect(found.text.contains("Nobody matches") && !found.text.contains("/hcps/H3"))
            #expect(try await site.get(client, "/hcps?q=rossi", as: .owner).text.contains("/hcps/H3"))
        }
    }

    @Test func aRepCannotActOnAnothersDecision() async throws {
        try await Site.open { site, client in
            let answer5 = try await site.post(client, "/decisions/D3/accept", as: .rep)
            #expect(answer5.status == 404)
            let answer6 = try await site.post(client, "/decisions/D2/accept", as: .rep)
            #expect(answer6.status == 404)
            let answer7 = try await site.post(client, "/decisions/nothing/accept", as: .rep)
            #expect(answer7.status == 404)
            #expect(try await site.ledger.decision("D3")?.decision.status == .planned)
        }
    }

    @Test func medicalContactsStayWithMedical() async throws {
        try await Site.open { site, client in
            let rep = try await site.get(client, "/hcps/H1", as: .rep)
            #expect(!rep.text.contains("C9") && !rep.text.contains("Otto Lang"))
            #expect(rep.text.contains("3 entries"))
            for role in [Role.msl, .compliance, .safety] {
                let page = try await site.get(client, "/hcps/H1", as: role)
                #expect(page.text.contains("C9") && page.text.contains("4 entries"), "\(role)")
            }
        }
    }

    @Test func hiddenVolumesStayOutOfTheField() async throws {
        try await Site.open { site, client in
            for role in [Role.rep, .manager, .marketer, .service] {
                let page = try await site.get(client, "/hcps/H2", as: role)
                #expect(page.text.contains("hidden by a data right"), "\(role)")
                #expect(!page.text.contains("per month"), "\(role)")
            }
            #expect(try await site.get(client, "/hcps/H2", as: .analyst).text.contains("per month"))
            #expect(try await site.get(client, "/hcps/H1", as: .rep).text.contains("per month"))
        }
    }

    @Test func formsWithoutTheirTokenAreRefused() async throws {
        try await Site.open { site, client in
            for token in ["", "forged", site.csrf(.msl)] {
                let answer8 = try await site.post(client, "/decisions/D1/accept", as: .rep, csrf: token)
                #expect(answer8.status == 403)
                let answer9 = try await site.post(client, "/sign-out", as: .rep, csrf: token)
                #expect(answer9.status == 403)
            }
            let abroad = try await site.post(
                client, "/decisions/D1/accept", as: .rep, [], csrf: nil,
                [HTTPField.Name("Sec-Fetch-Site")!: "cross-site"])
            #expect(abroad.status == 403)
            #expect(try await site.ledger.decision("D1")?.decision.status == .planned)
            #expect(try await site.ledger.session(for: site.tokens[.rep] ?? "") != nil)
        }
    }

    @Test func everyAnswerCarriesTheSecurityHeaders() async throws {
        try await Site.open { site, client in
            for path in ["/sign-in", "/nowhere", "/livez", "/hcps/H1"] {
                let page = try await site.get(client, path, as: .rep)
                let policy = page.headers[HTTPField.Name("Content-Security-Policy")!] ?? ""
                #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "\(path)")
                #expect(!policy.contains("unsafe"))
                #expect(page.headers[.contentTypeOptions] == "nosniff")
                #expect(page.headers[.cacheControl] == "no-store")
            }
        }
    }
}
