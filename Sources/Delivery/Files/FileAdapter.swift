package import EngagementModel
import Foundation
import Glibc
package import Ledger

/// Hands direct mail and audiences to a printer or an ad platform as CSV files.
///
/// Each message is first a small file in the spool, named by its key, so that writing it twice is writing it once. `close`
/// of a batch moves the spool away in one step, writes one CSV file from it, and removes it: after a crash at any moment
/// every message is in exactly one file.
package struct FileAdapter: ChannelAdapter {
    package let channels: Set<Channel>
    private let folder: String
    private let now: @Sendable () -> Int64

    private var spool: String { "\(folder)/spool" }

    package init(folder: String, channels: Set<Channel> = [.mail, .ad], now: @escaping @Sendable () -> Int64) throws {
        self.folder = folder
        self.channels = channels
        self.now = now
        try AtomicFile.makeFolder("\(folder)/spool")
    }

    package var way: String { "file" }

    package func remove(_ member: AudienceMember) async -> Handover {
        let row = Row(
            key: AudienceJSON.key(member), channel: Channel.ad.rawValue, address: member.digest, subject: "", text: "",
            contentID: member.audience, contentVersion: "", names: ["action"], values: ["remove"])
        return spool(row)
    }

    package func deliver(_ parcel: Parcel) async -> Handover {
        let key = parcel.ticket.messageKey
        guard AtomicFile.isSafeName(key) else { return Handover(.failed(code: "bad_message_key")) }
        let isAudience = parcel.ticket.claim.channel == .ad
        guard !isAudience || parcel.audienceDigest != nil else { return Handover(.failed(code: "no_address")) }
        return spool(
            Row(
                key: key, channel: parcel.ticket.claim.channel.rawValue,
                address: parcel.audienceDigest ?? parcel.content.address ?? "",
                subject: parcel.content.message.subject, text: parcel.content.message.text,
                contentID: parcel.content.message.contentID, contentVersion: parcel.content.message.contentVersion,
                names: (isAudience ? ["action"] : []) + parcel.content.fields.map(\.name),
                values: (isAudience ? ["add"] : []) + parcel.content.fields.map(\.value)))
    }

    private func spool(_ row: Row) -> Handover {
        do {
            try AtomicFile.write(Array(try JSONEncoder().encode(row)), to: "\(spool)/\(row.key).json")
            return Handover(.sent)
        } catch {
            return Handover(.deferred(code: "file_unwritable", retryAt: now() + 60_000_000))
        }
    }

    private struct Row: Codable {
        var key, channel, address, subject, text, contentID, contentVersion: String
        var names, values: [String]
    }

    /// Ends the batch: one CSV file for each channel with everything that was spooled, also before a crash.
    /// - Returns: paths of the new files.
    @discardableResult
    package func endBatch() throws -> [String] {
        var made: [String] = []
        let manager = FileManager.default
        for name in try manager.contentsOfDirectory(atPath: folder).sorted() where name.hasPrefix("closing-") {
            made += try collect("\(folder)/\(name)", stamp: String(name.dropFirst(8)))
        }
        guard try !manager.contentsOfDirectory(atPath: spool).isEmpty else { return made }
        let stamp = String(now())
        guard rename(spool, "\(folder)/closing-\(stamp)") == 0 else { throw AtomicFile.unwritable }
        try AtomicFile.makeFolder(spool)
        return made + (try collect("\(folder)/closing-\(stamp)", stamp: stamp))
    }

    private func collect(_ closing: String, stamp: String) throws -> [String] {
        let manager = FileManager.default
        var rows: [String: [Row]] = [:]
        for name in try manager.contentsOfDirectory(atPath: closing).sorted() where name.hasSuffix(".json") {
            guard let data = manager.contents(atPath: "\(closing)/\(name)") else { throw AtomicFile.unwritable }
            let row = try JSONDecoder().decode(Row.self, from: data)
            rows[row.channel, default: []].append(row)
        }
        var made: [String] = []
        for (channel, rows) in rows.sorted(by: { $0.key < $1.key }) {
            let path = "\(folder)/\(channel)-\(stamp).csv"
            // A file that a run before the crash has written is the same file.
            try AtomicFile.write(Self.csv(rows), to: path)
            made.append(path)
        }
        try manager.removeItem(atPath: closing)
        return made
    }

    private static func csv(_ rows: [Row]) -> [UInt8] {
        let further = rows.reduce(into: [String]()) { names, row in
            for name in row.names where !names.contains(name) { names.append(name) }
        }
        let isAudience = rows.first?.channel == Channel.ad.rawValue
        var table = SafeCSV(
            header: [
                "message_key", isAudience ? "email_sha256" : "address", "subject", "text", "content_id",
                "content_version",
            ] + further)
        for row in rows {
            let values = Dictionary(zip(row.names, row.values), uniquingKeysWith: { $1 })
            table.append(
                [row.key, row.address, row.subject, row.text, row.contentID, row.contentVersion]
                    + further.map { values[$0] ?? "" })
        }
        return table.bytes
    }
}

/// CSV that a spreadsheet opens without running anything.
///
/// A cell that begins as a formula does (`=`, `+`, `-`, `@`, tab, line break) gets an apostrophe in front; every cell that
/// needs quotes has them. Source: RFC 4180; OWASP, "CSV injection".
package struct SafeCSV: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(header: [String]) { append(header) }

    package mutating func append(_ cells: [String]) {
        bytes += cells.map(Self.cell).joined(separator: ",").utf8
        bytes += [13, 10]
    }

    package static func cell(_ text: String) -> String {
        var value = text.replacing("\u{0}", with: "")
        let first = value.unicodeScalars.first { !$0.properties.isWhitespace || "\t\r\n".unicodeScalars.contains($0) }
        if let first, "=+-@\t\r\n\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains(first) {
            value = "'" + value
        }
        guard value.unicodeScalars.contains(where: { "\",\r\n;\t".unicodeScalars.contains($0) }) else { return value }
        return "\"" + value.replacing("\"", with: "\"\"") + "\""
    }
}
