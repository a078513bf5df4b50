internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// The candidates of the published plan as columns: HCP × offer, row-major.
struct LiveCandidates: Sendable {
    let offers: Int
    /// Variant of the catalogue that stands for the offer; −1 = the plan held none.
    private(set) var variant: [Int16]
    private(set) var probability: [Float]
    private(set) var effect: [Float]
    private(set) var effectLow: [Float]
    private(set) var effectHigh: [Float]
    private(set) var value: [Float]

    private init(hcps: Int, offers: Int) {
        self.offers = offers
        variant = [Int16](repeating: -1, count: hcps * offers)
        probability = [Float](repeating: 0, count: hcps * offers)
        effect = probability
        effectLow = probability
        effectHigh = probability
        value = probability
    }

    /// Values follow the levers and costs of the strategy as it is now.
    static func read(
        _ connection: WarehouseConnection, hcps: Int, catalogue: OfferCatalogue, shelf: ContentShelf
    ) async throws -> LiveCandidates {
        let actions = try await connection.query("SELECT action_no, channel, product_id FROM plan.action")
        let (numbers, channels) = (try actions.int32s("action_no"), try actions.texts("channel"))
        let products = try actions.texts("product_id")
        var offerOf: [Int32: Int] = [:]
        for i in numbers.indices {
            offerOf[numbers[i]] = catalogue.offers.firstIndex {
                $0.channel.rawValue == channels[i] && $0.objective.product == products[i]
            }
        }
        let offerOfAction = (0...(numbers.max() ?? 0)).map { offerOf[$0] ?? -1 }
        // Variant by offer and content; the place after the last content stands for "without material".
        let contents = shelf.items.count
        var variants = [Int16](repeating: -1, count: catalogue.offers.count * (contents + 1))
        for (number, variant) in catalogue.variants.enumerated() {
            variants[variant.offer * (contents + 1) + (variant.content ?? contents)] = Int16(clamping: number)
        }
        var result = LiveCandidates(hcps: hcps, offers: catalogue.offers.count)
        try await connection.stream(
            """
            SELECT c.hcp_no, c.action_no, CAST(coalesce(s.content_no, -1) AS INTEGER) AS content, c.probability, c.effect,
              c.effect_low, c.effect_high
            FROM plan.candidate AS c
            LEFT JOIN (SELECT content_id, row_number() OVER (ORDER BY content_id) - 1 AS content_no FROM mart.content) AS s
              ON s.content_id = c.content_id
            """
        ) { batch in
            let (hcp, action) = (try batch.int32("hcp_no"), try batch.int32("action_no"))
            let content = try batch.int32("content")
            let (probability, effect) = (try batch.float("probability"), try batch.float("effect"))
            let (low, high) = (try batch.float("effect_low"), try batch.float("effect_high"))
            for row in hcp.indices {
                let offer = offerOfAction[Int(action[row])]
                guard offer >= 0, Int(hcp[row]) < hcps else { continue }
                let cell = Int(hcp[row]) * result.offers + offer
                let place = content[row] < 0 ? contents : Int(content[row])
                result.variant[cell] = variants[offer * (contents + 1) + place]
                result.probability[cell] = probability[row]
                result.effect[cell] = effect[row]
                result.effectLow[cell] = low[row]
                result.effectHigh[cell] = high[row]
                let terms = catalogue.offers[offer]
                result.value[cell] =
                    effect[row] * Float(terms.objective.valuePerUnit * terms.objective.lever) - Float(terms.terms.cost)
            }
        }
        return result
    }

    func score(_ cell: Int) -> CandidateScore {
        CandidateScore(
            probability: probability[cell], effect: effect[cell], effectLow: effectLow[cell],
            effectHigh: effectHigh[cell], value: value[cell])
    }

    /// Mean over HCPs of the best positive value: the unit of the plan's temperature.
    var meanScale: Double {
        var (sum, count) = (0.0, 0)
        guard offers > 0 else { return 1 }
        for first in stride(from: 0, to: value.count, by: offers) {
            var best: Float = 0
            for cell in first..<(first + offers) where variant[cell] >= 0 { best = max(best, value[cell]) }
            if best > 0 { (sum, count) = (sum + Double(best), count + 1) }
        }
        return count > 0 ? sum / Double(count) : 1
    }

    /// Mean probability of engagement by offer.
    var meanProbability: [Float] {
        (0..<offers).map { offer in
            var (sum, count) = (Float(0), Float(0))
            for cell in stride(from: offer, to: value.count, by: offers) where variant[cell] >= 0 {
                (sum, count) = (sum + probability[cell], count + 1)
            }
            return count > 0 ? sum / count : 0
        }
    }
}
