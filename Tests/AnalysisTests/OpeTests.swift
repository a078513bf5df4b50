import ArgumentParser
import Decisioning
import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Analysis

@Suite struct OpeTests {
    private func log(_ name: String) async throws -> (LoggedDecisions, DesignColumns, AnalysisTable) {
        let table = try await AnalysisTable.read(fixture("open_bandit_men.csv"))
        let input = OpeInput(
            action: "item_id", reward: "click", propensity: "propensity_score", position: "position",
            target: name, context: ["user_feature_0", "user_feature_1", "user_feature_2", "user_feature_3"],
            categorical: [])
        return (try input.decisions(table, nil), try input.design(table).columns, table)
    }

    /// Goldens: script/peers/ope.py, obp 0.5.7.
    @Test func weightedEstimatesAgreeWithOpenBanditPipeline() async throws {
        let (log, _, _) = try await log("target")
        let plain = PolicyIntervals(kind: .normal)
        let weights = log.weights
        let products = PolicyEstimator.ips.contributions(weights, log.rewards, nil, lambda: .infinity)
        #expect(abs(plain.estimate(products).value - golden.ips) < 1e-12)
        #expect(abs(plain.estimate(products, over: weights).value - golden.snips) < 1e-12)
    }

    @Test func modelEstimatesLieWithinTheReferencesSpread() async throws {
        var (log, design, _) = try await log("free")
        log.policy = try #require(log.contextFreePolicy())
        let model = RewardModel.predictions(log, context: design, divisions: 5, seed: 1)
        for (estimator, low, high) in golden.spread {
            let lambda = estimator == .dr ? .infinity : estimator.tuned(log.weights, log.rewards, model)
            let parts = estimator.contributions(log.weights, log.rewards, model, lambda: lambda)
            let found = PolicyIntervals(kind: .normal).estimate(parts).value
            #expect(found > low && found < high, "\(estimator) \(found)")
        }
    }

    @Test func handComputedEstimates() throws {
        // Two actions logged evenly; the evaluated policy takes the first with 0.8.
        let log = LoggedDecisions(
            actions: [0, 1, 0, 1], actionCount: 2, rewards: [1, 0, 3, 2], propensities: [0.5, 0.5, 0.5, 0.5],
            targets: [0.8, 0.2, 0.8, 0.2])
        let weights = log.weights
        #expect(weights == [1.6, 0.4, 1.6, 0.4])
        let model = RewardPredictions(logged: [2, 1, 2, 1], policy: [1.8, 1.8, 1.8, 1.8])
        func value(_ estimator: PolicyEstimator, _ lambda: Double = .infinity) -> Double {
            let parts = estimator.contributions(weights, log.rewards, model, lambda: lambda)
            return PolicyIntervals(kind: .normal).estimate(parts, over: estimator == .snips ? weights : nil).value
        }
        #expect(abs(value(.ips) - (1.6 + 4.8 + 0.8) / 4) < 1e-12)
        #expect(abs(value(.snips) - 7.2 / 4) < 1e-12)
        #expect(abs(value(.dm) - 1.8) < 1e-12)
        #expect(abs(value(.dr) - (1.8 + (-1.6 - 0.4 + 1.6 + 0.4) / 4)) < 1e-12)
        #expect(abs(value(.switchDR, 1) - (1.8 + (-0.4 + 0.4) / 4)) < 1e-12)
        let shrunk = 2 * 1.6 / (1.6 * 1.6 + 2)
        #expect(abs(value(.dros, 2) - (1.8 + (-shrunk + shrunk) / 4)) < 1e-12)
        #expect(value(.dros, 0) == value(.dm))
        let support = PolicySupport(log)
        #expect(abs(support.effectiveSampleSize - 16 / (2 * 2.56 + 2 * 0.16)) < 1e-12)
        #expect(support.maxWeight == 1.6)
        #expect(abs(support.meanWeight - 1) < 1e-12)
    }

    /// A known world: rewards depend on context and action; every estimator must find the policy's true value.
    @Test func everyEstimatorFindsAKnownValue() throws {
        var generator = SeededGenerator(seed: 3)
        let n = 20_000
        var (actions, rewards, propensities, targets) = ([Int32](), [Double](), [Double](), [Double]())
        var (context, policy, truth) = ([Double](), [Double](), 0.0)
        for _ in 0..<n {
            let x = generator.normal()
            let logging = [0.5, 0.3, 0.2]
            let wanted = x > 0 ? [0.1, 0.2, 0.7] : [0.6, 0.3, 0.1]
            let u = generator.uniform()
            let a = u < 0.5 ? 0 : u < 0.8 ? 1 : 2
            let means = (0..<3).map { 1 / (1 + exp(-(-1.5 + 0.5 * x + 0.8 * Double($0)))) }
            truth += zip(wanted, means).map(*).reduce(0, +) / Double(n)
            actions.append(Int32(a))
            rewards.append(generator.chance(means[a]) ? 1 : 0)
            propensities.append(logging[a])
            targets.append(wanted[a])
            context.append(x)
            policy += wanted
        }
        let log = LoggedDecisions(
            actions: actions, actionCount: 3, rewards: rewards, propensities: propensities, targets: targets,
            policy: .rows(policy))
        var design = DesignColumns(rowCount: n)
        design.add(context)
        let model = RewardModel.predictions(log, context: design, seed: 1)
        for estimator in PolicyEstimator.allCases {
            let lambda = estimator.tuned(log.weights, log.rewards, model)
            let parts = estimator.contributions(log.weights, log.rewards, model, lambda: lambda)
            for kind in PolicyIntervalKind.allCases {
                let found = PolicyIntervals(kind: kind, level: 0.999, resamples: 300).estimate(
                    parts, over: estimator == .snips ? log.weights : nil)
                // The direct method's interval knows nothing of its model's error.
                if estimator != .dm { #expect(found.low < truth && truth < found.high, "\(estimator) \(kind)") }
                #expect(abs(found.value - truth) < 0.02)
            }
        }
    }

    @Test func thinSupportAndBadProbabilitiesAreRefused() async throws {
        let place = try TemporaryPlace()
        func run(_ rows: String, _ more: [String] = []) async throws -> Diagnostic? {
            let path = try place.file("log.csv", "a,r,p,t\n" + rows)
            let method = try OpeMethod.parse(
                [
                    path, "--action", "a", "--reward", "r", "--propensity", "p", "--target", "t", "--out",
                    place.path("o.csv"),
                ]
                    + more)
            return await refusal { try await method.run() }
        }
        #expect(try await run("x,1,0.5,0.5\ny,0,0,0.5\n")?.code == "bad_propensity")
        #expect(try await run("x,1,0.5,0.5\ny,0,1.2,0.5\n")?.line == 3)
        #expect(try await run("x,1,0.5,-0.5\n")?.code == "bad_probability")
        #expect(try await run("x,nan,0.5,0.5\n")?.code == "bad_number")
        #expect(try await run(",1,0.5,0.5\n")?.code == "missing_value")
        #expect(try await run("x,1,0.5,0.5\ny,0,0.5,0.4\n")?.code == "thin_support")
        let none = String(repeating: "x,1,0.5,0\n", count: 100)
        #expect(try await run(none)?.code == "thin_support")
        let varied = (0..<100).map { "x,1,0.5,0.\($0 + 100)\n" }.joined()
        #expect(try await run(varied, ["--estimators", "dr"])?.code == "needs_policy")
        #expect(try await run(varied) == nil)
        let written = try await AnalysisTable.read(place.path("o.csv"))
        #expect(written.names == ["weight", "ips", "snips"])
        #expect(written.rowCount == 100)
    }

    @Test func aPolicyFileMustFitTheLog() async throws {
        let place = try TemporaryPlace()
        let rows = (0..<60).map { "\($0 % 2 == 0 ? "x" : "y"),\($0 % 3),0.5\n" }.joined()
        let path = try place.file("log.csv", "a,r,p\n" + rows)
        func run(_ policy: String) async throws -> Diagnostic? {
            let file = try place.file("policy.csv", policy)
            let method = try OpeMethod.parse(
                [path, "--action", "a", "--reward", "r", "--propensity", "p", "--policy", file])
            return await refusal { try await method.run() }
        }
        func table(_ header: String, _ line: String, _ count: Int = 60) -> String {
            header + "\n" + String(repeating: line + "\n", count: count)
        }
        #expect(try await run(table("x,y", "0.5,0.5", 59))?.code == "row_mismatch")
        #expect(try await run(table("x,z", "0.5,0.5"))?.code == "missing_column")
        #expect(try await run(table("x,y", "0.5,0.6"))?.code == "bad_probability")
        #expect(try await run(table("x,y,z", "0.2,0.2,0.6"))?.code == "thin_support")
        #expect(try await run(table("x,y", "0.7,0.3")) == nil)
    }
}

/// Made by script/peers/ope.py from the fixture.
private let golden = (
    ips: 0.0045825071332011415, snips: 0.004570753478060204,
    spread: [
        (PolicyEstimator.dm, 0.004369525735472655, 0.004432541492034082),
        (.dr, 0.0037808655184598124, 0.0038657977141298874),
        (.switchDR, 0.004369525735472655, 0.004432541492034082),
        (.dros, 0.004369525735472655, 0.004432541492034082),
    ]
)

private func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
}
