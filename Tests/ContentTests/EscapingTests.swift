import Definitions
import EngagementModel
import Foundation
import Testing

@testable import Content

/// T19: whatever a field holds, a message stays what its author wrote.
struct EscapingTests {
    /// Tags with their attributes' names, and links: what a value must not be able to change.
    static func skeleton(_ html: String) -> [String] {
        var tags: [String] = []
        for match in html.matches(of: #/<(/?[a-zA-Z][a-zA-Z0-9]*)((?:\s[^\s=<>"]+="[^"<>]*")*)>/#) {
            let names = match.output.2.matches(of: #/\s([^\s=<>"]+)="/#).map { String($0.output.1) }
            tags.append(([String(match.output.1)] + names).joined(separator: " "))
        }
        return tags
    }

    @Test func injectionsRenderInert() throws {
        #expect(injections.count == 300 && Set(injections).count == 300)
        let plain = try Sample.assemble(Sample.request()).get()
        let expected = Self.skeleton(try #require(plain.html))
        #expect(expected.count > 40)
        let texts = Field.allCases.filter { !$0.isURL }
        for payload in injections {
            var fields = Sample.fields
            for field in texts { fields[field] = payload }
            // A value of nothing but control characters counts as missing.
            guard !Escape.line(payload).isEmpty else { continue }
            let message = try Sample.assemble(Sample.request(fields: fields)).get()
            let html = try #require(message.html)
            #expect(Self.skeleton(html) == expected, "\(payload.debugDescription)")
            // Whatever `<` is left begins one of the template's own tags.
            #expect(html.count { $0 == "<" } == (plain.html ?? "").count { $0 == "<" }, "\(payload.debugDescription)")
            let lines = message.subject.unicodeScalars
            #expect(
                !lines.contains {
                    $0.value < 32 || (127...159).contains($0.value) || [0x2028, 0x2029].contains($0.value)
                })
            #expect(html.contains("https://example.org/q?name=\(Escape.url(Escape.line(payload)))"))
            for word in ["{{csrf}}", "{{claim CL-1}}", "{{unsubscribe_url}}"] where payload == word {
                #expect(message.subject.contains(word), "a value is not read again as a template")
            }
            #expect(!message.text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        }
    }

    @Test func onlyHttpsAddressesBecomeLinks() {
        var accepted: [String] = []
        for payload in injections + ["https://example.org/a?b=c#d", "https://example.org:8443/"] {
            var fields = Sample.fields
            fields[.eventURL] = payload
            if case .success(let message) = Sample.assemble(Sample.request(fields: fields)) {
                accepted.append(payload)
                #expect(message.html?.contains("href=\"\(Escape.html(payload))\"") == true)
            }
        }
        #expect(accepted == ["https://example.org/a?b=c#d", "https://example.org:8443/"], "\(accepted)")
    }

    /// Texts of authors that hold markup are words, not markup; blocks of HTML that hold anything active are refused.
    @Test func authorsCannotWriteScriptsEither() throws {
        for payload in injections {
            var library = Sample.library
            for id in library.claims.keys {
                library.claims[id]?.texts["en"] = LocatedText(payload)
                library.claims[id]?.references = [.init(id: "r", text: payload)]
            }
            library.offers["O-SEAT"]?.words["en"] = .init(text: LocatedText(payload), terms: LocatedText(payload))
            let message = try Assembly(library: library, standings: Sample.approved(library))
                .assemble(Sample.request()).get()
            let html = try #require(message.html)
            #expect(!html.lowercased().contains("<script") && !html.lowercased().contains("<img src=\"x"))
            #expect(
                Set(Self.skeleton(html)).isSubset(
                    of: Set(Self.skeleton(try #require(Sample.assemble(Sample.request()).get().html)))),
                "\(payload.debugDescription)")
            let log = ContentLog()
            let nodes = MarkupReader.read(LocatedText("<p>\(payload)</p>"), scope: .fragment, log: log)
            #expect(Self.isTame(nodes), "\(payload.debugDescription)")
        }
    }

    /// No element outside of the list, no handler, no address but https and mailto; also when mistakes were reported.
    static func isTame(_ nodes: [MarkupNode]) -> Bool {
        nodes.allSatisfy { node in
            guard case .element(let element) = node else { return true }
            return MarkupRules.allows(element.name, .fragment) && isTame(element.children)
                && element.attributes.allSatisfy { attribute in
                    guard !attribute.name.hasPrefix("on") else { return false }
                    guard attribute.name == "href" || attribute.name == "src" else { return true }
                    return attribute.value.source.hasPrefix("https://") || attribute.value.source.hasPrefix("mailto:")
                        || attribute.value.source.hasPrefix("{{")
                }
        }
    }

    @Test func aFaultyElementIsNeverWritten() throws {
        let reading = Sample.reading(
            "modules/a.yaml", Sample.modules.replacing("<p>Ask", with: "<script>alert(1)</script><p>Ask"))
        #expect(reading.hasErrors)
        let message = try Assembly(library: reading.library, standings: Sample.approved(reading.library))
            .assemble(Sample.request()).get()
        #expect(message.html?.contains("script") == false)
    }
}
