package import EngagementModel

/// A set of horizon days: bit k is the k-th planning day. Horizons are at most 32 days long.
package typealias DayMask = UInt32

extension DayMask {
    /// The first `count` days.
    package static func first(_ count: Int) -> DayMask {
        count >= 32 ? .max : count <= 0 ? 0 : (1 << DayMask(count)) - 1
    }
}

/// How a known address lets a channel reach the HCP.
package enum AddressFlag {
    package static let email: UInt8 = 1
    package static let phone: UInt8 = 2
    package static let postal: UInt8 = 4

    /// The address that a channel needs, 0 = none.
    package static func needed(by channel: Channel) -> UInt8 {
        switch channel {
        case .emailRep, .email, .webinar: email
        case .phone, .sms, .messaging: phone
        case .mail: postal
        case .inPerson, .video, .portal, .event, .ad: 0
        }
    }
}

/// HCPs as columns; row = dense HCP number.
package struct EligibilityHCPs: Sendable {
    /// Position in `EligibilityInput.markets`; −1 = no market: the strategy's own rules.
    package var market: [Int32]
    /// Code of the country, as in `EligibleAction.Content.countries`; −1 unknown.
    package var country: [Int32]
    /// Code of the language; −1 unknown (any language will do).
    package var language: [Int32]
    /// `Stakeholder.code`, 255 unknown.
    package var stakeholder: [UInt8]
    package var specialty: [Int32]
    /// `Access.code`, 255 unknown.
    package var access: [UInt8]
    /// `AddressFlag` bits.
    package var addresses: [UInt8]
    /// For each sender slot: the rep in charge by HCP (position in `EligibilityInput.repKinds`), −1 = none.
    package var senders: [[Int32]]
    /// A data right (erasure, restriction) forbids every use.
    package var restricted: [Bool]
    /// Days on which a booked appointment blocks other human contact.
    package var appointments: [DayMask]
    /// Whether the rep holds the vendor credentials that the site asks for.
    package var credentialed: [Bool]

    /// Columns that are left out say "unknown" or "nothing special"; credentials are taken to be held, since a rep who
    /// lacks them would not be aligned to the site.
    package init(
        count n: Int, market: [Int32]? = nil, country: [Int32]? = nil, language: [Int32]? = nil,
        stakeholder: [UInt8]? = nil, specialty: [Int32]? = nil, access: [UInt8]? = nil, addresses: [UInt8]? = nil,
        senders: [[Int32]] = [], restricted: [Bool]? = nil, appointments: [DayMask]? = nil,
        credentialed: [Bool]? = nil
    ) {
        func column<T>(_ given: [T]?, _ value: T) -> [T] { given ?? [T](repeating: value, count: n) }
        self.market = column(market, -1)
        self.country = column(country, -1)
        self.language = column(language, -1)
        self.stakeholder = column(stakeholder, 255)
        self.specialty = column(specialty, -1)
        self.access = column(access, 255)
        self.addresses = column(addresses, 0)
        self.senders = senders
        self.restricted = column(restricted, false)
        self.appointments = column(appointments, 0)
        self.credentialed = column(credentialed, true)
    }

    package var count: Int { market.count }
}

/// The latest consent row of each (HCP, channel, purpose, product), sorted by HCP.
package struct ConsentColumns: Sendable {
    package static let any: UInt8 = 255

    package var hcp: [Int32] = []
    /// `Channel.code`; `any` = every channel.
    package var channel: [UInt8] = []
    /// `Purpose.code`; `any` = every purpose.
    package var purpose: [UInt8] = []
    /// Code of the product as in `EligibleAction.product`; −1 = every product.
    package var product: [Int32] = []
    /// `ConsentStatus.code`.
    package var status: [UInt8] = []
    /// Microseconds since 1970, UTC.
    package var captured: [Int64] = []
    /// Last day on which an opt-in holds (day number); `Int32.max` = no end.
    package var expires: [Int32] = []

    package init() {}

    package mutating func append(
        hcp: Int, channel: Channel?, purpose: Purpose?, product: Int = -1, status: ConsentStatus, captured: Int64,
        expires: Day? = nil
    ) {
        self.hcp.append(Int32(hcp))
        self.channel.append(channel?.code ?? Self.any)
        self.purpose.append(purpose?.code ?? Self.any)
        self.product.append(Int32(product))
        self.status.append(status.code)
        self.captured.append(captured)
        self.expires.append(expires?.number ?? .max)
    }

    package var count: Int { hcp.count }
}

/// Touches that count against caps and gaps (push; sent, delivered, uncertain, booked), sorted by HCP.
package struct ContactColumns: Sendable {
    package var hcp: [Int32]
    /// Day number; may lie in the horizon (a booked appointment).
    package var day: [Int32]
    package var channel: [UInt8]

    package init(hcp: [Int32] = [], day: [Int32] = [], channel: [UInt8] = []) {
        self.hcp = hcp
        self.day = day
        self.channel = channel
    }
}

/// Everything that the rules read.
package struct EligibilityInput: Sendable {
    package var asOf: Day
    /// Planning days, ascending, at most 32; holidays of single markets are taken out by the rules.
    package var days: [Day]
    package var strategy: Strategy
    package var markets: [Market]
    package var hcps: EligibilityHCPs
    package var consents: ConsentColumns
    package var contacts: ContactColumns
    package var actions: [EligibleAction]
    /// `RepKind.code` by rep.
    package var repKinds: [UInt8]
    /// Minutes left over the horizon by rep.
    package var repMinutes: [Double]

    package init(
        asOf: Day, days: [Day], strategy: Strategy, markets: [Market] = [], hcps: EligibilityHCPs,
        consents: ConsentColumns = ConsentColumns(), contacts: ContactColumns = ContactColumns(),
        actions: [EligibleAction], repKinds: [UInt8] = [], repMinutes: [Double] = []
    ) {
        self.asOf = asOf
        self.days = Array(days.prefix(32))
        self.strategy = strategy
        self.markets = markets
        self.hcps = hcps
        self.consents = consents
        self.contacts = contacts
        self.actions = actions
        self.repKinds = repKinds
        self.repMinutes = repMinutes
    }
}
