internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// Field-force sizing: how full each rep's days are, what one more rep would add, and how borders could be moved.
public struct TerritoryReport: Sendable, Codable {
    public var asOf: String
    public var days: Int
    public var reps: [Rep]
    public var proposals: [Proposal]
    /// Imbalance beyond a tenth, kilometres to the middle, before and after the proposals.
    public var before: Balance
    public var after: Balance
    public var note =
        "The value of one more rep is the price of a minute times a rep's minutes: right for the next hour, too high for a"
        + " whole rep, since prices fall as capacity grows; hiring, training and travel are not in it, and only the coming"
        + " plan is. Proposals weigh imbalance, distance and work that changes hands; they know nothing of relations"
        + " between people."

    public struct Rep: Sendable, Codable {
        public var repID: String
        /// Whose work is balanced together: the team, else the kind.
        public var team: String
        public var territoryID: String?
        public var kind: String
        public var hcps: Int
        /// Minutes of the horizon, and those that the plan uses.
        public var minutes: Double
        public var used: Double
        /// Currency: of one more hour, mean over the days; of one more rep like this one, in a week of five days.
        public var hourPrice: Double
        public var anotherRepPerWeek: Double
        /// Lowest and highest of the horizon's days.
        public var hourPriceLow: Double
        public var hourPriceHigh: Double
        /// Work of the accounts, minutes a week: visits of the last quarter and of the plan.
        public var load: Double
        public var loadAfter: Double
    }

    /// An account that another rep would serve.
    public struct Proposal: Sendable, Codable {
        public var hcoID: String
        public var name: String?
        public var hcps: Int
        public var load: Double
        public var from: String
        public var to: String
    }

    public struct Balance: Sendable, Codable {
        public var imbalance = 0.0
        public var kilometres = 0.0
    }

    public func rendered() -> String {
        func whole(_ value: Double) -> String { String(Int(value.rounded())) }
        var text = "Field force on the plan of \(asOf), \(days) days; currency\n\n"
        var rows = [
            ["rep", "territory", "HCPs", "minutes", "used", "one hour", "one more rep a week", "load", "after"]
        ]
        for rep in reps {
            let share = rep.minutes > 0 ? "\(Int((rep.used / rep.minutes * 100).rounded()))%" : "–"
            rows.append([
                rep.repID, rep.territoryID ?? "–", "\(rep.hcps)", whole(rep.minutes), share,
                rep.hourPrice.formatted3, whole(rep.anotherRepPerWeek), whole(rep.load), whole(rep.loadAfter),
            ])
        }
        text += TextColumns.rendered(rows)
        text += "\nbeyond balance \(before.imbalance.formatted3) → \(after.imbalance.formatted3), "
        text += "km to the middle \(before.kilometres.formatted3) → \(after.kilometres.formatted3), "
        text += "\(proposals.count) accounts would change hands\n"
        if !proposals.isEmpty {
            var moves = [["account", "HCPs", "minutes a week", "from", "to"]]
            for move in proposals.prefix(20) {
                moves.append([move.hcoID, "\(move.hcps)", whole(move.load), move.from, move.to])
            }
            text += "\n" + TextColumns.rendered(moves)
            if proposals.count > 20 { text += "… \(proposals.count - 20) more by --json\n" }
        }
        return text + "\n" + note + "\n"
    }
}

extension DecisionBook {
    /// Field reps of the newest plan, and a proposal of borders.
    public func territoryReport() async throws -> TerritoryReport {
        let connection = try snapshot()
        guard let asOf = try await connection.query("SELECT as_of FROM plan.run").days("as_of").first ?? nil else {
            throw Diagnostic("no_plan", "the snapshot holds no plan", remedy: "run `rapport run` first")
        }
        let table = try await connection.query(
            """
            SELECT r.rep_id, r.kind, coalesce(r.territory_id, t.territory_id) AS territory_id,
              coalesce(r.team, r.kind) AS team, coalesce(r.minutes_per_day, 420) AS day_minutes, CAST(coalesce(h.n, 0) AS INTEGER) AS hcps,
              sum(p.capacity) AS minutes, sum(p.used) AS used, avg(p.price) AS price,
              min(p.price) AS price_low, max(p.price) AS price_high, CAST(count(p.day) AS INTEGER) AS days
            FROM mart.rep AS r JOIN plan.price AS p ON p.rep_id = r.rep_id AND p.kind = 'rep_day'
            LEFT JOIN (SELECT rep_id, min(territory_id) AS territory_id FROM mart.territory_rep GROUP BY rep_id) AS t
              ON t.rep_id = r.rep_id
            LEFT JOIN (SELECT rep_id, count(*) AS n FROM mart.hcp_rep GROUP BY rep_id) AS h ON h.rep_id = r.rep_id
            WHERE r.kind IN ('field', 'hybrid', 'kam')
            GROUP BY r.rep_id, r.kind, r.team, r.territory_id, t.territory_id, r.minutes_per_day, h.n ORDER BY r.rep_id
            """)
        let ids = try table.texts("rep_id")
        let (kinds, territories) = (try table.texts("kind"), try table.strings("territory_id"))
        let (dayMinutes, hcps) = (try table.doubles("day_minutes"), try table.int32s("hcps"))
        let (minutes, used) = (try table.doubles("minutes"), try table.doubles("used"))
        let (prices, days) = (try table.doubles("price"), try table.int32s("days"))
        let accounts = try await accounts(connection, asOf)
        let numbers = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
        let known = accounts.filter { numbers[$0.rep] != nil }
        let teams = try table.texts("team")
        let (lows, highs) = (try table.doubles("price_low"), try table.doubles("price_high"))
        let balance = try await Self.balance(known, known.map { numbers[$0.rep] ?? 0 }, teams)
        func loads(_ assignment: [Int]) -> [Double] {
            var sums = [Double](repeating: 0, count: ids.count)
            for (place, rep) in assignment.enumerated() { sums[rep] += known[place].load }
            return sums
        }
        let (now, then) = (loads(balance.present), loads(balance.proposed))
        return TerritoryReport(
            asOf: asOf.description, days: days.first.map(Int.init) ?? 0,
            reps: ids.indices.map { rep in
                TerritoryReport.Rep(
                    repID: ids[rep], team: teams[rep], territoryID: territories[rep], kind: kinds[rep],
                    hcps: Int(hcps[rep]),
                    minutes: minutes[rep], used: used[rep], hourPrice: prices[rep] * 60,
                    anotherRepPerWeek: prices[rep] * dayMinutes[rep] * 5, hourPriceLow: lows[rep] * 60,
                    hourPriceHigh: highs[rep] * 60, load: now[rep], loadAfter: then[rep])
            },
            proposals: known.indices.filter { balance.proposed[$0] != balance.present[$0] }.map { place in
                TerritoryReport.Proposal(
                    hcoID: known[place].id, name: known[place].name, hcps: known[place].hcps, load: known[place].load,
                    from: ids[balance.present[place]], to: ids[balance.proposed[place]])
            }.sorted { ($0.from, $0.to, $0.hcoID) < ($1.from, $1.to, $1.hcoID) }, before: balance.before,
            after: balance.after)
    }

    /// Rep of each account now and as proposed. Work changes hands within a team and a country only: reps are weighed
    /// against those with whom they have a country in common, directly or by way of others.
    private static func balance(_ accounts: [Account], _ present: [Int], _ teams: [String]) async throws
        -> (present: [Int], proposed: [Int], before: TerritoryReport.Balance, after: TerritoryReport.Balance)
    {
        var proposed = present
        var (before, after) = (TerritoryReport.Balance(), TerritoryReport.Balance())
        let work = accounts.reduce(0) { $0 + $1.load }
        let names = Set(accounts.map(\.country)).sorted()
        let countries = accounts.map { names.firstIndex(of: $0.country) ?? 0 }
        for reps in Self.groups(teams, present: present, countries: countries) {
            let own = Set(reps)
            let places = accounts.indices.filter { own.contains(present[$0]) }
            let number = Dictionary(uniqueKeysWithValues: reps.enumerated().map { ($1, $0) })
            var problem = TerritoryProblem(
                latitude: places.map { accounts[$0].latitude }, longitude: places.map { accounts[$0].longitude },
                load: places.map { accounts[$0].load }, territory: places.map { number[present[$0]] ?? 0 },
                territoryCount: reps.count)
            problem.country = places.map { countries[$0] }
            let balance = try await OwnThread.run("rapport.territories") { [problem] in TerritoryBalance(problem) }
            for (place, rep) in zip(places, balance.assignment) { proposed[place] = reps[rep] }
            // Imbalance adds up over territories, kilometres are a mean over the work.
            let share = work > 0 ? problem.load.reduce(0, +) / work : 0
            before.imbalance += balance.before.imbalance
            after.imbalance += balance.after.imbalance
            before.kilometres += share * balance.before.travel
            after.kilometres += share * balance.after.travel
        }
        return (present, proposed, before, after)
    }

    /// Reps of a team who are joined by countries, in order; one without accounts stands alone.
    package static func groups(_ teams: [String], present: [Int], countries: [Int]) -> [[Int]] {
        var leader = Array(teams.indices)
        func root(_ rep: Int) -> Int {
            var rep = rep
            while leader[rep] != rep { rep = leader[rep] }
            return rep
        }
        var first: [String: Int] = [:]
        for (rep, country) in zip(present, countries) {
            let key = "\(country) \(teams[rep])"
            let (a, b) = (root(first[key] ?? rep), root(rep))
            leader[max(a, b)] = min(a, b)
            first[key] = a
        }
        return Dictionary(grouping: teams.indices, by: root).sorted { $0.key < $1.key }.map(\.value)
    }

    private struct Account: Sendable {
        var id: String
        var name: String?
        /// Empty when it is not known.
        var country: String
        var rep: String
        var latitude: Double
        var longitude: Double
        var hcps: Int
        /// Minutes a week.
        var load: Double
    }

    /// Accounts with a place, the field rep who serves most of their HCPs, and the work that they are: visits of the last
    /// quarter and those planned, at the strategy's minutes; an HCP without either is worth a minute a week.
    private func accounts(_ connection: WarehouseConnection, _ asOf: Day) async throws -> [Account] {
        let visit = workspace.strategy.channels[.inPerson]?.minutes ?? 45
        let table = try await connection.query(
            """
            WITH served AS (
              SELECT h.primary_hco_id AS hco_id, r.rep_id, count(*) AS hcps,
                sum(coalesce(v.n, 0)) AS visits, sum(coalesce(p.n, 0)) AS planned
              FROM mart.hcp AS h JOIN mart.hcp_rep AS a ON a.hcp_no = h.hcp_no
              JOIN mart.rep AS r ON r.rep_id = a.rep_id AND r.kind IN ('field', 'hybrid', 'kam')
              LEFT JOIN (SELECT hcp_no, count(*) AS n FROM mart.touch WHERE channel = 'in_person' AND head
                  AND NOT medical AND day > CAST(? AS DATE) GROUP BY hcp_no) AS v ON v.hcp_no = h.hcp_no
              LEFT JOIN (SELECT hcp_no, count(*) AS n FROM plan.decision WHERE channel = 'in_person' GROUP BY hcp_no) AS p
                ON p.hcp_no = h.hcp_no
              WHERE h.primary_hco_id IS NOT NULL GROUP BY h.primary_hco_id, r.rep_id
            ),
            ranked AS (
              SELECT *, row_number() OVER (PARTITION BY hco_id ORDER BY hcps DESC, rep_id) AS place,
                sum(hcps) OVER (PARTITION BY hco_id) AS people, sum(visits) OVER (PARTITION BY hco_id) AS all_visits,
                sum(planned) OVER (PARTITION BY hco_id) AS all_planned
              FROM served
            )
            SELECT k.hco_id, k.rep_id, o.name, coalesce(o.country, '') AS country, o.latitude, o.longitude, CAST(k.people AS INTEGER) AS people,
              CAST(k.all_visits AS DOUBLE) AS visits, CAST(k.all_planned AS DOUBLE) AS planned
            FROM ranked AS k JOIN mart.hco AS o ON o.hco_id = k.hco_id
            WHERE k.place = 1 AND o.latitude IS NOT NULL AND o.longitude IS NOT NULL ORDER BY k.hco_id
            """, [.day(asOf + -91)])
        let (ids, reps, countries) = (
            try table.texts("hco_id"), try table.texts("rep_id"), try table.texts("country")
        )
        let (latitudes, longitudes) = (try table.doubles("latitude"), try table.doubles("longitude"))
        let (people, names) = (try table.int32s("people"), try table.strings("name"))
        let (visits, planned) = (try table.doubles("visits"), try table.doubles("planned"))
        let weeks = max(1, Double(workspace.strategy.horizonDays) / 5)
        return ids.indices.map { row in
            Account(
                id: ids[row], name: names[row], country: countries[row], rep: reps[row], latitude: latitudes[row],
                longitude: longitudes[row],
                hcps: Int(people[row]),
                load: visit * (visits[row] / 13 + planned[row] / weeks) / 2 + Double(people[row]))
        }
    }
}
