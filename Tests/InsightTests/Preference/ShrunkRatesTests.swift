import Foundation
import Statistics
import Testing

@testable import Insight

@Suite struct ShrunkRatesTests {
    /// People whose chance to answer on three arms is drawn from a beta distribution around the rate of their group.
    private struct Market {
        var records = ShrunkRates.Records()
        var truth: [Double] = []
        var group: [Int32] = []

        init(people: Int, strength: Double, seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            let rates = [[0.1, 0.3, 0.5], [0.4, 0.3, 0.05]]
            for person in 0..<people {
                group.append(Int32(person % 2))
                for arm in 0..<3 {
                    let mean = rates[person % 2][arm]
                    let chance = generator.beta(strength * mean, strength * (1 - mean))
                    let tries = Int(generator.below(25))
                    let answers = (0..<tries).count { _ in generator.uniform() < chance }
                    guard tries > 0 else { continue }
                    records.person.append(Int32(person))
                    records.arm.append(Int32(arm))
                    records.tries.append(Int32(tries))
                    records.answers.append(Int32(answers))
                    truth.append(chance)
                }
            }
        }
    }

    @Test(arguments: [6.0, 30]) func howMuchPeopleDifferIsLearnt(strength: Double) throws {
        let market = Market(people: 6000, strength: strength, seed: 7)
        let model = try ShrunkRates(market.records, arms: 3, group: market.group, groups: 2)
        for arm in 0..<3 { #expect(abs(log(model.concentration[arm] / strength)) < 0.35, "\(model.concentration)") }
    }

    @Test func intervalsHoldTheTruthAndShrinkingBeatsTheRawRate() throws {
        let market = Market(people: 6000, strength: 8, seed: 11)
        let model = try ShrunkRates(market.records, arms: 3, group: market.group, groups: 2)
        let rates = model.posteriors(market.records, group: market.group, level: 0.9)
        let held = rates.indices.count { rates[$0].low <= market.truth[$0] && market.truth[$0] <= rates[$0].high }
        #expect(abs(Double(held) / Double(rates.count) - 0.9) < 0.03, "\(held) of \(rates.count)")
        var (own, raw) = (0.0, 0.0)
        for row in rates.indices {
            let plain = Double(market.records.answers[row]) / Double(market.records.tries[row])
            own += pow(rates[row].value - market.truth[row], 2)
            raw += pow(plain - market.truth[row], 2)
        }
        #expect(own < 0.6 * raw)
        #expect(rates.allSatisfy { $0.low <= $0.value && $0.value <= $0.high && $0.low >= 0 && $0.high <= 1 })
    }

    @Test func muchTryingIsNoMeritAndOtherArmsSpeak() throws {
        var records = ShrunkRates.Records()
        func add(_ person: Int32, _ arm: Int32, _ tries: Int32, _ answers: Int32) {
            records.person.append(person)
            records.arm.append(arm)
            records.tries.append(tries)
            records.answers.append(answers)
        }
        for person in 0..<200 as Range<Int32> {
            for arm in 0..<2 as Range<Int32> { add(person, arm, 10, [0, 1, 6][Int(person) % 3]) }
        }
        add(200, 0, 100, 10)  // often written to: one in ten
        add(200, 1, 4, 3)  // rarely called: three in four
        add(201, 0, 20, 15)  // answers everything elsewhere
        add(201, 1, 1, 0)
        add(202, 0, 20, 0)  // answers nothing elsewhere
        add(202, 1, 1, 0)
        let group = [Int32](repeating: 0, count: 203)
        let rates = try ShrunkRates(records, arms: 2, group: group, groups: 1).posteriors(records, group: group)
        let last = rates.suffix(6).map { $0 }
        #expect(last[1].value > last[0].value && last[1].lift > 1 && last[0].lift < 1.2)
        #expect(last[3].value > 2 * last[5].value)
    }

    @Test func badRecordsAreRefused() {
        func problem(_ records: ShrunkRates.Records) -> HistoryProblem? {
            do {
                _ = try ShrunkRates(records, arms: 1, group: [0, -1], groups: 1)
                return nil
            } catch { return error as? HistoryProblem }
        }
        #expect(problem(.init(person: [0], arm: [0], tries: [1], answers: [2]))?.code == "bad_count")
        #expect(problem(.init(person: [0, 5], arm: [0, 0], tries: [1, 1], answers: [1, 1]))?.row == 1)
        #expect(problem(.init(person: [0], arm: [1], tries: [1], answers: [1]))?.code == "missing_id")
        #expect(problem(.init(person: [0], arm: [0], tries: [1], answers: []))?.code == "ragged_columns")
        #expect(problem(.init(person: [1], arm: [0], tries: [1], answers: [1])) == nil, "no group is a group")
        #expect(problem(.init()) == nil)
    }
}
