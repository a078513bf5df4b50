package import EngagementModel
import Foundation
package import Ledger

/// Writes every message into a folder instead of sending it: what a new installation does until somebody says otherwise.
///
/// Mail becomes an `.eml` file, byte for byte what would go over the wire; everything else a `.json` file. Files are named
/// by the message key, so that a message that is written twice is one file.
package struct SandboxAdapter: ChannelAdapter {
    package let channels: Set<Channel>
    private let folder: String
    private let writer: MailWriter?
    private let now: @Sendable () -> Int64

    package static let mailChannels: Set<Channel> = [.email, .emailRep, .webinar, .event]

    /// - Parameters:
    ///   - folder: `state/outbox`; made when it is missing.
    ///   - writer: nil = mail is written as JSON too, for want of a profile.
    package init(
        folder: String, writer: MailWriter?,
        channels: Set<Channel> = Set(Channel.allCases.filter { !$0.isHuman }), now: @escaping @Sendable () -> Int64
    ) throws {
        self.folder = folder
        self.writer = writer
        self.channels = channels
        self.now = now
        try AtomicFile.makeFolder(folder)
    }

    package var way: String { "sandbox" }

    package func remove(_ member: AudienceMember) async -> Handover {
        do {
            try AtomicFile.write(
                try AudienceJSON.removal(member), to: "\(folder)/\(AudienceJSON.key(member)).json")
            return Handover(.sent)
        } catch { return Handover(.deferred(code: "file_unwritable", retryAt: now() + 60_000_000)) }
    }

    package func deliver(_ parcel: Parcel) async -> Handover {
        let key = parcel.ticket.messageKey
        guard AtomicFile.isSafeName(key) else { return Handover(.failed(code: "bad_message_key")) }
        do {
            if parcel.ticket.claim.channel == .ad, parcel.audienceDigest == nil {
                return Handover(.failed(code: "no_address"))
            }
            if let writer, Self.mailChannels.contains(parcel.ticket.claim.channel) {
                let mail = try writer.mail(parcel, at: now())
                try AtomicFile.write(mail.bytes, to: "\(folder)/\(key).eml")
            } else {
                try AtomicFile.write(try MessageJSON.bytes(parcel, at: now()), to: "\(folder)/\(key).json")
            }
            return Handover(.sent)
        } catch let error as Diagnostic where error.code == AtomicFile.unwritable.code {
            return Handover(.deferred(code: error.code, retryAt: now() + 60_000_000))
        } catch {
            return Handover(.failed(code: (error as? Diagnostic)?.code ?? "message_not_made"))
        }
    }
}

/// A message as JSON: the body of a webhook, the content of a sandbox file.
package enum MessageJSON {
    private struct Body: Encodable {
        struct Data: Encodable {
            var message_key: String
            var channel: String
            var purpose: String
            var to: String?
            var email_sha256: String?
            var language: String
            var subject: String
            var text: String
            var content_id: String
            var content_version: String
            var fields: [String: String]?
        }
        var type = "message.send"
        var timestamp: String
        var data: Data
    }

    /// Members in the order of their names: the same parcel gives the same bytes.
    package static func bytes(_ parcel: Parcel, at: Int64) throws -> [UInt8] {
        let (claim, content) = (parcel.ticket.claim, parcel.content)
        // What an advertiser gets names nobody.
        let isAudience = claim.channel == .ad
        let body = Body(
            type: isAudience ? "audience.add" : "message.send", timestamp: timestamp(at),
            data: .init(
                message_key: parcel.ticket.messageKey, channel: claim.channel.rawValue,
                purpose: claim.purpose.rawValue, to: isAudience ? nil : content.address,
                email_sha256: parcel.audienceDigest, language: content.message.language,
                subject: content.message.subject, text: content.message.text, content_id: content.message.contentID,
                content_version: content.message.contentVersion,
                fields: content.fields.isEmpty
                    ? nil : Dictionary(content.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(body))
    }

    static func timestamp(_ at: Int64) -> String {
        let moment = UTCMoment(at)
        let two = MailDate.two
        return "\(moment.year)-\(two(moment.month))-\(two(moment.day))T"
            + "\(two(moment.hour)):\(two(moment.minute)):\(two(moment.second))Z"
    }
}
