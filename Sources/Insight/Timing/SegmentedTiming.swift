internal import Foundation

/// One model for all customers, and one of its own for each segment that bears it.
///
/// A customer with little history is forecast by the customers of the same segment rather than by the whole market.
/// A segment keeps its own parameters when they gain more log likelihood on it than their number (Akaike's
/// criterion); a segment that is too thin to say so falls back to the market.
package struct SegmentedTiming: Sendable {
    package let market: TimingFit
    /// nil where the segment falls back to the market.
    package let segments: [TimingFit?]
    package let segmentOf: [Int32]

    /// - Parameters:
    ///   - segmentOf: segment of each row, 0..<segmentCount.
    ///   - market: the model fitted to all of the histories.
    package init(
        _ market: TimingFit, _ histories: PurchaseHistories, segmentOf: [Int32], segmentCount: Int
    ) throws {
        self.market = market
        self.segmentOf = segmentOf
        var rows = [[Int]](repeating: [], count: segmentCount)
        for row in segmentOf.indices {
            guard segmentOf[row] >= 0, Int(segmentOf[row]) < segmentCount else {
                throw HistoryProblem(
                    "missing_segment", "the segment is missing", row: row, remedy: "fill the cell or leave the row out")
            }
            rows[Int(segmentOf[row])].append(row)
        }
        segments = rows.map { rows in
            let part = histories.rows(rows)
            // What a fit would refuse (too few, no repeat) is what the fallback is for.
            guard (try? part.validateForFit()) != nil else { return nil }
            let k = market.model == .mbgcnbdk ? market.k : nil
            guard let own = try? TimingFit.fit(market.model, part, regularity: k) else { return nil }
            guard own.standardErrors.allSatisfy({ $0 != nil }) else { return nil }
            let gain = own.logLikelihood - market.logLikelihood(of: part)
            return gain > Double(own.parameters.count) ? own : nil
        }
    }

    /// Forecasts every row by its segment's parameters.
    package func outlook(_ histories: PurchaseHistories, horizon: Double, level: Double = 0.8) -> PurchaseOutlook {
        var result = PurchaseOutlook.make(market, DistinctHistories(histories), horizon: horizon, level: level)
        for (segment, own) in segments.enumerated() {
            guard let own else { continue }
            let rows = segmentOf.indices.filter { Int(segmentOf[$0]) == segment }
            let part = PurchaseOutlook.make(
                own, DistinctHistories(histories.rows(rows)), horizon: horizon, level: level)
            for (i, row) in rows.enumerated() {
                result.pAlive[row] = part.pAlive[i]
                result.expected[row] = part.expected[i]
                result.chance[row] = part.chance[i]
                result.due[row] = part.due[i]
                result.dueLow[row] = part.dueLow[i]
                result.dueHigh[row] = part.dueHigh[i]
            }
        }
        return result
    }
}

extension PurchaseHistories {
    /// The histories of some rows.
    func rows(_ rows: [Int]) -> PurchaseHistories {
        func pick(_ column: [Double]) -> [Double] { column.isEmpty ? [] : rows.map { column[$0] } }
        return PurchaseHistories(
            frequency: pick(frequency), recency: pick(recency), age: pick(age), logGaps: pick(logGaps),
            monetary: pick(monetary), weight: pick(weight))
    }
}

extension TimingFit {
    /// Log likelihood of other histories under these parameters.
    package func logLikelihood(of histories: PurchaseHistories) -> Double {
        let distinct = DistinctHistories(histories)
        let likelihood: any TimingLikelihood =
            switch model {
            case .bgnbd, .mbgnbd, .mbgcnbdk:
                DropoutLikelihood(histories: distinct, dropoutAtZero: model != .bgnbd, k: k)
            case .paretonbd: ParetoLikelihood(histories: distinct)
            case .bgbb: OpportunityLikelihood(histories: distinct)
            case .gammagamma: SpendLikelihood(histories)
            }
        return likelihood.evaluate(parameters).value
    }
}
