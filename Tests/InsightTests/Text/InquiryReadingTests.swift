import Testing

@testable import Insight

@Suite struct InquiryReadingTests {
    @Test(arguments: [
        ("Is there a dose adjustment for Altrivexa in renal impairment?", InquiryReading.Kind.dosing),
        ("What are the known interactions of Altrivexa with anticoagulants?", .interaction),
        (
            "Could you send the full text of the pivotal study on Brenzolia, including the subgroup results?",
            .clinicalData
        ),
        ("Are there data on Brenzolia beyond two years of follow-up?", .clinicalData),
        ("Welche Dosierung von Altrivexa gilt bei Niereninsuffizienz?", .dosing),
        ("Quelle est la posologie en cas d'insuffisance rénale ?", .dosing),
    ])
    func medicalQuestionsGoToMedical(_ text: String, _ kind: InquiryReading.Kind) {
        let reading = InquiryReading.read(text)
        #expect(reading.kind == kind)
        #expect(reading.medical)
    }

    @Test(arguments: [
        ("Please send the current price list for Corvanta Knee.", InquiryReading.Kind.price),
        ("How do I order samples or a trial set of Dexoflow Kit?", .order),
        ("Is Altrivexa covered by the regional formulary, and at which tier?", .coverage),
        ("When is the next training on Altrivexa? We would bring two colleagues.", .training),
        ("The portal says \"order blocked\" for Dexoflow Kit; who can help?", .technical),
        ("Fragt nach Kosten und Erstattung, Rückruf vereinbart.", .price),
        ("Prefers video, no visit next quarter.", .contactWish),
    ])
    func theOthersDoNot(_ text: String, _ kind: InquiryReading.Kind) {
        let reading = InquiryReading.read(text)
        #expect(reading.kind == kind, "\(reading)")
        #expect(!reading.medical)
        #expect(reading.safety == nil)
    }

    @Test func urgencyIsReadFromWordsAndFromWhatItIsAbout() {
        #expect(InquiryReading.read("Please send the price list, it is urgent.").urgency == .high)
        #expect(InquiryReading.read("Please send the price list.").urgency == .normal)
        #expect(InquiryReading.read("Please send the price list next quarter.").urgency == .low)
        #expect(InquiryReading.read("The portal says \"order blocked\".").urgency == .high)
    }

    @Test func aReportOfHarmIsMedicalUrgentAndHasADeadline() throws {
        let reading = InquiryReading.read("My patient developed a rash after the second dose and went to the hospital.")
        let flag = try #require(reading.safety)
        #expect(flag.kind == .adverseEvent && flag.serious && flag.deadlineHours == 4)
        #expect(reading.medical && reading.urgency == .high)
    }

    @Test func whatNoRuleKnowsIsOtherWithoutEvidence() {
        for text in ["", "Hello.", "12345"] {
            let reading = InquiryReading.read(text)
            #expect(reading.kind == .other && !reading.medical && reading.evidence.isEmpty)
        }
    }
}
