import EngagementModel
import Ledger
import Words

/// Consent of one HCP: what is on record, and the form on which a rep takes more of it.
struct ConsentPage: Sendable {
    var subject: ConsentSubject
    var records: [ConsentRecord]
    var products: [(id: String, name: String)]
    var reps: [String: String]
    var company: String
    var isSaved = false
    /// nil for those who only look.
    var form: Form?

    struct Form: Sendable {
        var csrf: String
        var stamp: String
        var draft: SignedConsent
        var channels: [Channel]
        var purposes: [Purpose]
        var fault: SignedConsent.Fault?
    }

    static func path(_ hcpID: String) -> String { "\(Operation.hcpSearch.path)/\(FormFields.encode(hcpID))/consents" }

    private var path: String { Self.path(subject.label.hcpID) }

    var view: View {
        .with { view in
            view.set("hcpName", subject.label.name)
            view.set("hcpPath", String(path.dropLast("/consents".count)))
            view.set("path", path)
            view.set("saved", isSaved)
            view.set("records", records.map(row))
            view.set("form", form.map(formView))
        }
    }

    private func row(_ record: ConsentRecord) -> View {
        let consent = record.consent
        return .with {
            $0.set("day", Format.time(consent.capturedAt))
            $0.set("channel", consent.channel.title)
            let product = consent.productID.map { id in products.first { $0.id == id }?.name ?? id }
            $0.set(
                "subject", [Format.label(consent.purpose.rawValue), product].compactMap { $0 }.joined(separator: ", "))
            $0.set("status", Format.label(consent.status.rawValue) + (record.supersededAt == nil ? "" : " (corrected)"))
            $0.set(
                "means", record.means.map { Format.label($0.rawValue) } ?? (consent.origin == .loaded ? "Loaded" : "–"))
            $0.set(
                "text",
                [consent.textVersion, record.language].compactMap { $0 }.joined(separator: ", "))
            $0.set("actor", actor(record.actor))
            $0.set(
                "signaturePath", record.signatureHash == nil ? nil : "\(path)/\(record.number)/signature")
        }
    }

    private func actor(_ id: String?) -> String? {
        guard let id, id != "system" else { return nil }
        if id.hasPrefix("hcp:") { return "the HCP" }
        return reps[id] ?? id
    }

    private func formView(_ form: Form) -> View {
        let words = PublicWords.of(form.draft.language)
        return .with { view in
            view.set("csrf", form.csrf)
            view.set("stamp", form.stamp)
            view.set("fault", form.fault?.rawValue)
            view.set("language", words.language)
            view.set(
                "languages",
                PublicWords.all.map { one in
                    .with {
                        $0.set("code", one.language)
                        $0.set("name", Self.languageNames[one.language] ?? one.language)
                        $0.set("on", one.language == words.language)
                    }
                })
            view.set("title", words.signed.title)
            view.set("statement", words.statement(company))
            view.set("wayWord", words.preferences.channel)
            view.set("purposeWords", form.purposes.map { words.purposes[$0] ?? "" })
            view.set("ways", form.channels.map { way($0, form, words) })
            view.set("productWord", words.signed.product)
            view.set("allProducts", words.signed.allProducts)
            view.set(
                "products",
                products.map { product in
                    .with {
                        $0.set("code", product.id)
                        $0.set("name", product.name)
                        $0.set("on", product.id == form.draft.productID)
                    }
                })
            view.set(
                "means",
                SignedConsent.Means.allCases.map { means in
                    .with {
                        $0.set("code", means.rawValue)
                        $0.set("name", means.title)
                        $0.set("on", means == form.draft.means ?? .signature)
                    }
                })
            view.set("signatureWord", words.signed.signature)
            view.set("hint", words.signed.hint)
            view.set("clear", words.signed.clear)
            view.set("picture", words.signed.picture)
        }
    }

    private func way(_ channel: Channel, _ form: Form, _ words: PublicWords) -> View {
        .with { view in
            view.set("wayName", words.channels[channel])
            view.set(
                "cells",
                form.purposes.map { purpose in
                    .with {
                        $0.set("cellName", "allow.\(channel.rawValue).\(purpose.rawValue)")
                        $0.set("cellLabel", words.what(channel, purpose))
                        $0.set("cellPurpose", words.purposes[purpose] ?? "")
                        $0.set("cellOn", form.draft.cells.contains(.init(channel: channel, purpose: purpose)))
                    }
                })
        }
    }

    private static let languageNames = [
        "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano",
    ]
}
