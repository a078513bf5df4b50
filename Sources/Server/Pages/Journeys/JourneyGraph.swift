import EngagementModel
package import Journeys

/// A journey as a graph in layers: every step lies below all that lead to it, as far as loops allow.
package struct JourneyGraph: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        package var id: String
        /// What happens there, in words.
        package var words: String
        package var isEnd: Bool
        package var layer: Int
        /// Place within the layer, from the left.
        package var place: Int
    }

    package struct Edge: Sendable, Hashable {
        package var from: String
        package var to: String
        /// When it is taken; empty for the ordinary way.
        package var words: String
    }

    /// By layer and place.
    package private(set) var steps: [Step] = []
    package private(set) var edges: [Edge] = []
    package var layers: Int { (steps.map(\.layer).max() ?? -1) + 1 }
    package var widest: Int { Dictionary(grouping: steps, by: \.layer).values.map(\.count).max() ?? 0 }

    /// The step that a way without a next step leads to.
    package static let end = "end"

    package init(_ definition: JourneyDefinition) {
        var order: [String] = []
        var seen: Set<String> = []
        var queue = [definition.start]
        while !queue.isEmpty {
            let id = queue.removeFirst()
            guard seen.insert(id).inserted else { continue }
            order.append(id)
            guard let node = definition.nodes[id] else { continue }
            let ways = Self.ways(node)
            edges += ways.map { Edge(from: id, to: $0.to, words: $0.words) }
            queue += ways.map(\.to)
        }
        let layers = Self.layers(start: definition.start, order, edges)
        var filled: [Int: Int] = [:]
        for id in order.sorted(by: {
            (layers[$0] ?? 0, order.firstIndex(of: $0) ?? 0) < (layers[$1] ?? 0, order.firstIndex(of: $1) ?? 0)
        }) {
            let layer = layers[id] ?? 0
            let node = definition.nodes[id]
            steps.append(
                Step(
                    id: id, words: node.map { Self.words($0.action) } ?? "the journey is completed",
                    isEnd: node.map { Self.ways($0).isEmpty } ?? true, layer: layer, place: filled[layer, default: 0]))
            filled[layer, default: 0] += 1
        }
    }

    /// The longest way from the start, over edges that do not lead back.
    private static func layers(start: String, _ order: [String], _ edges: [Edge]) -> [String: Int] {
        var next: [String: [String]] = [:]
        for edge in edges { next[edge.from, default: []].append(edge.to) }
        var layer: [String: Int] = [:]
        var open: Set<String> = []
        var sorted: [String] = []
        var done: Set<String> = []
        // Depth first with a list of its own: definitions may be long. An edge to a step that is open leads back.
        var stack: [(id: String, next: Int)] = [(start, 0)]
        open.insert(start)
        var back: Set<Edge> = []
        while let top = stack.last {
            let targets = next[top.id] ?? []
            if top.next < targets.count {
                stack[stack.count - 1].next += 1
                let target = targets[top.next]
                if open.contains(target) {
                    back.insert(Edge(from: top.id, to: target, words: ""))
                } else if !done.contains(target) {
                    open.insert(target)
                    stack.append((target, 0))
                }
            } else {
                stack.removeLast()
                open.remove(top.id)
                done.insert(top.id)
                sorted.append(top.id)
            }
        }
        for id in sorted.reversed() {
            for target in next[id] ?? [] where !back.contains(Edge(from: id, to: target, words: "")) {
                layer[target] = max(layer[target] ?? 0, (layer[id] ?? 0) + 1)
            }
        }
        return layer
    }

    private static func ways(_ node: JourneyNode) -> [(to: String, words: String)] {
        let next = node.next ?? end
        switch node.action {
        case .goal, .exit: return []
        case .wait, .bestHour, .task: return [(next, "")]
        case .waitEvent(let match, let timeout, let late):
            return [(next, "\(Format.label(match.name)) comes"), (late ?? end, "not within \(words(timeout))")]
        case .random(let branches):
            let total = branches.reduce(0) { $0 + $1.weight }
            return branches.map { ($0.node, Format.percent(total > 0 ? $0.weight / total : 0)) }
        case .choose(let choices): return choices.map { ($0.node, words($0.condition)) } + [(next, "else")]
        case .message(let message): return [(next, "")] + (message.refused.map { [($0, "refused")] } ?? [])
        case .nextBestAction(_, _, let refused): return [(next, "")] + (refused.map { [($0, "no touch")] } ?? [])
        }
    }

    // MARK: In words

    static func words(_ action: JourneyNode.Action) -> String {
        switch action {
        case .wait(let span): "Wait \(words(span))"
        case .waitEvent(let match, let timeout, _):
            "Wait for \(Format.label(match.name).lowercased()), \(words(timeout)) at most"
        case .bestHour(let span): "Best hour within \(words(span))"
        case .random: "Split at random"
        case .choose: "Choose"
        case .message(let message): "\(message.channel.title): \(message.contentID)"
        case .nextBestAction(let channels, _, _):
            "Next best action"
                + (channels.count == Channel.allCases.count
                    ? ""
                    : " by "
                        + Channel.allCases.filter(channels.contains).map { $0.title.lowercased() }
                        .joined(separator: ", "))
        case .task(_, let title, _): "Rep task: \(title)"
        case .goal(let name): "Goal: \(Format.label(name).lowercased())"
        case .exit(let name): "Exit: \(Format.label(name).lowercased())"
        }
    }

    static func words(_ span: Span) -> String {
        switch span.seconds {
        case let s where s % 604_800 == 0 && s >= 1_209_600: Format.plural(s / 604_800, "week")
        case let s where s % 86_400 == 0: Format.plural(s / 86_400, "day")
        case let s where s % 3600 == 0: Format.plural(s / 3600, "hour")
        case let s: Format.plural(s / 60, "minute")
        }
    }

    static func words(_ condition: Condition) -> String {
        func name(_ text: String) -> String { Format.label(text).lowercased() }
        return switch condition {
        case .is(let attribute, let value): "\(name(attribute)) is \(value)"
        case .atLeast(let attribute, let bound): "\(name(attribute)) at least \(Format.amount(bound))"
        case .below(let attribute, let bound): "\(name(attribute)) below \(Format.amount(bound))"
        case .exists(let attribute): "\(name(attribute)) is known"
        case .not(let inner): "not: \(words(inner))"
        case .all(let parts): parts.map(words).joined(separator: " and ")
        case .any(let parts): parts.map(words).joined(separator: " or ")
        }
    }
}
