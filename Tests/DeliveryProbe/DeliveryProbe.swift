import Delivery
import EngagementModel
import Foundation
import Ledger
import Logging

/// Sends through the real worker, so that tests and checks of other languages can look at it from outside.
///
/// - `crash LEDGER PORT ROUND CLAIMS`: claims and sends to a mail server on the loopback, until it is killed or done.
/// - `bench WORKSPACE PORT MAILS KEY`: claims, composes and sends from a workspace that has a plan, and says how long it
///   took. KEY: `rsa`, `ed25519` or `none` (a key file's path for the first two, as `rsa:PATH`).
/// - `notes LEDGER ROUND before|after`: puts notes on the portal, and waits at that place to be killed.
/// - `mail FOLDER KEY…`: writes signed mails and the DNS records that verify them.
/// - `invitations FOLDER`: writes calendar objects.
/// - `webhooks`: prints signed webhooks as JSON lines.
@main
struct DeliveryProbe {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("crash", 5):
            try await crash(
                arguments[1], port: Int(arguments[2]) ?? 0, round: Int64(arguments[3]) ?? 0,
                claims: Int(arguments[4]) ?? 1)
        case ("bench", 5):
            try await Bench.run(
                arguments[1], port: Int(arguments[2]) ?? 0, mails: Int(arguments[3]) ?? 1, key: arguments[4])
        case ("notes", 4):
            try await Notes.run(arguments[1], round: Int64(arguments[2]) ?? 0, place: arguments[3])
        case ("mail", 3...): try await Samples.mail(folder: arguments[1], keys: Array(arguments.dropFirst(2)))
        case ("invitations", 2): try Samples.invitations(folder: arguments[1])
        case ("webhooks", 1): try Samples.webhooks()
        default:
            FileHandle.standardError.write(
                Data("usage: DeliveryProbe crash|bench|notes|mail|invitations|webhooks …\n".utf8))
            exit(2)
        }
    }

    static let letter = AssembledMessage(
        contentID: "c", contentVersion: "1", language: "de", subject: "Neue Daten für Ihre Praxis",
        text: "Guten Tag,\n\nhier sind die Daten.\n.\nFrom uns\n",
        html: """
            <html><body><h1>Guten Tag</h1><p>Hier sind <a href="https://example.com/daten?a=1&amp;b=2">die Daten</a>, \
            und <a href="https://example.com/studie">die Studie</a>.</p>
            \(String(repeating: "<p>Ein Absatz über Wirksamkeit und Verträglichkeit, wie er in Briefen steht.</p>\n", count: 20))
            </body></html>
            """)

    static func address(_ hcp: String) -> String { "\(hcp)@hospital.example" }

    static func desk(_ ledger: Ledger, hcps: [String]) async throws -> ClaimDesk {
        var strategy = Strategy()
        strategy.consent = [.email: .notOptedOut, .portal: .notOptedOut]
        strategy.quietHours = nil
        try await ledger.registerRecipients(hcps.map { Recipient(hcpID: $0, zone: "Europe/Berlin") })
        try await ledger.registerContent(
            [ContentApproval(contentID: "c", version: "1", purpose: .promotional, state: .approvedForDistribution)],
            by: .system)
        return ClaimDesk(ledger: ledger, policy: ClaimPolicy(strategy: strategy, clockTolerance: 0))
    }

    static func profile(_ signers: [DKIMSigner] = []) throws -> MailProfile {
        try MailProfile(
            from: MailAddress("hello@engage.example.com"), fromName: "Grüße von Rapport",
            returnDomain: "engage.example.com", postalAddress: "Rapport GmbH, Musterweg 1, 10115 Berlin",
            baseURL: "https://engage.example.com", signers: signers)
    }

    static func adapter(_ ledger: Ledger, port: Int, signers: [DKIMSigner], now: @escaping @Sendable () -> Int64)
        async throws -> SMTPAdapter
    {
        let links = try await LinkMint(baseURL: "https://engage.example.com", ledger: ledger)
        return SMTPAdapter(
            server: try SMTPServer(
                host: "127.0.0.1", port: port, terms: SMTPTerms(security: .none, helloName: "engage.example.com")),
            writer: MailWriter(profile: try profile(signers), links: links), connections: 8, perDomain: 8, now: now)
    }

    private static func request(_ hcp: String, _ step: String) -> ClaimRequest {
        ClaimRequest(
            key: ClaimKey(campaign: "probe", step: step), hcpID: hcp, channel: .email, address: address(hcp),
            purpose: .promotional, contentID: "c", contentVersion: "1")
    }

    /// Everybody has the same address domain here, so that the claim's address fits.
    struct OneDomain: MessageComposer {
        func compose(_ claim: Claim) async throws -> ComposedMessage? {
            var message = DeliveryProbe.letter
            message.text = "Guten Tag \(claim.hcpID),\n" + message.text
            return ComposedMessage(address: DeliveryProbe.address(claim.hcpID), message: message)
        }
    }

    private static func crash(_ path: String, port: Int, round: Int64, claims: Int) async throws {
        let at = 1_767_603_600_000_000 + round * 60_000_000
        let ledger = try Ledger.open(path: path, now: { at })
        let hcps = (0..<claims).map { "r\(round)h\($0)" }
        let desk = try await desk(ledger, hcps: hcps)
        let outcomes = try await desk.claim(hcps.map { request($0, "s") })
        for outcome in outcomes { if let claim = outcome.claim { say("claimed \(claim.number)") } }
        let worker = DeliveryWorker(
            desk: desk, adapters: [try await adapter(ledger, port: port, signers: [], now: { at })],
            composer: OneDomain(), name: "probe", now: { at }, logger: Logger(label: "probe"))
        try await worker.recover()
        try await worker.drain()
        say("done")
        _ = try FileHandle.standardInput.read(upToCount: 1)
        await worker.close()
    }

    static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}
