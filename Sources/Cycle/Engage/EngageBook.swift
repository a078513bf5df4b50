internal import Decisioning
internal import EngagementModel
internal import Foundation
internal import Journeys
internal import Ledger
internal import Warehouse

/// What carrying things out asks about HCPs, from one published snapshot: addresses, traits, good hours. It never
/// changes; the next snapshot is another book.
final class EngageBook: Sendable {
    /// Name of the snapshot's file.
    let id: String
    let runID: String
    let asOf: Day
    let hcpIDs: [String]
    let zones: [Zone]
    private let numbers: [String: Int]
    private let emails: [String?]
    private let phones: [String?]
    private let postal: [String?]
    private let traits: [String: [String?]]
    private let segments: [(id: String, condition: Condition)]
    private let versions: [String: String]
    private let timing: TimingModel
    private let quietHours: [Strategy.QuietHours?]

    /// Reads the snapshot and closes it again.
    static func read(_ file: URL, workspace: Workspace, segments: [SegmentDefinition]) async throws -> EngageBook {
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: file.path, readOnly: true))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        let run = try await connection.query("SELECT run_id, as_of FROM plan.run")
        guard run.rowCount > 0, let asOf = try run.days("as_of")[0] else {
            throw Diagnostic("no_plan", "The snapshot holds no plan.", remedy: "run `rapport run` first")
        }
        return try await EngageBook(
            id: file.lastPathComponent, runID: try run.texts("run_id")[0], asOf: asOf, workspace: workspace,
            segments: segments, connection: connection)
    }

    /// Columns of mart.hcp and mart.feature_hcp that segments and journeys may ask about.
    private static let traitColumns = [
        "specialty", "country", "language", "stakeholder", "access", "region", "city", "profession", "credential",
        "volume_decile", "volume_12m", "volume_trend", "touches_365d", "engaged_365d", "pull_90d", "top_topic",
        "top_format",
    ]

    private init(
        id: String, runID: String, asOf: Day, workspace: Workspace, segments: [SegmentDefinition],
        connection: WarehouseConnection
    ) async throws {
        self.id = id
        self.runID = runID
        self.asOf = asOf
        let chosen = Self.traitColumns.map { "CAST(\($0) AS VARCHAR) AS \($0)" }.joined(separator: ", ")
        let table = try await connection.query(
            """
            SELECT h.hcp_id, h.timezone, h.email, h.phone,
              nullif(concat_ws(chr(10), h.address_line, concat_ws(' ', h.postal_code, h.city), h.country), '') AS postal,
              CAST(coalesce(f.specialty_no, -1) AS INTEGER) AS specialty_no, \(chosen)
            FROM mart.hcp AS h LEFT JOIN mart.feature_hcp AS f ON f.hcp_no = h.hcp_no ORDER BY h.hcp_no
            """)
        hcpIDs = try table.texts("hcp_id")
        numbers = Dictionary(uniqueKeysWithValues: hcpIDs.enumerated().map { ($1, $0) })
        emails = try table.strings("email")
        phones = try table.strings("phone")
        postal = try table.strings("postal")
        var traits: [String: [String?]] = [:]
        for name in Self.traitColumns { traits[name] = try table.strings(name) }
        self.traits = traits
        let known = ZoneTable()
        guard let home = known.zone(workspace.settings.timezone) else {
            throw Diagnostic("unknown_zone", "The workspace's time zone is none that the world knows.")
        }
        zones = try table.strings("timezone").map { name in name.flatMap { known.zone($0) } ?? home }
        let specialty = try table.int32s("specialty_no")
        timing = TimingModel(
            try await Moments.read(connection), specialty: specialty, specialties: Int(specialty.max() ?? 0) + 1)
        self.segments = segments.map { ($0.id, $0.condition) }
        let contents = try await ContentShelf.read(connection).items
        versions = Dictionary(contents.map { ($0.id, $0.version) }, uniquingKeysWith: { $1 })
        let markets = Dictionary(workspace.markets.map { ($0.code, $0) }, uniquingKeysWith: { $1 })
        quietHours = (traits["country"] ?? []).map { country in
            country.flatMap { markets[$0]?.quietHours } ?? workspace.strategy.quietHours
        }
    }

    func number(of hcpID: String) -> Int? { numbers[hcpID] }

    /// Where a message on the channel goes; nil where the channel has no address or none is known.
    func address(of hcp: Int, _ channel: Channel) -> String? {
        switch channel {
        case .email, .emailRep, .webinar: emails[hcp]
        case .phone, .sms, .messaging: phones[hcp]
        case .mail: postal[hcp]
        case .inPerson, .video, .portal, .event, .ad: nil
        }
    }

    /// A column by its name, `decile`, or `segment.ID` (`yes` for members).
    func trait(_ name: String, of hcp: Int) -> String? {
        if let column = traits[name] { return column[hcp] }
        if name == "decile" { return traits["volume_decile"]?[hcp] }
        guard name.hasPrefix("segment.") else { return nil }
        let id = name.dropFirst(8)
        guard let segment = segments.first(where: { $0.id == id }) else { return nil }
        return holds(segment.condition, of: hcp) ? "yes" : nil
    }

    /// HCPs of a segment, in the order of their numbers.
    func members(of segment: String) -> [String] {
        guard let condition = segments.first(where: { $0.id == segment })?.condition else { return [] }
        return hcpIDs.indices.filter { holds(condition, of: $0) }.map { hcpIDs[$0] }
    }

    private func holds(_ condition: Condition, of hcp: Int) -> Bool {
        condition.holds { name in name.hasPrefix("segment.") ? nil : trait(name, of: hcp) }
    }

    func version(of contentID: String) -> String? { versions[contentID] }

    /// The hour within the span at which the HCP answers best; outside of quiet hours, the earliest of equals.
    ///
    /// - Parameter span: microseconds since 1970, UTC.
    func bestMoment(of hcp: Int, within span: ClosedRange<Int64>) -> Int64? {
        let hour: Int64 = 3_600_000_000
        let week = timing.week(hcp: hcp)
        let zone = zones[hcp]
        var best: (at: Int64, rate: Double)?
        var at = span.lowerBound
        for _ in 0..<(8 * 24) where at <= span.upperBound {
            let local = zone.local(at)
            if quietHours[hcp]?.contains(minute: local.minute) != true {
                let rate = week[local.day.weekday * 24 + local.minute / 60]
                if rate > best?.rate ?? -1 { best = (at, rate) }
            }
            // On to the full hour.
            at += hour - Int64(local.minute % 60) * 60_000_000
        }
        return best?.at
    }
}
