import EngagementModel
import Foundation
import Testing

@testable import Journeys
@testable import Ledger

/// Random definitions and histories, run by the ledger's timers and by an interpreter that walks one HCP hour by hour.
@Suite struct JourneyInterpreterTests {
    @Test func journeysDoWhatTheInterpreterDoes() async throws {
        var steps = 0
        for seed in UInt64(1)...1000 { steps += try await compare(seed) }
        #expect(steps > 5000, "\(steps) steps were compared")
    }

    private func compare(_ seed: UInt64) async throws -> Int {
        var random = Seeded(seed)
        let definition = RandomJourney.make(&random)
        guard JourneyCheck.faults(in: definition).allSatisfy({ $0.severity == .warning }) else { return 0 }
        let clock = Clock()
        let hcps = (0..<4).map { "h\($0)" }
        let consenting = hcps.filter { _ in random.next() % 3 != 0 }
        let ledger = try await journeyLedger(clock, hcps: hcps, consenting: consenting)
        try await JourneyRunner.register(definition, in: ledger, by: .user(1))
        let runner = try await JourneyRunner(ledger: ledger, policy: openPolicy(), world: PlainWorld())
        var walkers = hcps.map { Walker(definition, $0, consents: consenting.contains($0), at: clock.now) }
        try await runner.enter("r", hcps)
        for step in 0..<60 {
            clock.now += hour * Int64.random(in: 1...12, using: &random)
            if random.next() % 2 == 0 {
                let happened = event(
                    "\(seed)-\(step)", random.pick(["x", "y", "z", "goal", "exit"]), random.pick(hcps),
                    key: random.pick([nil, "k1", "k2"]),
                    ["n": "\(random.next() % 4)", "ref": random.pick(["k1", "k2"])])
                _ = try await runner.deliver([happened])
                for index in walkers.indices where walkers[index].hcp == happened.hcpID {
                    walkers[index].happen(happened, at: clock.now)
                }
            }
            while try await runner.runDue(limit: 3).instances > 0 {}
            for index in walkers.indices { walkers[index].pass(clock.now) }
        }
        var compared = 0
        for walker in walkers {
            let row = try #require(try await ledger.journeyInstances(ofHCP: walker.hcp).first)
            let path = try await ledger.journeySteps(of: row.number).map { "\($0.node) \($0.result) \($0.at)" }
            #expect(path == walker.path, "seed \(seed), \(walker.hcp)")
            #expect(row.outcome == walker.outcome, "seed \(seed), \(walker.hcp)")
            compared += path.count
            // One claim for each message step, and none beside.
            let sent = path.count { $0.contains(" claimed ") }
            #expect(try await ledger.contacts(ofHCP: walker.hcp).count == sent, "seed \(seed)")
        }
        return compared
    }
}

enum RandomJourney {
    static func make(_ random: inout Seeded) -> JourneyDefinition {
        let names = (0..<Int.random(in: 3...9, using: &random)).map { "n\($0)" }
        func somewhere() -> String? { random.next() % 6 == 0 ? nil : random.pick(names) }
        var nodes: [String: JourneyNode] = [:]
        for name in names {
            let span = Span(seconds: Int.random(in: 1...90, using: &random) * 3600)
            let action: JourneyNode.Action
            switch random.next() % 9 {
            case 0, 1: action = .wait(span)
            case 2, 3:
                action = .waitEvent(
                    EventMatch(random.pick(["x", "y"]), key: random.pick([nil, "ref"])), timeout: span,
                    late: somewhere())
            case 4: action = .bestHour(within: span)
            case 5:
                action = .random(
                    (0..<2).map { _ in .init(weight: Double(random.next() % 3 + 1), node: random.pick(names)) })
            case 6: action = .choose([.init(.atLeast("n", 2), node: random.pick(names))])
            case 7:
                action = .message(
                    .init(channel: .email, contentID: "paper", patience: span, refused: somewhere()))
            default: action = random.next() % 3 == 0 ? .goal("g") : .task(kind: "t", title: "T", due: nil)
            }
            nodes[name] = JourneyNode(action, next: somewhere())
        }
        return JourneyDefinition(
            id: "r", purpose: .educational, entry: .init(door: .segment("s")), goal: EventMatch("goal"),
            exits: [EventMatch("exit")], start: names[0], nodes: nodes)
    }
}

/// One HCP, walked by hand: where it stands, since when, and what it did. No rows, no timers.
struct Walker {
    let definition: JourneyDefinition
    let hcp: String
    let consents: Bool
    var node: String?
    var since: Int64
    /// When somebody looked last: what ran out meanwhile happens when someone looks.
    var visits = 0
    var attributes: [String: String] = [:]
    var path: [String] = []
    var outcome: String?
    let entered: Int64
    private var hourAt: Int64?

    init(_ definition: JourneyDefinition, _ hcp: String, consents: Bool, at: Int64) {
        self.definition = definition
        self.hcp = hcp
        self.consents = consents
        node = definition.start
        since = at
        entered = at
        pass(at)
    }

    private mutating func go(_ target: String?, _ result: String, _ now: Int64) {
        path.append("\(node ?? "") \(result) \(now)")
        visits += 1
        since = now
        hourAt = nil
        node = target
        if target == nil && outcome == nil { outcome = "completed" }
    }

    private mutating func end(_ how: String, _ result: String, _ now: Int64) {
        outcome = how
        go(nil, result, now)
    }

    mutating func happen(_ event: JourneyEvent, at now: Int64) {
        guard let here = node else { return }
        for (key, value) in event.attributes { attributes[key] = value }
        if event.name == "goal" { return end("goal:goal", "event:goal", now) }
        if event.name == "exit" { return end("exit:exit", "event:exit", now) }
        guard case .waitEvent(let match, _, _)? = definition.nodes[here]?.action, match.name == event.name else {
            return
        }
        if match.key != nil, event.key == nil || event.key != attributes["ref"] { return }
        go(definition.nodes[here]?.next, "event:\(event.name)", now)
        pass(now)
    }

    mutating func pass(_ now: Int64) {
        while let here = node, let step = definition.nodes[here] {
            switch step.action {
            case .wait(let span):
                if since + Int64(span.seconds) * 1_000_000 > now { return }
                go(step.next, "timer", now)
            case .waitEvent(_, let span, let late):
                if since + Int64(span.seconds) * 1_000_000 > now { return }
                go(late, "timeout", now)
            case .bestHour(let span):
                let at = hourAt ?? min(since + Int64(span.seconds) * 1_000_000, now + 5 * hour)
                hourAt = at
                if at > now { return }
                go(step.next, "timer", now)
            case .random(let branches):
                let total = branches.map(\.weight).reduce(0, +)
                var point = JourneyDraw.unit("r", hcp, here, entered, visits) * total
                var chosen = branches.count - 1
                for (index, branch) in branches.enumerated() {
                    if point < branch.weight {
                        chosen = index
                        break
                    }
                    point -= branch.weight
                }
                go(branches[chosen].node, "branch:\(branches[chosen].node)", now)
            case .choose(let choices):
                let n = attributes["n"].flatMap(Double.init)
                let target = n.map { $0 >= 2 } == true ? choices[0].node : step.next
                go(target, "branch:\(target ?? "")", now)
            case .message(let message):
                if consents {
                    go(step.next, "claimed", now)
                } else {
                    go(message.refused ?? step.next, "refused:no_consent", now)
                }
            case .nextBestAction: return
            case .task: go(step.next, "task", now)
            case .goal(let name): end("goal:\(name)", "goal", now)
            case .exit(let name): end("exit:\(name)", "exit", now)
            }
        }
    }
}
