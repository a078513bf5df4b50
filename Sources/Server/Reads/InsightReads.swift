import EngagementModel
import Warehouse

/// Reads the tables of the insight step for its page.
struct InsightReads: Sendable {
    let snapshot: Snapshot
    let role: Role

    func fill(_ page: inout InsightPage) async throws {
        let filter = page.filter
        async let triggers = triggers()
        async let precision = precision()
        async let preferences = preferences(filter)
        async let topics = topics(filter)
        async let changes = topicChanges(filter)
        async let hours = hourCells("insight-hours", values(filter))
        async let hoursInPerson = hourCells("insight-hours-kind", values(filter) + [.text("personal")])
        async let hoursByMessage = hourCells("insight-hours-kind", values(filter) + [.text("message")])
        async let backtest = backtest()
        async let rest = rest()
        try await segments(&page)
        page.triggers = try await triggers
        page.precision = try await precision
        (page.periods, page.preferences, page.asked) = try await preferences
        page.topics = try await topics
        page.topicChanges = try await changes
        page.hours = try await hours
        page.hoursInPerson = try await hoursInPerson
        page.hoursByMessage = try await hoursByMessage
        (page.backtest, page.backtestDays) = try await backtest
        (page.coefficients, page.inquiries, page.parts) = try await rest
        page.specialties = try await snapshot.rows("insight-specialties")?.texts("specialty") ?? []
        if let advice = filter.advice, page.showsHCPs {
            page.targets = try await targets(advice, segment: filter.segment ?? 0)
        }
    }

    private func triggers() async throws -> [InsightPage.Trigger] {
        let safety = role == .safety || role == .compliance
        guard
            let table = try await snapshot.rows(
                "insight-triggers", [.bool(role.seesHiddenVolumes), .bool(safety)])
        else { return [] }
        let (kinds, ids) = (try table.texts("kind"), try table.strings("hcp_id"))
        let (firsts, lasts) = (try table.strings("first_name"), try table.strings("last_name"))
        let (credentials, accounts) = (try table.strings("credential"), try table.strings("account"))
        let (products, evidence) = (try table.strings("product"), try table.texts("evidence"))
        let scores = try table.doubles("score")
        return kinds.indices.map { row in
            let label = ids[row].map {
                HCPLabel(
                    hcpID: $0, name: HCPLabel.name(first: firsts[row], last: lasts[row], credential: credentials[row]))
            }
            return .init(
                kind: kinds[row], hcp: label, account: accounts[row], product: products[row], evidence: evidence[row],
                score: scores[row])
        }
    }

    private func precision() async throws -> [InsightPage.Precision] {
        guard let table = try await snapshot.rows("insight-precision") else { return [] }
        let (kinds, triggers) = (try table.texts("kind"), try table.int64s("triggers"))
        let (alarms, judged) = (try table.int64s("alarms"), try table.int64s("judged"))
        let (confirmed, shares) = (try table.int64s("confirmed"), try table.optionalDoubles("hit"))
        let expected = try table.optionalDoubles("expected")
        return kinds.indices.map {
            .init(
                kind: kinds[$0], triggers: Int(triggers[$0]), alarms: Int(alarms[$0]), judged: Int(judged[$0]),
                confirmed: Int(confirmed[$0]), share: shares[$0], expected: expected[$0])
        }
    }

    private func segments(_ page: inout InsightPage) async throws {
        guard let table = try await snapshot.rows("insight-segments"), table.rowCount > 0 else { return }
        let (numbers, names) = (try table.int64s("segment_no"), try table.texts("name"))
        let (rules, sizes) = (try table.texts("rule"), try table.int64s("size"))
        let (shares, typical) = (try table.doubles("share"), try table.texts("typical"))
        let (propensity, persuade) = (try table.doubles("propensity"), try table.int64s("persuade"))
        let (tries, spares) = (try table.int64s("try"), try table.int64s("spare"))
        let unreachable = try table.int64s("unreachable")
        page.founded = try table.days("founded_as_of")[0]
        page.stability = try table.doubles("stability")[0]
        page.segments = numbers.indices.map {
            .init(
                number: Int(numbers[$0]), name: names[$0], rule: rules[$0], size: Int(sizes[$0]), share: shares[$0],
                typical: typical[$0], propensity: propensity[$0], persuade: Int(persuade[$0]), tryOut: Int(tries[$0]),
                spare: Int(spares[$0]), unreachable: Int(unreachable[$0]))
        }
    }

    private func targets(_ advice: String, segment: Int) async throws -> [InsightPage.Target] {
        guard let table = try await snapshot.rows("insight-targets", [.text(advice), .int(Int64(segment))])
        else { return [] }
        let (ids, firsts) = (try table.texts("hcp_id"), try table.strings("first_name"))
        let (lasts, credentials) = (try table.strings("last_name"), try table.strings("credential"))
        let (specialties, cities) = (try table.strings("specialty"), try table.strings("city"))
        let (propensity, uplift) = (try table.doubles("propensity"), try table.doubles("uplift"))
        let (low, high) = (try table.doubles("uplift_low"), try table.doubles("uplift_high"))
        return ids.indices.map {
            .init(
                hcp: HCPLabel(
                    hcpID: ids[$0],
                    name: HCPLabel.name(first: firsts[$0], last: lasts[$0], credential: credentials[$0]),
                    specialty: specialties[$0], city: cities[$0]),
                propensity: propensity[$0], uplift: uplift[$0], low: low[$0], high: high[$0])
        }
    }

    private func preferences(
        _ filter: InsightPage.Filter
    ) async throws -> (periods: [Day], rows: [InsightPage.Preference], asked: Int) {
        let table: ArrowTable?
        if let segment = filter.segment {
            table = try await snapshot.rows("insight-preference-segment", [.int(Int64(segment))])
        } else if let specialty = filter.specialty {
            table = try await snapshot.rows("insight-preference-specialty", [.text(specialty)])
        } else {
            table = try await snapshot.rows("insight-preference-all")
        }
        guard let table else { return ([], [], 0) }
        let (channels, days) = (try table.texts("channel"), try table.days("period"))
        let (contacts, engaged) = (try table.int64s("contacts"), try table.int64s("engaged"))
        let periods = Array(Set(days.compactMap { $0 }).sorted().suffix(5))
        var rows: [Channel: InsightPage.Preference] = [:]
        for row in channels.indices {
            guard let channel = Channel(rawValue: channels[row]), let day = days[row],
                let period = periods.firstIndex(of: day)
            else { continue }
            rows[
                channel,
                default: .init(
                    channel: channel, contacts: periods.map { _ in 0 }, engaged: periods.map { _ in 0 })
            ].contacts[period] += Int(contacts[row])
            rows[channel]?.engaged[period] += Int(engaged[row])
        }
        var asked = 0
        if let survey = try await snapshot.rows("insight-survey") {
            let (named, counts) = (try survey.texts("channel"), try survey.int64s("named"))
            let totals = try survey.int64s("asked")
            asked = Int(totals.first ?? 0)
            for row in named.indices {
                guard let channel = Channel(rawValue: named[row]), totals[row] > 0 else { continue }
                rows[channel]?.stated = Double(counts[row]) / Double(totals[row])
            }
        }
        let order = rows.values.sorted {
            ($1.engaged.last ?? 0, $0.channel.code) < ($0.engaged.last ?? 0, $1.channel.code)
        }
        return (periods, order, asked)
    }

    private func topics(_ filter: InsightPage.Filter) async throws -> [InsightPage.Topic] {
        guard let table = try await snapshot.rows("insight-topics", [.text(filter.specialty ?? "")]) else { return [] }
        let (topics, formats) = (try table.texts("topic"), try table.texts("format"))
        let (views, engaged) = (try table.int64s("views"), try table.int64s("engaged"))
        return topics.indices.map {
            .init(topic: topics[$0], format: formats[$0], views: Int(views[$0]), engaged: Int(engaged[$0]))
        }
    }

    private func values(_ filter: InsightPage.Filter) -> [SQLValue] {
        // A segment wins over a specialty, as it does for channels.
        [.text(filter.segment == nil ? filter.specialty ?? "" : ""), .int(Int64(filter.segment ?? 0))]
    }

    private func topicChanges(_ filter: InsightPage.Filter) async throws -> [InsightPage.TopicChange] {
        guard let table = try await snapshot.rows("insight-topic-change", values(filter)) else { return [] }
        let (topics, formats) = (try table.texts("topic"), try table.texts("format"))
        let (reached, engaged) = (try table.int64s("reached"), try table.int64s("engaged"))
        let (before, then) = (try table.int64s("reached_before"), try table.int64s("engaged_before"))
        return topics.indices.map {
            .init(
                topic: topics[$0], format: formats[$0],
                now: .init(reached: Int(reached[$0]), engaged: Int(engaged[$0])),
                before: .init(reached: Int(before[$0]), engaged: Int(then[$0])))
        }
    }

    private func hourCells(_ query: String, _ parameters: [SQLValue]) async throws -> [[HeatCell?]] {
        guard let table = try await snapshot.rows(query, parameters), table.rowCount > 0 else {
            return []
        }
        var cells = [[HeatCell?]](repeating: [HeatCell?](repeating: nil, count: 24), count: 7)
        let (weekdays, hours) = (try table.int32s("weekday"), try table.int32s("hour"))
        let (sends, responses) = (try table.int64s("sends"), try table.int64s("responses"))
        let scores = try table.doubles("score")
        for row in weekdays.indices where (0..<7).contains(weekdays[row]) && (0..<24).contains(hours[row]) {
            cells[Int(weekdays[row])][Int(hours[row])] = HeatCell(
                sends: Int(sends[row]), responses: Int(responses[row]), score: scores[row])
        }
        return cells
    }

    private func backtest() async throws -> ([InsightPage.Backtest], Int) {
        guard let table = try await snapshot.rows("insight-backtest"), table.rowCount > 0 else { return ([], 0) }
        let (kinds, rates) = (try table.texts("kind"), try table.optionalDoubles("rate"))
        let (alarms, confirmed) = (try table.int64s("alarms"), try table.int64s("confirmed"))
        let (cases, events) = (try table.int64s("cases"), try table.int64s("events"))
        return (
            kinds.indices.map {
                .init(
                    kind: kinds[$0], rate: rates[$0], alarms: Int(alarms[$0]), confirmed: Int(confirmed[$0]),
                    cases: Int(cases[$0]), events: Int(events[$0]))
            }, Int(try table.int64s("days")[0])
        )
    }

    private func rest() async throws
        -> ([InsightPage.Coefficient], [InsightPage.Inquiry], [InsightPage.Part])
    {
        var (coefficients, inquiries) = ([InsightPage.Coefficient](), [InsightPage.Inquiry]())
        var parts: [InsightPage.Part] = []
        if let table = try await snapshot.rows("insight-influence") {
            let (products, names) = (try table.texts("product"), try table.texts("name"))
            let (values, lows) = (try table.doubles("value"), try table.doubles("low"))
            let (highs, adoptions) = (try table.doubles("high"), try table.int64s("adoptions"))
            coefficients = products.indices.map {
                .init(
                    product: products[$0], name: names[$0], value: values[$0], low: lows[$0], high: highs[$0],
                    adoptions: Int(adoptions[$0]))
            }
        }
        if let table = try await snapshot.rows("insight-inquiries") {
            let (kinds, medical) = (try table.texts("kind"), try table.bools("medical"))
            let (counts, urgent) = (try table.int64s("n"), try table.int64s("urgent"))
            inquiries = kinds.indices.map {
                .init(kind: kinds[$0], isMedical: medical[$0], count: Int(counts[$0]), urgent: Int(urgent[$0]))
            }
        }
        if let table = try await snapshot.rows("insight-parts") {
            let (names, counts) = (try table.texts("part"), try table.int64s("n"))
            let notes = try table.strings("note")
            parts = names.indices.map { .init(name: names[$0], rows: Int(counts[$0]), note: notes[$0] ?? "") }
        }
        return (coefficients, inquiries, parts)
    }
}
