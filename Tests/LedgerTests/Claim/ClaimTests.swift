import EngagementModel
import GRDB
import Testing

@testable import Ledger

@Suite struct ClaimTests {
    private func word(_ outcome: ClaimOutcome) -> String {
        switch outcome {
        case .claimed: "claimed"
        case .existing: "existing"
        case .refused(let reason, _): reason.rawValue
        }
    }

    @Test func aClaimCitesItsBasisAndCountsAtOnce() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        var request = email("h1")
        request.decisionID = "d-9"
        let claim = try #require(try await desk.claim(request).claim)
        #expect(claim.state == .claimed && claim.basis == "consent:1" && claim.contentVersion == "1")
        #expect(claim.decisionID == "d-9" && claim.day == monday)
        let window = try await ledger.contactWindow(from: monday, through: monday)
        #expect(window.hcpID == ["h1"])
        // Asking again is the same answer, another step the same day is one too soon.
        #expect(word(try await desk.claim(email("h1"))) == "existing")
        #expect(word(try await desk.claim(email("h1", step: "s2"))) == "gap_too_short")
        #expect(try await ledger.contacts(ofHCP: "h1").count == 1)
        #expect(try await ledger.refusalCounts(from: monday, through: monday) == [.email: [.gapTooShort: 1]])
        #expect(try await ledger.claimEvents(claim.number).map(\.state) == [.claimed])
    }

    @Test func theRowGoesFromClaimedToSent() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        let claim = try #require(try await desk.claim(email("h1")).claim)
        clock.set(clock.now + hour)
        let permits = try await desk.beginSending([(claim.number, "H1@example.org")], worker: "w")
        guard case .send(let ticket) = permits[0] else {
            Issue.record("\(permits)")
            return
        }
        #expect(ticket.claim.occurredAt == clock.now)
        #expect(ticket.messageID(domain: "x.org").hasPrefix("<\(claim.number)."))
        #expect(try await desk.beginSending([(claim.number, "h1@example.org")], worker: "w") == [.taken(.sending)])
        try await desk.finish([(claim.number, .deferred(code: "smtp_451"))])
        let again = try await desk.beginSending([(claim.number, "h1@example.org")], worker: "w")
        guard case .send(let second) = again[0] else {
            Issue.record("\(again)")
            return
        }
        #expect(second.messageKey == ticket.messageKey, "every attempt has the same Message-ID")
        try await desk.finish([(claim.number, .sent)])
        let stored = try #require(try await ledger.claim(claim.number))
        #expect(stored.state == .sent && stored.attempts == 2)
        #expect(try await ledger.contacts(ofHCP: "h1").map(\.status) == [.sent])
        let states = try await ledger.claimEvents(claim.number).map(\.state)
        #expect(states == [.claimed, .sending, .claimed, .sending, .sent])
        try await ledger.recordArrival(claim.number, delivered: false, code: "5.1.1")
        #expect(try await ledger.contacts(ofHCP: "h1").map(\.status) == [.bounced])
    }

    /// What cannot go now makes room for what can.
    @Test func aClaimThatMustWaitIsNotOfferedAgainAtOnce() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        let first = try #require(try await desk.claim(email("h1")).claim)
        let second = try #require(try await desk.claim(email("h2")).claim)
        func offered() async throws -> [Int64] {
            try await ledger.claimsToSend(on: [.email], at: clock.now).map(\.number)
        }
        #expect(try await offered() == [first.number, second.number])
        #expect(try await ledger.claimsToSend(on: [.sms], at: clock.now).isEmpty)
        let hold = try await ledger.placeHold(onHCP: "h1", by: .user(1))
        #expect(
            try await desk.beginSending([(first.number, "h1@example.org")], worker: "w")
                == [.notNow(.held, retryAt: nil)])
        #expect(try await offered() == [second.number])
        _ = try await desk.beginSending([(second.number, "h2@example.org")], worker: "w")
        try await desk.finish([(second.number, .deferred(code: "smtp_421", retryAt: clock.now + 2 * hour))])
        try await ledger.releaseHold(hold, by: .user(1))
        clock.set(clock.now + hour)
        #expect(try await offered() == [first.number])
        clock.set(clock.now + hour)
        #expect(try await offered() == [first.number, second.number])
    }

    /// Consent, content and rights are looked at again when the message leaves.
    @Test func whatIsWithdrawnBetweenClaimAndSendingIsNotSent() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock, hcps: ["h1", "h2", "h3", "h4", "h5"])
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        var claims: [Claim] = []
        for hcp in ["h1", "h2", "h3", "h4", "h5"] {
            claims.append(try #require(try await desk.claim(email(hcp)).claim))
        }
        try await ledger.recordConsent(optIn("h1", id: "out", .optOut, at: clock.now), by: .user(1))
        try await ledger.suppress(
            address: " H2@Example.org", channel: .email, .all, cause: .bounce, by: .system)
        try await ledger.placeHold(onHCP: "h3", until: clock.now + hour, by: .user(2))
        let permits = try await desk.beginSending(
            [
                (claims[0].number, "h1@example.org"), (claims[1].number, "h2@example.org"),
                (claims[2].number, "h3@example.org"), (claims[3].number, "other@example.org"), (999, nil),
            ], worker: "w")
        #expect(
            permits == [
                .withdrawn(.optedOut), .withdrawn(.suppressed), .notNow(.held, retryAt: clock.now + hour),
                .withdrawn(.noAddress), .unknown,
            ])
        try await ledger.registerContent([letter(.withdrawn)], by: .user(1))
        #expect(
            try await desk.beginSending([(claims[4].number, "h5@example.org")], worker: "w")
                == [.withdrawn(.contentNotApproved)])
        #expect(try await ledger.claim(claims[0].number)?.failure == "opted_out")
        // What was withdrawn does not count any more.
        #expect(try await ledger.contactWindow(from: monday, through: monday).hcpID == ["h3"])
    }

    @Test func everyRuleHasItsReason() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        func refused(_ change: (inout ClaimRequest) -> Void) async throws -> String {
            var request = email("h1")
            change(&request)
            return word(try await desk.claim(request))
        }
        #expect(try await refused { $0.hcpID = "nobody" } == "unknown_recipient")
        #expect(try await refused { $0.channel = .video } == "channel_not_allowed")
        #expect(try await refused { $0.channel = .sms } == "no_consent")
        #expect(try await refused { $0.address = " " } == "no_address")
        #expect(try await refused { $0.contentID = nil } == "content_not_approved")
        #expect(try await refused { $0.contentVersion = "2" } == "content_not_approved")
        #expect(try await refused { $0.purpose = .educational } == "purpose_firewall")
        #expect(try await refused { $0.sender = "rep-2" } == "no_sender")
        #expect(try await refused { $0.sender = "msl-1" } == "purpose_firewall")
        try await ledger.registerContent(
            [
                ContentApproval(
                    contentID: "paper", version: "1", purpose: .educational, state: .approvedForDistribution,
                    countries: ["FR"])
            ], by: .user(1))
        #expect(
            try await refused {
                $0.channel = .emailRep
                $0.purpose = .educational
                $0.contentID = "paper"
            } == "content_country")
        #expect(
            try await refused {
                $0.channel = .inPerson
                $0.contentID = nil
                $0.purpose = .educational
                $0.sender = "msl-1"
            } == "outside_territory")
        clock.set(mondayMorning + 12 * hour)  // 22:00 in Berlin
        let late = try await desk.claim(email("h1"))
        #expect(late == .refused(.quietHours, retryAt: mondayMorning + 22 * hour), "08:00 the next morning")
        #expect(
            code(of: {
                var r = email(""); r.sender = ""; return r
            }) == "claim_incomplete")
        let day = Day(microseconds: clock.now)
        #expect(try await ledger.refusalCounts(from: day, through: day)[.email]?[.noAddress] == 1)
        #expect(try await ledger.contacts(ofHCP: "h1").isEmpty)
    }

    private func code(of make: () -> ClaimRequest) -> String { make().isWhole ? "" : ClaimRequest.incomplete.code }

    /// No other way into the history: neither by the ledger's other calls nor by a statement of one's own.
    @Test func thereIsNoWayAroundTheClaim() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let message = Contact(
            hcpID: "h1", channel: .email, purpose: .promotional, occurredAt: clock.now, day: monday, status: .sent)
        #expect(await failure { try await ledger.recordContact(message, by: .user(1)) } == "claim_required")
        let claim = try #require(
            try await ClaimDesk(ledger: ledger, policy: policy()).claim(email("h1")).claim)
        let insert = """
            INSERT INTO contact (hcp_id, channel, direction, occurred_at, day, status, origin, recorded_at
            """
        for sql in [
            "\(insert)) VALUES ('h1', 'email', 'push', 1, 1, 'sent', 'rapport', 1)",
            "\(insert), claim_state) VALUES ('h1', 'email', 'push', 1, 1, 'sent', 'rapport', 1, 'sent')",
            """
            \(insert), claim_state, campaign_id, step_id, claimed_at)
            VALUES ('h1', 'email', 'push', 1, 1, 'planned', 'rapport', 1, 'claimed', 'c', 's', 1)
            """,
            "UPDATE contact SET claim_state = 'sent' WHERE claim_state IS NULL",
            "UPDATE contact SET claim_state = 'uncertain'", "UPDATE contact SET hcp_id = 'h2'",
            "UPDATE contact SET basis = 'rule'", "DELETE FROM contact", "DELETE FROM claim_event",
        ] {
            let code = await failure { try await ledger.write { db in try db.execute(sql: sql) } }
            #expect(
                code == "ledger_conflict"
                    || (code == "" && sql.hasSuffix("IS NULL")), "\(sql)")
        }
        #expect(
            await failure { try await ClaimDesk(ledger: ledger, policy: policy()).finish([(claim.number, .sent)]) }
                == "not_sending")
        #expect(try await ledger.claim(claim.number)?.state == .claimed)
    }

    @Test func afterACrashWhatWasBeingSentIsUncertain() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock, hcps: ["h1", "h2", "h3"])
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        var numbers: [Int64] = []
        for hcp in ["h1", "h2", "h3"] { numbers.append(try #require(try await desk.claim(email(hcp)).claim).number) }
        _ = try await desk.beginSending([(numbers[0], "h1@example.org")], worker: "a")
        _ = try await desk.beginSending([(numbers[1], "h2@example.org")], worker: "b")
        #expect(try await desk.recover(worker: "a") == [numbers[0]])
        #expect(try await ledger.claims(in: .uncertain).map(\.number) == [numbers[0]])
        #expect(try await ledger.claims(in: .sending).map(\.number) == [numbers[1]])
        // It still counts, and it is not sent again by itself.
        #expect(try await desk.claim(email("h1", step: "s2")).refusal == .gapTooShort)
        #expect(try await desk.beginSending([(numbers[0], "h1@example.org")], worker: "a") == [.taken(.uncertain)])
        #expect(
            await failure { try await desk.settle(numbers[0], .sendAgain, by: .system) } == "needs_a_person")
        try await desk.settle(numbers[0], .sendAgain, by: .user(1))
        #expect(try await ledger.claim(numbers[0])?.state == .claimed)
        try await desk.recover()
        try await desk.settle(numbers[1], .wasSent, by: .system)
        #expect(try await ledger.claim(numbers[1])?.state == .sent)
        #expect(await failure { try await desk.settle(numbers[1], .wasSent, by: .system) } == "not_uncertain")
    }

    @Test func anExperimentBindsTheClaim() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        try await ledger.assignArms(
            experiment: "x", campaign: "c1", [("h1", "control", true), ("h2", "warm", false)])
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        #expect(try await desk.claim(email("h1")).refusal == .experimentHoldout)
        var cold = email("h2")
        cold.arm = "cold"
        #expect(try await desk.claim(cold).refusal == .wrongArm)
        #expect(try await desk.claim(email("h1", campaign: "c2")).claim != nil)
        cold.arm = "warm"
        #expect(try await desk.claim(cold).claim != nil)
        try await ledger.endExperiment("x", by: .user(1))
        clock.set(clock.now + 48 * hour)
        #expect(try await desk.claim(email("h1")).claim != nil)
    }

    /// A visit that a rep accepted keeps its day, and its claim confirms it.
    @Test func anAcceptedVisitCountsBeforeItTakesPlace() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let plan = run("r1", asOf: monday)
        let visit = touch(plan, "h1", on: monday + 2)
        _ = try await ledger.publish(plan, decisions: [visit])
        try await ledger.act(on: visit.decisionID, by: .user(1), .accept())
        let desk = ClaimDesk(ledger: ledger, policy: policy { $0.caps[0].max = 1 })
        #expect(try await desk.claim(email("h1")).refusal == .capReached)
        var own = ClaimRequest(
            key: .decision(visit.decisionID), hcpID: "h1", channel: .inPerson, purpose: .educational,
            sender: "rep-1", decisionID: visit.decisionID, plannedAt: mondayMorning + 48 * hour)
        let claim = try #require(try await desk.claim(own).claim)
        #expect(claim.day == monday + 2 && claim.basis == "rule:not_opted_out:default")
        try await desk.finish([(claim.number, .sent)])
        own.key = ClaimKey(campaign: "c", step: "other")
        own.decisionID = nil
        #expect(try await desk.claim(own).refusal == .capReached)
    }

    @Test func safetyPassesWhereNothingElseDoes() async throws {
        let clock = Wrist(mondayMorning + 13 * hour)
        let ledger = try await claimLedger(clock)
        try await ledger.recordConsent(optIn("h1", id: "out", .optOut, at: 5), by: .user(1))
        try await ledger.suppress(address: "h1@example.org", channel: .email, .promotional, cause: .optOut, by: .system)
        try await ledger.placeHold(onHCP: "h1", by: .user(1))
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        for step in ["s1", "s2", "s3", "s4"] {
            var recall = email("h1", step: step)
            recall.purpose = .safety
            recall.contentID = nil
            recall.contentVersion = nil
            #expect(try await desk.claim(recall).claim?.basis == "service:safety:default")
        }
        #expect(try await desk.claim(email("h1", step: "s5")).refusal == .suppressed)
        try await ledger.suppress(address: "h1@example.org", channel: .email, .all, cause: .bounce, by: .system)
        var dead = email("h1", step: "s6")
        dead.purpose = .safety
        dead.contentID = nil
        #expect(try await desk.claim(dead).refusal == .suppressed)
    }

    /// An import of another system's log cannot rewrite what was claimed.
    @Test func aLoadedLogConfirmsAClaimAndChangesNothingElse() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        var request = email("h1")
        request.decisionID = "d1"
        let claim = try #require(try await desk.claim(request).claim)
        _ = try await desk.beginSending([(claim.number, "h1@example.org")], worker: "w")
        try await desk.recover()
        var rows = ContactColumns()
        rows.append(
            Contact(
                hcpID: "h9", channel: .email, purpose: .medical, decisionID: "d1", occurredAt: 5, day: monday,
                status: .delivered), interactionID: "crm-1")
        let window = monday + -30...monday
        #expect(try await ledger.replaceLoadedContacts(window: window, rows).confirmed == 1)
        #expect(try await ledger.replaceLoadedContacts(window: window, rows) == ContactLoad())
        let stored = try #require(try await ledger.claim(claim.number))
        #expect(stored.state == .sent && stored.hcpID == "h1" && stored.purpose == .promotional)
        rows.status[0] = .cancelled
        _ = try await ledger.replaceLoadedContacts(window: window, rows)
        #expect(try await ledger.contacts(ofHCP: "h1").map(\.status) == [.delivered])
    }

    @Test func oneBadRequestDoesNotFailItsNeighbours() async throws {
        let queue = ClaimQueue(limit: 100) { requests in
            if requests.contains(where: { $0.hcpID == "bad" }) { throw Diagnostic("bad", "bad") }
            return requests.map { _ in .refused(.held, retryAt: nil) }
        }
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<50 {
                group.addTask { (try? await queue.add(email(index == 25 ? "bad" : "h\(index)"))) != nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 49)
    }
}

/// The code of the diagnostic that `body` throws; the file-level helper, under a name that a suite's own cannot hide.
func failure(_ body: () async throws -> Void) async -> String { await code(body) }
