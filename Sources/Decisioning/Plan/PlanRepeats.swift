import EngagementModel

/// Contents that must not come again soon: what an action is worth once others of its kind stand before it.
///
/// Each HCP's contents have an order, best first. The touch that follows `k` others within the window may not use the
/// `k` best: whoever is sent their best first and never the same twice keeps to that, so the optimum under it bounds all
/// such plans, and is one of them wherever prices do not turn the order round. Which content a touch takes is settled
/// afterwards, and what finds none left is not planned: a relaxation in the manner of the states of Christofides,
/// Mingozzi and Toth, "State-space relaxation procedures for the computation of bounds to routing problems"
/// (Networks, 1981).
package struct PlanRepeats: Sendable, Hashable {
    /// Contact classes whose touches count; their actions are exactly `actions`.
    package var classes: UInt32
    /// A content may come again this many calendar days after.
    package var windowDays: Int
    /// Ascending.
    package var actions: [Int]
    /// Numbers of earlier touches that are told apart beyond none; more count as this many.
    package var depth: Int
    /// N × depth × actions: net value after 1, 2 … earlier touches, falling; -infinity = no content is left.
    package var later: [Float]

    package init(classes: UInt32, windowDays: Int, actions: [Int], depth: Int, later: [Float]) {
        self.classes = classes
        self.windowDays = windowDays
        self.actions = actions
        self.depth = depth
        self.later = later
    }

    /// Earlier touches as the contact graph counts them: they change no value by a factor.
    var effect: RecencyEffect {
        RecencyEffect(
            affects: classes, counts: classes, windowDays: windowDays,
            multipliers: [Float](repeating: 1, count: depth + 1), isWithinPlan: true)
    }
}

extension PlanLayout {
    /// The layout of a problem, without the count of messages where the caps alone nearly fill the machine: what finds no
    /// content is dropped later then.
    static func fitting(_ problem: PlanProblem) throws(Diagnostic) -> PlanLayout {
        do { return try PlanLayout(problem) } catch {
            guard error.code == ContactAutomaton.tooRich, problem.repeats != nil else { throw error }
        }
        var uncounted = problem
        uncounted.repeats = nil
        return try PlanLayout(uncounted)
    }
}

extension PlanProblem {
    /// Effects with that of repeated contents, which is the last one.
    var allEffects: [RecencyEffect] { effects + (repeats.map { [$0.effect] } ?? []) }

    /// Net value of an action after so many earlier touches whose contents may not come again.
    @inline(__always) func value(_ hcp: Int, _ action: Int, after earlier: Int) -> Float {
        guard earlier > 0, let repeats, let place = repeats.actions.firstIndex(of: action) else {
            return value[hcp * actionCount + action]
        }
        return repeats.later[
            (hcp * repeats.depth + min(earlier, repeats.depth) - 1) * repeats.actions.count + place]
    }

    /// Changes all values of an HCP's action.
    package mutating func change(_ hcp: Int, _ action: Int, _ body: (Float) -> Float) {
        value[hcp * actionCount + action] = body(value[hcp * actionCount + action])
        guard let place = repeats?.actions.firstIndex(of: action), let depth = repeats?.depth,
            let width = repeats?.actions.count
        else { return }
        for level in 0..<depth {
            let cell = (hcp * depth + level) * width + place
            if let old = repeats?.later[cell] { repeats?.later[cell] = body(old) }
        }
    }

    /// Planned touches before a day whose contents may not come again on it.
    func earlier(_ choice: UnsafePointer<Int16>, day t: Int) -> Int {
        guard let repeats, repeats.classes >> UInt32(actionClass[Int(choice[t])]) & 1 == 1 else { return 0 }
        return (0..<t).count { s in
            choice[s] >= 0 && dayOffsets[t] - dayOffsets[s] < repeats.windowDays
                && repeats.classes >> UInt32(actionClass[Int(choice[s])]) & 1 == 1
        }
    }

    func checkRepeats() throws(Diagnostic) {
        guard let repeats else { return }
        let counted = (0..<actionCount).filter { repeats.classes >> UInt32(actionClass[$0]) & 1 == 1 }
        guard repeats.actions == counted, (1...16).contains(repeats.depth), (1...366).contains(repeats.windowDays),
            repeats.later.count == hcpCount * repeats.depth * counted.count
        else { throw Diagnostic("plan_shape", "The values of later touches do not fit the plan.") }
        let width = repeats.depth * counted.count
        if let bad = repeats.later.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
            throw Diagnostic(
                "plan_value", "A later value of HCP \(bad / max(1, width)) is not a number.",
                remedy: "Give -infinity where no content is left and a finite value otherwise.")
        }
    }
}
