package import EngagementModel

/// A version of a part as review gets it: the words to be signed.
package struct ReviewPart: Sendable, Hashable {
    package var version: PartVersion
    package var title: String
    /// The record in full; its SHA-256 is the version's digest.
    package var body: String
    /// The last day on which it may be used, by itself.
    package var expires: Day?

    package init(_ version: PartVersion, title: String, body: String, expires: Day? = nil) {
        self.version = version
        self.title = title
        self.body = body
        self.expires = expires
    }
}

/// What a version of a message is made of and whom it is for: from this and the states of its parts follows what the
/// send gate is told.
package struct ReviewMessage: Sendable, Hashable {
    package var version: PartVersion
    package var purpose: Purpose
    package var channels: Set<Channel>
    /// Empty = everywhere, nil = nowhere.
    package var countries: Set<String>?
    package var stakeholders: Set<Stakeholder>
    package var specialties: Set<String>
    /// Languages whose readers may get this one.
    package var standsIn: [String]
    package var uses: [PartVersion]

    package init(
        _ version: PartVersion, purpose: Purpose, channels: Set<Channel>, countries: Set<String>? = [],
        stakeholders: Set<Stakeholder> = [], specialties: Set<String> = [], standsIn: [String] = [],
        uses: [PartVersion] = []
    ) {
        self.version = version
        self.purpose = purpose
        self.channels = channels
        self.countries = countries
        self.stakeholders = stakeholders
        self.specialties = specialties
        self.standsIn = standsIn
        self.uses = uses
    }
}

/// One signature as pages and paper show it: name, time, meaning.
package struct ContentSignature: Sendable, Hashable {
    package var round: Int
    package var discipline: ReviewDiscipline
    package var meaning: SignatureMeaning
    package var actor: String
    package var printedName: String
    /// Microseconds since 1970, UTC.
    package var signedAt: Int64
    package var digest: String
    /// Components of identification that were given; 0 = signed in another system.
    package var components: Int
    /// The other system's record.
    package var reference: String?
}

/// One step of a review.
package struct ContentEvent: Sendable, Hashable {
    package var round: Int
    package var action: String
    package var state: MLRState
    package var actor: String
    package var at: Int64
    package var cause: String?
}

/// One version with everything that happened to it.
package struct PartReview: Sendable, Hashable {
    package var version: PartVersion
    package var title: String
    package var body: String
    package var standing: PartStanding
    package var round: Int
    package var submittedBy: String?
    package var registeredAt: Int64
    package var signatures: [ContentSignature]
    package var events: [ContentEvent]

    /// Disciplines that have approved in the present round.
    package var approved: Set<ReviewDiscipline> {
        Set(signatures.filter { $0.round == round && $0.meaning == .approve }.map(\.discipline))
    }
}

/// What a signing person enters.
package struct SigningCredentials: Sendable {
    /// Needed at the first signature of a session, and again after half an hour without one.
    package var login: String?
    package var password: String
    /// Token of the session; nil on the command line, where every signature is a first one.
    package var session: String?

    package init(login: String?, password: String, session: String? = nil) {
        self.login = login
        self.password = password
        self.session = session
    }
}

/// An approval that was given in another system of review, brought in by a person who answers for it.
package struct OutsideApproval: Sendable, Hashable {
    package var version: PartVersion
    /// Printed names by discipline.
    package var names: [ReviewDiscipline: String]
    package var approvedOn: Day
    package var expiresOn: Day?
    /// The other system's record, such as a document number.
    package var reference: String

    package init(
        _ version: PartVersion, names: [ReviewDiscipline: String], approvedOn: Day, expiresOn: Day?, reference: String
    ) {
        self.version = version
        self.names = names
        self.approvedOn = approvedOn
        self.expiresOn = expiresOn
        self.reference = reference
    }
}

/// Why a step of a review is refused.
package enum ReviewFailure {
    package static let unknown = Diagnostic(
        "unknown_part", "Review knows no such version.", remedy: "reload the page: the text may have changed")
    package static func state(_ state: MLRState) -> Diagnostic {
        Diagnostic(
            "review_state", "A part that is \(state.rawValue.replacing("_", with: " ")) does not admit this.",
            remedy: "reload the page to see the present state")
    }
    package static let notAnApprover = Diagnostic(
        "not_an_approver", "You are not named as an approver of this discipline.",
        remedy: "ask an administrator: rapport content approver")
    package static let ownSubmission = Diagnostic(
        "own_submission", "Who submits a part does not approve it.", remedy: "let another approver sign")
    package static let secondHat = Diagnostic(
        "second_hat", "You have signed this round for another discipline.",
        remedy: "let another approver sign for this one")
    package static let signature = Diagnostic(
        "signature_refused", "Login and password do not fit; nothing was signed.", remedy: "sign again")
    package static let identification = Diagnostic(
        "identification_needed", "The first signature of a session needs your login and your password.",
        remedy: "enter both")
    package static let cause = Diagnostic(
        "cause_missing", "Say why.", remedy: "enter a cause of up to 1,000 characters")
    package static let nothing = Diagnostic("nothing_to_review", "There is no part to do this with.")
}
