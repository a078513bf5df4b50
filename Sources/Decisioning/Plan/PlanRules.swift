/// The rules arm: a ranking, each action once, on the first day that takes it.
struct PlanRules {
    let problem: PlanProblem

    func serve(_ hcp: Int, on rounding: PlanRounding) {
        let audit = PlanAudit(problem: problem)
        var sequence = [Int16](repeating: -1, count: problem.dayCount)
        for action in problem.ruleRanking where problem.value[hcp * problem.actionCount + Int(action)] > -.infinity {
            for t in 0..<problem.dayCount where sequence[t] < 0 {
                sequence[t] = Int16(action)
                let isLawful = sequence.withUnsafeBufferPointer { buffer in
                    buffer.baseAddress.map { audit.violations(hcp, $0) == 0 } ?? false
                }
                if isLawful && rounding.fits(hcp, sequence) { break }
                sequence[t] = -1
            }
        }
        _ = rounding.place(hcp, sequence)
    }
}
