internal import Content
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
    private let firstNames: [String?]
    private let lastNames: [String?]
    private let sites: [String?]
    private let reps: [String: String]
    let repNames: [String: String]
    let repEmails: [String: String]
    /// In whose name the company writes.
    let company: String
    /// Contents of the sources, with their words.
    let sources: [SourceContent]
    private let events: [EngageEvent]
    private let hours: BestHours
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
            SELECT h.hcp_id, h.timezone, h.email, h.phone, h.first_name, h.last_name, h.hco_name,
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
        hours = try await HourPart.hours(
            connection, specialty: specialty, specialties: Int(specialty.max() ?? -1) + 1)
        self.segments = segments.map { ($0.id, $0.condition) }
        firstNames = try table.strings("first_name")
        lastNames = try table.strings("last_name")
        sites = try table.strings("hco_name")
        company = workspace.settings.name
        sources = try await SourceContent.read(connection)
        let staff = try await connection.query("SELECT rep_id, name, email FROM canon.rep ORDER BY rep_id")
        let (staffIDs, names, mails) = (
            try staff.texts("rep_id"), try staff.strings("name"), try staff.strings("email")
        )
        repNames = Dictionary(
            zip(staffIDs, names).compactMap { id, name in name.map { (id, $0) } }, uniquingKeysWith: { $1 })
        repEmails = Dictionary(
            zip(staffIDs, mails).compactMap { id, mail in mail.map { (id, $0) } }, uniquingKeysWith: { $1 })
        let links = try await connection.query("SELECT hcp_id, min(rep_id) AS rep_id FROM mart.hcp_rep GROUP BY hcp_id")
        reps = Dictionary(zip(try links.texts("hcp_id"), try links.texts("rep_id")), uniquingKeysWith: { $1 })
        let coming = try await connection.query(
            """
            SELECT event_id, coalesce(title, event_id) AS title, product_id, epoch_us(starts_at) AS at
            FROM canon.event WHERE starts_at IS NOT NULL ORDER BY starts_at, event_id
            """)
        let (eventIDs, titles) = (try coming.texts("event_id"), try coming.texts("title"))
        let (products, starts) = (try coming.strings("product_id"), try coming.int64s("at"))
        events = eventIDs.indices.map {
            EngageEvent(id: eventIDs[$0], title: titles[$0], productID: products[$0], startsAt: starts[$0])
        }
        let markets = Dictionary(workspace.markets.map { ($0.code, $0) }, uniquingKeysWith: { $1 })
        quietHours = (traits["country"] ?? []).map { country in
            country.flatMap { markets[$0]?.quietHours } ?? workspace.strategy.quietHours
        }
    }

    func number(of hcpID: String) -> Int? { numbers[hcpID] }

    /// Whose address it is, when it is one HCP's alone.
    func hcp(ofEmail address: String) -> String? {
        let wanted = Address.normalised(address, .email)
        let found = emails.indices.filter { emails[$0].map { Address.normalised($0, .email) == wanted } ?? false }
        return found.count == 1 ? hcpIDs[found[0]] : nil
    }

    /// Where a message on the channel goes; nil where the channel has no address or none is known.
    func address(of hcp: Int, _ channel: Channel) -> String? {
        switch channel {
        // An audience is told a digest of it, never the address.
        case .email, .emailRep, .webinar, .ad: emails[hcp]
        case .phone, .sms, .messaging: phones[hcp]
        case .mail: postal[hcp]
        case .inPerson, .video, .portal, .event: nil
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

    /// An HCP as a message addresses it.
    func reader(_ hcp: Int) -> Reader {
        Reader(
            language: traits["language"]?[hcp] ?? "en", country: traits["country"]?[hcp] ?? "",
            specialty: traits["specialty"]?[hcp],
            stakeholder: traits["stakeholder"]?[hcp].flatMap(Stakeholder.init(rawValue:)) ?? .clinical)
    }

    func name(_ hcp: Int) -> ReaderName {
        ReaderName(
            first: firstNames[hcp], last: lastNames[hcp], credential: traits["credential"]?[hcp], site: sites[hcp],
            city: traits["city"]?[hcp])
    }

    /// Who looks after the HCP, the first by id.
    func rep(of hcp: Int) -> String? { reps[hcpIDs[hcp]] }

    /// The next event about a product, or the next at all where none is named.
    func nextEvent(_ productID: String?, after: Int64) -> EngageEvent? {
        events.first { $0.startsAt > after && (productID == nil || $0.productID == productID) }
    }

    /// The hour within the span that is nearest to the HCP's best one for e-mail, as pages show it; outside of quiet
    /// hours, the best weekday of equals, then the earliest.
    ///
    /// - Parameter span: microseconds since 1970, UTC.
    func bestMoment(of hcp: Int, within span: ClosedRange<Int64>) -> Int64? {
        let hour: Int64 = 3_600_000_000
        let moment = hours.moment(hcp: hcp, channel: .email, quiet: quietHours[hcp])
        let zone = zones[hcp]
        var best: (at: Int64, distance: Double)?
        var at = span.lowerBound
        for _ in 0..<(8 * 24) where at <= span.upperBound {
            let local = zone.local(at)
            if quietHours[hcp]?.contains(minute: local.minute) != true {
                let away = abs(local.minute / 60 - (moment?.hour ?? 10))
                let distance = Double(away) + (local.day.weekday == moment?.weekday ? 0 : 0.5)
                if distance < best?.distance ?? .infinity { best = (at, distance) }
            }
            // On to the full hour.
            at += hour - Int64(local.minute % 60) * 60_000_000
        }
        return best?.at
    }
}
