import EngagementModel
import Foundation
import TestSupport
import Testing
import Warehouse

@testable import Cycle
@testable import Decisioning

/// No content twice: which one each touch takes, what the planner is told of it, and what a published plan holds.
@Suite struct ContentChoiceTests {
    /// Two products by e-mail, three contents; `shared` may also be sent by the rep.
    private static func catalogue(sharesContent: Bool = true) -> OfferCatalogue {
        var strategy = Strategy()
        strategy.objectives = ["P1", "P2"].map {
            Strategy.Objective(product: $0, measure: "prescriptions", valuePerUnit: 10, lever: 1)
        }
        strategy.channels = [
            .email: Strategy.ChannelTerms(minutes: 0, cost: 1, sender: .system),
            .emailRep: Strategy.ChannelTerms(minutes: 4, cost: 3, sender: .rep),
        ]
        var shelf = ContentShelf()
        for (id, product, channels) in [
            ("A", "P1", [.email, .emailRep] as Set<Channel>), ("B", "P1", [.email]), ("C", "P2", [.email]),
        ] {
            shelf.items.append(
                ContentShelf.Item(
                    id: id, version: "1", product: product, purpose: .promotional,
                    channels: sharesContent ? channels : channels.count == 2 ? [.emailRep] : channels, countries: [],
                    state: .approvedForDistribution))
        }
        return OfferCatalogue(strategy: strategy, shelf: shelf, products: Interner(["P1", "P2"]))
    }

    private static let rule = Strategy.Gap(
        channels: [.email, .emailRep], min: Span(seconds: 3 * 86_400), name: "repeats")
    private static let days = (1...5).map { Day(year: 2026, month: 6, day: $0) }

    private static func offer(_ catalogue: OfferCatalogue, _ channel: Channel, _ product: String) throws -> Int {
        try #require(
            catalogue.offers.firstIndex { $0.channel == channel && $0.objective.product == product })
    }

    /// One HCP's contents: worth 5 (A), 4 (B) and 3 (C).
    private static func table(_ catalogue: OfferCatalogue, endsAfter: [String: Int] = [:]) -> CandidateTable {
        var table = CandidateTable(hcps: 1, offers: catalogue.offers.count)
        var options = ContentOptions(rule)
        options.add(
            catalogue.variants.indices.compactMap { number in
                let variant = catalogue.variants[number]
                guard let content = variant.content else { return nil }
                let value = Float(5 - content)
                var row = ContentOptions.Row(
                    hcp: 0, offer: Int32(variant.offer), rank: 0, variant: Int32(number), days: .max)
                row.value = value
                if let last = endsAfter[["A", "B", "C"][content]] { row.days = DayMask.first(last) }
                return (row, content, value)
            })
        table.choose(among: options, catalogue)
        return table
    }

    @Test func `touches take the best content that is left, on both channels together`() throws {
        let catalogue = Self.catalogue()
        let table = Self.table(catalogue)
        let (byMail, byRep) = (
            try Self.offer(catalogue, .email, "P1"), try Self.offer(catalogue, .emailRep, "P1")
        )
        var left: [Int] = []
        // Day 0 takes A, day 1 B, day 2 finds none; A may come again three days after the first.
        let plan = [byMail, byMail, byRep, byRep, byMail]
        let touches = table.touches(of: 0, days: Self.days, left: { left.append($0) }) { plan[$0] }
        #expect(touches.map(\.position) == [0, 1, 3, 4] && left == [2])
        #expect(touches.map { catalogue.variants[$0.variant].content } == [0, 1, 0, 1])
        #expect(touches.map(\.value) == [5, 4, 5, 4])
    }

    @Test func `an offer without known contents has the one that stands for it, once`() throws {
        let catalogue = Self.catalogue()
        var table = CandidateTable(hcps: 1, offers: catalogue.offers.count)
        table.choose(among: ContentOptions(Self.rule), catalogue)
        let byMail = try Self.offer(catalogue, .email, "P1")
        table.variant[byMail] = Int32(catalogue.variantRange[byMail].lowerBound)
        var left: [Int] = []
        let touches = table.touches(of: 0, days: Self.days, left: { left.append($0) }) { _ in byMail }
        #expect(touches.map(\.position) == [0, 3] && left == [1, 2, 4])
        #expect(touches.allSatisfy { $0.variant == Int(table.variant[byMail]) })
    }

    /// However many contents one product has, what is planned of another finds some.
    @Test func `every offer keeps its best contents`() {
        var options = ContentOptions(Self.rule)
        options.add(
            (0..<900).map { content in
                let offer = content < 890 ? 0 : 1
                var row = ContentOptions.Row(
                    hcp: 3, offer: Int32(offer), rank: 0, variant: Int32(content), days: .max)
                row.value = Float(900 - content)
                return (row, content, row.value)
            })
        let kept = options.of(3)
        #expect(options.of(2).isEmpty && options.of(4).isEmpty)
        #expect(kept.filter { $0.offer == 0 }.map(\.variant) == Array(0..<20))
        #expect(kept.filter { $0.offer == 1 }.map(\.variant) == Array(890..<896))
        #expect(kept.map(\.rank) == kept.map { Int16($0.variant) })
    }

    @Test func `a content is not used after its approval or consent ends`() throws {
        let catalogue = Self.catalogue()
        let table = Self.table(catalogue, endsAfter: ["A": 1])
        let byMail = try Self.offer(catalogue, .email, "P1")
        let touches = table.touches(of: 0, days: Self.days) { $0 == 1 ? byMail : nil }
        #expect(touches.map { catalogue.variants[$0.variant].content } == [1])
    }

    @Test func `the planner hears what offers are worth after earlier touches`() throws {
        let catalogue = Self.catalogue()
        let classes = ContactClasses(caps: [], gaps: [], apart: [[.email], [.emailRep]])
        let options = try #require(Self.table(catalogue).options)
        let repeats = try #require(options.repeats(catalogue, hcps: 2, classes: classes, days: 5, touches: 9, most: 9))
        let columns = try [(Channel.email, "P1"), (.email, "P2"), (.emailRep, "P1")].map {
            try #require(repeats.actions.firstIndex(of: try Self.offer(catalogue, $0.0, $0.1)))
        }
        // A is shared, so that both channels count: after one touch A is gone, after two B, after three all.
        #expect(repeats.depth == 3 && repeats.windowDays == 3 && repeats.actions.count == 3)
        let rows = (0..<3).map { level in columns.map { repeats.later[level * 3 + $0] } }
        #expect(rows[0] == [4, 3, -.infinity])
        #expect(rows[1] == [-.infinity, 3, -.infinity])
        #expect(rows[2] == [-.infinity, -.infinity, -.infinity])
        // Who has no contents has no later touch.
        #expect(repeats.later[9...].allSatisfy { $0 == -.infinity })
        #expect(options.repeats(catalogue, hcps: 1, classes: classes, days: 5, touches: 2, most: 9)?.depth == 1)
        #expect(options.repeats(catalogue, hcps: 1, classes: classes, days: 5, touches: 9, most: 3)?.depth == 2)

        // A content that ends within the horizon is no promise for later days.
        let ending = try #require(Self.table(catalogue, endsAfter: ["B": 2]).options)
        let fewer = try #require(ending.repeats(catalogue, hcps: 1, classes: classes, days: 5, touches: 9, most: 9))
        #expect(fewer.depth == 2 && columns.map { fewer.later[$0] } == [-.infinity, 3, -.infinity])
    }

    @Test func `channels without a content in common are counted apart`() throws {
        let catalogue = Self.catalogue(sharesContent: false)
        let classes = ContactClasses(caps: [], gaps: [], apart: [[.email], [.emailRep]])
        let options = try #require(Self.table(catalogue).options)
        let repeats = try #require(options.repeats(catalogue, hcps: 1, classes: classes, days: 5, touches: 9, most: 9))
        // What the system sends is told apart: B and C; the rep's A does not use them up.
        #expect(repeats.actions.allSatisfy { catalogue.offers[$0].channel == .email })
        #expect(repeats.depth == 2 && repeats.later == [-.infinity, 3, -.infinity, -.infinity])
    }

    @Test func `a published plan holds no content twice and is reproduced`() async throws {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        let asOf = Day(year: 2026, month: 6, day: 1)
        let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 3, seed: 9, endingOn: asOf)
        let workspace = try #require(Workspace.read(at: root).workspace)
        let rule = try #require(workspace.strategy.repeats)
        try await EngagementTests.approve(workspace, clock)
        let summary = try await CycleRun(workspace: workspace, request: RunRequest(asOf: asOf), now: clock).perform()

        let book = try DecisionBook(workspace: workspace, now: clock)
        let messages = try await book.decisions(DecisionFilter()).filter { decision in
            decision.channel.map(rule.channels.contains) ?? false
        }
        var days: [String: [Day]] = [:]
        for message in messages {
            days["\(message.hcpID) \(message.contentID ?? "")", default: []].append(try #require(message.day))
        }
        for (_, sent) in days {
            for (a, b) in zip(sent.sorted(), sent.sorted().dropFirst()) { #expect(b - a >= rule.min.days) }
        }
        // Somebody is sent several, so that the rule has something to hold.
        #expect(messages.count > 100 + Set(messages.map(\.hcpID)).count)
        // What the planner's states cannot tell is little.
        #expect((summary.plan.lapsed ?? 0) * 20 < summary.plan.touches, "\(summary.plan.lapsed ?? 0) fell away")
        let replayed = try await book.replayRun(nil)
        #expect(replayed.isExact, "\(replayed.rendered())")
    }
}
