import EngagementModel

/// The field force for those who lead it: what one more rep is worth where, who has too much to do, whether goals are met.
package struct FieldForcePage: Sendable {
    package var figures: FieldForceFigures?
    package var sizing: SizingFigures?
    /// Names by identifier.
    package var repNames: [String: String] = [:]
    package var hcpNames: [String: HCPLabel] = [:]
    /// Moves that were accepted, and hold from the next run on.
    package var accepted: [FieldForceFigures.Move] = []
    package var canDecide = false
    package var showsHCPs = false
    package var said: String?
    package var problem: String?
    package var currency = "EUR"
    package var csrf = ""

    package init() {}

    private func name(_ rep: String) -> String { repNames[rep] ?? rep }
    private func money(_ value: Double) -> String { Format.money(value, currency) }

    /// Fields of the template `field-force`.
    package var view: View {
        .with { view in
            view.set("said", said)
            view.set("problem", problem)
            view.set("csrf", csrf)
            guard let figures else { return }
            view.set("hasFigures", true)
            view.set("facts", facts(figures))
            view.set("note", figures.note)
            let top = figures.reps.map { max($0.load, $0.loadAfter) }.max() ?? 0
            view.set("reps", figures.reps.map { repView($0, top: top) })
            view.set("hasRange", sizing != nil)
            if let sizing {
                view.set("curve", curve(sizing).view)
            } else {
                view.set("curvePath", "\(Operation.fieldForce.path)?curve=1#sizing")
            }
            moves(figures, &view)
            goals(figures, &view)
        }
    }

    private func facts(_ figures: FieldForceFigures) -> [String] {
        let minutes = figures.reps.reduce(0) { $0 + $1.minutes }
        let used = figures.reps.reduce(0) { $0 + $1.used }
        var facts = [Format.plural(figures.reps.count, "field rep"), "\(Format.plural(figures.days, "day")) planned"]
        if minutes > 0 { facts.append("\(Format.percent(used / minutes)) of the field's time is planned") }
        if let best = figures.reps.max(by: { $0.anotherRepPerWeek < $1.anotherRepPerWeek }), best.anotherRepPerWeek > 0
        {
            facts.append("one more rep pays most beside \(name(best.repID))")
        }
        return facts
    }

    // MARK: Territories

    private func repView(_ rep: FieldForceFigures.Rep, top: Double) -> View {
        .with {
            $0.set("repName", name(rep.repID))
            $0.set("repTerritory", rep.territoryID)
            $0.set("repTeam", Format.label(rep.team))
            $0.set("repHCPs", Format.count(rep.hcps))
            $0.set("repFull", rep.minutes > 0 ? Format.percent(rep.used / rep.minutes) : "–")
            $0.set("repHour", money(rep.hourPrice))
            $0.set("repHourRange", "\(money(rep.hourPriceLow)) to \(money(rep.hourPriceHigh))")
            $0.set("repAnother", another(rep))
            $0.set("repLoad", Format.minutes(rep.load))
            $0.set("repLoadAfter", Format.minutes(rep.loadAfter))
            $0.set("repLoadMarkup", Marks.bar(rep.load, top: top))
            $0.set("repAfterMarkup", Marks.bar(rep.loadAfter, top: top, "fill soft"))
        }
    }

    /// By diminishing returns no more than the minutes at today's price, and no less than at the price that is left
    /// once the minutes are there.
    private func another(_ rep: FieldForceFigures.Rep) -> String {
        guard let left = sizing?.priceLeft[rep.repID] else { return "at most \(money(rep.anotherRepPerWeek))" }
        return "\(money(rep.anotherRepPerWeek * min(1, left))) to \(money(rep.anotherRepPerWeek))"
    }

    // MARK: Sizing

    private func curve(_ sizing: SizingFigures) -> Chart {
        var chart = ColumnChart.draw(
            title: "Value of the plan by number of field reps", unit: "Value over the horizon",
            points: sizing.points.map {
                .init(label: label($0), tick: Format.amount(($0.reps * 10).rounded() / 10), value: $0.value)
            },
            highlightFrom: nil, format: { money($0) })
        let rows = sizing.points.enumerated().map { index, point -> [String] in
            let before = index > 0 ? sizing.points[index - 1] : nil
            let step = before.map { point.reps > $0.reps ? (point.value - $0.value) / (point.reps - $0.reps) : 0 }
            return [
                label(point), money(point.value), step.map(money) ?? "–", money(point.bound),
                Format.count(point.visits),
            ]
        }
        chart.table = DataTable(
            caption: "Each number of reps is a plan of its own, made from the last run's records",
            columns: [
                .init("Field reps"), .init("Value", number: true), .init("For each rep more", number: true),
                .init("No plan is worth more than", number: true), .init("Visits", number: true),
            ], rows: rows)
        return chart
    }

    private func label(_ point: SizingFigures.Point) -> String {
        let reps = Format.amount((point.reps * 10).rounded() / 10)
        return point.capacity == 1 ? "\(reps), as it is" : reps
    }

    // MARK: Alignment

    private func moves(_ figures: FieldForceFigures, _ view: inout View) {
        let known = Set(accepted)
        let open = figures.moves.filter { !known.contains($0) }
        view.set("openMoves", open.map { moveView($0) })
        view.set("acceptedMoves", accepted.map { moveView($0) })
        view.set("canAcceptAll", canDecide && open.count > 1)
        view.set("openCount", open.count)
        guard !figures.moves.isEmpty else { return }
        let loads = figures.reps.map(\.load)
        let after = figures.reps.map(\.loadAfter)
        view.set(
            "moveEffect",
            "\(Format.plural(figures.moves.count, "account")) would change hands: load beyond a tenth of the mean "
                + "\(Format.measure(figures.before.imbalance)) → \(Format.measure(figures.after.imbalance)) mean loads, "
                + "fullest rep \(Format.minutes(loads.max() ?? 0)) → \(Format.minutes(after.max() ?? 0)) a week, "
                + "distance to the middle of the territory \(Format.measure(figures.before.kilometres)) → "
                + "\(Format.measure(figures.after.kilometres)) km.")
    }

    private func moveView(_ move: FieldForceFigures.Move) -> View {
        .with {
            $0.set("moveName", move.name ?? move.hcoID)
            $0.set("moveAccount", move.hcoID)
            $0.set("moveHCPs", move.hcps > 0 ? Format.count(move.hcps) : "–")
            $0.set("moveLoad", move.load > 0 ? Format.minutes(move.load) : "–")
            $0.set("moveFrom", name(move.from))
            $0.set("moveTo", name(move.to))
            $0.set("moveFromID", move.from)
            $0.set("moveToID", move.to)
            $0.set("canDecide", canDecide)
        }
    }

    // MARK: Goals

    private func goals(_ figures: FieldForceFigures, _ view: inout View) {
        view.set("cycle", figures.cycle)
        view.set(
            "goals",
            figures.goals.map { goal in
                .with {
                    $0.set("goalName", Format.label(goal.name))
                    $0.set(
                        "goalChannels",
                        goal.channels.compactMap { Channel(rawValue: $0)?.title }.joined(separator: ", "))
                    $0.set("goalPeriod", goal.period)
                    $0.set("goalHCPs", Format.count(goal.hcps))
                    $0.set("goalTarget", Format.count(goal.target))
                    $0.set("goalDue", Format.count(goal.due))
                    $0.set("goalDone", Format.count(goal.done))
                    $0.set("goalPlanned", Format.count(goal.planned))
                    $0.set("goalShare", Format.percent(goal.attainment))
                    $0.set("goalMarkup", Marks.bar(goal.attainment, top: 1))
                    $0.set("goalPace", "\(Format.count(goal.onPace)) of \(Format.count(goal.hcps))")
                    $0.set("goalPrice", goal.price > 0.005 ? money(goal.price) : "–")
                }
            })
        guard showsHCPs else { return }
        let behind = figures.people.filter { !$0.isOnPace && $0.done + $0.planned < $0.least }
            .sorted { ($1.least - $1.done - $1.planned, $0.hcpID) < ($0.least - $0.done - $0.planned, $1.hcpID) }
        if !behind.isEmpty { view.set("behindCount", Format.plural(behind.count, "HCP")) }
        view.set(
            "behind",
            behind.prefix(Self.shown).map { person in
                let label = hcpNames[person.hcpID] ?? HCPLabel(hcpID: person.hcpID, name: "HCP \(person.hcpID)")
                return .with {
                    $0.set("behindName", label.name)
                    $0.set("behindPath", label.path)
                    $0.set("behindPlace", label.place)
                    $0.set("behindGoal", Format.label(person.goal))
                    $0.set("behindDone", "\(person.done) of \(person.least)")
                    $0.set("behindPlanned", Format.count(person.planned))
                    $0.set("behindRep", person.repID.map(name) ?? "–")
                }
            })
    }

    /// HCPs who are listed at most.
    static let shown = 25
}
