/// The rules arm: a ranking, each action once, on the first day that takes it.
///
/// The arm has its HCPs' share of the shared capacity and no more: a control group that was served before all others
/// from the whole of it would show what rules do with other people's visits, and leave a rep's first days to the
/// lowest values. Over the horizon the share of a rep's minutes; on one day the share of the day,
/// or one touch where the share is shorter than that. An arm of everybody has everything.
struct PlanRules {
    let problem: PlanProblem
    /// R: minutes over the horizon; R × T: minutes of a day. R × T: whether the arm had its touch of the day.
    private var minutes: [Double]
    private var minutesOfDay: [Double]
    private var wasServed: [Bool]

    init(problem: PlanProblem) {
        self.problem = problem
        let days = problem.dayCount
        var (own, all) = (
            [Double](repeating: 0, count: problem.repCount), [Double](repeating: 0, count: problem.repCount)
        )
        for hcp in 0..<problem.hcpCount {
            for slot in 0..<problem.slotCount {
                let rep = Int(problem.sender[hcp * problem.slotCount + slot])
                guard rep >= 0 else { continue }
                all[rep] += 1
                if problem.arms[hcp] == .rules { own[rep] += 1 }
            }
        }
        let share = zip(own, all).map { $1 > 0 ? $0 / $1 : 0 }
        let ofDay = problem.repMinutes.indices.map { Double(problem.repMinutes[$0]) * share[$0 / days] }
        minutes = share.indices.map { rep in ofDay[rep * days..<(rep + 1) * days].reduce(0, +) }
        minutesOfDay = ofDay
        wasServed = ofDay.map { _ in false }
    }

    mutating func serve(_ hcp: Int, on rounding: PlanRounding) {
        let audit = PlanAudit(problem: problem)
        var sequence = [Int16](repeating: -1, count: problem.dayCount)
        for action in problem.ruleRanking where problem.value[hcp * problem.actionCount + Int(action)] > -.infinity {
            for t in 0..<problem.dayCount where sequence[t] < 0 && allows(hcp, Int(action), t) {
                sequence[t] = Int16(action)
                let isLawful = sequence.withUnsafeBufferPointer { buffer in
                    buffer.baseAddress.map { audit.violations(hcp, $0) == 0 } ?? false
                }
                if isLawful && rounding.fits(hcp, sequence) {
                    spend(hcp, Int(action), t)
                    break
                }
                sequence[t] = -1
            }
        }
        _ = rounding.place(hcp, sequence)
    }

    private func rep(_ hcp: Int, _ action: Int) -> Int? {
        let slot = Int(problem.senderSlot[action])
        return slot < 0 ? nil : Int(problem.sender[hcp * problem.slotCount + slot])
    }

    /// Sums of many small uses may miss a share by rounding alone.
    private static let slack = 1e-6

    private func allows(_ hcp: Int, _ action: Int, _ day: Int) -> Bool {
        guard let rep = rep(hcp, action) else { return true }
        guard rep >= 0 else { return false }
        let (k, needed) = (rep * problem.dayCount + day, Double(problem.actionMinutes[action]))
        return minutes[rep] >= needed - Self.slack && (!wasServed[k] || minutesOfDay[k] >= needed - Self.slack)
    }

    private mutating func spend(_ hcp: Int, _ action: Int, _ day: Int) {
        guard let rep = rep(hcp, action), rep >= 0 else { return }
        let k = rep * problem.dayCount + day
        minutes[rep] -= Double(problem.actionMinutes[action])
        minutesOfDay[k] -= Double(problem.actionMinutes[action])
        wasServed[k] = true
    }
}
