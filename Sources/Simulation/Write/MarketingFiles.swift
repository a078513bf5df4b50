internal import EngagementModel

/// Content, campaigns and events, as far as they are known on the as-of day.
struct MarketingFiles {
    let market: SimulatedMarket
    init(_ market: SimulatedMarket) { self.market = market }

    func write(_ files: FileSet) throws {
        try writeContent(files.table(.content))
        try writeCampaigns(files.table(.campaign))
        try writeEvents(files.table(.event))
    }

    private func writeContent(_ w: TableWriter) throws {
        for item in market.content.items {
            w.text(item.id)
            w.integer(item.version)
            w.text(item.title)
            w.text(ContentTaxonomy.topics[item.topic])
            w.text(ContentTaxonomy.formats[item.format])
            w.text(Product.all[item.product].id)
            w.text(item.purpose.rawValue)
            w.text(item.audience)
            w.text(Product.all[item.product].area)
            w.text(item.channels.map(\.rawValue).joined(separator: ";"))
            w.text(item.language)
            w.text(item.countries.map(\.rawValue).joined(separator: ";"))
            w.text(item.state.rawValue)
            w.day(item.approved)
            w.day(item.expires)
            w.text(item.body)
            try w.end()
        }
    }

    private func writeCampaigns(_ w: TableWriter) throws {
        for campaign in market.calendar.campaigns {
            let known = campaign.start + -30
            guard known <= market.parameters.endDay else { continue }
            w.text(campaign.id)
            w.text(campaign.name)
            w.text(Product.all[campaign.product].brand)
            w.day(campaign.start)
            w.day(campaign.end)
            w.instant(known.delivery)
            try w.end()
        }
    }

    private func writeEvents(_ w: TableWriter) throws {
        for event in market.calendar.events {
            let known = event.day + -60
            guard known <= market.parameters.endDay else { continue }
            w.text(event.id)
            w.text(event.kind)
            w.text(event.title)
            w.instant(market.zones.utc(day: event.day.number, minute: event.minute, zone: event.zone))
            w.integer(event.seats)
            w.text(Product.all[event.product].id)
            w.instant(known.delivery)
            try w.end()
        }
    }
}
