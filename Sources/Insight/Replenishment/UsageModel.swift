internal import Foundation
internal import Statistics

/// Units of each product used per procedure, and how accounts differ from that.
///
/// Use per procedure is common to all accounts (non-negative weighted least squares); each account has a factor of
/// its own, a gamma variable around 1 whose spread is taken from the data, so that a short history changes little.
package struct UsageModel: Sendable {
    /// Units per procedure: a row a product, a column a kind of procedure.
    package var perProcedure: [[Double]]
    /// Variance over mean of the units used in a period.
    package var dispersion: Double
    /// Strength of the prior of the account's factor, in expected units; ∞ when accounts do not differ.
    package var factorStrength: Double

    package init(perProcedure: [[Double]], dispersion: Double = 1, factorStrength: Double = .infinity) {
        self.perProcedure = perProcedure
        self.dispersion = dispersion
        self.factorStrength = factorStrength
    }

    /// Learns from the units used.
    package static func fit(_ data: ClinicalActivity, productCount: Int) throws -> UsageModel {
        try data.validate()
        guard !data.used.isEmpty else {
            throw HistoryProblem("no_use", "the units used are unknown", remedy: "give --used or --use-per")
        }
        var model = UsageModel(
            perProcedure: (0..<productCount).map { product in
                leastSquares(data, rows: (0..<data.count).filter { Int(data.product[$0]) == product })
            })
        try model.fitScatter(data)
        return model
    }

    /// Units expected of a row's procedures.
    package func expected(_ data: ClinicalActivity, row: Int) -> Double {
        let per = perProcedure[Int(data.product[row])]
        return per.indices.reduce(0) { $0 + per[$1] * data.activities[$1][row] }
    }

    /// Units used in a row, as far as known.
    func demand(_ data: ClinicalActivity, row: Int) -> Double {
        data.used.isEmpty ? expected(data, row: row) : data.used[row]
    }

    /// Minimises Σ (used − Σ c a)² / (1 + Σ a) over c ≥ 0 by coordinate descent.
    private static func leastSquares(_ data: ClinicalActivity, rows: [Int]) -> [Double] {
        let kinds = data.activities.count
        var gram = [Double](repeating: 0, count: kinds * kinds)
        var moment = [Double](repeating: 0, count: kinds)
        for row in rows {
            let weight = 1 / (1 + data.activities.reduce(0) { $0 + $1[row] })
            for i in 0..<kinds {
                moment[i] += weight * data.activities[i][row] * data.used[row]
                for j in 0..<kinds { gram[i * kinds + j] += weight * data.activities[i][row] * data.activities[j][row] }
            }
        }
        var c = [Double](repeating: 0, count: kinds)
        for _ in 0..<2000 {
            var moved = 0.0
            for i in 0..<kinds where gram[i * kinds + i] > 0 {
                var residual = moment[i]
                for j in 0..<kinds where j != i { residual -= gram[i * kinds + j] * c[j] }
                let value = max(residual / gram[i * kinds + i], 0)
                moved = max(moved, (value - c[i]).magnitude / max(value, 1e-9))
                c[i] = value
            }
            if moved < 1e-10 { break }
        }
        return c
    }

    /// Dispersion within accounts; spread of their factors beyond what that explains.
    package mutating func fitScatter(_ data: ClinicalActivity) throws {
        let pairs = try data.pairs()
        var (squares, freedom) = (0.0, 0.0)
        for rows in pairs where rows.count > 1 {
            let total = rows.reduce(0.0) { $0 + expected(data, row: $1) }
            let own = rows.reduce(0.0) { $0 + demand(data, row: $1) }
            guard total > 0, own > 0 else { continue }
            for row in rows {
                // Without the units used, procedures themselves scatter around their mean.
                let mean = data.used.isEmpty ? own / Double(rows.count) : expected(data, row: row) * own / total
                guard mean > 0 else { continue }
                squares += (demand(data, row: row) - mean) * (demand(data, row: row) - mean) / mean
            }
            freedom += Double(rows.count - 1)
        }
        dispersion = freedom >= 3 ? max(squares / freedom, 0.05) : 1
        guard !data.used.isEmpty else { return }
        // Var(own / total) = dispersion / total + spread: method of moments, weighted by the totals.
        var (surplus, weight) = (0.0, 0.0)
        for rows in pairs {
            let total = rows.reduce(0.0) { $0 + expected(data, row: $1) }
            let own = rows.reduce(0.0) { $0 + demand(data, row: $1) }
            guard total > 0 else { continue }
            surplus += total * ((own / total - 1) * (own / total - 1) - dispersion / total)
            weight += total
        }
        let spread = weight > 0 ? surplus / weight : 0
        factorStrength = spread > 1e-6 ? dispersion / spread : .infinity
    }
}
