import Content
import EngagementModel
import Ledger

/// One content in one language: its parts, their review, a look at it, and what can be done.
struct ContentPage: Sendable {
    struct Part: Sendable {
        var key: PartKey
        var title: String
        var version: PartVersion?
        var standing: PartStanding
        /// The end that the part itself states.
        var ownEnd: Day?
        var review: PartReview?
    }

    struct Preview: Sendable {
        var hcpID: String?
        var channel: Channel
        var label: String?
        var fault: String?
        /// What would happen if it were to go out today.
        var verdict: String?
        var isOpen = false
        var subject: String?
        var text: String?
        var framePath: String?
    }

    var contentID: String
    var title: String
    var language: String
    var languages: [String] = []
    var facts: [(String, String)] = []
    var standing: PartStanding
    var today: Day
    var parts: [Part] = []
    var findings: [RestrictedFinding] = []
    var mistakes: [Diagnostic] = []
    var preview: Preview
    var canPreview = false
    var said: (text: String, failed: Bool)?
    var csrf = ""
    var names: [String: String] = [:]
    /// Words of a content of the sources.
    var body: String?
    // What this person may do.
    var canSubmit = false
    var canWithdraw = false
    var disciplines: Set<ReviewDiscipline> = []
    var needsIdentification = true
    var login = ""
    var userName = ""

    var path: String { "/content/" + FormFields.encode(contentID) }

    /// Digest of the message: names every word that a form is about.
    var digest: String { parts.first?.version?.digest ?? "" }

    var view: View {
        .with { view in
            view.set("title", title)
            view.set("contentID", contentID)
            view.set("path", path)
            view.set("language", language)
            view.set("csrf", csrf)
            view.set("digest", digest)
            view.set("state", standing.state.title)
            view.set("stateStyle", standing.state.style)
            view.set("ends", standing.expiresOn.map { "Last day \(Format.day($0)), \(Format.ago($0, from: today))" })
            view.set("endsSoon", ContentListPage.endsSoon(standing, on: today))
            view.set("said", said?.text)
            view.set("saidFailed", said?.failed ?? false)
            view.set(
                "languages",
                languages.map { code in
                    .with {
                        $0.set("code", code)
                        $0.set("codePath", "\(path)?language=\(FormFields.encode(code))")
                        $0.set("isHere", code == language)
                    }
                })
            view.set(
                "facts",
                facts.map { name, value in
                    .with {
                        $0.set("factName", name)
                        $0.set("factValue", value)
                    }
                })
            view.set("mistakes", mistakes.prefix(20).map { ContentListPage.mistake($0) })
            view.set("findings", findings.map(findingView))
            view.set("parts", parts.map(partView))
            view.set("signatures", parts.flatMap(signatureViews))
            view.set("events", eventViews)
            view.set("body", body)
            if canPreview { view.set("preview", previewView) }
            setActions(&view)
        }
    }

    // MARK: - Actions

    private func waiting(_ action: ReviewAction) -> [Part] {
        parts.filter { part in
            guard part.version != nil else { return false }
            return ReviewMachine(state: part.standing.state, approved: part.review?.approved ?? []).admits(action)
        }
    }

    private func setActions(_ view: inout View) {
        let drafts = waiting(.submit)
        if canSubmit, !drafts.isEmpty {
            view.set("submit", names(drafts, "submitParts"))
        }
        let forms = ReviewDiscipline.allCases.filter(disciplines.contains).flatMap { discipline -> [View] in
            SignatureMeaning.allCases.compactMap { meaning in
                let parts = waiting(.sign(discipline, meaning))
                guard !parts.isEmpty else { return nil }
                return signView(parts, discipline, meaning)
            }
        }
        view.set("signForms", forms)
        let rejectable = disciplines.isEmpty ? [] : waiting(.reject)
        if !rejectable.isEmpty {
            view.set(
                "reject", View.with { $0.set("rejectMarkup", options(rejectable, all: "Everything under review")) })
        }
        let withdrawable = canWithdraw ? waiting(.withdraw) : []
        if !withdrawable.isEmpty {
            view.set("withdraw", View.with { $0.set("withdrawMarkup", options(withdrawable, all: nil)) })
        }
        view.set(
            "hasActions", canSubmit && !drafts.isEmpty || !forms.isEmpty || !rejectable.isEmpty || !withdrawable.isEmpty
        )
    }

    private func options(_ parts: [Part], all: String?) -> Markup {
        let everything = all.map { [Options.Choice("", $0)] } ?? []
        return Options.markup(everything + parts.map { .init($0.key.description, "\($0.key.kind.title): \($0.title)") })
    }

    private func names(_ parts: [Part], _ list: String) -> View {
        .with {
            $0.set("count", Format.plural(parts.count, "part"))
            $0.set(list, parts.map { "\($0.key.kind.title): \($0.title) (\($0.version?.version ?? ""))" })
        }
    }

    private func signView(_ parts: [Part], _ discipline: ReviewDiscipline, _ meaning: SignatureMeaning) -> View {
        .with {
            $0.set("discipline", discipline.rawValue)
            $0.set("disciplineTitle", discipline.title)
            $0.set("meaning", meaning.rawValue)
            $0.set("meaningSentence", meaning.sentence(discipline))
            $0.set("isRelease", meaning == .release)
            $0.set("signName", userName)
            $0.set("needsLogin", needsIdentification)
            $0.set("count", Format.plural(parts.count, "part"))
            $0.set("signParts", parts.map { "\($0.key.kind.title): \($0.title) (\($0.version?.version ?? ""))" })
        }
    }

    // MARK: - Parts and their review

    private func partView(_ part: Part) -> View {
        .with {
            $0.set("partKind", part.key.kind.title)
            $0.set("partTitle", part.title)
            $0.set("partKey", part.key.description)
            $0.set("partVersion", part.version?.version ?? "missing")
            $0.set("partDigest", part.version.map { String($0.digest.prefix(12)) })
            let ends = [part.standing.expiresOn, part.ownEnd].compactMap { $0 }.min()
            let shown = ContentListPage.shown(PartStanding(part.standing.state, expiresOn: ends), on: today)
            $0.set("partState", part.version == nil ? "Missing" : shown.title)
            $0.set("partStyle", part.version == nil ? "closed" : shown.style)
            $0.set("partApproved", part.standing.approvedOn.map { Format.day($0) } ?? "–")
            $0.set("partEnds", ends.map { Format.day($0) } ?? "–")
            let signed = ReviewDiscipline.allCases.filter { part.review?.approved.contains($0) ?? false }
            let missing = ReviewDiscipline.allCases.filter { !signed.contains($0) }
            $0.set(
                "partWaits",
                part.standing.state == .inReview ? "waits for " + missing.map(\.rawValue).joined(separator: ", ") : nil)
            $0.set("partRecord", part.review?.body)
        }
    }

    private func signatureViews(_ part: Part) -> [View] {
        (part.review?.signatures ?? []).map { signature in
            .with {
                $0.set("signer", signature.printedName)
                $0.set("signedFor", "\(part.key.kind.title): \(part.title)")
                $0.set("signedVersion", part.version?.version ?? "")
                $0.set("signedMeaning", signature.meaning.sentence(signature.discipline))
                $0.set(
                    "signedAt",
                    signature.reference == nil
                        ? Format.time(signature.signedAt) + " UTC" : Format.day(day(signature.signedAt)))
                $0.set(
                    "signedHow",
                    signature.reference.map { "in another system: \($0)" }
                        ?? (signature.components == 2 ? "login and password" : "password"))
                $0.set("signedDigest", String(signature.digest.prefix(12)))
                $0.set("isPast", signature.round != part.review?.round)
            }
        }
    }

    private var eventViews: [View] {
        let all = parts.flatMap { part in (part.review?.events ?? []).map { (part, $0) } }
        return all.sorted { $0.1.at > $1.1.at }.prefix(100).map { part, event in
            .with {
                $0.set("eventAt", Format.time(event.at) + " UTC")
                $0.set("eventPart", "\(part.key.kind.title): \(part.title)")
                $0.set("eventAction", Format.label(event.action.replacing(":", with: " ")))
                $0.set("eventState", event.state.title)
                $0.set("eventActor", names[event.actor] ?? event.actor)
                $0.set("eventCause", event.cause ?? "–")
            }
        }
    }

    private func day(_ microseconds: Int64) -> Day { Day(number: Int32(microseconds / 86_400_000_000)) }

    private func findingView(_ finding: RestrictedFinding) -> View {
        .with {
            $0.set("findingWord", finding.word)
            $0.set(
                "findingWhere",
                finding.countries.isEmpty ? "everywhere" : finding.countries.sorted().joined(separator: ", "))
            $0.set("findingPlace", "\(finding.file):\(finding.line):\(finding.column)")
            $0.set("findingPart", finding.part.description)
            $0.set("findingCause", finding.cause)
        }
    }

    private var previewView: View {
        .with {
            $0.set("previewHCP", preview.hcpID)
            $0.set("previewChannel", preview.channel.title)
            $0.set("previewLabel", preview.label)
            $0.set("previewFault", preview.fault)
            $0.set("previewVerdict", preview.verdict)
            $0.set("previewOpen", preview.isOpen)
            $0.set("previewSubject", preview.subject)
            $0.set("previewText", preview.text)
            $0.set("framePath", preview.framePath)
        }
    }
}
