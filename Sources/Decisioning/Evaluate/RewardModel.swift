import Statistics

/// Expected rewards under a model that has not seen the row: for the logged action, and on average over what the
/// evaluated policy would do.
package struct RewardPredictions: Sendable {
    package var logged: [Double]
    package var policy: [Double]

    package init(logged: [Double], policy: [Double]) {
        self.logged = logged
        self.policy = policy
    }
}

/// A regression of the reward on context and action, one for each position, fitted on the other folds.
///
/// Logistic when every reward is 0 or 1, else linear; penalty 1, main effects of context and action: the base model
/// of Open Bandit Pipeline's examples. Source: Dudík and others, "Doubly robust policy evaluation and optimization"
/// (Statistical Science, 2014), section 4; cross-fitting after Narita and others (2021).
package enum RewardModel {
    /// Averages over several divisions into folds, so that the estimate hardly depends on any of them.
    ///
    /// - Parameter context: columns of the rows of `log`, without the action.
    package static func predictions(
        _ log: LoggedDecisions, context: DesignColumns, folds: Int = 3, divisions: Int = 1, seed: UInt64
    ) -> RewardPredictions {
        var all = predictions(log, context, folds, seed: seed, division: 0)
        guard divisions > 1 else { return all }
        for division in 1..<divisions {
            let next = predictions(log, context, folds, seed: seed, division: UInt64(division))
            for row in 0..<log.count {
                all.logged[row] += next.logged[row]
                all.policy[row] += next.policy[row]
            }
        }
        for row in 0..<log.count {
            all.logged[row] /= Double(divisions)
            all.policy[row] /= Double(divisions)
        }
        return all
    }

    private static func predictions(
        _ log: LoggedDecisions, _ context: DesignColumns, _ folds: Int, seed: UInt64, division: UInt64
    ) -> RewardPredictions {
        let isBinary = log.rewards.allSatisfy { $0 == 0 || $0 == 1 }
        var design = context
        let firstAction = design.size
        let frequent = log.actionCount <= DesignColumns.mostCategories
        design.add(codes: log.actions, count: log.actionCount)
        let entries = frequent ? (0..<log.actionCount).map { firstAction + $0 } : []
        var fold = [Int32](repeating: 0, count: log.count)
        var generator = SeededGenerator(seed: seed, stream: 0xF01D + division)
        var order = Array(0..<log.count)
        order.shuffle(using: &generator)
        let folds = max(1, min(folds, log.count))
        for (place, row) in order.enumerated() { fold[row] = Int32(place % folds) }
        var logged = [Double](repeating: 0, count: log.count)
        var expected = logged
        let jobs = log.positionCount * folds
        let results = Cores.map(jobs) { [fold, design] job -> [(row: Int, logged: Double, expected: Double)] in
            let position = Int32(job / folds)
            let own = Int32(job % folds)
            let rows = (0..<log.count).filter { log.positions[$0] == position }
            let known = folds == 1 ? rows : rows.filter { fold[$0] != own }
            let model = PenalisedRegression(isBinary ? .logistic : .linear, design, outcomes: log.rewards, rows: known)
            return rows.filter { fold[$0] == own }.map { row in
                let score = model.score(design, row)
                let action = Int(log.actions[row])
                // Few actions have a coefficient each; then the rest of the score is common to all of them.
                let base = frequent ? score - model.coefficients[entries[action]] : score
                var sum = 0.0
                for other in 0..<log.actionCount {
                    let share = log.probability(row, other)
                    if share > 0 {
                        sum += share * model.mean(frequent ? base + model.coefficients[entries[other]] : base)
                    }
                }
                return (row, model.mean(score), sum)
            }
        }
        for result in results {
            for (row, q, v) in result {
                logged[row] = q
                expected[row] = v
            }
        }
        return RewardPredictions(logged: logged, policy: expected)
    }
}
