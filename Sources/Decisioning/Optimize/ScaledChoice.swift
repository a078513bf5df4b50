/// A problem in units of its own: values near one, uses near one. Newton's steps do not depend on units, but the
/// tolerances do, and inputs may differ a million-fold.
///
/// Candidates that no choice can hold (one use alone beyond its limit) are left out, which also sharpens the bound.
struct ScaledChoice: Sendable {
    let problem: ChoiceProblem
    /// Original candidate of each kept one.
    let original: [Int32]
    let valueScale: Double
    let useScales: [Double]
    /// Things that bind several things at once are `global`; each group uses at most one other, its `local`.
    let globals: [Int32]
    /// Number among the globals, or -1 for a local.
    let globalNumber: [Int32]
    /// The one local thing that a group uses, -1 for none.
    let localOfGroup: [Int32]

    /// Beyond so many, second derivatives between the rest are left out.
    static let mostGlobals = 400

    init(_ given: ChoiceProblem) {
        let count = given.limits.count
        var sums = [Double](repeating: 0, count: count)
        var numbers = [Double](repeating: 0, count: count)
        var kept: [Int32] = []
        kept.reserveCapacity(given.candidateCount)
        var starts: [Int32] = [0]
        starts.reserveCapacity(given.groupCount + 1)
        var best = 0.0
        var positive = 0.0
        for group in 0..<given.groupCount {
            var top = 0.0
            for candidate in given.candidates(group) {
                var fits = true
                for use in given.uses(candidate) {
                    let k = Int(given.useLimits[use])
                    let amount = given.useAmounts[use]
                    if amount > given.limits[k] + 1e-12 * given.limits[k] { fits = false }
                    if amount > 0 {
                        sums[k] += amount
                        numbers[k] += 1
                    }
                }
                guard fits else { continue }
                kept.append(Int32(truncatingIfNeeded: candidate))
                top = max(top, abs(given.values[candidate]))
            }
            starts.append(Int32(truncatingIfNeeded: kept.count))
            if top > 0 {
                best += top
                positive += 1
            }
        }
        let valueScale = positive > 0 ? best / positive : 1
        let useScales = (0..<count).map { numbers[$0] > 0 ? sums[$0] / numbers[$0] : 1 }
        var useStarts: [Int32] = [0]
        useStarts.reserveCapacity(kept.count + 1)
        var (limits, amounts): ([Int32], [Double]) = ([], [])
        limits.reserveCapacity(given.useLimits.count)
        amounts.reserveCapacity(given.useLimits.count)
        let inverse = useScales.map { 1 / $0 }
        for candidate in kept {
            for use in given.uses(Int(candidate)) where given.useAmounts[use] > 0 {
                let k = given.useLimits[use]
                limits.append(k)
                amounts.append(given.useAmounts[use] * inverse[Int(k)])
            }
            useStarts.append(Int32(truncatingIfNeeded: limits.count))
        }
        problem = ChoiceProblem(
            groupStarts: starts, values: kept.map { given.values[Int($0)] / valueScale }, useStarts: useStarts,
            useLimits: limits, useAmounts: amounts, limits: zip(given.limits, inverse).map(*),
            floors: zip(given.floors, inverse).map(*))
        original = kept
        self.valueScale = valueScale
        self.useScales = useScales
        (globals, globalNumber, localOfGroup) = Self.structure(problem)
    }

    /// Makes the things that conflict most into globals until every group uses one other at most.
    private static func structure(_ problem: ChoiceProblem) -> ([Int32], [Int32], [Int32]) {
        let count = problem.limits.count
        // The things that each group uses; groups of the same kind are many, so few sets differ.
        var sets: [[Int32]: Int] = [:]
        var setOfGroup: [Int32] = []
        setOfGroup.reserveCapacity(problem.groupCount)
        var lists: [[Int32]] = []
        var stamp = [Int32](repeating: -1, count: count)
        var touched: [Int32] = []
        for group in 0..<problem.groupCount {
            touched.removeAll(keepingCapacity: true)
            let range = problem.candidates(group)
            if let first = range.first, let last = range.last {
                for use in Int(problem.useStarts[first])..<Int(problem.useStarts[last + 1]) {
                    let k = problem.useLimits[use]
                    if stamp[Int(k)] != Int32(group) {
                        stamp[Int(k)] = Int32(group)
                        touched.append(k)
                    }
                }
            }
            touched.sort()
            // Neighbours usually use the same things.
            if let known = setOfGroup.last, lists[Int(known)] == touched {
                setOfGroup.append(known)
                continue
            }
            let number = sets[touched] ?? lists.count
            if number == lists.count {
                sets[touched] = number
                lists.append(touched)
            }
            setOfGroup.append(Int32(number))
        }
        var isGlobal = [Bool](repeating: false, count: count)
        var globals: [Int32] = []
        while globals.count < mostGlobals {
            var conflicts = [Int](repeating: 0, count: count)
            var any = false
            for list in lists {
                let locals = list.filter { !isGlobal[Int($0)] }
                guard locals.count > 1 else { continue }
                any = true
                for k in locals { conflicts[Int(k)] += locals.count - 1 }
            }
            guard any, let worst = conflicts.indices.max(by: { (conflicts[$0], -$0) < (conflicts[$1], -$1) }) else {
                break
            }
            isGlobal[worst] = true
            globals.append(Int32(worst))
        }
        var numbers = [Int32](repeating: -1, count: count)
        for (number, k) in globals.enumerated() { numbers[Int(k)] = Int32(number) }
        let localOfSet = lists.map { list in list.first { !isGlobal[Int($0)] } ?? -1 }
        return (globals, numbers, setOfGroup.map { localOfSet[Int($0)] })
    }
}
