import ArgumentParser
import Decisioning
import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Analysis

@Suite struct UpliftTests {
    /// Scores, treatments and outcomes of 500 rows with many ties; the goldens are scikit-uplift 0.5.1's.
    static func rows() -> (scores: [Double], treated: [Bool], outcomes: [Double]) {
        // A multiplicative generator that script/peers/uplift.py repeats.
        var state: UInt64 = 12345
        func next() -> Double {
            state = (state * 48271) % 2_147_483_647
            return Double(state) / 2_147_483_647
        }
        var (scores, treated, outcomes) = ([Double](), [Bool](), [Double]())
        for _ in 0..<500 {
            let score = (next() * 40).rounded(.down) / 40
            let on = next() < 0.6
            treated.append(on)
            outcomes.append(next() < 0.2 + (on ? 0.3 * score : 0) ? 1 : 0)
            scores.append(score)
        }
        return (scores, treated, outcomes)
    }

    @Test func curvesAreThoseOfScikitUplift() {
        let rows = Self.rows()
        let curves = UpliftCurves(scores: rows.scores, treated: rows.treated, outcomes: rows.outcomes)
        #expect(abs(curves.qiniAUC - golden.qini) < 1e-12)
        #expect(abs((curves.upliftAUC ?? 0) - golden.uplift) < 1e-12)
        #expect(abs((curves.uplift(at: 0.1) ?? 0) - golden.at10) < 1e-12)
        #expect(abs((curves.uplift(at: 0.3) ?? 0) - golden.at30) < 1e-12)
    }

    /// A world with a known effect that depends on one feature, treatment likelier where the outcome is anyway high.
    struct World {
        var design: DesignColumns
        var treated: [Bool] = []
        var outcomes: [Double] = []
        var effects: [Double] = []
        var csv = "a,b,t,y\n"

        init(_ n: Int, seed: UInt64, strength: Double = 0.8) {
            var generator = SeededGenerator(seed: seed)
            var (a, b) = ([Double](), [Double]())
            for _ in 0..<n {
                let (x, z) = (generator.normal(), generator.normal())
                let on = generator.chance(1 / (1 + exp(-strength * x)))
                let effect = 1 + 0.5 * z
                let y = 2 * x + z + (on ? effect : 0) + generator.normal()
                a.append(x)
                b.append(z)
                treated.append(on)
                effects.append(effect)
                outcomes.append(y)
                csv += "\(x),\(z),\(on ? 1 : 0),\(y)\n"
            }
            design = DesignColumns(rowCount: n)
            design.add(a)
            design.add(b)
        }
    }

    @Test(arguments: UpliftLearner.allCases) func learnersRecoverWhoGains(learner: UpliftLearner) {
        let world = World(6_000, seed: 4)
        let found = UpliftPredictions(
            learner, world.design, treated: world.treated, outcomes: world.outcomes, folds: 5, seed: 1)
        let error = zip(found.uplift, world.effects).reduce(0) { $0 + abs($1.0 - $1.1) } / 6_000
        #expect(error < 0.12, "\(error)")
        let covered = world.effects.indices.count {
            abs(found.uplift[$0] - world.effects[$0]) < 1.96 * found.standardError[$0]
        }
        // Rows of a fold share one model: coverage swings with its error.
        #expect(Double(covered) / 6_000 > 0.7)
        #expect(abs(found.average.value - 1) < 4 * found.average.standardError)
        let curves = UpliftCurves(scores: found.uplift, treated: world.treated, outcomes: world.outcomes)
        let blind = UpliftCurves(
            scores: world.outcomes.indices.map { Double($0 * 7919 % 6_000) }, treated: world.treated,
            outcomes: world.outcomes)
        #expect((curves.uplift(at: 0.3) ?? 0) > (blind.uplift(at: 0.3) ?? 0))
    }

    @Test func badInputIsRefused() async throws {
        let place = try TemporaryPlace()
        func run(_ text: String, _ more: [String]) async throws -> Diagnostic? {
            let path = try place.file("u.csv", text)
            let method = try UpliftMethod.parse([path, "--treatment", "t", "--outcome", "y"] + more)
            return await refusal { try await method.run() }
        }
        #expect(try await run("t,y,s\n1,1,0.5\n", ["--score", "s"])?.code == "too_few_rows")
        #expect(
            try await run("t,y,s\n" + String(repeating: "1,1,0.5\n", count: 90), ["--score", "s"])?.code
                == "too_few_rows")
        #expect(try await run("t,y,s\n2,1,0.5\n", ["--score", "s"])?.code == "bad_flag")
        let rows = (0..<100).map { "\($0 % 2),\($0 % 3 == 0 ? 1 : 0),1\n" }.joined()
        #expect(try await run("t,y,s\n" + rows, ["--score", "s"]) == nil)
        #expect(try await run("t,y,s\n" + rows, ["--fit", "s"]) == nil)
        #expect(
            try await run("t,y,s\n" + rows.replacing("1\n1,", with: "1\n1,inf", maxReplacements: 1), ["--score", "s"])?
                .code != nil)
        #expect(throws: (any Error).self) { try UpliftMethod.parse(["u.csv", "--treatment", "t", "--outcome", "y"]) }
    }
}

/// Made by script/peers/uplift.py.
private let golden = (
    qini: 0.15528898673485944, uplift: 0.13446808678107483, at10: 0.18333333333333335, at30: 0.22690615835777128
)
