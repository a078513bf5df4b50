import Cycle
import Delivery
import EngagementModel
import Foundation
import Ledger
import Logging
import Server
import Synchronization

/// Puts delivery together from the workspace: adapters as `rapport.yaml` says, the worker, the links, returned mail.
///
/// In a sandbox every message becomes a file in `state/outbox`, whatever else is configured.
struct DeliveryComposition {
    let service: DeliveryService
    let mail: MailContext
    /// Closes what was gathered into files.
    let endBatch: @Sendable () throws -> Void

    /// - Parameters:
    ///   - composer: makes messages of claims.
    ///   - inquiries: takes what people write to the mailbox; nil = it is only read.
    ///   - sink: takes opens, clicks, bounces; nil = they have their effect in the ledger only.
    /// - Throws: what a file or a value of the section lacks, with its remedy.
    static func make(
        workspace: Workspace, ledger: Ledger, policy: ClaimPolicy, composer: any MessageComposer,
        sink: (any EventSink)?, inquiries: InquiryDesk? = nil, now: @escaping @Sendable () -> Int64, logger: Logger
    ) async throws -> DeliveryComposition {
        let settings = workspace.settings.delivery
        let state = workspace.stateDirectory.path
        let links = try await LinkMint(baseURL: settings.baseURL ?? "https://localhost.invalid", ledger: ledger)
        let profile = try Self.profile(settings, workspace)
        let writer = profile.map { MailWriter(profile: $0, links: links) }
        let outbox = "\(state)/outbox"
        let desk = ClaimDesk(ledger: ledger, policy: policy)
        var adapters: [any ChannelAdapter] = []
        var files: FileAdapter?
        switch settings.mode {
        case .sandbox: adapters = [try SandboxAdapter(folder: outbox, writer: writer, now: now)]
        case .live:
            for webhook in settings.webhooks {
                adapters.append(try await Self.webhook(webhook, workspace, ledger, now))
            }
            if !settings.fileChannels.isEmpty {
                let adapter = try FileAdapter(
                    folder: "\(state)/outgoing", channels: Set(settings.fileChannels.compactMap(Channel.init)), now: now
                )
                files = adapter
                adapters.append(adapter)
            }
            if let smtp = settings.smtp, let writer {
                adapters.append(
                    SMTPAdapter(
                        server: try Self.server(smtp, settings, workspace), writer: writer,
                        connections: smtp.connections, perDomain: smtp.perDomain, perMinute: smtp.perDomainMinute,
                        now: now))
            }
            // The portal is the ledger's own page, where no receiver was named for it.
            adapters.append(PortalAdapter(desk: desk, now: now))
        }
        let worker = DeliveryWorker(
            desk: desk, adapters: adapters, composer: composer,
            name: "\(settings.mode.rawValue)@\(ProcessInfo.processInfo.hostName)", now: now, logger: logger)
        let returns = ReturnDesk(links: links, ledger: ledger, sink: sink, inquiries: inquiries, now: now)
        let drop = settings.mailDrop.map {
            MailDrop(folder: workspace.root.appending(path: $0).path, desk: returns, logger: logger)
        }
        let batch = files
        let rhythm = AudienceRhythm(now: now)
        let service = DeliveryService(worker, logger: logger) {
            if rhythm.isDue() { try await worker.syncAudiences() }
            try batch?.endBatch()
            try await drop?.collect()
        }
        var mail = MailContext(
            tracking: TrackingDesk(links: links, ledger: ledger, sink: sink), returns: returns, outboxFolder: outbox,
            isLive: settings.mode == .live, nudge: { service.nudge() })
        mail.figures = { worker.figures }
        // Also in a sandbox: what a provider says about messages of before is heard.
        if !settings.webhooks.isEmpty {
            mail.statuses = StatusDesk(
                endpoints: try Dictionary(
                    settings.webhooks.map { ($0.name, try Self.signature($0, workspace)) }, uniquingKeysWith: { $1 }),
                ledger: ledger, sink: sink, now: now)
        }
        return DeliveryComposition(service: service, mail: mail, endBatch: { try batch?.endBatch() })
    }

    /// Audiences are looked through at the start and every five minutes.
    private final class AudienceRhythm: Sendable {
        private let next = Atomic<Int64>(0)
        private let now: @Sendable () -> Int64

        init(now: @escaping @Sendable () -> Int64) { self.now = now }

        func isDue() -> Bool {
            let at = now()
            guard at >= next.load(ordering: .relaxed) else { return false }
            next.store(at + 300_000_000, ordering: .relaxed)
            return true
        }
    }

    /// nil in a sandbox that has no sender yet: its mail is then written as JSON.
    private static func profile(_ settings: DeliverySettings, _ workspace: Workspace) throws -> MailProfile? {
        guard let from = settings.from, let domain = settings.returnDomain, let base = settings.baseURL else {
            return nil
        }
        return try MailProfile(
            from: MailAddress(from), fromName: settings.fromName, replyTo: settings.replyTo.map(MailAddress.init),
            returnDomain: domain, postalAddress: settings.postalAddress ?? "", baseURL: base,
            signers: settings.dkim.map {
                try DKIMSigner(
                    domain: $0.domain, selector: $0.selector, key: DKIMSigner.key(text($0.keyFile, workspace)))
            }, tracks: settings.tracks)
    }

    private static func server(_ smtp: DeliverySettings.SMTP, _ settings: DeliverySettings, _ workspace: Workspace)
        throws -> SMTPServer
    {
        let security: SMTPTerms.Security =
            switch smtp.tls {
            case .starttls: .starttls
            case .implicit: .implicit
            case .none: .none
            }
        return try SMTPServer(
            host: smtp.host, port: smtp.port,
            terms: SMTPTerms(
                security: security, helloName: settings.returnDomain ?? "localhost", user: smtp.user,
                password: smtp.passwordFile.map { try text($0, workspace) }),
            authorities: smtp.authorityFile.map { workspace.root.appending(path: $0).path })
    }

    private static func webhook(
        _ webhook: DeliverySettings.Webhook, _ workspace: Workspace, _ ledger: Ledger,
        _ now: @escaping @Sendable () -> Int64
    ) async throws -> WebhookAdapter {
        try await WebhookAdapter(
            WebhookEndpoint(
                name: webhook.name, url: WebhookURL(webhook.url),
                signature: signature(webhook, workspace),
                channels: Set(webhook.channels.compactMap(Channel.init)), deduplicates: webhook.deduplicates),
            client: WebhookClient(), ledger: ledger, seed: UInt64.random(in: .min ... .max), now: now)
    }

    private static func signature(_ webhook: DeliverySettings.Webhook, _ workspace: Workspace) throws
        -> WebhookSignature
    {
        try WebhookSignature(secrets: webhook.secretFiles.map { try text($0, workspace) })
    }

    /// The first line of a secret's file; a key file as a whole.
    private static func text(_ file: String, _ workspace: Workspace) throws -> String {
        let path = file.hasPrefix("/") ? file : workspace.root.appending(path: file).path
        guard let data = FileManager.default.contents(atPath: path), data.count <= 100_000 else {
            throw Diagnostic(
                "file_missing", "A secret that the section delivery names cannot be read.", file: file,
                remedy: "check the path and its permissions")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
