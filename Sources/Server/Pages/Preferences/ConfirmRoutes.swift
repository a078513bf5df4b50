import Crypto
import EngagementModel
import Foundation
import Hummingbird
import Ledger
import Words

/// The second yes of a double opt-in: whoever can open the link of the confirmation message says it by one button.
///
/// The link is the credential. Opening it changes nothing: mail programs open links by themselves.
struct ConfirmRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext

    func add(to routes: Routes) {
        routes.open(.confirmForm) { _, page in
            let (consent, state, words) = try await consent(page)
            return try document(consent, words, words.confirm.said(state))
        }
        routes.open(.confirmConsent) { request, page in
            let (consent, _, words) = try await consent(page)
            // The body says nothing that the link does not; it is read so that the connection can go on.
            _ = try await request.body.collect(upTo: page.maxUploadSize)
            let evidence = ConsentEvidence(
                means: .link, language: words.language,
                textHash: Array(SHA256.hash(data: Data(words.confirmText(consent.channel, consent.purpose).utf8))))
            let isTaken = try await context.ledger.confirmConsent(
                pending: consent.consentID, evidence: evidence, by: Principal(id: "hcp:\(consent.hcpID)"))
            return try document(consent, words, words.confirm.said(isTaken ? .confirmed : .superseded))
        }
    }

    private func consent(_ page: PageContext) async throws -> (Consent, Ledger.Confirmation, PublicWords) {
        let text = FormFields.decode(page.parameters.get("token") ?? "")
        let key = try await context.ledger.linkKey()
        let reading = LinkToken.read(text, keys: [key], now: context.now())
        let (token, isExpired): (LinkToken, Bool)
        switch reading {
        case .valid(let found): (token, isExpired) = (found, false)
        case .expired(let found): (token, isExpired) = (found, true)
        case .forged: throw HTTPError(.notFound)
        }
        guard token.action == .confirm,
            let (consent, state) = try await context.ledger.confirmation(ofConsent: token.subject)
        else { throw HTTPError(.notFound) }
        let words = PublicWords.of(try await context.ledger.recipient(consent.hcpID)?.language)
        if isExpired { throw HTTPError(.gone, message: words.expired) }
        return (consent, state, words)
    }

    private func document(_ consent: Consent, _ words: PublicWords, _ done: String?) throws -> Response {
        let view = View.with {
            $0.set("title", words.confirm.title)
            $0.set("question", words.confirm.question)
            $0.set("what", words.what(consent.channel, consent.purpose))
            $0.set("button", words.confirm.button)
            $0.set("done", done)
        }
        return .html(try pages.document("confirm", view, title: words.confirm.title, language: words.language))
    }
}

extension PublicWords.Confirm {
    /// What stands instead of the question; nil while it is open.
    fileprivate func said(_ state: Ledger.Confirmation) -> String? {
        switch state {
        case .waiting: nil
        case .confirmed: done
        case .superseded: superseded
        }
    }
}
