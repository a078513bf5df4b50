import EngagementModel

/// The contact states that planned touches can lead to, as a layered graph: one layer a day, one edge a class.
///
/// A state is what the planned touches so far still mean to later days: per rule and per effect, when each of
/// them leaves the window. States with the same future are merged. History is not in the state: it enters through
/// the *labels* of the edges, which each HCP's profile allows or refuses, so that all HCPs of a market share one
/// graph. State 0 of every layer is "nothing planned yet".
struct ContactAutomaton: Sendable {
    /// What an edge asks of history: the class of the touch (-1 = no touch on a day with a fixed touch), and the
    /// numbers of planned touches already in the window of each rule and effect.
    struct Label: Sendable, Hashable {
        var layer: Int
        var classIndex: Int
        var ruleCounts: [UInt8]
        var effectLevels: [UInt8]
    }

    let rules: [ContactRules.Cap]
    let effects: [RecencyEffect]
    /// Calendar offset of each layer, and its day of the horizon (-1 = a day that only holds fixed touches).
    let layerOffset: [Int]
    let layerDay: [Int]
    /// Layer → first state; one more layer, of one state, ends the graph.
    let stateStart: [Int]
    let noneTarget: [Int32]
    /// Empty when no HCP of this variant has fixed touches after the first day.
    let noneLabel: [Int32]
    let edgeStart: [Int32]
    let edgeLabel: [Int32]
    let edgeTarget: [Int32]
    let labels: [Label]
    let labelStart: [Int]

    var layerCount: Int { layerOffset.count }
    var stateCount: Int { noneTarget.count + 1 }

    /// Beyond this many states in a layer the rules are refused rather than the machine filled.
    static let maximumStates = 60_000
    static let tooRich = "contact_rules_too_rich"

    /// - Parameters:
    ///   - fixedOffsets: offsets of touches that already stand in the future (booked appointments).
    ///   - classes: mask of the classes that some action has.
    init(
        rules source: ContactRules, effects allEffects: [RecencyEffect], dayOffsets: [Int], fixedOffsets: Set<Int>,
        classes: UInt32
    ) throws(Diagnostic) {
        let rules = source.unified.filter { $0.classes & classes != 0 }
        let effects = allEffects.filter { $0.affects & classes != 0 }
        let reach = dayOffsets[dayOffsets.count - 1] + source.reachDays
        let extra = fixedOffsets.filter { $0 > dayOffsets[0] && $0 < reach && !dayOffsets.contains($0) }
        let offsets = (dayOffsets + extra).sorted()
        let days = offsets.map { offset in
            guard let day = dayOffsets.firstIndex(of: offset) else { return -1 }
            return source.allowedDays.isEmpty || source.allowedDays[day] ? day : -1
        }
        var draft = Draft(
            rules: rules, effects: effects, offsets: offsets, days: days, fixed: fixedOffsets,
            classes: (0..<32).filter { classes & (1 << UInt32($0)) != 0 })
        try draft.explore()
        draft.merge()
        self.rules = rules
        self.effects = effects
        layerOffset = offsets
        layerDay = days
        (stateStart, noneTarget, noneLabel) = (draft.stateStart, draft.noneTarget, draft.noneLabel)
        (edgeStart, edgeLabel, edgeTarget) = (draft.edgeStart, draft.edgeLabel, draft.edgeTarget)
        (labels, labelStart) = (draft.labels, draft.labelStart)
    }
}

extension ContactAutomaton {
    /// The graph under construction.
    private struct Draft {
        struct Node {
            var none: Int
            var noneLabel: Int32
            var edges: [(label: Int32, target: Int)]
        }

        let rules: [ContactRules.Cap]
        let effects: [RecencyEffect]
        let offsets: [Int]
        let days: [Int]
        let fixed: Set<Int>
        let classes: [Int]
        var layers: [[Node]] = []
        var labels: [Label] = []
        var labelStart: [Int] = [0]
        var stateStart: [Int] = []
        var noneTarget: [Int32] = []
        var noneLabel: [Int32] = []
        var edgeStart: [Int32] = [0]
        var edgeLabel: [Int32] = []
        var edgeTarget: [Int32] = []

        init(
            rules: [ContactRules.Cap], effects: [RecencyEffect], offsets: [Int], days: [Int], fixed: Set<Int>,
            classes: [Int]
        ) {
            self.rules = rules
            self.effects = effects
            self.offsets = offsets
            self.days = days
            self.fixed = fixed
            self.classes = classes
        }

        /// Planned touches per counter, each as the last layer whose window still holds it.
        typealias Word = [[UInt8]]

        /// Walks all reachable states forward, layer by layer.
        mutating func explore() throws(Diagnostic) {
            let windows = rules.map(\.windowDays) + effects.map(\.windowDays)
            let masks = rules.map(\.classes) + effects.map(\.counts)
            var words: [Word] = [Word(repeating: [], count: windows.count)]
            for layer in offsets.indices {
                var next: [Word] = []
                var indexOf: [Word: Int] = [:]
                func state(_ word: Word) -> Int {
                    let aged = word.map { $0.filter { Int($0) > layer } }
                    if let known = indexOf[aged] { return known }
                    indexOf[aged] = next.count
                    next.append(aged)
                    return next.count - 1
                }
                var labelOf: [Label: Int32] = [:]
                func index(_ label: Label) -> Int32 {
                    if let known = labelOf[label] { return known }
                    let new = Int32(labels.count)
                    labelOf[label] = new
                    labels.append(label)
                    return new
                }
                let expiry = windows.map { window in
                    UInt8(offsets.lastIndex { $0 - offsets[layer] < window } ?? layer)
                }
                var nodes: [Node] = []
                for word in words {
                    var node = Node(none: state(word), noneLabel: -1, edges: [])
                    if fixed.contains(offsets[layer]) {
                        node.noneLabel = index(
                            Label(
                                layer: layer, classIndex: -1, ruleCounts: rules.indices.map { UInt8(word[$0].count) },
                                effectLevels: []))
                    }
                    for c in days[layer] >= 0 ? classes : [] {
                        let bit: UInt32 = 1 << UInt32(c)
                        let full = rules.indices.contains {
                            rules[$0].classes & bit != 0 && word[$0].count >= rules[$0].max
                        }
                        if full { continue }
                        let label = Label(
                            layer: layer, classIndex: c,
                            ruleCounts: rules.indices.map { rules[$0].classes & bit != 0 ? UInt8(word[$0].count) : 0 },
                            effectLevels: effects.indices.map {
                                effects[$0].affects & bit != 0 ? UInt8(word[rules.count + $0].count) : 0
                            })
                        var after = word
                        for counter in masks.indices where masks[counter] & bit != 0 {
                            after[counter].append(expiry[counter])
                            // A multiplier that no longer changes with the count needs no older touches.
                            if counter >= rules.count {
                                let useful = effects[counter - rules.count].multipliers.count - 1
                                after[counter] = Array(after[counter].suffix(useful))
                            }
                        }
                        node.edges.append((index(label), state(after)))
                    }
                    nodes.append(node)
                }
                guard next.count <= ContactAutomaton.maximumStates else {
                    throw Diagnostic(
                        ContactAutomaton.tooRich,
                        "The caps, gaps and recency effects lead to more than \(ContactAutomaton.maximumStates) contact states.",
                        remedy: "Shorten the longest windows, lower the largest caps or drop a recency effect.")
                }
                layers.append(nodes)
                labelStart.append(labels.count)
                words = next
            }
        }

        /// Merges states with equal futures, last layer first, and writes the graph as flat arrays.
        mutating func merge() {
            var targetClass = [Int](repeating: 0, count: (layers.last ?? []).count * (classes.count + 1) + 1)
            var merged: [[Node]] = []
            for nodes in layers.reversed() {
                var indexOf: [[Int32]: Int] = [:]
                var kept: [Node] = []
                var classOf: [Int] = []
                for node in nodes {
                    var signature: [Int32] = [node.noneLabel, Int32(targetClass[node.none])]
                    for edge in node.edges { signature += [edge.label, Int32(targetClass[edge.target])] }
                    if let known = indexOf[signature] {
                        classOf.append(known)
                        continue
                    }
                    indexOf[signature] = kept.count
                    classOf.append(kept.count)
                    kept.append(
                        Node(
                            none: targetClass[node.none], noneLabel: node.noneLabel,
                            edges: node.edges.map { ($0.label, targetClass[$0.target]) }))
                }
                merged.append(kept)
                targetClass = classOf
            }
            merged.reverse()
            layers = []
            var start = 0
            for nodes in merged {
                stateStart.append(start)
                start += nodes.count
            }
            stateStart.append(start)
            stateStart.append(start + 1)
            let checks = !fixed.isEmpty
            for (layer, nodes) in merged.enumerated() {
                let base = stateStart[layer + 1]
                for node in nodes {
                    noneTarget.append(Int32(base + node.none))
                    if checks { noneLabel.append(node.noneLabel) }
                    for edge in node.edges {
                        edgeLabel.append(edge.label)
                        edgeTarget.append(Int32(base + edge.target))
                    }
                    edgeStart.append(Int32(edgeLabel.count))
                }
            }
        }
    }
}
