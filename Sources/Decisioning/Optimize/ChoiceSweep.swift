import Foundation
import Statistics

/// The dual and its derivatives at one point, over a set of groups.
///
/// D(p) = Σ_g τ·log(1 + Σ_c exp((v_c − p·u_c)/τ)) + Σ_k (p_k⁺·limit_k − p_k⁻·floor_k); its gradient is what is there
/// minus what is used; its curvature is the covariance of uses over τ, kept as an arrow: a diagonal of locals, a dense
/// block of globals, and the border between. With τ → 0 the first sum is Σ_g max(0, v − p·u): a bound on every choice.
struct ChoiceDual: Sendable {
    /// At the sweep's temperature, without the part of the limits.
    var soft = 0.0
    /// At temperature zero, without the part of the limits.
    var hard = 0.0
    var usage: [Double]
    var diagonal: [Double]
    /// things × globals.
    var border: [Double]
    /// globals × globals, lower triangle.
    var block: [Double]

    init(things: Int, globals: Int) {
        usage = Array(repeating: 0, count: things)
        diagonal = usage
        border = Array(repeating: 0, count: things * globals)
        block = Array(repeating: 0, count: globals * globals)
    }

    mutating func add(_ other: ChoiceDual) {
        soft += other.soft
        hard += other.hard
        for k in usage.indices { usage[k] += other.usage[k] }
        for k in diagonal.indices { diagonal[k] += other.diagonal[k] }
        for k in border.indices { border[k] += other.border[k] }
        for k in block.indices { block[k] += other.block[k] }
    }
}

/// A dual that can be swept over: things with limits and floors in scaled units, some of them in a dense block.
protocol DualSurface: Sendable {
    var limits: [Double] { get }
    var floors: [Double] { get }
    var globals: [Int32] { get }
    var globalNumber: [Int32] { get }
    var groupCount: Int { get }
    /// - Parameter stride: about every `stride`-th group only.
    func evaluate(_ prices: [Double], temperature: Double, stride: Int) -> ChoiceDual
    /// Share of the groups that such a sweep visits.
    func share(_ stride: Int) -> Double
}

/// Sweeps over the groups, or over every so-many-th of them.
struct ChoiceSweep: DualSurface {
    let scaled: ScaledChoice
    private let groupStarts: HotColumn<Int32>
    private let values: HotColumn<Double>
    private let useStarts: HotColumn<Int32>
    private let useLimits: HotColumn<Int32>
    private let useAmounts: HotColumn<Double>
    private let mostCandidates: Int
    /// A fixed number of parts: sums do not depend on the number of cores.
    private static let parts = 8
    /// How far below the best a candidate may lie, in temperatures, and still count.
    private static let reach = 18.0

    init(_ scaled: ScaledChoice) {
        self.scaled = scaled
        let problem = scaled.problem
        groupStarts = HotColumn(problem.groupStarts)
        values = HotColumn(problem.values)
        useStarts = HotColumn(problem.useStarts)
        useLimits = HotColumn(problem.useLimits)
        useAmounts = HotColumn(problem.useAmounts)
        mostCandidates = (0..<problem.groupCount).reduce(0) { max($0, problem.candidates($1).count) }
    }

    var limits: [Double] { scaled.problem.limits }
    var floors: [Double] { scaled.problem.floors }
    var globals: [Int32] { scaled.globals }
    var globalNumber: [Int32] { scaled.globalNumber }
    var groupCount: Int { scaled.problem.groupCount }

    func share(_ stride: Int) -> Double {
        Double((groupCount + stride - 1) / stride) / Double(max(groupCount, 1))
    }

    func evaluate(_ prices: [Double], temperature: Double, stride: Int) -> ChoiceDual {
        let groups = scaled.problem.groupCount
        let partCount = groups / stride < 200 ? 1 : Self.parts
        let sums = Cores.map(partCount) { part in
            over((groups * part / partCount)..<(groups * (part + 1) / partCount), prices, temperature, stride)
        }
        var total = sums[0]
        for sum in sums.dropFirst() { total.add(sum) }
        return total
    }

    private func over(_ groups: Range<Int>, _ prices: [Double], _ temperature: Double, _ stride: Int) -> ChoiceDual {
        let globals = scaled.globals.count
        var point = ChoiceDual(things: prices.count, globals: globals)
        var work = SweepWork(candidates: mostCandidates, globals: globals)
        let price = HotColumn(prices)
        let inverse = 1 / temperature
        var group = groups.lowerBound + (stride - groups.lowerBound % stride) % stride
        while group < groups.upperBound {
            let first = Int(groupStarts[group])
            let last = Int(groupStarts[group + 1])
            var top = 0.0
            var use = Int(useStarts[first])
            for candidate in first..<last {
                var score = values[candidate]
                let end = Int(useStarts[candidate + 1])
                while use < end {
                    score -= price[Int(useLimits[use])] * useAmounts[use]
                    use += 1
                }
                work.scores[candidate - first] = score
                top = max(top, score)
            }
            point.hard += top
            let floor = top - Self.reach * temperature
            let none = exp(-top * inverse)
            var sum = none
            work.count = 0
            for candidate in first..<last {
                let score = work.scores[candidate - first]
                guard score > floor else { continue }
                let weight = score == top ? 1 : exp((score - top) * inverse)
                sum += weight
                work.add(candidate, weight)
            }
            // The best alone, without a rival: no logarithm, no curvature.
            if work.count == 1 && none < 1e-10 {
                point.soft += top
                let only = Int(work.candidates[0])
                for use in Int(useStarts[only])..<Int(useStarts[only + 1]) {
                    point.usage[Int(useLimits[use])] += useAmounts[use]
                }
            } else {
                point.soft += top + temperature * log(sum)
                if work.count > 0 { contested(group, 1 / sum, &work, &point) }
            }
            group += stride
        }
        for k in point.diagonal.indices { point.diagonal[k] *= inverse }
        for k in point.border.indices { point.border[k] *= inverse }
        for k in point.block.indices { point.block[k] *= inverse }
        return point
    }

    /// Adds a group with rivals: expected uses and their covariance.
    @inline(__always) private func contested(
        _ group: Int, _ scale: Double, _ work: inout SweepWork, _ point: inout ChoiceDual
    ) {
        let globals = scaled.globals.count
        let local = scaled.localOfGroup[group]
        var localMean = 0.0
        work.touched.removeAll(keepingCapacity: true)
        for place in 0..<work.count {
            let candidate = Int(work.candidates[place])
            let share = work.weights[place] * scale
            let uses = Int(useStarts[candidate])..<Int(useStarts[candidate + 1])
            for use in uses {
                let k = useLimits[use]
                let amount = useAmounts[use]
                let expected = share * amount
                point.usage[Int(k)] += expected
                let number = scaled.globalNumber[Int(k)]
                if number < 0 {
                    point.diagonal[Int(k)] += expected * amount
                    if k == local { localMean += expected }
                    continue
                }
                if !work.isTouched[Int(number)] {
                    work.isTouched[Int(number)] = true
                    work.touched.append(number)
                }
                work.mean[Int(number)] += expected
                for other in uses {
                    let second = scaled.globalNumber[Int(useLimits[other])]
                    if second < 0 {
                        point.border[Int(useLimits[other]) * globals + Int(number)] += expected * useAmounts[other]
                    } else if second <= number {
                        point.block[Int(number) * globals + Int(second)] += expected * useAmounts[other]
                    }
                }
            }
        }
        if local >= 0 { point.diagonal[Int(local)] -= localMean * localMean }
        for a in work.touched {
            if local >= 0 { point.border[Int(local) * globals + Int(a)] -= localMean * work.mean[Int(a)] }
            for b in work.touched where b <= a {
                point.block[Int(a) * globals + Int(b)] -= work.mean[Int(a)] * work.mean[Int(b)]
            }
        }
        for a in work.touched {
            work.mean[Int(a)] = 0
            work.isTouched[Int(a)] = false
        }
    }

    /// The reduced value of a candidate: its value less the priced uses.
    @inline(__always) func score(_ candidate: Int, _ prices: [Double]) -> Double {
        var score = values[candidate]
        for use in Int(useStarts[candidate])..<Int(useStarts[candidate + 1]) {
            score -= prices[Int(useLimits[use])] * useAmounts[use]
        }
        return score
    }
}

/// Room for one group at a time.
private struct SweepWork {
    var scores: [Double]
    /// Candidates that count, and their weights.
    var candidates: [Int32]
    var weights: [Double]
    var count = 0
    var mean: [Double]
    var isTouched: [Bool]
    var touched: [Int32] = []

    init(candidates most: Int, globals: Int) {
        scores = Array(repeating: 0, count: most)
        candidates = Array(repeating: 0, count: most)
        weights = scores
        mean = Array(repeating: 0, count: globals)
        isTouched = Array(repeating: false, count: globals)
    }

    @inline(__always) mutating func add(_ candidate: Int, _ weight: Double) {
        candidates[count] = Int32(truncatingIfNeeded: candidate)
        weights[count] = weight
        count += 1
    }
}
