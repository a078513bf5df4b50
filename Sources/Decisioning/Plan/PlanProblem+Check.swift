package import EngagementModel

extension PlanProblem {
    /// Refuses what cannot be planned; nothing after this reads a bad index or a NaN.
    package func check() throws(Diagnostic) {
        func require(_ holds: Bool, _ code: String, _ message: @autoclosure () -> String) throws(Diagnostic) {
            if !holds { throw Diagnostic(code, message()) }
        }
        func size(_ name: String, _ count: Int, _ expected: Int, optional: Bool = false) throws(Diagnostic) {
            if optional && count == 0 { return }
            try require(
                count == expected, "plan_shape", "\(name) has \(count) entries where the plan needs \(expected).")
        }
        func numbers(_ name: String, _ values: [Float], per width: Int) throws(Diagnostic) {
            if let bad = values.firstIndex(where: { !($0 >= 0 && $0 < .infinity) }) {
                throw Diagnostic(
                    "plan_number", "\(name) must be finite and not negative.", line: bad / max(1, width) + 1,
                    column: bad % max(1, width) + 1)
            }
        }
        let (n, a, t) = (hcpCount, actionCount, dayCount)
        try require(n >= 0 && a >= 1 && a <= 64, "plan_shape", "A plan has 1 to 64 actions; this one has \(a).")
        try require(t >= 1 && t <= 20, "plan_shape", "A plan has 1 to 20 days; this one has \(t).")
        try require(
            zip(dayOffsets, dayOffsets.dropFirst()).allSatisfy { $0 < $1 } && dayOffsets[0] >= 0
                && dayOffsets[t - 1] <= 366,
            "plan_days", "The days of the horizon must ascend from the as-of day and lie within one year.")
        try size("dayWeekdays", dayWeekdays.count, t)
        try require(dayWeekdays.allSatisfy { (0..<7).contains($0) }, "plan_days", "A weekday is 0 to 6.")
        try size("value", value.count, n * a)
        // A sum finds NaN and +infinity in one pass that vectorises: -infinity is replaced by 0 first.
        if let bad = value.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
            throw Diagnostic(
                "plan_value", "The value of HCP \(bad / a) and action \(bad % a) is not a number.",
                remedy: "Give -infinity for a candidate that is not eligible and a finite value otherwise.")
        }
        try size("actionCost", actionCost.count, a, optional: true)
        try numbers("actionCost", actionCost, per: a)
        try size("weekdayFactor", weekdayFactor.count, n * 7, optional: true)
        try numbers("weekdayFactor", weekdayFactor, per: 7)
        try size("actionClass", actionClass.count, a)
        try require(actionClass.allSatisfy { $0 < 32 }, "plan_shape", "A contact class is below 32.")
        for effect in effects {
            try require(
                !effect.multipliers.isEmpty && effect.multipliers.count < 64
                    && effect.multipliers.allSatisfy { $0 >= 0 && $0 <= 1000 } && (1...366).contains(effect.windowDays),
                "plan_effect", "A recency effect needs a window of 1 to 366 days and multipliers of 0 to 1000.")
        }
        try require(
            (1...100).contains(ruleSets.count), "plan_shape", "A plan has 1 to 100 rule sets.")
        for rules in ruleSets {
            try size("allowedDays", rules.allowedDays.count, t, optional: true)
            try require(
                rules.unified.allSatisfy { (0...250).contains($0.max) && (0...366).contains($0.windowDays) },
                "plan_rules", "A cap is 0 to 250 touches, a window or gap 0 to 366 days.")
        }
        try size("ruleSet", ruleSet.count, n, optional: true)
        try require(ruleSet.allSatisfy { Int($0) < ruleSets.count }, "plan_shape", "An HCP names a missing rule set.")
        try size("touchStart", touchStart.count, n + 1, optional: true)
        try require(
            touchDay.count == touchClass.count && Int(touchStart.last ?? 0) == touchDay.count
                && (touchStart.first ?? 0) == 0 && zip(touchStart, touchStart.dropFirst()).allSatisfy { $0 <= $1 },
            "plan_shape", "The offsets of standing touches do not fit their columns.")
        try require(touchClass.allSatisfy { $0 < 32 }, "plan_shape", "A contact class is below 32.")
        try size("actionChannel", actionChannel.count, a, optional: blockDay.isEmpty)
        try size("blockStart", blockStart.count, n + 1, optional: true)
        try require(
            blockDay.count == blockChannel.count && Int(blockStart.last ?? 0) == blockDay.count
                && (blockStart.first ?? 0) == 0 && zip(blockStart, blockStart.dropFirst()).allSatisfy { $0 <= $1 },
            "plan_shape", "The offsets of blocked touches do not fit their columns.")
        try require(
            actionChannel.allSatisfy { $0 < 64 } && blockChannel.allSatisfy { $0 < 64 }, "plan_shape",
            "A channel is below 64.")
        try size("senderSlot", senderSlot.count, a)
        try require(
            slotCount >= 0 && slotCount <= 8 && senderSlot.allSatisfy { $0 >= -1 && Int($0) < slotCount },
            "plan_shape", "An action names a sender slot that does not exist.")
        try size("sender", sender.count, n * slotCount)
        try require(
            sender.allSatisfy { $0 >= -1 && Int($0) < repCount }, "plan_shape",
            "An HCP names a rep that does not exist."
        )
        try size("repMinutes", repMinutes.count, repCount * t)
        try numbers("repMinutes", repMinutes, per: t)
        try size("actionMinutes", actionMinutes.count, a)
        try numbers("actionMinutes", actionMinutes, per: a)
        try checkRepeats()
        try checkLimits()
        try size("arms", arms.count, n, optional: true)
        try require(
            ruleRanking.allSatisfy { Int($0) < a }, "plan_shape", "The ranking names an action that does not exist.")
        try require(
            ruleOrder.allSatisfy { $0 >= 0 && Int($0) < n }, "plan_shape", "The order names an HCP that does not exist."
        )
        try require(
            randomTouchRate > 0 && randomTouchRate < 1, "plan_exploration",
            "The random touch rate lies between 0 and 1.")
        try require(
            explorationFloor >= 0 && explorationFloor <= 1, "plan_exploration", "The exploration floor lies in 0...1.")
        if case .fixed(let tau) = temperature {
            try require(tau >= 0 && tau < .infinity, "plan_exploration", "The temperature must not be negative.")
        }
        try size("previousChoice", previousChoice.count, n * t, optional: true)
        try require(
            previousChoice.allSatisfy { $0 >= -1 && Int($0) < a }, "plan_shape",
            "The previous plan names an action that does not exist.")
    }

    private func checkLimits() throws(Diagnostic) {
        for limit in limits {
            guard limit.usage.count == actionCount, limit.members.isEmpty || limit.members.count == hcpCount else {
                throw Diagnostic(
                    "plan_shape", "The limit '\(limit.name)' does not fit the actions or HCPs of the plan.")
            }
            guard limit.usage.allSatisfy({ $0 >= 0 && $0 < .infinity }) else {
                throw Diagnostic("plan_limit", "The limit '\(limit.name)' has a use that is negative or not a number.")
            }
            for bound in [limit.ceiling, limit.floor] {
                guard let bound else { continue }
                guard bound >= 0 && bound < .infinity else {
                    throw Diagnostic(
                        "plan_limit", "The limit '\(limit.name)' has a bound that is negative or not a number.")
                }
            }
            if let ceiling = limit.ceiling, let floor = limit.floor, floor > ceiling {
                throw Diagnostic(
                    "plan_limit", "The floor of '\(limit.name)' (\(floor)) lies above its ceiling (\(ceiling)).")
            }
        }
    }
}
