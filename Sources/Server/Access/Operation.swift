package import EngagementModel
package import HTTPTypes
package import Ledger

/// Everything that the server can be asked to do, and who may ask.
///
/// This is the whole authorisation matrix: a route is registered through its operation, so a route without an entry
/// here cannot exist, and `ServerTests` compares the router with this list.
package enum Operation: String, CaseIterable, Sendable {
    // Open to anybody: no personal data behind them.
    case live, ready, metrics, asset, signInForm, signIn
    // Links of messages: the signed token is all that is needed.
    case mailOpen, mailClick, unsubscribeForm, unsubscribe
    // Callbacks of providers: the signature is all that is needed.
    case deliveryStatus
    // Open to whoever holds a signed link.
    case preferences, savePreferences, confirmForm, confirmConsent, notes, note
    // Any signed-in person.
    case index, signOut
    // The rep's day. A manager reads the lists of the own team; acting on them stays with the rep who will go.
    case today, dayCalendar, accept, edit, dismiss, snooze
    // HCPs.
    case hcpSearch, hcp, hcpConsents, recordConsent, consentSignature
    // The console.
    case owner, whatIf, catalogue, insight, identity, settleIdentity, fieldForce, decideMoves
    // What leaves, and what nobody knows the end of. Whether a message goes out twice is for those who answer for it.
    case outbox, outboxMessage, outboxBody, settleClaim, enableEndpoint, journeys, journey, pauseJourney, calendar
    case contents, content, contentPreview, contentSubmit, contentSign, contentReject, contentWithdraw
    // The inbox: what HCPs ask, and service cases. What one sees of it is decided by queue and territory.
    case inbox, inquiry, assignInquiry, handInquiryOver, answerInquiry, closeInquiry, reopenInquiry, noteInquiry
    case inquiryFile, identifyInquiry, settleSafety, openCase, cases, serviceCase, moveCase, noteCase
    // The form for questions: open to everybody, and behind a signed link.
    case askForm, ask, questionForm, question
    // Programs: a key instead of a session.
    case openAPI, decide, reportOutcome, inboundMail, takeInquiry, portalNotes, portalNoteSeen
    // Events: the tracking API, its paths for browsers with what those ask before, CloudEvents, dead letters.
    case trackBatch, trackIdentify, trackEvent, trackPage, trackScreen, trackGroup, trackAlias, browserEvent
    case browserIdentify, browserPage, browserGroup, browserAlias, browserEventCheck, browserIdentifyCheck
    case browserPageCheck, browserGroupCheck, browserAliasCheck, cloudEvent, rejectedEvents

    package var method: HTTPRequest.Method { terms.method }
    /// Path pattern of the router.
    package var path: String { terms.path }
    package var access: Access { terms.access }

    package enum Access: Sendable, Hashable {
        case everybody
        case signedIn
        case roles(Set<Role>)
        /// A program with a key of this scope; no session opens it.
        case key(KeyScope)
    }

    /// The matrix, one line for each operation.
    private var terms: (method: HTTPRequest.Method, path: String, access: Access) {
        switch self {
        // Open to anybody: no personal data behind them.
        case .live: (.get, "/livez", .everybody)
        case .ready: (.get, "/readyz", .everybody)
        case .metrics: (.get, "/metrics", .everybody)
        case .asset: (.get, "/assets/{file}", .everybody)
        case .signInForm: (.get, "/sign-in", .everybody)
        case .signIn: (.post, "/sign-in", .everybody)
        // Links of messages: the signed token is all that is needed.
        case .mailOpen: (.get, "/t/o/{token}", .everybody)
        case .mailClick: (.get, "/t/c/{token}", .everybody)
        case .unsubscribeForm: (.get, "/u/{token}", .everybody)
        case .unsubscribe: (.post, "/u/{token}", .everybody)
        // Callbacks of providers: the signature is all that is needed.
        case .deliveryStatus: (.post, "/v1/delivery/status/{endpoint}", .everybody)
        // Open to whoever holds a signed link.
        case .preferences: (.get, "/p/{token}", .everybody)
        case .savePreferences: (.post, "/p/{token}", .everybody)
        case .confirmForm: (.get, "/c/{token}", .everybody)
        case .confirmConsent: (.post, "/c/{token}", .everybody)
        case .notes: (.get, "/n/{token}", .everybody)
        case .note: (.get, "/n/{token}/{id}", .everybody)
        // Any signed-in person.
        case .index: (.get, "/", .signedIn)
        case .signOut: (.post, "/sign-out", .signedIn)
        // The rep's day. A manager reads the lists of the own team; acting on them stays with the rep who will go.
        case .today: (.get, "/today", .roles([.rep, .msl, .manager]))
        case .dayCalendar: (.get, "/today/day.ics", .roles([.rep, .msl, .manager]))
        case .accept: (.post, "/decisions/{id}/accept", .roles([.rep, .msl]))
        case .edit: (.post, "/decisions/{id}/edit", .roles([.rep, .msl]))
        case .dismiss: (.post, "/decisions/{id}/dismiss", .roles([.rep, .msl]))
        case .snooze: (.post, "/decisions/{id}/snooze", .roles([.rep, .msl]))
        // HCPs.
        case .hcpSearch:
            (
                .get, "/hcps",
                .roles(Set(Role.allCases).subtracting([.admin]))
            )
        case .hcp:
            (
                .get, "/hcps/{id}",
                .roles(Set(Role.allCases).subtracting([.admin]))
            )
        // Consent: taken by those who stand before the HCP, looked up by them and by those who answer for it.
        case .hcpConsents: (.get, "/hcps/{id}/consents", .roles([.rep, .msl, .manager, .compliance]))
        case .recordConsent: (.post, "/hcps/{id}/consents", .roles([.rep, .msl]))
        case .consentSignature:
            (.get, "/hcps/{id}/consents/{number}/signature", .roles([.rep, .msl, .manager, .compliance]))
        // The console.
        case .owner: (.get, "/owner", .roles([.manager, .owner, .marketer, .analyst, .compliance, .admin]))
        case .whatIf: (.get, "/owner/what-if", .roles([.owner, .marketer, .analyst]))
        case .catalogue: (.get, "/data", .roles([.owner, .marketer, .analyst, .compliance, .admin]))
        case .insight:
            (.get, "/insight", .roles([.manager, .owner, .marketer, .analyst, .compliance, .safety, .admin]))
        case .identity: (.get, "/identity", .roles([.owner, .analyst, .admin]))
        case .settleIdentity: (.post, "/identity/answers", .roles([.owner, .analyst, .admin]))
        // Leaders of teams decide among their own reps.
        case .fieldForce: (.get, "/field-force", .roles([.manager, .owner, .marketer, .analyst]))
        case .decideMoves: (.post, "/field-force/moves", .roles([.manager, .owner]))
        // What leaves, and what nobody knows the end of. Whether a message goes out twice is for those who answer for it.
        case .outbox: (.get, "/outbox", .roles([.owner, .marketer, .compliance]))
        case .outboxMessage: (.get, "/outbox/{id}", .roles([.owner, .marketer, .compliance]))
        case .outboxBody: (.get, "/outbox/{id}/body", .roles([.owner, .marketer, .compliance]))
        case .settleClaim: (.post, "/outbox/{id}/settle", .roles([.owner, .compliance]))
        case .enableEndpoint: (.post, "/outbox/{id}/enable", .roles([.owner, .compliance]))
        case .journeys: (.get, "/journeys", .roles([.manager, .owner, .marketer, .analyst, .compliance]))
        case .journey: (.get, "/journeys/{id}", .roles([.manager, .owner, .marketer, .analyst, .compliance]))
        case .pauseJourney: (.post, "/journeys/{id}/pause", .roles([.owner, .marketer]))
        case .calendar: (.get, "/calendar", .roles([.manager, .owner, .marketer, .analyst, .compliance]))
        case .contents: (.get, "/content", .roles([.owner, .marketer, .analyst, .compliance, .admin]))
        case .content: (.get, "/content/{id}", .roles([.owner, .marketer, .analyst, .compliance, .admin]))
        case .contentPreview: (.get, "/content/{id}/preview", .roles([.owner, .marketer, .analyst, .compliance]))
        case .contentSubmit: (.post, "/content/{id}/submit", .roles([.owner, .marketer]))
        case .contentSign: (.post, "/content/{id}/sign", .roles([.compliance]))
        case .contentReject: (.post, "/content/{id}/reject", .roles([.compliance]))
        case .contentWithdraw: (.post, "/content/{id}/withdraw", .roles([.owner, .compliance]))
        // The inbox.
        case .inbox: (.get, "/inbox", .roles(Self.inboxReaders))
        case .inquiry: (.get, "/inbox/{id}", .roles(Self.inboxReaders))
        case .inquiryFile: (.get, "/inbox/{id}/files/{file}", .roles(Self.inboxReaders))
        case .assignInquiry: (.post, "/inbox/{id}/assign", .roles(Self.inboxPeople))
        case .handInquiryOver: (.post, "/inbox/{id}/hand-over", .roles(Self.inboxPeople))
        case .answerInquiry: (.post, "/inbox/{id}/answer", .roles(Self.inboxPeople))
        case .closeInquiry: (.post, "/inbox/{id}/close", .roles(Self.inboxPeople))
        case .reopenInquiry: (.post, "/inbox/{id}/reopen", .roles(Self.inboxPeople))
        case .noteInquiry: (.post, "/inbox/{id}/note", .roles(Self.inboxPeople))
        case .identifyInquiry: (.post, "/inbox/{id}/identify", .roles([.medical, .insideSales, .service, .safety]))
        case .settleSafety: (.post, "/inbox/{id}/safety", .roles([.safety]))
        case .openCase: (.post, "/inbox/{id}/case", .roles([.medical, .msl, .insideSales, .service, .rep]))
        case .cases: (.get, "/cases", .roles(Self.inboxReaders))
        case .serviceCase: (.get, "/cases/{id}", .roles(Self.inboxReaders))
        case .moveCase: (.post, "/cases/{id}/move", .roles([.service]))
        case .noteCase: (.post, "/cases/{id}/note", .roles([.service, .insideSales, .rep]))
        case .askForm: (.get, "/ask", .everybody)
        case .ask: (.post, "/ask", .everybody)
        case .questionForm: (.get, "/q/{token}", .everybody)
        case .question: (.post, "/q/{token}", .everybody)
        case .takeInquiry: (.post, "/v1/inquiries", .key(.writeInquiries))
        // Programs: a key instead of a session.
        case .openAPI: (.get, "/openapi.json", .everybody)
        case .decide: (.post, "/v1/decisions", .key(.readDecisions))
        case .reportOutcome: (.post, "/v1/outcomes", .key(.writeOutcomes))
        case .inboundMail: (.post, "/v1/mail/inbound", .key(.writeMail))
        case .portalNotes: (.get, "/v1/portal/notes", .key(.portalNotes))
        case .portalNoteSeen: (.post, "/v1/portal/notes/{id}/seen", .key(.portalNotes))
        // Events: the tracking API, its paths for browsers with what those ask before, CloudEvents, dead letters.
        case .trackBatch: (.post, "/v1/batch", .key(.writeEvents))
        case .trackIdentify: (.post, "/v1/identify", .key(.writeEvents))
        case .trackEvent: (.post, "/v1/track", .key(.writeEvents))
        case .trackPage: (.post, "/v1/page", .key(.writeEvents))
        case .trackScreen: (.post, "/v1/screen", .key(.writeEvents))
        case .trackGroup: (.post, "/v1/group", .key(.writeEvents))
        case .trackAlias: (.post, "/v1/alias", .key(.writeEvents))
        case .browserEvent: (.post, "/v1/t", .key(.writeEvents))
        case .browserIdentify: (.post, "/v1/i", .key(.writeEvents))
        case .browserPage: (.post, "/v1/p", .key(.writeEvents))
        case .browserGroup: (.post, "/v1/g", .key(.writeEvents))
        case .browserAlias: (.post, "/v1/a", .key(.writeEvents))
        case .browserEventCheck: (.options, "/v1/t", .everybody)
        case .browserIdentifyCheck: (.options, "/v1/i", .everybody)
        case .browserPageCheck: (.options, "/v1/p", .everybody)
        case .browserGroupCheck: (.options, "/v1/g", .everybody)
        case .browserAliasCheck: (.options, "/v1/a", .everybody)
        case .cloudEvent: (.post, "/v1/events", .key(.writeEvents))
        case .rejectedEvents: (.get, "/v1/events/rejected", .key(.writeEvents))
        }
    }

    /// Who answers inquiries, and who reads beside them.
    private static let inboxPeople: Set<Role> = [.rep, .msl, .medical, .insideSales, .service, .safety]
    private static let inboxReaders: Set<Role> = inboxPeople.union([.manager, .compliance])

    /// Whether a signed-in person of this role may ask.
    package func allows(_ role: Role) -> Bool {
        switch access {
        case .everybody, .signedIn: true
        case .roles(let roles): roles.contains(role)
        case .key: false
        }
    }

    /// Whether its form may carry a file (`multipart/form-data`).
    var takesFiles: Bool { self == .recordConsent }

    /// Where a person lands after signing in.
    package static func home(of role: Role) -> Operation {
        switch role {
        case .rep, .msl, .manager: .today
        case .owner, .marketer, .analyst, .admin: .owner
        case .compliance: .owner
        case .safety, .service, .medical, .insideSales: .inbox
        }
    }
}
