import Delivery
import EngagementModel
import Foundation
import Ledger

/// What programs of other languages verify.
enum Samples {
    /// `NAME.eml` for mails of several shapes, `NAME.txt` beside the records: `selector<TAB>record`.
    static func mail(folder: String, keys: [String]) async throws {
        let signers = try keys.enumerated().map { index, path in
            try DKIMSigner(
                domain: "engage.example.com", selector: "s\(index)",
                key: DKIMSigner.key(String(contentsOfFile: path, encoding: .utf8)))
        }
        let records = signers.map { "\($0.selector)._domainkey.engage.example.com.\t\($0.record)\n" }.joined()
        try records.write(toFile: "\(folder)/records.tsv", atomically: true, encoding: .utf8)
        let ledger = try Ledger.inMemory(now: { 1_767_603_600_000_000 })
        let shapes = shapes
        let hcps = (0..<shapes.count).map { "h\($0)" }
        let desk = try await DeliveryProbe.desk(ledger, hcps: hcps)
        let links = try await LinkMint(baseURL: "https://engage.example.com", ledger: ledger)
        let writer = MailWriter(profile: try DeliveryProbe.profile(signers), links: links)
        for (hcp, shape) in zip(hcps, shapes) {
            let outcome = try await desk.claim(
                ClaimRequest(
                    key: ClaimKey(campaign: "c", step: "s"), hcpID: hcp, channel: .email,
                    address: DeliveryProbe.address(hcp), purpose: .promotional, contentID: "c", contentVersion: "1"))
            guard let claim = outcome.claim else { throw Diagnostic("refused", "\(outcome)") }
            let permits = try await desk.beginSending([(claim.number, DeliveryProbe.address(hcp))], worker: "samples")
            guard case .send(let ticket)? = permits.first else { throw Diagnostic("no_ticket", "\(permits)") }
            let mail = try writer.mail(
                Parcel(
                    ticket: ticket,
                    content: ComposedMessage(
                        address: DeliveryProbe.address(hcp), message: shape.message, invitation: shape.invitation)),
                at: 1_767_603_600_000_000)
            try Data(mail.bytes).write(to: URL(fileURLWithPath: "\(folder)/\(shape.name).eml"))
        }
    }

    private struct Shape {
        var name: String
        var message: AssembledMessage
        var invitation: Invitation?
    }

    private static var shapes: [Shape] {
        var plain = DeliveryProbe.letter
        plain.html = nil
        var blank = plain
        blank.text = "\n\n  \n\t\n"
        var long = plain
        long.subject = String(repeating: "Ein langer Betreff über Ärzte 🙂 und Daten ", count: 12)
        long.text = String(repeating: "wort ", count: 5000) + String(repeating: "x", count: 3000) + "   \n\n\n"
        var ascii = DeliveryProbe.letter
        ascii.subject = "Plain  subject with  two spaces"
        return [
            Shape(name: "letter", message: DeliveryProbe.letter), Shape(name: "plain", message: plain),
            Shape(name: "blank", message: blank), Shape(name: "long", message: long),
            Shape(name: "ascii", message: ascii),
            Shape(name: "invitation", message: DeliveryProbe.letter, invitation: invitation()),
        ]
    }

    static func invitation(_ change: (inout Invitation) -> Void = { _ in }) -> Invitation {
        var invitation = Invitation(
            uid: "visit-1@engage.example.com", title: "Gespräch, Daten; Fragen", details: "Eins\nZwei \\ Drei",
            place: "Praxis, 2. Stock", startsAt: 1_774_683_000_000_000, endsAt: 1_774_684_800_000_000,
            zone: "Europe/Berlin", organiser: "rep@example.com", organiserName: "Rita Rep, Dr.",
            attendee: "ada@hospital.example", attendeeName: "Ada Lovelace")
        change(&invitation)
        return invitation
    }

    static func invitations(folder: String) throws {
        let week: Int64 = 7 * 86_400_000_000
        let all: [(String, Invitation)] = [
            ("request", invitation()),
            (
                "changed",
                invitation {
                    $0.sequence = 1; $0.startsAt += week; $0.endsAt += week
                }
            ),
            (
                "cancel",
                invitation {
                    $0.sequence = 2; $0.method = .cancel
                }
            ),
            ("utc", invitation { $0.zone = "UTC" }),
            ("newyork", invitation { $0.zone = "America/New_York" }), ("tokyo", invitation { $0.zone = "Asia/Tokyo" }),
            ("sydney", invitation { $0.zone = "Australia/Sydney" }),
            ("long", invitation { $0.title = String(repeating: "Änderung 中文 🙂, ", count: 30) }),
        ]
        for (name, invitation) in all {
            try Data(invitation.bytes(at: 1_767_603_600_000_000)).write(
                to: URL(fileURLWithPath: "\(folder)/\(name).ics"))
        }
    }

    static func webhooks() throws {
        let secrets = [Data((0..<32).map { UInt8($0) }), Data((0..<24).map { UInt8($0 + 100) })]
            .map { "whsec_" + $0.base64EncodedString() }
        let now = Int64(Date().timeIntervalSince1970)
        for (index, body) in ["{}", "{\"a\":\"ä🙂\"}", "{\"text\":\"\(String(repeating: "x", count: 10_000))\"}"]
            .enumerated()
        {
            let id = "msg_\(index)"
            let header = try WebhookSignature(secrets: secrets).header(id: id, timestamp: now, body: Array(body.utf8))
            let line = try JSONSerialization.data(
                withJSONObject: [
                    "id": id, "timestamp": "\(now)", "signature": header, "body": body, "secrets": secrets,
                ],
                options: [.sortedKeys])
            DeliveryProbe.say(String(decoding: line, as: UTF8.self))
        }
    }
}
