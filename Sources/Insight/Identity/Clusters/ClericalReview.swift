/// Pairs that a person should look at, the ones whose answer changes most first.
///
/// Each question stands for the two groups it would join or part: of all unclear pairs between the same two groups
/// only the one with most evidence is asked. What an answer is worth: the chance that it overturns what stands,
/// times the pairs of rows it would change. Answers come back as `PairAnswers` and bind the next clustering.
package struct ClericalReview: Sendable {
    package struct Question: Sendable, Equatable {
        package var pair: ScoredPair
        /// As things stand, the rows are one.
        package var isJoined: Bool
        /// Pairs of rows that the answer decides.
        package var affected: Int
        /// Expected number of wrong pairs that the answer puts right.
        package var worth: Double
    }

    package private(set) var questions: [Question]

    /// - Parameters:
    ///   - unclear: lowest and highest probability that is unclear.
    ///   - limit: questions at most.
    package init(
        _ pairs: [ScoredPair], clusters: [Int32], answers: PairAnswers, unclear: ClosedRange<Double> = 0.05...0.95,
        limit: Int = 200
    ) {
        var sizes = [Int](repeating: 0, count: Int(clusters.max() ?? -1) + 1)
        for cluster in clusters { sizes[Int(cluster)] += 1 }
        let settled = Set(answers.same).union(answers.different)
        var best: [RowPair: Question] = [:]
        for pair in pairs {
            let left = clusters[Int(pair.left)]
            let right = clusters[Int(pair.right)]
            let isJoined = left == right
            let probability = pair.probability
            // Inside one cluster a pair matters when it is unclear or speaks against; between two, when it is unclear
            // or speaks for a join that did not come about.
            guard isJoined ? probability <= unclear.upperBound : probability >= unclear.lowerBound,
                !settled.contains(RowPair(pair.left, pair.right))
            else { continue }
            let affected = isJoined ? sizes[Int(left)] - 1 : sizes[Int(left)] * sizes[Int(right)]
            let overturn = isJoined ? 1 - probability : probability
            let question = Question(
                pair: pair, isJoined: isJoined, affected: affected,
                worth: min(overturn, 1 - overturn) * Double(affected))
            let groups = RowPair(left, right)
            if let known = best[groups], known.worth >= question.worth { continue }
            best[groups] = question
        }
        let ranked = best.values.sorted { a, b in
            a.worth != b.worth ? a.worth > b.worth : (a.pair.left, a.pair.right) < (b.pair.left, b.pair.right)
        }
        questions = Array(ranked.prefix(limit))
    }
}
