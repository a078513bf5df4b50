internal import Foundation
internal import Statistics

/// The share that lasts beyond an age, without assuming a shape.
///
/// Source: Kaplan and Meier, "Nonparametric estimation from incomplete observations" (1958); variance by Greenwood,
/// intervals on the log(−log) scale.
package struct KaplanMeier: Sendable {
    /// Ages at which something ended, increasing.
    package let ages: [Double]
    /// Share that lasts beyond each age, and its standard error.
    package let survival: [Double]
    package let standardErrors: [Double]
    package let atRisk: [Int]

    package init(_ lives: ObservedLives) throws {
        try lives.validate()
        let ends = (0..<lives.count).filter { lives.ended[$0] }.map { lives.duration[$0] }.sorted()
        let all = lives.duration.sorted()
        let entries = lives.entered.sorted()
        var (ages, survival, errors, risks) = ([Double](), [Double](), [Double](), [Int]())
        var (share, greenwood, place) = (1.0, 0.0, 0)
        var (left, joined) = (0, 0)
        while place < ends.count {
            let age = ends[place]
            var deaths = 0
            while place < ends.count, ends[place] == age { (deaths, place) = (deaths + 1, place + 1) }
            // At risk: observed before this age and not gone before it.
            while left < all.count, all[left] < age { left += 1 }
            while joined < entries.count, entries[joined] < age { joined += 1 }
            let risk = (entries.isEmpty ? lives.count : joined) - left
            guard risk >= deaths, risk > 0 else { continue }
            share *= 1 - Double(deaths) / Double(risk)
            if risk > deaths { greenwood += Double(deaths) / (Double(risk) * Double(risk - deaths)) }
            ages.append(age)
            survival.append(share)
            errors.append(share * greenwood.squareRoot())
            risks.append(risk)
        }
        (self.ages, self.survival, standardErrors, atRisk) = (ages, survival, errors, risks)
    }

    /// Share that lasts beyond an age.
    package func share(beyond age: Double) -> Double {
        var (low, high) = (0, ages.count)
        while low < high {
            let middle = (low + high) / 2
            if ages[middle] <= age { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? 1 : survival[low - 1]
    }

    /// Age by which half have ended; nil when that was not observed.
    package var median: Double? { survival.firstIndex { $0 <= 0.5 }.map { ages[$0] } }

    /// Interval of the share at each age.
    package func interval(level: Double = 0.95) -> [(low: Double, high: Double)] {
        let z = Special.normalQuantile((1 + level) / 2)
        return survival.indices.map { i in
            let s = survival[i]
            guard s > 0, s < 1 else { return (s, s) }
            let spread = z * standardErrors[i] / (s * -log(s))
            return (pow(s, exp(spread)), pow(s, exp(-spread)))
        }
    }
}
