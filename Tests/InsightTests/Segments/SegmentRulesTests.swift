import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Insight

@Suite struct SegmentRulesTests {
    private func columns(_ seed: UInt64, rows: Int = 600, large: Double = 0.4) -> [SegmentColumn] {
        var generator = SeededGenerator(seed: seed)
        let isLarge = (0..<rows).map { _ in generator.uniform() < large }
        return [
            SegmentColumn(
                name: "volume", values: .numbers(isLarge.map { ($0 ? 200 : 10) * (0.7 + 0.6 * generator.uniform()) })),
            SegmentColumn(name: "noise", values: .numbers(isLarge.map { _ in generator.uniform() })),
            SegmentColumn(
                name: "specialty",
                values: .categories(isLarge.map { $0 ? 0 : 1 }, names: ["surgery", "practice"])),
        ]
    }

    @Test func keptRulesAssignWhatWasAssigned() throws {
        let columns = columns(1)
        let found = try Segmentation(columns, options: .init(maxSegments: 4), seed: 1)
        #expect(try found.rules.assign(columns) == found.assignment)
        let again = try JSONDecoder().decode(SegmentRules.self, from: JSONEncoder().encode(found.rules))
        #expect(again == found.rules)
        #expect(found.rules.rules.allSatisfy { $0.conditions.count <= 3 })
        #expect(found.rules.drift(found.assignment) < 1e-12)
    }

    @Test func rulesHoldForNewPeopleAndDriftSaysWhenTheyAreOthers() throws {
        let found = try Segmentation(columns(1), options: .init(maxSegments: 4), seed: 1)
        let alike = try found.rules.assign(columns(2))
        #expect(found.rules.drift(alike) < 0.1)
        let others = try found.rules.assign(columns(3, large: 0.9))
        #expect(found.rules.drift(others) > 0.25)
    }

    @Test func aMissingNumberIsReadAsItWasWhenTheRulesWereFound() throws {
        var columns = columns(1)
        guard case .numbers(var values) = columns[0].values else { return }
        values[5] = .nan
        columns[0].values = .numbers(values)
        let found = try Segmentation(columns, options: .init(maxSegments: 4), seed: 1)
        #expect(try found.rules.assign(columns) == found.assignment)
    }

    @Test func aColumnThatIsGoneIsRefused() throws {
        let found = try Segmentation(columns(1), options: .init(maxSegments: 4), seed: 1)
        let used = try #require(found.rules.rules.flatMap(\.conditions).first?.column)
        #expect(throws: Diagnostic.self) { try found.rules.assign(columns(1).filter { $0.name != used }) }
    }

    @Test func theStabilityIndexIsThatOfTheTextbook() {
        // Siddiqi, "Credit Risk Scorecards" (2006), the sum by hand: 0.1 ln 2 + (−0.1) ln 0.5.
        let value = StabilityIndex.value(expected: [0.1, 0.2, 0.7], counts: [200, 100, 700])
        #expect(abs(value - (0.1 * log(2.0) - 0.1 * log(0.5))) < 1e-12)
        #expect(StabilityIndex.value(expected: [0.5, 0.5], counts: [0, 0]) == 0)
        #expect(StabilityIndex.value(expected: [0.5, 0.5], counts: [10, 0]).isFinite)
        #expect(StabilityIndex.word(0.05) == "stable" && StabilityIndex.word(0.3) == "another population")
    }
}
