package import EngagementModel

/// Everything that pages and mails say to HCPs, in one language of the markets.
///
/// One value for each language (`English.swift` and its neighbours): a new language is one more file and its name in
/// `all`. What HCPs agree to is these words; version and hash of a text are kept with every choice, so the versions change
/// with every change of their wording.
package struct PublicWords: Sendable, Hashable {
    /// Two letters.
    package var language: String
    /// What every page says of a signed link whose time is over.
    package var expired: String
    package var channels: [Channel: String]
    /// Those that HCPs are asked about.
    package var purposes: [Purpose: String]
    package var preferences: Preferences
    package var confirm: Confirm
    package var ask: Ask
    package var unsubscribe: Unsubscribe
    package var notes: Notes
    package var signed: Signed

    /// Purposes that an HCP decides about, in the order of the pages.
    package static let asked: [Purpose] = [.promotional, .educational, .medical]

    /// English first, which stands in for all others.
    package static let all: [PublicWords] = [english, german, french, spanish, italian]

    /// Of a language, `de` or `de-AT`.
    package static func of(_ language: String?) -> PublicWords {
        let code = language.map { String($0.prefix(2)).lowercased() }
        return all.first { $0.language == code } ?? english
    }

    /// The first language of an `Accept-Language` that is spoken here (RFC 9110, 12.5.4; weights are left to the order).
    package static func accepted(_ field: String?) -> String? {
        field?.prefix(200).split(separator: ",").lazy
            .map { $0.trimmingPrefix { $0 == " " }.prefix(2).lowercased() }
            .first { code in all.contains { $0.language == code } }
    }

    /// A way and a subject in the words of the preference centre, so that every page means the same.
    package func what(_ channel: Channel, _ purpose: Purpose) -> String {
        "\(channels[channel] ?? channel.title): \(purposes[purpose] ?? purpose.rawValue)"
    }
}

// MARK: - Pages

extension PublicWords {
    /// The preference centre.
    package struct Preferences: Sendable, Hashable {
        package static let version = "preferences-1"

        package var title, lead: String
        package var channel: String
        package var allowed: String
        package var stopAll, stopAllNote: String
        package var hours, hoursNote: String
        package var from, until, pause: String
        package var save, saved: String
        /// From Monday.
        package var weekdays: [String]
    }

    /// The text of the preference centre whose hash is kept.
    package var preferencesText: String {
        ([
            Preferences.version, language, preferences.title, preferences.lead, preferences.allowed,
            preferences.stopAll,
            preferences.stopAllNote,
        ] + Self.asked.map { purposes[$0] ?? "" } + Channel.allCases.map { channels[$0] ?? "" })
        .joined(separator: "\n")
    }

    /// The second yes of a double opt-in: its page, and the mail that leads there.
    package struct Confirm: Sendable, Hashable {
        package static let version = "confirm-1"

        package var title, question, button: String
        package var done, superseded: String
        /// The mail, which asks and says nothing else. `{company}`, `{day}` stand for names.
        package var mailSubject, mailGreeting: String
        package var mailAsked, mailPress, mailUntil, mailElse: String
    }

    /// The text of the confirmation page whose hash is kept.
    package func confirmText(_ channel: Channel, _ purpose: Purpose) -> String {
        [Confirm.version, language, confirm.title, confirm.question, what(channel, purpose), confirm.button]
            .joined(separator: "\n")
    }

    /// The mail that asks for the second yes: what it is about, where to answer, and what happens otherwise.
    ///
    /// - Parameter until: the last day of the link, as numbers.
    package func confirmMail(company: String, channel: Channel, purpose: Purpose, link: String, until: String) -> String
    {
        """
        \(confirm.mailGreeting)

        \(confirm.mailAsked.replacing("{company}", with: company))

            \(what(channel, purpose))

        \(confirm.mailPress)

        \(link)

        \(confirm.mailUntil.replacing("{day}", with: until)) \(confirm.mailElse)

        """
    }

    /// The form for questions.
    package struct Ask: Sendable, Hashable {
        package var title, lead: String
        package var about: String
        package var choices: [InquiryAsk: String]
        package var name, email, emailNote, subject, text, files, filesNote: String
        package var safety: String
        package var send: String
        package var thanks, thanksNote: String
        package var privacy: String
        /// Why a form came back.
        package var needsText, needsEmail, tooLong, outOfDate, tooMany, tooLarge, otherKind: String
        /// The label of the field that people never see.
        package var leaveEmpty: String
    }

    package struct Unsubscribe: Sendable, Hashable {
        package var title, question, button, done: String
    }

    /// The HCP's own messages: notes on the portal.
    package struct Notes: Sendable, Hashable {
        package var title, lead, empty: String
        /// Stands beside a note that was not opened yet.
        package var unread: String
        package var back: String
        /// In place of a note whose content may not be used any more.
        package var gone: String
    }

    /// Consent that is given in front of a rep, with a signature.
    package struct Signed: Sendable, Hashable {
        package static let version = "signed-1"

        package var title: String
        /// What is signed; `{company}` stands for the name.
        package var statement: String
        package var product, allProducts: String
        package var signature, hint, clear, picture: String
    }

    /// The text of a signed consent whose hash is kept: the statement, the choices under it, the product.
    ///
    /// - Parameter choices: lines of `what`, in the order of the page.
    package func signedText(company: String, choices: [String], product: String?) -> String {
        ([
            Signed.version, language, signed.title, statement(company),
            "\(signed.product): \(product ?? signed.allProducts)",
        ]
            + choices).joined(separator: "\n")
    }

    package func statement(_ company: String) -> String { signed.statement.replacing("{company}", with: company) }
}
