/// Who gets an inquiry, and until when: `inquiries.yaml` as a value.
///
/// The default needs no file. What is medical goes to medical, whatever the file says; a doubt does so too, because a
/// promotional sender must never answer a medical question, and a medical colleague can always hand one back.
public struct InquiryRules: Sendable, Hashable {
    /// One line of routing: what it names must hold.
    public struct Route: Sendable, Hashable {
        /// nil = whatever is asked.
        public var kinds: Set<InquiryKind>?
        public var products: Set<String>?
        /// Of the HCP.
        public var countries: Set<String>?
        public var queue: InquiryQueue

        public init(
            kinds: Set<InquiryKind>? = nil, products: Set<String>? = nil, countries: Set<String>? = nil,
            queue: InquiryQueue
        ) {
            self.kinds = kinds
            self.products = products
            self.countries = countries
            self.queue = queue
        }
    }

    /// How soon a queue answers, by urgency; hours of the clock.
    public struct ServiceLevel: Sendable, Hashable {
        public var normal: Span
        public var high: Span
        public var low: Span

        public init(normal: Span, high: Span, low: Span) {
            self.normal = normal
            self.high = high
            self.low = low
        }

        public subscript(_ urgency: InquiryUrgency) -> Span {
            switch urgency {
            case .low: low
            case .normal: normal
            case .high: high
            }
        }
    }

    /// The public form for whoever has no link.
    public struct Form: Sendable, Hashable {
        public var isOpen = true
        /// Messages a minute, of all, and an hour, of one address of the network.
        public var perMinute = 30
        public var perAddressHour = 10
        public init() {}
    }

    /// Asked in order, after what is medical and after device complaints; the first that holds decides.
    public var routes: [Route] = [
        Route(kinds: [.price, .order, .coverage, .delivery], queue: .insideSales),
        Route(kinds: [.technical], queue: .service),
        Route(kinds: [.training, .contactWish, .praise], queue: .rep),
    ]
    /// Who gets what no route names.
    public var fallback: InquiryQueue = .medical
    public var levels: [InquiryQueue: ServiceLevel] = [
        .medical: hours(24, 8, 72), .insideSales: hours(8, 2, 24), .service: hours(8, 2, 24),
        .safety: hours(24, 4, 24), .rep: hours(48, 24, 72),
    ]
    /// Whether a fault that reaches service opens a case.
    public var opensCases = true
    /// When safety must have what it must have, at the latest: the law allows a day.
    public var safety = Span(seconds: 24 * 3600)
    public var seriousSafety = Span(seconds: 4 * 3600)
    public var form = Form()

    public init() {}

    private static func hours(_ normal: Int, _ high: Int, _ low: Int) -> ServiceLevel {
        ServiceLevel(
            normal: Span(seconds: normal * 3600), high: Span(seconds: high * 3600), low: Span(seconds: low * 3600))
    }

    /// What the ledger knows beside the text.
    public struct Facts: Sendable, Hashable {
        public var productID: String?
        public var country: String?
        /// Whether somebody of the field is in charge of the HCP.
        public var hasRep: Bool

        public init(productID: String? = nil, country: String? = nil, hasRep: Bool = false) {
            self.productID = productID
            self.country = country
            self.hasRep = hasRep
        }
    }

    /// What was decided, and by which rule.
    public struct Decision: Sendable, Hashable {
        public var queue: InquiryQueue
        public var isMedical: Bool
        public var due: Span
        public var opensCase: Bool
        /// `medical`, `device_complaint`, `asked:order`, `route:2`, `fallback`.
        public var rule: String
    }

    /// Pure: the same message, rules and facts give the same queue and deadline.
    public func decide(_ finding: InquiryFinding, asked: InquiryAsk? = nil, _ facts: Facts = Facts()) -> Decision {
        let isMedical =
            finding.isMedical || finding.kind.isMedical || asked == .medical
            || finding.safety.contains { $0.kind != .deviceComplaint }
        var (queue, rule) = place(finding, asked, facts, isMedical: isMedical)
        // Nobody in charge: the desk that is always there.
        if queue == .rep && !facts.hasRep { (queue, rule) = (.insideSales, "no_rep") }
        let isFault = queue == .service || finding.safety.contains { $0.kind == .deviceComplaint }
        return Decision(
            queue: queue, isMedical: isMedical || (rule == "fallback" && queue == .medical),
            due: due(queue, finding.urgency),
            opensCase: opensCases && isFault, rule: rule)
    }

    /// Until when safety must have what was reported: counted from the moment that it came in, for each flag by itself.
    public func due(_ flag: InquiryFinding.Safety) -> Span { flag.isSerious ? seriousSafety : safety }

    public func due(_ queue: InquiryQueue, _ urgency: InquiryUrgency) -> Span {
        levels[queue]?[urgency] ?? Span(seconds: 24 * 3600)
    }

    private func place(_ finding: InquiryFinding, _ asked: InquiryAsk?, _ facts: Facts, isMedical: Bool)
        -> (InquiryQueue, String)
    {
        if isMedical { return (.medical, "medical") }
        if !finding.safety.isEmpty { return (.service, "device_complaint") }
        // Where the text says nothing, its author's word counts.
        if finding.kind == .other, let asked {
            switch asked {
            case .order: return (.insideSales, "asked:order")
            case .fault: return (.service, "asked:fault")
            case .visit: return (.rep, "asked:visit")
            case .medical, .other: break
            }
        }
        for (index, route) in routes.enumerated()
        where route.kinds?.contains(finding.kind) ?? true
            && route.products.map({ rule in facts.productID.map(rule.contains) ?? false }) ?? true
            && route.countries.map({ rule in facts.country.map(rule.contains) ?? false }) ?? true
        {
            return (route.queue, "route:\(index + 1)")
        }
        return (fallback, "fallback")
    }
}
