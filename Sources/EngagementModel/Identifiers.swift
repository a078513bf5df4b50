/// National Provider Identifier of the United States.
public enum NPI {
    /// Whether a text is a valid NPI: ten digits, the first 1 or 2, Luhn over `80840` + NPI.
    ///
    /// Source: CMS, "Requirements for National Provider Identifier (NPI) and NPI Check Digit".
    public static func isValid(_ text: some StringProtocol) -> Bool {
        let digits = text.utf8.map { Int($0) - 48 }
        guard digits.count == 10, digits.allSatisfy({ (0...9).contains($0) }), digits[0] == 1 || digits[0] == 2
        else { return false }
        return (24 + luhnSum(digits)) % 10 == 0  // the prefix 80840 adds 24
    }

    /// Completes nine digits to a valid NPI; nil when `prefix` is not nine digits beginning with 1 or 2.
    public static func complete(_ prefix: String) -> String? {
        (0...9).lazy.map { prefix + String($0) }.first(where: { isValid($0) })
    }

    private static func luhnSum(_ digits: [Int]) -> Int {
        digits.reversed().enumerated().reduce(0) { sum, item in
            let doubled = item.offset % 2 == 1 ? item.element * 2 : item.element
            return sum + (doubled > 9 ? doubled - 9 : doubled)
        }
    }
}
