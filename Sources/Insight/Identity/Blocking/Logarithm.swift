import Foundation

/// Amounts on a scale where equal steps are equal ratios.
enum Logarithm {
    /// How many steps of `ratio` lie between 1 and `amount`, the first begun by `offset`, rounded down.
    static func steps(_ amount: Double, ratio: Double, offset: Double) -> Double {
        (log(amount) / log(ratio) + offset).rounded(.down)
    }
}
