import EngagementModel

extension WhatIfForm {
    /// Fields of the partial `what-if`.
    package var view: View {
        .with { view in
            view.set(
                "levers",
                strategy.objectives.enumerated().map { index, objective in
                    field(
                        "lever\(index)", "\(objective.name), ×", change.levers[objective.name] ?? objective.lever,
                        usual: objective.lever, range: Self.leverRange, step: "0.05")
                })
            view.set(
                "caps",
                strategy.caps.enumerated().map { index, cap in
                    let now = change.capMax[cap.name] ?? cap.max
                    return field(
                        "cap\(index)", cap.title, Double(now), usual: Double(cap.max),
                        range: Double(Self.capRange.lowerBound)...Double(Self.capRange.upperBound), step: "1")
                })
            view.set(
                "costs",
                sortedChannels.map { channel, terms in
                    .with {
                        $0.set("channelTitle", channel.title)
                        $0.set(
                            "cost",
                            field(
                                "cost_\(channel.rawValue)", "\(channel.title), cost",
                                change.channelCost[channel] ?? terms.cost, usual: terms.cost, range: Self.costRange,
                                step: "any"))
                        guard terms.sender == .rep else { return }
                        $0.set(
                            "minutes",
                            field(
                                "minutes_\(channel.rawValue)", "\(channel.title), minutes",
                                change.channelMinutes[channel] ?? terms.minutes, usual: terms.minutes,
                                range: Self.minutesRange, step: "any"))
                    }
                })
            view.set("currency", currency)
            view.set("problems", problems)
            if let result { view.set("result", resultView(result)) }
        }
    }

    private func field(
        _ name: String, _ title: String, _ value: Double, usual: Double, range: ClosedRange<Double>, step: String
    ) -> View {
        .with {
            $0.set("fieldName", name)
            $0.set("fieldTitle", title)
            $0.set("fieldValue", Self.plain(value))
            $0.set("fieldMin", Self.plain(range.lowerBound))
            $0.set("fieldMax", Self.plain(range.upperBound))
            $0.set("fieldStep", step)
            $0.set("isChanged", value != usual)
            $0.set("fieldUsual", Self.plain(usual))
        }
    }

    /// As number inputs want it: a point, no grouping.
    private static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(value)
    }

    private func resultView(_ result: WhatIfResult) -> View {
        .with { view in
            let (before, after) = (result.before, result.after)
            view.set("sentence", sentence(result))
            view.set("seconds", Format.number(result.seconds, digits: 1))
            var rows: [View] = [
                row("Value", before.value, after.value) { Format.money($0, currency) },
                row("Cost", before.cost, after.cost) { Format.money($0, currency) },
                row("HCPs reached", Double(before.hcps), Double(after.hcps)) { Format.number($0, digits: 0) },
            ]
            let channels = Channel.allCases.filter { (before.touches[$0] ?? 0) + (after.touches[$0] ?? 0) > 0 }
            rows += channels.map { channel in
                row(
                    "\(channel.title), touches", Double(before.touches[channel] ?? 0),
                    Double(after.touches[channel] ?? 0)
                ) { Format.number($0, digits: 0) }
            }
            view.set("rows", rows)
            let refusals = Refusal.allCases.filter { before.refusals[$0] != after.refusals[$0] }
            view.set(
                "refusals",
                refusals.map { refusal in
                    row(
                        refusal.sentence, Double(before.refusals[refusal] ?? 0),
                        Double(after.refusals[refusal] ?? 0)
                    ) { Format.number($0, digits: 0) }
                })
        }
    }

    private func sentence(_ result: WhatIfResult) -> String {
        let change = result.after.value - result.before.value
        let touches = result.after.touches.values.reduce(0, +) - result.before.touches.values.reduce(0, +)
        let words =
            touches == 0
            ? "the same number of touches"
            : "\(Format.plural(abs(touches), "touch", "touches")) \(touches > 0 ? "more" : "fewer")"
        if abs(change) < 0.005 { return "The value stays the same, with \(words)." }
        let share = result.before.value > 0 ? " (\(Format.percent(abs(change) / result.before.value)))" : ""
        return "\(change > 0 ? "Gains" : "Loses") \(Format.money(abs(change), currency))\(share), with \(words)."
    }

    private func row(
        _ title: String, _ before: Double, _ after: Double, _ format: (Double) -> String
    ) -> View {
        .with {
            $0.set("rowTitle", title)
            $0.set("rowBefore", format(before))
            $0.set("rowAfter", format(after))
            let change = after - before
            $0.set("rowChange", abs(change) < 0.005 ? "–" : (change > 0 ? "+" : "") + format(change))
        }
    }
}

extension Strategy.Cap {
    /// `At most … touches in 7d on any channel`.
    var title: String {
        let on =
            channels.count == Channel.allCases.count
            ? "any channel"
            : Channel.allCases.filter(channels.contains).map(\.title).joined(separator: ", ")
        return "Touches in \(window), \(on)"
    }
}
