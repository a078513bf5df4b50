package import EngagementModel
package import Statistics

/// How well the model predicted what it had not seen, by step and channel.
package struct ResponseReport: Sendable, Equatable, Codable {
    package struct Row: Sendable, Equatable, Codable {
        package var step: ResponseStep
        package var channel: Channel
        /// After calibration on the other half of the HCPs.
        package var score: ProbabilityScore
        /// Expected calibration error before any correction.
        package var rawECE: Double
    }

    package var rows: [Row] = []
    /// Touches learnt in this call, in all calls, and those whose window is still open at as-of.
    package var learned = 0
    package var learnedTotal = 0
    package var pending = 0
    /// Touches of the evaluation period.
    package var evaluated = 0

    package subscript(_ step: ResponseStep, _ channel: Channel) -> ProbabilityScore? {
        rows.first { $0.step == step && $0.channel == channel }?.score
    }
}

extension Evidence {
    /// Fits the correction of each step and channel, and scores it: what one half of the HCPs taught is judged on
    /// the other half, so the figures are not those of the data that were fitted.
    func judge() -> (calibration: [[LogitCalibration]], rows: [ResponseReport.Row]) {
        var calibration: [[LogitCalibration]] = []
        var rows: [ResponseReport.Row] = []
        for s in ResponseStep.allCases {
            var ofStep = [LogitCalibration](repeating: LogitCalibration(), count: FeatureLayout.channels)
            for channel in Channel.allCases {
                let all = select(s, channel)
                guard !all.isEmpty else { continue }
                let sides = (0..<2).map { side in all.filter { half[$0] == side } }
                ofStep[Int(channel.code)] = fit(all)
                let lines = sides.map(fit)
                var probabilities: [Double] = []
                var raw: [Double] = []
                var outcomes: [Bool] = []
                for side in 0..<2 {
                    let line = lines[1 - side]
                    for i in sides[side] {
                        probabilities.append(Special.sigmoid(line.slope * Double(logit[i]) + line.shift))
                        raw.append(Special.sigmoid(Double(logit[i])))
                        outcomes.append(outcome[i] == 1)
                    }
                }
                var score = ProbabilityScore(probabilities: probabilities, outcomes: outcomes)
                let uncorrected = ProbabilityScore(probabilities: raw, outcomes: outcomes)
                // A correction never changes the order; two corrections, one for each half, mix it: the half that had
                // more answers lowers the other, and few answers would look as if ranked upside down.
                score.auc = uncorrected.auc
                rows.append(
                    ResponseReport.Row(step: s, channel: channel, score: score, rawECE: uncorrected.ece))
            }
            calibration.append(ofStep)
        }
        return (calibration, rows)
    }

    /// Rows of a step and channel; a regular sample above 100,000, which is plenty for two parameters.
    private func select(_ s: ResponseStep, _ channel: Channel) -> [Int] {
        let code = channel.code
        let all = step.indices.filter { step[$0] == s.rawValue && self.channel[$0] == code }
        guard all.count > 100_000 else { return all }
        let stride = all.count / 100_000 + 1
        return all.indices.filter { $0 % stride == 0 }.map { all[$0] }
    }

    private func fit(_ rows: [Int]) -> LogitCalibration {
        LogitCalibration.fit(logits: rows.map { Double(logit[$0]) }, outcomes: rows.map { outcome[$0] == 1 })
    }
}
