internal import EngagementModel
internal import Statistics

/// Healthcare organisations as columns. The first `sites` hold HCPs, in the order of HCP numbers; the rest are
/// health systems, buying groups, payers and pharmacies, which hold none.
struct Organisations: Sendable {
    var country: [Country] = []
    var city: [Int16] = []
    var latitude: [Double] = []
    var longitude: [Double] = []
    var kind: [String] = []
    var parent: [Int32] = []
    var beds: [Int32] = []
    /// First HCP and one past the last.
    var firstHCP: [Int32] = []
    var size: [Int32] = []
    /// The specialty that most of its HCPs share; −1 = mixed.
    var focus: [Int8] = []
    var sites = 0

    var count: Int { country.count }

    func place(_ hco: Int) -> City { City.of(country[hco])[Int(city[hco])] }

    init(parameters: MarketParameters, counts: [(country: Country, hcps: Int, territories: Int)]) {
        var generator = Stream.organisation.generator(parameters.seed)
        let weights = Specialty.all.map { $0.share(parameters.kind) }
        let specialties = AliasTable(weights)
        var next = 0
        for (country, hcps, territories) in counts {
            let cities = AliasTable(City.of(country).map(\.weight))
            // HCPs in each of few cities.
            var few = City.ofFew(territories, in: country).map { $0.map { (city: $0, hcps: 0) } }
            // Sizes follow Zipf; no site holds more than an eighth of its country.
            let sizes = ZipfDistribution(count: max(12, min(400, hcps / 8)), exponent: 1.5)
            var left = hcps
            while left > 0 {
                let size = min(left, sizes.sample(using: &generator))
                // Drawn in either case: what follows draws the same numbers. Of few cities the emptiest is next, so that
                // each rep has about as many HCPs.
                var city = cities.sample(using: &generator)
                if let emptiest = few?.indices.min(by: { few![$0].hcps < few![$1].hcps }) {
                    city = few![emptiest].city
                    few![emptiest].hcps += size
                }
                appendSite(country, city, size, specialties, first: next, &generator)
                next += size
                left -= size
            }
        }
        sites = count
        appendParents(counts.map { ($0.country, City.ofFew($0.territories, in: $0.country)) }, &generator)
    }

    private mutating func appendSite(
        _ country: Country, _ city: Int, _ size: Int, _ specialties: AliasTable, first: Int,
        _ generator: inout SeededGenerator
    ) {
        let specialty = specialties.sample(using: &generator)
        let dental = Specialty.all[specialty].name == "general_dentistry"
        let kind =
            switch size {
            case 50...: "hospital"
            case 15..<50: generator.chance(0.5) ? "hospital" : generator.chance(0.5) ? "clinic" : "ambulatory_surgery"
            case 4..<15: generator.chance(0.6) || dental ? "clinic" : "practice"
            default: "practice"
            }
        append(country, city, kind, &generator)
        firstHCP[count - 1] = Int32(first)
        self.size[count - 1] = Int32(size)
        focus[count - 1] = size < 15 ? Int8(specialty) : -1
        beds[count - 1] = kind == "hospital" ? Int32(size * 6 + generator.below(60)) : -1
    }

    private mutating func append(_ country: Country, _ city: Int, _ kind: String, _ generator: inout SeededGenerator) {
        let place = City.of(country)[city]
        self.country.append(country)
        self.city.append(Int16(city))
        // Suburbs and towns around the city, about 25 km.
        latitude.append(place.latitude + 0.22 * generator.normal())
        longitude.append(place.longitude + 0.30 * generator.normal())
        self.kind.append(kind)
        parent.append(-1)
        beds.append(-1)
        firstHCP.append(0)
        size.append(0)
        focus.append(-1)
    }

    /// Systems own hospitals and many clinics; buying groups buy for practices; payers and pharmacies stand alone.
    private mutating func appendParents(
        _ countries: [(country: Country, few: [Int]?)], _ generator: inout SeededGenerator
    ) {
        for (country, few) in countries {
            let members = (0..<sites).filter { self.country[$0] == country }
            let cities = AliasTable(City.of(country).map(\.weight))
            func city(_ generator: inout SeededGenerator) -> Int {
                let drawn = cities.sample(using: &generator)
                return few.map { $0[drawn % $0.count] } ?? drawn
            }
            let systems = (0..<max(1, members.count / 80)).map { _ in
                append(country, city(&generator), "health_system", &generator)
                return count - 1
            }
            let groups = (0..<max(1, members.count / 600)).map { _ in
                append(country, city(&generator), "buying_group", &generator)
                return count - 1
            }
            for kind in ["payer", "pharmacy", "pharmacy", "laboratory"] {
                append(country, city(&generator), kind, &generator)
            }
            for site in members {
                let owned = kind[site] == "hospital" ? 0.8 : kind[site] == "practice" ? 0.05 : 0.4
                if generator.chance(owned) {
                    parent[site] = Int32(systems[generator.below(systems.count)])
                } else if generator.chance(0.25) {
                    parent[site] = Int32(groups[generator.below(groups.count)])
                }
            }
        }
    }

    func name(_ hco: Int) -> String {
        let place = place(hco)
        return switch kind[hco] {
        case "hospital": "\(place.name) Hospital \(hco + 1)"
        case "clinic": "\(place.name) Clinic \(hco + 1)"
        case "ambulatory_surgery": "\(place.name) Surgery Center \(hco + 1)"
        case "health_system": "\(place.region) Health System \(hco + 1)"
        case "buying_group": "\(country[hco].rawValue) Buying Group \(hco + 1)"
        case "payer": "\(country[hco].rawValue) Health Plan \(hco + 1)"
        case "pharmacy": "\(place.name) Pharmacy \(hco + 1)"
        case "laboratory": "\(place.name) Laboratory \(hco + 1)"
        default: "\(place.name) Practice \(hco + 1)"
        }
    }
}
