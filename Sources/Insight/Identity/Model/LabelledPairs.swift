/// The model for records in which hardly anybody is twice, and what settled pairs teach it.
///
/// There is nothing in such records that EM could learn m from: it would take neighbours of one town for one person. So
/// u is that of the data, and m is what records of one person show elsewhere, field by field, until settled pairs say more.
extension MatchModel {
    /// - Parameters:
    ///   - share: share of the records that have a twin.
    ///   - random: P(level) among random pairs, one list a column.
    static func assumed(_ comparison: PairComparison, _ space: PairSpace, share: Double, random: [[Double]])
        -> MatchModel
    {
        let m = comparison.comparators.map { comparator -> [Double] in
            let (exact, near) = agreement(comparator.field.name, comparator.field.kind)
            let levels = comparator.levelCount
            let exacts = min(max(comparator.exactLevels, 1), levels - 1)
            let nears = levels - 1 - exacts
            let masses = comparator.classes.mass.prefix(exacts)
            // Without a level in between, what is near counts as different.
            return (0..<levels).map { level in
                // Persons have common and rare values as the records do.
                if level < exacts {
                    return exact * (masses[level] + 0.02) / (masses.reduce(0, +) + 0.02 * Double(exacts))
                }
                if level < levels - 1 { return near / Double(nears) }
                return 1 - exact - (nears > 0 ? near : 0)
            }
        }
        let twins = max(1, share * Double(space.rowCount))
        return MatchModel(prior: min(0.5, twins / max(1, space.total)), m: m, u: random)
    }

    /// How often a field of one person's records agrees exactly, and nearly.
    private static func agreement(_ name: String, _ kind: FieldKind) -> (exact: Double, near: Double) {
        switch kind {
        case .name: name.contains("last") ? (0.85, 0.09) : (0.72, 0.2)
        case .text: (0.6, 0.2)
        case .address: (0.5, 0.2)
        case .date: (0.9, 0.06)
        case .postcode: (0.65, 0.15)
        case .phone: (0.5, 0.1)
        case .email: (0.5, 0.15)
        case .category: name == "country" ? (0.98, 0.01) : (0.75, 0.05)
        case .identifier: (0.85, 0.05)
        case .geo, .number: (0.6, 0.2)
        }
    }

    /// m and u as the mean of what was learnt or assumed, counted as `strength` pairs and `strangers` pairs, and of the
    /// settled pairs (a Dirichlet posterior mean). Pairs that were called different are the hard ones, not strangers
    /// drawn at random, so they move u only by their number.
    package func relearnt(
        _ answers: PairAnswers, _ comparison: PairComparison, strength: Double = 40, strangers: Double = 4_000
    ) -> MatchModel {
        var (matched, apart) = (m.map { $0.map { $0 * strength } }, u.map { $0.map { $0 * strangers } })
        let scratch = ComparisonScratch(fields: comparison.comparators.count, slotBits: 2)
        func count(_ pairs: [RowPair], into levels: inout [[Double]]) {
            for pair in pairs {
                let pattern = comparison.pattern(Int(pair.left), Int(pair.right), scratch)
                for field in levels.indices {
                    let level = comparison.level(field, in: pattern)
                    if level < levels[field].count { levels[field][level] += 1 }
                }
            }
        }
        count(answers.same, into: &matched)
        count(answers.different, into: &apart)
        func shares(_ levels: [[Double]]) -> [[Double]] {
            levels.map { own in
                let total = own.reduce(0, +)
                return total > 0 ? own.map { $0 / total } : own
            }
        }
        return MatchModel(prior: prior, m: shares(matched), u: shares(apart))
    }
}
