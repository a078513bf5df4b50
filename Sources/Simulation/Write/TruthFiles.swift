internal import EngagementModel
internal import Foundation

/// The hidden truth as two files, on request only.
struct TruthFiles {
    let market: SimulatedMarket
    init(_ market: SimulatedMarket) { self.market = market }

    func write(to folder: URL) throws {
        try writeCoefficients(TableWriter(folder.appending(path: "coefficients.csv"), columns: ["name", "value"]))
        let channels = Channel.allCases.map { "affinity_\($0.rawValue)" }
        let columns =
            [
                "hcp_id", "product_1", "base_1", "limit_1", "product_2", "base_2", "limit_2", "fatigue", "weekday",
                "hour",
            ]
            + ["visit_increment", "email_increment"] + channels
        try writeHCPs(TableWriter(folder.appending(path: "hcp.csv"), columns: columns))
    }

    private func writeCoefficients(_ w: TableWriter) throws {
        let k = market.coefficients
        let values = [
            ("half_life_days", k.halfLife), ("saturation", k.saturation), ("responsiveness", k.responsiveness),
            ("fatigue", k.fatigue), ("synergy", k.synergy), ("synergy_days", Double(k.synergyDays)),
            ("channel_slope", k.channelSlope), ("content_slope", k.contentSlope), ("timing", k.timing),
            ("peer", k.peer),
        ]
        for (name, value) in values {
            w.text(name)
            w.decimal(value, 6)
            try w.end()
        }
        try w.close()
    }

    /// The increments are those of one touch on the day after the history, after everything in it.
    private func writeHCPs(_ w: TableWriter) throws {
        var history = HCPHistory()
        let day = market.lastDay + 1
        for hcp in 0..<market.hcps.count {
            market.walk(hcp, into: &history)
            var state = history.finalState
            state.advance(to: day.number, decay: market.decay)
            w.identifier(UInt8(ascii: "H"), hcp + 1, 7)
            for slot in 0..<2 {
                let product = Int(market.hcps.product[hcp * 2 + slot])
                w.text(product >= 0 ? Product.all[product].id : "")
                w.decimal(product >= 0 ? exp(Double(market.hcps.baseline[hcp * 2 + slot])) : 0, 4)
                w.decimal(Double(market.hcps.responsiveness[hcp * 2 + slot]), 4)
            }
            w.decimal(Double(market.hcps.fatigue[hcp]), 4)
            w.integer(Int(market.hcps.weekday[hcp]))
            w.integer(Int(market.hcps.hour[hcp]))
            for channel in [Channel.inPerson, .email] {
                w.decimal(
                    market.expectedIncrement(hcp: hcp, channel: channel, content: nil, day: day, state: state), 5)
            }
            for channel in Channel.allCases { w.decimal(Double(market.hcps.affinity[hcp * 12 + channel.ordinal]), 4) }
            try w.end()
        }
        try w.close()
    }
}
