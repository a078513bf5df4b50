import Crypto
import EngagementModel
import Foundation
import Hummingbird
import Ledger

/// The second yes of a double opt-in: whoever can open the link of the confirmation message says it by one button.
///
/// The link is the credential. Opening it changes nothing: mail programs open links by themselves.
struct ConfirmRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext

    func add(to routes: Routes) {
        routes.open(.confirmForm) { _, page in
            let (consent, state, words) = try await consent(page)
            return try document(consent, words, words.said(state))
        }
        routes.open(.confirmConsent) { request, page in
            let (consent, _, words) = try await consent(page)
            // The body says nothing that the link does not; it is read so that the connection can go on.
            _ = try await request.body.collect(upTo: page.maxUploadSize)
            let evidence = ConsentEvidence(
                means: .link, language: words.language,
                textHash: Array(SHA256.hash(data: Data(words.text(consent).utf8))))
            let isTaken = try await context.ledger.confirmConsent(
                pending: consent.consentID, evidence: evidence, by: Principal(id: "hcp:\(consent.hcpID)"))
            return try document(consent, words, words.said(isTaken ? .confirmed : .superseded))
        }
    }

    private func consent(_ page: PageContext) async throws -> (Consent, Ledger.Confirmation, ConfirmWords) {
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
        let words = ConfirmWords.words(try await context.ledger.recipient(consent.hcpID)?.language)
        if isExpired { throw HTTPError(.gone, message: words.expired) }
        return (consent, state, words)
    }

    private func document(_ consent: Consent, _ words: ConfirmWords, _ done: String?) throws -> Response {
        let view = View.with {
            $0.set("title", words.title)
            $0.set("question", words.question)
            $0.set("what", words.what(consent))
            $0.set("button", words.button)
            $0.set("done", done)
        }
        return .html(try pages.document("confirm", view, title: words.title, language: words.language))
    }
}

/// What the confirmation page says; its version and hash are kept with the consent.
struct ConfirmWords: MarketWords, Hashable {
    /// Changes with every change of the wording.
    static let version = "confirm-1"

    var language: String
    var title: String
    var question: String
    var button: String
    var done: String
    var superseded: String

    /// The way and the subject in the words of the preference centre, so that both pages mean the same.
    func what(_ consent: Consent) -> String {
        let words = PreferenceWords.words(language)
        return [
            words.channels[consent.channel] ?? consent.channel.title,
            words.purposes[consent.purpose] ?? consent.purpose.rawValue,
        ].joined(separator: ": ")
    }

    /// What stands instead of the question; nil while it is open.
    func said(_ state: Ledger.Confirmation) -> String? {
        switch state {
        case .waiting: nil
        case .confirmed: done
        case .superseded: superseded
        }
    }

    /// The text whose hash is kept.
    func text(_ consent: Consent) -> String {
        [Self.version, language, title, question, what(consent), button].joined(separator: "\n")
    }

    static let all: [ConfirmWords] = [
        ConfirmWords(
            language: "en", title: "Please confirm", question: "May we contact you in this way?",
            button: "Yes, I agree",
            done: "Thank you. Your consent is confirmed; you can withdraw it at any time.",
            superseded: "A later choice of yours stands. Nothing was changed."),
        ConfirmWords(
            language: "de", title: "Bitte bestätigen Sie", question: "Dürfen wir Sie auf diesem Weg ansprechen?",
            button: "Ja, ich stimme zu",
            done: "Vielen Dank. Ihre Einwilligung ist bestätigt; Sie können sie jederzeit widerrufen.",
            superseded: "Es gilt eine spätere Entscheidung von Ihnen. Es wurde nichts geändert."),
        ConfirmWords(
            language: "fr", title: "Veuillez confirmer", question: "Pouvons-nous vous contacter par ce moyen ?",
            button: "Oui, j’accepte",
            done: "Merci. Votre consentement est confirmé ; vous pouvez le retirer à tout moment.",
            superseded: "Un choix plus récent de votre part est en vigueur. Rien n’a été modifié."),
        ConfirmWords(
            language: "es", title: "Confirme, por favor", question: "¿Podemos contactarle por este medio?",
            button: "Sí, acepto",
            done: "Gracias. Su consentimiento está confirmado; puede retirarlo en cualquier momento.",
            superseded: "Rige una decisión suya posterior. No se ha cambiado nada."),
        ConfirmWords(
            language: "it", title: "La preghiamo di confermare", question: "Possiamo contattarla in questo modo?",
            button: "Sì, acconsento",
            done: "Grazie. Il suo consenso è confermato; può revocarlo in qualsiasi momento.",
            superseded: "Vale una sua scelta successiva. Non è stato cambiato nulla."),
    ]
}
