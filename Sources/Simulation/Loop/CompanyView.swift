package import EngagementModel

/// What a company knows of a simulated market without looking at its files: reps, territories, master data.
///
/// A closed loop decides from this, from its log of touches and from volumes; nothing here tells how anyone responds.
package struct CompanyView: Sendable {
    package struct Rep: Sendable, Hashable {
        package var id: String
        package var kind: RepKind
        package var minutesPerDay: Double
    }

    /// Reps on the payroll, in the order of `rep_id`.
    package var reps: [Rep] = []
    /// By HCP: the rep who visits (field or hybrid, else key account) and the one who calls from afar; -1 = none.
    package var visitor: [Int32] = []
    package var caller: [Int32] = []
    /// By HCP, with the names of the codes.
    package var specialty: [Int32] = []
    package var specialtyNames: [String] = []
    package var country: [Int32] = []
    package var countryNames: [String] = []
    /// Language of each country.
    package var languageNames: [String] = []
    package var hasEmail: [Bool] = []
    package var hasPhone: [Bool] = []
    /// Minutes ahead of UTC on the as-of day.
    package var utcOffsetMinutes: [Int16] = []

    package init(_ market: SimulatedMarket) {
        let territories = market.territories
        reps = territories.reps.prefix(market.reps).enumerated().map { number, rep in
            Rep(id: SimulatedMarket.repID(number), kind: rep.kind, minutesPerDay: Double(rep.minutes))
        }
        specialtyNames = Specialty.all.map(\.name)
        countryNames = Country.allCases.map(\.rawValue)
        languageNames = Country.allCases.map(\.language)
        for hcp in 0..<market.hcps.count {
            let site = Int(market.hcps.site[hcp])
            let field = territories.all[Int(territories.fieldOf[site])].rep
            let visitor = field >= 0 ? field : territories.rep(of: territories.keyAccountOf, site: site)
            let inside = territories.rep(of: territories.insideOf, site: site)
            self.visitor.append(Int32(visitor))
            caller.append(Int32(inside >= 0 ? inside : visitor))
            specialty.append(Int32(market.hcps.specialty[hcp]))
            country.append(Int32(market.country(of: hcp).index))
            let marks = market.marks(of: hcp)
            hasEmail.append(!marks.noEmail)
            hasPhone.append(!marks.noPhone)
            utcOffsetMinutes.append(Int16(market.zone(of: hcp).offsetHours(on: market.parameters.endDay) * 60))
        }
    }
}

extension SimulatedMarket {
    /// `R0001` for rep 0.
    package static func repID(_ rep: Int) -> String { Rep.id(rep) }

    /// First day of a month of the simulation, counted from the first of the history.
    package func firstDay(ofMonth month: Int) -> Day { months[month] }

    /// The favourite local hour and weekday (0 Monday) of an HCP: part of the truth, for an oracle only.
    package func favouriteMoment(of hcp: Int) -> (hour: Int, weekday: Int) {
        (Int(hcps.hour[hcp]), Int(hcps.weekday[hcp]))
    }
}
