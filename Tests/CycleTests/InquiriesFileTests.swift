import EngagementModel
import Foundation
import Insight
import TestSupport
import Testing

@testable import Cycle

/// `inquiries.yaml`, and what reads messages behind it.
struct InquiriesFileTests {
    private static func read(_ text: String?) throws -> WorkspaceReading {
        let folder = try TemporaryFolder()
        try folder.write("name: Test\n", to: "rapport.yaml")
        try folder.write("horizon_days: 5\n", to: "strategy.yaml")
        if let text { try folder.write(text, to: "inquiries.yaml") }
        return Workspace.read(at: folder.url)
    }

    @Test func withoutAFileTheDefaultsHold() throws {
        #expect(try Self.read(nil).workspace?.inquiries == InquiryRules())
        #expect(try Self.read("").workspace?.inquiries == InquiryRules())
    }

    @Test func everyKeyHasItsPlace() throws {
        let rules = try #require(
            try Self.read(
                """
                routes:
                  - {kind: [price, order], country: DE, queue: rep}
                  - {product: [P3, P4], queue: service}
                fallback: inside_sales
                levels:
                  inside_sales: {normal: 12h, high: 30m}
                cases: off
                safety: {serious: 2h, other: 12h}
                form: {open: false, per_minute: 3, per_address_hour: 4}
                """
            ).workspace?.inquiries)
        #expect(
            rules.routes == [
                .init(kinds: [.price, .order], countries: ["DE"], queue: .rep),
                .init(products: ["P3", "P4"], queue: .service),
            ])
        #expect(rules.fallback == .insideSales && !rules.opensCases)
        #expect(rules.due(.insideSales, .normal).seconds == 43_200 && rules.due(.insideSales, .high).seconds == 1_800)
        #expect(rules.due(.insideSales, .low) == InquiryRules().due(.insideSales, .low))
        #expect(rules.due(.medical, .normal) == InquiryRules().due(.medical, .normal))
        #expect(rules.seriousSafety.seconds == 7_200 && rules.safety.seconds == 43_200)
        #expect(!rules.form.isOpen && rules.form.perMinute == 3 && rules.form.perAddressHour == 4)
    }

    @Test(arguments: [
        ("routes:\n  - {kind: dosing, queue: inside_sales}", "medical_firewall", 2),
        ("routes:\n  - {kind: prise, queue: rep}", "unknown_value", 2),
        ("routes:\n  - {kind: price}", "missing_key", 2),
        ("routes:\n  - {queue: safety}", "bad_value", 2), ("fallback: safety", "bad_value", 1),
        ("safety: {serious: 5h}", "out_of_range", 1), ("safety: {other: 2d}", "out_of_range", 1),
        ("levels: {sales: {normal: 1h}}", "unknown_value", 1), ("levels: {rep: {normal: 1m}}", "out_of_range", 1),
        ("form: {per_minute: 0}", "out_of_range", 1), ("rutes: []", "unknown_key", 1),
    ])
    func aMistakeIsSaidWithItsLine(_ text: String, _ code: String, _ line: Int) throws {
        let reading = try Self.read(text)
        let found = reading.diagnostics.filter { $0.file == "inquiries.yaml" }
        #expect(found.contains { $0.code == code && $0.line == line }, "\(found)")
        #expect(reading.workspace == nil)
    }

    /// The reader of texts and the inbox spell their words alike.
    @Test func readerAndInboxSpeakTheSameWords() {
        #expect(Set(InquiryReading.Kind.allCases.map(\.rawValue)) == Set(InquiryKind.allCases.map(\.rawValue)))
        #expect(
            InquiryReading.Kind.allCases.allSatisfy { InquiryKind(rawValue: $0.rawValue)?.isMedical == $0.isMedical })
        #expect(Set(SafetyFlag.Kind.allCases.map(\.rawValue)) == Set(SafetyKind.allCases.map(\.rawValue)))
    }

    /// Messages as people write them, and who answers: the whole way from the words to the queue.
    @Test(arguments: [
        ("What dose do you recommend in renal impairment?", InquiryQueue.medical, nil as SafetyKind?, false),
        ("Welche Dosierung empfehlen Sie bei Niereninsuffizienz?", .medical, nil, false),
        ("Avez-vous des données récentes sur la grossesse ?", .medical, nil, false),
        ("Please send a quote with the price for 40 sets.", .insideSales, nil, false),
        ("Wann kommt unsere Lieferung?", .insideSales, nil, false),
        ("El portal está bloqueado.", .service, nil, false),
        ("The infusion pump stopped working this morning.", .service, .deviceComplaint, false),
        ("My patient developed a rash after taking the tablets.", .medical, .adverseEvent, false),
        ("A patient died two days after the infusion.", .medical, .adverseEvent, true),
        ("What are the side effects of the tablets?", .medical, nil, false),
        ("Is there a training in spring?", .rep, nil, false), ("hm", .medical, nil, false),
    ])
    func wordsGoToTheirQueue(_ text: String, _ queue: InquiryQueue, _ safety: SafetyKind?, _ serious: Bool) {
        let finding = InquiryRoom.reading("", text)
        let decision = InquiryRules().decide(finding, InquiryRules.Facts(hasRep: true))
        #expect(decision.queue == queue, "\(finding)")
        #expect(finding.safety.map(\.kind) == [safety].compactMap { $0 }, "\(finding)")
        #expect(finding.safety.map(\.isSerious) == (safety == nil ? [] : [serious]), "\(finding)")
        let seconds = finding.safety.map { InquiryRules().due($0).seconds }
        #expect(seconds == (safety == nil ? [] : [serious ? 14_400 : 86_400]))
    }
}
