import EngagementModel

extension OwnerPage {
    /// Fields of the template `owner`.
    package var view: View {
        .with { view in
            view.set("hasPlan", stamp != nil)
            view.set("headline", headline)
            view.set(
                "facts",
                facts.map { name, value, note in
                    .with {
                        $0.set("factName", name)
                        $0.set("factValue", value)
                        $0.set("factNote", note)
                    }
                })
            setReach(&view)
            setPlanned(&view)
            setPrices(&view)
            setConflicts(&view)
            setActivity(&view)
            setArms(&view)
            view.set("sources", sources.map(\.view))
            view.set("summaries", SourceRow.bySource(sources).map(\.view))
            view.set("showsData", showsData)
            if let whatIf { view.set("whatIf", whatIf.view) }
        }
    }

    private var headline: String {
        guard totals.hcps > 0 else { return "No HCP is loaded yet." }
        let share = Double(totals.reachable) / Double(totals.hcps)
        return "\(Format.count(totals.reachable)) of \(Format.count(totals.hcps)) HCPs "
            + "(\(Format.percent(share))) can be reached by at least one channel."
    }

    private var facts: [(String, String, String?)] {
        var facts: [(String, String, String?)] = [
            ("Planned touches", Format.count(totals.touches), "to \(Format.plural(totals.touchedHCPs, "HCP"))"),
            ("Expected value", Format.money(totals.value, currency), "cost \(Format.money(totals.cost, currency))"),
        ]
        if let gap = totals.gap {
            facts.append(("Below the best plan", "≤ " + Format.percent(max(0, gap)), "by the bound, before exploring"))
        }
        return facts
    }

    private func setReach(_ view: inout View) {
        view.set(
            "reach",
            reach.map { row in
                .with {
                    $0.set("reachChannel", row.channel.title)
                    let share = row.hcps > 0 ? Double(row.eligible) / Double(row.hcps) : 0
                    let planned = row.hcps > 0 ? Double(min(row.planned, row.eligible)) / Double(row.hcps) : 0
                    $0.set("reachMarkup", Marks.share([(planned, "fill"), (share - planned, "fill soft")]))
                    $0.set("reachCount", Format.count(row.eligible))
                    $0.set("reachShare", Format.percent(share))
                    $0.set("reachPlanned", Format.count(row.planned))
                    if let first = row.refusals.first {
                        $0.set("topReason", first.refusal.short)
                        $0.set("topCount", Format.count(first.hcps))
                    }
                }
            })
        let reasons = Refusal.allCases.filter { refusal in
            reach.contains { $0.refusals.contains { $0.refusal == refusal && $0.hcps > 0 } }
        }
        guard !reasons.isEmpty else { return }
        let table = DataTable(
            caption: "HCPs refused, by channel and first reason",
            columns: [.init("Reason")] + reach.map { .init($0.channel.title, number: true) },
            rows: reasons.map { refusal in
                [refusal.short]
                    + reach.map { row in
                        let n = row.refusals.first { $0.refusal == refusal }?.hcps ?? 0
                        return n == 0 ? "" : Format.count(n)
                    }
            })
        view.set("refusalTable", table.view)
    }

    private func setPlanned(_ view: inout View) {
        guard !planned.days.isEmpty else { return }
        let top = planned.counts.joined().max() ?? 0
        view.set(
            "planDays",
            planned.days.enumerated().map { index, day in
                .with {
                    $0.set("dayName", HeatMap.weekdays[day.weekday])
                    // The month only where it begins: ten columns have to fit.
                    let isNew = index == 0 || planned.days[index - 1].civil.month != day.civil.month
                    let month = isNew ? " " + Format.months[day.civil.month - 1] : ""
                    $0.set("dayDate", "\(day.civil.day)\(month)")
                }
            })
        view.set(
            "planRows",
            zip(planned.channels, planned.counts).map { channel, counts in
                .with {
                    $0.set("planChannel", channel.title)
                    $0.set(
                        "planCells",
                        counts.map { n in
                            .with {
                                $0.set("cellText", n == 0 ? "" : Format.count(n))
                                $0.set("cellStyle", "heat-\(top > 0 && n > 0 ? 1 + min(3, n * 4 / (top + 1)) : 0)")
                            }
                        })
                    $0.set("planTotal", Format.count(counts.reduce(0, +)))
                }
            })
        let sums = planned.days.indices.map { day in planned.counts.reduce(0) { $0 + $1[day] } }
        view.set("planSums", sums.map(Format.count))
        view.set("planTotal", Format.count(sums.reduce(0, +)))
        let chart = ColumnChart.draw(
            title: "Planned touches per day", unit: "Touches",
            points: zip(planned.days, sums).map { day, n in
                .init(label: Format.shortDay(day), tick: HeatMap.weekdays[day.weekday], value: Double(n))
            }, format: { Format.number($0, digits: 0) })
        view.set("planMarkup", chart.svg)
    }

    private func setPrices(_ view: inout View) {
        view.set(
            "prices",
            prices.map { price in
                .with {
                    $0.set("priceName", price.name)
                    $0.set("priceDay", price.day.map(Format.shortDay) ?? "whole horizon")
                    // A rep's time is read in hours; other limits in their own unit.
                    let unit = price.unit == .repMinute ? 60.0 : 1.0
                    $0.set("priceValue", Format.money(price.price * unit, currency))
                    $0.set("priceUnit", price.unit == .repMinute ? "per hour" : "per unit")
                    let share = price.capacity > 0 ? price.used / price.capacity : 0
                    $0.set("priceMarkup", Marks.share([(share, "fill")]))
                    $0.set("priceUse", Format.percent(share))
                }
            })
    }

    private func setConflicts(_ view: inout View) {
        view.set(
            "conflicts",
            conflicts.map { conflict in
                .with {
                    $0.set("conflictTitle", conflict.title)
                    $0.set("conflictCases", Format.count(conflict.cases))
                    $0.set("conflictHCPs", Format.count(conflict.hcps))
                    guard showsHCPs else { return }
                    $0.set(
                        "examples",
                        conflict.examples.map { example in
                            .with {
                                $0.set("exampleName", example.hcp.name)
                                $0.set("examplePath", example.hcp.path)
                                $0.set("exampleDay", example.day.map(Format.day))
                                $0.set("exampleDetail", example.detail)
                            }
                        })
                }
            })
    }

    private func setActivity(_ view: inout View) {
        view.set(
            "activity",
            activity.map { row in
                .with {
                    let total = row.touches.reduce(0, +)
                    $0.set("activityChannel", row.channel.title)
                    $0.set("activityDirection", row.direction == .push ? "from us" : "from HCPs")
                    $0.set("activityMarkup", Marks.trend(row.touches.map(Double.init)))
                    $0.set("activityTouches", Format.count(total))
                    let base = Double(max(1, total))
                    $0.set("activityReached", Format.percent(Double(row.reached) / base))
                    $0.set("activityEngaged", Format.percent(Double(row.engaged) / base))
                    $0.set("activityAdvanced", Format.percent(Double(row.advanced) / base))
                }
            })
    }

    private func setArms(_ view: inout View) {
        view.set(
            "arms",
            arms.map { arm in
                .with {
                    $0.set("armTitle", Format.label(arm.arm.rawValue))
                    $0.set("armHCPs", Format.count(arm.hcps))
                    $0.set("armTouches", Format.count(arm.touches))
                    $0.set("armOutcome", arm.outcome.map(Format.measure) ?? "–")
                    $0.set(
                        "armLift",
                        arm.lift.map {
                            "\(Format.effect($0.value)) (\(Format.effect($0.low)) to \(Format.effect($0.high)))"
                        } ?? "–")
                }
            })
        view.set("liftKnown", arms.contains { $0.lift != nil })
    }
}

extension OwnerPage.Conflict {
    var title: String {
        switch kind {
        case "gap", "too_close": "Too close together"
        case "cap", "too_many": "Too many in a window"
        case "two_teams", "teams_same_day", "same_day": "Two teams on the same day"
        default: Format.label(kind)
        }
    }
}

extension SourceRow {
    var view: View {
        .with {
            $0.set("sourceName", source)
            $0.set("sourceTable", table)
            $0.set("sourceOwner", owner)
            $0.set("sourceGrain", grain)
            $0.set("sourceFreshest", freshest.map(Format.day) ?? "–")
            $0.set("sourceTables", tables)
            $0.set("sourceRows", Format.count(rows))
            $0.set("sourceRejected", Format.count(rejected))
            $0.set("sourceDuplicates", Format.count(duplicates))
            $0.set("sourceOrphans", Format.count(orphans))
            $0.set("hasRejects", rejected > 0)
            $0.set("hasOrphans", orphans > 0)
        }
    }
}

extension SourceRow {
    /// One row a source: sums, and the freshest day of its tables.
    static func bySource(_ rows: [SourceRow]) -> [SourceRow] {
        var result: [SourceRow] = []
        for row in rows {
            guard let place = result.firstIndex(where: { $0.source == row.source }) else {
                result.append(row)
                continue
            }
            result[place].tables += 1
            result[place].rows += row.rows
            result[place].rejected += row.rejected
            result[place].duplicates += row.duplicates
            result[place].orphans += row.orphans
            result[place].freshest = [result[place].freshest, row.freshest].compactMap { $0 }.max()
            result[place].owner = result[place].owner ?? row.owner
        }
        return result
    }
}

extension Refusal {
    /// Two or three words for tables; the sentence is for people who ask why.
    var short: String {
        switch self {
        case .purposeFirewall: "Purpose firewall"
        case .channelNotAllowed: "No rule allows it"
        case .noConsent: "No opt-in"
        case .optedOut: "Opted out"
        case .objection: "Objection"
        case .consentExpired: "Consent expired"
        case .noAddress: "No address"
        case .noAccess: "No access"
        case .contentNotApproved: "Content not approved"
        case .contentExpired: "Approval expired"
        case .contentCountry: "Content: other country"
        case .contentLanguage: "Content: other language"
        case .contentAudience: "Content: other audience"
        case .noSender: "No rep in charge"
        case .outsideTerritory: "Outside territory"
        case .capReached: "Cap reached"
        case .gapTooShort: "Gap too short"
        case .quietHours: "Quiet hours"
        case .appointmentBooked: "Appointment booked"
        case .noCapacity: "No capacity"
        case .noSeats: "No seats"
        case .dataRights: "Data right"
        case .stakeholder: "Other stakeholder"
        case .productUnknown: "No objective"
        }
    }
}
