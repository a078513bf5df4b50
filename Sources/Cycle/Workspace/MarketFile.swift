internal import Definitions
internal import EngagementModel

/// Reads `markets/XX.yaml`: what one country or business unit changes.
///
/// Keys: `consent, quiet_hours, holidays, caps, data_rights {individual_volumes: shown | hidden}`.
enum MarketFile {
    static func read(_ yaml: YAMLReader, code: String) -> Market {
        var market = Market(code: code)
        market.consent = StrategyFile.consent(yaml)
        market.quietHours = StrategyFile.quietHours(yaml)
        if yaml.has("caps") { market.caps = StrategyFile.caps(yaml) }
        for text in yaml.strings("holidays") ?? [] {
            if let day = Day(text) {
                market.holidays.insert(day)
            } else {
                yaml.report("holidays", "bad_date", "`\(text)` is no day of the calendar; expected YYYY-MM-DD")
            }
        }
        if let inner = yaml.mapping("data_rights") {
            switch inner.string("individual_volumes") {
            case "hidden": market.hidesIndividualVolumes = true
            case "shown", nil: break
            case .some(let text):
                inner.report("individual_volumes", "unknown_value", "`\(text)` is none of shown, hidden")
            }
            inner.finish()
        }
        yaml.finish()
        return market
    }
}
