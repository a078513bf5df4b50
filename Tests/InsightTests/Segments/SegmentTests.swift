import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Insight

struct SegmentTests {
    /// Three groups that differ in two of three columns, with a heavy tail in the first.
    private func groups(_ seed: UInt64, rows: Int = 900) -> (columns: [SegmentColumn], truth: [Int32]) {
        var generator = SeededGenerator(seed: seed)
        let truth = (0..<rows).map { _ in Int32(generator.below(3)) }
        func noise() -> Double { (generator.uniform() + generator.uniform() + generator.uniform() - 1.5) }
        let volume = truth.map { [10.0, 10, 200][Int($0)] * exp(0.5 * noise()) }
        let visits = truth.map { [1.0, 12, 12][Int($0)] + 2 * noise() }
        let other = truth.map { _ in noise() }
        return (
            [
                SegmentColumn(name: "volume", values: .numbers(volume)),
                SegmentColumn(name: "rep_visits", values: .numbers(visits)),
                SegmentColumn(name: "other", values: .numbers(other)),
            ], truth
        )
    }

    @Test func plantedGroupsBecomeRules() throws {
        let (columns, truth) = groups(1)
        let found = try Segmentation(columns, options: .init(maxSegments: 5), seed: 1)
        #expect(PartitionScores.adjustedRand(found.assignment, truth) > 0.95)
        #expect(found.segments.count == 3)
        #expect(found.fidelity > 0.97)
        #expect(found.stability > 0.9)
        #expect(found.silhouette > 0.4)
        #expect(Set(found.segments.map(\.name)).count == 3)
        #expect(found.segments.contains { $0.name.lowercased().contains("high volume") })
        #expect(found.segments.reduce(0) { $0 + $1.size } == 900)
    }

    @Test func segmentsAreTheSameFromRunToRunAndFromDrawToDraw() throws {
        let (columns, _) = groups(1)
        let first = try Segmentation(columns, options: .init(maxSegments: 5), seed: 1)
        let again = try Segmentation(columns, options: .init(maxSegments: 5), seed: 1)
        let otherSeed = try Segmentation(columns, options: .init(maxSegments: 5), seed: 2)
        #expect(first.assignment == again.assignment)
        #expect(first.segments.map(\.rule) == again.segments.map(\.rule))
        #expect(PartitionScores.adjustedRand(first.assignment, otherSeed.assignment) > 0.97)
        let fresh = try Segmentation(groups(7).columns, options: .init(maxSegments: 5), seed: 1)
        #expect(Set(fresh.segments.map(\.name)) == Set(first.segments.map(\.name)))
    }

    @Test(arguments: [1, 2, 3]) func rulesAreShort(clauses: Int) throws {
        var generator = SeededGenerator(seed: 5)
        let columns = (0..<5).map { j in
            SegmentColumn(name: "f\(j)", values: .numbers((0..<400).map { _ in generator.uniform() }))
        }
        let found = try Segmentation(columns, options: .init(maxSegments: 8, maxClauses: clauses), seed: 1)
        #expect(found.segments.count <= min(8, 1 << clauses))
        #expect(found.segments.allSatisfy { $0.clauses <= clauses })
        #expect(found.warnings.contains { $0.contains("overlap") || $0.contains("change") })
    }

    @Test func theRuleIsWhatWasAssigned() throws {
        let (columns, _) = groups(2)
        let found = try Segmentation(columns, options: .init(maxSegments: 4), seed: 1)
        for row in found.assignment.indices {
            let rule = found.segments[Int(found.assignment[row])].rule
            for clause in rule.split(separator: " and ") {
                let parts = clause.split(separator: " ").map(String.init)
                guard let column = columns.first(where: { $0.name == parts[0] }),
                    case .numbers(let values) = column.values, let threshold = Double(parts[2])
                else {
                    Issue.record("unreadable clause")
                    return
                }
                #expect(parts[1] == "<=" ? values[row] <= threshold : values[row] > threshold)
            }
        }
    }

    @Test func categoriesAreNamed() throws {
        let codes = (0..<300).map { Int32($0 % 2) }
        let visits = codes.map { $0 == 0 ? 3.0 : 3.5 }
        let found = try Segmentation(
            [
                SegmentColumn(name: "specialty", values: .categories(codes, names: ["Cardiology", "Oncology"])),
                SegmentColumn(name: "visits", values: .numbers(visits)),
            ], options: .init(maxSegments: 3), seed: 1)
        #expect(found.segments.count == 2)
        #expect(found.silhouette > 0.99)
        #expect(found.segments.allSatisfy { $0.rule.hasPrefix("specialty is") || $0.rule.hasPrefix("visits") })
    }

    @Test func inputWithoutSegmentsIsRefused() {
        func code(_ columns: [SegmentColumn], _ options: Segmentation.Options = .init()) -> String? {
            do {
                _ = try Segmentation(columns, options: options, seed: 1)
                return nil
            } catch { return (error as? Diagnostic)?.code }
        }
        let values = (0..<20).map { Double($0) }
        func column(_ values: [Double]) -> [SegmentColumn] { [SegmentColumn(name: "x", values: .numbers(values))] }
        #expect(code([]) == "too_few_rows")
        #expect(code(column([1])) == "too_few_rows")
        #expect(code(column([Double](repeating: 4, count: 20))) == "no_variation")
        #expect(code(column([Double](repeating: .nan, count: 20))) == "all_missing")
        #expect(code(column(values.dropLast() + [.infinity])) == "not_finite")
        #expect(code(column(values), .init(maxSegments: 9)) == "bad_option")
        #expect(code(column(values)) == nil)
        #expect(code(column(values.dropLast() + [.nan])) == nil)
    }

    @Test func thresholdsAreReadable() {
        #expect(SegmentTree.readable(between: 3.1415, and: 3.2) == 3.17)
        #expect(SegmentTree.readable(between: 0, and: 1) >= 0)
        #expect(SegmentTree.readable(between: 0, and: 1) < 1)
        #expect(SegmentTree.readable(between: 1234, and: 2100) == 2000)
        let close = SegmentTree.readable(between: 1, and: 1.0.nextUp)
        #expect(close == 1)
    }

    /// Values of scikit-learn 1.9.1's adjusted_rand_score and silhouette_score.
    @Test func partitionScoresAreScikitLearns() {
        let rand = PartitionScores.adjustedRand([0, 0, 1, 1, 2, 2], [0, 0, 1, 2, 2, 2])
        #expect(abs(rand - 0.44444444444444442) < 1e-12)
        #expect(PartitionScores.adjustedRand([0, 1, 0], [1, 0, 1]) == 1)
        let points: [Double] = [0, 0, 0, 1, 5, 5, 6, 5, 9, 1]
        let value = PartitionScores.silhouette(points, width: 2, labels: [0, 0, 1, 1, 2])
        #expect(abs(value - 0.6683842908484433) < 1e-12)
    }
}
