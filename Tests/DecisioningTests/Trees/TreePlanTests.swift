import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Decisioning

/// Released trees on a market with an interaction that sums of effects cannot express: half of the specialties answer
/// e-mails that come soon after the last one, the other half those that come late.
@Suite struct TreePlanTests {
    static let day: Int64 = 86_400_000_000
    static let actions = [ResponseAction(channel: .email), ResponseAction(channel: .email, content: 1)]
    static let terms = [
        ValueTerms(objective: 0, valuePerUnit: 40, cost: 2), ValueTerms(objective: 0, valuePerUnit: 40, cost: 2),
    ]

    struct World {
        let input: ResponseInput
        let online: ResponseModel
        let trees: TreeResponse
        let onlineLoss: Double
        let treeLoss: Double

        static let shared = Result { try World() }

        init() throws {
            input = try TreePlanTests.market()
            var model = ResponseModel()
            let report = model.learn(input)
            online = model
            onlineLoss = try #require(report[.engaged, .email]).logLoss
            var options = TreeOptions()
            options.rounds = 60
            options.leaves = 15
            let (learnt, rows) = try TreeResponse.learn(
                input, options: options, library: try TreeModelTests.library())
            trees = learnt
            treeLoss = try #require(rows.first { $0.step == .engaged && $0.channel == .email }).score.logLoss
        }

        func scorer(_ trees: TreeResponse?) -> PlanScorer {
            PlanScorer(
                online: CandidateScorer(
                    response: ResponseScorer(model: online, input: input, actions: TreePlanTests.actions),
                    outcomes: [OutcomeModel(assumedFor: input.hcps.count)], terms: TreePlanTests.terms),
                trees: trees, input: input)
        }

        func live(_ trees: TreeResponse?) -> LiveScorer {
            LiveScorer(
                model: online, trees: trees, outcomes: [OutcomeModel(assumedFor: input.hcps.count)],
                actions: TreePlanTests.actions, terms: TreePlanTests.terms, contents: input.contents,
                reps: input.reps, hcps: input.hcps)
        }

        func history(_ hcp: Int) -> TouchColumns {
            let t = input.touches
            let rows = t.hcp.indices.filter { t.hcp[$0] == Int32(hcp) }
            return TouchColumns(
                hcp: rows.map { t.hcp[$0] }, time: rows.map { t.time[$0] }, channel: rows.map { t.channel[$0] },
                level: rows.map { t.level[$0] }, content: rows.map { t.content[$0] })
        }
    }

    /// 500 HCPs of eight specialties with some 20 e-mails each in 400 days; answered 8 times of 10 where the moment suits, else once.
    static func market() throws -> ResponseInput {
        let hcps = 500
        var generator = SeededGenerator(seed: 5)
        var touches = TouchColumns(hcp: [], time: [], channel: [], level: [])
        for hcp in 0..<hcps {
            let likesSoon = hcp % 8 < 4
            var time = Int64(20_000) * day + Int64(generator.uniform() * 30) * day
            while true {
                let gap = Int64(generator.uniform() < 0.5 ? 4 + generator.uniform() * 9 : 22 + generator.uniform() * 20)
                time += gap * day
                guard time < 20_400 * day else { break }
                let suits = (gap < 14) == likesSoon
                touches.hcp.append(Int32(hcp))
                touches.time.append(time)
                touches.channel.append(Channel.email.code)
                let level: UInt8 = generator.uniform() < (suits ? 0.8 : 0.1) ? 2 : 1
                touches.level.append(generator.uniform() < 0.15 ? 0 : level)
                touches.flags.append(0)
                touches.content.append(Int32(generator.uniform() * 4))
                touches.rep.append(-1)
                touches.product.append(-1)
            }
        }
        return try ResponseInput(
            touches: touches,
            hcps: HCPColumns(
                specialty: (0..<hcps).map { Int32($0 % 8) }, specialtyNames: (0..<8).map { "s\($0)" },
                decile: (0..<hcps).map { UInt8($0 % 10 + 1) }),
            contents: ContentColumns(
                ids: ["a", "b", "c", "d"], topic: [0, 0, 1, 1], topicNames: ["x", "y"], format: [0, 1, 0, 1],
                formatNames: ["p", "q"]), asOf: 20_410 * day)
    }

    @Test func treesSeeTheInteractionAndThePlanScoresByThem() throws {
        let world = try World.shared.get()
        #expect(world.treeLoss < world.onlineLoss - 0.05, "\(world.treeLoss) \(world.onlineLoss)")
        let (mine, other) = (world.scorer(world.trees), world.scorer(nil))
        let scores = try mine.score(0..<500)
        #expect(mine.version == world.trees.version && other.version == world.online.version)
        // The very chances of the trees, block by block the same; outcomes and values as ever.
        let plain = try TreeScorer(model: world.trees, input: world.input, actions: Self.actions).score(0..<500)
        #expect(scores.reach == plain.reach && scores.engage == plain.engage)
        #expect(try mine.score(100..<120).value == Array(scores.value[200..<240]))
        let before = try other.score(0..<500)
        #expect(scores.engage != before.engage)
        // The doubt is the online model's: as wide on the logit scale.
        let doubt = other.online.response.score(0..<500)
        for k in stride(from: 0, to: 1000, by: 37) {
            let carried = TreeLogit.spread(doubt.engage[k], doubt.engageSD[k])
            #expect(carried > 0)
            #expect(scores.effectHigh[k] > scores.effect[k])
        }
    }

    @Test func tracesReplayAndTheirPartsAddUp() throws {
        let world = try World.shared.get()
        let scorer = world.scorer(world.trees)
        let scores = try scorer.score(0..<500)
        let cells = (0..<40).flatMap { hcp in [0, 1].map { TreeCell(hcp: hcp * 12, action: $0) } }
        let parts = try scorer.parts(cells)
        var hashes: Set<String> = []
        for (place, cell) in cells.enumerated() {
            let (hcp, action) = (Int(cell.hcp), Int(cell.action))
            let trace = scorer.traces(hcp: hcp, actions: [action], parts, from: place)[0]
            #expect(trace.replay() == scores.score(hcp: hcp, action: action))
            let exact = try scorer.trace(hcp: hcp, action: action)
            #expect(exact.replay() == trace.replay() && exact.contentHash == trace.contentHash)
            for step in [trace.reach, trace.engage, exact.reach, exact.engage] {
                let logit = try #require(step.trees).value
                let sum = step.terms.reduce(0.0) { $0 + Double($1.contribution) }
                #expect(abs(sum - Double(logit)) < 1e-5, "\(sum) \(logit)")
            }
            let contributions = exact.contributions(meanGain: nil)
            #expect(contributions.effect == Double(scores.score(hcp: hcp, action: action).effect))
            let whole = contributions.parts.reduce(contributions.base.effect) { $0 + $1.effect }
            #expect(abs(whole - contributions.effect) < 1e-9)
            let odds = contributions.parts.reduce(contributions.base.engageLogOdds) { $0 + $1.engageLogOdds }
            #expect(abs(odds - Double(trace.engage.trees?.value ?? 0)) < 1e-5)
            hashes.insert(trace.contentHash)
            // Coded as JSON and back, the same record.
            let again = try JSONDecoder().decode(CandidateTrace.self, from: try JSONEncoder().encode(trace))
            #expect(again.replay() == trace.replay() && again.contentHash == trace.contentHash)
        }
        #expect(hashes.count == cells.count)
        // What the trees know of the moment is told as recency and segment.
        let trace = try scorer.trace(hcp: 0, action: 0)
        let themes = Set(trace.engage.terms.filter { abs($0.contribution) > 0.05 }.map(\.theme))
        #expect(themes.isSuperset(of: [.recency, .segment]), "\(themes)")
    }

    /// The ways through the trees end at the leaves that LightGBM sums, whatever a row holds.
    @Test func waysEndWhereLightGBMEnds() throws {
        let world = try World.shared.get()
        let width = TreeFeatures.columns.count
        var generator = SeededGenerator(seed: 3)
        var rows = TreeRows(columns: width)
        for _ in 0..<603 {
            for column in 0..<width {
                let draw = generator.uniform()
                let number = Float(generator.uniform() * (TreeFeatures.columns[column].isCategory ? 40 : 9) - 1)
                rows.values.append(draw < 0.1 ? .nan : draw < 0.2 ? 0 : draw < 0.6 ? number.rounded() : number)
            }
        }
        for row in rows.values.indices where row % 97 == 0 { rows.values[row] = -3 }
        for model in [world.trees.reach, world.trees.engage] {
            let paths = try model.paths()
            let logits = try model.logits(rows)
            // Side by side, in every number of rows that is left over.
            #expect(paths.logits(rows) == logits)
            for count in 1...7 {
                var few = TreeRows(columns: width)
                few.values = Array(rows.values.prefix(count * width))
                #expect(paths.logits(few) == Array(logits.prefix(count)))
            }
            for row in 0..<rows.count {
                var parts = [Double](repeating: 0, count: width)
                let logit = rows.values.withUnsafeBufferPointer { buffer in
                    parts.withUnsafeMutableBufferPointer {
                        paths.walk(buffer.baseAddress! + row * width, into: $0.baseAddress!)
                    }
                }
                #expect(logit == logits[row])
                #expect(abs(parts.reduce(paths.base, +) - logit) < 1e-4)
            }
        }
    }

    @Test func aSpoiltTextOfTreesIsRefused() throws {
        let sound = """
            tree
            Tree=0
            leaf_value=0.1 0.2
            split_feature=0
            threshold=0.5
            decision_type=2
            left_child=-1
            right_child=-2
            internal_value=0.15

            end of trees
            """
        #expect(try TreePaths(text: sound).base == 0.15)
        let spoilt = [
            ("split_feature=0", "split_feature=9999"), ("decision_type=2", "decision_type=many"),
            ("decision_type=2", "decision_type=1"), ("right_child=-2", "right_child=7"),
            ("right_child=-2", "right_child=-9"), ("right_child=-2", "right_child=0"),
            ("right_child=-2", "right_child=1e99"), ("leaf_value=0.1 0.2", "leaf_value=0.1"), ("Tree=0", "Branch=0"),
        ]
        for (part, other) in spoilt {
            #expect("\(other)") { try TreePaths(text: sound.replacing(part, with: other)) } throws: { error in
                (error as? Diagnostic)?.code == "trees_failed"
            }
        }
    }

    @Test func liveScoresAreThePlansMovedAsTheOnlineModelMoves() throws {
        let world = try World.shared.get()
        let scores = try world.scorer(world.trees).score(0..<500)
        let (mine, other) = (world.live(world.trees), world.live(nil))
        let planned = world.input.asOf
        for hcp in [0, 3, 77, 499] {
            let history = world.history(hcp)
            let quiet = try mine.score(hcp: hcp, history: history, live: [], now: planned, planned: planned)
            for a in Self.actions.indices { #expect(quiet[a] == scores.score(hcp: hcp, action: a)) }
            let touch = LiveTouch(
                time: planned + Self.day, channel: .email, level: .engaged, isPull: false, content: 1)
            func after(_ scorer: LiveScorer) throws -> [CandidateScore] {
                try scorer.score(
                    hcp: hcp, history: history, live: [touch], now: planned + Self.day + 1, planned: planned)
            }
            let old = try other.score(hcp: hcp, history: history, live: [], now: planned, planned: planned)
            let (moved, own) = (try after(mine), try after(other))
            for a in Self.actions.indices {
                func logit(_ p: Float) -> Double { Special.logit(Double(p)) }
                let change = logit(own[a].engage) - logit(old[a].engage)
                #expect(abs(change) > 1e-3)
                #expect(abs(logit(moved[a].engage) - logit(quiet[a].engage) - change) < 1e-4)
            }
        }
    }

    @Test func storedTreesAreNamedByTheirBytes() throws {
        let world = try World.shared.get()
        let bytes = world.trees.encoded()
        #expect(TreeResponse.version(of: bytes) == world.trees.version)
        let library = try TreeModelTests.library()
        let again = try TreeResponse(decoding: bytes, library: library)
        #expect(again.version == world.trees.version && again.encoded() == bytes)
        #expect(
            try world.scorer(again).score(0..<50).value == world.scorer(world.trees).score(0..<50).value)
        // The correction of one channel is part of the version.
        var other = bytes
        other[other.count - 1] ^= 1
        #expect(TreeResponse.version(of: other) != world.trees.version)
    }
}
