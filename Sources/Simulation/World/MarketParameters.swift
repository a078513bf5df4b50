package import EngagementModel
internal import Statistics

/// Everything that a simulated market depends on: two equal values make byte-identical files.
package struct MarketParameters: Sendable, Hashable {
    /// Which industry the products and specialties belong to.
    package enum Kind: String, Sendable, Hashable, CaseIterable { case pharma, medtech, mixed }

    /// A country and its share of the HCPs (weights, not necessarily normalised).
    package struct CountryShare: Sendable, Hashable {
        package var country: Country
        package var share: Double
        package init(_ country: Country, _ share: Double) {
            self.country = country
            self.share = share
        }
    }

    /// How unclean the files are. The first three are what a tidy company still has; the others break rows on
    /// purpose, for tests of the loader.
    package struct Dirt: Sendable, Hashable {
        /// HCPs that also have a second record (same NPI or e-mail, another identifier).
        package var duplicateHCPs = 0.004
        package var missingEmails = 0.07
        package var missingPhones = 0.08
        /// Interactions with a date that no calendar has.
        package var badDates = 0.0
        /// Interactions on a channel that no list has.
        package var unknownChannels = 0.0
        /// Interactions that are delivered twice, byte for byte.
        package var repeatedRows = 0.0
        package init() {}

        /// Every kind of dirt at once, for tests.
        package static var heavy: Dirt {
            var dirt = Dirt()
            dirt.duplicateHCPs = 0.05
            dirt.badDates = 0.002
            dirt.unknownChannels = 0.002
            dirt.repeatedRows = 0.002
            return dirt
        }
    }

    /// 200...1,000,000.
    package var hcps: Int
    /// Everyone who calls on HCPs: field, hybrid, inside, key accounts, medical.
    package var reps: Int
    package var seed: UInt64
    /// The as-of day: the last day that the files know of.
    package var endDay: Day
    /// Years of history, 1...10; it begins on the first of a month.
    package var years: Int
    /// Days after `endDay` that are delivered as dated files beside the base (`interaction-2026-01-05.csv`).
    package var deltaDays: Int
    package var kind: Kind
    package var countries: [CountryShare]
    package var dirt: Dirt
    /// How far the hidden coefficients differ from seed to seed: standard deviation of their logarithms.
    package var variation: Double

    /// `reps` nil = one for about 167 HCPs.
    package init(
        hcps: Int, reps: Int? = nil, seed: UInt64 = 42, endDay: Day, years: Int = 2, deltaDays: Int = 0,
        kind: Kind = .mixed, countries: [CountryShare]? = nil, dirt: Dirt = Dirt(), variation: Double = 0.1
    ) {
        self.hcps = hcps
        self.reps = reps ?? max(3, (hcps + 83) / 167)
        self.seed = seed
        self.endDay = endDay
        self.years = years
        self.deltaDays = deltaDays
        self.kind = kind
        self.countries = countries ?? MarketParameters.defaultCountries
        self.dirt = dirt
        self.variation = variation
    }

    package static let defaultCountries = [
        CountryShare(.us, 0.50), CountryShare(.de, 0.14), CountryShare(.uk, 0.11), CountryShare(.fr, 0.11),
        CountryShare(.it, 0.07), CountryShare(.es, 0.07),
    ]

    /// First day of the history.
    var startDay: Day {
        let end = endDay.civil
        return Day(year: end.year - years, month: end.month, day: 1).nextMonth(endDay.isLastOfMonth ? 1 : 0)
    }

    /// Throws `market_size`, `market_reps`, `market_years` or `market_countries` when a value is outside its range.
    func validate() throws(Diagnostic) {
        func require(_ holds: Bool, _ code: String, _ message: String) throws(Diagnostic) {
            if !holds { throw Diagnostic(code, message) }
        }
        try require((200...1_000_000).contains(hcps), "market_size", "a market has 200 to 1000000 HCPs, not \(hcps)")
        try require((1...hcps).contains(reps), "market_reps", "a market has 1 to \(hcps) reps, not \(reps)")
        try require((1...10).contains(years), "market_years", "a history has 1 to 10 years, not \(years)")
        try require((0...366).contains(deltaDays), "market_delta", "0 to 366 days can be delivered as deltas")
        let shares = countries.map(\.share)
        try require(
            !shares.isEmpty && shares.allSatisfy { $0 > 0 && $0.isFinite }
                && Set(countries.map(\.country)).count == countries.count,
            "market_countries", "a market needs at least one country, each once, with a share above 0")
        let rates = [
            dirt.duplicateHCPs, dirt.missingEmails, dirt.missingPhones, dirt.badDates, dirt.unknownChannels,
            dirt.repeatedRows, variation,
        ]
        try require(
            rates.allSatisfy { (0...0.5).contains($0) }, "market_rates", "dirt and variation are shares from 0 to 0.5")
    }
}

extension Day {
    /// The first day of this day's month, moved by whole months.
    func nextMonth(_ months: Int) -> Day {
        let c = civil
        let index = c.year * 12 + c.month - 1 + months
        return Day(year: index / 12, month: index % 12 + 1, day: 1)
    }

    var isLastOfMonth: Bool { (self + 1).civil.day == 1 }

    /// New Year and Christmas: nobody calls on anyone, whatever the country.
    var isHoliday: Bool {
        let c = civil
        return (c.month == 1 && c.day == 1) || (c.month == 12 && (c.day == 25 || c.day == 26))
    }
}

/// One purpose of randomness for one subject: the key of a random stream. Streams never overlap between
/// purposes, so adding a draw to one leaves every other file as it was.
enum Stream: UInt64 {
    case truth, identity, consent, walk, volume, survey, organisation, territory, rep, calendar, market, event, order
    case dirt, coefficients
    case visit, phone, video, repEmail, insidePhone, insideVideo, insideEmail, medical, email, ad, mail, sms, messaging
    case invitation, portal, inquiry, account

    func generator(_ seed: UInt64, _ subject: Int = 0) -> SeededGenerator {
        SeededGenerator(seed: seed, stream: UInt64(subject) &* 64 &+ rawValue)
    }
}
