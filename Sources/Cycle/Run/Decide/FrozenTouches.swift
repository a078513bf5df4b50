internal import EngagementModel
internal import Ledger
internal import Warehouse

/// Touches that stand: the contact ledger back to the longest window, booked appointments, and what people have taken
/// in hand. They count against caps and gaps, and their minutes are gone from the reps' days.
struct FrozenTouches: Sendable {
    /// Sorted by HCP and day.
    var hcp: [Int32] = []
    var day: [Day] = []
    var channel: [Channel] = []
    /// Minutes taken of a rep's day.
    var minutes: [(rep: Int32, day: Day, minutes: Double)] = []
    /// HCP × day that people accepted, edited or snoozed: the next plan leaves it alone.
    var appointments: [(hcp: Int32, day: Day)] = []

    static func read(_ context: RunContext, _ population: Population, _ horizon: Horizon) async throws -> FrozenTouches
    {
        var numbers: [String: Int32] = [:]
        numbers.reserveCapacity(population.count)
        for (i, id) in population.hcpIDs.enumerated() { numbers[id] = Int32(i) }
        let reps = Interner(population.reps.map(\.id))
        var rows: [(hcp: Int32, day: Day, channel: Channel)] = []
        let window = try await context.ledger.contactWindow(
            from: context.asOf + -context.windowDays, through: context.asOf)
        for i in window.hcpID.indices {
            if let hcp = numbers[window.hcpID[i]] { rows.append((hcp, window.day[i], window.channel[i])) }
        }
        var result = FrozenTouches()
        guard let last = horizon.days.last else { return result }
        // Booked appointments never move.
        let booked = try await context.connection.query(
            """
            SELECT x.hcp_id, a.rep_id, CAST(a.starts_at AS DATE) AS day, coalesce(a.minutes, 45) AS minutes, coalesce(a.channel, 'in_person') AS channel
            FROM canon.appointment AS a JOIN mart.xref AS x ON x.source = a.source AND x.source_hcp_id = a.hcp_id, history.clock AS k
            WHERE CAST(a.starts_at AS DATE) > k.as_of AND CAST(a.starts_at AS DATE) <= CAST(? AS DATE)
              AND coalesce(lower(a.status), 'booked') NOT IN ('cancelled', 'canceled', 'no_show', 'declined')
            """, [.day(last)])
        let ids = try booked.texts("hcp_id")
        let carriers = try booked.strings("rep_id")
        let days = try booked.days("day")
        let lengths = try booked.doubles("minutes")
        let channels = try booked.texts("channel")
        for i in ids.indices {
            guard let hcp = numbers[ids[i]], let day = days[i] else { continue }
            rows.append((hcp, day, Channel(rawValue: channels[i]) ?? .inPerson))
            result.appointments.append((hcp, day))
            let rep = reps.known(carriers[i])
            if rep >= 0 { result.minutes.append((rep, day, lengths[i])) }
        }
        let taken = try await context.ledger.commitments(from: context.asOf + 1)
        for i in taken.hcpID.indices where taken.status[i] != .dismissed {
            guard let hcp = numbers[taken.hcpID[i]], taken.day[i] <= last else { continue }
            rows.append((hcp, taken.day[i], taken.channel[i]))
            result.appointments.append((hcp, taken.day[i]))
            let rep = reps.known(taken.sender[i])
            let minutes = context.workspace.strategy.channels[taken.channel[i]]?.minutes ?? 0
            if rep >= 0, minutes > 0 { result.minutes.append((rep, taken.day[i], minutes)) }
        }
        rows.sort { ($0.hcp, $0.day.number, $0.channel.code) < ($1.hcp, $1.day.number, $1.channel.code) }
        result.hcp = rows.map(\.hcp)
        result.day = rows.map(\.day)
        result.channel = rows.map(\.channel)
        return result
    }
}

/// Minutes of each rep on each day of the horizon: the calendar's, else the rep's own, less what is booked.
enum Capacity {
    /// R × T.
    static func read(
        _ connection: WarehouseConnection, _ population: Population, _ horizon: Horizon, _ frozen: FrozenTouches
    ) async throws -> [Float] {
        let width = horizon.days.count
        var minutes = population.reps.flatMap { [Float](repeating: Float($0.minutesPerDay), count: width) }
        let reps = Interner(population.reps.map(\.id))
        let table = try await connection.query("SELECT rep_id, day, minutes_available FROM canon.rep_calendar")
        let ids = try table.texts("rep_id")
        let days = try table.days("day")
        let available = try table.optionalDoubles("minutes_available")
        for i in ids.indices {
            guard let day = days[i], let position = horizon.position(of: day) else { continue }
            let rep = reps.known(ids[i])
            if rep >= 0, let value = available[i] { minutes[Int(rep) * width + position] = Float(max(0, value)) }
        }
        for taken in frozen.minutes {
            guard let position = horizon.position(of: taken.day) else { continue }
            let place = Int(taken.rep) * width + position
            minutes[place] = max(0, minutes[place] - Float(taken.minutes))
        }
        return minutes
    }
}
