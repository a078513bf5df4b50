package import Content
package import EngagementModel
package import Ledger
package import Logging

/// How the server listens and where its parts lie.
package struct ServerOptions: Sendable {
    package var host = "127.0.0.1"
    /// 0 = any free port.
    package var port = 8080
    /// Folder of `warehouse/current` and the ledger: the workspace's `state/`.
    package var stateDirectory: String
    /// Folder that `script/setup` fills: DuckDB and htmx; nil = pages do without htmx, DuckDB is searched for.
    package var nativeDirectory: String?
    /// True behind TLS: cookies are then sent over https only.
    package var isSecure = false
    /// Connections to a snapshot; each answers one query at a time.
    package var readers = 3
    /// Seconds that requests get to finish after SIGTERM.
    package var drainSeconds = 30
    /// Seconds between looks for a newer snapshot.
    package var watchSeconds = 1.0
    package var sessionHours = 12
    package var eventLimits = EventLimits()
    /// Limits of single sources, by the name of the key.
    package var sourceLimits: [String: EventLimits] = [:]
    /// Seconds without a byte after which a connection is closed.
    package var idleSeconds = 60

    package init(stateDirectory: String) { self.stateDirectory = stateDirectory }
}

/// What the pages need from the rest of the product.
package struct ServerContext: Sendable {
    /// ISO 4217.
    package var currency = "EUR"
    package var strategy: Strategy
    /// Caps and gaps by product, purpose and sender, for every market.
    package var contactRules: [ClaimPolicy.ContactRule] = []
    /// What single countries change, by code.
    package var markets: [String: Market] = [:]
    /// The company's name, as consents are given to it.
    package var company = "Rapport"
    /// Channels whose opt-in needs a second yes or a signature, by market ("" = everywhere else).
    package var doubleOptIn: [String: Set<Channel>] = [:]
    package var ledger: Ledger
    /// Microseconds since 1970, UTC.
    package var now: @Sendable () -> Int64
    /// Recomputes the plan with a change; nil hides the form.
    package var whatIf: WhatIf?
    /// Figures of the field force; nil hides them.
    package var fieldForce: FieldForceSource?
    /// Decides in live moments; nil = `/v1/decisions` and `/v1/outcomes` answer 503.
    package var live: (any LiveDesk)?
    /// Takes in what HCPs did.
    package var events: EventDesk
    /// The links of messages and mail that comes back; nil = those routes answer 404 and 503.
    package var mail: MailContext?
    /// Takes in what HCPs ask; nil = there is no inbox.
    package var inquiries: InquiryDesk?
    /// Sends answers of approved content; nil = answers are only recorded.
    package var answers: (any AnswerDesk)?
    /// What is said; nil = there is no library.
    package var content: ContentDesk?
    /// Journeys that send a content, by content id.
    package var journeysOfContent: @Sendable () -> [String: [String]] = { [:] }
    /// Steps of journeys since the program began.
    package var journeySteps: @Sendable () -> Int = { 0 }
    /// Mistakes in the files of journeys, for which what they said before counts.
    package var journeyFaults: @Sendable () -> [Diagnostic] = { [] }
    package var logger: Logger

    package init(
        strategy: Strategy, ledger: Ledger, now: @escaping @Sendable () -> Int64,
        logger: Logger = Logger(label: "rapport.server")
    ) {
        self.strategy = strategy
        self.ledger = ledger
        events = EventDesk(ledger: ledger)
        self.now = now
        self.logger = logger
    }

    /// The consent rule of a channel where an HCP lives.
    func consentRule(_ channel: Channel, country: String?) -> Strategy.ConsentRule? {
        if let rules = country.flatMap({ markets[$0]?.consent }), let rule = rules[channel] { return rule }
        return strategy.consent[channel]
    }
}
