import Crypto
import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Words

/// The preference centre: an HCP's own choices, behind the signed link that every message carries.
///
/// The link is the credential; there is no login. Opening it changes nothing (mail programs open links by themselves);
/// saving takes effect with the transaction.
struct PreferenceRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext
    let store: SnapshotStore

    func add(to routes: Routes) {
        routes.open(.preferences) { request, context in
            try await answer(context) { hcp, words in
                let saved = FormFields(request.uri.query ?? "")["saved"] != nil
                return .html(try await document(hcp, words, saved: saved))
            }
        }
        routes.open(.savePreferences) { request, context in
            let form = try await Gate.form(request, context)
            return try await answer(context) { hcp, words in
                try await save(form, hcp, words)
                return .seeOther(request.uri.path + "?saved=yes")
            }
        }
    }

    private struct Person {
        var id: String
        var country: String?
        var rules: [Channel: Strategy.ConsentRule]
    }

    private func answer(
        _ request: PageContext, _ body: (Person, PublicWords) async throws -> Response
    ) async throws -> Response {
        let text = FormFields.decode(request.parameters.get("token") ?? "")
        let key = try await context.ledger.linkKey()
        switch LinkToken.read(text, keys: [key], now: context.now()) {
        case .valid(let token) where token.action == .preferences:
            let recipient = try await context.ledger.recipient(token.subject)
            guard let recipient else { throw HTTPError(.notFound) }
            let market = recipient.country.flatMap { context.markets[$0] }
            let rules = context.strategy.consent.merging(market?.consent ?? [:]) { $1 }
            return try await body(
                Person(id: token.subject, country: recipient.country, rules: rules),
                PublicWords.of(recipient.language))
        case .expired(let token) where token.action == .preferences:
            let recipient = try await context.ledger.recipient(token.subject)
            let words = PublicWords.of(recipient?.language)
            throw HTTPError(.gone, message: words.expired)
        default: throw HTTPError(.notFound)
        }
    }

    private func read(_ hcp: Person) async throws -> (Preferences, [Consent]) {
        let consents = try await context.ledger.currentConsents(ofHCP: hcp.id)
        let preferences = Preferences(
            consents: consents, rules: hcp.rules, schedule: try await context.ledger.schedule(ofHCP: hcp.id),
            purposes: PublicWords.asked, now: context.now())
        return (preferences, consents)
    }

    private func save(_ form: FormFields, _ hcp: Person, _ words: PublicWords) async throws {
        let (present, consents) = try await read(hcp)
        var wanted = present
        wanted.allowed = Set(
            form.group("allow.").compactMap { field in
                let parts = field.name.split(separator: ".")
                guard parts.count == 2, let channel = Channel(rawValue: String(parts[0])),
                    let purpose = Purpose(rawValue: String(parts[1]))
                else { return nil }
                return Preferences.Cell(channel: channel, purpose: purpose)
            })
        wanted.objects = form["object"] == "yes"
        wanted.schedule = try Self.schedule(form)
        // The latest choice wins, also when the clock stands still or was set back since the one before.
        let now = max(context.now(), (consents.map(\.capturedAt).max() ?? 0) + 1)
        let evidence = ConsentEvidence(
            means: .preferenceCentre, language: words.language,
            textHash: Array(SHA256.hash(data: Data(words.preferencesText.utf8))))
        let changes = present.changes(
            to: wanted, consents: consents, hcpID: hcp.id, stamp: context.ledger.newID(), language: words.language,
            now: now)
        let principal = Principal(id: "hcp:\(hcp.id)")
        try await context.ledger.recordConsents(changes, evidence: evidence, by: principal)
        if wanted.schedule != present.schedule {
            let isOpen = wanted.schedule == OwnSchedule()
            try await context.ledger.setSchedule(isOpen ? nil : wanted.schedule, ofHCP: hcp.id, by: principal)
        }
    }

    /// Windows of the form: chosen weekdays, all with the same hours; and a pause.
    private static func schedule(_ form: FormFields) throws -> OwnSchedule {
        func minute(_ name: String) throws -> Int? {
            guard let text = form[name] else { return nil }
            let parts = text.split(separator: ":").compactMap { Int($0) }
            guard parts.count >= 2, (0...24).contains(parts[0]), (0...59).contains(parts[1]) else {
                throw Diagnostic("bad_form", "The hour could not be read.")
            }
            return parts[0] * 60 + parts[1]
        }
        let days = form.group("day.").compactMap { Int($0.name) }.filter { (0...6).contains($0) }.sorted()
        let (from, until) = (try minute("from"), try minute("until"))
        var schedule = OwnSchedule()
        if !days.isEmpty || from != nil || until != nil {
            let (start, end) = (from ?? 0, until ?? 1440)
            guard start < end, end <= 1440 else {
                throw Diagnostic("bad_form", "The hours end before they begin.")
            }
            schedule.windows = (days.isEmpty ? Array(0...6) : days).map {
                .init(weekday: $0, startMinute: start, endMinute: end)
            }
        }
        if let text = form["pause"] {
            guard let last = Day(text) else { throw Diagnostic("bad_form", "The day could not be read.") }
            schedule.pauses = [.init(first: Day(number: 0), last: last)]
        }
        return schedule
    }

    private func document(_ hcp: Person, _ words: PublicWords, saved: Bool) async throws -> String {
        let (preferences, _) = try await read(hcp)
        let notes = try await notesPath(hcp)
        let window = preferences.schedule.windows.first
        let view = View.with { view in
            view.set("title", words.preferences.title)
            view.set("lead", words.preferences.lead)
            view.set("saved", saved ? words.preferences.saved : nil)
            view.set("notesPath", notes)
            view.set("notesWord", words.notes.title)
            view.set("channelWord", words.preferences.channel)
            view.set("purposeWords", preferences.purposes.map { words.purposes[$0] ?? "" })
            view.set(
                "ways",
                preferences.channels.map { channel in
                    .with { way in
                        way.set("wayName", words.channels[channel] ?? channel.title)
                        way.set(
                            "cells",
                            preferences.purposes.map { purpose in
                                .with {
                                    $0.set("cellName", "allow.\(channel.rawValue).\(purpose.rawValue)")
                                    $0.set("cellPurpose", words.purposes[purpose] ?? "")
                                    $0.set(
                                        "cellLabel",
                                        "\(words.channels[channel] ?? ""): \(words.purposes[purpose] ?? "") \(words.preferences.allowed)"
                                    )
                                    $0.set(
                                        "cellOn",
                                        preferences.allowed.contains(.init(channel: channel, purpose: purpose)))
                                }
                            })
                    }
                })
            view.set("stopAll", words.preferences.stopAll)
            view.set("stopAllNote", words.preferences.stopAllNote)
            view.set("objects", preferences.objects)
            view.set("hoursTitle", words.preferences.hours)
            view.set("hoursNote", words.preferences.hoursNote)
            view.set(
                "weekdays",
                words.preferences.weekdays.enumerated().map { day, name in
                    .with {
                        $0.set("dayName", name)
                        $0.set("dayField", "day.\(day)")
                        $0.set("dayOn", preferences.schedule.windows.contains { $0.weekday == day })
                    }
                })
            view.set("fromWord", words.preferences.from)
            view.set("untilWord", words.preferences.until)
            view.set("fromValue", window.map { Self.clock($0.startMinute) })
            view.set("untilValue", window.map { Self.clock(min($0.endMinute, 1439)) })
            view.set("pauseWord", words.preferences.pause)
            view.set("pauseValue", preferences.schedule.pauses.last?.last.description)
            view.set("saveWord", words.preferences.save)
        }
        return try pages.document("preferences", view, title: words.preferences.title, language: words.language)
    }

    /// The way to the HCP's messages, where there is any.
    private func notesPath(_ hcp: Person) async throws -> String? {
        guard try await !context.ledger.portalNotes(ofHCP: hcp.id, limit: 1).isEmpty else { return nil }
        let token = LinkToken(action: .notes, subject: hcp.id, expiresAt: context.now() + LinkToken.pageValidity)
        return "/n/\(try token.signed(with: try await context.ledger.linkKey()))"
    }

    private static func clock(_ minute: Int) -> String {
        func two(_ v: Int) -> String { v < 10 ? "0\(v)" : "\(v)" }
        return "\(two(minute / 60)):\(two(minute % 60))"
    }
}
