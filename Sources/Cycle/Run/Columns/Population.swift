internal import EngagementModel
internal import Foundation
internal import Warehouse

/// The golden HCPs as columns, row = hcp_no, with the reps and contents that a plan can use.
struct Population: Sendable {
    var hcpIDs: [String] = []
    var hcoIDs: [String?] = []
    var country: [Int32] = []
    var countryNames: [String] = []
    var language: [Int32] = []
    var languageNames: [String] = []
    var stakeholder: [UInt8] = []
    var access: [UInt8] = []
    var specialty: [Int32] = []
    var specialtyNames: [String] = []
    var hasEmail: [Bool] = []
    var hasPhone: [Bool] = []
    var hidesVolume: [Bool] = []
    var utcOffsetMinutes: [Int16] = []
    var decile: [UInt8] = []
    var volume3m: [Double] = []
    var volumeTrend: [Double] = []
    var bestWeekday: [Int8] = []
    var bestHour: [Int8] = []
    var reps: [Rep] = []
    /// N × 2: the rep who visits (field, hybrid, key account), and the one who calls from afar (inside, else the first).
    var sender: [Int32] = []

    struct Rep: Sendable {
        var id: String
        var kind: RepKind
        var minutesPerDay: Double
    }

    static let slots = 2

    var count: Int { hcpIDs.count }

    /// Reads mart.hcp, mart.feature_hcp, mart.rep and mart.hcp_rep. hcp_no must be dense: 0, 1, 2 …
    static func read(_ connection: WarehouseConnection, asOf: Day, defaultZone: String) async throws -> Population {
        var result = Population()
        let table = try await connection.query(
            """
            SELECT h.hcp_no, h.hcp_id, h.primary_hco_id, h.country, h.language, h.stakeholder, h.access, h.specialty,
              h.timezone, h.email IS NOT NULL AS has_email, h.phone IS NOT NULL AS has_phone, h.hides_volume,
              f.volume_decile, f.volume_3m, f.volume_trend, f.best_weekday, f.best_hour
            FROM mart.hcp AS h LEFT JOIN mart.feature_hcp AS f ON f.hcp_no = h.hcp_no
            ORDER BY h.hcp_no
            """)
        let numbers = try table.int32s("hcp_no")
        guard numbers.indices.allSatisfy({ Int(numbers[$0]) == $0 }) else {
            throw Diagnostic("warehouse_inconsistent", "hcp_no has holes", remedy: "run again with --from resolve")
        }
        result.hcpIDs = try table.texts("hcp_id")
        result.hcoIDs = try table.strings("primary_hco_id")
        (result.country, result.countryNames) = intern(try table.strings("country"))
        (result.language, result.languageNames) = intern(try table.strings("language"))
        (result.specialty, result.specialtyNames) = intern(try table.strings("specialty"))
        result.stakeholder = try table.strings("stakeholder").map {
            ($0.flatMap(Stakeholder.init(rawValue:)) ?? .clinical).code
        }
        result.access = try table.strings("access").map { $0.flatMap(Access.init(rawValue:))?.code ?? 255 }
        result.hasEmail = try table.bools("has_email")
        result.hasPhone = try table.bools("has_phone")
        result.hidesVolume = try table.bools("hides_volume")
        result.decile = try table.ints("volume_decile").map { UInt8(clamping: $0 ?? 0) }
        result.volume3m = try table.doubles("volume_3m")
        result.volumeTrend = try table.doubles("volume_trend")
        result.bestWeekday = try table.ints("best_weekday").map { Int8(clamping: $0 ?? -1) }
        result.bestHour = try table.ints("best_hour").map { Int8(clamping: $0 ?? -1) }
        result.utcOffsetMinutes = offsets(try table.strings("timezone"), asOf: asOf, defaultZone: defaultZone)
        try await result.readReps(connection)
        return result
    }

    private static func intern(_ texts: [String?]) -> ([Int32], [String]) {
        var interner = Interner()
        let codes = texts.map { interner.optional($0) }
        return (codes, interner.names)
    }

    /// Minutes ahead of UTC at noon of the as-of day; one look-up per zone.
    private static func offsets(_ zones: [String?], asOf: Day, defaultZone: String) -> [Int16] {
        let noon = Date(timeIntervalSince1970: Double(asOf.number) * 86_400 + 43_200)
        var known: [String: Int16] = [:]
        return zones.map { zone in
            let name = zone ?? defaultZone
            if let offset = known[name] { return offset }
            let zone = TimeZone(identifier: name) ?? TimeZone(identifier: defaultZone)
            let offset = Int16((zone?.secondsFromGMT(for: noon) ?? 0) / 60)
            known[name] = offset
            return offset
        }
    }

    private mutating func readReps(_ connection: WarehouseConnection) async throws {
        let table = try await connection.query(
            "SELECT rep_id, kind, minutes_per_day FROM mart.rep ORDER BY rep_no")
        let ids = try table.texts("rep_id")
        let kinds = try table.texts("kind")
        let minutes = try table.optionalDoubles("minutes_per_day")
        reps = ids.indices.map {
            Rep(id: ids[$0], kind: RepKind(rawValue: kinds[$0]) ?? .field, minutesPerDay: minutes[$0] ?? 420)
        }
        sender = [Int32](repeating: -1, count: count * Self.slots)
        let links = try await connection.query(
            """
            SELECT a.hcp_no, r.rep_no FROM mart.hcp_rep AS a JOIN mart.rep AS r ON r.rep_id = a.rep_id
            ORDER BY a.hcp_no, a.team, r.rep_no
            """)
        let hcps = try links.int32s("hcp_no")
        let numbers = try links.int32s("rep_no")
        for i in hcps.indices {
            let place = Int(hcps[i]) * Self.slots
            switch reps[Int(numbers[i])].kind {
            case .field, .hybrid, .kam:
                if sender[place] < 0 { sender[place] = numbers[i] }
            case .inside, .callCentre:
                if sender[place + 1] < 0 { sender[place + 1] = numbers[i] }
            case .msl, .technician:
                break  // The purpose firewall: they never carry a promotional touch.
            }
        }
        for hcp in 0..<count where sender[hcp * Self.slots + 1] < 0 {
            sender[hcp * Self.slots + 1] = sender[hcp * Self.slots]
        }
    }

    /// Which of an HCP's two senders carries a channel; -1 = the system.
    static func slot(_ channel: Channel, _ terms: Strategy.ChannelTerms) -> Int8 {
        guard terms.sender == .rep else { return -1 }
        return channel == .inPerson ? 0 : 1
    }
}
