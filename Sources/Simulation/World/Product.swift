/// What the simulated company sells. Brands are invented.
package struct Product: Sendable, Hashable {
    package let id: String
    package let brand: String
    package let area: String
    /// `drug`, `device`, `consumable`.
    package let kind: String
    package let unit: String
    package let listPrice: Double
    package let gtin: String
    /// The measure of the volume table that it is counted in.
    package let measure: String
    /// Amplitude and peak month (0 January) of its season.
    let season: (amplitude: Double, peak: Double)

    package static func == (a: Product, b: Product) -> Bool { a.id == b.id }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }

    package static let all: [Product] = [
        Product("P1", "Altrivexa", "cardiometabolic", "drug", "pack of 30", 310, "prescriptions", (0.05, 0)),
        Product("P2", "Brenzolia", "immunology_gi", "drug", "pen", 640, "prescriptions", (0.08, 10)),
        Product("P3", "Corvanta Knee", "orthopaedics", "device", "implant set", 2450, "units", (0.10, 1)),
        Product("P4", "Dexoflow Kit", "interventional", "consumable", "box of 10", 420, "units", (0.06, 9)),
    ]

    private init(
        _ id: String, _ brand: String, _ area: String, _ kind: String, _ unit: String, _ price: Double,
        _ measure: String, _ season: (Double, Double)
    ) {
        self.id = id
        self.brand = brand
        self.area = area
        self.kind = kind
        self.unit = unit
        listPrice = price
        self.measure = measure
        self.season = season
        gtin = CheckDigit.gs1(Array("95069000000\(id.last ?? "0")".utf8))
    }

    package var isDrug: Bool { kind == "drug" }

    /// The procedure that uses a device or consumable, and how many of them one unit serves.
    var procedure: (code: String, perUnit: Int)? {
        switch kind {
        case "device": ("KNEE-TOTAL", 1)
        case "consumable": ("CATH-ACCESS", 10)
        default: nil
        }
    }

    func isSold(in market: MarketParameters.Kind) -> Bool {
        switch market {
        case .pharma: isDrug
        case .medtech: !isDrug
        case .mixed: true
        }
    }
}

enum CheckDigit {
    /// Twelve digits completed by the check digit of GS1 (GTIN-13, GLN): weights 1 and 3 from the left.
    static func gs1(_ digits: [UInt8]) -> String {
        var sum = 0
        for (i, digit) in digits.enumerated() { sum += (Int(digit) - 48) * (i % 2 == 0 ? 1 : 3) }
        return String(decoding: digits, as: UTF8.self) + String((10 - sum % 10) % 10)
    }

    /// Ten digits of a National Provider Identifier that begin with the nine of `prefix`: Luhn over 80840 + NPI,
    /// in integers. (`NPI.complete` says the same of texts; a test holds the two together.)
    static func npi(_ prefix: Int) -> Int {
        var sum = 24
        var rest = prefix
        for position in 0..<9 {
            let digit = rest % 10
            rest /= 10
            let doubled = position % 2 == 0 ? digit * 2 : digit
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return prefix * 10 + (10 - sum % 10) % 10
    }
}
