package import EngagementModel

/// Topics and formats of the simulated content; open lists in the contract, so these are ordinary spellings.
package enum ContentTaxonomy {
    package static let topics = ["efficacy", "cost_coverage", "science", "education", "product_news"]
    package static let formats = ["infographic", "brochure", "paper", "video", "webinar"]
}

/// One content version with its approval.
package struct Content: Sendable {
    package let id: String
    package let version: Int
    package let title: String
    package let topic: Int
    package let format: Int
    package let product: Int
    package let purpose: Purpose
    /// `clinical` or `procurement`.
    package let audience: String
    package let channels: [Channel]
    package let language: String
    package let countries: [Country]
    package let state: MLRState
    /// Days between which it could be sent; nil = never was.
    package let approved: Day?
    package let expires: Day?
    package let body: String

    /// Whether a sender of the time could use it on a day.
    package func isUsable(on day: Day) -> Bool {
        guard let approved else { return false }
        return day >= approved && (expires.map { day < $0 } ?? true)
    }
}

/// All content of a market, and what may be sent to whom.
package struct ContentLibrary: Sendable {
    package let items: [Content]
    /// Promotional and educational items for clinicians by product, channel and country.
    private let promotional: [[Int16]]
    private let medical: [[Int16]]
    private let procurement: [[Int16]]

    init(parameters: MarketParameters, countries: [Country]) {
        var items: [Content] = []
        for product in Product.all.indices where Product.all[product].isSold(in: parameters.kind) {
            ContentLibrary.append(product, parameters, countries, to: &items)
        }
        self.items = items
        var promotional = [[Int16]](repeating: [], count: Product.all.count * 12 * 6)
        var medical = promotional
        var procurement = promotional
        for (i, item) in items.enumerated() where item.approved != nil {
            for channel in item.channels {
                for country in item.countries {
                    let key = ContentLibrary.key(item.product, channel, country)
                    if item.purpose == .medical {
                        medical[key].append(Int16(i))
                    } else if item.audience == "procurement" {
                        procurement[key].append(Int16(i))
                    } else {
                        promotional[key].append(Int16(i))
                    }
                }
            }
        }
        self.promotional = promotional
        self.medical = medical
        self.procurement = procurement
    }

    package enum Shelf { case clinical, medical, procurement }

    /// Indices of the items that were ever approved for a product, channel and country.
    package func candidates(_ product: Int, _ channel: Channel, _ country: Country, _ shelf: Shelf = .clinical)
        -> [Int16]
    {
        let key = ContentLibrary.key(product, channel, country)
        return switch shelf {
        case .clinical: promotional[key]
        case .medical: medical[key]
        case .procurement: procurement[key]
        }
    }

    private static func key(_ product: Int, _ channel: Channel, _ country: Country) -> Int {
        (product * 12 + channel.ordinal) * 6 + country.index
    }

    private static func append(
        _ product: Int, _ parameters: MarketParameters, _ countries: [Country], to items: inout [Content]
    ) {
        let start = parameters.startDay
        let end = parameters.endDay
        let half = (end - start) / 2
        let brand = Product.all[product].brand
        var number = 0
        func add(
            _ language: String, _ title: String, _ topic: Int, _ format: Int, _ channels: [Channel],
            purpose: Purpose = .promotional, audience: String = "clinical", version: Int = 1,
            state: MLRState = .approvedForDistribution, from approved: Day?, until expires: Day?
        ) {
            let spoken = purpose == .medical ? countries : countries.filter { $0.language == language }
            guard !spoken.isEmpty else { return }
            number += 1
            let order = number < 10 ? "0\(number)" : "\(number)"
            items.append(
                Content(
                    id: "C-\(Product.all[product].id)-\(language.uppercased())-\(order)", version: version,
                    title: "\(brand): \(title)", topic: topic, format: format, product: product, purpose: purpose,
                    audience: audience, channels: channels, language: language, countries: spoken, state: state,
                    approved: approved, expires: expires,
                    body: "\(brand): \(title). Simulated content; brand and claims are invented."))
        }
        for language in ["en", "de", "fr", "es", "it"] {
            number = 0
            let t = ContentTitles.titles(language)
            // The news of the first half was replaced by those of the second.
            add(
                language, t.efficacy, 0, 0, [.inPerson, .video, .emailRep, .email], from: start + -45, until: end + 400)
            let newsChannels: [Channel] = [.phone, .email, .sms, .messaging, .ad, .mail, .portal, .video]
            add(language, t.news, 4, 1, newsChannels, state: .superseded, from: start + -40, until: start + half + 10)
            add(language, t.news, 4, 1, newsChannels, version: 2, from: start + half, until: end + 300)
            add(
                language, t.education, 3, 3, [.email, .webinar, .event, .portal], purpose: .educational,
                from: start + -30, until: end + 500)
            guard language == "en" else { continue }
            // Runs out within the next plan's horizon on purpose.
            add(
                "en", "What it costs and who covers it", 1, 1, [.inPerson, .phone, .emailRep, .email],
                from: start + -45, until: end + 6)
            add(
                "en", "The pivotal study in full", 2, 2, [.emailRep, .email, .portal, .inPerson], from: start + -20,
                until: end + 365)
            add(
                "en", "First-year results", 0, 0, [.inPerson, .emailRep, .email], state: .expired, from: start + -60,
                until: end + -60)
            add("en", "Long-term data", 2, 2, [.email, .portal], state: .draft, from: nil, until: nil)
            add("en", "Dosing at a glance", 3, 0, [.email, .inPerson], state: .inReview, from: nil, until: nil)
            add(
                "en", "Congress highlights", 4, 3, [.email, .webinar], state: .approvedForProduction, from: nil,
                until: nil)
            add(
                "en", "Scientific exchange deck", 2, 2, [.inPerson, .video, .phone, .emailRep], purpose: .medical,
                from: start + -90, until: end + 400)
            if !Product.all[product].isDrug {
                add(
                    "en", "Total cost of ownership", 1, 1, [.inPerson, .video, .emailRep, .email],
                    audience: "procurement",
                    from: start + -30, until: end + 400)
            }
        }
    }
}

private enum ContentTitles {
    static func titles(_ language: String) -> (efficacy: String, news: String, education: String) {
        switch language {
        case "de": ("Wirksamkeit auf einen Blick", "Neues in diesem Quartal", "Fortbildung in 20 Minuten")
        case "fr": ("L'efficacité en un coup d'œil", "Les nouveautés du trimestre", "Formation en 20 minutes")
        case "es": ("La eficacia de un vistazo", "Novedades del trimestre", "Formación en 20 minutos")
        case "it": ("L'efficacia in sintesi", "Novità del trimestre", "Formazione in 20 minuti")
        default: ("Efficacy at a glance", "News of the quarter", "Twenty minutes of training")
        }
    }
}
