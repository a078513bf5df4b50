internal import EngagementModel
internal import Foundation
internal import Ledger
internal import Warehouse

/// What the ledger knows and the warehouse does not yet: touches, responses and outcomes, as deliveries of their own.
///
/// The last delivery's name says how far the ledger was read, so that the place belongs to the snapshot: a snapshot that
/// is dropped has read nothing. Rows answer to their ids; a stretch that is read twice adds nothing.
struct LedgerDelivery {
    /// Beneath the workspace; names in the history begin so.
    static let folder = "state/inbound"

    private static let columns = [
        "interaction_id", "hcp_id", "occurred_at", "known_at", "channel", "direction", "purpose", "kind", "rep_id",
        "content_id", "product_id", "campaign_id", "decision_id", "status", "response", "duration_seconds",
        "parent_interaction_id", "machine",
    ]

    /// Ready to be loaded, Rapport's own rows last: they carry the place. Empty when nothing is new.
    private(set) var mappings: [SourceMapping] = []
    private var files: [URL] = []

    init(_ context: RunContext) async throws {
        let place = try await Self.place(context.connection)
        let (rows, end) = try await context.ledger.interactions(after: place)
        guard !rows.isEmpty else { return }
        let directory = context.workspace.root.appending(path: Self.folder)
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var bySource = Dictionary(grouping: rows, by: \.source)
        let own = bySource.removeValue(forKey: Interaction.own) ?? []
        for (source, rows) in bySource.sorted(by: { $0.key < $1.key }) + [(Interaction.own, own)] {
            // Sources may be named anything; file names may not.
            let number = mappings.count
            let name = source == Interaction.own ? "rapport_\(end.text).csv" : "source\(number)_\(end.text).csv"
            let file = directory.appending(path: name)
            try Self.write(rows, to: file)
            files.append(file)
            mappings.append(
                SourceMapping(
                    source: source, priority: 900, files: ["\(Self.folder)/\(name)"], format: .csv,
                    tables: [
                        "interaction": [
                            TableMapping(columns: Dictionary(uniqueKeysWithValues: Self.columns.map { ($0, $0) }))
                        ]
                    ]))
        }
    }

    /// The files have done their service; they hold what people did.
    func remove() { for file in files { try? FileManager.default.removeItem(at: file) } }

    /// How far the ledger was read for the deliveries that this snapshot holds.
    static func place(_ connection: WarehouseConnection) async throws -> InteractionPlace {
        let last = try await connection.query(
            """
            SELECT file FROM history.delivery WHERE table_name = 'interaction' AND source = ? AND file LIKE ? \
            ORDER BY delivery_no DESC LIMIT 1
            """, [.text(Interaction.own), .text("%\(folder)/rapport_%")]
        ).texts("file").first
        guard let stem = last?.split(separator: "_").last?.prefix(while: { $0 != "." }) else {
            return InteractionPlace()
        }
        return InteractionPlace(stem) ?? InteractionPlace()
    }

    private static func write(_ rows: [Interaction], to file: URL) throws {
        var text = columns.joined(separator: ",") + "\n"
        for row in rows {
            let cells: [String?] = [
                row.interactionID, row.hcpID, moment(row.occurredAt), moment(row.knownAt), row.channel.rawValue,
                row.direction.rawValue, row.purpose?.rawValue, row.kind, row.sender, row.contentID, row.productID,
                row.campaignID, row.decisionID, row.status?.rawValue, row.response?.rawValue,
                row.seconds.map(String.init), row.parentID, row.isMachine ? "true" : "false",
            ]
            text += cells.map { $0.map(quoted) ?? "" }.joined(separator: ",") + "\n"
        }
        do { try Data(text.utf8).write(to: file, options: .atomic) } catch {
            throw Diagnostic(
                "disk_full", "what the ledger knows cannot be written for the warehouse", file: file.lastPathComponent,
                remedy: "free some space and run again")
        }
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.utf8.contains(where: { $0 == 34 || $0 == 44 || $0 == 10 || $0 == 13 }) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }

    /// `2026-06-01 09:30:00.000001`, UTC.
    private static func moment(_ time: Int64) -> String {
        let length: Int64 = 86_400_000_000
        let rest = (time % length + length) % length
        let day = Day(number: Int32(truncatingIfNeeded: (time - rest) / length))
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let second = rest / 1_000_000
        let clock = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(day) \(clock).\(padded(rest % 1_000_000, 6))"
    }
}

/// Which HCP every other system's id means, for events that name one.
enum Crosswalk {
    static func read(_ context: RunContext) async throws -> [(externalID: String, hcpID: String)] {
        // An id that two systems use for two people means neither.
        let table = try await context.connection.query(
            """
            SELECT source_hcp_id AS id, min(hcp_id) AS hcp_id FROM mart.xref
            WHERE rule <> 'shared id' AND source_hcp_id NOT IN (SELECT hcp_id FROM mart.hcp)
            GROUP BY source_hcp_id HAVING count(DISTINCT hcp_id) = 1 ORDER BY 1
            """)
        return zip(try table.texts("id"), try table.texts("hcp_id")).map { (externalID: $0, hcpID: $1) }
    }
}
