internal import Decisioning
internal import EngagementModel

/// A plan before and after a change, by channel, segment and product.
public struct ScenarioReport: Sendable, Codable {
    public var scenario: String
    public var asOf: String
    public var runID: String
    public var draws: Int
    public var lines: [Line]
    /// Touches that break a cap or a gap of today, before and after.
    public var conflictsBefore: Int
    public var conflictsAfter: Int
    /// HCP × channel refused, by reason.
    public var refusedBefore: [String: Int]
    public var refusedAfter: [String: Int]
    /// What the plan may miss of the best possible one.
    public var gapBefore: Double
    public var gapAfter: Double
    /// The response model whose word the values are, and where their doubt comes from.
    public var model = ""
    public var note =
        "Values are the models' for the coming plan alone; fatigue between planned touches is in the choice, not in the value. "
        + "Refusals are asked anew with the consents of now."

    public struct Line: Sendable, Codable {
        /// `all`, `channel`, `segment` (specialty) or `product`.
        public var kind: String
        public var name: String
        public var before: Figures
        public var after: Figures
        /// Value after less value before: mean and 90% interval over the draws.
        public var change: Double
        public var changeLow: Double
        public var changeHigh: Double
    }

    public struct Figures: Sendable, Codable {
        public var touches = 0
        public var hcps = 0
        public var cost = 0.0
        /// Currency, net of cost: mean and 90% interval over the draws.
        public var value = 0.0
        public var valueLow = 0.0
        public var valueHigh = 0.0
    }

    init(
        scenario: String, run: RecordedRun, before: ScenarioPlanner.Side, after: ScenarioPlanner.Side,
        worth: ScenarioValuation.Worth, conflicts: [Int]
    ) {
        self.scenario = scenario
        asOf = run.evidence.asOf.description
        runID = run.runID
        draws = worth.values[0].count
        model =
            run.trees == nil
            ? "The released model is the online one; intervals are draws from its posterior."
            : "The released model is trees; each draw moves their log odds by as much as a draw from the online model's "
                + "posterior moves its own, since trees have none."
        conflictsBefore = conflicts[0]
        conflictsAfter = conflicts[1]
        func named(_ refused: [Refusal: Int]) -> [String: Int] {
            Dictionary(refused.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: +)
        }
        (refusedBefore, refusedAfter) = (named(before.refused), named(after.refused))
        (gapBefore, gapAfter) = (before.plan.gap, after.plan.gap)
        let sides = [before, after]
        let population = run.inputs.population
        // Names of the groups that a touch belongs to, in each of the four ways of cutting.
        func groups(_ side: ScenarioPlanner.Side, _ touch: ScenarioValuation.Touch) -> [(String, String)] {
            let offer = side.catalogue.offers[touch.offer]
            let code = population.specialty[touch.hcp]
            return [
                ("all", "all"), ("channel", offer.channel.rawValue),
                ("segment", code < 0 ? "other" : population.specialtyNames[Int(code)]),
                ("product", offer.objective.product),
            ]
        }
        var cells: [String: [Cell]] = [:]
        var order: [(kind: String, name: String)] = []
        for (number, side) in sides.enumerated() {
            for (place, touch) in worth.touches[number].enumerated() {
                for (kind, name) in groups(side, touch) {
                    let key = "\(kind) \(name)"
                    if cells[key] == nil {
                        cells[key] = [Cell(draws: draws), Cell(draws: draws)]
                        order.append((kind, name))
                    }
                    cells[key]?[number].add(touch, cost: side.catalogue.offers[touch.offer].terms.cost) {
                        worth.values[number][$0][place]
                    }
                }
            }
        }
        let ways = ["all", "channel", "segment", "product"]
        order.sort { (ways.firstIndex(of: $0.kind) ?? 0, $0.name) < (ways.firstIndex(of: $1.kind) ?? 0, $1.name) }
        lines = order.compactMap { kind, name in
            guard let pair = cells["\(kind) \(name)"] else { return nil }
            let change = zip(pair[1].values, pair[0].values).map { $0 - $1 }
            let (low, high) = Self.interval(change)
            return Line(
                kind: kind, name: name, before: pair[0].figures, after: pair[1].figures, change: Self.mean(change),
                changeLow: low, changeHigh: high)
        }
    }

    private struct Cell {
        var touches = 0
        var people: Set<Int> = []
        var cost = 0.0
        var values: [Double]

        init(draws: Int) { values = [Double](repeating: 0, count: draws) }

        mutating func add(_ touch: ScenarioValuation.Touch, cost price: Double, _ value: (Int) -> Double) {
            touches += 1
            people.insert(touch.hcp)
            cost += price
            for draw in values.indices { values[draw] += value(draw) }
        }

        var figures: Figures {
            let (low, high) = ScenarioReport.interval(values)
            return Figures(
                touches: touches, hcps: people.count, cost: cost, value: ScenarioReport.mean(values),
                valueLow: low, valueHigh: high)
        }
    }

    fileprivate static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    /// Between the 5th and the 95th percentile, interpolated.
    fileprivate static func interval(_ values: [Double]) -> (Double, Double) {
        let sorted = values.sorted()
        guard let last = sorted.indices.last else { return (0, 0) }
        func at(_ share: Double) -> Double {
            let place = share * Double(last)
            let low = Int(place)
            let high = min(low + 1, last)
            return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
        }
        return (at(0.05), at(0.95))
    }

    public func rendered() -> String {
        var text = "\(scenario), against the plan of \(asOf); currency, 90% intervals over \(draws) draws\n\n"
        func whole(_ value: Double) -> String { String(Int(value.rounded())) }
        var rows = [["", "touches", "after", "HCPs", "after", "value", "after", "change", "low", "high"]]
        var kind = ""
        for line in lines {
            if line.kind != kind, line.kind != "all" { rows.append([line.kind] + [String](repeating: "", count: 9)) }
            kind = line.kind
            rows.append([
                (line.kind == "all" ? "" : "  ") + line.name, "\(line.before.touches)", "\(line.after.touches)",
                "\(line.before.hcps)", "\(line.after.hcps)", whole(line.before.value), whole(line.after.value),
                whole(line.change), whole(line.changeLow), whole(line.changeHigh),
            ])
        }
        let widths = (0..<10).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            var line = row[0].padding(to: widths[0])
            for column in 1..<10 {
                line += "  " + String(repeating: " ", count: widths[column] - row[column].count) + row[column]
            }
            while line.hasSuffix(" ") { line.removeLast() }
            text += line + "\n"
        }
        text += "\ntouches against a cap or gap of today: \(conflictsBefore) before, \(conflictsAfter) after\n"
        let reasons = Set(refusedBefore.keys).union(refusedAfter.keys).sorted().filter {
            refusedBefore[$0] != refusedAfter[$0]
        }
        if !reasons.isEmpty {
            text += "refused HCPs × channels: "
            text +=
                reasons.map { "\($0) \(refusedBefore[$0] ?? 0) → \(refusedAfter[$0] ?? 0)" }.joined(separator: ", ")
            text += "\n"
        }
        return text + model + "\n" + note + "\n"
    }
}
