import EngagementModel
import Testing

@testable import Ledger

@Suite struct ContactTests {
    private let window = monday + -30...monday

    private func contact(
        _ hcp: String, _ day: Day, _ channel: Channel = .email, status: TouchStatus = .delivered,
        direction: Direction = .push, decisionID: String? = nil
    ) -> Contact {
        Contact(
            hcpID: hcp, channel: channel, direction: direction, purpose: .promotional, productID: "P1",
            contentID: "c-1", campaignID: "k-1", sender: "rep-1", decisionID: decisionID,
            occurredAt: Int64(day.number) * 86_400_000_000 + 7, day: day, status: status)
    }

    private func columns(_ rows: [(String, Contact)]) -> ContactColumns {
        var columns = ContactColumns()
        for (id, row) in rows { columns.append(row, interactionID: id) }
        return columns
    }

    @Test func loadingTheSameTouchesAgainWritesNothing() async throws {
        let ledger = try memoryLedger()
        let rows = columns((0..<50).map { ("i\($0)", contact("h\($0 % 7)", monday + -($0 % 20))) })
        #expect(try await ledger.replaceLoadedContacts(window: window, rows) == ContactLoad(inserted: 50))
        let trail = try await ledger.auditTrail()
        #expect(try await ledger.replaceLoadedContacts(window: window, rows) == ContactLoad())
        #expect(try await ledger.auditTrail() == trail)
        #expect(try await ledger.contacts(ofHCP: "h0").count == 8)
    }

    @Test func changedTouchesAreUpdatedAndGoneOnesRemoved() async throws {
        let ledger = try memoryLedger()
        _ = try await ledger.replaceLoadedContacts(
            window: window,
            columns([
                ("a", contact("h1", monday, status: .sent)), ("b", contact("h1", monday + -1)),
                ("c", contact("h2", monday + -2)),
            ]))
        let load = try await ledger.replaceLoadedContacts(
            window: window,
            columns([
                ("a", contact("h1", monday, status: .bounced)), ("c", contact("h3", monday + -2)),
                ("d", contact("h1", monday + -40)), ("e", contact("h1", monday + 1)),
            ]))
        #expect(load == ContactLoad(inserted: 0, updated: 2, removed: 1, outside: 2))
        var kept = contact("h1", monday, status: .bounced)
        kept.interactionID = "a"
        kept.origin = .loaded
        #expect(try await ledger.contacts(ofHCP: "h1") == [kept])
        #expect(try await ledger.contacts(ofHCP: "h2").isEmpty)
        #expect(try await ledger.contacts(ofHCP: "h3").map(\.interactionID) == ["c"])
    }

    @Test func ownTouchesStayAndAreConfirmedNotDoubled() async throws {
        let ledger = try memoryLedger()
        let plan = run("r1", asOf: monday + -3)
        let decision = touch(plan, "h1", on: monday + -2)
        _ = try await ledger.publish(plan, decisions: [decision])
        let own = contact("h1", monday + -2, .inPerson, status: .planned, decisionID: decision.decisionID)
        try await ledger.recordContact(own, by: .user(1))
        try await ledger.recordContact(contact("h9", monday + -60, .phone), by: .user(1))
        #expect(try await ledger.replaceLoadedContacts(window: window, ContactColumns()) == ContactLoad())

        let logged = contact("h1", monday + -1, .inPerson, status: .sent, decisionID: decision.decisionID)
        let load = try await ledger.replaceLoadedContacts(window: window, columns([("crm-1", logged)]))
        #expect(load == ContactLoad(updated: 1, confirmed: 1, executed: 1))
        let found = try await ledger.contacts(ofHCP: "h1")
        #expect(found.count == 1)
        #expect(found[0].interactionID == "crm-1" && found[0].origin == .rapport && found[0].status == .sent)
        #expect(try await ledger.decision(decision.decisionID)?.decision.status == .executed)
        #expect(try await ledger.events(of: decision.decisionID).last?.cause == "logged")
        // The row stays Rapport's own when the sources drop it, and old own rows are never pruned.
        #expect(try await ledger.replaceLoadedContacts(window: window, ContactColumns()) == ContactLoad())
        #expect(try await ledger.contacts(ofHCP: "h1").count == 1)
        #expect(try await ledger.contacts(ofHCP: "h9").count == 1)
    }

    @Test func onlyTouchesThatWentOutCount() async throws {
        let ledger = try memoryLedger()
        var rows: [(String, Contact)] = []
        for status in TouchStatus.allCases {
            for direction in Direction.allCases {
                rows.append(
                    ("\(status)-\(direction)", contact("h-\(status)", monday, status: status, direction: direction)))
            }
        }
        _ = try await ledger.replaceLoadedContacts(window: window, columns(rows))
        let counted = try await ledger.contactWindow(from: monday, through: monday)
        #expect(
            Set(counted.hcpID) == Set(TouchStatus.allCases.filter(\.countsAgainstCaps).map { "h-\($0)" }))
        #expect(counted.hcpID.count == 3)
        #expect(counted.channel == [.email, .email, .email] && counted.day == [monday, monday, monday])
        #expect(try await ledger.contactWindow(from: monday + 1, through: monday + 9).hcpID.isEmpty)
    }

    @Test func unequalColumnsAreRefused() async throws {
        let ledger = try memoryLedger()
        var rows = columns([("a", contact("h1", monday))])
        rows.sender = []
        let unequal = rows
        #expect(
            await code { _ = try await ledger.replaceLoadedContacts(window: window, unequal) } == "columns_differ")
    }
}
