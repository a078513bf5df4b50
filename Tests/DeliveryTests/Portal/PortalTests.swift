import EngagementModel
import Foundation
import Ledger
import NIOHTTP1
import Testing

@testable import Delivery

/// Notes on the portal: one for each claim, whatever happens in between; seen once; gone with the person.
struct PortalTests {
    private static func office(_ path: String? = nil) async throws -> (Office, PortalAdapter) {
        let office = try await Office(path: path)
        let clock = office.clock
        return (office, PortalAdapter(desk: office.desk, now: { clock.now }))
    }

    @Test func aNoteIsPutThereOnceAndSeenOnce() async throws {
        let (office, adapter) = try await Self.office()
        let claim = try await office.claim(channel: .portal)
        let other = try await office.claim("h1", channel: .portal)
        let worker = office.worker([adapter])
        #expect(try await worker.drain().handedOver == 2)
        #expect(try await worker.drain().handedOver == 0)
        #expect(try await office.state(claim) == .sent)
        #expect(try await office.state(other) == .sent)
        let notes = try await office.ledger.portalNotes(ofHCP: "h0")
        #expect(notes.map(\.number) == [claim.number] && notes[0].isCurrent && notes[0].seenAt == nil)
        #expect(notes[0].subject == Office.letter.subject && notes[0].text == Office.letter.text)
        #expect(notes[0].contentVersion == "1" && notes[0].language == "de")
        // Somebody else's note, and a program, open nothing.
        #expect(try await office.ledger.openNote(claim.number, ofHCP: "h1") == nil)
        #expect(try await office.ledger.openNote(claim.number, ofHCP: "h0", counts: false)?.seenAt == nil)
        office.clock.advance(seconds: 60)
        let seen = office.clock.now
        for _ in 0..<3 {
            #expect(try await office.ledger.openNote(claim.number, ofHCP: "h0")?.seenAt == seen)
            office.clock.advance(seconds: 60)
        }
        // Measured as other channels are: a view that answers its touch, once.
        let (rows, _) = try await office.ledger.interactions(after: InteractionPlace())
        let views = rows.filter { $0.kind == "view" }
        #expect(views.count == 1 && views.first?.channel == .portal && views.first?.direction == .push)
        #expect(views.first?.parentID == "contact:\(claim.number)" && views.first?.contentID == "letter")
        #expect(views.first?.hcpID == "h0" && views.first?.occurredAt == seen)
        let touches = rows.filter { $0.kind == "touch" }
        #expect(touches.count == 2 && touches.allSatisfy { $0.channel == .portal && $0.status == .sent })
    }

    @Test func whatIsNoLongerApprovedIsShownToNobody() async throws {
        let (office, adapter) = try await Self.office()
        let claim = try await office.claim(channel: .portal)
        try await office.worker([adapter]).drain()
        for state in [MLRState.withdrawn, .superseded, .expired] {
            try await office.ledger.registerContent(
                [ContentApproval(contentID: "letter", version: "1", purpose: .promotional, state: state)],
                by: .system)
            let note = try #require(try await office.ledger.openNote(claim.number, ofHCP: "h0"))
            #expect(!note.isCurrent && note.text.isEmpty && note.html == nil && note.seenAt == nil)
            #expect(try await office.ledger.portalNotes(ofHCP: "h0").map(\.text) == [""])
        }
    }

    @Test func anErasureTakesTheNotes() async throws {
        let (office, adapter) = try await Self.office()
        try await office.claim(channel: .portal)
        let kept = try await office.claim("h1", channel: .portal)
        try await office.worker([adapter]).drain()
        _ = try await office.ledger.openNote(1, ofHCP: "h0")
        let report = try await office.ledger.eraseSubject("h0", by: .system)
        #expect(try await office.ledger.portalNotes(ofHCP: "h0").isEmpty)
        #expect(try await office.ledger.portalNotes(ofHCP: report.pseudonym).isEmpty)
        #expect(try await office.ledger.portalNotes(ofHCP: "h1").map(\.number) == [kept.number])
        // A claim that waits when the person goes makes no note afterwards.
        try await office.claim("h2", channel: .portal)
        _ = try await office.ledger.eraseSubject("h2", by: .system)
        try await office.worker([adapter]).drain()
        #expect(try await office.ledger.portalNotes(ofHCP: "h2").isEmpty)
    }

    /// Who names a receiver for the portal has every note go there, and none into the ledger.
    @Test func aReceiverOfTheCompanysOwnTakesTheNotes() async throws {
        let receiver = try await WebhookReceiver([503, 204])
        let (office, adapter) = try await Self.office()
        let clock = office.clock
        let webhook = try await WebhookAdapter(
            WebhookEndpoint(
                name: "portal", url: try WebhookURL("http://127.0.0.1:\(receiver.port)/notes"),
                signature: try WebhookSignature(secrets: [WebhookTests.secret]), channels: [.portal]),
            client: try WebhookTests().client(open: true), ledger: office.ledger, seed: 1, now: { clock.now })
        let claim = try await office.claim(channel: .portal)
        let worker = office.worker([webhook, adapter])
        try await worker.drain()
        #expect(try await office.state(claim) == .claimed)
        clock.advance(seconds: 10)
        try await worker.drain()
        #expect(try await office.state(claim) == .sent && receiver.hits.count == 2)
        let hit = try #require(receiver.hits.last)
        let key = try #require(hit.head.headers.first(name: "webhook-id"))
        #expect(receiver.hits.allSatisfy { $0.head.headers.first(name: "webhook-id") == key })
        struct Body: Decodable {
            struct Inner: Decodable { var message_key, channel, subject, text: String }
            var type: String
            var data: Inner
        }
        let body = try JSONDecoder().decode(Body.self, from: Data(hit.body))
        #expect(body.type == "message.send" && body.data.channel == "portal")
        #expect(body.data.subject == Office.letter.subject && body.data.text == Office.letter.text)
        #expect(
            try WebhookSignature(secrets: [WebhookTests.secret]).accepts(
                id: key, timestamp: hit.head.headers.first(name: "webhook-timestamp") ?? "",
                signature: hit.head.headers.first(name: "webhook-signature") ?? "", body: hit.body,
                now: clock.now / 1_000_000))
        #expect(try await office.ledger.portalNotes(ofHCP: "h0").isEmpty)
        try await receiver.close()
    }

    /// A new installation writes notes into the sandbox, before nobody's eyes.
    @Test func aSandboxShowsNothing() async throws {
        let (office, _) = try await Self.office()
        let folder = try TemporaryFolder()
        let clock = office.clock
        let claim = try await office.claim(channel: .portal)
        try await office.worker([try SandboxAdapter(folder: folder.path, writer: nil, now: { clock.now })]).drain()
        #expect(try await office.state(claim) == .sent && folder.files().count == 1)
        #expect(folder.text(folder.files().first ?? "").contains("\"channel\":\"portal\""))
        #expect(try await office.ledger.portalNotes(ofHCP: "h0").isEmpty)
    }

    /// What a webhook had in hand is in doubt after a crash; what the ledger had in hand is not.
    @Test func onlyAnotherSystemLeavesDoubt() async throws {
        let (office, adapter) = try await Self.office()
        let (own, foreign) = (try await office.claim(channel: .portal), try await office.claim("h1", channel: .portal))
        for (claim, worker) in [(own, "live@a" + ClaimDesk.wholeMark), (foreign, "live@a")] {
            let address = Office.address(claim.hcpID)
            let permit = try await office.desk.beginSending([(claim.number, address)], worker: worker).first
            guard case .send = permit else {
                Issue.record("\(String(describing: permit))")
                return
            }
        }
        #expect(try await office.desk.recover() == [foreign.number])
        #expect(try await office.state(own) == .claimed)
        #expect(try await office.state(foreign) == .uncertain)
        try await office.worker([adapter]).drain()
        #expect(try await office.ledger.portalNotes(ofHCP: "h0").count == 1)
        #expect(try await office.ledger.portalNotes(ofHCP: "h1").isEmpty)
    }

    /// Killed with SIGKILL before and after the transaction that puts the note there.
    @Test(arguments: ["before", "after"])
    func aKilledProcessLeavesOneNoteForEachClaim(_ place: String) async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/ledger.sqlite"
        let probe = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("DeliveryProbe")
        for round in 0..<4 {
            let (process, pipe) = (Process(), Pipe())
            process.executableURL = probe
            process.arguments = ["notes", path, "\(round)", place]
            process.standardOutput = pipe
            process.standardInput = Pipe()
            try process.run()
            var said = ""
            while true {
                let piece = pipe.fileHandleForReading.availableData
                guard !piece.isEmpty else { break }
                said += String(decoding: piece, as: UTF8.self)
                if said.contains("here") { kill(process.processIdentifier, SIGKILL) }
            }
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal && said.contains("here"), "\(said)")
        }
        let (office, adapter) = try await Self.office(path)
        office.clock.advance(seconds: 86_400)
        let worker = office.worker([adapter])
        #expect(try await worker.recover().isEmpty)
        try await worker.drain()
        for round in 0..<4 {
            for hcp in 0..<3 {
                let notes = try await office.ledger.portalNotes(ofHCP: "r\(round)h\(hcp)")
                #expect(notes.count == 1, "round \(round), HCP \(hcp): \(notes.count) notes")
            }
        }
        for state in [ClaimState.claimed, .sending, .uncertain, .failed] {
            #expect(try await office.ledger.claims(in: state).isEmpty, "\(state)")
        }
        try office.ledger.close()
    }
}
