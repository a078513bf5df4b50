import EngagementModel
import Ledger
import Statistics
import TestSupport
import Testing

@testable import Cycle
@testable import Decisioning

/// Rules by product, purpose, sender and content: what planning keeps off is what the claim would refuse.
@Suite struct TouchRuleTests {
    private static let monday = Day(year: 2026, month: 1, day: 5)
    private static let channels: [Channel] = [.email, .emailRep, .sms, .inPerson, .phone]

    /// Random rules, and touches about few products, senders and contents, so that they meet often.
    private struct World {
        var random: SeededGenerator
        let rules: [ClaimPolicy.ContactRule]
        let policy: ClaimPolicy

        init(_ seed: UInt64) {
            var random = SeededGenerator(seed: seed)
            func draw(_ bound: UInt64) -> Int { Int(random.next() % bound) }
            func some<T: Hashable>(_ list: [T]) -> Set<T> {
                let chosen = Set(list.filter { _ in draw(2) == 0 })
                return chosen.isEmpty ? Set(list) : chosen
            }
            rules = (0..<(1 + draw(4))).map { number in
                ClaimPolicy.ContactRule(
                    name: "\(number)",
                    limit: draw(2) == 0
                        ? .cap(max: draw(8) == 0 ? 0 : 1 + draw(3), window: Span(seconds: (1 + draw(12)) * 86_400))
                        : .gap(Span(seconds: (1 + draw(9)) * 86_400)),
                    channels: some(channels), purposes: draw(3) == 0 ? some([.promotional, .educational]) : nil,
                    products: draw(3) == 0 ? some(["P1", "P2", "P9"]) : nil,
                    senders: draw(4) == 0 ? some(["system", "R1"]) : nil, sameProduct: draw(3) == 0,
                    sameSender: draw(4) == 0, sameContent: draw(4) == 0)
            }
            var strategy = Strategy()
            strategy.consent = Dictionary(channels.map { ($0, .notOptedOut) }, uniquingKeysWith: { $1 })
            (strategy.caps, strategy.gaps, strategy.repeats, strategy.quietHours) = ([], [], nil, nil)
            policy = ClaimPolicy(strategy: strategy, extraRules: rules, clockTolerance: 0)
            self.random = random
        }

        mutating func draw(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
        mutating func pick<T>(_ list: [T]) -> T { list[draw(list.count)] }

        /// - Parameter isPast: what others sent may lack purpose, product, sender and content.
        mutating func touch(_ days: Range<Int>, isPast: Bool) -> CountedTouch {
            let channel = pick(channels)
            let day = monday + (days.lowerBound + draw(days.count))
            return CountedTouch(
                day: day, at: Int64(day.number) * 86_400_000_000 + 43_200_000_000, channel: channel,
                purpose: isPast && draw(4) == 0 ? nil : pick([.promotional, .educational]),
                productID: isPast && draw(4) == 0 ? nil : pick(["P1", "P2", isPast ? "P9" : "P3"]),
                sender: isPast && draw(4) == 0 ? nil : pick(["system", "R1", isPast ? "R7" : "R2"]),
                contentID: (isPast || channel.isHuman) && draw(3) == 0 ? nil : pick(["a", "b", "c"]))
        }

        /// The claim's word on a touch at its time, when `others` are on file.
        func answer(_ touch: CountedTouch, _ others: [CountedTouch]) -> ClaimAnswer {
            var facts = ClaimFacts(now: touch.at, recipient: Recipient(hcpID: "h", zone: "UTC"))
            facts.touches = others
            facts.senderKind = touch.sender == "system" ? nil : .field
            facts.isAligned = true
            facts.content = touch.contentID.map {
                ContentApproval(
                    contentID: $0, version: "1", purpose: touch.purpose ?? .promotional, state: .approvedForDistribution
                )
            }
            return policy.decide(
                ClaimRequest(
                    key: ClaimKey(campaign: "c", step: "s"), hcpID: "h", channel: touch.channel,
                    address: "x@example.org",
                    purpose: touch.purpose ?? .promotional, productID: touch.productID, contentID: touch.contentID,
                    contentVersion: "1", sender: touch.sender ?? "system"), facts)
        }
    }

    private static func coded(_ touch: CountedTouch, _ book: inout TouchCodebook) -> RuledTouch {
        book.touch(
            touch.day, touch.channel.code, touch.purpose?.code, product: touch.productID, sender: touch.sender,
            content: touch.contentID)
    }

    /// Day by day the numbers say what the claim says, and the free days of a candidate are those days.
    @Test func theNumbersSayWhatTheClaimSays() {
        var (refused, granted) = (0, 0)
        for seed in 0..<1500 {
            var world = World(UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
            var book = TouchCodebook(world.rules)
            let past = (0..<world.draw(9)).map { _ in world.touch(-12..<9, isPast: true) }
            let history = past.map { Self.coded($0, &book) }
            var wish = world.touch(0..<1, isPast: false)
            let code = Self.coded(wish, &book)
            let days = (0..<8).map { Self.monday.number + Int32($0) }
            var near: [Int32] = []
            let free = book.rules.freeDays(code, beside: history[...], days: days, near: &near)
            for (position, day) in days.enumerated() {
                wish.day = Day(number: day)
                wish.at = Int64(day) * 86_400_000_000 + 43_200_000_000
                var asked = code
                asked.day = day
                let answer = world.answer(wish, past).refusal
                let broken = book.rules.broken(by: asked, beside: history)
                #expect(
                    (answer == nil) == (broken == nil), "seed \(seed), day \(position): \(String(describing: answer))")
                #expect((answer == nil) == (free.days >> DayMask(position) & 1 == 1), "seed \(seed), day \(position)")
                if answer == .gapTooShort { #expect(broken.map { book.rules.rules[$0].refusal } == .gapTooShort) }
                if answer == nil { granted += 1 } else { refused += 1 }
            }
            #expect((free.rule < 0) == (free.days == .first(days.count)))
        }
        #expect(refused > 1500 && granted > 1500, "\(refused) \(granted)")
    }

    /// What stays of a plan is granted by the claim, touch after touch; what went could not have stayed beside it.
    @Test func whatStaysOfAPlanIsGranted() {
        var (kept, dropped) = (0, 0)
        for seed in 0..<1500 {
            var world = World(UInt64(seed) &* 0xD1B5_4A32_D192_ED03 | 1)
            var book = TouchCodebook(world.rules)
            let past = (0..<world.draw(6)).map { _ in world.touch(-12..<0, isPast: true) }
            let history = past.map { Self.coded($0, &book) }
            let planned = (0..<(1 + world.draw(7))).map { _ in world.touch(0..<12, isPast: false) }.sorted {
                $0.day < $1.day
            }
            let codes = planned.map { Self.coded($0, &book) }
            let worth = planned.map { _ in Double(world.draw(5)) }
            let rules = book.rules.crowded(Array(zip(codes, worth)), beside: history[...])
            var made = past
            for (place, touch) in planned.enumerated() {
                if let rule = rules[place] {
                    dropped += 1
                    #expect(rule < world.rules.count)
                    let others =
                        history
                        + codes.indices.filter { rules[$0] == nil && worth[$0] >= worth[place] }
                        .map { codes[$0] }
                    #expect(book.rules.broken(by: codes[place], beside: others) != nil, "seed \(seed)")
                } else {
                    kept += 1
                    #expect(world.answer(touch, made).refusal == nil, "seed \(seed), touch \(place)")
                    made.append(touch)
                }
            }
        }
        #expect(kept > 1000 && dropped > 1000, "\(kept) \(dropped)")
    }
}
