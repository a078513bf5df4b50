internal import Definitions
package import EngagementModel
package import Foundation

/// Reads the folder `content/` of a workspace.
///
/// ```
/// content/review.yaml        countries, fallback languages, restricted words
/// content/claims/*.yaml      claims: [{id, title, product, countries, expires, references, text: {en: …}}]
/// content/modules/*.yaml     modules: [{id, title, product, variants: [{language, for, blocks}]}]
/// content/templates/*.html   name.html for every language, name.de.html for one
/// content/offers/*.yaml      offers: [{id, kind, for, link, text: {en: …}, terms: {en: …}}]
/// content/messages/*.yaml    messages: [{content_id, purpose, channels, template, slots, subject: {en: …}}]
/// ```
///
/// A reader never stops at the first mistake. A library with errors is returned as far as it could be read, so that pages
/// can still show it; nothing is sent from it: whoever sends asks for `hasErrors` first.
package struct LibraryReading: Sendable {
    package var library: Library
    package var diagnostics: [Diagnostic]
    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

extension Library {
    /// - Parameter folder: the workspace's `content`; an absent folder is an empty library.
    package static func read(at folder: URL) -> LibraryReading {
        var files: [LibraryReader.File] = []
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
        for name in names.sorted() {
            guard let data = FileManager.default.contents(atPath: folder.appending(path: name).path) else { continue }
            files.append(.init(name: name, data: data))
        }
        return LibraryReader.read(files)
    }
}

/// Reads the files of a library, however they came.
package struct LibraryReader {
    package struct File: Sendable {
        /// Relative to `content/`, such as `claims/heart.yaml`.
        package var name: String
        package var data: Data
        package init(name: String, data: Data) {
            self.name = name
            self.data = data
        }
        package init(_ name: String, _ text: String) { self.init(name: name, data: Data(text.utf8)) }
    }

    var library = Library()
    let log = ContentLog()

    /// Reads and checks.
    package static func read(_ files: [File]) -> LibraryReading {
        var reader = LibraryReader()
        for file in files.sorted(by: { $0.name < $1.name }) { reader.read(file) }
        reader.log.append(LibraryCheck.faults(in: reader.library))
        let order = { (d: Diagnostic) in (d.file ?? "", d.line ?? 0, d.column ?? 0, d.code) }
        return LibraryReading(
            library: reader.library, diagnostics: reader.log.diagnostics.sorted { order($0) < order($1) })
    }

    private mutating func read(_ file: File) {
        let path = "content/" + file.name
        let parts = file.name.split(separator: "/").map(String.init)
        guard let last = parts.last, !last.hasPrefix(".") else { return }
        let isYAML = last.hasSuffix(".yaml") || last.hasSuffix(".yml")
        let folder = parts.count == 2 ? parts[0] : parts.count == 1 ? "" : "?"
        let isOurs =
            isYAML && (folder == "" ? last == "review.yaml" : Self.folders.contains(folder))
            || folder == "templates" && last.hasSuffix(".html")
        guard isOurs else {
            guard isYAML || last.hasSuffix(".html") else { return }
            log.append([
                Diagnostic(
                    "unknown_file", "no part of the library lies here", severity: .warning, file: path,
                    remedy: "put it into \(Self.folders.joined(separator: ", ")) or templates (*.html)")
            ])
            return
        }
        guard file.data.count <= 1 << 20, let text = String(validating: file.data, as: UTF8.self), !text.contains("\0")
        else {
            log.append([
                Diagnostic(
                    "not_utf8", "is not UTF-8 text of at most 1 MiB", file: path, line: 1, column: 1,
                    remedy: "save it as UTF-8")
            ])
            return
        }
        if folder == "templates" { return template(text, name: last, path: path) }
        let mistakes = YAMLReader.DiagnosticLog()
        if let yaml = YAMLReader.open(text, file: path, log: mistakes) {
            switch folder {
            case "claims": each("claims", yaml) { $0.claim($1) }
            case "modules": each("modules", yaml) { $0.module($1) }
            case "offers": each("offers", yaml) { $0.offer($1) }
            case "messages": each("messages", yaml) { $0.message($1) }
            default: library.review = ReviewFile.read(yaml)
            }
        }
        log.append(mistakes.diagnostics)
    }

    private static let folders = ["claims", "modules", "offers", "messages"]

    private mutating func each(_ key: String, _ yaml: YAMLReader, _ body: (inout Self, YAMLReader) -> Void) {
        if !yaml.has(key) {
            yaml.report(key, "missing_key", "is required", remedy: "write `\(key):` and a list below it")
        }
        for item in yaml.mappings(key) { body(&self, item) }
        yaml.finish()
    }

    // MARK: What parts share

    func head(_ yaml: YAMLReader, idKey: String = "id") -> PartHead? {
        let id = yaml.required(idKey)
        let title = yaml.string("title")
        guard let id else { return nil }
        guard id.utf8.count <= 100, id.utf8.allSatisfy({ Self.isIDByte($0) }) else {
            yaml.report(idKey, "bad_id", "an id has letters, digits, `-`, `_` and `.` only")
            return nil
        }
        var head = PartHead(id: id, title: title ?? id, file: yaml.file, line: yaml.place(idKey).line)
        head.version = yaml.string("version")
        head.product = yaml.string("product")
        head.countries = countries(yaml)
        head.expires = day(yaml, "expires")
        return head
    }

    private static func isIDByte(_ byte: UInt8) -> Bool {
        (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte == 45
            || byte == 95
            || byte == 46
    }

    func countries(_ yaml: YAMLReader) -> Set<String> {
        let codes = yaml.strings("countries") ?? []
        for code in codes where !(code.count == 2 && code.allSatisfy { $0.isASCII && $0.isUppercase }) {
            yaml.report(
                "countries", "bad_value", "`\(code)` is no country", remedy: "use codes such as DE (in quotes: \"NO\")")
        }
        return Set(codes)
    }

    func day(_ yaml: YAMLReader, _ key: String) -> Day? {
        guard let text = yaml.string(key) else { return nil }
        if let day = Day(text) { return day }
        yaml.report(key, "bad_date", "`\(text)` is no day of the calendar; expected YYYY-MM-DD")
        return nil
    }

    func audience(_ yaml: YAMLReader, _ key: String) -> Audience {
        guard let inner = yaml.mapping(key) else { return Audience() }
        var audience = Audience(
            specialties: Set(inner.strings("specialty") ?? []), segments: Set(inner.strings("segment") ?? []))
        for name in inner.strings("stakeholder") ?? [] {
            if let found = Stakeholder(rawValue: name) {
                audience.stakeholders.insert(found)
            } else {
                inner.report(
                    "stakeholder", "unknown_value",
                    "`\(name)` is none of \(Stakeholder.allCases.map(\.rawValue).joined(separator: ", "))")
            }
        }
        inner.finish()
        return audience
    }

    /// Texts by language: `text: {en: …, de: …}`.
    func byLanguage(_ yaml: YAMLReader, _ key: String) -> [String: LocatedText] {
        guard let inner = yaml.mapping(key) else { return [:] }
        var texts: [String: LocatedText] = [:]
        for language in inner.keys {
            isLanguage(language, inner, language)
            texts[language] = inner.located(language)
        }
        return texts
    }

    @discardableResult
    func isLanguage(_ language: String, _ yaml: YAMLReader, _ key: String) -> Bool {
        let parts = language.split(separator: "-", omittingEmptySubsequences: false)
        let isGood =
            (2...3).contains(parts[0].count) && parts[0].allSatisfy { $0.isASCII && $0.isLowercase }
            && parts.dropFirst().allSatisfy {
                !$0.isEmpty && $0.count <= 8 && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
            }
        if !isGood {
            yaml.report(
                key, "bad_language", "`\(language)` is no language", remedy: "use BCP 47 tags such as de or pt-BR")
        }
        return isGood
    }

    /// Keeps the first of two parts with one id.
    func isNew(_ known: PartHead?, _ yaml: YAMLReader, _ key: String = "id") -> Bool {
        guard let known else { return true }
        yaml.report(key, "duplicate_id", "this id is taken by \(known.file):\(known.line)", remedy: "choose another id")
        return false
    }
}
