internal import Definitions
package import EngagementModel
package import Ledger

/// What the contact policy says beyond strategy and markets; held by the claim, whoever sends.
package struct ContactTerms: Sendable, Hashable {
    /// Caps and gaps by product, purpose or sender, for every market.
    package var rules: [ClaimPolicy.ContactRule] = []
    /// By market; "" = of nobody's market.
    package var doubleOptIn: [String: Set<Channel>] = [:]
    package var bases: [String: [Purpose: Set<ConsentBasis>]] = [:]
    /// Whether Rapport itself asks for the second yes, by mail.
    package var asksByMail = true
    package init() {}
}

/// Reads `contact.yaml`. Every part may be missing, and so may the file.
///
/// Keys: `rules [{max, window | min, channels, purpose, product, sender, each: product | sender}]`,
/// `double_opt_in {all | MARKET: [channel]}`, `bases {all | MARKET: {purpose: [basis]}}`,
/// `confirmation_mail` (true; false = another system asks).
enum ContactFile {
    static let name = "contact.yaml"
    /// The key for every market.
    private static let every = "all"

    /// - Parameter markets: codes of `markets/`.
    static func read(_ yaml: YAMLReader, markets: [String]) -> ContactTerms {
        var terms = ContactTerms()
        if yaml.has("rules") { terms.rules = yaml.mappings("rules").compactMap(rule) }
        if let inner = yaml.mapping("double_opt_in") {
            let found = scopes(inner, markets) { key in StrategyFile.group(inner, key) }
            terms.doubleOptIn = spread(found, markets) { all, own in all.union(own) }
        }
        if let inner = yaml.mapping("bases") {
            let found = scopes(inner, markets) { key in inner.mapping(key).map(bases) }
            terms.bases = spread(found, markets) { all, own in all.merging(own) { _, own in own } }
        }
        if yaml.has("confirmation_mail") { terms.asksByMail = yaml.flag("confirmation_mail") ?? true }
        yaml.finish()
        return terms
    }

    private static func rule(_ yaml: YAMLReader) -> ClaimPolicy.ContactRule? {
        defer { yaml.finish() }
        let channels = StrategyFile.group(yaml, "channels") ?? Set(Channel.allCases)
        let (max, window, gap) = (yaml.integer("max", 0...1000), yaml.span("window"), yaml.span("min"))
        let purposes = list(yaml, "purpose", Purpose.self)
        let (products, senders) = (yaml.strings("product").map(Set.init), yaml.strings("sender").map(Set.init))
        let each = yaml.string("each")
        if let each, !["product", "sender"].contains(each) {
            yaml.report("each", "unknown_value", "`\(each)` is none of product, sender")
        }
        var about: [String] = []
        if let purposes { about.append(purposes.map(\.rawValue).sorted().joined(separator: ", ")) }
        if let products { about.append(products.sorted().joined(separator: ", ")) }
        if let senders { about.append(senders.sorted().joined(separator: ", ")) }
        if let each { about.append("the same \(each)") }
        let scope = about.isEmpty ? "" : " (\(about.joined(separator: "; ")))"
        let limit: ClaimPolicy.ContactRule.Limit
        let name: String
        if let max, let window, gap == nil {
            limit = .cap(max: max, window: window)
            name = "\(max) in \(window)\(scope)"
        } else if let gap, max == nil, window == nil {
            limit = .gap(gap)
            name = "\(gap) between\(scope)"
        } else {
            yaml.report(
                yaml.has("max") ? "window" : "min", "missing_key", "a rule is a cap (max, window) or a gap (min)")
            return nil
        }
        return ClaimPolicy.ContactRule(
            name: name, limit: limit, channels: channels, purposes: purposes, products: products, senders: senders,
            sameProduct: each == "product", sameSender: each == "sender")
    }

    private static func bases(_ yaml: YAMLReader) -> [Purpose: Set<ConsentBasis>] {
        var result: [Purpose: Set<ConsentBasis>] = [:]
        for key in yaml.keys {
            guard let purpose = Purpose(rawValue: key) else {
                yaml.report(
                    key, "unknown_value", "is no purpose",
                    remedy: "use \(Purpose.allCases.map(\.rawValue).joined(separator: ", "))")
                continue
            }
            result[purpose] = list(yaml, key, ConsentBasis.self)
        }
        return result
    }

    private static func list<List: ClosedList>(_ yaml: YAMLReader, _ key: String, _ type: List.Type) -> Set<List>? {
        guard let words = yaml.strings(key) else { return nil }
        let known = List.allCases.map(\.rawValue)
        return Set(
            words.compactMap { word in
                if let value = List(rawValue: word) { return value }
                yaml.report(
                    key, "unknown_value", "`\(word)` is not known",
                    remedy: nearest(word, known).map { "did you mean `\($0)`?" }
                        ?? "use \(known.joined(separator: ", "))")
                return nil
            })
    }

    private static func scopes<Value>(
        _ yaml: YAMLReader, _ markets: [String], _ read: (String) -> Value?
    ) -> [String: Value] {
        var result: [String: Value] = [:]
        for key in yaml.keys {
            guard key == every || markets.contains(key) else {
                yaml.report(
                    key, "unknown_value", "is no market", remedy: "use all, or a market of markets/: \(key).yaml")
                continue
            }
            result[key] = read(key)
        }
        return result
    }

    /// What holds for all holds in each market, and where there is none.
    private static func spread<Value>(
        _ found: [String: Value], _ markets: [String], _ both: (Value, Value) -> Value
    ) -> [String: Value] {
        var result: [String: Value] = [:]
        for market in [""] + markets {
            switch (found[every], found[market]) {
            case (let all?, let own?): result[market] = both(all, own)
            case (let one?, nil), (nil, let one?): result[market] = one
            case (nil, nil): break
            }
        }
        return result
    }
}
