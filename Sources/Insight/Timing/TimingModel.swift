/// The buy-till-you-die models and what each assumes.
package enum TimingModel: String, Sendable, CaseIterable {
    /// Poisson purchases; drop-out after any repeat purchase. Fader, Hardie, Lee 2005.
    case bgnbd
    /// The same, with a chance to drop out after the first purchase too. Batislam, Denizel, Filiztekin 2007.
    case mbgnbd
    /// Poisson purchases; drop-out at any time. Schmittlein, Morrison, Colombo 1987.
    case paretonbd
    /// MBG/NBD with Erlang-k times between purchases. Reutterer, Platzer, Schröder 2021.
    case mbgcnbdk = "mbgcnbd-k"
    /// A purchase or none at each of n opportunities. Fader, Hardie, Shang 2010.
    case bgbb
    /// Value of a purchase, independent of its timing. Fader, Hardie 2005 (brucehardie.com/notes/025).
    case gammagamma

    package var parameterNames: [String] {
        switch self {
        case .bgnbd, .mbgnbd, .mbgcnbdk: ["r", "alpha", "a", "b"]
        case .paretonbd: ["r", "alpha", "s", "beta"]
        case .bgbb: ["alpha", "beta", "gamma", "delta"]
        case .gammagamma: ["p", "q", "v"]
        }
    }
}

/// Maximum-likelihood estimates of one model.
package struct TimingFit: Sendable {
    package var model: TimingModel
    /// In the order of `model.parameterNames`; times in the unit of the histories.
    package var parameters: [Double]
    /// From the inverse Hessian at the maximum; nil where the likelihood is flat.
    package var standardErrors: [Double?]
    package var logLikelihood: Double
    /// Regularity: every k-th event of a Poisson process is a purchase.
    package var k: Int
    package var evaluations: Int
    package var warnings: [String]

    /// Akaike's criterion; a regularity that was searched for counts as a parameter.
    package var aic: Double {
        2 * Double(parameters.count + (model == .mbgcnbdk ? 1 : 0)) - 2 * logLikelihood
    }

    package init(
        model: TimingModel, parameters: [Double], standardErrors: [Double?] = [], logLikelihood: Double = .nan,
        k: Int = 1, evaluations: Int = 0, warnings: [String] = []
    ) {
        self.model = model
        self.parameters = parameters
        self.standardErrors = standardErrors.isEmpty ? parameters.map { _ in nil } : standardErrors
        self.logLikelihood = logLikelihood
        self.k = k
        self.evaluations = evaluations
        self.warnings = warnings
    }
}

/// A log likelihood of positive parameters with its gradient.
protocol TimingLikelihood: Sendable {
    /// Log likelihood and its derivatives by each parameter.
    func evaluate(_ parameters: [Double]) -> (value: Double, gradient: [Double])
}
