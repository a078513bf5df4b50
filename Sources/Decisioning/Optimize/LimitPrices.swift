import Statistics

/// The terms of the limits and floors in the dual, and one step of Newton's method with signs kept.
///
/// A price above zero is a limit's, below zero a floor's; at zero the dual has a kink, where a price stays as long as
/// the use lies between floor and limit.
struct LimitTerms: Sendable {
    let limits: [Double]
    let floors: [Double]
    /// Things of the dense block, and the place there of each thing, -1 for the others.
    let globals: [Int32]
    let globalNumber: [Int32]

    /// p⁺·limit − p⁻·floor; an unlimited thing never has a positive price.
    func value(_ prices: [Double]) -> Double {
        var sum = 0.0
        for (k, price) in prices.enumerated() where price != 0 { sum += price * (price > 0 ? limits[k] : floors[k]) }
        return sum
    }

    /// Slope of the dual in each price; 0 where a price rests at its kink.
    func gradient(_ prices: [Double], _ usage: [Double]) -> [Double] {
        prices.indices.map { k in
            if prices[k] > 0 { return limits[k] - usage[k] }
            if prices[k] < 0 { return floors[k] - usage[k] }
            if usage[k] > limits[k] { return limits[k] - usage[k] }
            if usage[k] < floors[k] { return floors[k] - usage[k] }
            return 0
        }
    }

    /// The direction −H⁻¹·gradient over prices that may move; H is the arrow, its locals eliminated first.
    func step(_ point: ChoiceDual, _ gradient: [Double], damping: Double) -> [Double] {
        let count = gradient.count
        let g = globals.count
        var direction = [Double](repeating: 0, count: count)
        let largest = point.diagonal.reduce(1e-12) { max($0, $1) }
        // A price without any rivals near has no curvature of its own.
        func local(_ k: Int) -> Double { point.diagonal[k] * (1 + damping) + 1e-6 * largest }
        let free = (0..<count).map { gradient[$0] != 0 }
        let moving = (0..<g).filter { free[Int(globals[$0])] }
        guard !moving.isEmpty else {
            for k in 0..<count where free[k] { direction[k] = -gradient[k] / local(k) }
            return direction
        }
        var schur = [Double](repeating: 0, count: moving.count * moving.count)
        var right = [Double](repeating: 0, count: moving.count)
        let top = moving.reduce(1e-12) { max($0, point.block[$1 * g + $1]) }
        for (i, a) in moving.enumerated() {
            right[i] = -gradient[Int(globals[a])]
            for (j, b) in moving.enumerated().prefix(i + 1) {
                var value = point.block[max(a, b) * g + min(a, b)]
                if i == j { value = value * (1 + damping) + 1e-6 * top }
                schur[i * moving.count + j] = value
            }
        }
        for k in 0..<count where free[k] && globalNumber[k] < 0 {
            let pivot = 1 / local(k)
            let line = k * g
            for (i, a) in moving.enumerated() {
                let edge = point.border[line + a]
                if edge == 0 { continue }
                right[i] += edge * pivot * gradient[k]
                for (j, b) in moving.enumerated().prefix(i + 1) {
                    schur[i * moving.count + j] -= edge * pivot * point.border[line + b]
                }
            }
        }
        for i in moving.indices { for j in 0..<i { schur[j * moving.count + i] = schur[i * moving.count + j] } }
        let solution =
            Cholesky(schur, size: moving.count)?.solve(right)
            ?? moving.indices.map { right[$0] / max(point.block[moving[$0] * g + moving[$0]], 1e-6 * top) }
        for (i, a) in moving.enumerated() { direction[Int(globals[a])] = solution[i] }
        for k in 0..<count where free[k] && globalNumber[k] < 0 {
            var sum = -gradient[k]
            for (i, a) in moving.enumerated() { sum -= point.border[k * g + a] * solution[i] }
            direction[k] = sum / local(k)
        }
        return direction
    }

    /// Moves along a direction; a price that would change its sign stops at zero.
    func moved(_ prices: [Double], _ direction: [Double], _ length: Double, cap: Double) -> [Double] {
        prices.indices.map { k in
            let step = min(max(direction[k] * length, -cap - abs(prices[k])), cap + abs(prices[k]))
            var next = prices[k] + step
            if prices[k] > 0 && next < 0 || prices[k] < 0 && next > 0 { next = 0 }
            if next > 0 && !limits[k].isFinite { next = 0 }
            if next < 0 && floors[k] <= 0 { next = 0 }
            return next
        }
    }
}

/// Finds prices by annealed, projected Newton steps: warm and coarse on a sample of the groups, then on all of them,
/// each temperature only as exactly as the next one needs.
///
/// Source: the entropic dual of the assignment polytope; Bertsekas, "Projected Newton methods for optimization
/// problems with simple constraints" (SIAM J. Control, 1982).
struct LimitPrices: Sendable {
    /// Prices whose bound is the least, in scaled units, and that bound.
    private(set) var prices: [Double]
    private(set) var bound = Double.infinity
    /// Prices of the soft policy at the wanted temperature.
    private(set) var softPrices: [Double]
    private(set) var iterations = 0

    private let surface: any DualSurface

    /// - Parameter temperature: of the policy, in scaled units; 0 for the plain optimum.
    init(_ surface: any DualSurface, temperature: Double) {
        self.surface = surface
        prices = Array(repeating: 0, count: surface.limits.count)
        softPrices = prices
        var current = prices
        let groups = surface.groupCount
        var tau = max(0.25, temperature)
        let stride = max(1, min(groups / 1500, 16))
        if stride > 1 {
            while tau > max(0.02, temperature) {
                solve(&current, tau, stride, tolerance: 0.1, sweeps: 6)
                tau = max(tau / 3, max(0.02, temperature))
            }
            solve(&current, tau, stride, tolerance: 0.1, sweeps: 6)
        }
        while true {
            let isWanted = temperature > 0 && tau <= temperature
            let smoothing = solve(
                &current, tau, 1, tolerance: isWanted ? 1e-3 : 0.1, sweeps: isWanted ? 40 : stride > 1 ? 4 : 12)
            if isWanted && tau == temperature { softPrices = current }
            if smoothing <= 5e-5 * max(abs(bound), 1e-9) || tau < 1e-7 { break }
            tau = tau > temperature && tau / 4 < temperature ? temperature : tau / 4
        }
        if temperature == 0 { softPrices = prices }
    }

    /// Newton's method at one temperature; returns how far the soft dual lies above the hard one.
    @discardableResult
    private mutating func solve(
        _ current: inout [Double], _ tau: Double, _ stride: Int, tolerance: Double, sweeps: Int
    ) -> Double {
        let share = stride == 1 ? 1 : surface.share(stride)
        let terms = LimitTerms(
            limits: surface.limits.map { $0 * share }, floors: surface.floors.map { $0 * share },
            globals: surface.globals, globalNumber: surface.globalNumber)
        var point = evaluate(current, tau, stride, terms)
        var used = 1
        var damping = 0.0
        while used < sweeps {
            let gradient = terms.gradient(current, point.usage)
            let direction = terms.step(point, gradient, damping: damping)
            let promise = -zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
            // Less to win than a part of what the temperature itself costs.
            if promise <= tolerance * (point.soft - point.hard) || promise <= 1e-9 * abs(point.soft) { break }
            var length = 1.0
            var next = current
            var accepted = false
            let before = point.soft + terms.value(current)
            while used < sweeps + 8 {
                next = terms.moved(current, direction, length, cap: 2 * max(tau, 0.02) + 0.1)
                if next == current { break }
                let trial = evaluate(next, tau, stride, terms)
                used += 1
                if trial.soft + terms.value(next) < before {
                    (point, accepted) = (trial, true)
                    break
                }
                length /= 4
            }
            guard accepted else { break }
            current = next
            damping = length < 1 ? max(damping * 2, 0.1) : damping / 4
        }
        return point.soft - point.hard
    }

    /// One sweep; on all groups it also gives a bound.
    private mutating func evaluate(_ trial: [Double], _ tau: Double, _ stride: Int, _ terms: LimitTerms) -> ChoiceDual {
        let point = surface.evaluate(trial, temperature: tau, stride: stride)
        iterations += 1
        if stride == 1 {
            let hard = point.hard + terms.value(trial)
            if hard < bound { (bound, prices) = (hard, trial) }
        }
        return point
    }
}
