/// What a closed loop showed, in figures: by policy over seeds and weeks.
public struct LoopReport: Sendable, Codable {
    /// One policy over the seeds.
    public struct Line: Sendable, Codable, Hashable {
        public var policy: LoopPolicy
        /// Mean of a week, currency, over all weeks and over the last four.
        public var net: Double
        public var netLate: Double
        public var cost: Double
        public var costLate: Double
        public var touches: Double
        /// Share of the oracle's late net value; nil without an oracle. The lowest of any seed, too.
        public var oracleShare: Double?
        public var lowestOracleShare: Double?
        public var conflicts: Double
        public var violations: Int
    }

    /// Rapport against another policy at the same money, in one seed and the last four weeks.
    public struct Duel: Sendable, Codable, Hashable {
        public var seed: UInt64
        public var rival: LoopPolicy
        /// Net value of Rapport and of the rival, currency a week.
        public var rapport: Double
        public var other: Double
        public var rapportCost: Double
        public var otherCost: Double
        /// Whether Rapport is ahead although it spent no more than 1% more, or ahead per unit of money spent as well.
        public var isAhead: Bool
    }

    public var hcps: Int
    public var weeks: Int
    public var seeds: [UInt64]
    public var lines: [Line]
    public var duels: [Duel]
    /// Rapport's share of the oracle's net value by week, all seeds together.
    public var oracleShareByWeek: [Double]
    public var results: [LoopWeek]

    public init(_ settings: LoopSettings, _ results: [LoopWeek]) {
        hcps = settings.hcps
        weeks = settings.weeks
        seeds = settings.seeds
        self.results = results
        let late = max(1, settings.weeks - 3)...settings.weeks
        func mean(_ rows: [LoopWeek], _ figure: (LoopWeek) -> Double) -> Double {
            rows.isEmpty ? 0 : rows.reduce(0) { $0 + figure($1) } / Double(rows.count)
        }
        func rows(_ policy: LoopPolicy, _ weeks: ClosedRange<Int>, seed: UInt64? = nil) -> [LoopWeek] {
            results.filter { $0.policy == policy && weeks.contains($0.week) && (seed == nil || $0.seed == seed) }
        }
        let all = 1...settings.weeks
        let hasOracle = settings.policies.contains(.oracle)
        lines = settings.policies.map { policy in
            let best = mean(rows(.oracle, late), \.net)
            let shares = settings.seeds.compactMap { seed -> Double? in
                let oracle = mean(rows(.oracle, late, seed: seed), \.net)
                return oracle > 0 ? mean(rows(policy, late, seed: seed), \.net) / oracle : nil
            }
            let own = rows(policy, all)
            return Line(
                policy: policy, net: mean(own, \.net), netLate: mean(rows(policy, late), \.net),
                cost: mean(own, \.cost), costLate: mean(rows(policy, late), \.cost),
                touches: mean(own) { Double($0.touches) },
                oracleShare: hasOracle && best > 0 ? mean(rows(policy, late), \.net) / best : nil,
                lowestOracleShare: hasOracle ? shares.min() : nil, conflicts: mean(own) { Double($0.conflicts) },
                violations: own.reduce(0) { $0 + $1.violations })
        }
        duels = settings.seeds.flatMap { seed in
            [LoopPolicy.siloed, .rules, .random].filter { settings.policies.contains($0) }.compactMap { rival in
                let isAtSilosCost = rival == .siloed && settings.policies.contains(.frugal)
                let own = isAtSilosCost ? LoopPolicy.frugal : .rapport
                let (a, b) = (rows(own, late, seed: seed), rows(rival, late, seed: seed))
                guard !a.isEmpty, !b.isEmpty else { return nil }
                let (net, cost) = (mean(a, \.net), mean(a, \.cost))
                let (other, otherCost) = (mean(b, \.net), mean(b, \.cost))
                let perUnit = net * otherCost >= other * cost
                return Duel(
                    seed: seed, rival: rival, rapport: net, other: other, rapportCost: cost, otherCost: otherCost,
                    isAhead: net > other && (cost <= otherCost * 1.01 || perUnit))
            }
        }
        oracleShareByWeek =
            hasOracle && settings.policies.contains(.rapport)
            ? all.map { week in
                let oracle = mean(rows(.oracle, week...week), \.net)
                return oracle > 0 ? mean(rows(.rapport, week...week), \.net) / oracle : 0
            } : []
    }

    /// One row for each seed, policy and week (RFC 4180).
    public var csv: String {
        var text =
            "seed,policy,week,touches,value,cost,net,expected,cap_conflicts,gap_conflicts,same_day_conflicts,violations\n"
        for row in results {
            let figures = [row.value, row.cost, row.net, row.expected].map(Self.plain).joined(separator: ",")
            text += "\(row.seed),\(row.policy.rawValue),\(row.week),\(row.touches),\(figures),"
            text += "\(row.capConflicts),\(row.gapConflicts),\(row.sameDayConflicts),\(row.violations)\n"
        }
        return text
    }

    /// Two decimals, no grouping, no exponent.
    private static func plain(_ value: Double) -> String {
        let cents = Int((value.magnitude * 100).rounded())
        let rest = cents % 100
        return (value < 0 && cents > 0 ? "-" : "") + "\(cents / 100)." + (rest < 10 ? "0\(rest)" : "\(rest)")
    }
}
