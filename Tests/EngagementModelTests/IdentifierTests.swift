import EngagementModel
import Testing

@Suite struct IdentifierTests {
    @Test func theCheckDigitOfAnNPIIsLuhnOver80840() {
        #expect(NPI.isValid("1234567893"))
        #expect(!NPI.isValid("1234567890"))
        #expect(!NPI.isValid("3234567893"), "the first digit is 1 or 2")
        #expect(!NPI.isValid("123456789"))
        #expect(!NPI.isValid("12345678９3"), "digits are ASCII")
    }

    @Test func nineDigitsHaveExactlyOneCheckDigit() {
        for prefix in ["123456789", "200000000", "199999999", "101010101"] {
            let valid = (0...9).filter { NPI.isValid(prefix + String($0)) }
            #expect(valid.count == 1)
            #expect(NPI.complete(prefix) == prefix + String(valid[0]))
        }
        #expect(NPI.complete("923456789") == nil)
    }
}
