package import EngagementModel

/// Which team did it; the key of the silo that it comes from.
enum Sender: UInt8, Sendable { case field, inside, medical, keyAccount, system, hcp }

/// Something that the historical policy meant to do; whether it happens depends on consent and content.
struct PlannedTouch: Sendable {
    /// Local minute since the start of the history, silo and running number: orders the schedule for ever.
    var key: UInt64
    var channel: Channel
    var sender: Sender
    /// Index of `Product.all`, −1 = none.
    var product: Int8
    var campaign: Int16 = -1
    var event: Int16 = -1
    /// Number of the mailing, from which the content follows; −1 = the sender chose.
    var wave: Int16 = -1
    /// Index of `InquiryTexts.all`; −1 = no inquiry.
    var inquiry: Int16 = -1

    var minute: Int { Int(key >> 16) }
}

/// One touch that happened. Times are seconds since 1970 UTC, 0 = not; indexes −1 = none.
package struct Touch: Sendable {
    package var number: Int32
    package var at: Int64
    package var channel: Channel
    package var direction: Direction
    package var purpose: Purpose
    package var status: TouchStatus
    package var rep: Int32
    package var content: Int32
    package var product: Int8
    var campaign: Int16
    var event: Int16
    package var reachedAt: Int64 = 0
    package var engagedAt: Int64 = 0
    package var advancedAt: Int64 = 0
    /// Opened by a privacy proxy: no person did anything.
    package var machineAt: Int64 = 0
    var bouncedAt: Int64 = 0
    var unsubscribedAt: Int64 = 0
    package var seconds: Int32 = -1
    var note: Int16 = -1
    var inquiry: Int16 = -1
    /// Value of a meal, in cents.
    var meal: Int32 = 0
    /// Recorded under the HCP's second record.
    var aliased = false

    /// The step of the ladder that was known at an instant, and when it was taken.
    package func level(at instant: Int64) -> (level: ResponseLevel, at: Int64) {
        if advancedAt != 0 && advancedAt <= instant { return (.advanced, advancedAt) }
        if engagedAt != 0 && engagedAt <= instant { return (.engaged, engagedAt) }
        if reachedAt != 0 && reachedAt <= instant { return (.reached, reachedAt) }
        return (.none, 0)
    }
}

/// Volume of one slot in one month.
package struct MonthlyVolume: Sendable {
    /// Number of the month, counted from the first of the history.
    package var month: Int16
    package var slot: UInt8
    package var value: Int32
}

/// One row of the consent file.
package struct ConsentRecord: Sendable {
    package var channel: Channel
    package var purpose: Purpose
    package var status: ConsentStatus
    package var basis: ConsentBasis
    /// Seconds since 1970 UTC.
    package var capturedAt: Int64
    package var expires: Day?
    var evidence: Evidence

    enum Evidence: String, Sendable {
        case form = "web form, double opt-in"
        case signature = "signature at a visit"
        case unsubscribe = "unsubscribe link"
        case letter = "letter to the data protection officer"
        case telephone = "said on the telephone"
    }
}

/// Everything that happened to one HCP. Reused from one HCP to the next, so that nothing is allocated.
package struct HCPHistory: Sendable {
    package internal(set) var touches: [Touch] = []
    package internal(set) var volumes: [MonthlyVolume] = []
    package internal(set) var consents: [ConsentRecord] = []
    /// Adstock and fatigue at the end of the history: where a closed loop goes on.
    package internal(set) var finalState: ContactState
    var schedule: [PlannedTouch] = []

    package init() { finalState = ContactState(day: Day(number: 0)) }

    mutating func removeAll() {
        touches.removeAll(keepingCapacity: true)
        volumes.removeAll(keepingCapacity: true)
        consents.removeAll(keepingCapacity: true)
        schedule.removeAll(keepingCapacity: true)
    }
}

/// Since when and until when a channel was open (days since 1970; empty = never).
struct ConsentWindows: Sendable {
    static let never = Int32.max
    var email = (from: never, until: never)
    var emailRep = (from: never, until: never)
    var sms = (from: never, until: never)
    var messaging = (from: never, until: never)
    /// Days from which these were refused.
    var phoneRefused = never
    var visitRefused = never
    var mailRefused = never

    func allows(_ channel: Channel, on day: Int32) -> Bool {
        switch channel {
        case .email: day > email.from && day < email.until
        case .emailRep: day > emailRep.from && day < emailRep.until
        case .sms: day > sms.from && day < sms.until
        case .messaging: day > messaging.from && day < messaging.until
        case .phone, .video: day < phoneRefused
        case .inPerson: day < visitRefused
        case .mail: day < mailRefused
        case .portal, .webinar, .event, .ad: true
        }
    }
}
