/// Prices: per rep-day and per side of a limit, all ≥ 0.
struct DualPoint: Sendable {
    var rep: [Double]
    var side: [Double]

    var count: Int { rep.count + side.count }

    subscript(index: Int) -> Double {
        get { index < rep.count ? rep[index] : side[index - rep.count] }
        set { if index < rep.count { rep[index] = newValue } else { side[index - rep.count] = newValue } }
    }

    static func zero(rep: Int, side: Int) -> DualPoint {
        DualPoint(rep: [Double](repeating: 0, count: rep), side: [Double](repeating: 0, count: side))
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
    /// Minutes of each rep-day and bound of each side.
    let capacity: [Double]
    let bounds: [Double]
    /// Longest useful step per rep (currency per minute) and per side, at relative temperature 1.
    let repReach: [Double]
    let sideReach: [Double]
    /// Use minus bound and prices at the last point; the pairs (move, fall of use), oldest first.
    private var last: (over: DualPoint, point: DualPoint)?
    private var memory: [(move: DualPoint, fall: DualPoint)] = []
    private var damping: [Double]
    static let memoryLength = 6

    init(
        dayCount: Int, repCount: Int, capacity: [Double], bounds: [Double], repReach: [Double], sideReach: [Double]
    ) {
        self.dayCount = dayCount
        self.repCount = repCount
        sideCount = bounds.count
        self.capacity = capacity
        self.bounds = bounds
        self.repReach = repReach
        self.sideReach = sideReach
        damping = [Double](repeating: 1, count: capacity.count + bounds.count)
    }

    /// A new temperature is a new landscape: what was learnt at the old one is dropped.
    mutating func restart() {
        memory = []
        last = nil
        for k in damping.indices { damping[k] = max(damping[k], 0.7) }
    }

    /// Moves `point` by one step; `temperature` is the relative one.
    mutating func step(_ point: inout DualPoint, sums: DualSums, temperature: Double, stepScale: Double) {
        var over = DualPoint(
            rep: capacity.indices.map { sums.repUse[$0] - capacity[$0] },
            side: bounds.indices.map { sums.limitUse[$0] - bounds[$0] })
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
            let full = k < capacity.count ? repReach[k / dayCount] : sideReach[k - capacity.count]
            let reach = full * temperature * 3
            // Damping acts on the trusted step: at a tie nothing responds until all does, and the model's step is huge.
            point[k] = max(0, point[k] + max(-reach, min(reach, step[k] * stepScale)) * damping[k])
        }
    }

    private func dot(_ a: DualPoint, _ b: DualPoint) -> Double {
        var sum = 0.0
        for k in a.rep.indices { sum += a.rep[k] * b.rep[k] }
        for k in a.side.indices { sum += a.side[k] * b.side[k] }
        return sum
    }

    /// Solves the model: small systems per rep, then the limits given how the reps' prices answer.
    private func modelStep(_ over: DualPoint, isFree: [Bool], sums: DualSums, temperature: Double) -> DualPoint {
        let (t, l) = (dayCount, sideCount)
        var schur = sums.limitCurvature
        var right = over.side
        var result = DualPoint.zero(rep: repCount * t, side: l)
        var solvedCross = [Double](repeating: 0, count: repCount * t * l)
        var system = SmallSystem(size: max(t, l))
        for r in 0..<repCount {
            let free = (0..<t).filter { isFree[r * t + $0] }
            guard !free.isEmpty else { continue }
            let reach = max(repReach[r] * temperature, 1e-300)
            system.load(free.count) { i, j in sums.repCurvature[(r * t + free[i]) * t + free[j]] }
            // Where nothing responds, the ridge makes the step reach as far as trust allows.
            system.factorise { i in
                let k = r * t + free[i]
                return max(1e-3 * capacity[k], 1e-2 * abs(sums.repUse[k] - capacity[k]), 1e-9) / (10 * reach)
            }
            system.solve { over.rep[r * t + free[$0]] }
            for (i, d) in free.enumerated() { result.rep[r * t + d] = system.solution[i] }
            for a in 0..<l {
                system.solve { sums.crossCurvature[(r * t + free[$0]) * l + a] }
                for (i, d) in free.enumerated() { solvedCross[(r * t + d) * l + a] = system.solution[i] }
            }
            for a in 0..<l {
                for d in free {
                    let cross = sums.crossCurvature[(r * t + d) * l + a]
                    right[a] -= cross * result.rep[r * t + d]
                    for b in 0..<l { schur[a * l + b] -= cross * solvedCross[(r * t + d) * l + b] }
                }
            }
        }
        let free = (0..<l).filter { isFree[capacity.count + $0] }
        guard !free.isEmpty else { return result }
        system.load(free.count) { i, j in schur[free[i] * l + free[j]] }
        system.factorise { i in
            let k = free[i]
            // The model may go indefinite after the Schur step; a part of its own is kept.
            let own = sums.limitCurvature[k * l + k]
            return max(0.05 * own - schur[k * l + k], 1e-3 * own, 1e-9 / max(sideReach[k], 1e-300))
        }
        system.solve { right[free[$0]] }
        for (i, k) in free.enumerated() {
            let reach = sideReach[k] * temperature * 3
            result.side[k] = max(-reach, min(reach, system.solution[i]))
        }
        for k in capacity.indices where isFree[k] {
            for a in 0..<l { result.rep[k] -= solvedCross[k * l + a] * result.side[a] }
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
