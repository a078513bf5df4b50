package import EngagementModel
package import Ledger

/// What moves an instance.
package enum JourneyInput: Sendable, Hashable {
    /// Its timer ran out, or it has just arrived at its node.
    case time
    case event(JourneyEvent)
}

/// What one step asks of the world.
package enum JourneyEffect: Sendable, Hashable {
    case message(JourneyNode.Message)
    case nextBestAction(channels: Set<Channel>, patience: Span, refused: String?)
    case task(kind: String, title: String, dueAt: Int64?)
}

/// What a step comes to.
package enum JourneyAction: Sendable, Hashable {
    /// Nothing happens: the input is not for this instance, or too early.
    case stay
    /// The instance as it stands afterwards, and the word for the step. It goes on at once when `phase` is `waiting` and
    /// `dueAt` is now.
    case move(JourneyRow, result: String)
    /// It waits at its node; no step was taken.
    case sleep(JourneyRow)
    /// An effect to carry out; `resolve` says how the instance stands after it.
    case perform(JourneyEffect)
}

/// What became of an effect.
package enum JourneyAnswer: Sendable, Hashable {
    case done(String)
    /// Only time stands in the way, until then.
    case later(Int64, String)
    case refused(String)
}

/// The state machine of journeys: a pure function of definition, instance, input and time. Nothing here reads a clock or
/// writes; `JourneyRunner` does.
package struct JourneyMachine: Sendable {
    package let definition: JourneyDefinition

    package init(_ definition: JourneyDefinition) { self.definition = definition }

    /// - Parameters:
    ///   - trait: an attribute of the HCP, asked after those of the instance.
    ///   - bestMoment: the HCP's best moment between two times.
    package func step(
        _ row: JourneyRow, _ input: JourneyInput, now: Int64, trait: (String) -> String? = { _ in nil },
        bestMoment: (ClosedRange<Int64>) -> Int64? = { _ in nil }
    ) -> JourneyAction {
        guard row.phase == .waiting else { return .stay }
        var row = row
        if case .event(let event) = input {
            if let goal = definition.goal, goal.holds(event, row.attributes) {
                return .move(ended(row, "goal:\(goal.name)", now), result: "event:\(event.name)")
            }
            if definition.exits.contains(where: { $0.holds(event, row.attributes) }) {
                return .move(ended(row, "exit:\(event.name)", now), result: "event:\(event.name)")
            }
        }
        guard let node = definition.nodes[row.node] else {
            return .move(ended(row, "exit:lost", now), result: "lost")
        }
        switch (input, node.action) {
        case (.event(let event), .waitEvent(let match, _, _)) where row.waitEvent != nil:
            guard match.holds(event, row.attributes) else { return .stay }
            return .move(arrived(row, at: node.next, now), result: "event:\(event.name)")
        case (.event, _): return .stay
        case (.time, _): break
        }
        guard let due = row.dueAt, due <= now else { return .stay }
        switch node.action {
        case .wait(let span): return wait(row, until: row.since + span.microseconds, node, now)
        case .bestHour(let within):
            // The moment is chosen on arrival and kept: `waitKey` tells that it was.
            guard row.waitKey == nil else { return .move(arrived(row, at: node.next, now), result: "timer") }
            row.waitKey = "hour"
            row.dueAt = bestMoment(now...(row.since + max(0, within.microseconds))).map { max($0, now) } ?? now
            return row.dueAt == now ? .move(arrived(row, at: node.next, now), result: "timer") : .sleep(row)
        case .waitEvent(let match, let timeout, let late):
            let end = row.since + timeout.microseconds
            if row.waitEvent != nil || end <= now { return .move(arrived(row, at: late, now), result: "timeout") }
            row.waitEvent = match.name
            row.waitKey = match.key.flatMap { row.attributes[$0] }
            row.dueAt = end
            return .sleep(row)
        case .random(let branches):
            let target = draw(branches, row)
            return .move(arrived(row, at: target, now), result: "branch:\(target ?? "")")
        case .choose(let choices):
            let attributes = row.attributes
            let chosen = choices.first { $0.condition.holds { attributes[$0] ?? trait($0) } }
            let target = chosen?.node ?? node.next
            return .move(arrived(row, at: target, now), result: "branch:\(target ?? "")")
        case .message(let message): return .perform(.message(message))
        case .nextBestAction(let channels, let patience, let refused):
            return .perform(.nextBestAction(channels: channels, patience: patience, refused: refused))
        case .task(let kind, let title, let due):
            return .perform(.task(kind: kind, title: title, dueAt: due.map { now + $0.microseconds }))
        case .goal(let name): return .move(ended(row, "goal:\(name)", now), result: "goal")
        case .exit(let name): return .move(ended(row, "exit:\(name)", now), result: "exit")
        }
    }

    /// How an instance stands after its effect was tried. An effect that only time refuses is tried again, until its
    /// patience ends.
    package func resolve(_ row: JourneyRow, _ effect: JourneyEffect, _ answer: JourneyAnswer, now: Int64)
        -> JourneyAction
    {
        guard let node = definition.nodes[row.node] else { return .stay }
        let (patience, refusedTarget): (Int64, String?) =
            switch effect {
            case .message(let message): (message.patience.microseconds, message.refused ?? node.next)
            case .nextBestAction(_, let patience, let refused): (patience.microseconds, refused ?? node.next)
            case .task: (0, node.next)
            }
        switch answer {
        case .done(let word): return .move(arrived(row, at: node.next, now), result: word)
        case .refused(let word): return .move(arrived(row, at: refusedTarget, now), result: "refused:\(word)")
        case .later(let at, let word):
            guard at > now, at <= row.since + patience else {
                return .move(arrived(row, at: refusedTarget, now), result: "refused:\(word)")
            }
            var row = row
            row.dueAt = at
            return .sleep(row)
        }
    }

    private func wait(_ row: JourneyRow, until end: Int64, _ node: JourneyNode, _ now: Int64) -> JourneyAction {
        if end <= now { return .move(arrived(row, at: node.next, now), result: "timer") }
        var row = row
        row.dueAt = end
        return .sleep(row)
    }

    /// At the next node, due at once; or at the end of the journey.
    private func arrived(_ row: JourneyRow, at node: String?, _ now: Int64) -> JourneyRow {
        guard let node else { return ended(row, "completed", now) }
        var row = row
        row.node = node
        row.dueAt = now
        row.since = now
        row.waitEvent = nil
        row.waitKey = nil
        row.visit += 1
        return row
    }

    private func ended(_ row: JourneyRow, _ outcome: String, _ now: Int64) -> JourneyRow {
        var row = row
        row.phase = .ended
        row.dueAt = nil
        row.waitEvent = nil
        row.waitKey = nil
        row.endedAt = now
        row.outcome = outcome
        row.visit += 1
        return row
    }

    /// The branch depends on journey, HCP, entry, node and visit alone: a replay draws the same.
    private func draw(_ branches: [JourneyNode.Branch], _ row: JourneyRow) -> String? {
        let total = branches.reduce(0) { $0 + $1.weight }
        var point = JourneyDraw.unit(definition.id, row.hcpID, row.node, row.enteredAt, row.visit) * total
        for branch in branches {
            if point < branch.weight { return branch.node }
            point -= branch.weight
        }
        return branches.last { $0.weight > 0 }?.node
    }
}

extension Span {
    var microseconds: Int64 { Int64(seconds) * 1_000_000 }
}
