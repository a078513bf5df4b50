import EngagementModel

extension InsightPage {
    /// Fields of the template `insight`.
    package var view: View {
        .with { view in
            setTriggers(&view)
            setSegments(&view)
            setPreferences(&view)
            setRest(&view)
        }
    }

    private func setTriggers(_ view: inout View) {
        view.set(
            "alarms",
            triggers.map { trigger in
                .with {
                    $0.set("alarmKind", Format.label(trigger.kind))
                    let name = showsHCPs ? trigger.hcp?.name : nil
                    $0.set("alarmWho", name ?? trigger.account ?? "An HCP")
                    $0.set("alarmPath", showsHCPs ? trigger.hcp?.path : nil)
                    $0.set("alarmAccount", name == nil ? nil : trigger.account)
                    $0.set("alarmProduct", trigger.product ?? "–")
                    $0.set("alarmEvidence", trigger.evidence)
                    $0.set("alarmScore", Format.percent(trigger.score))
                }
            })
        view.set(
            "precision",
            precision.map { row in
                .with {
                    $0.set("precisionKind", Format.label(row.kind))
                    $0.set("precisionTriggers", Format.count(row.triggers))
                    $0.set("precisionAlarms", Format.count(row.alarms))
                    $0.set("precisionJudged", Format.count(row.judged))
                    $0.set("precisionConfirmed", Format.count(row.confirmed))
                    $0.set("precisionShare", row.share.map(Format.percent) ?? "not yet known")
                    $0.set("precisionExpected", row.expected.map(Format.percent) ?? "–")
                }
            })
        view.set("backtestDays", Format.plural(backtestDays, "day"))
        view.set(
            "backtest",
            backtest.filter { $0.alarms > 0 }.map { row in
                .with {
                    func share(_ part: Int, _ whole: Int) -> String {
                        whole > 0 ? Format.percent(Double(part) / Double(whole)) : "–"
                    }
                    $0.set("backtestKind", Format.label(row.kind))
                    $0.set("backtestRate", row.rate.map(Format.percent) ?? "as raised")
                    $0.set("backtestAlarms", Format.count(row.alarms))
                    $0.set("backtestPrecision", share(row.confirmed, row.alarms))
                    $0.set("backtestBase", share(row.events, row.cases))
                    $0.set("backtestRecall", share(row.confirmed, row.events))
                }
            })
    }

    private func setSegments(_ view: inout View) {
        view.set("segmentsFounded", founded.map(Format.day))
        view.set("segmentsStability", stability.map { Format.number($0, digits: 2) })
        view.set(
            "segments",
            segments.map { segment in
                .with {
                    $0.set("segmentNumber", String(segment.number))
                    $0.set("segmentName", segment.name)
                    $0.set("segmentRule", Format.rule(segment.rule))
                    $0.set("segmentTypical", segment.typical)
                    $0.set("segmentSize", Format.count(segment.size))
                    $0.set("segmentShare", Format.percent(segment.share))
                    $0.set("segmentPropensity", Format.percent(segment.propensity))
                    $0.set("segmentPersuade", Format.count(segment.persuade))
                    $0.set("segmentTry", Format.count(segment.tryOut))
                    $0.set("segmentSpare", Format.count(segment.spare))
                    $0.set("segmentUnreachable", Format.count(segment.unreachable))
                }
            })
        view.set("showsTargets", showsHCPs)
        view.set(
            "advicesMarkup",
            Options.markup(
                [.init("persuade", "Worth a touch"), .init("try", "Worth a try"), .init("spare", "Better spared")],
                chosen: filter.advice))
        view.set("hasAdvice", filter.advice != nil)
        view.set(
            "targets",
            targets.map { target in
                .with {
                    $0.set("targetName", target.hcp.name)
                    $0.set("targetPath", target.hcp.path)
                    $0.set("targetPlace", target.hcp.place)
                    $0.set("targetPropensity", Format.percent(target.propensity))
                    $0.set(
                        "targetUplift",
                        "\(Format.effect(target.uplift)) (\(Format.effect(target.low)) to \(Format.effect(target.high)))"
                    )
                }
            })
    }

    private func setPreferences(_ view: inout View) {
        view.set(
            "specialtiesMarkup",
            Options.markup(specialties.map { .init($0, Format.label($0)) }, chosen: filter.specialty))
        view.set(
            "segmentsMarkup",
            Options.markup(
                segments.map { .init(String($0.number), $0.name) }, chosen: filter.segment.map(String.init)))
        view.set("periods", periods.map { Self.quarter($0) })
        let total = periods.indices.map { period in preferences.reduce(0) { $0 + $1.engaged[period] } }
        view.set(
            "preferences",
            preferences.map { row in
                .with {
                    $0.set("prefChannel", row.channel.title)
                    $0.set("prefStated", row.stated.map(Format.percent) ?? "–")
                    $0.set(
                        "prefCells",
                        periods.indices.map { period in
                            guard let rate = row.rate(period) else { return "–" }
                            let share = total[period] > 0 ? Double(row.engaged[period]) / Double(total[period]) : 0
                            return "\(Format.percent(rate)) · \(Format.percent(share))"
                        })
                    $0.set("prefChange", change(row))
                }
            })
        view.set("askedCount", asked > 0 ? Format.count(asked) : nil)
        view.set(
            "topics",
            topics.map { topic in
                .with {
                    $0.set("topicTitle", Format.label(topic.topic))
                    $0.set("topicFormat", Format.label(topic.format))
                    $0.set("topicViews", Format.count(topic.views))
                    $0.set("topicRate", Format.percent(Double(topic.engaged) / Double(max(1, topic.views))))
                }
            })
        view.set(
            "topicChanges",
            topicChanges.map { row in
                .with {
                    $0.set("changeTopic", Format.label(row.topic))
                    $0.set("changeFormat", Format.label(row.format))
                    $0.set("changeNow", row.now.share.map(Format.percent) ?? "–")
                    $0.set("changeBefore", row.before.share.map(Format.percent) ?? "–")
                    $0.set("changeReached", Format.count(row.now.reached))
                    $0.set("changePoints", Self.change(row.now, row.before))
                }
            })
        let kinds = [
            ("When they answer in person, by video and phone", hoursInPerson),
            ("When they answer messages", hoursByMessage),
        ].filter { Self.isTried($0.1) }
        let maps = kinds.isEmpty && Self.isTried(hours) ? [("When they answer", hours)] : kinds
        view.set("hoursCharts", maps.map { HeatMap.draw(title: "\($0.0), for what was tried then", cells: $0.1).view })
    }

    private static func isTried(_ cells: [[HeatCell?]]) -> Bool { cells.joined().contains { $0 != nil } }

    /// The change of a rate, or that it is within chance.
    private static func change(_ now: Rate, _ before: Rate) -> String {
        guard let a = now.share, let b = before.share else { return "–" }
        let error = (a * (1 - a) / Double(now.reached) + b * (1 - b) / Double(before.reached)).squareRoot()
        let text = Format.points(a - b)
        return abs(a - b) > 1.96 * error ? text : "\(text), within chance"
    }

    /// The change of the answer rate over a year, or that it is within chance.
    private func change(_ row: Preference) -> String {
        let last = periods.count - 1
        guard last >= 4, let now = row.rate(last), let then = row.rate(last - 4),
            let error = row.changeError(last - 4, last)
        else { return "–" }
        let text = Format.points(now - then)
        return abs(now - then) > 1.96 * error ? text : "\(text), within chance"
    }

    static func quarter(_ day: Day) -> String { "Q\((day.civil.month + 2) / 3) \(day.civil.year)" }

    private func setRest(_ view: inout View) {
        view.set(
            "coefficients",
            coefficients.map { row in
                .with {
                    $0.set("coefProduct", row.product)
                    $0.set("coefName", row.name == "exposure" ? "Colleagues who began" : "Own contacts")
                    $0.set(
                        "coefValue",
                        "\(Format.number(row.value, digits: 2)) (\(Format.number(row.low, digits: 2)) to "
                            + "\(Format.number(row.high, digits: 2)))")
                    $0.set("coefAdoptions", Format.count(row.adoptions))
                }
            })
        view.set(
            "inquiries",
            inquiries.map { row in
                .with {
                    $0.set("inquiryKind", Format.label(row.kind))
                    $0.set("inquiryFor", row.isMedical ? "Medical" : "Commercial, service")
                    $0.set("inquiryCount", Format.count(row.count))
                    $0.set("inquiryUrgent", Format.count(row.urgent))
                }
            })
        view.set(
            "parts",
            parts.map { part in
                .with {
                    $0.set("partName", Format.label(part.name))
                    $0.set("partRows", Format.count(part.rows))
                    $0.set("partNote", part.note)
                }
            })
    }
}
