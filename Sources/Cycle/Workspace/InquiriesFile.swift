internal import Definitions
internal import EngagementModel

/// Reads `inquiries.yaml`: who answers what HCPs ask, and how soon. Every part has a default; the file may be missing.
///
/// Keys: `routes [{kind, product, country, queue}]`, `fallback`, `levels {queue: {normal, high, low}}`, `cases`,
/// `safety {serious, other}`, `form {open, per_minute, per_address_hour}`. Medical kinds cannot be routed: they go to
/// medical.
enum InquiriesFile {
    static let name = "inquiries.yaml"

    static func read(_ yaml: YAMLReader) -> InquiryRules {
        var rules = InquiryRules()
        if yaml.has("routes") { rules.routes = yaml.mappings("routes").compactMap(route) }
        if let queue = yaml.choice("fallback", InquiryQueue.self) {
            if queue == .safety {
                yaml.report("fallback", "bad_value", "safety gets what carries a flag, not what nobody else wants")
            } else {
                rules.fallback = queue
            }
        }
        if let inner = yaml.mapping("levels") {
            for queue in InquiryQueue.allCases where inner.has(queue.rawValue) {
                guard let level = inner.mapping(queue.rawValue) else { continue }
                rules.levels[queue] = read(level, from: rules.levels[queue])
            }
            // Whatever else stands there is no queue.
            _ = InquiryQueue.allCases.map { inner.has($0.rawValue) }
            for key in inner.keys where InquiryQueue(rawValue: key) == nil {
                inner.report(
                    key, "unknown_value",
                    "is no queue", remedy: "use \(InquiryQueue.allCases.map(\.rawValue).joined(separator: ", "))")
            }
        }
        if let flag = yaml.flag("cases") { rules.opensCases = flag }
        if let inner = yaml.mapping("safety") {
            if let span = deadline(inner, "serious", most: 4) { rules.seriousSafety = span }
            if let span = deadline(inner, "other", most: 24) { rules.safety = span }
            inner.finish()
        }
        if let inner = yaml.mapping("form") {
            if let flag = inner.flag("open") { rules.form.isOpen = flag }
            if let number = inner.integer("per_minute", 1...10_000) { rules.form.perMinute = number }
            if let number = inner.integer("per_address_hour", 1...10_000) { rules.form.perAddressHour = number }
            inner.finish()
        }
        yaml.finish()
        return rules
    }

    private static func route(_ yaml: YAMLReader) -> InquiryRules.Route? {
        defer { yaml.finish() }
        var kinds: Set<InquiryKind>?
        if let words = yaml.strings("kind") {
            kinds = []
            for word in words {
                guard let kind = InquiryKind(rawValue: word) else {
                    let known = InquiryKind.allCases.filter { !$0.isMedical }.map(\.rawValue)
                    yaml.report(
                        "kind", "unknown_value", "`\(word)` is no kind of inquiry",
                        remedy: nearest(word, known).map { "did you mean `\($0)`?" }
                            ?? "use \(known.joined(separator: ", "))")
                    continue
                }
                guard !kind.isMedical else {
                    yaml.report(
                        "kind", "medical_firewall", "`\(word)` is medical and goes to medical",
                        remedy: "take it out of the route")
                    continue
                }
                kinds?.insert(kind)
            }
        }
        guard yaml.required("queue") != nil, let queue = yaml.choice("queue", InquiryQueue.self) else { return nil }
        guard queue != .safety else {
            yaml.report("queue", "bad_value", "safety gets what carries a flag, by no route")
            return nil
        }
        return InquiryRules.Route(
            kinds: kinds, products: yaml.strings("product").map(Set.init),
            countries: yaml.strings("country").map(Set.init), queue: queue)
    }

    private static func read(_ yaml: YAMLReader, from level: InquiryRules.ServiceLevel?) -> InquiryRules.ServiceLevel {
        let day = Span(seconds: 86_400)
        var level = level ?? InquiryRules.ServiceLevel(normal: day, high: day, low: day)
        func span(_ key: String) -> Span? {
            guard let span = yaml.span(key) else { return nil }
            guard (300...2_592_000).contains(span.seconds) else {
                yaml.report(key, "out_of_range", "expected 5m to 30d")
                return nil
            }
            return span
        }
        if let value = span("normal") { level.normal = value }
        if let value = span("high") { level.high = value }
        if let value = span("low") { level.low = value }
        yaml.finish()
        return level
    }

    /// A deadline may be shorter than the law's, never longer.
    private static func deadline(_ yaml: YAMLReader, _ key: String, most hours: Int) -> Span? {
        guard let span = yaml.span(key) else { return nil }
        guard (60...hours * 3600).contains(span.seconds) else {
            yaml.report(key, "out_of_range", "safety must have it within \(hours) h: expected 1m to \(hours)h")
            return nil
        }
        return span
    }
}
