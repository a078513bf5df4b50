package import EngagementModel

/// A message on its way in: what an HCP wrote, and how far it is certain who wrote it.
package struct InquiryDraft: Sendable, Hashable {
    /// How the HCP is known; the surest first.
    package enum Identification: String, ClosedList, Codable {
        /// A signed link of one of our messages.
        case link
        /// A signed return path, or an answer from the address to which the message went.
        case reply
        /// The address that a source names for one HCP alone.
        case address
        /// A program with a key said so.
        case program
        /// A colleague.
        case person
    }

    /// Where ids are unique: `mail`, `form`, `key:17`.
    package var source: String
    package var sourceID: String
    package var channel: Channel
    package var receivedAt: Int64
    package var hcpID: String?
    package var identifiedBy: Identification?
    package var accountID: String?
    package var productID: String?
    /// A case that is open already and to which this belongs.
    package var caseNumber: Int64?
    /// The message of ours that this answers, when it is proven.
    package var claim: Int64?
    package var fromName: String?
    package var fromAddress: String?
    package var subject: String
    package var body: String
    package var language: String?
    package var asked: InquiryAsk?
    /// Of a mail, without brackets.
    package var messageID: String?
    /// Message ids that the mail answers, the nearest first.
    package var answers: [String]
    package var files: [AttachedFile]
    /// The person was erased before this came in: it is here for its safety report alone, and waits as such.
    package var isOfErased = false

    package static let longestBody = 20_000
    package static let longestSubject = 300

    package init(
        source: String, sourceID: String, channel: Channel, receivedAt: Int64, subject: String = "", body: String
    ) {
        self.source = source
        self.sourceID = sourceID
        self.channel = channel
        self.receivedAt = receivedAt
        self.subject = subject
        self.body = body
        answers = []
        files = []
    }
}

/// What became of a message; durable.
package struct InquiryReceipt: Sendable, Hashable {
    package var number: Int64
    /// False when it had arrived before.
    package var isNew: Bool
    /// Whether it went on with an earlier inquiry.
    package var continues: Bool
    package var queue: InquiryQueue
    package var dueAt: Int64
    package var caseNumber: Int64?
    /// When safety must have it.
    package var safetyDueAt: Int64?
}

/// An inquiry as it stands.
package struct Inquiry: Sendable, Hashable {
    package var number: Int64
    package var source: String
    package var channel: Channel
    package var receivedAt: Int64
    package var hcpID: String?
    package var identifiedBy: InquiryDraft.Identification?
    package var accountID: String?
    package var productID: String?
    package var claim: Int64?
    package var fromName: String?
    package var fromAddress: String?
    package var subject: String
    package var body: String
    package var language: String?
    package var asked: InquiryAsk?
    package var finding: InquiryFinding
    package var rule: String
    package var isMedical: Bool
    package var state: InquiryState
    package var queue: InquiryQueue
    /// `user:7`.
    package var assignee: String?
    package var dueAt: Int64
    package var caseNumber: Int64?
    package var version: Int
    package var changedAt: Int64
    package var flags: [SafetyFlag] = []
    /// Since when its erasure waits for its flags; nil = it does not.
    package var heldSince: Int64?

    package struct SafetyFlag: Sendable, Hashable {
        package var number: Int64
        package var kind: SafetyKind
        package var isSerious: Bool
        package var raisedAt: Int64
        package var dueAt: Int64
        package var state: SafetyState
        package var actor: String?
        package var settledAt: Int64?
        package var reference: String?
        package var reason: String?
    }
}

package struct ServiceCase: Sendable, Hashable {
    package var number: Int64
    package var source: String
    package var openedAt: Int64
    package var hcpID: String?
    package var accountID: String?
    package var productID: String?
    /// Serial number of the device.
    package var asset: String?
    package var title: String
    package var priority: CasePriority
    package var state: CaseState
    package var owner: String?
    package var dueAt: Int64
    package var version: Int
    package var changedAt: Int64
}

/// A case to be opened.
package struct CaseDraft: Sendable, Hashable {
    package var source: String
    package var sourceID: String
    package var openedAt: Int64
    package var hcpID: String?
    package var accountID: String?
    package var productID: String?
    package var asset: String?
    package var title: String
    package var priority: CasePriority
    package var due: Span

    package init(
        source: String, sourceID: String, openedAt: Int64, title: String, priority: CasePriority = .normal,
        due: Span = Span(seconds: 8 * 3600)
    ) {
        self.source = source
        self.sourceID = sourceID
        self.openedAt = openedAt
        self.title = title
        self.priority = priority
        self.due = due
    }
}

/// One entry of the shared timeline.
package struct TimelineNote: Sendable, Hashable {
    package enum Kind: String, ClosedList, Codable {
        case messageIn = "message_in"
        case messageOut = "message_out"
        case call, visit
        case partUsed = "part_used"
        case note, state, assigned
        case handedOver = "handed_over"
        case safety
    }
    package var number: Int64
    package var inquiry: Int64?
    package var caseNumber: Int64?
    package var at: Int64
    package var actor: String
    package var kind: Kind
    package var text: String
    package var facts: [String: String]
    package var isMedical: Bool
}

/// What a person does with an inquiry.
package enum InquiryAct: Sendable, Hashable {
    /// `user:7`; nil gives it back to the queue.
    case assign(to: String?)
    case handOver(to: InquiryQueue, reason: String)
    /// What was answered, and by which way; `claim` = a message of ours that was made of approved content.
    case answer(Channel, text: String, claim: Int64?, content: String?)
    case close(reason: String)
    case reopen(reason: String)
    case note(String)
    /// The person says whom it concerns.
    case identify(hcpID: String)
}

/// What a person does with a service case.
package enum CaseAct: Sendable, Hashable {
    case move(to: CaseState, text: String)
    case assign(to: String?)
    case prioritise(CasePriority)
    /// `note`, `call`, `visit`, `part_used`.
    case entry(TimelineNote.Kind, text: String, part: String?)
}

/// What a list of inquiries shows.
package struct InquiryFilter: Sendable, Hashable {
    package enum Stage: String, ClosedList { case open, answered, closed, all }
    /// `safety` = whatever carries an open flag.
    package var queue: InquiryQueue?
    package var stage = Stage.open
    package var isMine = false
    package var hcpID: String?
    package var offset = 0
    package var limit = 30
    package init() {}
}

/// What a person may see of inquiries and cases. Decided once from the role; every query is bound to it.
package struct InquirySight: Sendable, Hashable {
    package var queues: Set<InquiryQueue>
    /// Queues whose inquiries the person may answer, hand over, close.
    package var acts: Set<InquiryQueue>
    package var seesMedical: Bool
    /// Inquiries of any queue that carry a safety flag, and the settling of flags.
    package var seesFlagged: Bool
    /// Only HCPs of these reps (and what the person has taken on); nil = everybody's.
    package var reps: [String]?
    /// Accounts of those HCPs.
    package var accounts: [String] = []
    /// `user:7`.
    package var user: String

    package init(
        queues: Set<InquiryQueue>, acts: Set<InquiryQueue> = [], seesMedical: Bool, seesFlagged: Bool = false,
        reps: [String]? = nil, user: String
    ) {
        self.queues = queues
        self.acts = acts
        self.seesMedical = seesMedical
        self.seesFlagged = seesFlagged
        self.reps = reps
        self.user = user
    }

    /// Of the program itself.
    package static let all = InquirySight(
        queues: Set(InquiryQueue.allCases), acts: Set(InquiryQueue.allCases), seesMedical: true, seesFlagged: true,
        user: "system")
}
