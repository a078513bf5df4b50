/// A city that practices lie around: real place and region, rounded coordinates, rough weight.
struct City: Sendable {
    let name: String
    let region: String
    let latitude: Double
    let longitude: Double
    let weight: Double
    /// First digits of its postal codes; the simulator makes up the rest.
    let postal: String
    let zone: Zone

    init(
        _ name: String, _ region: String, _ lat: Double, _ lon: Double, _ weight: Double, _ postal: String, _ zone: Zone
    ) {
        self.name = name
        self.region = region
        latitude = lat
        longitude = lon
        self.weight = weight
        self.postal = postal
        self.zone = zone
    }

    static func of(_ country: Country) -> [City] {
        switch country {
        case .us: unitedStates
        case .de: germany
        case .uk: unitedKingdom
        case .fr: france
        case .it: italy
        case .es: spain
        }
    }

    /// Where the sites of a country lie, as indices of `of(country)`, heaviest first: one city for each field territory
    /// when there are fewer than half as many territories as cities, so that nobody has cities a day's drive apart.
    /// Nil: in all of them.
    static func ofFew(_ territories: Int, in country: Country) -> [Int]? {
        let all = of(country)
        guard 2 * territories < all.count else { return nil }
        let heaviest = all.indices.sorted { (all[$1].weight, $0) < (all[$0].weight, $1) }
        return Array(heaviest.prefix(max(1, territories)))
    }

    private static let unitedStates = [
        City("New York", "NY", 40.71, -74.01, 18, "100", .newYork),
        City("Boston", "MA", 42.36, -71.06, 8, "021", .newYork),
        City("Philadelphia", "PA", 39.95, -75.17, 7, "191", .newYork),
        City("Pittsburgh", "PA", 40.44, -80.00, 4, "152", .newYork),
        City("Baltimore", "MD", 39.29, -76.61, 4, "212", .newYork),
        City("Richmond", "VA", 37.54, -77.44, 2, "232", .newYork),
        City("Charlotte", "NC", 35.23, -80.84, 4, "282", .newYork),
        City("Atlanta", "GA", 33.75, -84.39, 7, "303", .newYork),
        City("Jacksonville", "FL", 30.33, -81.66, 3, "322", .newYork),
        City("Miami", "FL", 25.76, -80.19, 7, "331", .newYork),
        City("Tampa", "FL", 27.95, -82.46, 4, "336", .newYork),
        City("Cleveland", "OH", 41.50, -81.69, 4, "441", .newYork),
        City("Columbus", "OH", 39.96, -83.00, 4, "432", .newYork),
        City("Detroit", "MI", 42.33, -83.05, 5, "482", .newYork),
        City("Indianapolis", "IN", 39.77, -86.16, 3, "462", .newYork),
        City("Chicago", "IL", 41.88, -87.63, 11, "606", .chicago),
        City("Milwaukee", "WI", 43.04, -87.91, 3, "532", .chicago),
        City("Minneapolis", "MN", 44.98, -93.27, 5, "554", .chicago),
        City("St. Louis", "MO", 38.63, -90.20, 4, "631", .chicago),
        City("Kansas City", "MO", 39.10, -94.58, 3, "641", .chicago),
        City("Nashville", "TN", 36.16, -86.78, 4, "372", .chicago),
        City("New Orleans", "LA", 29.95, -90.07, 2, "701", .chicago),
        City("Houston", "TX", 29.76, -95.37, 9, "770", .chicago),
        City("Dallas", "TX", 32.78, -96.80, 8, "752", .chicago),
        City("San Antonio", "TX", 29.42, -98.49, 3, "782", .chicago),
        City("Denver", "CO", 39.74, -104.99, 4, "802", .denver),
        City("Albuquerque", "NM", 35.08, -106.65, 1, "871", .denver),
        City("Salt Lake City", "UT", 40.76, -111.89, 2, "841", .denver),
        City("Seattle", "WA", 47.61, -122.33, 5, "981", .losAngeles),
        City("Portland", "OR", 45.52, -122.68, 3, "972", .losAngeles),
        City("San Francisco", "CA", 37.77, -122.42, 7, "941", .losAngeles),
        City("Sacramento", "CA", 38.58, -121.49, 3, "958", .losAngeles),
        City("Los Angeles", "CA", 34.05, -118.24, 14, "900", .losAngeles),
        City("San Diego", "CA", 32.72, -117.16, 4, "921", .losAngeles),
        City("Las Vegas", "NV", 36.17, -115.14, 2, "891", .losAngeles),
    ]

    private static let germany = [
        City("Berlin", "BE", 52.52, 13.40, 10, "10", .berlin), City("Hamburg", "HH", 53.55, 9.99, 6, "20", .berlin),
        City("München", "BY", 48.14, 11.58, 7, "80", .berlin), City("Köln", "NW", 50.94, 6.96, 6, "50", .berlin),
        City("Frankfurt am Main", "HE", 50.11, 8.68, 5, "60", .berlin),
        City("Stuttgart", "BW", 48.78, 9.18, 5, "70", .berlin), City("Leipzig", "SN", 51.34, 12.37, 3, "04", .berlin),
        City("Hannover", "NI", 52.37, 9.73, 3, "30", .berlin), City("Nürnberg", "BY", 49.45, 11.08, 2, "90", .berlin),
        City("Dortmund", "NW", 51.51, 7.47, 4, "44", .berlin), City("Rostock", "MV", 54.09, 12.14, 1, "18", .berlin),
        City("Freiburg", "BW", 47.99, 7.85, 2, "79", .berlin),
    ]

    private static let unitedKingdom = [
        City("London", "England", 51.51, -0.13, 14, "EC1", .london),
        City("Birmingham", "England", 52.48, -1.90, 5, "B1", .london),
        City("Manchester", "England", 53.48, -2.24, 5, "M1", .london),
        City("Leeds", "England", 53.80, -1.55, 3, "LS1", .london),
        City("Newcastle", "England", 54.98, -1.61, 2, "NE1", .london),
        City("Bristol", "England", 51.45, -2.59, 3, "BS1", .london),
        City("Cardiff", "Wales", 51.48, -3.18, 2, "CF1", .london),
        City("Glasgow", "Scotland", 55.86, -4.25, 3, "G1", .london),
        City("Edinburgh", "Scotland", 55.95, -3.19, 2, "EH1", .london),
        City("Belfast", "Northern Ireland", 54.60, -5.93, 1, "BT1", .london),
    ]

    private static let france = [
        City("Paris", "Île-de-France", 48.86, 2.35, 13, "75", .paris),
        City("Lyon", "Auvergne-Rhône-Alpes", 45.76, 4.84, 5, "69", .paris),
        City("Marseille", "Provence-Alpes-Côte d'Azur", 43.30, 5.37, 5, "13", .paris),
        City("Toulouse", "Occitanie", 43.60, 1.44, 3, "31", .paris),
        City("Bordeaux", "Nouvelle-Aquitaine", 44.84, -0.58, 3, "33", .paris),
        City("Lille", "Hauts-de-France", 50.63, 3.06, 3, "59", .paris),
        City("Nantes", "Pays de la Loire", 47.22, -1.55, 2, "44", .paris),
        City("Strasbourg", "Grand Est", 48.57, 7.75, 2, "67", .paris),
        City("Rennes", "Bretagne", 48.11, -1.68, 2, "35", .paris),
    ]

    private static let italy = [
        City("Roma", "Lazio", 41.90, 12.50, 8, "00", .rome), City("Milano", "Lombardia", 45.46, 9.19, 8, "20", .rome),
        City("Napoli", "Campania", 40.85, 14.27, 5, "80", .rome),
        City("Torino", "Piemonte", 45.07, 7.69, 4, "10", .rome),
        City("Bologna", "Emilia-Romagna", 44.49, 11.34, 3, "40", .rome),
        City("Firenze", "Toscana", 43.77, 11.26, 3, "50", .rome), City("Bari", "Puglia", 41.12, 16.87, 2, "70", .rome),
        City("Palermo", "Sicilia", 38.12, 13.36, 2, "90", .rome),
    ]

    private static let spain = [
        City("Madrid", "Madrid", 40.42, -3.70, 9, "28", .madrid),
        City("Barcelona", "Cataluña", 41.39, 2.17, 8, "08", .madrid),
        City("Valencia", "Comunitat Valenciana", 39.47, -0.38, 4, "46", .madrid),
        City("Sevilla", "Andalucía", 37.39, -5.98, 3, "41", .madrid),
        City("Zaragoza", "Aragón", 41.65, -0.89, 2, "50", .madrid),
        City("Málaga", "Andalucía", 36.72, -4.42, 2, "29", .madrid),
        City("Bilbao", "País Vasco", 43.26, -2.93, 2, "48", .madrid),
    ]
}
