/// What settled pairs teach the model: how often records that a person called the same agree, field by field.
///
/// m starts from what was learnt without labels, counted as `strength` pairs, and takes the settled pairs on top (a
/// Dirichlet posterior mean). Pairs that were called different are the hard ones, not strangers drawn at random, so
/// they move u only by their number beside `strangers`.
extension IdentityResult {
    package func relearnt(
        _ answers: PairAnswers, strength: Double = 40, strangers: Double = 4_000
    ) -> MatchModel {
        var (matched, apart) = (model.m.map { $0.map { $0 * strength } }, model.u.map { $0.map { $0 * strangers } })
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
        return MatchModel(prior: model.prior, m: shares(matched), u: shares(apart))
    }
}
