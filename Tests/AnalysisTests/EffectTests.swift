import ArgumentParser
import Decisioning
import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Analysis

@Suite struct EffectTests {
    @Test func confoundingIsRemovedAndTheIntervalHolds() {
        var held = 0
        for seed in 0..<20 as Range<UInt64> {
            let world = UpliftTests.World(2_000, seed: seed)
            let found = TreatmentEffect(world.design, treated: world.treated, outcomes: world.outcomes, seed: 1)
            let truth = world.effects.reduce(0, +) / 2_000
            if abs(found.value - truth) < 1.96 * found.standardError { held += 1 }
            // The plain difference is off by more than one: treated rows would have had more anyway.
            let one = world.outcomes.indices.filter { world.treated[$0] }
            let none = world.outcomes.indices.filter { !world.treated[$0] }
            let plain =
                one.reduce(0) { $0 + world.outcomes[$1] } / Double(one.count)
                - none.reduce(0) { $0 + world.outcomes[$1] } / Double(none.count)
            #expect(plain - truth > 1)
            #expect(abs(found.value - truth) < 0.3)
        }
        #expect(held >= 17)
    }

    @Test func eValuesAreThoseOfThePaper() {
        // VanderWeele and Ding (2017): RR 3.9 → 7.26; RR 0.8 → that of 1.25.
        #expect(abs(TreatmentEffect.eValue(3.9) - 7.263) < 0.001)
        #expect(abs(TreatmentEffect.eValue(0.8) - (1.25 + (1.25 * 0.25).squareRoot())) < 1e-12)
        #expect(TreatmentEffect.eValue(1) == 1)
    }

    @Test func noOverlapIsRefusedAndSomeIsReported() async throws {
        let place = try TemporaryPlace()
        func run(_ strength: Double) async throws -> (Diagnostic?, TreatmentEffect) {
            let world = UpliftTests.World(1_500, seed: 2, strength: strength)
            let path = try place.file("e.csv", world.csv)
            let method = try EffectMethod.parse(
                [path, "--treatment", "t", "--outcome", "y", "--confounders", "a", "b", "--out", place.path("o.csv")])
            let found = await refusal { try await method.run() }
            return (found, TreatmentEffect(world.design, treated: world.treated, outcomes: world.outcomes, seed: 1))
        }
        let (refused, split) = try await run(1000)
        #expect(refused?.code == "no_overlap")
        #expect(split.overlap.separation > 0.99)
        let (none, mixed) = try await run(0.5)
        #expect(none == nil)
        #expect(mixed.trimmed == 0)
        #expect(mixed.overlap.inCommonRange > 0.95)
        let out = try await AnalysisTable.read(place.path("o.csv"))
        #expect(out.rowCount == 1_500)
    }

    @Test func anOutcomeThatNeverChangesHasNoEffect() throws {
        let world = UpliftTests.World(400, seed: 1)
        let found = TreatmentEffect(
            world.design, treated: world.treated, outcomes: world.outcomes.map { _ in 3 }, seed: 1)
        #expect(abs(found.value) < 1e-6)
        #expect(abs(found.eValue - 1) < 1e-2)
    }
}
