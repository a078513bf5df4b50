internal import EngagementModel
internal import Statistics

/// HCPs with their identifiers and affiliations; names and addresses are made up here and kept nowhere.
struct ProfessionalFiles {
    private let market: SimulatedMarket
    private let hcp: TableWriter
    private let identifier: TableWriter
    private let affiliation: TableWriter
    private var address: AddressCache

    init(_ market: SimulatedMarket, _ files: FileSet) throws {
        self.market = market
        hcp = try files.table(.hcp)
        identifier = try files.table(.identifier)
        affiliation = try files.table(.affiliation)
        address = AddressCache()
        for site in 0..<market.organisations.sites {
            identifier.plain("hco")
            identifier.identifier(UInt8(ascii: "O"), site + 1, 6)
            identifier.plain("gln")
            // 950 is GS1's own prefix, given to no company.
            let digits = Array(SimulatedMarket.identifier("9506", site + 1, 8).utf8)
            identifier.text(CheckDigit.gs1(digits))
            identifier.plain("active")
            identifier.empty()
            try identifier.end()
        }
    }

    func write(_ number: Int) throws {
        let person = Identity(market, number)
        try writeHCP(number, person, second: false)
        if person.marks.duplicate { try writeHCP(number, person, second: true) }
        try writeIdentifiers(number, person)
        try writeAffiliations(number)
    }

    /// The second record is what another system kept: a short first name, no telephone, the same NPI or e-mail.
    private func writeHCP(_ number: Int, _ person: Identity, second: Bool) throws {
        let site = Int(market.hcps.site[number])
        let country = market.country(of: number)
        let book = NameBook.all[country.index]
        let place = market.organisations.place(site)
        let postal = address.of(site, market)
        hcp.identifier(UInt8(ascii: second ? "X" : "H"), number + 1, 7)
        if person.npi > 0 { hcp.integer(person.npi) } else { hcp.empty() }
        hcp.text(second ? String(book.given[person.given].prefix(1)) + "." : book.given[person.given])
        hcp.text(book.family[person.family])
        hcp.text(person.credential)
        hcp.text(market.hcps.profession[number].rawValue)
        hcp.text(market.hcps.stakeholder[number].rawValue)
        hcp.text(
            market.hcps.stakeholder[number] == .clinical ? Specialty.all[Int(market.hcps.specialty[number])].name : "")
        hcp.identifier(UInt8(ascii: "O"), site + 1, 6)
        if person.marks.noEmail { hcp.empty() } else { hcp.plain(person.email) }
        if person.marks.noPhone || second { hcp.empty() } else { hcp.plain(person.phone) }
        hcp.text(postal.line)
        hcp.text(place.name)
        hcp.text(place.region)
        hcp.text(postal.postalCode)
        hcp.text(country.rawValue)
        hcp.decimal(market.organisations.latitude[site], 4)
        hcp.decimal(market.organisations.longitude[site], 4)
        hcp.text(place.zone.name)
        hcp.text(country.language)
        hcp.text(market.hcps.access[number].rawValue)
        try hcp.end()
    }

    private func writeIdentifiers(_ number: Int, _ person: Identity) throws {
        func row(_ scheme: String, _ value: String, _ expires: Day?) throws {
            identifier.plain("hcp")
            identifier.identifier(UInt8(ascii: "H"), number + 1, 7)
            identifier.text(scheme)
            identifier.text(value)
            identifier.plain("active")
            identifier.day(expires)
            try identifier.end()
        }
        guard market.hcps.stakeholder[number] == .clinical else { return }
        let country = market.country(of: number)
        if country == .us {
            try row("npi", String(person.npi), nil)
            let state = market.organisations.place(Int(market.hcps.site[number])).region
            let expires = market.parameters.endDay + 30 + person.number % 700
            try row("licence:\(state)", SimulatedMarket.identifier(state, person.number % 10_000_000, 7), expires)
        } else {
            try row("onekey", SimulatedMarket.identifier("W\(country.rawValue)M", person.number, 8), nil)
        }
    }

    private func writeAffiliations(_ number: Int) throws {
        var g = Stream.organisation.generator(market.parameters.seed, 1 << 20 + number)
        let site = Int(market.hcps.site[number])
        let buyer = market.hcps.stakeholder[number] != .clinical
        let senior = g.chance(0.15)
        func row(_ hco: Int, _ role: String, _ buying: String, _ start: Day, _ strength: Double) throws {
            affiliation.identifier(UInt8(ascii: "H"), number + 1, 7)
            affiliation.identifier(UInt8(ascii: "O"), hco + 1, 6)
            affiliation.text(role)
            affiliation.text(buying)
            affiliation.day(start)
            affiliation.empty()
            affiliation.decimal(strength, 2)
            try affiliation.end()
        }
        let since = market.startDay + (-30 - g.below(3000))
        let buying =
            buyer
            ? (market.hcps.stakeholder[number] == .procurement ? "buyer" : "decider") : senior ? "influencer" : "user"
        try row(site, buyer ? "employee" : senior ? "head" : "attending", buying, since, 0.8 + 0.2 * g.uniform())
        // One in eight also works at a site next door.
        let other = site + 1 + g.below(20)
        let works = g.chance(0.125)
        guard works, !buyer, other < market.organisations.sites,
            market.organisations.country[other] == market.organisations.country[site]
        else { return }
        try row(other, "consultant", "user", since + 10, 0.1 + 0.4 * g.uniform())
    }
}

/// The address of the last site: HCPs come site by site.
private final class AddressCache {
    private var site = -1
    private var last: Address?

    func of(_ site: Int, _ market: SimulatedMarket) -> Address {
        if site == self.site, let last { return last }
        let address = Address(market, hco: site)
        self.site = site
        last = address
        return address
    }
}

/// Who an HCP is on paper.
struct Identity {
    let given: Int
    let family: Int
    let credential: String
    let email: [UInt8]
    let phone: [UInt8]
    /// 0 outside the United States.
    let npi: Int
    /// A number of eight digits that no other HCP has, in no order.
    let number: Int
    let marks: (noEmail: Bool, noPhone: Bool, duplicate: Bool)

    init(_ market: SimulatedMarket, _ hcp: Int) {
        var g = Stream.identity.generator(market.parameters.seed, hcp)
        let country = market.country(of: hcp)
        let book = NameBook.all[country.index]
        given = g.below(book.given.count)
        family = g.below(book.family.count)
        marks = market.marks(of: hcp)
        // An odd factor that 5 does not divide permutes the residues of 10⁸.
        let shift = Int(SeededGenerator.mix(market.parameters.seed) % 100_000_000)
        number = (hcp &* 61_803_399 &+ shift) % 100_000_000
        let profession = market.hcps.profession[hcp]
        let clinical = market.hcps.stakeholder[hcp] == .clinical
        // No NPI that begins with 2 has been issued so far: valid, and nobody's.
        npi = country == .us && clinical ? CheckDigit.npi(200_000_000 + number) : 0
        credential =
            switch profession {
            case .physician: country == .us ? (g.chance(0.12) ? "DO" : "MD") : country == .de ? "Dr. med." : "MD"
            case .nursePractitioner: "NP"
            case .physicianAssistant: "PA-C"
            case .dentist: country == .us ? "DDS" : country == .de ? "Dr. med. dent." : "DDS"
            case .procurement, .manager: ""
            }
        var address = book.givenAddress[given]
        address.append(UInt8(ascii: "."))
        address += book.familyAddress[family]
        address += Array(String(hcp + 1).utf8)
        address += Array((country == .us ? "@example.com" : country == .uk ? "@example.net" : "@example.org").utf8)
        email = address
        // An area code of 000 exists nowhere.
        let code = [Country.us: "+1000", .uk: "+44000", .de: "+49000", .fr: "+33000", .it: "+39000", .es: "+34000"]
        phone = Array(SimulatedMarket.identifier(code[country] ?? "+1000", number % 10_000_000, 7).utf8)
    }
}
