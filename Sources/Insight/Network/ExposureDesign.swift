import Foundation

/// The rows of the hazard, made node by node when they are needed: period bins, then exposure, contact, attributes.
struct ExposureDesign: Sendable {
    let graph: NetworkGraph
    let history: AdoptionHistory
    /// Nodes in the fit.
    let nodes: [Int]
    let bins: Int
    private let binOfPeriod: [Int]
    private let share: [Double]
    private let covariates: [AdoptionHistory.Covariate]
    /// Columns after the bins are centred and scaled for the fit.
    private var center: [Double]
    private(set) var scale: [Double]
    let names: [String]
    let isContact: [Bool]
    let rows: Int
    let adoptions: Int
    let incomplete: Int
    var width: Int { bins + names.count }

    init(_ graph: NetworkGraph, _ history: AdoptionHistory, contact: Bool) throws(NetworkRefusal) {
        guard history.periods >= 2 else { throw NetworkRefusal(.noPeriods) }
        guard graph.arcCount > 0 else { throw NetworkRefusal(.empty) }
        self.graph = graph
        self.history = history
        let used = history.covariates.filter { contact || !$0.isContact }
        covariates = used
        names = ["exposure"] + used.map(\.name)
        isContact = [false] + used.map(\.isContact)
        let observed = (0..<graph.nodeCount).filter { history.observed[$0] }
        // The same nodes with and without the contact columns: otherwise the two fits would not be comparable.
        let complete = observed.filter { node in
            history.covariates.allSatisfy { Self.isComplete($0, node, periods: history.periods) }
        }
        nodes = complete
        incomplete = observed.count - complete.count
        var kept = history
        kept.observed = [Bool](repeating: false, count: graph.nodeCount)
        for node in complete { kept.observed[node] = true }
        let events = complete.count { node in history.adopted[node].map { (1...history.periods).contains($0) } ?? false
        }
        adoptions = events
        guard events > 0 else { throw NetworkRefusal(.noAdoption) }
        guard events >= 2 * (used.count + 1) else { throw NetworkRefusal(.tooFewAdoptions(events)) }
        binOfPeriod = kept.periodBins(atLeast: 3)
        bins = (binOfPeriod.max() ?? 0) + 1
        share = graph.strengths().map { $0 > 0 ? 1 / $0 : 0 }
        center = [Double](repeating: 0, count: used.count + 1)
        scale = [Double](repeating: 1, count: used.count + 1)
        rows = complete.reduce(0) { $0 + min(history.adopted[$1] ?? history.periods, history.periods) }
        try standardise()
    }

    private static func isComplete(_ covariate: AdoptionHistory.Covariate, _ node: Int, periods: Int) -> Bool {
        switch covariate.values {
        case .constant(let values): values[node].isFinite
        case .perPeriod(let values): values[(node * periods)..<((node + 1) * periods)].allSatisfy(\.isFinite)
        }
    }

    /// Columns of mean 0 and deviation 1, which Newton's method likes.
    private mutating func standardise() throws(NetworkRefusal) {
        let count = names.count
        var (mean, square) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        var total = 0.0
        for node in nodes {
            forEachRow(of: node) { row, _, _ in
                total += 1
                for j in 0..<count {
                    let delta = row[j] - mean[j]
                    mean[j] += delta / total
                    square[j] += delta * (row[j] - mean[j])
                }
            }
        }
        let deviations = square.map { ($0 / max(1, total)).squareRoot() }
        for j in 0..<count where !(deviations[j] > 1e-12 * max(1, abs(mean[j]))) {
            throw NetworkRefusal(.noVariation(names[j]))
        }
        (center, scale) = (mean, deviations)
    }

    /// Calls `body` with the columns after the bins, the bin, and whether the node adopts, for each period at risk.
    func forEachRow(of node: Int, _ body: (UnsafePointer<Double>, Int, Bool) -> Void) {
        let periods = history.periods
        let adopted = history.adopted[node].flatMap { (1...periods).contains($0) ? $0 : nil }
        let last = adopted ?? periods
        // Weight of ties whose other end adopted in period t, so that exposure in t is the sum before t.
        var arrivals = [Double](repeating: 0, count: periods + 2)
        for position in graph.offsets[node]..<graph.offsets[node + 1] {
            guard let period = history.adopted[Int(graph.targets[position])], period <= periods else { continue }
            arrivals[max(0, period)] += graph.weights[position]
        }
        var row = [Double](repeating: 0, count: names.count)
        var reached = arrivals[0]
        for period in 1...max(1, last) {
            row[0] = (reached * share[node] - center[0]) / scale[0]
            for (j, covariate) in covariates.enumerated() {
                let value =
                    switch covariate.values {
                    case .constant(let values): values[node]
                    case .perPeriod(let values): values[node * periods + period - 1]
                    }
                row[j + 1] = (value - center[j + 1]) / scale[j + 1]
            }
            row.withUnsafeBufferPointer { row in
                if let base = row.baseAddress { body(base, binOfPeriod[period - 1], period == adopted) }
            }
            reached += arrivals[period]
        }
    }

    /// Mean log odds over all periods with exposure 0, one a node; nan for nodes outside the fit.
    func baseline(_ coefficients: [Double], nodeCount: Int) -> [Double] {
        var result = [Double](repeating: .nan, count: nodeCount)
        let level = binOfPeriod.reduce(0.0) { $0 + coefficients[$1] } / Double(binOfPeriod.count)
        let none = -center[0] / scale[0] * coefficients[bins]
        for node in nodes {
            var sum = level + none
            for (j, covariate) in covariates.enumerated() {
                let value =
                    switch covariate.values {
                    case .constant(let values): values[node]
                    case .perPeriod(let values):
                        values[(node * history.periods)..<((node + 1) * history.periods)].reduce(0, +)
                            / Double(history.periods)
                    }
                sum += (value - center[j + 1]) / scale[j + 1] * coefficients[bins + j + 1]
            }
            result[node] = sum
        }
        return result
    }
}
