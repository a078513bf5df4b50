import EngagementModel

/// What each HCP's fixed touches (ledger and booked appointments) leave allowed, shared between equal histories.
///
/// A *variant* is one graph of contact states: a market's rules, with or without fixed touches in the future.
/// A *profile* is a row of bytes, one per label of the variant's graph: 255 = refused, else the effect level
/// (index into the class's multiplier table) that planned and fixed touches make together.
struct ContactProfiles: Sendable {
    static let refused: UInt8 = 255

    struct Variant: Sendable {
        let graph: ContactAutomaton
        /// profile × label.
        var table: [UInt8] = []
        var profileCount = 0
        /// class → multiplier of the gross value per effect level.
        let multipliers: [[Float]]
    }

    private(set) var variants: [Variant] = []
    /// Per HCP.
    private(set) var variantOf: [UInt8]
    private(set) var profileOf: [Int32]

    init(_ problem: PlanProblem) throws(Diagnostic) {
        let n = problem.hcpCount
        variantOf = [UInt8](repeating: 0, count: n)
        profileOf = [Int32](repeating: 0, count: n)
        let classes = problem.actionClass.reduce(UInt32(0)) { $0 | (1 << UInt32($1)) }
        let first = problem.dayOffsets[0]
        // Which variants are in use, and which future days hold fixed touches.
        var used = [Bool](repeating: false, count: problem.ruleSets.count * 2)
        var fixed = [Set<Int>](repeating: [], count: problem.ruleSets.count)
        var kind = [UInt8](repeating: 0, count: n)
        for i in 0..<n {
            let set = problem.ruleSet.isEmpty ? 0 : Int(problem.ruleSet[i])
            var future = 0
            for k in problem.touches(of: i) where Int(problem.touchDay[k]) > first {
                fixed[set].insert(Int(problem.touchDay[k]))
                future = 1
            }
            kind[i] = UInt8(set * 2 + future)
            used[set * 2 + future] = true
        }
        var index = [Int](repeating: -1, count: used.count)
        for k in used.indices where used[k] {
            let graph = try ContactAutomaton(
                rules: problem.ruleSets[k / 2], effects: problem.allEffects, dayOffsets: problem.dayOffsets,
                fixedOffsets: k % 2 == 1 ? fixed[k / 2] : [], classes: classes)
            index[k] = variants.count
            variants.append(Variant(graph: graph, multipliers: try Self.multipliers(graph.effects)))
        }
        for k in variants.indices {
            let source = index.firstIndex(of: k) ?? 0
            var reader = Reader(variants[k])
            for i in 0..<n where Int(kind[i]) == source {
                variantOf[i] = UInt8(k)
                profileOf[i] = reader.profile(of: problem, hcp: i)
            }
            variants[k].table = reader.table
            variants[k].profileCount = reader.count
        }
    }

    /// Products of the effects' multipliers per class; level = mixed radix over the effects, first one fastest.
    private static func multipliers(_ effects: [RecencyEffect]) throws(Diagnostic) -> [[Float]] {
        let size = effects.reduce(1) { $0 * $1.multipliers.count }
        guard size < 255 else {
            throw Diagnostic("recency_effects_too_fine", "The recency effects have more than 254 levels together.")
        }
        return (0..<32).map { c in
            (0..<size).map { level in
                var rest = level
                var product: Float = 1
                for effect in effects {
                    let k = rest % effect.multipliers.count
                    rest /= effect.multipliers.count
                    if effect.affects & (1 << UInt32(c)) != 0 { product *= effect.multipliers[k] }
                }
                return product
            }
        }
    }

    /// Turns touches into profiles and finds equal ones.
    private struct Reader {
        let variant: Variant
        var table: [UInt8] = []
        var count = 0
        private var indexOf: [[UInt8]: Int32] = [:]
        private var key: [UInt8]
        private let stride: Int
        private let first: Int
        private let reach: Int

        init(_ variant: Variant) {
            self.variant = variant
            let graph = variant.graph
            stride = graph.rules.count * 2 + graph.effects.count + 1
            key = [UInt8](repeating: 0, count: stride * graph.layerCount)
            let window = max(graph.rules.map(\.windowDays).max() ?? 0, graph.effects.map(\.windowDays).max() ?? 0)
            // Even without rules a touch on the first day itself takes that day.
            first = graph.layerOffset[0] - max(1, window)
            reach = graph.layerOffset[graph.layerCount - 1]
        }

        /// Counts of fixed touches per layer: in each rule's window, whether a touch of the rule stands on the day
        /// itself, in each effect's window, and whether the day is taken.
        mutating func profile(of problem: PlanProblem, hcp: Int) -> Int32 {
            let graph = variant.graph
            let r = graph.rules.count
            for k in key.indices { key[k] = 0 }
            for t in problem.touches(of: hcp) {
                let day = Int(problem.touchDay[t])
                let bit: UInt32 = 1 << UInt32(problem.touchClass[t])
                guard day > first, day <= reach else { continue }
                for layer in 0..<graph.layerCount {
                    let age = graph.layerOffset[layer] - day
                    guard age >= 0 else { continue }
                    let base = layer * stride
                    for (j, rule) in graph.rules.enumerated() where rule.classes & bit != 0 && age < rule.windowDays {
                        key[base + j] = UInt8(min(Int(key[base + j]) + 1, min(rule.max, 250)))
                        if age == 0 { key[base + r + j] = 1 }
                    }
                    for (j, effect) in graph.effects.enumerated()
                    where !effect.isWithinPlan && effect.counts & bit != 0 && age > 0 && age < effect.windowDays {
                        let k = base + 2 * r + j
                        key[k] = UInt8(min(Int(key[k]) + 1, effect.multipliers.count - 1))
                    }
                    if age == 0 { key[base + stride - 1] = 1 }
                }
            }
            if let known = indexOf[key] { return known }
            let new = Int32(count)
            indexOf[key] = new
            count += 1
            for label in graph.labels { table.append(answer(label)) }
            return new
        }

        private func answer(_ label: ContactAutomaton.Label) -> UInt8 {
            let graph = variant.graph
            let base = label.layer * stride
            let r = graph.rules.count
            if label.classIndex < 0 {
                // A fixed touch must not find a rule broken by what was planned around it.
                for (j, rule) in graph.rules.enumerated() where key[base + r + j] == 1 {
                    let planned = Int(label.ruleCounts[j])
                    if planned > 0 && planned + Int(key[base + j]) > rule.max { return ContactProfiles.refused }
                }
                return 0
            }
            if key[base + stride - 1] == 1 { return ContactProfiles.refused }
            let bit: UInt32 = 1 << UInt32(label.classIndex)
            for (j, rule) in graph.rules.enumerated() where rule.classes & bit != 0 {
                if Int(label.ruleCounts[j]) + Int(key[base + j]) >= rule.max { return ContactProfiles.refused }
            }
            var level = 0
            var radix = 1
            for (j, effect) in graph.effects.enumerated() {
                if effect.affects & bit != 0 {
                    let k = Int(label.effectLevels[j]) + Int(key[base + 2 * r + j])
                    level += radix * min(k, effect.multipliers.count - 1)
                }
                radix *= effect.multipliers.count
            }
            return UInt8(level)
        }
    }
}
