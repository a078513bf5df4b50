package import EngagementModel
import GRDB

/// One touch that somebody means to make: the plan, a person who took it in hand, or a journey.
package struct ScheduledTouch: Sendable, Hashable {
    package enum Origin: String, ClosedList, Codable {
        /// Proposed by the newest plan.
        case plan
        /// Accepted, edited or put off by a person.
        case taken
        /// Claimed by a journey or a campaign, and not sent yet.
        case journey
    }
    package var hcpID: String
    package var day: Day
    package var hour: Int?
    package var channel: Channel
    package var purpose: Purpose?
    package var productID: String?
    package var contentID: String?
    /// rep_id or `system`.
    package var sender: String
    package var origin: Origin
    /// The journey, where one is the origin.
    package var campaign: String?

    package init(
        hcpID: String, day: Day, hour: Int? = nil, channel: Channel, purpose: Purpose? = nil, productID: String? = nil,
        contentID: String? = nil, sender: String, origin: Origin, campaign: String? = nil
    ) {
        self.hcpID = hcpID
        self.day = day
        self.hour = hour
        self.channel = channel
        self.purpose = purpose
        self.productID = productID
        self.contentID = contentID
        self.sender = sender
        self.origin = origin
        self.campaign = campaign
    }
}

/// How many touches are planned on a day by a channel.
package struct ScheduledCount: Sendable, Hashable {
    package var day: Day
    package var channel: Channel
    package var origin: ScheduledTouch.Origin
    package var touches: Int
}

/// Which planned touches are asked for.
package struct ScheduledFilter: Sendable, Hashable {
    package var first: Day
    package var last: Day
    package var channel: Channel?
    package var origin: ScheduledTouch.Origin?
    /// nil = of everybody.
    package var hcpIDs: [String]?
    /// The purpose firewall: who may not know of medical contacts does not get them.
    package var withMedical: Bool

    package init(
        from first: Day, through last: Day, channel: Channel? = nil, origin: ScheduledTouch.Origin? = nil,
        hcpIDs: [String]? = nil, withMedical: Bool = false
    ) {
        self.first = first
        self.last = last
        self.channel = channel
        self.origin = origin
        self.hcpIDs = hcpIDs
        self.withMedical = withMedical
    }
}

extension Ledger {
    /// Planned touches by day, channel and origin.
    package func scheduledCounts(_ filter: ScheduledFilter) async throws -> [ScheduledCount] {
        let (source, arguments) = try Self.planned(filter)
        return try await read { db in
            try Row.fetchAll(
                db,
                sql: "\(source) SELECT day, channel, origin, count(*) FROM planned GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
                arguments: arguments
            ).map {
                ScheduledCount(day: $0.day(0), channel: try $0.closed(1), origin: try $0.closed(2), touches: $0[3])
            }
        }
    }

    /// Planned touches by day, hour and HCP.
    package func scheduledTouches(_ filter: ScheduledFilter, limit: Int, offset: Int = 0) async throws
        -> [ScheduledTouch]
    {
        var (source, arguments) = try Self.planned(filter)
        arguments += ["limit": limit, "offset": offset]
        let (query, values) = (source, arguments)
        return try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    \(query) SELECT hcp_id, day, hour, channel, purpose, product_id, content_id, sender, origin, campaign
                    FROM planned ORDER BY day, hour IS NULL, hour, hcp_id, channel LIMIT :limit OFFSET :offset
                    """, arguments: values
            ).map {
                ScheduledTouch(
                    hcpID: $0[0], day: $0.day(1), hour: $0[2], channel: try $0.closed(3),
                    purpose: try $0.optionalClosed(4), productID: $0[5], contentID: $0[6], sender: $0[7],
                    origin: try $0.closed(8), campaign: $0[9])
            }
        }
    }

    /// HCPs with a planned touch that the newest plan did not make: only they can meet a conflict, as the plan has none
    /// in itself.
    package func crowded(from first: Day, through last: Day, limit: Int = 20_000) async throws -> [String] {
        var arguments: StatementArguments = ["first": first.stored, "last": last.stored, "withMedical": true]
        arguments += ["limit": limit]
        let values = arguments
        return try await read { db in
            try String.fetchAll(
                db,
                sql: """
                    WITH planned AS (\(Self.takenInHand) UNION ALL \(Self.claimedAhead))
                    SELECT DISTINCT hcp_id FROM planned ORDER BY 1 LIMIT :limit
                    """, arguments: values)
        }
    }

    // MARK: - The three origins as SQL

    private static func planned(_ filter: ScheduledFilter) throws -> (String, StatementArguments) {
        var arguments: StatementArguments = [
            "first": filter.first.stored, "last": filter.last.stored, "withMedical": filter.withMedical,
            "channel": filter.channel?.rawValue, "origin": filter.origin?.rawValue,
        ]
        var among = ""
        if let hcpIDs = filter.hcpIDs {
            among = "AND hcp_id IN (SELECT value FROM json_each(:hcps))"
            arguments += ["hcps": try canonicalJSON(hcpIDs)]
        }
        let source = """
            WITH planned AS (
                SELECT * FROM (\(proposed) UNION ALL \(takenInHand) UNION ALL \(claimedAhead))
                WHERE (:channel IS NULL OR channel = :channel) AND (:origin IS NULL OR origin = :origin) \(among)
            )
            """
        return (source, arguments)
    }

    private static let columns = """
        d.hcp_id, d.due_day AS day, d.due_hour AS hour, d.channel, d.purpose, d.product_id,
        d.due_content_id AS content_id, d.sender
        """

    private static let proposed = """
        SELECT \(columns), 'plan' AS origin, NULL AS campaign FROM decision d
        WHERE d.run_no = \(latest) AND d.day IS NOT NULL AND d.due_day BETWEEN :first AND :last
            AND d.status IN ('planned', 'shown') AND (:withMedical OR d.purpose <> 'medical')
        """

    private static let takenInHand = """
        SELECT \(columns), 'taken' AS origin, NULL AS campaign FROM decision d INDEXED BY decision_acted_day
        WHERE d.day IS NOT NULL AND d.status NOT IN ('planned', 'shown') AND d.due_day BETWEEN :first AND :last
            AND d.status IN ('accepted', 'edited', 'snoozed') AND (:withMedical OR d.purpose <> 'medical')
        """

    private static let claimedAhead = """
        SELECT c.hcp_id, c.day, NULL AS hour, c.channel, c.purpose, c.product_id, c.content_id, c.sender,
            'journey' AS origin, c.campaign_id AS campaign
        FROM contact c WHERE c.claim_state IN ('claimed', 'sending') AND c.day BETWEEN :first AND :last
            AND c.campaign_id <> 'decision' AND (:withMedical OR c.purpose <> 'medical')
        """
}
