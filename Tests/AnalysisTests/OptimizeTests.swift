import ArgumentParser
import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Analysis
@testable import Decisioning

@Suite struct OptimizeTests {
    /// A random problem small enough to try every choice.
    static func instance(_ seed: UInt64, floors: Bool = false, scale: (Double, Double) = (1, 1)) -> ChoiceProblem {
        var generator = SeededGenerator(seed: seed)
        let groups = 2 + generator.below(4)
        let things = 1 + generator.below(3)
        var (starts, values): ([Int32], [Double]) = ([0], [])
        var (useStarts, useLimits, amounts): ([Int32], [Int32], [Double]) = ([0], [], [])
        var total = [Double](repeating: 0, count: things)
        for _ in 0..<groups {
            for _ in 0..<(1 + generator.below(4)) {
                values.append((generator.uniform() * 10 - 1) * scale.0)
                for k in 0..<things where generator.chance(0.7) {
                    let amount = (generator.uniform() * 3).rounded() * scale.1
                    useLimits.append(Int32(k))
                    amounts.append(amount)
                    total[k] += amount
                }
                useStarts.append(Int32(amounts.count))
            }
            starts.append(Int32(values.count))
        }
        return ChoiceProblem(
            groupStarts: starts, values: values, useStarts: useStarts, useLimits: useLimits, useAmounts: amounts,
            limits: total.map { $0 * (generator.chance(0.2) ? 0 : generator.uniform() * 0.5) },
            floors: total.map { _ in floors && generator.chance(0.4) ? scale.1 : 0 })
    }

    /// The best value over all choices, nil when none keeps the limits.
    static func bruteForce(_ problem: ChoiceProblem) -> Double? {
        var best: Double?
        func go(_ group: Int, _ choice: [Int32]) {
            if group == problem.groupCount {
                if problem.violations(choice).isEmpty { best = max(best ?? -.infinity, problem.value(choice)) }
                return
            }
            for candidate in [-1] + problem.candidates(group).map({ Int32($0) }) { go(group + 1, choice + [candidate]) }
        }
        go(0, [])
        return best
    }

    @Test func smallProblemsAreSolvedToTheOptimumOfBruteForce() {
        for seed in 0..<400 as Range<UInt64> {
            let problem = Self.instance(seed)
            let result = ChoiceOptimizer.solve(problem)
            let best = Self.bruteForce(problem) ?? 0
            #expect(result.violations.isEmpty)
            #expect(abs(result.objective - best) <= 1e-9 * max(1, best), "seed \(seed): \(result.objective) \(best)")
            #expect(result.upperBound >= best - 1e-9)
            #expect(abs(problem.value(result.choice) - result.objective) < 1e-12)
        }
    }

    @Test func floorsAreMetOrReported() {
        var (met, refused) = (0, 0)
        for seed in 0..<300 as Range<UInt64> {
            var problem = Self.instance(seed, floors: true)
            problem.limits = zip(problem.limits, problem.floors).map { max($0, $1) }
            let result = ChoiceOptimizer.solve(problem)
            if let best = Self.bruteForce(problem) {
                #expect(result.violations.isEmpty, "seed \(seed)")
                #expect(abs(result.objective - best) <= 1e-9 * max(1, abs(best)), "seed \(seed)")
                met += 1
            } else {
                #expect(!result.violations.isEmpty)
                refused += 1
            }
        }
        #expect(met > 100)
        #expect(refused > 0)
    }

    @Test(arguments: [(1e-6, 1e6), (1e6, 1e-6), (1e9, 1e9)] as [(Double, Double)])
    func unitsDoNotMatter(scale: (Double, Double)) {
        for seed in 0..<60 as Range<UInt64> {
            let plain = ChoiceOptimizer.solve(Self.instance(seed))
            let scaled = ChoiceOptimizer.solve(Self.instance(seed, scale: scale))
            #expect(abs(scaled.objective / scale.0 - plain.objective) <= 1e-7 * max(1, plain.objective), "\(seed)")
        }
    }

    /// Within one problem: one thing counted in millionths, another in millions.
    @Test func thingsOfVeryDifferentSizeShareAProblem() {
        var generator = SeededGenerator(seed: 5)
        var problem = Self.large(&generator, groups: 400)
        let plain = ChoiceOptimizer.solve(problem)
        for use in problem.useAmounts.indices { problem.useAmounts[use] *= problem.useLimits[use] == 0 ? 1e-6 : 1e6 }
        for k in problem.limits.indices { problem.limits[k] *= k == 0 ? 1e-6 : 1e6 }
        let scaled = ChoiceOptimizer.solve(problem)
        #expect(scaled.violations.isEmpty)
        #expect(abs(scaled.objective - plain.objective) < 1e-3 * plain.objective)
        #expect(abs(scaled.upperBound - plain.upperBound) < 1e-5 * plain.upperBound)
    }

    /// Ten candidates a group, five local limits and one over all.
    static func large(_ generator: inout SeededGenerator, groups: Int) -> ChoiceProblem {
        var (starts, values): ([Int32], [Double]) = ([0], [])
        var (useStarts, useLimits, amounts): ([Int32], [Int32], [Double]) = ([0], [], [])
        for group in 0..<groups {
            for kind in 0..<10 {
                values.append(generator.exponential() * Double(kind + 1))
                useLimits += [0, Int32(1 + group % 5)]
                amounts += [Double(kind + 1), Double(5 + 5 * (kind % 4))]
                useStarts.append(Int32(amounts.count))
            }
            starts.append(Int32(values.count))
        }
        return ChoiceProblem(
            groupStarts: starts, values: values, useStarts: useStarts, useLimits: useLimits, useAmounts: amounts,
            limits: [Double(groups)] + Array(repeating: Double(groups), count: 5),
            floors: [Double](repeating: 0, count: 6))
    }

    @Test func largeProblemsComeCloseToTheirBound() {
        var generator = SeededGenerator(seed: 1)
        let problem = Self.large(&generator, groups: 4000)
        let result = ChoiceOptimizer.solve(problem)
        #expect(result.violations.isEmpty)
        #expect(result.gap >= 0 && result.gap < 1e-3, "\(result.gap)")
        #expect(result.prices.contains { $0 > 0 })
        // The bound is the dual at the reported prices, recomputed here.
        var bound = zip(result.prices, problem.limits).reduce(0) { $0 + $1.0 * $1.1 }
        for group in 0..<problem.groupCount {
            bound += problem.candidates(group).reduce(0.0) { best, candidate in
                max(
                    best,
                    problem.uses(candidate).reduce(problem.values[candidate]) {
                        $0 - result.prices[Int(problem.useLimits[$1])] * problem.useAmounts[$1]
                    })
            }
        }
        #expect(abs(bound - result.upperBound) < 1e-9 * bound)
        // The same seed, the same bytes; prices are what one more unit is worth.
        #expect(ChoiceOptimizer.solve(problem).choice == result.choice)
        var more = problem
        more.limits[0] *= 1.01
        let gain = ChoiceOptimizer.solve(more).upperBound - result.upperBound
        let promised = result.prices[0] * problem.limits[0] * 0.01
        #expect(abs(gain - promised) < 0.1 * promised)
    }

    /// Observed frequencies over many seeds against the propensity that one run reports.
    @Test func propensitiesAreThoseOfTheWholeProcedure() {
        for seed in [3, 8, 21] as [UInt64] {
            let problem = Self.instance(seed)
            let result = ChoiceOptimizer.solve(problem, ChoiceOptions(temperature: 2, seed: 1))
            var counts = [Double](repeating: 0, count: problem.candidateCount)
            let draws = 4_000
            for k in 0..<draws {
                let one = ChoiceOptimizer.choice(problem, ChoiceOptions(temperature: 2, seed: 1_000_000 + UInt64(k)))
                for candidate in one where candidate >= 0 { counts[Int(candidate)] += 1 }
            }
            for candidate in 0..<problem.candidateCount {
                let p = result.propensities[candidate]
                let error = 5 * (max(p * (1 - p), 1e-3) / Double(draws)).squareRoot() + 0.01
                #expect(abs(counts[candidate] / Double(draws) - p) < error, "seed \(seed) candidate \(candidate) \(p)")
            }
        }
    }

    private func run(
        _ candidates: String, _ uses: String, _ limits: String, _ more: [String] = []
    ) async throws -> (Diagnostic?, AnalysisTable?) {
        let place = try TemporaryPlace()
        let method = try OptimizeMethod.parse(
            [
                try place.file("c.csv", "candidate_id,hcp_id,value\n" + candidates), "--uses",
                try place.file("u.csv", "candidate_id,constraint_id,amount\n" + uses), "--limits",
                try place.file("l.csv", "constraint_id,limit,floor\n" + limits), "--out", place.path("o.csv"),
            ] + more)
        let found = await refusal { try await method.run() }
        return (found, found == nil ? try await AnalysisTable.read(place.path("o.csv")) : nil)
    }

    @Test(
        arguments: [
            ("a,h,nan\n", "a,k,1\n", "k,1,\n", "bad_number", 2), ("a,h,\n", "a,k,1\n", "k,1,\n", "missing_value", 2),
            ("a,h,1\nb,,1\n", "a,k,1\n", "k,1,\n", "missing_value", 3),
            ("a,h,1\na,h,2\n", "a,k,1\n", "k,1,\n", "duplicate_key", 3),
            ("a,h,1\n", "a,k,-1\n", "k,1,\n", "negative_use", 2),
            ("a,h,1\n", "a,q,1\n", "k,1,\n", "unknown_constraint", 2),
            ("a,h,1\n", "a,k,1\nz,k,1\n", "k,1,\n", "unknown_candidate", 3),
            ("a,h,1\n", "a,k,1\na,k,1\n", "k,1,\n", "duplicate_use", 3),
            ("a,h,1\n", "a,k,1\n", "k,-1,\n", "negative_limit", 2),
            ("a,h,1\n", "a,k,1\n", "k,1,\nk,2,\n", "duplicate_key", 3),
            ("a,h,1\n", "a,k,1\n", "k,1,2\n", "infeasible", 2),
            ("a,h,1\n", "a,k,1\n", "k,5,3\n", "infeasible", 2), ("a,h,1\n", "a,k,inf\n", "k,1,\n", "bad_number", 2),
        ] as [(String, String, String, String, Int)])
    func badInputIsRefusedWithItsLine(
        candidates: String, uses: String, limits: String, code: String, line: Int
    ) async throws {
        let (found, _) = try await run(candidates, uses, limits)
        #expect(found?.code == code)
        #expect(found?.line == line)
    }

    @Test func unsortedFilesLimitsOfZeroAndOddGroupsGiveTheRightAnswer() async throws {
        // Groups out of order, uses out of order, a limit of zero, a candidate without uses, one worth less than nothing.
        let (found, table) = try await run(
            "c2,h2,5\nc1,h1,4\nc3,h1,9\nc4,h3,-2\nc5,h2,1\n", "c1,k,1\nc3,zero,1\nc2,k,1\nc4,k,0\n", "k,1,\nzero,0,\n")
        #expect(found == nil)
        let out = try #require(table)
        #expect(try out.texts("candidate_id") == ["c2", "c1", "c3", "c4", "c5"])
        // h2 takes c5 so that h1 may have c1 (4 + 1), or h2 takes c2 (5): equal; the value decides.
        let chosen = try out.flags("chosen")
        let value = zip(chosen, [5.0, 4, 9, -2, 1]).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
        #expect(value == 5)
        #expect(!chosen[2] && !chosen[3])
        #expect(try out.doubles("propensity") == chosen.map { $0 ? 1 : 0 })
    }

    @Test func drawnChoicesKeepTheLimits() async throws {
        let candidates = (0..<200).map { "c\($0),h\($0 / 4),\($0 % 7).5\n" }.joined()
        let uses = (0..<200).map { "c\($0),k,\(1 + $0 % 3)\n" }.joined()
        let (found, table) = try await run(candidates, uses, "k,40,\n", ["--temperature", "3", "--seed", "9"])
        #expect(found == nil)
        let out = try #require(table)
        let chosen = try out.flags("chosen")
        let used = chosen.enumerated().reduce(0) { $0 + ($1.element ? 1 + $1.offset % 3 : 0) }
        #expect(used <= 40)
        let propensities = try out.doubles("propensity")
        #expect(zip(chosen, propensities).allSatisfy { !$0 || $1 > 0 })
        #expect(propensities.allSatisfy { $0 >= 0 && $0 <= 1 })
        for group in 0..<50 { #expect(propensities[(group * 4)..<(group * 4 + 4)].reduce(0, +) <= 1 + 1e-9) }
    }
}
