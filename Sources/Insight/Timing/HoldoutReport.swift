internal import Foundation

/// How the forecast from the calibration period compares with what came after.
package struct HoldoutReport: Sendable {
    /// Customers with one frequency in calibration (the last one: that many or more).
    package struct Bin: Sendable {
        package var frequency: Int
        package var customers: Int
        package var actual: Double
        package var expected: Double
    }

    package var customers: Int
    package var length: Double
    package var actualTotal: Double
    package var expectedTotal: Double
    /// Mean over customers of |expected − actual|, and the root of the mean square.
    package var meanAbsoluteError: Double
    package var rootMeanSquareError: Double
    /// Mean absolute error of going on at the rate of the past.
    package var rateMeanAbsoluteError: Double
    /// Pearson's correlation of expected and actual; nil when either does not vary.
    package var correlation: Double?
    package var byFrequency: [Bin]

    /// - Parameters:
    ///   - actual, expected: purchases of each customer within the holdout.
    ///   - length: length of the holdout in the unit of the histories.
    package init(_ histories: PurchaseHistories, actual: [Double], expected: [Double], length: Double, bins: Int = 8) {
        precondition(actual.count == expected.count && actual.count == histories.count, "one forecast a customer")
        let n = Double(max(actual.count, 1))
        customers = actual.count
        self.length = length
        actualTotal = actual.reduce(0, +)
        expectedTotal = expected.reduce(0, +)
        var (absolute, square, rate) = (0.0, 0.0, 0.0)
        var (xy, xx, yy) = (0.0, 0.0, 0.0)
        let (meanX, meanY) = (expectedTotal / n, actualTotal / n)
        var table = (0..<bins).map { Bin(frequency: $0, customers: 0, actual: 0, expected: 0) }
        for i in actual.indices {
            let error = expected[i] - actual[i]
            absolute += error.magnitude
            square += error * error
            let age = histories.age[i]
            rate += ((age > 0 ? histories.frequency[i] / age * length : 0) - actual[i]).magnitude
            xy += (expected[i] - meanX) * (actual[i] - meanY)
            xx += (expected[i] - meanX) * (expected[i] - meanX)
            yy += (actual[i] - meanY) * (actual[i] - meanY)
            let bin = Int(min(histories.frequency[i], Double(bins - 1)))
            table[bin].customers += 1
            table[bin].actual += actual[i]
            table[bin].expected += expected[i]
        }
        meanAbsoluteError = absolute / n
        rootMeanSquareError = (square / n).squareRoot()
        rateMeanAbsoluteError = rate / n
        correlation = xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : nil
        byFrequency = table.filter { $0.customers > 0 }.map { bin in
            var mean = bin
            mean.actual /= Double(bin.customers)
            mean.expected /= Double(bin.customers)
            return mean
        }
    }
}
