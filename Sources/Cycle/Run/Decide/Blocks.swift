internal import Decisioning
internal import EngagementModel
internal import Ledger
internal import Warehouse

/// Days on which an HCP must not be planned on a channel although the rules would allow it.
struct Blocks: Sendable {
    private var rows: [(hcp: Int32, day: Int16, channel: UInt8)] = []
    /// Of single offers, named by channel and product so that another catalogue finds them.
    private var offerRows: [(hcp: Int32, day: Int16, offer: OfferName)] = []

    struct OfferName: Sendable, Hashable {
        var channel: UInt8
        var product: String
    }

    /// What people dismissed: the day itself, or the channel for a while, as far as the cause says.
    static func dismissed(
        _ context: RunContext, _ population: Population, _ horizon: Horizon
    ) async throws -> Blocks {
        let known = try await context.ledger.dismissals(from: context.asOf + -longest)
        var result = Blocks()
        guard !known.hcpID.isEmpty else { return result }
        var numbers: [String: Int32] = [:]
        numbers.reserveCapacity(population.count)
        for (i, id) in population.hcpIDs.enumerated() { numbers[id] = Int32(i) }
        for i in known.hcpID.indices {
            guard let hcp = numbers[known.hcpID[i]] else { continue }
            let last = known.day[i] + rest(known.cause[i])
            for day in horizon.days where day >= known.day[i] && day <= last {
                result.rows.append((hcp, Int16(clamping: day - horizon.asOf), known.channel[i].code))
            }
            // Dismissed before its day: the days up to it are no better when the touch itself is unwanted.
            if rest(known.cause[i]) > 0 {
                for day in horizon.days where day < known.day[i] {
                    result.rows.append((hcp, Int16(clamping: day - horizon.asOf), known.channel[i].code))
                }
            }
        }
        return result
    }

    /// - Parameter day: offset from the as-of day.
    mutating func add(hcp: Int32, day: Int, channel: Channel) {
        rows.append((hcp, Int16(clamping: day), channel.code))
    }

    /// Days after the planned one on which the channel rests.
    private static func rest(_ cause: DismissalCause) -> Int {
        switch cause {
        // About the moment or the rep's day: another day may do.
        case .wrongTime, .noCapacity, .wrongContent: 0
        // It happened, or there is a reason of a few weeks.
        case .alreadyDone, .knowBetter, .unstated: 14
        case .notRelevant: 28
        }
    }

    private static let longest = 28

    /// Days after the end of a consent or an approval: where no offer of the channel may be used any more.
    mutating func addEnds(_ table: CandidateTable, _ catalogue: OfferCatalogue, _ horizon: Horizon, _ ends: EndsEarly) {
        let all = DayMask.first(horizon.days.count)
        var allowed = [DayMask](repeating: 0, count: 256)
        var isEnding = [Bool](repeating: false, count: 256)
        for hcp in 0..<table.hcps {
            var touched: [UInt8] = []
            for offer in 0..<table.offers {
                let cell = hcp * table.offers + offer
                guard table.isEligible(cell) else { continue }
                let code = catalogue.offers[offer].channel.code
                if !touched.contains(code) { touched.append(code) }
                let early = ends(table, cell)
                if early { isEnding[Int(code)] = true }
                allowed[Int(code)] |= early ? table.days[cell] : all
            }
            for code in touched {
                if isEnding[Int(code)] {
                    for (position, day) in horizon.days.enumerated()
                    where allowed[Int(code)] & (1 << DayMask(position)) == 0 {
                        rows.append((Int32(hcp), Int16(clamping: day - horizon.asOf), code))
                    }
                }
                allowed[Int(code)] = 0
                isEnding[Int(code)] = false
            }
        }
    }

    /// Days that rules by product, purpose, sender and content took from candidates that keep some.
    mutating func addClosed(_ table: CandidateTable, _ catalogue: OfferCatalogue, _ horizon: Horizon) {
        guard !table.closed.isEmpty else { return }
        let names = catalogue.offers.map { OfferName(channel: $0.channel.code, product: $0.objective.product) }
        for cell in table.closed.indices where table.closed[cell] != 0 && table.isEligible(cell) {
            let (hcp, offer) = cell.quotientAndRemainder(dividingBy: table.offers)
            for (position, day) in horizon.days.enumerated()
            where table.closed[cell] & (1 << DayMask(position)) != 0 {
                offerRows.append((Int32(hcp), Int16(clamping: day - horizon.asOf), names[offer]))
            }
        }
    }

    /// Kept with the plan, so that a what-if plans under the same ones.
    func save(_ connection: WarehouseConnection) async throws {
        try await connection.ingest(
            ColumnSet([
                ("hcp_no", .int32(rows.map(\.hcp) + offerRows.map(\.hcp))),
                ("day_offset", .int32(rows.map { Int32($0.day) } + offerRows.map { Int32($0.day) })),
                ("channel_code", .int32(rows.map { Int32($0.channel) } + offerRows.map { Int32($0.offer.channel) })),
                ("product_id", .optionalText(rows.map { _ in nil } + offerRows.map(\.offer.product))),
            ]), into: "plan.block", mode: .replace)
    }

    /// The blocks of the published plan.
    mutating func addSaved(_ connection: WarehouseConnection) async throws {
        let table = try await connection.query("SELECT * FROM plan.block")
        let (hcps, days) = (try table.int32s("hcp_no"), try table.int32s("day_offset"))
        // Plans of earlier versions blocked whole channels only.
        let products = table.columns.contains("product_id") ? try table.strings("product_id") : []
        for (i, code) in try table.int32s("channel_code").enumerated() {
            let (day, channel) = (Int16(clamping: days[i]), UInt8(clamping: code))
            if let product = products.isEmpty ? nil : products[i] {
                offerRows.append((hcps[i], day, OfferName(channel: channel, product: product)))
            } else {
                rows.append((hcps[i], day, channel))
            }
        }
    }

    /// Hands the blocks to the planner.
    func fill(_ problem: inout PlanProblem, _ catalogue: OfferCatalogue) {
        var rows = rows
        if offerRows.isEmpty {
            problem.actionChannel = catalogue.offers.map(\.channel.code)
        } else {
            // Each offer is its own channel then; a channel that is blocked is all of its offers.
            problem.actionChannel = catalogue.offers.indices.map { UInt8($0) }
            rows = rows.flatMap { row in
                catalogue.offers.indices.filter { catalogue.offers[$0].channel.code == row.channel }
                    .map { (row.hcp, row.day, UInt8($0)) }
            }
            for row in offerRows {
                for (number, offer) in catalogue.offers.enumerated()
                where offer.channel.code == row.offer.channel && offer.objective.product == row.offer.product {
                    rows.append((row.hcp, row.day, UInt8(number)))
                }
            }
        }
        guard !rows.isEmpty else {
            problem.actionChannel = []
            return
        }
        let sorted = rows.sorted { ($0.hcp, $0.day, $0.channel) < ($1.hcp, $1.day, $1.channel) }
        var start = [Int32](repeating: 0, count: problem.hcpCount + 1)
        for row in sorted { start[Int(row.hcp) + 1] += 1 }
        for i in 0..<problem.hcpCount { start[i + 1] += start[i] }
        problem.blockStart = start
        problem.blockDay = sorted.map(\.day)
        problem.blockChannel = sorted.map(\.channel)
    }
}

/// Whether a candidate's consent or approval ends before the horizon does.
struct EndsEarly: Sendable {
    private let rules: Eligibility
    private let last: Day?
    /// By variant: whether the content's approval does.
    private let isContentEnding: [Bool]
    private let lastDay: DayMask

    init(catalogue: OfferCatalogue, rules: Eligibility, items: [ContentShelf.Item], days: [Day]) {
        self.rules = rules
        last = days.last
        lastDay = days.isEmpty ? 0 : 1 << DayMask(days.count - 1)
        isContentEnding = catalogue.variants.map { variant in
            guard let last = days.last, let ends = variant.content.flatMap({ items[$0].ends }) else { return false }
            return ends < last
        }
    }

    /// - Parameter cell: of an eligible candidate.
    func callAsFunction(_ table: CandidateTable, _ cell: Int) -> Bool {
        table.variant[cell] >= 0
            && self(cell / table.offers, Int(table.variant[cell]), free: table.days[cell])
    }

    /// - Parameter free: days of the horizon on which the candidate may be used.
    func callAsFunction(_ hcp: Int, _ variant: Int, free: DayMask) -> Bool {
        guard let last else { return false }
        if isContentEnding[variant] { return true }
        // Free on the last day: then consent holds until then.
        if free & lastDay != 0 { return false }
        guard case .consent(let row)? = rules.basis(hcp: hcp, action: variant) else { return false }
        return rules.input.consents.expires[row] < last.number
    }
}
