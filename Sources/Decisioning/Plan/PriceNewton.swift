/// Prices: per rep-day and per side of a limit, all ≥ 0.
struct DualPoint: Sendable {
    /// R × T, currency per minute.
    var rep: [Double]
    /// R × T, currency per counted touch (see `VisitLimits`), or none.
    var visit: [Double] = []
    var side: [Double]
    /// Which touches `visit` counts.
    var limits = VisitLimits.none

    var count: Int { rep.count + visit.count + side.count }

    subscript(index: Int) -> Double {
        get {
            if index < rep.count { return rep[index] }
            let rest = index - rep.count
            return rest < visit.count ? visit[rest] : side[rest - visit.count]
        }
        set {
            let rest = index - rep.count
            if rest < 0 {
                rep[index] = newValue
            } else if rest < visit.count {
                visit[rest] = newValue
            } else {
                side[rest - visit.count] = newValue
            }
        }
    }

    /// Minutes' prices and counted touches' prices, each R × T.
    mutating func withMutableReps(
        _ body: (UnsafeMutableBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void
    ) {
        rep.withUnsafeMutableBufferPointer { rep in visit.withUnsafeMutableBufferPointer { body(rep, $0) } }
    }

    static func zero(rep: Int, side: Int, limits: VisitLimits = .none) -> DualPoint {
        DualPoint(
            rep: [Double](repeating: 0, count: rep), visit: limits.minutes.map { _ in 0 },
            side: [Double](repeating: 0, count: side), limits: limits)
    }
}

/// Steps on the prices: quasi-Newton with a short memory on top of a fresh model of the curvature.
///
/// The model is block-diagonal per rep with a Schur complement for the limits; the memory (Liu and Nocedal 1989)
/// learns what the model lacks, above all how limits and rep-days that the same touches use trade places.
/// A coordinate that overshoots is damped by itself: one memory cannot serve thousands of reps alike.
struct PriceNewton {
    let dayCount: Int
    let repCount: Int
    let sideCount: Int
    /// Bound and longest useful step at relative temperature 1 of every price, in the order of `DualPoint`.
    let bound: [Double]
    let reach: [Double]
    /// Use minus bound and prices at the last point; the pairs (move, fall of use), oldest first.
    private var last: (over: DualPoint, point: DualPoint)?
    private var memory: [(move: DualPoint, fall: DualPoint)] = []
    private var damping: [Double]
    static let memoryLength = 6

    init(dayCount: Int, repCount: Int, sideCount: Int, bound: [Double], reach: [Double]) {
        self.dayCount = dayCount
        self.repCount = repCount
        self.sideCount = sideCount
        self.bound = bound
        self.reach = reach
        damping = [Double](repeating: 1, count: bound.count)
    }

    /// Prices of one rep: one a day, or two when touches are counted.
    private var width: Int { repCount > 0 ? (bound.count - sideCount) / repCount : 0 }

    /// Place of a rep's price among all.
    private func place(_ rep: Int, _ position: Int) -> Int {
        position < dayCount
            ? rep * dayCount + position : (repCount - 1 + rep) * dayCount + position
    }

    /// A new temperature is a new landscape: what was learnt at the old one is dropped.
    mutating func restart() {
        memory = []
        last = nil
        for k in damping.indices { damping[k] = max(damping[k], 0.7) }
    }

    /// Moves `point` by one step; `temperature` is the relative one.
    mutating func step(_ point: inout DualPoint, sums: DualSums, temperature: Double, stepScale: Double) {
        var over = point
        for k in 0..<point.count { over[k] = sums.use(k) - bound[k] }
        if let last {
            var (move, fall) = (point, last.over)
            for k in 0..<point.count {
                move[k] -= last.point[k]
                fall[k] -= over[k]
                if last.over[k] * over[k] < 0 {
                    // The secant through both gradients crosses zero at this share of the step.
                    let share = abs(last.over[k]) / (abs(last.over[k]) + abs(over[k]))
                    damping[k] = max(0.02, damping[k] * max(0.35, min(0.9, share)))
                } else {
                    damping[k] = min(1, damping[k] * 1.25)
                }
            }
            memory.append((move, fall))
            if memory.count > Self.memoryLength { memory.removeFirst() }
        }
        last = (over, point)
        let isFree = (0..<point.count).map { point[$0] > 0 || over[$0] > 0 }
        var pairs: [(move: DualPoint, fall: DualPoint, inner: Double, alpha: Double)] = []
        for pair in memory {
            var (move, fall, inner, size) = (pair.move, pair.fall, 0.0, 0.0)
            for k in 0..<point.count {
                if !isFree[k] { (move[k], fall[k]) = (0, 0) }
                inner += move[k] * fall[k]
                size += abs(move[k] * fall[k])
            }
            // The dual is convex: a pair that says otherwise is noise of the projection.
            if inner > 1e-3 * size && inner > 0 { pairs.append((move, fall, inner, 0)) }
        }
        for k in 0..<point.count where !isFree[k] { over[k] = 0 }
        for i in pairs.indices.reversed() {
            let alpha = dot(pairs[i].move, over) / pairs[i].inner
            pairs[i].alpha = alpha
            for k in 0..<point.count { over[k] -= alpha * pairs[i].fall[k] }
        }
        var step = modelStep(over, isFree: isFree, sums: sums, temperature: temperature)
        for pair in pairs {
            let beta = dot(pair.fall, step) / pair.inner
            for k in 0..<point.count { step[k] += (pair.alpha - beta) * pair.move[k] }
        }
        for k in 0..<point.count where isFree[k] {
            let reach = self.reach[k] * temperature * 3
            // Damping acts on the trusted step: at a tie nothing responds until all does, and the model's step is huge.
            point[k] = max(0, point[k] + max(-reach, min(reach, step[k] * stepScale)) * damping[k])
        }
    }

    private func dot(_ a: DualPoint, _ b: DualPoint) -> Double {
        var sum = 0.0
        for k in a.rep.indices { sum += a.rep[k] * b.rep[k] }
        for k in a.visit.indices { sum += a.visit[k] * b.visit[k] }
        for k in a.side.indices { sum += a.side[k] * b.side[k] }
        return sum
    }

    /// Solves the model: small systems per rep, then the limits given how the reps' prices answer.
    private func modelStep(_ over: DualPoint, isFree: [Bool], sums: DualSums, temperature: Double) -> DualPoint {
        let (w, l) = (width, sideCount)
        let firstSide = bound.count - l
        var schur = sums.limitCurvature
        var right = over.side
        var result = over
        for k in 0..<result.count { result[k] = 0 }
        var solvedCross = [Double](repeating: 0, count: repCount * w * l)
        var system = SmallSystem(size: max(w, l))
        for r in 0..<repCount {
            let free = (0..<w).filter { isFree[place(r, $0)] }
            guard !free.isEmpty else { continue }
            system.load(free.count) { i, j in sums.repCurvature[(r * w + free[i]) * w + free[j]] }
            // Where nothing responds, the ridge makes the step reach as far as trust allows.
            system.factorise { i in
                let k = place(r, free[i])
                let reach = max(self.reach[k] * temperature, 1e-300)
                return max(1e-3 * bound[k], 1e-2 * abs(sums.use(k) - bound[k]), 1e-9) / (10 * reach)
            }
            system.solve { over[place(r, free[$0])] }
            for (i, d) in free.enumerated() { result[place(r, d)] = system.solution[i] }
            for a in 0..<l {
                system.solve { sums.crossCurvature[(r * w + free[$0]) * l + a] }
                for (i, d) in free.enumerated() { solvedCross[(r * w + d) * l + a] = system.solution[i] }
            }
            for a in 0..<l {
                for d in free {
                    let cross = sums.crossCurvature[(r * w + d) * l + a]
                    right[a] -= cross * result[place(r, d)]
                    for b in 0..<l { schur[a * l + b] -= cross * solvedCross[(r * w + d) * l + b] }
                }
            }
        }
        let free = (0..<l).filter { isFree[firstSide + $0] }
        guard !free.isEmpty else { return result }
        system.load(free.count) { i, j in schur[free[i] * l + free[j]] }
        system.factorise { i in
            let k = free[i]
            // The model may go indefinite after the Schur step; a part of its own is kept.
            let own = sums.limitCurvature[k * l + k]
            return max(0.05 * own - schur[k * l + k], 1e-3 * own, 1e-9 / max(reach[firstSide + k], 1e-300))
        }
        system.solve { right[free[$0]] }
        for (i, k) in free.enumerated() {
            let reach = self.reach[firstSide + k] * temperature * 3
            result.side[k] = max(-reach, min(reach, system.solution[i]))
        }
        for r in 0..<repCount {
            for d in 0..<w where isFree[place(r, d)] {
                for a in 0..<l { result[place(r, d)] -= solvedCross[(r * w + d) * l + a] * result.side[a] }
            }
        }
        return result
    }
}

/// A symmetric system of a few unknowns, by Cholesky.
struct SmallSystem {
    private var matrix: [Double]
    private(set) var solution: [Double]
    private var size = 0
    private let width: Int

    init(size: Int) {
        width = size
        matrix = [Double](repeating: 0, count: size * size)
        solution = [Double](repeating: 0, count: size)
    }

    mutating func load(_ count: Int, _ entry: (Int, Int) -> Double) {
        size = count
        for i in 0..<count { for j in 0...i { matrix[i * width + j] = entry(i, j) } }
    }

    /// Factorises after adding `ridge` to the diagonal; a pivot that vanishes is lifted to its ridge.
    mutating func factorise(ridge: (Int) -> Double) {
        for i in 0..<size {
            let lift = ridge(i)
            let diagonal = matrix[i * width + i]
            for j in 0...i {
                var sum = matrix[i * width + j] + (i == j ? lift : 0)
                for k in 0..<j { sum -= matrix[i * width + k] * matrix[j * width + k] }
                if i == j {
                    let least = max(lift, 1e-3 * diagonal, 1e-300)
                    matrix[i * width + i] = (sum > least ? sum : least).squareRoot()
                } else {
                    matrix[i * width + j] = sum / matrix[j * width + j]
                }
            }
        }
    }

    mutating func solve(_ right: (Int) -> Double) {
        for i in 0..<size {
            var sum = right(i)
            for k in 0..<i { sum -= matrix[i * width + k] * solution[k] }
            solution[i] = sum / matrix[i * width + i]
        }
        for i in stride(from: size - 1, through: 0, by: -1) {
            var sum = solution[i]
            for k in i + 1..<size where k < size { sum -= matrix[k * width + i] * solution[k] }
            solution[i] = sum / matrix[i * width + i]
        }
    }
}
