import ArgumentParser
import Decisioning
import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Analysis

@Suite struct LearnTests {
    /// Rows of a logistic world with two numbers of odd scale and a category of thirty levels.
    private func world(_ n: Int, seed: UInt64) -> (columns: LearnColumns, outcomes: [Bool], best: Double, csv: String) {
        var generator = SeededGenerator(seed: seed)
        let effects = (0..<30).map { _ in generator.normal() }
        var (a, b, c, y, best) = ([Float](), [Float](), [UInt32](), [Bool](), 0.0)
        var csv = "y,a,b,c\n"
        for _ in 0..<n {
            let (x, z, level) = (generator.normal(), generator.normal(), generator.below(30))
            let p = 1 / (1 + exp(-(-1 + 0.7 * x - 0.4 * z + effects[level])))
            let hit = generator.chance(p)
            a.append(Float(1e6 + 1e4 * x))
            b.append(Float(1e-5 * z))
            c.append(UInt32(level) &* 2_654_435_761)
            y.append(hit)
            best -= log(hit ? p : 1 - p) / Double(n)
            csv += "\(hit ? 1 : 0),\(1e6 + 1e4 * x),\(1e-5 * z),level\(level)\n"
        }
        return (LearnColumns(numbers: [a, b], hashes: [c]), y, best, csv)
    }

    @Test func onePassComesCloseToTheTruthAndIsCalibrated() {
        let n = 40_000
        let (columns, outcomes, best, _) = world(n, seed: 2)
        // The levels' effects vary by one.
        let model = HashedLogistic(numberCount: 2, categoryCount: 1, priorVariance: 1)
        let progressive = (0..<n).map { model.learn($0, columns, outcome: outcomes[$0]) }
        let score = RankedScore(progressive, outcomes)
        #expect(score.logLoss < best + 0.003, "\(score.logLoss) \(best)")
        #expect(score.calibrationError < 0.01)
        let reference = ProbabilityScore(probabilities: progressive.map(Double.init), outcomes: outcomes)
        #expect(abs(score.auc - reference.auc) < 1e-9)
        #expect(abs(score.logLoss - reference.logLoss) < 1e-9)
        #expect(abs(score.calibrationError - reference.ece) < 1e-6)
    }

    @Test func certaintyGrowsWithRows() {
        let (columns, outcomes, _, _) = world(5_000, seed: 3)
        let model = HashedLogistic(numberCount: 2, categoryCount: 1)
        let before = model.predict(0, columns).deviation
        for row in 0..<5_000 { _ = model.learn(row, columns, outcome: outcomes[row]) }
        #expect(model.predict(0, columns).deviation < before / 3)
    }

    @Test func rankingCountsTiesHalf() {
        let score = RankedScore([0.5, 0.5, 0.9, 0.1], [true, false, true, false])
        #expect(abs(score.auc - 3.5 / 4) < 1e-12)
        #expect(RankedScore([0.2, 0.3], [true, true]).auc == 0.5)
        #expect(RankedScore([], []).logLoss == 0)
    }

    private func run(_ text: String, _ more: [String]) async throws -> (Diagnostic?, AnalysisTable?) {
        let place = try TemporaryPlace()
        let method = try LearnMethod.parse(
            [try place.file("l.csv", text), "--outcome", "y", "--out", place.path("o.csv"), "--features"] + more)
        let found = await refusal { try await method.run() }
        return (found, found == nil ? try await AnalysisTable.read(place.path("o.csv")) : nil)
    }

    @Test func theCommandLearnsFromAFile() async throws {
        let (found, table) = try await run(world(3_000, seed: 5).csv, ["a", "b", "c"])
        #expect(found == nil)
        let out = try #require(table)
        #expect(out.names == ["row", "progressive", "probability", "low", "high"])
        let (p, low, high) = (try out.doubles("probability"), try out.doubles("low"), try out.doubles("high"))
        #expect(p.indices.allSatisfy { low[$0] <= p[$0] + 0.05 && p[$0] <= high[$0] + 0.05 && low[$0] < high[$0] })
    }

    @Test func oddInputIsRefusedOrAnswered() async throws {
        #expect(try await run("y,a\n2,1\n", ["a"]).0?.code == "bad_flag")
        #expect(try await run("y,a\n1,inf\n", ["a"]).0?.code == "bad_number")
        #expect(try await run("y,a\n1,1\n", ["b"]).0?.code == "missing_column")
        #expect(try await run("y,a\n,1\n", ["a"]).0?.code == "missing_value")
        // One row, all the same, all missing: answered.
        for text in ["y,a\n1,5\n", "y,a\n1,5\n1,5\n1,5\n", "y,a\n0,\n1,\n"] {
            let (found, table) = try await run(text, ["a"])
            #expect(found == nil)
            #expect(try table?.doubles("probability").allSatisfy { $0 > 0 && $0 < 1 } == true)
        }
    }
}
