import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Words

/// Consent that an HCP gives in front of a rep: the text in the HCP's language, choices, a signature; and its record.
///
/// Only who is in charge of the HCP may take it. The form works without scripts: a picture of the signature then stands
/// for what is drawn. A form that is sent twice is recorded once.
struct ConsentRoutes: Sendable {
    let gate: Gate
    let pages: PageRenderer
    let context: ServerContext
    let store: SnapshotStore

    private static let day: Int64 = 86_400_000_000

    func add(to routes: Routes) {
        routes.guarded(.hcpConsents) { call in
            let (reads, subject) = try await subject(call)
            var draft = SignedConsent(language: PublicWords.of(call.query["lang"] ?? subject.language).language)
            draft.means = .signature
            return try await document(call, reads, subject, draft, isSaved: call.query["saved"] != nil)
        }
        routes.guarded(.recordConsent) { call in
            let (reads, subject) = try await subject(call)
            return try await record(call, reads, subject)
        }
        routes.guarded(.consentSignature) { call in
            let (_, subject) = try await subject(call)
            guard let number = Int64(try call.parameter("number")),
                let image = try await context.ledger.signature(
                    ofConsent: number, hcpID: subject.label.hcpID, by: call.visit.identity.principal)
            else { throw HTTPError(.notFound) }
            let kind = FileKind(of: image)
            guard kind == .png || kind == .jpeg else { throw HTTPError(.notFound) }
            return Response(
                status: .ok,
                headers: [
                    .contentType: kind.rawValue,
                    .contentSecurityPolicy: "sandbox; default-src 'none'; frame-ancestors 'none'",
                ], body: .init(byteBuffer: .init(bytes: image)))
        }
    }

    private func subject(_ call: Call) async throws -> (ConsentReads, ConsentSubject) {
        guard let snapshot = store.snapshot else { throw HTTPError(.notFound) }
        let reads = ConsentReads(context: context, snapshot: snapshot, identity: call.visit.identity)
        guard let subject = try await reads.subject(try call.parameter("id")) else { throw HTTPError(.notFound) }
        return (reads, subject)
    }

    private func record(_ call: Call, _ reads: ConsentReads, _ subject: ConsentSubject) async throws -> Response {
        let (ledger, hcp) = (context.ledger, subject.label.hcpID)
        let draft = draft(call, reads, subject)
        func refused(_ fault: SignedConsent.Fault) async throws -> Response {
            try await document(call, reads, subject, draft, fault: fault)
        }
        guard
            case .valid(let stamp) = LinkToken.read(
                call.form["stamp"] ?? "", keys: [try await ledger.linkKey()], now: context.now()),
            stamp.action == .form, stamp.target == hcp
        else { return try await refused(.outOfDate) }
        let saved = Response.seeOther(ConsentPage.path(hcp) + "?saved=yes")
        if try await ledger.confirmation(ofConsent: "\(SignedConsent.prefix)\(stamp.subject):0") != nil { return saved }
        if let fault = draft.fault { return try await refused(fault) }
        let product = draft.productID.flatMap { id in reads.products.first { $0.id == id } }
        guard draft.productID == nil || product != nil else { return try await refused(.unknownProduct) }
        let consents = draft.consents(
            hcpID: hcp, stamp: stamp.subject, held: try await ledger.currentConsents(ofHCP: hcp),
            secondYes: context.doubleOptIn[subject.market ?? ""] ?? [],
            address: { channel in
                switch channel {
                case .email, .emailRep, .webinar: subject.email
                case .phone, .sms, .messaging: subject.phone
                default: nil
                }
            }, now: context.now())
        try await ledger.recordConsents(
            consents, evidence: draft.evidence(company: context.company, product: product?.name),
            by: call.visit.identity.principal)
        return saved
    }

    /// The form's choices, of those that the page offered.
    private func draft(_ call: Call, _ reads: ConsentReads, _ subject: ConsentSubject) -> SignedConsent {
        var draft = SignedConsent(language: PublicWords.of(call.form["lang"] ?? subject.language).language)
        let marked = Set(call.form.group("allow.").filter { $0.value == "yes" }.map(\.name))
        for channel in reads.channels(subject) {
            for purpose in reads.purposes where marked.contains("\(channel.rawValue).\(purpose.rawValue)") {
                draft.cells.append(.init(channel: channel, purpose: purpose))
            }
        }
        draft.productID = call.form["product"]
        draft.means = call.form["means"].flatMap(SignedConsent.Means.init(rawValue:))
        draft.image = call.files.first.map(\.bytes)
        return draft
    }

    private func document(
        _ call: Call, _ reads: ConsentReads, _ subject: ConsentSubject, _ draft: SignedConsent,
        fault: SignedConsent.Fault? = nil, isSaved: Bool = false
    ) async throws -> Response {
        let reps = Dictionary(
            try await context.ledger.users().map { ($0.principal.id, $0.name) }, uniquingKeysWith: { $1 })
        var page = ConsentPage(
            subject: subject, records: try await reads.history(subject.label.hcpID), products: reads.products,
            reps: reps, company: context.company, isSaved: isSaved)
        if Operation.recordConsent.allows(call.visit.identity.role) {
            var stamp = LinkToken(action: .form, subject: context.ledger.newID(), expiresAt: context.now() + Self.day)
            stamp.target = subject.label.hcpID
            page.form = .init(
                csrf: call.visit.csrf, stamp: try stamp.signed(with: try await context.ledger.linkKey()), draft: draft,
                channels: reads.channels(subject), purposes: reads.purposes, fault: fault)
        }
        return .html(
            try pages.document(
                "consents", page.view, title: "Consent of \(subject.label.name)", section: .hcp, visit: call.visit),
            status: fault == nil ? .ok : .unprocessableContent)
    }
}
