import EngagementModel
import Foundation
import Testing

@testable import Server

/// Every page, full and empty, as a browser would read it.
struct PageTests {
    let pages: PageRenderer

    init() throws { pages = try PageRenderer(nativeDirectory: nil) }

    private func document(_ template: String, _ view: View) throws -> String {
        try pages.document(template, view, title: "Title", visit: Examples.visit, stamp: Examples.today().stamp)
    }

    @Test func fullPagesAreWellFormedAndNamed() throws {
        for (template, view) in Examples.all() {
            let check = HTMLCheck(try document(template, view))
            #expect(check.problems.isEmpty, "\(template): \(check.problems)")
            #expect(check.count("h1") == 1, "\(template) needs one first heading")
            #expect(check.count("main") == 1)
            #expect(!check.text.contains("Optional("), "\(template) prints a Swift optional")
        }
    }

    @Test func emptyPagesAreWellFormedAndSaySomething() throws {
        for (template, view) in Examples.empty {
            let html = try document(template, view)
            let check = HTMLCheck(html)
            #expect(check.problems.isEmpty, "\(template): \(check.problems)")
            #expect(check.count("h1") == 1)
            if template != "sign-in" && template != "hcp" {
                #expect(html.contains("class=\"empty\""), "\(template) leaves the reader alone")
            }
        }
    }

    @Test func everyTextIsEscapedInTextAndAttributes() throws {
        for (template, view) in Examples.all(SnapshotFixture.hostile) {
            let html = try document(template, view)
            #expect(!html.contains("<script>alert"), "\(template)")
            #expect(!html.contains("<img"), "\(template)")
            #expect(!html.contains("&{{csrf}}"), "\(template): a value was taken for a template")
            let check = HTMLCheck(html)
            #expect(check.problems.isEmpty, "\(template): \(check.problems)")
            #expect(!check.tags.contains { $0.attributes.keys.contains("onerror") })
            #expect(html.contains("&lt;script&gt;alert"), "\(template) lost the text")
        }
    }

    /// A quotation mark with a combining accent is one character to Swift, and the end of an attribute to a browser.
    @Test func textIsEscapedScalarByScalar() throws {
        let templates = try Templates()
        for mark in ["\"", "'", "<", ">", "&"] as [Unicode.Scalar] {
            for tail in ["\u{301}", "\u{200D}", "\u{FE0F}", "\u{20E3}"] as [Unicode.Scalar] {
                let text = String(String.UnicodeScalarView([mark, tail])) + "onload=alert(1)"
                let alone = try templates.render("number-field", .with { $0.set("fieldName", text) })
                let inside = try templates.render(
                    "today", .with { $0.set("said", .with { $0.set("saidSentence", text) }) })
                for html in [alone, inside] {
                    let scalars = Array(html.unicodeScalars)
                    #expect(scalars.contains(tail), "the text is shown")
                    #expect(!zip(scalars, scalars.dropFirst()).contains { $0 == mark && $1 == tail }, "\(html)")
                }
            }
        }
    }

    @Test func unescapedPlacesOfTemplatesHoldOnlyMarkup() throws {
        let folder = Resource.folder.appending(path: "templates")
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /\{\{\{([^}]*)\}\}\}|\{\{&([^}]*)\}\}/) {
                let name = String(match.output.1 ?? match.output.2 ?? "")
                #expect(
                    name.hasSuffix("Markup") || name == "content", "\(file.lastPathComponent) prints \(name) as it is")
            }
        }
    }

    @Test func everyPostFormCarriesItsToken() throws {
        let folder = Resource.folder.appending(path: "templates")
        // Opened by a signed link or by anybody, without a session: there is nothing that a foreign page could ride on.
        let linked: Set = ["preferences.mustache", "confirm.mustache", "unsubscribe.mustache", "ask.mustache"]
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        where !linked.contains(file.lastPathComponent) {
            let text = try String(contentsOf: file, encoding: .utf8)
            for form in text.split(separator: "<form").dropFirst() where form.prefix(200).contains("method=\"post\"") {
                // Without a session there is nothing to ride on: the signed link itself is the right to send this one.
                if form.hasPrefix(" method=\"post\" action=\"/u/{{unsubscribeToken}}\"") { continue }
                let body = form.prefix(upTo: form.range(of: "</form>")?.lowerBound ?? form.endIndex)
                #expect(body.contains("name=\"csrf\""), "\(file.lastPathComponent): \(form.prefix(60))")
            }
        }
    }

    @Test func theListShowsWhatARepNeeds() throws {
        let html = try document("today", Examples.today().view)
        for words in [
            "Anna Keller, MD", "Cardiology · Klinik Nord · Hamburg", "Visit", "Mon 5 Jan", "14:00", "First.", "Second.",
            "+0.80 prescriptions", "−0.10 to +1.70", "E-mail", "no opt-in", "E-mail 20 days ago, opened",
            "E-mail “Cost” on Thu 8 Jan, 09:00", "2 h 10 min of 7 h planned", "Cardexa · Efficacy, Pdf",
            "Accept after all", "wrong time",
            "26–50 of 80",
        ] { #expect(html.contains(words), "\(words) is missing") }
        // Executed touches cannot be acted on any more.
        let executed = try #require(html.components(separatedBy: "id=\"d-D5\"").last)
        #expect(!executed.prefix(upTo: try #require(executed.range(of: "</li>\n</ol>")).lowerBound).contains("/accept"))
    }

    @Test func aReaderWithoutRightsToActSeesNoForms() throws {
        var page = Examples.today()
        page.canAct = false
        #expect(!(try document("today", page.view)).contains("/accept"))
    }

    @Test func hiddenVolumesAreNamedAndNotDrawn() throws {
        var page = Examples.hcp()
        page.volumes = .hidden
        let html = try document("hcp", page.view)
        #expect(html.contains("hidden by a data right"))
        #expect(!html.contains("per month"))
    }

    @Test func theHCPPageShowsConsentWithBasisAndTheRefusalInASentence() throws {
        let html = try document("hcp", Examples.hcp().view)
        for words in [
            "Opt in", "Consent", "31 Dec 2025", Refusal.capReached.sentence, "ahead by €31.00",
            "machine, not counted",
            "from HCP", "When this HCP answers as a table",
        ] { #expect(html.contains(words), "\(words) is missing") }
    }

    @Test func theOwnerPageAnswersItsQuestions() throws {
        let html = try document("owner", Examples.owner().view)
        for words in [
            "1,640 of 2,000 HCPs (82 %) can be reached", "No opt-in", "1,100", "€30.00", "per hour",
            "Too close together",
            "6 hours apart", "Gains €2,000", "60 touches more", "+0.50 (+0.10 to +0.90)", "120,000",
        ] { #expect(html.contains(words), "\(words) is missing") }
    }

    @Test func examplesNameNobodyToThoseWhoMaySeeNobody() throws {
        var page = Examples.owner()
        page.showsHCPs = false
        let html = try document("owner", page.view)
        #expect(!html.contains("Keller"))
        #expect(html.contains("Too close together"))
    }

    @Test func aHundredRowsRenderInMilliseconds() throws {
        var page = Examples.today()
        page.items = (0..<25).map { Examples.item($0) }
        _ = try document("today", page.view)
        let start = ContinuousClock.now
        for _ in 0..<20 { _ = try document("today", page.view) }
        // Generous: the machine may be busy; a renderer that fell back to reflection needs ten times as much.
        #expect((ContinuousClock.now - start) / 20 < .milliseconds(60))
    }
}
