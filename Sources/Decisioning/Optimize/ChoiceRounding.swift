import Statistics

/// From prices to one choice a group that keeps every limit and floor: the best reduced value (or a draw), then the
/// least regretted changes until nothing is exceeded, then changes that win value with what is left.
struct ChoiceRounding: Sendable {
    let scaled: ScaledChoice
    let prices: [Double]
    /// Reduced value of every candidate.
    private let scores: HotColumn<Double>

    init(scaled: ScaledChoice, sweep: ChoiceSweep, prices: [Double]) {
        self.scaled = scaled
        self.prices = prices
        let count = scaled.problem.candidateCount
        let parts = count < 10_000 ? 1 : 8
        scores = HotColumn(
            Cores.map(parts) { part in
                ((count * part / parts)..<(count * (part + 1) / parts)).map { sweep.score($0, prices) }
            }.flatMap { $0 })
    }

    /// A change of one group's choice.
    private struct Move {
        var group: Int32
        /// -1 for none.
        var candidate: Int32
        var key: Double
    }

    /// The state of a choice under change.
    private struct State {
        var choice: [Int32]
        var used: [Double]
    }

    /// Candidate of each group with the best reduced value, -1 where none is worth its price.
    func best() -> [Int32] {
        let problem = scaled.problem
        return (0..<problem.groupCount).map { group in
            var best: (candidate: Int32, score: Double) = (-1, 0)
            for candidate in problem.candidates(group) {
                let score = scores[candidate]
                if score > best.score { best = (Int32(truncatingIfNeeded: candidate), score) }
            }
            return best.candidate
        }
    }

    /// Repairs and then improves a choice; groups keep theirs wherever nothing forces or pays a change.
    func finished(_ start: [Int32]) -> [Int32] {
        var state = State(choice: start, used: scaled.problem.usage(start))
        repair(&state)
        spend(&state)
        return state.choice
    }

    /// Repairs a choice and changes nothing else.
    func repaired(_ start: [Int32]) -> [Int32] {
        var state = State(choice: start, used: scaled.problem.usage(start))
        repair(&state)
        return state.choice
    }

    @inline(__always) private func limit(_ k: Int) -> Double {
        let limit = scaled.problem.limits[k]
        return limit + 1e-11 * limit
    }

    @inline(__always) private func reduced(_ candidate: Int32) -> Double {
        candidate < 0 ? 0 : scores[Int(candidate)]
    }

    @inline(__always) private func value(_ candidate: Int32) -> Double {
        candidate < 0 ? 0 : scaled.problem.values[Int(candidate)]
    }

    private func apply(_ group: Int, _ candidate: Int32, _ state: inout State) {
        let problem = scaled.problem
        let old = state.choice[group]
        if old >= 0 {
            for use in problem.uses(Int(old)) { state.used[Int(problem.useLimits[use])] -= problem.useAmounts[use] }
        }
        if candidate >= 0 {
            for use in problem.uses(Int(candidate)) {
                state.used[Int(problem.useLimits[use])] += problem.useAmounts[use]
            }
        }
        state.choice[group] = candidate
    }

    /// How much a change brings limits and floors nearer to being kept; negative when it breaks more than it mends.
    private func relief(_ old: Int32, _ new: Int32, _ used: [Double]) -> Double {
        let problem = scaled.problem
        // Only the few things that either touches can change.
        var sum = 0.0
        func excess(_ k: Int, _ amount: Double) -> Double {
            max(0, amount - limit(k)) + max(0, problem.floors[k] - amount)
        }
        func amount(_ candidate: Int32, _ k: Int32) -> Double {
            guard candidate >= 0 else { return 0 }
            var sum = 0.0
            for use in problem.uses(Int(candidate)) where problem.useLimits[use] == k { sum += problem.useAmounts[use] }
            return sum
        }
        if old >= 0 {
            for use in problem.uses(Int(old)) {
                let k = problem.useLimits[use]
                let after = used[Int(k)] - problem.useAmounts[use] + amount(new, k)
                sum += excess(Int(k), used[Int(k)]) - excess(Int(k), after)
            }
        }
        if new >= 0 {
            for use in problem.uses(Int(new)) {
                let k = problem.useLimits[use]
                if amount(old, k) > 0 { continue }
                let after = used[Int(k)] + problem.useAmounts[use]
                sum += excess(Int(k), used[Int(k)]) - excess(Int(k), after)
            }
        }
        return sum
    }

    private func isBroken(_ state: State) -> Bool {
        state.used.indices.contains {
            state.used[$0] > limit($0) || state.used[$0] < scaled.problem.floors[$0] * (1 - 1e-11)
        }
    }

    /// In large problems first only changes with a small regret are weighed; most of the others never matter.
    private func repair(_ state: inout State) {
        let problem = scaled.problem
        var reach = problem.candidateCount < 20_000 ? Double.infinity : 0.02
        for _ in 0..<50 where isBroken(state) {
            defer { reach *= 4 }
            let over = state.used.indices.map { state.used[$0] > limit($0) }
            let under = state.used.indices.map { state.used[$0] < problem.floors[$0] }
            var moves: [Move] = []
            for group in 0..<problem.groupCount {
                let old = state.choice[group]
                let helpsLess = old >= 0 && problem.uses(Int(old)).contains { over[Int(problem.useLimits[$0])] }
                let base = reduced(old)
                func consider(_ new: Int32) {
                    if base - reduced(new) > reach { return }
                    let gain = relief(old, new, state.used)
                    guard gain > 1e-12 else { return }
                    moves.append(
                        Move(group: Int32(truncatingIfNeeded: group), candidate: new, key: (base - reduced(new)) / gain)
                    )
                }
                if helpsLess { consider(-1) }
                for candidate in problem.candidates(group) {
                    let new = Int32(truncatingIfNeeded: candidate)
                    if new == old { continue }
                    let helpsMore = problem.uses(candidate).contains { under[Int(problem.useLimits[$0])] }
                    if helpsLess || helpsMore { consider(new) }
                }
            }
            if moves.isEmpty {
                if reach > 1e6 { return }
                continue
            }
            moves.sort { ($0.key, $0.group, $0.candidate) < ($1.key, $1.group, $1.candidate) }
            var changed = Set<Int32>()
            for move in moves where !changed.contains(move.group) {
                let group = Int(move.group)
                guard relief(state.choice[group], move.candidate, state.used) > 1e-12 else { continue }
                apply(group, move.candidate, &state)
                changed.insert(move.group)
                if !isBroken(state) { break }
            }
            if changed.isEmpty && reach > 1e6 { return }
        }
    }

    /// Whether a change keeps every limit and floor that it touches.
    private func fits(_ old: Int32, _ new: Int32, _ used: [Double]) -> Bool {
        let problem = scaled.problem
        func amount(_ candidate: Int32, _ k: Int32) -> Double {
            guard candidate >= 0 else { return 0 }
            var sum = 0.0
            for use in problem.uses(Int(candidate)) where problem.useLimits[use] == k { sum += problem.useAmounts[use] }
            return sum
        }
        if new >= 0 {
            for use in problem.uses(Int(new)) {
                let k = problem.useLimits[use]
                let change = problem.useAmounts[use] - amount(old, k)
                if change > 0 && used[Int(k)] + change > limit(Int(k)) { return false }
                if change < 0 && used[Int(k)] + change < problem.floors[Int(k)] { return false }
            }
        }
        if old >= 0 {
            for use in problem.uses(Int(old)) {
                let k = problem.useLimits[use]
                guard problem.floors[Int(k)] > 0, amount(new, k) == 0 else { continue }
                if used[Int(k)] - problem.useAmounts[use] < problem.floors[Int(k)] { return false }
            }
        }
        return true
    }

    /// Spends what is left: of the changes that win value and fit, those with the least regret first.
    ///
    /// A change wins value only if its regret is less than what the capacity that it takes is priced at, and it takes no
    /// more than there is: that rules out most candidates at once.
    private func spend(_ state: inout State) {
        let problem = scaled.problem
        for _ in 0..<8 {
            var moves: [Move] = []
            let left = state.used.indices.map { k in
                prices[k] > 0 ? prices[k] * max(0, limit(k) - state.used[k]) : 0
            }
            // Floors pay for themselves and are not part of that rule.
            let most = prices.contains { $0 < 0 } ? Double.infinity : left.reduce(1e-9, +)
            for group in 0..<problem.groupCount {
                let old = state.choice[group]
                let worth = value(old)
                let base = reduced(old)
                for candidate in problem.candidates(group) where base - scores[candidate] < most {
                    guard problem.values[candidate] > worth + 1e-12 else { continue }
                    let new = Int32(truncatingIfNeeded: candidate)
                    guard fits(old, new, state.used) else { continue }
                    moves.append(
                        Move(group: Int32(truncatingIfNeeded: group), candidate: new, key: base - reduced(new)))
                }
            }
            if moves.isEmpty { return }
            moves.sort { ($0.key, $0.group, $0.candidate) < ($1.key, $1.group, $1.candidate) }
            var changed = false
            for move in moves {
                let group = Int(move.group)
                let old = state.choice[group]
                guard value(move.candidate) > value(old) + 1e-12, fits(old, move.candidate, state.used) else {
                    continue
                }
                apply(group, move.candidate, &state)
                changed = true
            }
            if !changed { return }
        }
    }
}
