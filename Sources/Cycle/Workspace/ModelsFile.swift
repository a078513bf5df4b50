internal import Decisioning
internal import Definitions
public import EngagementModel

/// A response model that learns beside the champion: `models.yaml` names them.
public struct Challenger: Sendable, Hashable {
    public enum Kind: String, ClosedList, Codable {
        /// The online model with other options.
        case online
        /// Gradient-boosted trees, through the LightGBM library.
        case lightgbm
    }

    public var name: String
    public var kind: Kind
    /// Of `online`: variance regained in a day, as a share of the prior; rows that settle the shared weights first.
    public var driftPerDay: Double?
    public var warmUpRows: Int?
    /// Of `lightgbm`: number of trees, leaves of each, and the share that each adds.
    public var rounds: Int?
    public var leaves: Int?
    public var learningRate: Double?

    var responseOptions: ResponseOptions {
        var options = ResponseOptions()
        if let driftPerDay { options.driftPerDay = Float(driftPerDay) }
        if let warmUpRows { options.warmUpRows = warmUpRows }
        return options
    }
}

/// Reads `models.yaml`:
/// ```yaml
/// challengers:
///   - {name: quick, kind: online, drift_per_day: 0.005}
///   - {name: trees, kind: lightgbm, rounds: 200, leaves: 31, learning_rate: 0.05}
/// ```
enum ModelsFile {
    static func read(_ yaml: YAMLReader) -> [Challenger] {
        var found: [Challenger] = []
        for item in yaml.mappings("challengers") {
            let name = item.required("name")
            let kind = item.choice("kind", Challenger.Kind.self)
            if !item.has("kind") { item.report("kind", "missing_key", "is required: online or lightgbm") }
            var result = Challenger(name: name ?? "", kind: kind ?? .online)
            switch result.kind {
            case .online:
                result.driftPerDay = item.number("drift_per_day", 0...1)
                result.warmUpRows = item.integer("warm_up_rows", 1000...100_000_000)
            case .lightgbm:
                result.rounds = item.integer("rounds", 1...10_000)
                result.leaves = item.integer("leaves", 2...1024)
                result.learningRate = item.number("learning_rate", 0.001...1)
            }
            if let name {
                if name == ModelRegister.champion || found.contains(where: { $0.name == name }) {
                    item.report("name", "duplicate_key", "`\(name)` is taken", remedy: "choose another name")
                }
                let isPlain = name.utf8.allSatisfy {
                    (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95
                }
                if name.isEmpty || name.utf8.count > 40 || !isPlain {
                    item.report(
                        "name", "bad_value", "expected at most 40 lower-case letters, digits, `-` and `_`")
                }
            }
            item.finish()
            if name != nil, kind != nil { found.append(result) }
        }
        yaml.finish()
        return found
    }
}
