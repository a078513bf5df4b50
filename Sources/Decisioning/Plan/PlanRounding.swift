import Statistics

/// From prices to one sequence per HCP, within shared capacity, always in the same order for the same seed.
final class PlanRounding {
    /// How an HCP's sequence is proposed at given prices and room.
    enum Manner {
        /// The best one.
        case best
        /// Drawn at a temperature; with chance `floor` drawn like the random arm.
        case sample(LaneTemperature, floor: Double)
        /// Drawn like the random arm, served in random order.
        case even
    }

    let layout: PlanLayout
    let crew: PlanCrew
    let seed: UInt64
    let days: Int
    private let audit: PlanAudit
    private(set) var room: SharedRoom
    /// N × T, -1 = no touch.
    private(set) var choice: [Int16]
    /// N: value of what is held.
    private(set) var held: [Double]

    init(_ layout: PlanLayout, crew: PlanCrew, seed: UInt64) {
        self.layout = layout
        self.crew = crew
        self.seed = seed
        days = layout.dayCount
        audit = PlanAudit(problem: layout.problem)
        room = SharedRoom(layout)
        choice = [Int16](repeating: -1, count: layout.problem.hcpCount * layout.dayCount)
        held = [Double](repeating: 0, count: layout.problem.hcpCount)
    }

    /// Goes on from the state of another.
    init(continuing other: PlanRounding, seed: UInt64) {
        layout = other.layout
        crew = other.crew
        self.seed = seed
        days = other.days
        audit = other.audit
        room = other.room
        choice = other.choice
        held = other.held
    }

    /// Currency of what all HCPs hold, added in the order of HCPs.
    var objective: Double { held.reduce(0, +) }

    /// Serves within a share of each shared ceiling, by limit; the rest is kept for those who come later.
    func within(_ share: (_ limit: Int) -> Double, _ serve: () -> Void) {
        let aside = room.layAside(allBut: share)
        serve()
        room.giveBack(aside)
    }

    /// Puts a given sequence in place when it fits.
    func place(_ hcp: Int, _ sequence: [Int16]) -> Bool { take(hcp, sequence, 0) }

    /// Whether there is room for a sequence, without taking it.
    func fits(_ hcp: Int, _ sequence: [Int16]) -> Bool {
        sequence.withUnsafeBufferPointer { buffer in
            guard let sequence = buffer.baseAddress else { return true }
            guard room.take(hcp, sequence) else { return false }
            room.release(hcp, sequence)
            return true
        }
    }

    /// Takes room for the sequence at `index` and holds it, or does nothing.
    func take(_ hcp: Int, _ source: [Int16], _ index: Int) -> Bool {
        let fits = source.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { room.take(hcp, $0 + index * days) } ?? true
        }
        if fits { hold(hcp, source, index) }
        return fits
    }

    private func hold(_ hcp: Int, _ source: [Int16], _ index: Int) {
        for t in 0..<days { choice[hcp * days + t] = source[index * days + t] }
        held[hcp] = choice.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { audit.value(hcp, $0 + hcp * days) } ?? 0
        }
    }

    /// Serves all HCPs at once, those first who lose most without scarce capacity; whoever finds a day full chooses
    /// again among what is left. Nobody stays without an answer, and nothing exceeds the room.
    func assign(_ hcps: [Int32], at point: DualPoint, manner: Manner) {
        var pending = hcps
        let lastRound = 14
        for round in 0...lastRound where !pending.isEmpty {
            let partition = LanePartition(pending, layout: layout)
            let proposals = propose(
                partition, at: point, manner: manner, round: round + 1, ranked: true, closed: round == lastRound)
            pending = []
            for lane in proposals.order(partition) {
                let hcp = Int(partition.lanes[lane])
                if !take(hcp, proposals.choice, lane) { pending.append(Int32(hcp)) }
            }
        }
    }

    /// Serves HCPs one per rep at a time, the most valuable first, at prices that lean against the difference
    /// between the room left and what those still waiting are expected to use.
    func serve(
        _ hcps: [Int32], at point: DualPoint, manner: Manner, expectation: LaneTemperature, repReach: [Double],
        sideReach: [Double]
    ) {
        let partition = LanePartition(hcps, layout: layout)
        let (demand, scores) = expect(partition, at: point, temperature: expectation)
        var queue = PlanQueue(partition, scores: scores, demand: demand, layout: layout)
        var lean = point
        var pending: [Int32] = []
        while let turn = queue.next() {
            for r in 0..<layout.problem.repCount where queue.waiting[r] > 0 {
                // A mismatch of one usual touch moves the price by this share of what a touch is worth; the fewer
                // are left to answer, the more.
                let left = (Double(queue.waiting[r]) / Double(queue.total[r])).squareRoot()
                let lever = 0.007 * repReach[r] / layout.usualMinutes / left
                for k in r * days..<(r + 1) * days {
                    lean.rep[k] = max(0, point.rep[k] + lever * (queue.demand[k] - room.rep[k]))
                }
            }
            for l in lean.side.indices where layout.sides[l].sign > 0 {
                // In proportion: limits see thousands of touches, so a share of the price moves a share of the use.
                let over = (queue.sideDemand[l] - room.side[l]) / max(queue.sideDemand[l], 1e-9)
                let share = max(-0.5, min(1, 2 * over))
                lean.side[l] = max(0, point.side[l] * (1 + share) + 0.01 * sideReach[l] * max(0, share))
            }
            let lanes = LanePartition(turn, layout: layout, blocksPerChunk: 4)
            let proposals = propose(lanes, at: lean, manner: manner, round: 0, ranked: false, closed: false)
            for lane in proposals.order(lanes) {
                let hcp = Int(lanes.lanes[lane])
                if !take(hcp, proposals.choice, lane) { pending.append(Int32(hcp)) }
            }
        }
        assign(pending, at: point, manner: manner)
    }

    /// One round of better sequences within what is left and what each HCP holds; every exchange raises the value
    /// net of the limits' prices.
    ///
    /// - Parameters:
    ///   - spend: share of the ceilings' prices that still holds: towards 0 when little is left to spend on.
    ///   - floorBonus: factor of the floors' prices while they lack touches; nil = leave floors alone.
    func improve(_ hcps: [Int32], at point: DualPoint, spend: Double, floorBonus: Double? = nil) {
        let partition = LanePartition(hcps, layout: layout)
        var prices = point
        prices.rep = [Double](repeating: 0, count: point.rep.count)
        prices.visit = point.visit.map { _ in 0 }
        for k in prices.side.indices { prices.side[k] *= layout.sides[k].sign > 0 ? spend : floorBonus ?? 1 }
        let proposals = proposeBetter(partition, at: prices)
        for lane in proposals.order(partition) {
            if floorBonus != nil && room.floorLack <= 1e-9 { break }
            let hcp = Int(partition.lanes[lane])
            let replaced = choice.withUnsafeBufferPointer { old in
                proposals.choice.withUnsafeBufferPointer { new -> Bool in
                    guard let old = old.baseAddress, let new = new.baseAddress else { return false }
                    return room.replace(hcp, old + hcp * days, by: new + lane * days)
                }
            }
            if replaced { hold(hcp, proposals.choice, lane) }
        }
    }
}

/// Who is served when, and what those who wait are expected to use.
struct PlanQueue {
    /// HCPs by turn: one per first rep.
    private var lines: [[Int]]
    private var round = 0
    private let partition: LanePartition
    private let expected: [Float]
    private let layout: PlanLayout
    /// R × T expected minutes of those who wait; R: how many wait, and how many there were.
    private(set) var demand: [Double]
    /// Expected use of each side by those who wait.
    private(set) var sideDemand: [Double]
    private(set) var waiting: [Int]
    let total: [Int]

    init(_ partition: LanePartition, scores: [Float], demand expected: [Float], layout: PlanLayout) {
        self.partition = partition
        self.expected = expected
        self.layout = layout
        let problem = layout.problem
        let (slots, days) = (problem.slotCount, layout.dayCount)
        let sides = layout.sides.count
        let width = slots * days + sides
        demand = [Double](repeating: 0, count: problem.repCount * days)
        sideDemand = [Double](repeating: 0, count: sides)
        var count = [Int](repeating: 0, count: problem.repCount)
        var lineOf: [Int32: Int] = [:]
        lines = []
        for lane in partition.lanes.indices where partition.lanes[lane] >= 0 {
            let hcp = Int(partition.lanes[lane])
            for slot in 0..<slots {
                let rep = Int(problem.sender[hcp * slots + slot])
                guard rep >= 0 else { continue }
                count[rep] += 1
                for t in 0..<days { demand[rep * days + t] += Double(expected[lane * width + slot * days + t]) }
            }
            for l in 0..<sides { sideDemand[l] += Double(expected[lane * width + slots * days + l]) }
            // Those without a rep compete for limits only: lines of their own keep the turns short.
            let rep = slots > 0 ? problem.sender[hcp * slots] : -1
            let key = rep >= 0 ? rep : -1 - Int32(truncatingIfNeeded: hcp % 997)
            if let line = lineOf[key] {
                lines[line].append(lane)
            } else {
                lineOf[key] = lines.count
                lines.append([lane])
            }
        }
        waiting = count
        total = count
        for k in lines.indices {
            lines[k].sort { a, b in
                scores[a] != scores[b] ? scores[a] > scores[b] : partition.lanes[a] < partition.lanes[b]
            }
        }
    }

    /// The next HCP of every line, no longer counted among those who wait; nil when all are served.
    mutating func next() -> [Int32]? {
        let problem = layout.problem
        let (slots, days) = (problem.slotCount, layout.dayCount)
        let width = slots * days + layout.sides.count
        var turn: [Int32] = []
        for line in lines where line.count > round {
            let lane = line[round]
            let hcp = Int(partition.lanes[lane])
            turn.append(Int32(hcp))
            for slot in 0..<slots {
                let rep = Int(problem.sender[hcp * slots + slot])
                guard rep >= 0 else { continue }
                waiting[rep] -= 1
                for t in 0..<days { demand[rep * days + t] -= Double(expected[lane * width + slot * days + t]) }
            }
            for l in sideDemand.indices { sideDemand[l] -= Double(expected[lane * width + slots * days + l]) }
        }
        round += 1
        return turn.isEmpty ? nil : turn
    }
}
