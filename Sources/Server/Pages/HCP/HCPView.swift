import EngagementModel

extension HCPPage {
    var path: String { hcp.label.path }

    /// Fields of the template `hcp`.
    package var view: View {
        .with { view in
            setRecord(&view)
            setPlan(&view)
            setTimeline(&view)
            setVolumes(&view)
            setPreferences(&view)
            setConsent(&view)
            insight.set(&view, name: hcp.label.name, asOf: asOf)
            view.set("whyNot", whyNot.view(path: path, currency: currency))
            view.set("sourcesPath", sourcesPath)
            view.set("consentsPath", consentsPath)
            view.set("consentsWord", takesConsent ? "Record consent, see the history" : "History of consents")
            view.set(
                "sources",
                sources.map { source in
                    .with {
                        $0.set("sourceField", Format.label(source.field))
                        $0.set("sourceName", source.source)
                        $0.set("sourceID", source.sourceID)
                        // Without a date of its own a record counts as known for ever.
                        $0.set(
                            "sourceDay", source.knownAt.flatMap { $0.civil.year > 1950 ? Format.day($0) : nil } ?? "–")
                    }
                })
        }
    }

    private func setRecord(_ view: inout View) {
        view.set("hcpName", hcp.label.name)
        view.set("hcpPlace", hcp.label.place)
        let facts: [(String, String?)] = [
            ("NPI", hcp.npi), ("Profession", hcp.profession.map(Format.label)),
            ("Stakeholder", hcp.stakeholder.map(Format.label)), ("E-mail", hcp.email), ("Phone", hcp.phone),
            ("Address", hcp.address), ("Country", hcp.country), ("Language", hcp.language),
            ("Time zone", hcp.timezone), ("Access", hcp.access.map(Format.label)), ("ID", hcp.label.hcpID),
            ("Sources", Format.plural(hcp.sourceCount, "source")),
        ]
        view.set(
            "facts",
            facts.compactMap { name, value -> View? in
                guard let value, !value.isEmpty else { return nil }
                return .with {
                    $0.set("factName", name)
                    $0.set("factValue", value)
                }
            })
        view.set(
            "affiliations",
            affiliations.map { place in
                [place.site, place.role.map(Format.label), place.buyingRole.map(Format.label)]
                    .compactMap { $0 }.joined(separator: " · ")
            })
        view.set(
            "reps",
            reps.map { rep in
                .with {
                    $0.set("repTitle", rep.name)
                    $0.set(
                        "repDetail",
                        [Format.label(rep.kind), rep.team.map { "team \($0)" }, rep.territory]
                            .compactMap { $0 }.joined(separator: " · "))
                }
            })
    }

    private func setPlan(_ view: inout View) {
        view.set("goals", goals.map(\.sentence))
        let touches = plan.filter { $0.channel != nil }
        view.set(
            "plan",
            PlannedTouch.grouped(touches).map { touches in
                .with {
                    let touch = touches[0]
                    $0.set("planWhen", touches.compactMap(\.time).joined(separator: " · "))
                    $0.set("planChannel", touch.channel?.title)
                    $0.set("planTitle", touch.title)
                    $0.set("planSender", touch.sender == "system" ? "by the system" : "by \(touch.sender)")
                    let each = touches.count > 1 ? " each" : ""
                    $0.set("planEffect", "\(touch.effect.headline)\(each) (\(touch.effect.interval))")
                    $0.set("planReasons", touch.reasons)
                    $0.set("planStatus", touch.status.isOpen ? nil : Format.label(touch.status.rawValue))
                }
            })
        if touches.isEmpty, let quiet = plan.first { view.set("noTouchReasons", quiet.reasons) }
    }

    private func setTimeline(_ view: inout View) {
        view.set(
            "timeline",
            timeline.map { entry in
                .with {
                    $0.set("entryTime", Format.time(entry.at))
                    $0.set("entryChannel", entry.request?.kind == .serviceCase ? "Case" : entry.channel.title)
                    if let request = entry.request {
                        $0.set("requestPath", request.path)
                        $0.set("requestTitle", request.title)
                        $0.set("files", request.files.map(\.view))
                        $0.set("requestLate", request.isLate)
                        $0.set("requestState", request.state)
                        $0.set("isInquiry", request.kind == .inquiry)
                    }
                    $0.set("isPull", entry.direction == .pull && entry.request == nil)
                    $0.set("entryKind", entry.kind == "touch" || entry.request != nil ? nil : Format.label(entry.kind))
                    $0.set("entryTitle", entry.title)
                    $0.set("entryRep", entry.rep)
                    $0.set("entryAnswer", entry.request == nil ? answer(entry) : nil)
                    $0.set("levelStyle", entry.level.rawValue)
                    $0.set("isMedical", entry.medical)
                }
            })
        view.set("openRequests", openRequests > 0 ? "\(openRequests) open" : nil)
        view.set(
            "kindsMarkup",
            Options.markup(
                [.init("contact", "Contacts"), .init("inquiry", "Inquiries"), .init("case", "Cases")],
                chosen: timelineFilter.kind?.rawValue))
        view.set(
            "timelinePaging",
            timelinePaging.view(
                path: path, fields: timelineFilter.fields, anchor: "#timeline"))
        view.set("timelinePath", path)
        view.set("timelineTotal", Format.plural(timelinePaging.total, "entry", "entries"))
        let asked = timelineFilter
        view.set("isNarrowed", asked.channel != nil || asked.direction != nil || asked.kind != nil)
        view.set(
            "channelsMarkup",
            Options.markup(
                Channel.allCases.map { .init($0.rawValue, $0.title) }, chosen: timelineFilter.channel?.rawValue))
        view.set(
            "directionsMarkup",
            Options.markup(
                [.init("push", "From us"), .init("pull", "From the HCP")],
                chosen: timelineFilter.direction?.rawValue))
    }

    private func answer(_ entry: TimelineEntry) -> String {
        if entry.machine { return "machine, not counted" }
        if let status = entry.status, status != "sent", status != "delivered" {
            return Format.label(status).lowercased()
        }
        return entry.direction == .pull && entry.level == .none ? "" : entry.level.words(on: entry.channel)
    }

    private func setVolumes(_ view: inout View) {
        switch volumes {
        case .none: view.set("volumesNote", "No volumes are loaded for this HCP.")
        case .hidden:
            view.set("volumesNote", "Individual volumes of this HCP are hidden by a data right.")
        case .series(let series): view.set("volumes", series.map { $0.chart.view })
        }
    }

    private func setPreferences(_ view: inout View) {
        func rate(_ channel: ChannelPreference) -> Double { channel.shrunk?.value ?? channel.responseRate }
        let top = channels.map(rate).filter(\.isFinite).max() ?? 0
        view.set(
            "channels",
            channels.map { channel in
                .with {
                    $0.set("prefChannel", channel.channel.title)
                    $0.set("prefMarkup", Marks.bar(rate(channel), top: top))
                    $0.set("prefRate", Format.percent(rate(channel)))
                    $0.set("prefInterval", channel.shrunk?.interval ?? "–")
                    $0.set("prefTouches", Format.count(channel.touches))
                    $0.set("prefReached", Format.count(channel.reached))
                    $0.set("prefEngaged", Format.count(channel.engaged))
                    $0.set("prefLast", channel.lastDay.map { Format.ago($0, from: asOf) } ?? "never")
                }
            })
        let best = topics.map(\.affinity).filter(\.isFinite).max() ?? 0
        view.set(
            "topics",
            topics.map { topic in
                .with {
                    $0.set("topicTitle", Format.label(topic.topic))
                    $0.set("topicFormat", Format.label(topic.format))
                    $0.set("topicMarkup", Marks.bar(topic.affinity, top: best))
                    $0.set("topicRate", topic.shrunk?.text ?? "–")
                    $0.set("topicViews", Format.count(topic.views))
                    $0.set("topicEngaged", Format.count(topic.engaged))
                }
            })
        if hours.joined().contains(where: { $0 != nil }) {
            view.set("hoursChart", HeatMap.draw(title: "When this HCP answers", cells: hours).view)
        }
    }

    private func setConsent(_ view: inout View) {
        view.set("badges", badges.map(\.view))
        view.set(
            "consents",
            consents.map { row in
                .with {
                    $0.set("consentChannel", row.channel.title)
                    let product = row.product.map { ", \($0)" } ?? ""
                    $0.set("consentPurpose", Format.label(row.purpose.rawValue) + product)
                    $0.set("consentStatus", Format.label(row.status.rawValue))
                    $0.set("consentBasis", row.basis.map { Format.label($0.rawValue) } ?? "–")
                    $0.set("consentFrom", row.capturedAt.map(Format.day) ?? "–")
                    $0.set("consentUntil", row.expiresAt.map(Format.day) ?? "–")
                }
            })
    }
}

extension VolumeSeries {
    /// Columns by month; the last three months stand out, since they are what a rep asks about.
    var chart: Chart {
        ColumnChart.draw(
            title: "\(product), \(Format.label(measure).lowercased()) per month", unit: Format.label(measure),
            points: zip(months, values).enumerated().map { index, month in
                let civil = month.0.civil
                let isTick = (months.count - 1 - index) % 3 == 0
                return .init(
                    label: Format.month(month.0),
                    tick: isTick ? "\(Format.months[civil.month - 1]) \(civil.year % 100)" : nil, value: month.1)
            }, highlightFrom: max(0, months.count - 3), format: Format.amount)
    }
}

extension WhyNot {
    func view(path: String, currency: String) -> View {
        .with {
            $0.set("whyPath", path)
            $0.set("wasAsked", wasAsked)
            $0.set(
                "whyChannelsMarkup",
                Options.markup(channels.map { .init($0.rawValue, $0.title) }, chosen: channel?.rawValue))
            $0.set(
                "whyContentsMarkup",
                Options.markup(contents.map { .init($0.contentID, $0.title) }, chosen: contentID))
            $0.set(
                "answers",
                answers.map { answer in
                    .with {
                        $0.set("answerTitle", "\(answer.channel.title), \(answer.title)")
                        $0.set("answerSentence", answer.sentence(chosen: chosen, currency: currency))
                        $0.set("isRefused", answer.refusal != nil)
                        if answer.refusal == nil {
                            $0.set("answerEffect", "\(answer.effect.headline) (\(answer.effect.interval))")
                        }
                    }
                })
        }
    }
}

extension PlannedTouch {
    /// `Tue 6 Jan, 14:00`.
    fileprivate var time: String? {
        day.map { Format.shortDay($0) + (hour.map { ", \(Format.hour($0))" } ?? "") }
    }

    /// What the page would say of a touch but its time.
    private var words: [String] {
        [channel?.rawValue ?? "", title ?? "", sender, effect.headline, effect.interval, status.rawValue] + reasons
    }

    /// Touches that differ by their time only, together, in the order of the first of each.
    fileprivate static func grouped(_ touches: [PlannedTouch]) -> [[PlannedTouch]] {
        var place: [[String]: Int] = [:]
        var groups: [[PlannedTouch]] = []
        for touch in touches {
            if let known = place[touch.words] {
                groups[known].append(touch)
            } else {
                place[touch.words] = groups.count
                groups.append([touch])
            }
        }
        return groups
    }
}
