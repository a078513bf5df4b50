package import EngagementModel

/// Reads a journey from its decoded file. Steps follow each other in the order of the list unless they name another.
///
/// ```yaml
/// journey: webinar-series
/// title: Heart failure webinars
/// purpose: educational
/// entry: {segment: cardiologists, again: 180d}      # or event: registered, or schedule: {…}
/// goal: {event: demo_requested}
/// exit: [{event: unsubscribe}]
/// steps:
///   - {id: invite, message: {channel: email, content: invitation, patience: 5d, refused: call}}
///   - {id: answer, wait: {for: registered, key: webinar, up to: 7d, late: remind}}
///   - {id: hour, best hour: 2d}
///   - {id: split, random: [{share: 0.5, go: a}, {share: 0.5, go: b}]}
///   - {id: asked, choose: [{if: {at least: {questions: 1}}, go: call}]}
///   - {id: next, next best action: {channels: [email, phone], patience: 3d}}
///   - {id: call, task: {kind: follow_up, title: Answer the questions, due: 2d}, go: end}
///   - {id: end, goal: informed}
/// ```
package struct JourneyReader {
    private let log: TreeLog

    /// - Returns: the definition, nil when it cannot be used; and everything that is wrong with it.
    package static func read(_ tree: JourneyTree, file: String? = nil) -> (JourneyDefinition?, [Diagnostic]) {
        let reader = JourneyReader(log: TreeLog(file: file))
        guard let definition = reader.definition(tree) else { return (nil, reader.log.diagnostics) }
        // A step that could not be read leaves holes; they are no mistakes of their own.
        let isWhole = reader.log.diagnostics.isEmpty
        let faults = (isWhole ? JourneyCheck.faults(in: definition) : []).map { fault in
            var fault = fault
            fault.file = file
            return fault
        }
        let all = reader.log.diagnostics + faults
        return (all.contains { $0.severity == .error } ? nil : definition, all)
    }

    private func definition(_ tree: JourneyTree) -> JourneyDefinition? {
        guard let root = TreeReader(tree, log) else { return nil }
        let id = root.required("journey")
        let title = root.text("title")
        let purpose: Purpose? = root.closed("purpose")
        let product = root.text("product")
        let entry = root.tree("entry").flatMap(entry)
        if root.tree("entry") == nil {
            log.report(
                "missing_key", "`entry` is required", root.place, remedy: "add a segment, an event or a schedule")
        }
        let goal = root.tree("goal").flatMap(match)
        let exits = root.list("exit").compactMap(match)
        let steps = root.list("steps").compactMap { TreeReader($0, log) }
        if steps.isEmpty { log.report("missing_key", "`steps` is required", root.place, remedy: "add one step") }
        let ids = steps.enumerated().map { $0.element.text("id") ?? "step-\($0.offset + 1)" }
        var nodes: [String: JourneyNode] = [:]
        for (index, step) in steps.enumerated() {
            let following = index + 1 < ids.count ? ids[index + 1] : nil
            if nodes[ids[index]] != nil {
                log.report("duplicate_step", "two steps have this id", step.place, remedy: "rename one of them")
            }
            nodes[ids[index]] = node(step, following: following)
        }
        root.finish()
        guard let id, let entry, let start = ids.first else { return nil }
        return JourneyDefinition(
            id: id, title: title ?? id, purpose: purpose ?? .promotional, productID: product, entry: entry,
            goal: goal, exits: exits, start: start, nodes: nodes)
    }

    private func entry(_ tree: JourneyTree) -> JourneyEntry? {
        guard let reader = TreeReader(tree, log) else { return nil }
        var doors: [JourneyEntry.Door] = []
        if let event = reader.tree("event") {
            if case .text(let name, _) = event {
                doors.append(.event(EventMatch(name)))
            } else if let match = match(event) {
                doors.append(.event(match))
            }
        }
        let segment = reader.text("segment")
        if let tree = reader.tree("schedule"), let schedule = TreeReader(tree, log) {
            let every = schedule.span("every")
            let first = schedule.text("first").flatMap { Day($0) }
            let group = schedule.required("segment")
            if every.map({ $0.seconds < 60 }) ?? true || first == nil {
                log.report(
                    "bad_value", "a schedule needs `first` (a day) and `every` (a minute or more)", schedule.place,
                    remedy: "write {first: 2026-03-02, every: 7d, segment: …}")
            }
            schedule.finish()
            if let every, let first, let group {
                doors.append(
                    .schedule(first: Int64(first.number) * 86_400_000_000, every: every, segment: group))
            }
        }
        if let segment { doors.append(.segment(segment)) }
        let condition = reader.tree("if").flatMap(condition)
        let again = reader.span("again")
        reader.finish()
        guard doors.count == 1 else {
            log.report(
                "bad_entry", "an entry is by a segment, an event or a schedule: one of them", reader.place,
                remedy: "keep one")
            return nil
        }
        return JourneyEntry(door: doors[0], condition: condition, again: again)
    }

    private func match(_ tree: JourneyTree) -> EventMatch? {
        guard let reader = TreeReader(tree, log) else { return nil }
        let name = reader.text("event") ?? reader.text("name")
        let result = match(reader, name)
        reader.finish()
        return result
    }

    private func match(_ reader: TreeReader, _ name: String?) -> EventMatch? {
        let key = reader.text("key")
        var values: [String: String] = [:]
        if let tree = reader.tree("where"), let inner = TreeReader(tree, log) {
            for entry in inner.entries { values[entry.key] = inner.text(entry.key) }
        }
        guard let name else {
            log.report("missing_key", "`event` is required", reader.place, remedy: "name the event")
            return nil
        }
        return EventMatch(name, key: key, values: values)
    }

    // MARK: - Steps

    private static let kinds = [
        "wait", "best hour", "random", "choose", "message", "next best action", "task", "goal", "exit",
    ]

    private func node(_ step: TreeReader, following: String?) -> JourneyNode? {
        let next = step.text("go") ?? following
        let found = Self.kinds.filter { step.tree($0) != nil }
        defer { step.finish() }
        guard found.count == 1, let tree = step.tree(found[0]) else {
            log.report(
                "bad_step", "a step does one thing", step.place,
                remedy: "one of \(Self.kinds.joined(separator: ", "))")
            return nil
        }
        guard let action = action(found[0], tree, step) else { return nil }
        return JourneyNode(action, next: next == "end" && following != "end" ? nil : next)
    }

    private func action(_ kind: String, _ tree: JourneyTree, _ step: TreeReader) -> JourneyNode.Action? {
        switch kind {
        case "wait":
            if case .text = tree { return step.span("wait").map { .wait($0) } }
            guard let reader = TreeReader(tree, log) else { return nil }
            defer { reader.finish() }
            let timeout = reader.span("up to")
            let late = reader.text("late")
            guard let match = match(reader, reader.text("for")), let timeout else {
                if reader.tree("up to") == nil {
                    log.report(
                        "missing_key", "a wait for an event needs `up to`", reader.place,
                        remedy: "add `up to: 7d`: no HCP may wait for ever")
                }
                return nil
            }
            return .waitEvent(match, timeout: timeout, late: late)
        case "best hour": return step.span("best hour").map { .bestHour(within: $0) }
        case "random":
            return .random(
                step.list("random").compactMap { TreeReader($0, log) }.compactMap { reader in
                    defer { reader.finish() }
                    guard let share = reader.number("share"), let go = reader.required("go") else { return nil }
                    return .init(weight: share, node: go)
                })
        case "choose":
            return .choose(
                step.list("choose").compactMap { TreeReader($0, log) }.compactMap { reader in
                    defer { reader.finish() }
                    let condition = reader.tree("if").flatMap(condition)
                    guard let go = reader.required("go"), let condition else { return nil }
                    return .init(condition, node: go)
                })
        case "message", "next best action": return send(kind, tree)
        case "task":
            guard let reader = TreeReader(tree, log) else { return nil }
            defer { reader.finish() }
            let due = reader.span("due")
            guard let title = reader.required("title") else { return nil }
            return .task(kind: reader.text("kind") ?? "follow_up", title: title, due: due)
        case "goal": return step.text("goal").map { .goal($0) }
        default: return step.text("exit").map { .exit($0) }
        }
    }

    private func send(_ kind: String, _ tree: JourneyTree) -> JourneyNode.Action? {
        guard let reader = TreeReader(tree, log) else { return nil }
        defer { reader.finish() }
        let patience = reader.span("patience") ?? Span(seconds: 7 * 86_400)
        let refused = reader.text("refused")
        if kind == "message" {
            let channel: Channel? = reader.closed("channel")
            let content = reader.required("content")
            if reader.tree("channel") == nil {
                log.report("missing_key", "`channel` is required", reader.place, remedy: "add `channel: email`")
            }
            guard let channel, let content else { return nil }
            return .message(.init(channel: channel, contentID: content, patience: patience, refused: refused))
        }
        var channels: Set<Channel> = []
        for item in reader.list("channels") {
            guard case .text(let name, let place) = item, let group = Channel.group(name) else {
                log.report(
                    "unknown_value", "channels: no such channel", item.place, remedy: "any, human, digital, email, …")
                continue
            }
            _ = place
            channels.formUnion(group)
        }
        return .nextBestAction(
            channels: channels.isEmpty ? Set(Channel.allCases) : channels, patience: patience, refused: refused)
    }

    private func condition(_ tree: JourneyTree) -> Condition? { Self.condition(tree, log) }

    /// A question of a journey or a segment; nil (and a diagnostic) when it asks nothing.
    static func condition(_ tree: JourneyTree, _ log: TreeLog) -> Condition? {
        func condition(_ tree: JourneyTree) -> Condition? { Self.condition(tree, log) }
        guard let reader = TreeReader(tree, log) else { return nil }
        var parts: [Condition] = []
        func pairs(_ key: String, _ make: (String, String) -> Condition?) {
            guard let tree = reader.tree(key), let inner = TreeReader(tree, log) else { return }
            for entry in inner.entries {
                if let part = inner.text(entry.key).flatMap({ make(entry.key, $0) }) {
                    parts.append(part)
                } else {
                    log.report("bad_value", "\(key): expected a number", entry.place)
                }
            }
        }
        pairs("is") { .is($0, $1) }
        pairs("at least") { name, text in Double(text).map { .atLeast(name, $0) } }
        pairs("below") { name, text in Double(text).map { .below(name, $0) } }
        if let name = reader.text("exists") { parts.append(.exists(name)) }
        if let inner = reader.tree("not") { condition(inner).map { parts.append(.not($0)) } }
        if reader.tree("any") != nil { parts.append(.any(reader.list("any").compactMap(condition))) }
        if reader.tree("all") != nil { parts.append(.all(reader.list("all").compactMap(condition))) }
        reader.finish()
        if parts.isEmpty {
            log.report(
                "bad_condition", "a condition needs a question", reader.place,
                remedy: "one of is, at least, below, exists, not, any, all")
            return nil
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }
}
