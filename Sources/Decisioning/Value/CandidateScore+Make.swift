extension CandidateScore {
    /// A score as it was stored with the candidates, without its two steps.
    package init(probability: Float, effect: Float, effectLow: Float, effectHigh: Float, value: Float) {
        self.init(
            reach: probability, engage: 1, probability: probability, effect: effect, effectLow: effectLow,
            effectHigh: effectHigh, value: value)
    }
}
