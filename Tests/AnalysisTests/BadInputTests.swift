import ArgumentParser
import EngagementModel
import Foundation
import Testing

@testable import Analysis
@testable import Decisioning

/// The list of issue 3, method by method, where the methods' own tests do not have it: what is not a number, negative
/// use, duplicates, nothing to choose from, a million-fold difference of scale. A clear refusal or a right answer.
struct BadInputTests {
    @Test(
        arguments: [
            ("id,x,y\nd,0,0\na,nan,0\n", "bad_number", 3), ("id,x,y,service\nd,0,0,0\na,1,0,-5\n", "bad_number", 3),
            ("id,x,y,demand\nd,0,0,0\na,1,0,-1\n", "bad_number", 3), ("id,x,y\nd,0,0\na,inf,0\n", "bad_number", 3),
            ("id,x,y,ready,due\nd,0,0,0,99\na,1,0,60,50\n", "empty_window", 3),
            ("id,x,y\nd,0,0\na,1,0\na,2,0\n", "duplicate_key", 4), ("id,x\nd,0\n", "missing_column", 1),
        ] as [(String, String, Int)])
    func routesAreRefused(text: String, code: String, line: Int) async throws {
        let place = try TemporaryPlace()
        let method = try RouteMethod.parse(
            [try place.file("r.csv", text), "--format", "csv", "--iterations", "50", "--quiet"])
        let found = await refusal { try await method.run() }
        #expect(found?.code == code && found?.line == line, "\(String(describing: found))")
    }

    @Test func distancesAMillionFoldApartAreAddedUpRightly() throws {
        let problem = RouteProblem(
            customers: [(1e6, "far"), (1e-6, "near"), (-2, "mid")].map { x, id in
                .init(id: id, place: .init(x: x, y: 0), demand: 0, service: 0, ready: 0, due: 1e12)
            },
            fleets: [.init(depot: .init(x: 0, y: 0), count: 1, capacity: 1, close: 1e13)])
        let plan = try RouteSearch(iterations: 300).plan(problem, seed: 1)
        #expect(plan.feasible && RouteCheck.violations(plan, problem).isEmpty)
        #expect(abs(plan.cost - (2e6 + 4)) < 1e-3)
    }

    @Test func learningAndUpliftRefuseWhatIsNotANumber() async throws {
        let place = try TemporaryPlace()
        func learn(_ text: String) async throws -> Diagnostic? {
            let method = try LearnMethod.parse(
                [try place.file("l.csv", text), "--outcome", "y", "--features", "a", "--quiet"])
            return await refusal { try await method.run() }
        }
        let outcome = try await learn("y,a\n1,1\nnan,1\n")
        #expect(outcome?.code == "bad_flag" && outcome?.line == 3)
        let feature = try await learn("y,a\n1,nan\n0,2\n")
        #expect(feature?.code == "bad_number" && feature?.line == 2)
        #expect(try await learn("y,a,a\n1,2,3\n")?.code == "duplicate_header")
        #expect(try await learn("y,a\n1,1e38\n0,1e-38\n") == nil, "finite numbers of any size are learnt from")
        let rows = (0..<100).map { "\($0 % 2),\($0 % 3 == 0 ? 1 : 0),\($0)\n" }.joined()
        for (last, line) in [("1,nan,0.5\n", 102), ("1,1,nan\n", 102), ("1,1,inf\n", 102)] {
            let method = try UpliftMethod.parse(
                [
                    try place.file("u.csv", "t,y,s\n" + rows + last), "--treatment", "t", "--outcome", "y", "--score",
                    "s", "--quiet",
                ])
            let found = await refusal { try await method.run() }
            #expect(found?.line == line && found?.code == "bad_number", "\(last): \(String(describing: found))")
        }
    }

    /// Only the order of scores counts: a million-fold stretch changes no figure.
    @Test func upliftDoesNotMindTheScaleOfScores() throws {
        let treated = (0..<400).map { $0 % 2 == 0 }
        let outcome = (0..<400).map { $0 % 3 == 0 || ($0 % 2 == 0 && $0 > 200) ? 1.0 : 0 }
        let plain = UpliftCurves(scores: (0..<400).map { Double($0) }, treated: treated, outcomes: outcome)
        let stretched = UpliftCurves(
            scores: (0..<400).map { Double($0) * ($0 < 200 ? 1 : 1e6) }, treated: treated, outcomes: outcome)
        #expect(plain.qiniAUC == stretched.qiniAUC && plain.upliftAUC == stretched.upliftAUC)
    }

    @Test func aSingleHugeWeightIsThinSupportAndNotAnEstimate() async throws {
        let place = try TemporaryPlace()
        let rows = String(repeating: "x,1,0.5,0.5\n", count: 100)
        func run(_ text: String) async throws -> Diagnostic? {
            let method = try OpeMethod.parse(
                [
                    try place.file("o.csv", "a,r,p,t\n" + text), "--action", "a", "--reward", "r", "--propensity", "p",
                    "--target", "t", "--quiet",
                ])
            return await refusal { try await method.run() }
        }
        #expect(try await run(rows) == nil)
        #expect(try await run(rows + "x,1,0.000001,1\n")?.code == "thin_support")
        let gap = try await run(rows + "x,1,nan,0.5\n")
        #expect(gap?.code == "bad_number" && gap?.line == 102)
    }

    /// Groups that have nothing to choose from stand between those that have.
    @Test func groupsWithoutCandidatesChooseNothing() {
        let problem = ChoiceProblem(
            groupStarts: [0, 0, 2, 2, 3, 3], values: [4, 9, 5], useStarts: [0, 1, 2, 3], useLimits: [0, 0, 0],
            useAmounts: [1, 2, 1], limits: [2], floors: [0])
        let result = ChoiceOptimizer.solve(problem)
        #expect(result.choice == [-1, 0, -1, 2, -1] || result.choice == [-1, 1, -1, -1, -1])
        #expect(result.objective == 9 && result.violations.isEmpty && result.upperBound >= 9 - 1e-9)
        let none = ChoiceProblem(
            groupStarts: [0, 0, 0], values: [], useStarts: [0], useLimits: [], useAmounts: [], limits: [1], floors: [0])
        let empty = ChoiceOptimizer.solve(none)
        #expect(empty.choice == [-1, -1] && empty.objective == 0 && empty.violations.isEmpty)
    }

    /// Values a million-fold apart in one file: small ones are still chosen where they cost nothing.
    @Test func valuesAMillionFoldApartShareAFile() async throws {
        let place = try TemporaryPlace()
        let candidates = (0..<40).map { "c\($0),h\($0 / 2),\($0 % 4 < 2 ? 2_000_000 + $0 : 0).\(1 + $0 % 2)\n" }
        let uses = (0..<40).map { "c\($0),k,\($0 % 4 < 2 ? 1 : 0)\n" }
        let method = try OptimizeMethod.parse([
            try place.file("c.csv", "candidate_id,hcp_id,value\n" + candidates.joined()), "--uses",
            try place.file("u.csv", "candidate_id,constraint_id,amount\n" + uses.joined()), "--limits",
            try place.file("l.csv", "constraint_id,limit,floor\nk,5,\n"), "--out", place.path("o.csv"), "--quiet",
        ])
        #expect(await refusal { try await method.run() } == nil)
        let out = try await AnalysisTable.read(place.path("o.csv"))
        let chosen = try out.flags("chosen")
        // Five of the ten dear groups by the limit, and each cheap group's better candidate.
        #expect(chosen.enumerated().count { $0.element && $0.offset % 4 < 2 } == 5)
        #expect((0..<40).filter { $0 % 4 == 3 }.allSatisfy { chosen[$0] })
    }
}
