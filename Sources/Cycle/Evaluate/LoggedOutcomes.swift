internal import EngagementModel
internal import Warehouse

/// What became of planned touches, as the newest snapshot knows it.
struct LoggedOutcomes: Sendable {
    /// Best response to a touch, by decision.
    private var byDecision: [String: UInt8] = [:]
    /// Touches of each HCP and channel: day and level.
    private var byPlace: [Place: [(day: Int32, level: UInt8)]] = [:]

    private struct Place: Hashable {
        var hcp: String
        var channel: UInt8
    }

    /// Days after the planned one within which a touch counts as the planned one, when it names no decision.
    static let slackDays = 3

    /// Touches from a day on: heads, no medical rows, no machines, nothing that failed.
    static func read(_ connection: WarehouseConnection, from first: Day) async throws -> LoggedOutcomes {
        let table = try await connection.query(
            """
            SELECT h.hcp_id, t.day, t.channel, CAST(t.level AS UTINYINT) AS level, i.decision_id
            FROM mart.touch AS t JOIN mart.hcp AS h ON h.hcp_no = t.hcp_no
            LEFT JOIN canon.interaction AS i ON i.source = t.source AND i.interaction_id = t.interaction_id
            WHERE t.day >= CAST(? AS DATE) AND t.head AND NOT t.medical AND NOT t.machine AND t.direction = 'push'
              AND (t.status IS NULL OR t.status IN ('sent', 'delivered', 'uncertain'))
            """, [.day(first)])
        var result = LoggedOutcomes()
        let (hcps, days) = (try table.texts("hcp_id"), try table.days("day"))
        let (channels, levels) = (try table.texts("channel"), try table.uint8s("level"))
        let decisions = try table.strings("decision_id")
        for row in hcps.indices {
            guard let day = days[row], let channel = Channel(rawValue: channels[row]) else { continue }
            if let decision = decisions[row], !decision.isEmpty {
                result.byDecision[decision] = max(result.byDecision[decision] ?? 0, levels[row])
            } else {
                result.byPlace[Place(hcp: hcps[row], channel: channel.code), default: []].append(
                    (day.number, levels[row]))
            }
        }
        return result
    }

    /// Level on the response ladder of the touch that a decision led to; nil when none took place.
    func level(decisionID: String, hcp: String, channel: Channel, day: Day) -> UInt8? {
        if let named = byDecision[decisionID] { return named }
        let last = day.number + Int32(Self.slackDays)
        return byPlace[Place(hcp: hcp, channel: channel.code)]?
            .filter { $0.day >= day.number && $0.day <= last }.map(\.level).max()
    }
}
