import EngagementModel

/// The touches of many people as columns, sorted by person.
package struct RuledTouches: Sendable {
    /// First row of each person, and the end.
    package private(set) var start: [Int32]
    package private(set) var touches: [RuledTouch]

    /// - Parameter rows: in any order; persons from 0 to `count` − 1.
    package init(count: Int, _ rows: [(person: Int32, touch: RuledTouch)] = []) {
        start = [Int32](repeating: 0, count: count + 1)
        for row in rows { start[Int(row.person) + 1] += 1 }
        for person in 0..<count { start[person + 1] += start[person] }
        var next = start
        touches = [RuledTouch](repeating: RuledTouch(day: 0, channel: 0), count: rows.count)
        for row in rows {
            touches[Int(next[Int(row.person)])] = row.touch
            next[Int(row.person)] += 1
        }
    }

    package func rows(of person: Int) -> Range<Int> { Int(start[person])..<Int(start[person + 1]) }

    package subscript(person: Int) -> ArraySlice<RuledTouch> { touches[rows(of: person)] }
}

/// Caps and gaps by product, purpose, sender and content, as the claim will hold them.
package struct TouchRules: Sendable, Hashable {
    package var rules: [TouchRule]

    package init(_ rules: [TouchRule] = []) { self.rules = rules }

    package var isEmpty: Bool { rules.isEmpty }

    /// Days that the history must reach back and ahead.
    package var reach: Int { rules.map { Int($0.reach) }.max() ?? 0 }

    /// Whether a rule forbids a touch although nobody was touched yet.
    package var forbids: Bool {
        rules.contains { rule in if case .cap(let max, _) = rule.limit { max == 0 } else { false } }
    }

    /// The first rule that a touch would break beside others; nil when it keeps all.
    package func broken(by touch: RuledTouch, beside others: some Collection<RuledTouch>) -> Int? {
        rules.indices.first { k in
            guard rules[k].governs(touch) else { return false }
            let days = others.lazy.filter { rules[k].counts($0, for: touch) }.map(\.day)
            return !rules[k].admits(touch.day, beside: Array(days))
        }
    }

    /// Days on which the touches on file leave room for one more, and the rule that took the last (or the latest) of the
    /// others; −1 = none took any.
    ///
    /// - Parameter touch: its own day does not count.
    package func freeDays(
        _ touch: RuledTouch, beside history: ArraySlice<RuledTouch>, days: [Int32], near: inout [Int32]
    ) -> (days: DayMask, rule: Int) {
        var free = DayMask.first(days.count)
        var last = -1
        guard !history.isEmpty || forbids, let first = days.first else { return (free, last) }
        for (k, rule) in rules.enumerated() where free != 0 && rule.governs(touch) {
            near.removeAll(keepingCapacity: true)
            for other in history where other.day + rule.reach > first && rule.counts(other, for: touch) {
                near.append(other.day)
            }
            switch rule.limit {
            case .cap(let max, _) where near.count < max: continue
            case .gap where near.isEmpty: continue
            default: break
            }
            for (position, day) in days.enumerated()
            where free >> DayMask(position) & 1 == 1 && !rule.admits(day, beside: near) {
                free &= ~(1 << DayMask(position))
                last = k
            }
        }
        return (free, last)
    }

    /// Which of one person's planned touches may stand together, the worthiest first; the others meet a rule.
    ///
    /// What is kept breaks no rule, in whatever order it is carried out. Ties go to the earlier touch.
    /// - Returns: the rule for each touch that has to go, nil for those that stay.
    package func crowded(_ planned: [(touch: RuledTouch, worth: Double)], beside history: ArraySlice<RuledTouch>)
        -> [Int?]
    {
        var result = [Int?](repeating: nil, count: planned.count)
        guard planned.count > 1 || !history.isEmpty || forbids else { return result }
        var kept = Array(history)
        let order = planned.indices.sorted {
            (planned[$1].worth, planned[$0].touch.day, $0) < (planned[$0].worth, planned[$1].touch.day, $1)
        }
        for place in order {
            let touch = planned[place].touch
            if let rule = broken(by: touch, beside: kept) {
                result[place] = rule
            } else {
                kept.append(touch)
            }
        }
        return result
    }
}
