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
    // Any signed-in person.
    case index, signOut
    // The rep's day.
    case today, accept, edit, dismiss, snooze
    // HCPs.
    case hcpSearch, hcp
    // The console.
    case owner, whatIf, catalogue
    // What is said, and its review.
    case contents, content, contentPreview, contentSubmit, contentSign, contentReject, contentWithdraw
    // Programs: a key instead of a session.
    case openAPI, decide, reportOutcome

    package var method: HTTPRequest.Method {
        switch self {
        case .signIn, .signOut, .accept, .edit, .dismiss, .snooze, .decide, .reportOutcome, .contentSubmit,
            .contentSign, .contentReject, .contentWithdraw:
            .post
        default: .get
        }
    }

    /// Path pattern of the router.
    package var path: String {
        switch self {
        case .live: "/livez"
        case .ready: "/readyz"
        case .metrics: "/metrics"
        case .asset: "/assets/{file}"
        case .signInForm, .signIn: "/sign-in"
        case .index: "/"
        case .signOut: "/sign-out"
        case .today: "/today"
        case .accept: "/decisions/{id}/accept"
        case .edit: "/decisions/{id}/edit"
        case .dismiss: "/decisions/{id}/dismiss"
        case .snooze: "/decisions/{id}/snooze"
        case .hcpSearch: "/hcps"
        case .hcp: "/hcps/{id}"
        case .owner: "/owner"
        case .whatIf: "/owner/what-if"
        case .catalogue: "/data"
        case .contents: "/content"
        case .content: "/content/{id}"
        case .contentPreview: "/content/{id}/preview"
        case .contentSubmit: "/content/{id}/submit"
        case .contentSign: "/content/{id}/sign"
        case .contentReject: "/content/{id}/reject"
        case .contentWithdraw: "/content/{id}/withdraw"
        case .openAPI: "/openapi.json"
        case .decide: "/v1/decisions"
        case .reportOutcome: "/v1/outcomes"
        }
    }

    package enum Access: Sendable, Hashable {
        case everybody
        case signedIn
        case roles(Set<Role>)
        /// A program with a key of this scope; no session opens it.
        case key(KeyScope)
    }

    package var access: Access {
        switch self {
        case .live, .ready, .metrics, .asset, .signInForm, .signIn, .openAPI: .everybody
        case .index, .signOut: .signedIn
        // A manager reads the lists of the own team; acting on them stays with the rep who will go.
        case .today: .roles([.rep, .msl, .manager])
        case .accept, .edit, .dismiss, .snooze: .roles([.rep, .msl])
        case .hcpSearch, .hcp:
            .roles([.rep, .msl, .manager, .owner, .marketer, .analyst, .compliance, .safety, .service])
        case .owner: .roles([.manager, .owner, .marketer, .analyst, .compliance, .admin])
        case .whatIf: .roles([.owner, .marketer, .analyst])
        case .catalogue: .roles([.owner, .marketer, .analyst, .compliance, .admin])
        case .contents, .content: .roles([.owner, .marketer, .analyst, .compliance, .admin])
        // Shows a message as one HCP would see it: only for people who may see every HCP.
        case .contentPreview: .roles([.owner, .marketer, .analyst, .compliance])
        case .contentSubmit: .roles([.owner, .marketer])
        // And only for those whom an administrator has named as approvers.
        case .contentSign, .contentReject: .roles([.compliance])
        case .contentWithdraw: .roles([.owner, .compliance])
        case .decide: .key(.readDecisions)
        case .reportOutcome: .key(.writeOutcomes)
        }
    }

    /// Whether a signed-in person of this role may ask.
    package func allows(_ role: Role) -> Bool {
        switch access {
        case .everybody, .signedIn: true
        case .roles(let roles): roles.contains(role)
        case .key: false
        }
    }

    /// Where a person lands after signing in.
    package static func home(of role: Role) -> Operation {
        switch role {
        case .rep, .msl, .manager: .today
        case .owner, .marketer, .analyst, .admin: .owner
        case .compliance: .owner
        case .safety, .service: .hcpSearch
        }
    }
}
