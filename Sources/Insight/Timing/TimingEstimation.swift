internal import Foundation
internal import Statistics

extension TimingFit {
    /// Models that `auto` compares: likelihoods of the same event, purchases in continuous time.
    package static let comparable: [TimingModel] = [.bgnbd, .mbgnbd, .paretonbd, .mbgcnbdk]

    /// Maximum likelihood for one model.
    ///
    /// - Parameters:
    ///   - regularity: k of MBG/CNBD-k; nil searches 1…12 until two steps in a row lose likelihood.
    /// - Throws: `HistoryProblem` for histories from which the model cannot be estimated.
    package static func fit(
        _ model: TimingModel, _ histories: PurchaseHistories, regularity: Int? = nil
    ) throws -> TimingFit {
        if model == .gammagamma { return try fitSpend(histories) }
        try histories.validate()
        try histories.validateForFit()
        if model == .bgbb { try histories.validateOpportunities() }
        return try fit(model, distinct: DistinctHistories(histories), regularity: regularity)
    }

    /// The same for histories that have been validated and grouped.
    package static func fit(
        _ model: TimingModel, distinct: DistinctHistories, regularity: Int? = nil
    ) throws -> TimingFit {
        let start = Start(distinct)
        switch model {
        case .bgnbd, .mbgnbd:
            let likelihood = DropoutLikelihood(histories: distinct, dropoutAtZero: model == .mbgnbd, k: 1)
            return try estimate(model, likelihood, from: [1, start.gap, 1, 3])
        case .paretonbd:
            return try estimate(
                model, ParetoLikelihood(histories: distinct), from: [1, start.gap, 1, start.age])
        case .mbgcnbdk:
            return try fitRegular(distinct, start, regularity)
        case .bgbb:
            return try estimate(model, OpportunityLikelihood(histories: distinct), from: [1, 1, 1, 2])
        case .gammagamma:
            throw HistoryProblem(
                "no_monetary", "the value of purchases is not part of grouped histories",
                remedy: "give one row a customer")
        }
    }

    /// Every comparable model, best (lowest AIC) first; the regular one only when the gaps are known.
    package static func fitAll(_ histories: PurchaseHistories) throws -> [TimingFit] {
        try histories.validate()
        try histories.validateForFit()
        let distinct = DistinctHistories(histories)
        let models = comparable.filter { $0 != .mbgcnbdk || distinct.logGaps != nil }
        // One model without a maximum leaves the others to choose from.
        var fits: [TimingFit] = []
        var refusal: (any Error)?
        for model in models {
            do { fits.append(try fit(model, distinct: distinct)) } catch { refusal = refusal ?? error }
        }
        if fits.isEmpty, let refusal { throw refusal }
        // A search that ends at k = 1 is MBG/NBD again, with a parameter more.
        return fits.sorted { $0.aic < $1.aic }
    }

    private static func fitRegular(
        _ distinct: DistinctHistories, _ start: Start, _ regularity: Int?
    ) throws -> TimingFit {
        if let k = regularity {
            guard k >= 1, k <= 1000 else {
                throw HistoryProblem(
                    "bad_regularity", "k is a whole number from 1 up", remedy: "write --regularity 2, or leave it out")
            }
            let likelihood = DropoutLikelihood(histories: distinct, dropoutAtZero: true, k: k)
            var fit = try estimate(.mbgcnbdk, likelihood, from: [1, start.gap * Double(k), 1, 3])
            fit.k = k
            if distinct.logGaps == nil, k > 1 {
                fit.warnings.append("without the gaps between purchases the log likelihood lacks a constant")
            }
            return fit
        }
        guard distinct.logGaps != nil else {
            throw HistoryProblem(
                "no_gaps", "the regularity k cannot be told from frequency and recency alone",
                remedy: "give an event log, the column of summed log gaps (--log-gaps), or k (--regularity)")
        }
        var best: TimingFit?
        var from = [1, start.gap, 1, 3]
        var falls = 0
        var before = -Double.infinity
        var evaluations = 0
        for k in 1...12 where falls < 2 {
            let likelihood = DropoutLikelihood(histories: distinct, dropoutAtZero: true, k: k)
            var fit = try estimate(.mbgcnbdk, likelihood, from: from)
            fit.k = k
            evaluations += fit.evaluations
            falls = fit.logLikelihood < before ? falls + 1 : 0
            before = fit.logLikelihood
            if fit.logLikelihood > best?.logLikelihood ?? -.infinity { best = fit }
            // A purchase every k + 1 events instead of every k: the events come faster.
            from = fit.parameters.allSatisfy { $0 > 1e-3 && $0 < 1e3 } ? fit.parameters : from
            from[1] *= Double(k) / Double(k + 1)
        }
        guard var fit = best else {
            throw HistoryProblem("no_fit", "no regularity could be fitted", remedy: "choose another model")
        }
        fit.evaluations = evaluations
        return fit
    }

    private static func fitSpend(_ histories: PurchaseHistories) throws -> TimingFit {
        guard !histories.monetary.isEmpty else {
            throw HistoryProblem("no_monetary", "the value of purchases is missing", remedy: "give --monetary")
        }
        for row in 0..<histories.count {
            let x = histories.frequency[row]
            guard x.isFinite, x >= 0, x == x.rounded() else {
                throw HistoryProblem(
                    "bad_frequency", "the frequency is no whole number from 0 up", row: row,
                    remedy: "give the number of purchases after the first")
            }
            guard x == 0 || (histories.monetary[row].isFinite && histories.monetary[row] > 0) else {
                throw HistoryProblem(
                    "bad_monetary", "the mean value of repeat purchases is missing or not above 0", row: row,
                    remedy: "leave out returns and gifts, or correct the value")
            }
        }
        let likelihood = SpendLikelihood(histories)
        let repeaters = likelihood.customers.reduce(0, +)
        guard repeaters >= 10 else {
            throw HistoryProblem(
                "too_few", "fewer than ten customers with a repeat purchase",
                remedy: "give more customers, or leave --monetary out")
        }
        if likelihood.means.allSatisfy({ $0 == likelihood.means[0] }) {
            throw HistoryProblem(
                "all_equal", "every customer has the same mean value: its spread cannot be estimated",
                remedy: "leave --monetary out: each purchase is worth that value")
        }
        let mean = zip(likelihood.means, likelihood.customers).reduce(0) { $0 + $1.0 * $1.1 } / repeaters
        return try estimate(.gammagamma, likelihood, from: [5, 4, 0.6 * mean])
    }

    /// Scales from which the search starts: mean time between purchases and mean age.
    private struct Start {
        var gap: Double
        var age: Double

        init(_ distinct: DistinctHistories) {
            var (purchases, time) = (0.0, 0.0)
            for g in 0..<distinct.count {
                let customers = distinct.customers[g]
                purchases += customers * distinct.frequencies[Int(distinct.frequencyIndex[g])]
                time += customers * distinct.ages[Int(distinct.ageIndex[g])]
            }
            gap = time / max(purchases, 1)
            age = time / max(distinct.total, 1)
        }
    }

    /// Maximises over the logarithms of the parameters; errors by the delta method from the Hessian there.
    private static func estimate(
        _ model: TimingModel, _ likelihood: some TimingLikelihood, from start: [Double]
    ) throws -> TimingFit {
        @Sendable func objective(_ logs: [Double]) -> (value: Double, gradient: [Double]) {
            // Beyond, a parameter is infinite or zero for every purpose and its gradient is noise.
            guard logs.allSatisfy({ $0.magnitude < 25 }) else { return (.infinity, logs) }
            let parameters = logs.map { exp($0) }
            let (value, gradient) = likelihood.evaluate(parameters)
            return (-value, zip(gradient, parameters).map { -$0 * $1 })
        }
        let minimum = QuasiNewton.minimize(from: start.map { log($0) }, objective)
        guard minimum.value.isFinite else {
            throw HistoryProblem(
                "no_maximum", "the likelihood has no finite maximum: numbers of very different size stand together",
                remedy: "leave out the rows that are far from all others, or use a larger unit")
        }
        let parameters = minimum.point.map { exp($0) }
        var warnings: [String] = []
        if !minimum.converged { warnings.append("the search stopped before the maximum was certain") }
        let hessian = QuasiNewton.hessian(at: minimum.point) { objective($0).gradient }
        var errors: [Double?] = parameters.map { _ in nil }
        if let factor = Cholesky(hessian, size: parameters.count) {
            let inverse = factor.inverse()
            for i in parameters.indices {
                let error = inverse[i * parameters.count + i].squareRoot()
                // An error of more than e⁵ says that the parameter may be anything.
                errors[i] = error < 5 ? error * parameters[i] : nil
            }
        }
        for (name, error) in zip(model.parameterNames, errors) where error == nil {
            warnings.append("the likelihood is flat in \(name): its value is one of many that fit as well")
        }
        return TimingFit(
            model: model, parameters: parameters, standardErrors: errors, logLikelihood: -minimum.value,
            evaluations: minimum.evaluations, warnings: warnings)
    }
}

extension PurchaseHistories {
    /// Refuses what cannot come from discrete opportunities.
    func validateOpportunities() throws {
        for row in 0..<count {
            guard recency[row] == recency[row].rounded(), age[row] == age[row].rounded() else {
                throw HistoryProblem(
                    "not_whole", "opportunities are counted in whole numbers", row: row,
                    remedy: "count opportunities from the first purchase, in whole numbers")
            }
            guard frequency[row] <= recency[row] else {
                throw HistoryProblem(
                    "too_many_purchases", "there are more purchases than opportunities up to the last one", row: row,
                    remedy: "count at most one purchase an opportunity")
            }
            guard age[row] < 100_000 else {
                throw HistoryProblem(
                    "too_many_opportunities", "more than 100,000 opportunities", row: row,
                    remedy: "count in a longer unit")
            }
        }
    }
}
