/// A choice of a few sequences for each HCP of a cluster, with what they use of the cluster's rep-days.
///
/// A *regret* is what a sequence is worth less than the HCP's best one, at given prices of minutes; what it paid as a
/// counted touch is given back, since those who fill whole days keep to the count anyway. Minutes are counted in
/// whole units, rounded up, so that whatever fits here fits in truth.
struct ColumnSet {
    let layout: PlanLayout
    let days: Int
    /// Rep → first of its dimensions (one a day) in its cluster; dimensions of the cluster.
    let dimensionOfRep: [Int32]
    let width: Int
    /// Group → units of one touch.
    let units: [Int32]
    /// Width × groups: what a touch pays for being counted; empty when none is.
    let credit: [Float]
    /// Per HCP: number, and first column (its best one).
    private(set) var hcps: [Int32] = []
    private(set) var first: [Int32] = []
    /// Per HCP: the column to begin with.
    private(set) var start: [Int32] = []
    /// Per HCP: value of its best column at the prices of its making.
    private(set) var best: [Float] = []
    /// Per column.
    private(set) var owner: [Int32] = []
    private(set) var regret: [Float] = []
    /// Column × T.
    private(set) var choice: [Int16] = []
    /// Column × width: units used.
    private(set) var use: [Int32] = []
    private var scratch: [Int32]
    private var paid: Float = 0

    var count: Int { owner.count }

    init(_ layout: PlanLayout, width: Int, dimensionOfRep: [Int32], units: [Int32], credit: [Float]) {
        self.layout = layout
        days = layout.dayCount
        self.width = width
        self.dimensionOfRep = dimensionOfRep
        self.units = units
        self.credit = credit
        scratch = [Int32](repeating: 0, count: width)
    }

    /// Minutes of a unit: the largest that divides all durations, or a fine one when there is none.
    static func unit(_ groups: [PlanLayout.Group]) -> Float {
        let minutes = groups.filter { $0.slot >= 0 && $0.minutes > 0 }.map(\.minutes)
        guard let most = minutes.max() else { return 1 }
        guard most < 10_000, minutes.allSatisfy({ $0 == $0.rounded() }) else { return most / 32 }
        let divisor = minutes.reduce(0) { (a: Int, b: Float) in
            var (x, y) = (a, Int(b))
            while y != 0 { (x, y) = (y, x % y) }
            return x
        }
        return max(Float(divisor), most / 64)
    }

    /// Columns that follow belong to this HCP.
    mutating func begin(_ hcp: Int32, best: Float) {
        self.best.append(best)
        hcps.append(hcp)
        first.append(Int32(owner.count))
        start.append(Int32(owner.count))
    }

    /// Takes over what other prices make of the columns, and where to begin.
    mutating func settle(regrets: [Float], start: [Int32]) { (regret, self.start) = (regrets, start) }

    /// Adds the columns of the HCP at hand from a set of the same HCPs that was made at other prices.
    ///
    /// - Parameters:
    ///   - old, new: currency per unit then and now.
    ///   - slack: columns that lose more are of no use.
    mutating func add(from other: ColumnSet, old: [Float], new: [Float], slack: Float) {
        let position = hcps.count - 1
        let end = position + 1 < other.first.count ? Int(other.first[position + 1]) : other.count
        other.choice.withUnsafeBufferPointer { choice in
            guard let choice = choice.baseAddress else { return }
            for column in Int(other.first[position])..<end {
                var worth = other.best[position] - other.regret[column]
                for d in 0..<width { worth += Float(other.use[column * width + d]) * (old[d] - new[d]) }
                measure(Int(hcps[position]), choice + column * days)
                let regret = best[position] - worth + paid
                if regret < slack { add(regret: max(0, regret), choice + column * days) }
            }
        }
    }

    /// A column for the HCP at hand, unless it has one of the same use at no more regret.
    mutating func add(regret: Float, _ sequence: UnsafePointer<Int16>) {
        let position = hcps.count - 1
        measure(Int(hcps[position]), sequence)
        let regret = regret - paid
        for column in Int(first[position])..<owner.count where isSameUse(column) {
            guard regret < self.regret[column] else { return }
            self.regret[column] = regret
            for t in 0..<days { choice[column * days + t] = sequence[t] }
            return
        }
        owner.append(Int32(position))
        self.regret.append(regret)
        for t in 0..<days { choice.append(sequence[t]) }
        for d in 0..<width { use.append(scratch[d]) }
    }

    private func isSameUse(_ column: Int) -> Bool {
        for d in 0..<width where use[column * width + d] != scratch[d] { return false }
        return true
    }

    private mutating func measure(_ hcp: Int, _ sequence: UnsafePointer<Int16>) {
        let problem = layout.problem
        for d in 0..<width { scratch[d] = 0 }
        paid = 0
        for t in 0..<days where sequence[t] >= 0 {
            let g = layout.groupOfAction[Int(sequence[t])]
            guard units[g] > 0 else { continue }
            let rep = Int(problem.sender[hcp * problem.slotCount + layout.groups[g].slot])
            let d = Int(dimensionOfRep[rep]) + t
            scratch[d] += units[g]
            if !credit.isEmpty { paid += credit[d * layout.groups.count + g] }
        }
    }
}
