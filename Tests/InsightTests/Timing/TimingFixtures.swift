import Foundation
import Insight
import Statistics

/// Histories for the tests: published data, and customers simulated from known parameters.
enum TimingFixtures {
    private static func rows(_ name: String) throws -> [[Double]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        return text.split(separator: "\n").dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
    }

    /// CDNOW, 2,357 customers, weeks. See Fixtures/README.md.
    static func cdnow() throws -> PurchaseHistories {
        let rows = try rows("cdnow.csv")
        return PurchaseHistories(
            frequency: rows.map { $0[1] }, recency: rows.map { $0[2] }, age: rows.map { $0[3] },
            monetary: rows.map { $0[4] })
    }

    /// 1,000 customers who order every third event, by script/peers/timing.py.
    static func regular() throws -> PurchaseHistories {
        let rows = try rows("regular.csv")
        return PurchaseHistories(
            frequency: rows.map { $0[0] }, recency: rows.map { $0[1] }, age: rows.map { $0[2] },
            logGaps: rows.map { $0[3] })
    }

    /// Donations to a non-profit organisation, 11,104 donors over six yearly opportunities (Fader, Hardie, Shang 2010).
    static let donations = PurchaseHistories(
        frequency: [0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6],
        recency: [0, 1, 2, 3, 4, 5, 6, 2, 3, 4, 5, 6, 3, 4, 5, 6, 4, 5, 6, 5, 6, 6],
        age: [6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6],
        weight: [
            3464, 1091, 277, 129, 78, 119, 129, 613, 255, 155, 173, 234, 322, 181, 225, 357, 240, 284, 512, 335, 728,
            1203,
        ])

    /// Purchases of one customer after the first, under the model with drop-out after purchases.
    static func purchases(
        r: Double, alpha: Double, a: Double, b: Double, k: Int, dropoutAtZero: Bool, until end: Double,
        _ generator: inout SeededGenerator
    ) -> [Double] {
        let rate = generator.gamma(shape: r) / alpha
        let leave = generator.beta(a, b)
        var (time, times) = (0.0, [Double]())
        if dropoutAtZero, generator.chance(leave) { return [] }
        while times.count < 100_000 {
            time += generator.gamma(shape: Double(k)) / max(rate, 1e-12)
            if time > end { break }
            times.append(time)
            if generator.chance(leave) { break }
        }
        return times
    }

    /// Summaries at `age`, and the purchases within `ahead` after it.
    static func simulate(
        count: Int, age: Double, ahead: Double, seed: UInt64,
        _ purchases: (inout SeededGenerator, Double) -> [Double]
    ) -> (histories: PurchaseHistories, later: [Double]) {
        var generator = SeededGenerator(seed: seed)
        var histories = PurchaseHistories(frequency: [], recency: [], age: [])
        var later: [Double] = []
        for _ in 0..<count {
            let end = age * (0.7 + 0.3 * generator.uniform())
            let times = purchases(&generator, end + ahead)
            let before = times.filter { $0 <= end }
            histories.frequency.append(Double(before.count))
            histories.recency.append(before.last ?? 0)
            histories.age.append(end)
            let gaps = zip(before, [0] + before).map { $0 - $1 }
            histories.logGaps.append(gaps.reduce(0) { $0 + log($1) })
            later.append(Double(times.count - before.count))
        }
        return (histories, later)
    }
}
