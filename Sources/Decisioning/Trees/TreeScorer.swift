package import EngagementModel
import Statistics

/// Scores every HCP × action at as-of with trees, in the columns that the online scorer gives.
package struct TreeScorer: Sendable {
    private let model: TreeResponse
    private let columns: FoldColumns
    private let actions: [ResponseAction]

    package init(model: TreeResponse, input: ResponseInput, actions: [ResponseAction]) {
        var vocabulary = model.vocabulary
        columns = TreeResponse.columns(input, &vocabulary)
        self.model = model
        self.actions = actions
    }

    /// Probabilities of all actions for a range of HCPs; trees give no standard deviation: 0.
    package func score(_ hcps: Range<Int>) throws(Diagnostic) -> ResponseScores {
        let rows = rows(hcps)
        let reach = try model.reach.probabilities(rows)
        let engage = try model.engage.probabilities(rows)
        let zero = [Float](repeating: 0, count: reach.count)
        func calibrated(_ values: [Double], _ step: Int) -> [Float] {
            values.indices.map { k in
                let line = model.calibration[step][Int(actions[k % actions.count].channel.code)]
                return Float(Special.sigmoid(line.slope * Special.logit(values[k]) + line.shift))
            }
        }
        return ResponseScores(
            hcps: hcps, actions: actions.count, reach: calibrated(reach, 0), engage: calibrated(engage, 1),
            reachSD: zero, engageSD: zero)
    }

    /// Shapley contributions to the logit of *engaged, when reached* by theme, and the mean over the training rows.
    ///
    /// They add up to the logit before calibration.
    package func contributions(hcp: Int, action: Int) throws(Diagnostic) -> (themes: [Theme: Double], mean: Double) {
        let width = TreeFeatures.columns.count
        let all = rows(hcp..<(hcp + 1))
        var one = TreeRows(columns: width)
        one.values = Array(all.values[(action * width)..<((action + 1) * width)])
        let values = try model.engage.contributions(one)
        var themes: [Theme: Double] = [:]
        for (k, column) in TreeFeatures.columns.enumerated() { themes[column.theme, default: 0] += values[k] }
        return (themes, values[width])
    }

    /// Rows of a touch now: the moment is not yet chosen, so weekday and hour are missing.
    private func rows(_ hcps: Range<Int>) -> TreeRows {
        let width = TreeFeatures.columns.count
        var rows = TreeRows(columns: width)
        rows.values = [Float](repeating: 0, count: hcps.count * actions.count * width)
        var fold = ContactFold(columns)
        rows.values.withUnsafeMutableBufferPointer { buffer in
            guard var row = buffer.baseAddress else { return }
            for hcp in hcps {
                let day = fold.runToNow(hcp)
                for action in actions {
                    let c = Int(action.channel.code)
                    let g = FeatureLayout.groupOfChannel[c]
                    fold.addContactNow(channel: c, day: day)
                    if let content = action.content {
                        fold.addContent(content, channel: c, group: g)
                        fold.addAffinity(content, group: g, day: day)
                    }
                    TreeFeatures.write(
                        fold.buffer, decile: columns.hcps.decile[hcp], access: columns.hcps.access[hcp], to: row)
                    row += width
                }
            }
        }
        return rows
    }
}
