package import EngagementModel

/// What a definition must fulfil so that no instance is ever stuck, however it was made.
package enum JourneyCheck {
    /// Every fault, in the order of node names; an empty list means that the definition can run.
    package static func faults(in definition: JourneyDefinition) -> [Diagnostic] {
        var faults: [Diagnostic] = []
        func fault(_ code: String, _ message: String, _ remedy: String, warning: Bool = false) {
            faults.append(Diagnostic(code, message, severity: warning ? .warning : .error, remedy: remedy))
        }
        let nodes = definition.nodes
        if definition.id.isEmpty { fault("bad_id", "A journey needs an id.", "add `journey: …`") }
        if nodes[definition.start] == nil {
            fault("unknown_step", "The journey begins at a step that does not exist.", "name the first step")
        }
        for (name, node) in nodes.sorted(by: { $0.key < $1.key }) {
            for target in node.targets where nodes[target] == nil {
                fault("unknown_step", "Step `\(name)` leads to `\(target)`, which does not exist.", "add it, or rename")
            }
            switch node.action {
            case .random(let branches):
                let sound = branches.allSatisfy { $0.weight.isFinite && $0.weight >= 0 }
                if branches.isEmpty || !sound || branches.reduce(0, { $0 + $1.weight }) <= 0 {
                    fault(
                        "bad_split", "Step `\(name)` needs branches with positive shares.", "shares such as 0.5 and 0.5"
                    )
                }
            case .choose(let choices) where choices.isEmpty:
                fault("bad_split", "Step `\(name)` has no branch.", "add `- {if: …, go: …}`")
            case .wait(let span) where span.seconds <= 0:
                fault("bad_wait", "Step `\(name)` waits for no time.", "write 30m, 12h, 3d or 2w")
            case .waitEvent(_, let span, _) where span.seconds <= 0:
                fault("bad_wait", "Step `\(name)` waits for no time.", "write 30m, 12h, 3d or 2w")
            case .nextBestAction(let channels, _, _) where channels.isEmpty:
                fault("bad_step", "Step `\(name)` allows no channel.", "name one")
            default: break
            }
        }
        for name in loopsWithoutTime(nodes) {
            fault(
                "endless_loop", "Step `\(name)` can come back to itself without any time passing.",
                "put a wait into the loop")
        }
        for name in nodes.keys.sorted() where !reachable(definition).contains(name) {
            fault("unreachable", "No step leads to `\(name)`.", "remove it, or lead there", warning: true)
        }
        return faults
    }

    /// Nodes on a cycle of which every step passes at once.
    private static func loopsWithoutTime(_ nodes: [String: JourneyNode]) -> [String] {
        var done: Set<String> = []
        var found: Set<String> = []
        for start in nodes.keys.sorted() where !done.contains(start) {
            var path: [String] = []
            var stack = [(start, false)]
            while let (name, leaves) = stack.popLast() {
                if leaves {
                    path.removeLast()
                    done.insert(name)
                    continue
                }
                if path.contains(name) {
                    found.insert(name)
                    continue
                }
                guard !done.contains(name), let node = nodes[name] else { continue }
                path.append(name)
                stack.append((name, true))
                for target in node.immediateTargets { stack.append((target, false)) }
            }
        }
        return found.sorted()
    }

    private static func reachable(_ definition: JourneyDefinition) -> Set<String> {
        var seen: Set<String> = []
        var open = [definition.start]
        while let name = open.popLast() {
            guard seen.insert(name).inserted, let node = definition.nodes[name] else { continue }
            open += node.targets
        }
        return seen
    }
}

extension JourneyNode {
    /// Every node that may come next.
    package var targets: [String] {
        let own: [String?] =
            switch action {
            case .waitEvent(_, _, let late): [next, late]
            case .random(let branches): branches.map(\.node)
            case .choose(let choices): choices.map(\.node) + [next]
            case .message(let message): [next, message.refused]
            case .nextBestAction(_, _, let refused): [next, refused]
            case .goal, .exit: []
            default: [next]
            }
        return own.compactMap { $0 }
    }

    /// Those that may come next without time passing.
    fileprivate var immediateTargets: [String] {
        switch action {
        case .wait, .waitEvent: []
        default: targets
        }
    }
}
