/// Who answers what HCPs ask and report.
public enum InquiryQueue: String, ClosedList, Codable {
    /// Medical information and medical liaisons.
    case medical
    case insideSales = "inside_sales"
    /// Call centre and technicians.
    case service
    case safety
    /// The rep in charge of the HCP.
    case rep

    /// Whether medical texts may lie here: the purpose firewall.
    public var isMedical: Bool { self == .medical || self == .safety }
}

/// What a message asks, as the reader of texts spells it.
public enum InquiryKind: String, ClosedList, Codable {
    case dosing, interaction, contraindication
    case clinicalData = "clinical_data"
    case labelling, price, order, coverage, training, technical, delivery
    case contactWish = "contact_wish"
    case praise, other

    /// Questions that promotional senders must not answer.
    public var isMedical: Bool {
        switch self {
        case .dosing, .interaction, .contraindication, .clinicalData, .labelling: true
        default: false
        }
    }
}

/// What a form lets an HCP say about the own message.
public enum InquiryAsk: String, ClosedList, Codable { case medical, order, fault, visit, other }

public enum InquiryUrgency: String, ClosedList, Codable { case low, normal, high }

/// Harm to a patient or a device that failed.
public enum SafetyKind: String, ClosedList, Codable {
    case adverseEvent = "adverse_event"
    case deviceComplaint = "device_complaint"
    case specialSituation = "special_situation"
}

/// What was read in a message: by rules, or by a model where one is installed.
public struct InquiryFinding: Sendable, Hashable {
    public struct Safety: Sendable, Hashable {
        public var kind: SafetyKind
        /// Death, danger to life, hospital, lasting harm (ICH E2A).
        public var isSerious: Bool

        public init(kind: SafetyKind, isSerious: Bool) {
            self.kind = kind
            self.isSerious = isSerious
        }
    }

    public var kind: InquiryKind
    /// Code of the content topic that answers it.
    public var topic: String?
    public var need: String
    public var urgency: InquiryUrgency
    public var isMedical: Bool
    /// At most one of a kind: each raises a flag with a deadline of its own.
    public var safety: [Safety]
    /// The words that decided.
    public var evidence: [String]
    /// Name and version of what read it: `rules-2`.
    public var reader: String

    public init(
        kind: InquiryKind = .other, topic: String? = nil, need: String = "unclear",
        urgency: InquiryUrgency = .normal, isMedical: Bool = false, safety: [Safety] = [], evidence: [String] = [],
        reader: String
    ) {
        self.kind = kind
        self.topic = topic
        self.need = need
        self.urgency = urgency
        self.isMedical = isMedical
        self.safety = safety
        self.evidence = evidence
        self.reader = reader
    }
}

/// Where an inquiry stands.
public enum InquiryState: String, ClosedList, Codable {
    case new, assigned, answered, closed

    public var isOpen: Bool { self == .new || self == .assigned }
}

/// What can happen to an inquiry.
public enum InquiryAction: Sendable, Hashable, CaseIterable {
    /// Somebody takes it on, or gives it back.
    case assign, release
    /// Another queue gets it.
    case handOver
    case answer, close, reopen
    /// The HCP writes again.
    case writeAgain

    /// The state that follows; nil where the action makes no sense.
    public func next(after state: InquiryState) -> InquiryState? {
        switch (self, state) {
        case (.assign, .new), (.assign, .assigned): .assigned
        case (.release, .assigned): .new
        case (.handOver, .new), (.handOver, .assigned): .new
        case (.answer, .new), (.answer, .assigned): .answered
        case (.close, .new), (.close, .assigned), (.close, .answered): .closed
        case (.reopen, .answered), (.reopen, .closed): .new
        case (.writeAgain, .answered), (.writeAgain, .closed): .new
        case (.writeAgain, .new), (.writeAgain, .assigned): state
        default: nil
        }
    }
}

/// Where a safety flag stands.
public enum SafetyState: String, ClosedList, Codable {
    case open
    /// Safety has it.
    case acknowledged
    /// It is in the safety database, under a reference.
    case reported
    /// It was none, for a reason.
    case dismissed

    public var isOpen: Bool { self == .open || self == .acknowledged }

    public func admits(_ next: SafetyState) -> Bool {
        switch (self, next) {
        case (.open, .acknowledged), (.open, .reported), (.open, .dismissed): true
        case (.acknowledged, .reported), (.acknowledged, .dismissed): true
        default: false
        }
    }
}

/// Where a service case stands.
public enum CaseState: String, ClosedList, Codable {
    case open
    case inProgress = "in_progress"
    /// For a part, a date, an answer.
    case waiting
    case resolved, closed

    public var isOpen: Bool { self == .open || self == .inProgress || self == .waiting }

    public func admits(_ next: CaseState) -> Bool {
        switch (self, next) {
        case (.open, .inProgress), (.open, .waiting), (.open, .resolved), (.open, .closed): true
        case (.inProgress, .waiting), (.inProgress, .resolved), (.inProgress, .closed): true
        case (.waiting, .inProgress), (.waiting, .resolved), (.waiting, .closed): true
        case (.resolved, .closed), (.resolved, .open), (.closed, .open): true
        default: false
        }
    }
}

public enum CasePriority: String, ClosedList, Codable { case low, normal, high, critical }
