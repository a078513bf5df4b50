import EngagementModel
import GRDB
import Testing

@testable import Ledger

/// Review of versions: states, all approvers, signatures, and what the send gate is told with each step.
@Suite struct ReviewTests {
    static let password = "correct horse battery"

    struct Desk {
        let clock = TestClock()
        let ledger: Ledger
        var people: [ReviewDiscipline: User] = [:]
        let author: User

        init() async throws {
            ledger = try memoryLedger(clock)
            author = try await ledger.createUser(
                login: "author", name: "Ada Author", role: .marketer, password: password)
            for discipline in ReviewDiscipline.allCases {
                let user = try await ledger.createUser(
                    login: discipline.rawValue, name: "Dr \(discipline.title)", role: .compliance, password: password)
                try await ledger.setApprover(discipline, user, granted: true, by: .system)
                people[discipline] = user
            }
        }

        func sign(
            _ versions: [PartVersion], _ discipline: ReviewDiscipline, _ meaning: SignatureMeaning,
            expires: Day? = nil, login: String? = nil, password: String = password, session: String? = nil,
            by user: User? = nil
        ) async throws -> [PartVersion: MLRState] {
            let user = user ?? people[discipline]!
            return try await ledger.signParts(
                versions, as: discipline, meaning, expires: expires,
                with: SigningCredentials(login: login ?? user.login, password: password, session: session), by: user)
        }

        func release(_ versions: [PartVersion], expires: Day? = nil) async throws {
            try await ledger.submitParts(versions, by: author.principal)
            for discipline in ReviewDiscipline.allCases { _ = try await sign(versions, discipline, .approve) }
            _ = try await sign(versions, .regulatory, .release, expires: expires)
        }

        func gate(_ message: PartVersion, _ suffix: String = "") async throws -> ContentApproval? {
            try await ledger.read { db in
                try ContentApproval.read(db, message.key.id, message.version + suffix)
            }
        }

        func code(_ body: () async throws -> Void) async -> String {
            do {
                try await body()
                return "done"
            } catch let diagnostic as Diagnostic { return diagnostic.code } catch { return "\(error)" }
        }
    }

    static func digest(_ seed: Int) -> String { String(repeating: "0", count: 56) + String(seed + 10_000_000) }

    let claim = PartVersion(PartKey(.claim, "CL", "en"), version: "1", digest: digest(1))
    let message = PartVersion(PartKey(.message, "M", "en"), version: "1", digest: digest(2))

    func registered(_ desk: Desk, countries: Set<String>? = ["US"], uses: [PartVersion]? = nil) async throws {
        try await desk.ledger.registerParts(
            [
                ReviewPart(claim, title: "Claim", body: "words", expires: monday + 100),
                ReviewPart(message, title: "Message", body: "all words"),
            ],
            messages: [
                ReviewMessage(
                    message, purpose: .promotional, channels: [.email], countries: countries, standsIn: ["it"],
                    uses: uses ?? [claim])
            ])
    }

    @Test func theMachineHasOneWayThrough() {
        // Every state and action, against the table of the contract.
        var found: [String] = []
        let actions: [(String, ReviewAction)] = [
            ("submit", .submit), ("approve", .sign(.medical, .approve)), ("release", .sign(.legal, .release)),
            ("reject", .reject), ("withdraw", .withdraw), ("expire", .expire), ("supersede", .supersede),
        ]
        for state in MLRState.allCases {
            for (name, action) in actions {
                var machine = ReviewMachine(state: state, approved: state == .inReview ? [.legal, .regulatory] : [])
                if let next = machine.apply(action) { found.append("\(state.rawValue) \(name) \(next.rawValue)") }
            }
        }
        #expect(
            found == [
                "draft submit in_review", "in_review approve approved_for_production", "in_review reject draft",
                "in_review withdraw withdrawn", "in_review supersede superseded",
                "approved_for_production release approved_for_distribution", "approved_for_production reject draft",
                "approved_for_production withdraw withdrawn", "approved_for_production expire expired",
                "approved_for_production supersede superseded", "approved_for_distribution withdraw withdrawn",
                "approved_for_distribution expire expired", "approved_for_distribution supersede superseded",
                "expired submit in_review", "expired withdraw withdrawn", "expired supersede superseded",
            ])
        var twice = ReviewMachine(state: .inReview, approved: [.medical])
        #expect(twice.apply(.sign(.medical, .approve)) == nil)
        #expect(twice.apply(.sign(.legal, .approve)) == .inReview)
        #expect(twice.apply(.sign(.regulatory, .approve)) == .approvedForProduction)
    }

    @Test func allThreeAgreeThenItIsReleasedAndTheGateOpens() async throws {
        let desk = try await Desk()
        try await registered(desk)
        let both = [claim, message]
        #expect(try await desk.gate(message) == nil)
        try await desk.ledger.submitParts(both, by: desk.author.principal)
        #expect(try await desk.gate(message)?.state == .inReview)
        for discipline in [ReviewDiscipline.medical, .legal] {
            let states = try await desk.sign(both, discipline, .approve)
            #expect(states == [claim: .inReview, message: .inReview])
        }
        #expect(await desk.code { _ = try await desk.sign(both, .regulatory, .release) } == "nothing_to_review")
        _ = try await desk.sign(both, .regulatory, .approve)
        #expect(try await desk.gate(message)?.state == .approvedForProduction)
        _ = try await desk.sign([message], .regulatory, .release, expires: monday + 50)
        #expect(try await desk.gate(message)?.state == .approvedForProduction, "its claim is not released")
        _ = try await desk.sign([claim], .medical, .release)
        let gate = try #require(try await desk.gate(message))
        #expect(gate.state == .approvedForDistribution && gate.countries == ["US"] && gate.language == "en")
        #expect(gate.expiresOn == monday + 50 && gate.approvedOn == Day(microseconds: desk.clock.now))
        let italian = try #require(try await desk.gate(message, "~it"))
        #expect(italian.language == "it" && italian.state == .approvedForDistribution)
        let standings = try await desk.ledger.partStandings()
        #expect(standings[message]?.state == .approvedForDistribution && standings[message]?.expiresOn == monday + 50)
        guard case .intact = try await desk.ledger.verifyAudit() else {
            Issue.record("the trail is broken")
            return
        }
    }

    @Test func signaturesCarryNameTimeMeaningAndTheWords() async throws {
        let desk = try await Desk()
        try await registered(desk)
        try await desk.release([claim, message])
        let review = try #require(try await desk.ledger.partReview(message))
        #expect(review.signatures.map(\.printedName) == ["Dr Medical", "Dr Legal", "Dr Regulatory", "Dr Regulatory"])
        #expect(review.signatures.allSatisfy { $0.digest == message.digest && $0.signedAt == desk.clock.now })
        #expect(review.signatures.map(\.meaning) == [.approve, .approve, .approve, .release])
        #expect(review.signatures.allSatisfy { $0.components == 2 }, "without a session every signature is a first one")
        #expect(review.body == "all words")
        #expect(review.events.map(\.action).first == "submitted" && review.events.count == 5)
        // Whatever program writes: a signature under other words, a changed or a lost one, and a state by hand.
        for sql in [
            "UPDATE content_signature SET printed_name = 'x'", "DELETE FROM content_signature",
            "UPDATE content_part SET body = 'other words'", "DELETE FROM content_part", "DELETE FROM content_event",
            "UPDATE content_event SET cause = 'x'", "UPDATE content_part SET state = 'draft'",
            """
            INSERT INTO content_signature (part_no, round, discipline, meaning, actor, printed_name, signed_at, digest,
                components) VALUES (1, 2, 'legal', 'approve', 'user:9', 'X', 1, 'y', 2)
            """,
        ] {
            await #expect(throws: Diagnostic.self, "\(sql)") {
                try await desk.ledger.write { db in try db.execute(sql: sql) }
            }
        }
    }

    @Test func noStateIsReachedByHand() async throws {
        let desk = try await Desk()
        try await registered(desk)
        try await desk.ledger.submitParts([claim], by: desk.author.principal)
        _ = try await desk.sign([claim], .medical, .approve)
        _ = try await desk.sign([claim], .legal, .approve)
        for state in ["approved_for_production", "approved_for_distribution"] {
            await #expect(throws: Diagnostic.self) {
                try await desk.ledger.write { db in
                    try db.execute(sql: "UPDATE content_part SET state = ? WHERE part_id = 'CL'", arguments: [state])
                }
            }
        }
        _ = try await desk.sign([claim], .regulatory, .approve)
        await #expect(throws: Diagnostic.self) {
            try await desk.ledger.write { db in
                try db.execute(sql: "UPDATE content_part SET state = 'approved_for_distribution' WHERE part_id = 'CL'")
            }
        }
    }

    @Test func twoComponentsAtFirstThenOne() async throws {
        let desk = try await Desk()
        try await registered(desk)
        try await desk.ledger.submitParts([claim, message], by: desk.author.principal)
        let medical = desk.people[.medical]!
        let session = "token-1"
        func sign(_ part: PartVersion, login: String?, password: String = Self.password, session: String? = session)
            async throws
        {
            _ = try await desk.ledger.signParts(
                [part], as: .medical, .approve,
                with: SigningCredentials(login: login, password: password, session: session), by: medical)
        }
        #expect(await desk.code { try await sign(claim, login: nil) } == "identification_needed")
        #expect(await desk.code { try await sign(claim, login: "legal") } == "signature_refused")
        #expect(
            await desk.code { try await sign(claim, login: "medical", password: "wrong password") }
                == "signature_refused")
        #expect(try await desk.ledger.partReview(claim)?.signatures.isEmpty == true)
        #expect(await desk.code { try await sign(claim, login: " Medical ") } == "done")
        #expect(await desk.code { try await sign(message, login: nil, session: "token-2") } == "identification_needed")
        #expect(
            await desk.code { try await sign(message, login: nil, password: "wrong password") } == "signature_refused")
        desk.clock.advance(seconds: 29 * 60)
        #expect(await desk.code { try await sign(message, login: nil) } == "done")
        #expect(try await desk.ledger.partReview(message)?.signatures.map(\.components) == [1])
        #expect(try await desk.ledger.partReview(claim)?.signatures.map(\.components) == [2])
        desk.clock.advance(seconds: 31 * 60)
        #expect(try await desk.ledger.needsIdentification(session: session))
    }

    @Test func oneHatForEachHead() async throws {
        let desk = try await Desk()
        try await registered(desk)
        let medical = desk.people[.medical]!
        #expect(await desk.code { _ = try await desk.sign([claim], .medical, .approve) } == "nothing_to_review")
        try await desk.ledger.submitParts([claim], by: medical.principal)
        #expect(await desk.code { _ = try await desk.sign([claim], .medical, .approve) } == "own_submission")
        try await desk.ledger.submitParts([message], by: desk.author.principal)
        #expect(
            await desk.code { _ = try await desk.sign([message], .legal, .approve, by: medical) } == "not_an_approver")
        try await desk.ledger.setApprover(.legal, medical, granted: true, by: .system)
        #expect(await desk.code { _ = try await desk.sign([message], .legal, .approve, by: medical) } == "done")
        #expect(await desk.code { _ = try await desk.sign([message], .medical, .approve) } == "second_hat")
        try await desk.ledger.setApprover(.legal, medical, granted: false, by: .system)
        #expect(try await desk.ledger.disciplines(of: medical) == [.medical])
    }

    @Test func rejectionBeginsANewRound() async throws {
        let desk = try await Desk()
        try await registered(desk)
        try await desk.ledger.submitParts([claim], by: desk.author.principal)
        _ = try await desk.sign([claim], .medical, .approve)
        let legal = desk.people[.legal]!
        #expect(
            await desk.code { try await desk.ledger.rejectParts([claim], cause: " ", by: legal) } == "cause_missing")
        #expect(
            await desk.code { try await desk.ledger.rejectParts([claim], cause: "x", by: desk.author) }
                == "not_an_approver")
        try await desk.ledger.rejectParts([claim], cause: "The study does not say so.", by: legal)
        let review = try #require(try await desk.ledger.partReview(claim))
        #expect(review.standing.state == .draft && review.events.last?.cause == "The study does not say so.")
        try await desk.ledger.submitParts([claim], by: desk.author.principal)
        let again = try #require(try await desk.ledger.partReview(claim))
        #expect(again.round == 2 && again.approved.isEmpty && again.signatures.count == 1)
        #expect(
            await desk.code { try await desk.ledger.rejectParts([message], cause: "x", by: legal) } == "review_state")
    }

    @Test func withdrawalExpiryAndANewVersionShutTheGateAtOnce() async throws {
        for end in ["withdraw", "expire", "newer", "country", "reused"] {
            let desk = try await Desk()
            try await registered(desk)
            try await desk.release([claim, message])
            #expect(try await desk.gate(message)?.state == .approvedForDistribution)
            switch end {
            case "withdraw":
                try await desk.ledger.withdrawParts([claim], cause: "Signal.", by: desk.author.principal)
                #expect(try await desk.gate(message)?.state == .withdrawn)
                #expect(
                    await desk.code { try await desk.ledger.submitParts([claim], by: .system) } == "nothing_to_review")
            case "expire":
                #expect(try await desk.ledger.expireParts(on: monday + 100) == [])
                #expect(try await desk.ledger.expireParts(on: monday + 101) == [claim])
                #expect(try await desk.gate(message)?.state == .expired)
            case "newer":
                let newer = PartVersion(claim.key, version: "2", digest: Self.digest(3))
                try await desk.ledger.registerParts([ReviewPart(newer, title: "Claim", body: "new")], messages: [])
                #expect(try await desk.gate(message)?.state == .approvedForDistribution, "a draft ends nothing")
                try await desk.release([newer])
                #expect(try await desk.gate(message)?.state == .superseded)
                #expect(
                    try await desk.ledger.partHistory(claim.key).map(\.standing.state) == [
                        .approvedForDistribution, .superseded,
                    ])
            case "country":
                try await registered(desk, countries: nil)
                #expect(try await desk.gate(message)?.state == .draft, "no country is left")
            default:
                let other = PartVersion(claim.key, version: "1", digest: Self.digest(4))
                let reused = try await desk.ledger.registerParts(
                    [ReviewPart(other, title: "Claim", body: "other words")], messages: [])
                #expect(reused == [other])
                try await registered(desk, uses: [claim, other])
                #expect(try await desk.gate(message)?.state == .draft, "words changed under the same version")
            }
            #expect(try await desk.gate(message, "~it")?.state == desk.gate(message)?.state)
        }
    }

    @Test func theClaimSeesAWithdrawalAtOnce() async throws {
        let desk = try await Desk()
        try await registered(desk)
        try await desk.release([claim, message])
        var content = try #require(try await desk.gate(message))
        #expect(content.state.isSendable)
        try await desk.ledger.withdrawParts([message], cause: "Signal.", by: desk.author.principal)
        content = try #require(try await desk.gate(message))
        #expect(!content.state.isSendable)
    }

    @Test func aFileTakesTheDoorFromASourceOfTheSameId() async throws {
        let desk = try await Desk()
        try await desk.ledger.registerContent(
            [ContentApproval(contentID: "M", version: "s7", purpose: .promotional, state: .approvedForDistribution)],
            by: .system)
        try await registered(desk)
        let old = PartVersion(message.key, version: "s7", digest: "")
        #expect(try await desk.gate(old)?.state == .superseded)
        #expect(try await desk.ledger.authoredContents() == ["M"])
    }

    @Test func approvalsOfAnotherSystemNameIt() async throws {
        let desk = try await Desk()
        try await registered(desk)
        let names: [ReviewDiscipline: String] = [.medical: "A", .legal: "B", .regulatory: "C"]
        let outside = [claim, message].map {
            OutsideApproval($0, names: names, approvedOn: monday - 9, expiresOn: monday + 9, reference: "VV-1")
        }
        let missing = OutsideApproval(
            claim, names: [.medical: "A"], approvedOn: monday, expiresOn: nil, reference: "VV-2")
        #expect(await desk.code { try await desk.ledger.importApprovals([missing], by: .system) } == "approver_missing")
        #expect(try await desk.ledger.partReview(claim)?.events.isEmpty == true, "all or nothing")
        #expect(try await desk.ledger.importApprovals(outside, by: .user(7)).count == 2)
        #expect(try await desk.ledger.importApprovals(outside, by: .user(7)).isEmpty, "once is enough")
        let gate = try #require(try await desk.gate(message))
        #expect(gate.state == .approvedForDistribution && gate.approvedOn == monday - 9 && gate.expiresOn == monday + 9)
        let signature = try #require(try await desk.ledger.partReview(message)?.signatures.first)
        #expect(signature.printedName == "A" && signature.reference == "VV-1" && signature.components == 0)
        #expect(signature.actor == "user:7")
    }
}
