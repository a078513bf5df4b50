import Decisioning
import EngagementModel
import Foundation
import Statistics
import Testing

/// Off-policy evaluation with persons as clusters: finds the truth, refuses what it cannot know.
@Suite struct PolicyEvaluationTests {
    /// A log of `people` with four days each, actions 0...2; the reward of an action has a known mean that grows with a
    /// person's trait, and the person has a mood that all four days share.
    private static func log(people: Int, seed: UInt64, target: [Double]) -> (
        log: LoggedDecisions, clusters: [Int32], context: DesignColumns, truth: Double
    ) {
        var generator = SeededGenerator(seed: seed)
        var (actions, rewards, propensities, targets) = ([Int32](), [Double](), [Double](), [Double]())
        var clusters: [Int32] = []
        var traits: [Double] = []
        var table: [Double] = []
        var truth = 0.0
        for person in 0..<people {
            let trait = generator.uniform()
            let mood = generator.normal() * 0.5
            for _ in 0..<4 {
                let chances = [0.6, 0.25, 0.15]
                let u = generator.uniform()
                let action = u < 0.6 ? 0 : u < 0.85 ? 1 : 2
                func mean(_ action: Int) -> Double { [0, 1 + trait, 3 - 2 * trait][action] }
                actions.append(Int32(action))
                rewards.append(action == 0 ? 0 : mean(action) + mood + generator.normal() * 0.3)
                propensities.append(chances[action])
                targets.append(target[action])
                clusters.append(Int32(person))
                traits.append(trait)
                table += target
                truth += (0..<3).reduce(0) { $0 + target[$1] * ($1 == 0 ? 0 : mean($1) + mood) }
            }
        }
        var context = DesignColumns(rowCount: actions.count)
        context.add(traits)
        return (
            LoggedDecisions(
                actions: actions, actionCount: 3, rewards: rewards, propensities: propensities, targets: targets,
                policy: .rows(table)), clusters, context, truth / Double(actions.count)
        )
    }

    @Test func everyEstimatorFindsTheTruthOfAKnownPolicy() {
        var held: [PolicyEstimator: Int] = [:]
        for seed in 1...40 {
            let (log, clusters, context, truth) = Self.log(
                people: 400, seed: UInt64(seed), target: [0.2, 0.3, 0.5])
            let found = PolicyEvaluation(
                log, clusters: clusters, clusterCount: 400, context: context, seed: 1)
            #expect(found.refusal() == nil)
            for line in found.lines {
                #expect(abs(line.value.value - truth) < 0.25, "\(line.estimator) \(line.value.value) \(truth)")
                if line.value.low <= truth && truth <= line.value.high { held[line.estimator, default: 0] += 1 }
            }
        }
        // 95% intervals by person over 40 logs, of the estimators that promise no bias; the direct method leaves out its
        // model's error, and those that lean on it trade bias for width.
        for estimator in [PolicyEstimator.ips, .snips, .dr] {
            #expect(held[estimator, default: 0] >= 33, "\(estimator): \(held[estimator, default: 0]) of 40")
        }
    }

    @Test func theLeadOfAPolicyOverItselfIsNothing() {
        let (log, clusters, context, _) = Self.log(people: 200, seed: 3, target: [0.3, 0.3, 0.4])
        let one = PolicyEvaluation(log, clusters: clusters, clusterCount: 200, context: context, seed: 1)
        for estimator in PolicyEstimator.allCases {
            let lead = one.lead(over: one, estimator)
            #expect(lead.value == 0 && lead.low == 0 && lead.high == 0)
        }
        let (other, _, _, _) = Self.log(people: 200, seed: 3, target: [1, 0, 0])
        let none = PolicyEvaluation(other, clusters: clusters, clusterCount: 200, context: context, seed: 1)
        let lead = one.lead(over: none, .dr)
        #expect(lead.low > 0.5 && lead.high < 2, "\(lead)")
    }

    @Test func thinSupportIsRefusedInWords() {
        // Few rows.
        let (small, clusters, context, _) = Self.log(people: 5, seed: 1, target: [0, 0, 1])
        let few = PolicyEvaluation(small, clusters: clusters, clusterCount: 5, context: context, seed: 1)
        #expect(few.refusal()?.contains("fewer than") == true)
        // An action that the log never took.
        var (log, people, columns, _) = Self.log(people: 300, seed: 2, target: [0.4, 0.3, 0.3])
        log.actionCount = 4
        log.policy = .rows((0..<log.count).flatMap { _ in [0.4, 0.3, 0.2, 0.1] })
        log.targets = log.actions.map { [0.4, 0.3, 0.2][Int($0)] }
        let lost = PolicyEvaluation(log, clusters: people, clusterCount: 300, context: columns, seed: 1)
        #expect(lost.refusal()?.contains("never took") == true)
        // A log that took what it took for certain covers no policy that would do anything else.
        (log, people, columns, _) = Self.log(people: 300, seed: 2, target: [0.1, 0.1, 0.8])
        log.propensities = log.propensities.map { _ in 1 }
        let certain = PolicyEvaluation(log, clusters: people, clusterCount: 300, context: columns, seed: 1)
        #expect(certain.refusal()?.contains("covers only") == true)
    }
}
