package import EngagementModel
internal import Foundation
internal import Statistics

/// A market whose truth is known: who the HCPs are, what they like, how they respond and what it changes.
///
/// The value holds columns, nothing that happened: histories are walked HCP by HCP (`history(of:)`), and a closed
/// loop asks `expectedIncrement` and `respond` for touches that a plan proposes. Everything is a function of the
/// parameters. What a company would see is what `MarketWriter` writes; the engine gets nothing else.
package struct SimulatedMarket: Sendable {
    package let parameters: MarketParameters
    package let coefficients: Coefficients
    package let content: ContentLibrary
    package let hcps: Professionals
    let organisations: Organisations
    let territories: Territories
    let calendar: MarketingCalendar
    let zones: ZoneTable
    package let decay: DecayTable
    /// Shared movement of the market: log factor by product, country and month.
    private let tide: [Float]
    let months: [Day]
    /// Constant adstock that colleagues' contacts leave, by site.
    let peerStock: [Float]

    package var startDay: Day { months[0] }
    /// Last day of the history, deltas included.
    package var lastDay: Day { parameters.endDay + parameters.deltaDays }
    /// Reps on the payroll today, in the order of `rep_id`; those who left come after them.
    package var reps: Int { territories.reps.count { $0.territory >= 0 } }

    package init(_ parameters: MarketParameters) throws(Diagnostic) {
        try parameters.validate()
        self.parameters = parameters
        coefficients = Coefficients(seed: parameters.seed, variation: parameters.variation)
        decay = DecayTable(coefficients.dailyDecay)
        let plan = SimulatedMarket.allocate(parameters)
        let countries = plan.map(\.country)
        organisations = Organisations(parameters: parameters, counts: plan)
        territories = Territories(
            parameters: parameters, organisations: organisations, field: plan.map { ($0.country, $0.territories) })
        content = ContentLibrary(parameters: parameters, countries: countries)
        calendar = MarketingCalendar(parameters: parameters, countries: countries)
        hcps = Professionals(parameters: parameters, organisations: organisations, coefficients: coefficients)
        let start = parameters.startDay
        let history = parameters.years * 12 + parameters.deltaDays / 28 + 2
        // Two more years, so that a closed loop can go on from here.
        months = (0..<history + 24).map { start.nextMonth($0) }
        zones = ZoneTable(from: start + -40, days: history * 31 + 24 * 31 + 80)
        tide = SimulatedMarket.tide(parameters, months: months)
        peerStock = SimulatedMarket.peerStock(hcps, organisations, coefficients)
    }

    /// How many HCPs and field territories each country gets: largest remainders, every country at least one
    /// territory; with fewer reps than countries the smallest countries are left out.
    private static func allocate(
        _ parameters: MarketParameters
    ) -> [(country: Country, hcps: Int, territories: Int)] {
        let field = Territories.staffing(parameters.reps).field
        let kept = parameters.countries.sorted { $0.share > $1.share }.prefix(max(1, field))
        let ordered = parameters.countries.filter { kept.contains($0) }
        let hcps = apportion(parameters.hcps, ordered.map(\.share))
        let extra = apportion(max(0, field - ordered.count), ordered.map(\.share))
        return ordered.indices.map { (ordered[$0].country, hcps[$0], extra[$0] + 1) }
            .filter { $0.hcps > 0 }
    }

    private static func apportion(_ total: Int, _ weights: [Double]) -> [Int] {
        let sum = weights.reduce(0, +)
        let exact = weights.map { Double(total) * $0 / sum }
        var parts = exact.map { Int($0) }
        let order = weights.indices.sorted {
            (exact[$1] - exact[$1].rounded(.down), $0) < (exact[$0] - exact[$0].rounded(.down), $1)
        }
        for i in order.prefix(total - parts.reduce(0, +)) { parts[i] += 1 }
        return parts
    }

    /// Season plus the noise that everyone in a country shares (competitors, supply, weather): AR(1).
    private static func tide(_ parameters: MarketParameters, months: [Day]) -> [Float] {
        var result: [Float] = []
        for (p, product) in Product.all.enumerated() {
            for country in Country.allCases {
                var g = Stream.volume.generator(parameters.seed, 1 << 40 + p * 8 + country.index)
                var noise = 0.0
                for month in months {
                    noise = 0.6 * noise + 0.04 * g.normal()
                    let phase = 2 * Double.pi * (Double(month.civil.month - 1) - product.season.peak) / 12
                    result.append(Float(product.season.amplitude * cos(phase) + noise))
                }
            }
        }
        return result
    }

    private static func peerStock(
        _ hcps: Professionals, _ o: Organisations, _ coefficients: Coefficients
    ) -> [Float] {
        (0..<o.sites).map { site in
            let first = Int(o.firstHCP[site])
            let size = Int(o.size[site])
            guard size > 1 else { return 0 }
            let visits = (first..<first + size).reduce(0.0) {
                $0 + HistoricalPolicy.visitRate(rank: Double(hcps.rank[$1]), access: hcps.access[$1])
            }
            let perVisit = 0.7 * coefficients.weight[0][1]
            return Float(coefficients.peer * visits / Double(size) / 365 * perVisit * coefficients.memoryDays)
        }
    }

    // MARK: Where and when

    func country(of hcp: Int) -> Country { organisations.country[Int(hcps.site[hcp])] }

    func zone(of hcp: Int) -> Zone { organisations.place(Int(hcps.site[hcp])).zone }

    /// Number of the month of a day, counted from the first month of the history.
    func monthIndex(_ day: Day) -> Int {
        let c = day.civil
        let s = months[0].civil
        return min(max((c.year - s.year) * 12 + c.month - s.month, 0), months.count - 1)
    }

    /// Expected volume of a slot in a month without promotion.
    package func baseVolume(hcp: Int, slot: Int, month: Int) -> Double {
        let product = Int(hcps.product[hcp * 2 + slot])
        guard product >= 0 else { return 0 }
        let index = (product * 6 + country(of: hcp).index) * months.count + month
        let years = Double(month - parameters.years * 6) / 12
        return exp(Double(hcps.baseline[hcp * 2 + slot]) + Double(tide[index]) + Double(hcps.trend[hcp]) * years)
    }

    /// What procurement is spoken to about: the first device, else the first product.
    var buyersProduct: Int {
        let sold = Product.all.indices.filter { Product.all[$0].isSold(in: parameters.kind) }
        return sold.first { !Product.all[$0].isDrug } ?? sold.first ?? -1
    }

    // MARK: Identifiers

    /// `H0000001` for HCP 0.
    package static func hcpID(_ hcp: Int) -> String { identifier("H", hcp + 1, 7) }

    static func identifier(_ prefix: String, _ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return prefix + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
