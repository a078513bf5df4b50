import EngagementModel
import Foundation
package import Ledger
package import Logging

/// Acts on returned mail: writes to the ledger, tells the rest of the product.
///
/// Effects are those of the claim that the mail is proven to be about; mail that proves none is reported and changes
/// nothing. The same mail twice has one effect.
package struct ReturnDesk: Sendable {
    package let reader: ReturnedMailReader
    private let ledger: Ledger
    private let sink: (any EventSink)?
    private let inquiries: InquiryDesk?
    private let now: @Sendable () -> Int64

    /// - Parameter inquiries: takes what people write, in answer to a message or of their own accord.
    package init(
        links: LinkMint, ledger: Ledger, sink: (any EventSink)?, inquiries: InquiryDesk? = nil,
        now: @escaping @Sendable () -> Int64
    ) {
        self.inquiries = inquiries
        reader = ReturnedMailReader(links: links)
        self.ledger = ledger
        self.sink = sink
        self.now = now
    }

    /// - Returns: what the mail was.
    /// - Throws: when the ledger cannot take it; the mail must be offered again.
    @discardableResult
    package func take(_ bytes: [UInt8], recipient: String? = nil) async throws -> ReturnedMail {
        let mail = reader.read(bytes, recipient: recipient)
        if case .reply(let claim) = mail { try await ask(MIMEPart(bytes, limits: .withFiles), claim) }
        guard let number = mail.claim, let claim = try await ledger.claim(number) else { return mail }
        var attributes = ["channel": claim.channel.rawValue, "claim": String(number)]
        attributes["content_id"] = claim.contentID
        let name: String
        switch mail {
        case .bounce(let bounce):
            attributes["status"] = bounce.status
            switch bounce.action {
            case .failed:
                name = "email_bounced"
                try await ledger.recordBounce(
                    ofClaim: number, code: "bounced_\(bounce.status)", suppresses: bounce.suppresses)
            case .delayed: name = "email_delayed"
            case .delivered:
                name = "email_delivered"
                if claim.state == .sent || claim.state == .uncertain {
                    try await ledger.recordArrival(number, delivered: true)
                }
            case .relayed, .expanded: return mail
            }
        case .complaint(_, let kind):
            attributes["kind"] = String(kind.prefix(40))
            name = "email_complaint"
            try await ledger.optOut(ofClaim: number, means: .reply, cause: .complaint)
        case .unsubscribe:
            name = "email_unsubscribed"
            try await ledger.optOut(ofClaim: number, means: .reply)
        case .autoReply: name = "email_auto_reply"
        case .reply: name = "email_replied"
        case .unknown: return mail
        }
        let at = now()
        try await sink?.record([
            EngagementEvent(
                source: "delivery", messageID: "\(name):\(number)", hcpID: claim.hcpID, name: name, occurredAt: at,
                receivedAt: at, attributes: attributes)
        ])
        return mail
    }
}

extension ReturnDesk {
    /// A mail of a person is an inquiry. Whom it concerns is certain when its return path is signed, or when it answers a
    /// message of ours from the address to which that went.
    private func ask(_ message: MIMEPart, _ proven: Int64?) async throws {
        guard let inquiries else { return }
        var about: (number: Int64, hcpID: String)?
        if let proven, let claim = try await ledger.claim(proven) { about = (proven, claim.hcpID) }
        guard var draft = InquiryMail.draft(of: message, claim: about, at: now()) else { return }
        if about == nil, let address = draft.fromAddress {
            for id in draft.answers {
                guard let found = try await ledger.recipient(ofMessageID: id, address: address) else { continue }
                (draft.claim, draft.hcpID, draft.identifiedBy) = (found.claim, found.hcpID, .reply)
                break
            }
        }
        do { _ = try await inquiries.take(draft) } catch let refusal as Diagnostic
            where refusal.code == "idempotency_mismatch"
        {
            // Its id was another mail's: both are kept.
            draft.sourceID = InquiryMail.fingerprint([draft.fromAddress ?? "", draft.subject, draft.body])
            _ = try await inquiries.take(draft)
        } catch let refusal as Diagnostic where refusal.code == "inquiry_empty" {}
    }
}

/// Reads mail out of a folder that another program fills: a Maildir (`new/` to `cur/`), or mbox files.
///
/// A mail leaves the folder only after its effect is durable; after a crash it is read again, and has its effect once.
package struct MailDrop: Sendable {
    private let folder: String
    private let desk: ReturnDesk
    private let logger: Logger
    /// Of a longer mail the beginning is read; what holds many, and is longer, is set aside.
    private static let longest = MIMEPart.Limits.longestMail

    package init(folder: String, desk: ReturnDesk, logger: Logger) {
        self.folder = folder
        self.desk = desk
        self.logger = logger
    }

    /// Takes what lies there, at most `limit` files.
    /// - Returns: mails read.
    @discardableResult
    package func collect(limit: Int = 500) async throws -> Int {
        let manager = FileManager.default
        let isMaildir = manager.fileExists(atPath: "\(folder)/new")
        let source = isMaildir ? "\(folder)/new" : folder
        guard let names = try? manager.contentsOfDirectory(atPath: source) else { return 0 }
        let wanted = names.sorted().filter {
            !$0.hasPrefix(".") && (isMaildir || $0.hasSuffix(".mbox") || $0.hasSuffix(".eml"))
        }
        var count = 0
        for name in wanted.prefix(limit) {
            let path = "\(source)/\(name)"
            let size = (try? manager.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
            guard size <= Self.longest || !name.hasSuffix(".mbox"), let data = Self.read(path) else {
                logger.warning("a file of the mail drop is not read", metadata: ["reason": "size"])
                try Self.move(path, to: isMaildir ? "\(folder)/cur" : "\(folder)/done", name)
                continue
            }
            let mails = name.hasSuffix(".mbox") ? Self.mails(inMbox: Array(data)) : [Array(data)]
            for mail in mails {
                try await desk.take(mail)
                count += 1
            }
            try Self.move(path, to: isMaildir ? "\(folder)/cur" : "\(folder)/done", isMaildir ? name + ":2,S" : name)
        }
        return count
    }

    /// The file, of a long one a little more than what is read of a mail.
    private static func read(_ path: String) -> Data? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        return try? file.read(upToCount: longest + 1)
    }

    private static func move(_ path: String, to folder: String, _ name: String) throws {
        try AtomicFile.makeFolder(folder)
        guard rename(path, "\(folder)/\(name)") == 0 else { throw AtomicFile.unwritable }
    }

    /// Mails of an mbox file: each begins with a line `From `; `>From ` within is given its form back.
    package static func mails(inMbox bytes: [UInt8]) -> [[UInt8]] {
        let from = Array("From ".utf8)
        var mails: [[UInt8]] = []
        var isAfterBlank = true
        for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
            if isAfterBlank && line.starts(with: from) {
                mails.append([])
            } else if !mails.isEmpty {
                let isQuoted = line.first == 62 && line.drop { $0 == 62 }.starts(with: from)
                mails[mails.count - 1] += (isQuoted ? line.dropFirst() : line) + [10]
            }
            isAfterBlank = line.isEmpty || line.elementsEqual([13])
        }
        return mails
    }
}
