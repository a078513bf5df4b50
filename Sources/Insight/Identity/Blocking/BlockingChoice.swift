import Statistics

/// A blocking rule: two rows are compared when they share every key.
package struct BlockingRule: Sendable, Equatable {
    /// Indices into the keys.
    var keys: [Int]
    package var label: String
    /// Pairs that the rule alone makes, estimated from a sample of rows.
    package var estimatedPairs: Double
}

/// Chooses the rules whose union finds nearly all matches at the least cost.
///
/// Costs are pair counts, counted on a sample of rows. Cover is counted on matches drawn from the model: each draw
/// says which cells a matched pair agrees on. The greedy rule (most new matches for each pair) is the classical
/// approximation of set cover. Compare: Bilenko, Kamath, Mooney, "Adaptive blocking" (ICDM 2006).
struct BlockingChoice {
    let keys: [BlockingKey]
    let space: PairSpace
    /// The largest budget that will be asked for.
    let largestBudget: Double
    private let candidates: [BlockingRule]

    private static let sampleRows = 30_000

    init(keys: [BlockingKey], space: PairSpace, largestBudget budget: Double, seed: UInt64) {
        self.keys = keys
        self.space = space
        largestBudget = budget
        candidates = BlockingChoice.candidates(keys, space, budget, seed)
    }

    /// Every conjunction of one to three keys of different columns that is affordable, smallest first; a rule is not
    /// extended once it costs little.
    private static func candidates(
        _ keys: [BlockingKey], _ space: PairSpace, _ budget: Double, _ seed: UInt64
    ) -> [BlockingRule] {
        var counter = SampledPairCounter(space, sampleRows: sampleRows, seed: seed)
        var found: [BlockingRule] = []
        var open: [[Int]] = keys.indices.map { [$0] }
        for length in 1...3 {
            var next: [[Int]] = []
            for members in open {
                let pairs = counter.pairs(members.map { keys[$0].rows })
                // Nothing in the sample agrees: in the whole file hardly anything does.
                if pairs <= budget, pairs > 0 {
                    found.append(
                        BlockingRule(
                            keys: members, label: members.map { keys[$0].name }.joined(separator: " + "),
                            estimatedPairs: pairs))
                }
                // A cheap rule covers all that its extensions would.
                guard pairs > budget / 16, length < 3, next.count < 2_000, let last = members.last else { continue }
                for key in keys.indices
                where key > last && !members.contains(where: { keys[$0].field == keys[key].field }) {
                    next.append(members + [key])
                }
            }
            open = next
        }
        return found
    }

    /// Rules, best first, and the share of matches that they find according to the model.
    ///
    /// - Parameter budget: pairs that all rules together may make.
    func choose(
        agreement: [KeyAgreement], budget: Double, seed: UInt64
    ) -> (rules: [BlockingRule], cover: Double) {
        let draws = 4_096
        let words = draws / 64
        var generator = SeededGenerator(seed: seed, stream: 77)
        var holds = [[UInt64]](repeating: [UInt64](repeating: 0, count: words), count: keys.count)
        for draw in 0..<draws {
            // Every other match is of a badly kept record: errors come together, and its cells agree less.
            let care = draw % 2 == 0 ? 1 : 0.65
            for field in agreement.indices {
                let exact = generator.uniform() < agreement[field].exact * care
                for key in keys.indices where keys[key].field == field {
                    // Drawn for every key, so that the draws of one key do not depend on the others.
                    let coarse = generator.uniform() < agreement[field].coarseOtherwise
                    guard exact || (coarse && !keys[key].isExact) else { continue }
                    holds[key][draw / 64] |= 1 << UInt64(draw % 64)
                }
            }
        }
        let covers = candidates.map { rule in
            (0..<words).map { word in rule.keys.reduce(UInt64.max) { $0 & holds[$1][word] } }
        }
        // Each match is to be found by two rules: the cells of a real pair agree less independently than the draws'.
        var covered = [UInt64](repeating: 0, count: words)
        var twice = covered
        var chosen: [BlockingRule] = []
        var spent = 0.0
        while chosen.count < 24 {
            var best = -1
            var bestRatio = 0.0
            for (index, rule) in candidates.enumerated() where spent + rule.estimatedPairs <= budget {
                guard !chosen.contains(rule) else { continue }
                var once = 0
                var again = 0
                for word in 0..<words {
                    once += (covers[index][word] & ~covered[word]).nonzeroBitCount
                    again += (covers[index][word] & covered[word] & ~twice[word]).nonzeroBitCount
                }
                // Under one match in a thousand is left to chance.
                guard once + again >= 4 else { continue }
                let ratio = (Double(once) + 0.25 * Double(again)) / (rule.estimatedPairs + budget / 200)
                if ratio > bestRatio { (best, bestRatio) = (index, ratio) }
            }
            guard best >= 0 else { break }
            chosen.append(candidates[best])
            spent += candidates[best].estimatedPairs
            for word in 0..<words {
                twice[word] |= covered[word] & covers[best][word]
                covered[word] |= covers[best][word]
            }
        }
        var usual = 0
        for word in 0..<words { usual += (covered[word] & 0x5555_5555_5555_5555).nonzeroBitCount }
        return (chosen, Double(usual) / Double(draws / 2))
    }
}

/// How often matched rows share a cell, and its coarse form when they do not share the cell.
struct KeyAgreement: Sendable {
    var exact: Double
    var coarseOtherwise: Double
}

/// Counts the pairs of a rule on a sample of rows, scaled to all rows.
private struct SampledPairCounter {
    private let rows: [Int]
    private let left: Int?
    private let scale: Double
    private var slots: [(key: UInt64, epoch: Int32, left: Int32, right: Int32)]
    private var epoch: Int32 = 0

    init(_ space: PairSpace, sampleRows: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: 76)
        let count = space.rowCount
        if count <= sampleRows {
            rows = Array(0..<count)
        } else {
            // One row from each of equal stretches: spread over the file, in order.
            rows = (0..<sampleRows).map { part in
                let start = part * count / sampleRows
                return start + generator.below(max(1, (part + 1) * count / sampleRows - start))
            }
        }
        left = space.leftCount
        let boundary = left ?? 0
        let sampleLeft = rows.count { $0 < boundary }
        let sampled = PairSpace.pairs(rows.count, left: left == nil ? nil : sampleLeft)
        scale = sampled > 0 ? space.total / sampled : 1
        var size = 64
        while size < rows.count * 2 { size *= 2 }
        slots = .init(repeating: (0, 0, 0, 0), count: size)
    }

    mutating func pairs(_ keys: [FrozenBuffer<Int32>]) -> Double {
        epoch += 1
        let mask = slots.count - 1
        let boundary = left ?? 0
        var total = 0.0
        rows: for row in rows {
            var hash: UInt64 = 0x9E37
            for key in keys {
                let code = key[row]
                if code < 0 { continue rows }
                hash = KeyMixing.mix(hash &+ UInt64(UInt32(bitPattern: code)) &* 0x9E37_79B9_7F4A_7C15 &+ 1)
            }
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot].epoch == epoch, slots[slot].key != hash { slot = (slot + 1) & mask }
            if slots[slot].epoch != epoch { slots[slot] = (hash, epoch, 0, 0) }
            // Each row meets those before it.
            if left == nil {
                total += Double(slots[slot].left)
                slots[slot].left += 1
            } else if row < boundary {
                slots[slot].left += 1
            } else {
                total += Double(slots[slot].left)
            }
        }
        return total * scale
    }
}
