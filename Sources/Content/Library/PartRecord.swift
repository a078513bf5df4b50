internal import Crypto
internal import Definitions
package import EngagementModel
internal import Foundation

/// A part written out in full, in a form that a person can read and that has one digest: what is signed and kept.
package struct PartRecord: Sendable, Hashable {
    package var version: PartVersion
    package var title: String
    /// As stated in the file; nil = the version is a digest.
    package var stated: String?
    package var expires: Day?
    package var countries: Set<String>
    /// Lines `name: value`; line breaks within a value are written `\n`.
    package var body: String
}

extension Library {
    /// The record of a part; nil when the library does not have it.
    ///
    /// A message's record names the digests of all that it uses, so that a signature under a message is one under every
    /// word of it, and a changed claim makes a new version of each message that cites it.
    package func record(of key: PartKey) -> PartRecord? {
        record(of: key) { record(of: $0)?.version.digest }
    }

    /// - Parameter digest: that of a part which a message uses; nil = the library does not have it.
    func record(of key: PartKey, digest known: (PartKey) -> String?) -> PartRecord? {
        guard let head = head(of: key) else { return nil }
        var lines = RecordLines(key, head)
        switch key.kind {
        case .claim: claims[key.id].map { write($0, key.language, &lines) }
        case .module: modules[key.id].map { write($0, key.language, &lines) }
        case .template: templates[key.id]?[key.language].map { lines.add("body", $0.body.source) }
        case .offer: offers[key.id].map { write($0, key.language, &lines) }
        case .message: messages[key.id].map { write($0, key.language, &lines, known) }
        }
        let digest = SHA256.hash(data: Data(lines.text.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        // What a message is made of changes under a stated version too.
        let stated = head.version.map { key.kind == .message ? "\($0)+\(digest.prefix(8))" : $0 }
        return PartRecord(
            version: PartVersion(key, version: stated ?? String(digest.prefix(12)), digest: digest), title: head.title,
            stated: head.version, expires: head.expires, countries: head.countries, body: lines.text)
    }

    private func write(_ part: ClaimPart, _ language: String, _ lines: inout RecordLines) {
        lines.add("text", part.texts[language]?.string ?? "")
        for reference in part.references {
            lines.add("reference \(reference.id)", [reference.text, reference.url ?? ""].joined(separator: " | "))
        }
    }

    private func write(_ part: ModulePart, _ language: String, _ lines: inout RecordLines) {
        for variant in part.variants where variant.language == language {
            lines.add("variant", variant.audience)
            for block in variant.blocks { lines.add(block) }
        }
    }

    private func write(_ part: OfferPart, _ language: String, _ lines: inout RecordLines) {
        lines.add("kind", part.kind.rawValue)
        lines.add("for", part.audience)
        lines.add("text", part.words[language]?.text.string ?? "")
        lines.add("terms", part.words[language]?.terms?.string ?? "")
        lines.add("link", part.link?.source ?? "")
    }

    private func write(
        _ message: MessagePlan, _ language: String, _ lines: inout RecordLines, _ digest: (PartKey) -> String?
    ) {
        lines.add("purpose", message.purpose.rawValue)
        lines.add("channels", message.channels.map(\.rawValue).sorted().joined(separator: ";"))
        lines.add("for", message.audience)
        for subject in message.subjects[language] ?? [] {
            lines.add("subject", subject.audience)
            lines.add("words", subject.text.source)
        }
        lines.add("template", message.template ?? "")
        for slot in message.slots.keys.sorted() {
            lines.add("slot \(slot)", (message.slots[slot] ?? []).joined(separator: ";"))
        }
        for key in uses(of: message, language).dropFirst().sorted() {
            lines.add("uses \(key)", digest(key) ?? "missing")
        }
    }
}

/// Lines of a record; a value cannot pretend to be a line.
private struct RecordLines {
    private(set) var text = ""

    init(_ key: PartKey, _ head: PartHead) {
        add("part", key.description)
        add("title", head.title)
        add("version", head.version ?? "")
        add("product", head.product ?? "")
        add("countries", head.countries.sorted().joined(separator: ";"))
        add("expires", head.expires?.description ?? "")
    }

    mutating func add(_ name: String, _ value: String) {
        text +=
            "\(name): " + value.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\r", with: "\\r")
        text += "\n"
    }

    mutating func add(_ name: String, _ audience: Audience) {
        let parts = [
            audience.specialties.sorted(), audience.segments.sorted(), audience.stakeholders.map(\.rawValue).sorted(),
        ]
        add(name, audience.isEverybody ? "everybody" : parts.map { $0.joined(separator: ",") }.joined(separator: " | "))
    }

    mutating func add(_ block: ModulePart.Block) {
        switch block {
        case .heading(let phrase): add("heading", phrase.source)
        case .text(let phrase): add("text", phrase.source)
        case .list(let phrases): for phrase in phrases { add("item", phrase.source) }
        case .html(let nodes): add("html", nodes.source)
        case .image(let source, let alternative, let width):
            add("image", "\(source) | \(alternative.source) | \(width.map(String.init) ?? "")")
        case .button(let title, let link): add("button", "\(title.source) | \(link.source)")
        case .offer(let id): add("offer", id)
        }
    }
}
