internal import EngagementModel
internal import Statistics

/// Products.
struct MasterFiles {
    let market: SimulatedMarket
    init(_ market: SimulatedMarket) { self.market = market }

    func write(_ files: FileSet) throws {
        let w = try files.table(.product)
        for product in Product.all where product.isSold(in: market.parameters.kind) {
            w.text(product.id)
            w.text(product.brand)
            w.text(product.area)
            w.text(product.kind)
            w.text(product.unit)
            w.decimal(product.listPrice, 2)
            w.text(market.country(of: 0).currency)
            w.text(product.gtin)
            try w.end()
        }
    }
}

/// Organisations and territories.
struct OrganisationFiles {
    let market: SimulatedMarket
    init(_ market: SimulatedMarket) { self.market = market }

    func write(_ files: FileSet) throws {
        try writeOrganisations(files.table(.hco))
        try writeTerritories(files.table(.territory))
        try writeAlignment(files.table(.alignment))
    }

    private func writeOrganisations(_ w: TableWriter) throws {
        let o = market.organisations
        for hco in 0..<o.count {
            let place = o.place(hco)
            let address = Address(market, hco: hco)
            w.identifier(UInt8(ascii: "O"), hco + 1, 6)
            w.text(o.name(hco))
            w.text(o.kind[hco])
            if o.parent[hco] >= 0 { w.identifier(UInt8(ascii: "O"), Int(o.parent[hco]) + 1, 6) } else { w.empty() }
            w.text(address.line)
            w.text(place.name)
            w.text(place.region)
            w.text(address.postalCode)
            w.text(o.country[hco].rawValue)
            w.decimal(o.latitude[hco], 4)
            w.decimal(o.longitude[hco], 4)
            if o.beds[hco] >= 0 { w.integer(Int(o.beds[hco])) } else { w.empty() }
            try w.end()
        }
    }

    private func writeTerritories(_ w: TableWriter) throws {
        func row(_ id: String, _ name: String, _ parent: String, _ country: String) throws {
            w.text(id)
            w.text(name)
            w.text(parent)
            w.text(country)
            try w.end()
        }
        var countries: Set<String> = []
        for territory in market.territories.all where territory.team == "field" {
            if countries.insert(territory.country).inserted {
                try row(territory.parent, territory.country, "", territory.country)
            }
        }
        for t in market.territories.all { try row(t.id, t.name, t.parent, t.country) }
    }

    /// The field is aligned by HCP, the other teams by organisation.
    private func writeAlignment(_ w: TableWriter) throws {
        let t = market.territories
        let start = market.startDay
        for site in 0..<market.organisations.sites {
            let field = Int(t.fieldOf[site])
            let first = Int(market.organisations.firstHCP[site])
            for hcp in first..<first + Int(market.organisations.size[site]) {
                w.text(t.all[field].id)
                w.plain("field")
                w.identifier(UInt8(ascii: "H"), hcp + 1, 7)
                w.empty()
                w.day(start)
                w.empty()
                try w.end()
            }
            let isKey = market.organisations.size[site] >= 25
            for group in [t.insideOf[field], t.medicalOf[field], isKey ? t.keyAccountOf[field] : -1] where group >= 0 {
                w.text(t.all[Int(group)].id)
                w.text(t.all[Int(group)].team)
                w.empty()
                w.identifier(UInt8(ascii: "O"), site + 1, 6)
                w.day(start)
                w.empty()
                try w.end()
            }
        }
    }
}

/// Postal address of an organisation; its HCPs share it.
struct Address {
    let line: String
    let postalCode: String

    init(_ market: SimulatedMarket, hco: Int) {
        var g = Stream.identity.generator(market.parameters.seed, 1 << 40 + hco)
        let country = market.organisations.country[hco]
        let streets = NameBook.all[country.index].streets
        let street = streets[g.below(streets.count)]
        let number = 1 + g.below(240)
        let prefix = market.organisations.place(hco).postal
        let tail = g.below(900) + 100
        switch country {
        case .us:
            line = "\(number) \(street)"
            postalCode = prefix + "\(tail % 90 + 10)"
        case .uk:
            line = "\(number) \(street)"
            postalCode = "\(prefix) \(tail % 9 + 1)ZZ"
        case .fr:
            line = "\(number) \(street)"
            postalCode = prefix + "\(tail)"
        case .de:
            line = "\(street) \(number)"
            postalCode = prefix + "\(tail)"
        case .it, .es:
            line = "\(street), \(number)"
            postalCode = prefix + "\(tail)"
        }
    }
}
