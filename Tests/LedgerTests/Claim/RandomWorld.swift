import EngagementModel

@testable import Ledger

/// The rules of a random company.
struct RandomWorld {
    var random: Seeded
    let strategy: Strategy
    let markets: [Market]
    let rules: [ClaimPolicy.ContactRule]
    let doubleOptIn: [String: Set<Channel>]
    let tolerance: Int
    static let channels: [Channel] = [.email, .emailRep, .sms, .inPerson, .video]
    static let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]

    init(_ seed: UInt64) {
        var random = Seeded(seed &* 0x9E37_79B9)
        func some(_ channels: [Channel]) -> Set<Channel> {
            var chosen = Set(channels.filter { _ in Bool.random(using: &random) })
            if chosen.isEmpty { chosen = Set(channels) }
            return chosen
        }
        func consent() -> [Channel: Strategy.ConsentRule] {
            var rules: [Channel: Strategy.ConsentRule] = [:]
            for channel in Self.channels {
                let draw = Int.random(in: 0..<10, using: &random)
                if draw > 0 { rules[channel] = draw == 1 ? .denied : draw < 6 ? .optIn : .notOptedOut }
            }
            return rules
        }
        func caps() -> [Strategy.Cap] {
            (0..<Int.random(in: 0...2, using: &random)).map {
                .init(
                    channels: some(Self.channels), max: Int.random(in: 1...3, using: &random),
                    window: Span(seconds: Int.random(in: 1...240, using: &random) * 3600), name: "cap \($0)")
            }
        }
        var strategy = Strategy()
        strategy.consent = consent()
        strategy.caps = caps()
        strategy.gaps = (0..<Int.random(in: 0...2, using: &random)).map {
            .init(
                channels: some(Self.channels), min: Span(seconds: Int.random(in: 1...96, using: &random) * 3600),
                name: "gap \($0)")
        }
        strategy.quietHours =
            [
                nil, .init(startMinute: 1260, endMinute: 480), .init(startMinute: 720, endMinute: 810),
                .init(startMinute: 1290, endMinute: 150),
            ].randomElement(using: &random) ?? nil
        self.strategy = strategy
        var market = Market(code: "M")
        if Bool.random(using: &random) { market.consent = consent() }
        if Bool.random(using: &random) { market.caps = caps() }
        if Bool.random(using: &random) { market.quietHours = .init(startMinute: 1200, endMinute: 420) }
        for _ in 0..<60 { market.holidays.insert(monday + Int.random(in: 0..<1250, using: &random)) }
        markets = [market]
        var rules: [ClaimPolicy.ContactRule] = []
        if Bool.random(using: &random) {
            rules.append(
                .init(name: "product", limit: .cap(max: 1, window: Span(seconds: 5 * 86_400)), sameProduct: true))
        }
        if Bool.random(using: &random) {
            rules.append(.init(name: "sender", limit: .gap(Span(seconds: 2 * 86_400)), sameSender: true))
        }
        if Bool.random(using: &random) {
            rules.append(
                .init(
                    name: "promotional", limit: .cap(max: 2, window: Span(seconds: 14 * 86_400)),
                    purposes: [.promotional]))
        }
        if Bool.random(using: &random) {
            rules.append(
                .init(
                    name: "P1 by the system", limit: .gap(Span(seconds: 3 * 86_400)), products: ["P1"],
                    senders: ["system"]))
        }
        self.rules = rules
        doubleOptIn = Bool.random(using: &random) ? ["M": [.email]] : ["": [.email, .sms]]
        tolerance = Bool.random(using: &random) ? 0 : 300
        self.random = random
    }

    var policy: ClaimPolicy {
        ClaimPolicy(
            strategy: strategy, markets: markets, extraRules: rules, doubleOptIn: doubleOptIn,
            clockTolerance: tolerance)
    }

    /// Histories follow each other over three and a half years, so that they meet every change of summer time; none is
    /// longer than 25 days.
    func start(_ index: Int) -> Int64 { mondayMorning + Int64(index) * 25 * 24 * hour }

    mutating func draw(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
    mutating func pick<T>(_ list: [T]) -> T { list[draw(0..<list.count)] }
    mutating func chance(_ percent: Int) -> Bool { draw(0..<100) < percent }
}
