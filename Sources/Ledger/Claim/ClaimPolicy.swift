package import EngagementModel

/// The contact policy as a value: `strategy.yaml` and `markets/XX.yaml`, and what they leave to the claim.
///
/// `decide` is a pure function of a request and the facts of its transaction; it means what `Eligibility` means by the
/// same rules, at one moment instead of over the days of a plan. Safety and service pass over promotional opt-outs,
/// caps, gaps and hours, never over the claim.
package struct ClaimPolicy: Sendable {
    /// A cap or a gap over one HCP's touches, and which of them it counts.
    package struct ContactRule: Sendable, Hashable {
        package enum Limit: Sendable, Hashable {
            /// At most so many touches in any window of so many days.
            case cap(max: Int, window: Span)
            /// At least so many days from one touch to the next.
            case gap(Span)
        }
        package var name: String
        package var limit: Limit
        package var channels: Set<Channel>
        /// nil = every purpose. A touch of unknown purpose counts.
        package var purposes: Set<Purpose>?
        /// nil = every product, and touches without one.
        package var products: Set<String>?
        /// nil = every sender.
        package var senders: Set<String>?
        /// Counts only touches about the same product as the request (a rule by product, whichever it is).
        package var sameProduct: Bool
        /// Counts only touches of the same sender as the request's.
        package var sameSender: Bool
        /// Counts only touches with the same content as the request, whichever version of it.
        package var sameContent: Bool

        package init(
            name: String, limit: Limit, channels: Set<Channel> = Set(Channel.allCases), purposes: Set<Purpose>? = nil,
            products: Set<String>? = nil, senders: Set<String>? = nil, sameProduct: Bool = false,
            sameSender: Bool = false, sameContent: Bool = false
        ) {
            self.name = name
            self.limit = limit
            self.channels = channels
            self.purposes = purposes
            self.products = products
            self.senders = senders
            self.sameProduct = sameProduct
            self.sameSender = sameSender
            self.sameContent = sameContent
        }
    }

    /// The rules of one market, resolved against the strategy's.
    package struct MarketTerms: Sendable {
        package var code: String?
        package var consent: [Channel: Strategy.ConsentRule]
        package var rules: [ContactRule]
        package var quietHours: Strategy.QuietHours?
        package var holidays: Set<Day>
        /// Channels whose opt-in, captured by Rapport, counts only when it was confirmed or signed.
        package var doubleOptIn: Set<Channel>
        /// Legal bases on which an opt-in may be used, by purpose; a purpose that is not named accepts every basis.
        package var bases: [Purpose: Set<ConsentBasis>]
    }

    /// Terms by market code; the strategy's own under "".
    package var markets: [String: MarketTerms]
    /// Seconds by which the clock may be wrong: hours must be open that much before and after.
    package var clockTolerance: Int
    /// Channels without hours: nothing rings or lights up when they are used.
    package var unheardChannels: Set<Channel>
    package let zones: ZoneTable

    /// - Parameters:
    ///   - extraRules: rules by product, purpose or sender, beside the strategy's caps and gaps; for every market.
    package init(
        strategy: Strategy, markets: [Market] = [], extraRules: [ContactRule] = [],
        doubleOptIn: [String: Set<Channel>] = [:], bases: [String: [Purpose: Set<ConsentBasis>]] = [:],
        clockTolerance: Int = 300, unheardChannels: Set<Channel> = [], zones: ZoneTable = ZoneTable()
    ) {
        func terms(_ market: Market?) -> MarketTerms {
            let caps = (market?.caps ?? strategy.caps).map {
                ContactRule(name: $0.name, limit: .cap(max: $0.max, window: $0.window), channels: $0.channels)
            }
            let gaps = strategy.gaps.map {
                ContactRule(name: $0.name, limit: .gap($0.min), channels: $0.channels)
            }
            let again = ContactRule(repeats: strategy.repeats)
            return MarketTerms(
                code: market?.code, consent: strategy.consent.merging(market?.consent ?? [:]) { $1 },
                rules: caps + gaps + [again].compactMap { $0 } + extraRules,
                quietHours: market?.quietHours ?? strategy.quietHours,
                holidays: market?.holidays ?? [], doubleOptIn: doubleOptIn[market?.code ?? ""] ?? [],
                bases: bases[market?.code ?? ""] ?? [:])
        }
        self.markets = Dictionary(
            ([nil] + markets.map(Optional.some)).map { ($0?.code ?? "", terms($0)) }, uniquingKeysWith: { $1 })
        self.clockTolerance = clockTolerance
        self.unheardChannels = unheardChannels
        self.zones = zones
    }

    /// Days that the contact history must reach back and ahead.
    package var reachDays: Int {
        markets.values.flatMap(\.rules).map(\.days).max() ?? 1
    }

    package func terms(of recipient: Recipient) -> MarketTerms? {
        recipient.market.flatMap { markets[$0] } ?? markets[""]
    }

    /// Grants or refuses; the first rule that does not hold is the reason, in the order of `ClaimRefusal`.
    package func decide(_ request: ClaimRequest, _ facts: ClaimFacts) -> ClaimAnswer {
        guard let recipient = facts.recipient, let terms = terms(of: recipient),
            let zone = zones.zone(recipient.zone)
        else { return .refused(.unknownRecipient, retryAt: nil) }
        if recipient.isRestricted { return .refused(.dataRights, retryAt: nil) }
        let moments = Moments(request, facts, zone)
        if let reason = firewall(request, facts) { return .refused(reason, retryAt: nil) }
        let asks = request.key.campaign == ClaimKey.confirmations
        if facts.suppressions.contains(where: { $0 == .all || asks || !facts.frees(request) }) {
            return .refused(.suppressed, retryAt: nil)
        }
        let basis: ClaimBasis
        switch ConsentRules(terms: terms, facts: facts.consents, at: moments.latest).basis(for: request) {
        case .failure(let refused):
            // Who asks wants an answer; who has objected or opted out still gets none by this way.
            guard refused.isOnlyMissing, let inquiry = facts.answered(by: request) else {
                return .refused(refused.reason, retryAt: nil)
            }
            basis = .inquiry(inquiry)
        case .success(let found): basis = found
        }
        if let reason = reachability(request, recipient) ?? content(request, facts, recipient, moments)
            ?? sender(request, facts) ?? experiment(request, facts)
        {
            return .refused(reason, retryAt: nil)
        }
        let contact = ContactRules(policy: self, terms: terms, request: request, facts: facts, zone: zone)
        if let reason = contact.refusal(at: moments) {
            return .refused(reason, retryAt: contact.nextOpening(after: moments))
        }
        return .granted(basis)
    }

    // MARK: - Rules that time does not change

    /// Medical and promotional never mix, and the content's approval fixes the purpose, never the sender.
    private func firewall(_ request: ClaimRequest, _ facts: ClaimFacts) -> ClaimRefusal? {
        if let kind = facts.senderKind {
            let isMedical = kind == .msl
            if isMedical ? request.purpose == .promotional : request.purpose == .medical { return .purposeFirewall }
        }
        if let content = facts.content, content.purpose != request.purpose { return .purposeFirewall }
        return nil
    }

    private func reachability(_ request: ClaimRequest, _ recipient: Recipient) -> ClaimRefusal? {
        if request.channel.needsAddress && (request.address ?? "").allSatisfy(\.isWhitespace) { return .noAddress }
        // Vendor credentials are taken to be held: a rep who lacks them would not be aligned to the site.
        if request.channel == .inPerson && recipient.access == .noSee { return .noAccess }
        return nil
    }

    /// Approval, then expiry, country, language, audience.
    func content(
        _ request: ClaimRequest, _ facts: ClaimFacts, _ recipient: Recipient, _ moments: Moments
    ) -> ClaimRefusal? {
        guard let content = facts.content else {
            // A plain talk needs no content, nor does a service message; every other message is approved content.
            let isFree = request.contentID == nil && (request.channel.isHuman || request.purpose.skipsPromotionalPolicy)
            return isFree ? nil : .contentNotApproved
        }
        if content.state == .expired { return .contentExpired }
        let isApproved = content.state.isSendable && (content.approvedOn.map { $0 <= moments.first.day } ?? true)
        guard isApproved, content.channels.isEmpty || content.channels.contains(request.channel) else {
            return .contentNotApproved
        }
        if let last = content.expiresOn, last < moments.last.day { return .contentExpired }
        if !content.countries.isEmpty, !content.countries.contains(recipient.country ?? "") { return .contentCountry }
        if let wanted = content.language, let spoken = recipient.language, wanted != spoken { return .contentLanguage }
        // An unknown stakeholder passes; a clinical HCP is the rule.
        let suits = recipient.stakeholder.map { content.stakeholders.isEmpty || content.stakeholders.contains($0) }
        let isExpert = content.specialties.isEmpty || content.specialties.contains(recipient.specialty ?? "")
        return suits ?? true && isExpert ? nil : .contentAudience
    }

    private func sender(_ request: ClaimRequest, _ facts: ClaimFacts) -> ClaimRefusal? {
        guard request.sender != ClaimRequest.system else { return nil }
        guard let kind = facts.senderKind else { return .noSender }
        // Call centre and technicians answer whoever has the fault; territories are for those who promote.
        let isOnCall = (kind == .callCentre || kind == .technician) && request.purpose.skipsPromotionalPolicy
        return facts.isAligned || isOnCall ? nil : .outsideTerritory
    }

    /// Safety and service are no treatment: an experiment never withholds them.
    private func experiment(_ request: ClaimRequest, _ facts: ClaimFacts) -> ClaimRefusal? {
        guard !facts.frees(request) else { return nil }
        if facts.assignments.contains(where: \.isHoldout) { return .experimentHoldout }
        guard let arm = request.arm, !facts.assignments.isEmpty else { return nil }
        return facts.assignments.contains { $0.arm == arm } ? nil : .wrongArm
    }
}

extension ClaimPolicy.ContactRule {
    /// How long the same content stays away; nil without such a rule.
    package init?(repeats rule: Strategy.Gap?) {
        guard let rule else { return nil }
        self.init(name: rule.name, limit: .gap(rule.min), channels: rule.channels, sameContent: true)
    }

    /// A rule of so many hours counts in whole days, rounded up.
    package var days: Int {
        switch limit {
        case .cap(_, let window): max(1, window.days)
        case .gap(let span): span.days
        }
    }

    /// Whether the rule speaks about the request at all.
    package func governs(_ request: ClaimRequest) -> Bool {
        channels.contains(request.channel) && (purposes?.contains(request.purpose) ?? true)
            && (products.map { rule in request.productID.map(rule.contains) ?? false } ?? true)
            && (senders?.contains(request.sender) ?? true) && (!sameProduct || request.productID != nil)
            && (!sameContent || request.contentID != nil)
    }

    package func counts(_ touch: CountedTouch, for request: ClaimRequest) -> Bool {
        channels.contains(touch.channel)
            && (purposes.map { rule in touch.purpose.map(rule.contains) ?? true } ?? true)
            && (products.map { rule in touch.productID.map(rule.contains) ?? false } ?? true)
            && (senders.map { rule in touch.sender.map(rule.contains) ?? false } ?? true)
            && (!sameProduct || touch.productID == request.productID)
            && (!sameSender || touch.sender == request.sender)
            && (!sameContent || touch.contentID == request.contentID)
    }
}

extension Channel {
    /// Whether a message on the channel goes to an address of the HCP's.
    package var needsAddress: Bool {
        switch self {
        case .emailRep, .email, .webinar, .phone, .sms, .messaging, .mail: true
        case .inPerson, .video, .portal, .event, .ad: false
        }
    }
}
