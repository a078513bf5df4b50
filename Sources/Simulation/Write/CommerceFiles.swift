internal import EngagementModel
internal import Statistics

/// Orders, contracts and prices of the device part: what the HCPs of a site use, the site orders; the procedures in which
/// it was used, and what lies in the store.
final class CommerceFiles {
    private let market: SimulatedMarket
    private let order: TableWriter
    private let line: TableWriter
    private let contract: TableWriter
    private let price: TableWriter
    private let claim: TableWriter
    private let inventory: TableWriter
    private let devices: [Int]
    /// Units of the current site by device and month.
    private var units: [Int]
    private let monthCount: Int
    private let lastSecond: Int64

    init(_ market: SimulatedMarket, _ files: FileSet) throws {
        self.market = market
        order = try files.table(.order)
        line = try files.table(.orderLine)
        contract = try files.table(.contract)
        price = try files.table(.price)
        let kind = market.parameters.kind
        devices = Product.all.indices.filter { Product.all[$0].isSold(in: kind) && !Product.all[$0].isDrug }
        monthCount = market.months.count
        units = [Int](repeating: 0, count: devices.count * monthCount)
        lastSecond = Cut(market).end
        claim = try files.table(.claim)
        inventory = try files.table(.inventory)
        let use = try files.table(.procedureProduct)
        for device in devices {
            guard let procedure = Product.all[device].procedure else { continue }
            use.plain("house")
            use.text(procedure.code)
            use.text(Product.all[device].id)
            use.decimal(1 / Double(procedure.perUnit), 2)
            try use.end()
        }
    }

    /// Counts what an HCP used, as far as the base delivery knows it.
    func add(_ hcp: Int, _ history: HCPHistory) {
        for item in history.volumes where market.knownDay(month: Int(item.month)) <= market.parameters.endDay {
            let product = Int(market.hcps.product[hcp * 2 + Int(item.slot)])
            guard let device = devices.firstIndex(of: product) else { continue }
            units[device * monthCount + Int(item.month)] += Int(item.value)
        }
    }

    /// Writes the site's contract and its monthly orders, and begins the next site.
    func closeSite(_ site: Int) throws {
        defer { for i in units.indices { units[i] = 0 } }
        guard units.contains(where: { $0 > 0 }) else { return }
        var g = Stream.order.generator(market.parameters.seed, site)
        let terms = try writeContract(site, &g)
        var number = 0
        var ordered = [Day?](repeating: nil, count: monthCount)
        for month in 0..<monthCount {
            let quantities = devices.indices.map { units[$0 * monthCount + month] }
            guard quantities.contains(where: { $0 > 0 }) else { continue }
            number += 1
            ordered[month] = try writeOrder(site, number, market.months[month], quantities, terms, &g)
        }
        try writeClaims(site)
        try writeStock(site, ordered)
    }

    /// Procedures of a site and month in one row, without patients: what hospitals share of their claims.
    private func writeClaims(_ site: Int) throws {
        var number = 0
        for month in 0..<monthCount {
            for (place, device) in devices.enumerated() where units[place * monthCount + month] > 0 {
                let day = market.months[month] + (5 + site % 20)
                guard day <= market.parameters.endDay, let procedure = Product.all[device].procedure else { continue }
                number += 1
                claim.compound(UInt8(ascii: "K"), site + 1, number)
                claim.identifier(UInt8(ascii: "O"), site + 1, 6)
                claim.day(day)
                claim.plain("house")
                claim.text(procedure.code)
                claim.integer(units[place * monthCount + month] * procedure.perUnit)
                try claim.end()
            }
        }
    }

    /// Stock on the first and the fifteenth: use goes on all month, the month's order fills the store up again, and a
    /// month and a half's usual use lay there at the beginning.
    private func writeStock(_ site: Int, _ ordered: [Day?]) throws {
        for (place, device) in devices.enumerated() {
            let used = (0..<monthCount).map { units[place * monthCount + $0] }
            guard let first = used.firstIndex(where: { $0 > 0 }), let last = used.lastIndex(where: { $0 > 0 })
            else { continue }
            var stock = 1.5 * Double(used.reduce(0, +)) / Double(last - first + 1)
            months: for month in first...last {
                for half in 0..<2 {
                    let day = market.months[month] + 14 * half
                    guard day <= market.parameters.endDay else { break months }
                    let gone = Double(used[month]) * Double(half) * 14 / 30
                    let come = ordered[month].map { $0 < day } == true ? used[month] : 0
                    inventory.identifier(UInt8(ascii: "O"), site + 1, 6)
                    inventory.text(Product.all[device].id)
                    inventory.day(day)
                    inventory.integer(max(0, Int((stock - gone).rounded()) + come))
                    try inventory.end()
                }
                // An order that was not placed is missing from then on.
                if ordered[month] == nil { stock = max(0, stock - Double(used[month])) }
            }
        }
    }

    private struct Terms {
        let start: Day
        let end: Day
        let discount: Double
    }

    /// Most larger sites have a contract of two or three years; some lapse within the next quarter.
    private func writeContract(_ site: Int, _ g: inout SeededGenerator) throws -> Terms? {
        let has = g.chance(market.organisations.size[site] >= 8 ? 0.7 : 0.1)
        let start = market.startDay + (-10 - g.below(300))
        let lapses = g.chance(0.15)
        let end = lapses ? market.parameters.endDay + 5 + g.below(85) : market.parameters.endDay + 120 + g.below(600)
        let discount = 0.06 + 0.12 * g.uniform()
        guard has else { return nil }
        contract.identifier(UInt8(ascii: "D"), site + 1, 6)
        contract.identifier(UInt8(ascii: "O"), site + 1, 6)
        contract.day(start)
        contract.day(end)
        contract.text("Net 30 days; volume discount from 50 units")
        try contract.end()
        for device in devices {
            for (tier, minimum) in [1, 50].enumerated() {
                price.identifier(UInt8(ascii: "D"), site + 1, 6)
                price.text(Product.all[device].id)
                price.text(Product.all[device].unit)
                price.integer(minimum)
                price.decimal(Product.all[device].listPrice * (1 - discount - 0.04 * Double(tier)), 2)
                price.day(start)
                price.day(end)
                try price.end()
            }
        }
        return Terms(start: start, end: end, discount: discount)
    }

    /// Two sites of three order in the same days of every month, each in its own; the others whenever it comes.
    ///
    /// - Parameter draw: 0..<27, of the order's own chance.
    private func dayOfOrder(_ site: Int, _ draw: Int) -> Int {
        let habit = SeededGenerator.mix(market.parameters.seed ^ UInt64(site) &* 0x9E37_79B9_7F4A_7C15)
        guard habit % 3 > 0 else { return draw }
        return Int((habit >> 8) % 23) + draw % 5
    }

    /// Returns the day of the order; nil when it lies after the base delivery.
    private func writeOrder(
        _ site: Int, _ number: Int, _ month: Day, _ quantities: [Int], _ terms: Terms?, _ g: inout SeededGenerator
    ) throws -> Day? {
        let day = month + dayOfOrder(site, g.below(27))
        let at = Int64(day.number) * 86_400 + Int64(8 * 3600 + g.below(9 * 3600))
        let way = g.uniform()
        let buyer = Int(market.organisations.firstHCP[site]) + g.below(Int(market.organisations.size[site]))
        guard at <= lastSecond else { return nil }
        let inForce = terms.flatMap { day >= $0.start && day <= $0.end ? $0 : nil }
        let rep = market.territories.fieldRep(ofSite: site, on: day)
        let byRep = way > 0.85 && rep >= 0
        var total = 0.0
        var position = 0
        for (device, quantity) in zip(devices, quantities) where quantity > 0 {
            position += 1
            let tier = quantity >= 50 ? 0.04 : 0
            let unit =
                (Product.all[device].listPrice * (1 - (inForce.map { $0.discount + tier } ?? 0)) * 100).rounded() / 100
            total += unit * Double(quantity)
            line.compound(UInt8(ascii: "B"), site + 1, number)
            line.integer(position)
            line.text(Product.all[device].id)
            line.integer(quantity)
            line.text(Product.all[device].unit)
            line.decimal(unit, 2)
            try line.end()
        }
        order.compound(UInt8(ascii: "B"), site + 1, number)
        order.identifier(UInt8(ascii: "O"), site + 1, 6)
        order.identifier(UInt8(ascii: "H"), buyer + 1, 7)
        order.instant(at)
        order.plain(byRep ? "in_person" : way < 0.45 ? "portal" : way < 0.7 ? "email" : "phone")
        order.text(byRep ? Rep.id(rep) : "")
        order.compound(UInt8(ascii: "P"), site + 1, 1000 + number)
        order.identifier(UInt8(ascii: "O"), site + 1, 6)
        if inForce != nil { order.identifier(UInt8(ascii: "D"), site + 1, 6) } else { order.empty() }
        order.plain("delivered")
        order.decimal(total, 2)
        order.text(market.organisations.country[site].currency)
        try order.end()
        return day
    }
}
