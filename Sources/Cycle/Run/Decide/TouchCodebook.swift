internal import Decisioning
internal import EngagementModel
internal import Ledger

/// Numbers for the products, senders and contents of touches, shared by the rules and by what they judge.
struct TouchCodebook: Sendable {
    private var products = Interner()
    private var senders = Interner()
    private var contents = Interner()
    private(set) var rules: TouchRules
    /// The rules in words, in their order.
    let words: [String]

    /// - Parameter rules: those of the claim that look at more than the channel.
    init(_ rules: [ClaimPolicy.ContactRule]) {
        self.rules = TouchRules()
        words = rules.map(\.words)
        for rule in rules {
            let limit: TouchRule.Limit =
                switch rule.limit {
                case .cap(let max, _): .cap(max: max, days: Int32(rule.days))
                case .gap: .gap(days: Int32(rule.days))
                }
            let products = rule.products.map { Set($0.sorted().map { self.products.number(of: $0) }) }
            let senders = rule.senders.map { Set($0.sorted().map { self.senders.number(of: $0) }) }
            self.rules.rules.append(
                TouchRule(
                    limit: limit, channels: rule.channels.reduce(0) { $0 | 1 << UInt16($1.code) },
                    purposes: rule.purposes.map { $0.reduce(0) { $0 | 1 << UInt16($1.code) } }, products: products,
                    senders: senders, sameProduct: rule.sameProduct, sameSender: rule.sameSender,
                    sameContent: rule.sameContent))
        }
    }

    mutating func sender(_ id: String?) -> Int32 { senders.optional(id) }

    /// A touch that came later, in the numbers known; what nobody named before is none of them.
    func met(
        _ day: Day, _ channel: UInt8, _ purpose: UInt8?, product: String?, sender: String?, content: String?
    ) -> RuledTouch {
        func code(_ names: Interner, _ name: String?) -> Int32 {
            let known = names.known(name)
            return known < 0 && name != nil ? -2 : known
        }
        return RuledTouch(
            day: day.number, channel: channel, purpose: purpose ?? RuledTouch.unknown, product: code(products, product),
            sender: code(senders, sender), content: code(contents, content))
    }

    mutating func touch(
        _ day: Day, _ channel: UInt8, _ purpose: UInt8?, product: String?, sender: String?, content: String?
    ) -> RuledTouch {
        RuledTouch(
            day: day.number, channel: channel, purpose: purpose ?? RuledTouch.unknown,
            product: products.optional(product), sender: senders.optional(sender), content: contents.optional(content))
    }
}

extension Workspace {
    /// The rules of the claim that look at more than the channel: the same content again, and `contact.yaml`.
    var touchRules: [ClaimPolicy.ContactRule] {
        [ClaimPolicy.ContactRule(repeats: strategy.repeats)].compactMap { $0 } + contact.rules
    }
}
