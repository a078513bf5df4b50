/// Words of a page for HCPs in the languages of the markets: one table, one way to choose from it.
protocol MarketWords: Sendable {
    /// Two letters.
    var language: String { get }
    /// One for each language; English first, which stands in for all others.
    static var all: [Self] { get }
}

extension MarketWords {
    /// Of a language, `de` or `de-AT`.
    static func words(_ language: String?) -> Self {
        let code = language.map { String($0.prefix(2)).lowercased() }
        return all.first { $0.language == code } ?? all[0]
    }

    /// The first language of an `Accept-Language` that is spoken here (RFC 9110, 12.5.4; weights are left to the order).
    static func accepted(_ field: String?) -> String? {
        field?.prefix(200).split(separator: ",").lazy
            .map { $0.trimmingPrefix { $0 == " " }.prefix(2).lowercased() }
            .first { code in all.contains { $0.language == code } }
    }

    /// What every page says of a signed link whose time is over.
    var expired: String { expiredLink[language] ?? expiredLink["en"] ?? "" }
}

private let expiredLink = [
    "en": "This link has expired. A new one is in every message from us.",
    "de": "Dieser Link ist abgelaufen. Einen neuen finden Sie in jeder Nachricht von uns.",
    "fr": "Ce lien a expiré. Vous en trouverez un nouveau dans chacun de nos messages.",
    "es": "Este enlace ha caducado. Encontrará uno nuevo en cada mensaje nuestro.",
    "it": "Questo link è scaduto. Ne trova uno nuovo in ogni nostro messaggio.",
]
