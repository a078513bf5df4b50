import EngagementModel

extension ClaimPolicy.ContactRule {
    /// The rule as a person reads it: `at most 1 in 30 days about the same product`.
    package var words: String {
        let limit =
            switch limit {
            case .cap(let max, _): "at most \(max) in \(Self.plural(days))"
            case .gap where sameContent: "\(Self.plural(days)) before the same content again"
            case .gap: "\(Self.plural(days)) between two touches"
            }
        var words = limit
        if channels.count < Channel.allCases.count {
            words += " by " + Channel.allCases.filter(channels.contains).map { $0.title.lowercased() }.list
        }
        if let purposes { words += ", " + purposes.map(\.rawValue).sorted().list }
        if let products { words += ", about " + products.sorted().list }
        if let senders { words += ", from " + senders.sorted().list }
        if sameProduct { words += ", about the same product" }
        if sameSender { words += ", from the same sender" }
        return words
    }

    private static func plural(_ days: Int) -> String { days == 1 ? "1 day" : "\(days) days" }
}

extension [String] {
    fileprivate var list: String { joined(separator: ", ") }
}
