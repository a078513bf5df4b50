internal import EngagementModel
internal import Statistics

/// A quarter's campaign for one product.
struct Campaign: Sendable {
    let id: String
    let name: String
    let product: Int
    let start: Day
    let end: Day
}

/// A mass mailing of a campaign: the same morning for everyone who may be written to.
struct Wave: Sendable {
    let day: Day
    /// Local minute of the day.
    let minute: Int
    let campaign: Int
    let number: Int
}

/// A webinar, congress or speaker programme for one product and one side of the Atlantic.
struct Event: Sendable {
    let id: String
    let kind: String
    let title: String
    let product: Int
    let european: Bool
    let day: Day
    /// Local minute in `zone`.
    let minute: Int
    let zone: Zone
    let seats: Int

    var isWebinar: Bool { kind == "webinar" }
    /// Invitations go out, and the event is announced, this long before.
    static let noticeDays = 21
}

/// Everything that marketing planned for the whole market.
struct MarketingCalendar: Sendable {
    let campaigns: [Campaign]
    /// Indexes of a product's campaigns, in order of days.
    let campaignsOf: [[Int16]]
    /// Mailings by product, in order of days.
    let waves: [[Wave]]
    let events: [Event]
    /// Events by product and side of the Atlantic (`product * 2 + european`).
    let eventsOf: [[Int16]]

    init(parameters: MarketParameters, countries: [Country]) {
        let start = parameters.startDay
        let last = parameters.endDay + parameters.deltaDays + 120
        var campaigns: [Campaign] = []
        var waves = [[Wave]](repeating: [], count: Product.all.count)
        var events: [Event] = []
        for (p, product) in Product.all.enumerated() where product.isSold(in: parameters.kind) {
            var generator = Stream.market.generator(parameters.seed, p)
            var first = start
            while first <= last {
                let next = first.nextMonth(3)
                let c = first.civil
                campaigns.append(
                    Campaign(
                        id: "K-\(product.id)-\(c.year)-\(c.month < 10 ? "0" : "")\(c.month)",
                        name: "\(product.brand) \(c.year)/\((c.month + 2) / 3)", product: p, start: first,
                        end: next + -1))
                // Every other Tuesday or Thursday.
                var day = first + (1 - first.weekday + 7) % 7 + (p % 2) * 2
                while day < next {
                    waves[p].append(
                        Wave(
                            day: day, minute: 7 * 60 + generator.below(22) * 30 + p, campaign: campaigns.count - 1,
                            number: waves[p].count))
                    day = day + 14
                }
                first = next
            }
            MarketingCalendar.appendEvents(
                product: p, from: start, to: last, parameters, countries, &events)
        }
        self.campaigns = campaigns
        campaignsOf = Product.all.indices.map { p in
            campaigns.indices.filter { campaigns[$0].product == p }.map { Int16($0) }
        }
        self.waves = waves
        self.events = events
        var eventsOf = [[Int16]](repeating: [], count: Product.all.count * 2)
        for (i, event) in events.enumerated() {
            eventsOf[event.product * 2 + (event.european ? 1 : 0)].append(Int16(i))
        }
        self.eventsOf = eventsOf
    }

    private static func appendEvents(
        product p: Int, from start: Day, to last: Day, _ parameters: MarketParameters, _ countries: [Country],
        _ events: inout [Event]
    ) {
        let brand = Product.all[p].brand
        for european in [false, true] where countries.contains(where: { $0.isEuropean == european }) {
            // A stream of its own, so that a longer calendar leaves the earlier events as they were.
            var generator = Stream.event.generator(parameters.seed, 1 << 40 + p * 2 + (european ? 1 : 0))
            var day = start + 30 + generator.below(14)
            var number = 0
            while day <= last {
                number += 1
                // Weekdays only: the next Tuesday, Wednesday or Thursday.
                let date = day + (8 - day.weekday) % 7 + generator.below(3)
                let kind = number % 8 == 4 ? "congress" : number % 4 == 2 ? "speaker_programme" : "webinar"
                let title =
                    switch kind {
                    case "congress": "\(brand) at the congress"
                    case "speaker_programme": "\(brand): an evening with the experts"
                    default: "\(brand): live case discussion \(number)"
                    }
                let seats = kind == "webinar" ? max(60, parameters.hcps / 40) : max(25, parameters.hcps / 150)
                events.append(
                    Event(
                        id: "E-\(Product.all[p].id)-\(european ? "EU" : "US")-\(number < 10 ? "0" : "")\(number)",
                        kind: kind,
                        title: title, product: p, european: european, day: date,
                        minute: kind == "congress" ? 9 * 60 : 18 * 60, zone: european ? .berlin : .newYork, seats: seats
                    ))
                day = day + 40 + generator.below(11)
            }
        }
    }
}

extension MarketingCalendar {
    /// Index of a product's campaign on a day, −1 outside all of them.
    func campaign(of product: Int, on day: Day) -> Int {
        let mine = campaignsOf[product]
        guard let first = mine.first else { return -1 }
        // Campaigns are quarters: estimate and step.
        var i = min(max((day - campaigns[Int(first)].start) / 92, 0), mine.count - 1)
        while i + 1 < mine.count && campaigns[Int(mine[i])].end < day { i += 1 }
        let campaign = campaigns[Int(mine[i])]
        return day >= campaign.start && day <= campaign.end ? Int(mine[i]) : -1
    }
}
