internal import EngagementModel
internal import Statistics

/// A piece of the market that one rep of one team is in charge of.
struct Territory: Sendable {
    let id: String
    let name: String
    let parent: String
    let country: String
    let team: String
    /// Index of the rep in charge today.
    var rep: Int = -1
    /// Who held it before, until which day; then it was vacant for `vacancyDays`.
    var formerRep: Int = -1
    var handover: Day?
    static let vacancyDays = 28
}

/// Someone who calls on HCPs.
struct Rep: Sendable {
    let kind: RepKind
    let team: String
    let territory: Int
    let country: Country
    let zone: Zone
    let minutes: Int
    let latitude: Double
    let longitude: Double
    var manager: Int = -1

    static func id(_ index: Int) -> String {
        "R" + String(repeating: "0", count: max(0, 4 - "\(index + 1)".count)) + "\(index + 1)"
    }
}

/// Field territories by a k-d split of the sites' coordinates, or a city each where there are few; the inside, medical
/// and key-account teams each cover whole groups of field territories.
struct Territories: Sendable {
    var all: [Territory] = []
    var reps: [Rep] = []
    /// Field territory of every site.
    var fieldOf: [Int32]
    /// Territory index of each team's group by field territory; −1 where the market has no such team.
    var insideOf: [Int32] = []
    var medicalOf: [Int32] = []
    var keyAccountOf: [Int32] = []
    var fieldCount = 0

    /// How many reps of each team a market of `reps` has.
    static func staffing(_ reps: Int) -> (field: Int, inside: Int, medical: Int, keyAccount: Int) {
        let keyAccount = reps >= 6 ? max(1, reps / 12) : 0
        let medical = reps >= 4 ? max(1, reps * 2 / 25) : 0
        let inside = reps >= 3 ? max(1, (reps * 3 + 10) / 20) : 0
        return (reps - keyAccount - medical - inside, inside, medical, keyAccount)
    }

    init(parameters: MarketParameters, organisations: Organisations, field: [(country: Country, territories: Int)]) {
        var generator = Stream.territory.generator(parameters.seed)
        fieldOf = [Int32](repeating: 0, count: organisations.sites)
        var homes: [(country: Country, zone: Zone, latitude: Double, longitude: Double)] = []
        for (country, parts) in field {
            var sites = (0..<organisations.sites).filter { organisations.country[$0] == country }
            var leaves: [ArraySlice<Int>] = []
            if City.ofFew(parts, in: country) != nil, Set(sites.map { organisations.city[$0] }).count == parts {
                leaves = Territories.byCity(sites, organisations)
            } else {
                Territories.split(&sites, 0..<sites.count, parts, organisations, &leaves)
            }
            for (i, leaf) in leaves.enumerated() {
                let index = all.count
                let order = i + 1
                for site in leaf { fieldOf[site] = Int32(index) }
                let middle = leaf[leaf.startIndex + leaf.count / 2]
                let place = organisations.place(middle)
                homes.append((country, place.zone, place.latitude, place.longitude))
                all.append(
                    Territory(
                        id: "T-\(country.rawValue)-\(order < 10 ? "0" : "")\(order)", name: "\(place.name) \(order)",
                        parent: "T-\(country.rawValue)", country: country.rawValue, team: "field"))
            }
        }
        fieldCount = all.count
        for i in 0..<fieldCount {
            // One in five field reps works from home half the week.
            let hybrid = i % 5 == 4
            addRep(hybrid ? .hybrid : .field, "field", i, homes[i], minutes: hybrid ? 330 : 360)
        }
        let staff = Territories.staffing(parameters.reps)
        insideOf = addTeam("inside", "TI", .inside, staff.inside, 300, homes)
        medicalOf = addTeam("medical", "TM", .msl, staff.medical, 300, homes)
        keyAccountOf = addTeam("key_accounts", "TK", .kam, staff.keyAccount, 300, homes)
        assignManagers(keyAccounts: staff.keyAccount)
        addFormerReps(parameters, homes, &generator)
    }

    private mutating func addRep(
        _ kind: RepKind, _ team: String, _ territory: Int,
        _ home: (country: Country, zone: Zone, latitude: Double, longitude: Double), minutes: Int
    ) {
        all[territory].rep = reps.count
        reps.append(
            Rep(
                kind: kind, team: team, territory: territory, country: home.country, zone: home.zone, minutes: minutes,
                latitude: home.latitude, longitude: home.longitude))
    }

    private mutating func addTeam(
        _ team: String, _ prefix: String, _ kind: RepKind, _ size: Int, _ minutes: Int,
        _ homes: [(country: Country, zone: Zone, latitude: Double, longitude: Double)]
    ) -> [Int32] {
        guard size > 0 else { return [Int32](repeating: -1, count: fieldCount) }
        let groups = min(size, fieldCount)
        let first = all.count
        for g in 0..<groups {
            let members = (0..<fieldCount).filter { $0 * groups / fieldCount == g }
            let countries = Set(members.map { homes[$0].country })
            all.append(
                Territory(
                    id: "\(prefix)-\(g + 1 < 10 ? "0" : "")\(g + 1)", name: "\(team) \(g + 1)", parent: "",
                    country: countries.count == 1 ? homes[members[0]].country.rawValue : "", team: team))
            addRep(kind, team, first + g, homes[members[members.count / 2]], minutes: minutes)
        }
        return (0..<fieldCount).map { Int32(first + $0 * groups / fieldCount) }
    }

    /// Key-account managers lead; where there are none the first rep does.
    private mutating func assignManagers(keyAccounts: Int) {
        let leaders = reps.indices.filter { reps[$0].kind == .kam }
        for i in reps.indices where reps[i].kind != .kam {
            let leader = leaders.isEmpty ? 0 : leaders[i * leaders.count / reps.count]
            if leader != i { reps[i].manager = leader }
        }
    }

    /// One field territory in 25 changed hands: dated assignments and a vacancy.
    private mutating func addFormerReps(
        _ parameters: MarketParameters, _ homes: [(country: Country, zone: Zone, latitude: Double, longitude: Double)],
        _ generator: inout SeededGenerator
    ) {
        let span = parameters.endDay - parameters.startDay
        for i in stride(from: 24, to: fieldCount, by: 25) {
            all[i].formerRep = reps.count
            all[i].handover = parameters.startDay + span / 4 + generator.below(span / 2)
            reps.append(
                Rep(
                    kind: .field, team: "field", territory: -1, country: homes[i].country, zone: homes[i].zone,
                    minutes: 0, latitude: homes[i].latitude, longitude: homes[i].longitude))
        }
    }

    /// A territory for each city, the first of the sites first.
    private static func byCity(_ sites: [Int], _ o: Organisations) -> [ArraySlice<Int>] {
        var order: [Int16] = []
        for site in sites where !order.contains(o.city[site]) { order.append(o.city[site]) }
        return order.map { city in sites.filter { o.city[$0] == city }[...] }
    }

    /// Halves the wider side until every part is one territory; parts hold about equal numbers of HCPs.
    private static func split(
        _ sites: inout [Int], _ range: Range<Int>, _ parts: Int, _ o: Organisations, _ leaves: inout [ArraySlice<Int>]
    ) {
        guard parts > 1, range.count >= parts else {
            leaves.append(sites[range])
            return
        }
        let slice = sites[range]
        func width(_ values: [Double]) -> Double { (values.max() ?? 0) - (values.min() ?? 0) }
        // A degree of longitude is about three quarters of one of latitude here.
        let byLatitude = width(slice.map { o.latitude[$0] }) > 0.75 * width(slice.map { o.longitude[$0] })
        let axis = byLatitude ? o.latitude : o.longitude
        sites[range].sort { (axis[$0], $0) < (axis[$1], $1) }
        let left = parts / 2
        let total = sites[range].reduce(0) { $0 + Int(o.size[$1]) }
        let goal = total * left / parts
        var sum = 0
        var cut = range.lowerBound
        while cut < range.upperBound - 1 && (sum < goal || cut == range.lowerBound) {
            sum += Int(o.size[sites[cut]])
            cut += 1
        }
        // Every territory gets at least one site, however large a single hospital is.
        cut = min(max(cut, range.lowerBound + left), range.upperBound - (parts - left))
        split(&sites, range.lowerBound..<cut, left, o, &leaves)
        split(&sites, cut..<range.upperBound, parts - left, o, &leaves)
    }

    /// The rep of a team for a site on a day; −1 during a vacancy or where there is no such team.
    func fieldRep(ofSite site: Int, on day: Day) -> Int {
        let territory = all[Int(fieldOf[site])]
        guard let handover = territory.handover else { return territory.rep }
        if day < handover { return territory.formerRep }
        return day >= handover + Territory.vacancyDays ? territory.rep : -1
    }

    func rep(of groups: [Int32], site: Int) -> Int {
        let territory = groups[Int(fieldOf[site])]
        return territory < 0 ? -1 : all[Int(territory)].rep
    }
}
