import EngagementModel
import Ledger
import Warehouse

/// Builds the page of one HCP.
struct HCPReads: Sendable {
    let context: ServerContext
    let snapshot: Snapshot
    let identity: Identity

    /// nil when there is no such HCP, or it is not this person's to see: the two are not told apart.
    func page(_ hcpID: String, filter: TimelineFilter, question: FormFields) async throws -> HCPPage? {
        guard let card = try await snapshot.card(of: hcpID) else { return nil }
        let no = SQLValue.int(Int64(card.hcpNo))
        let inCharge = try await reps(no)
        guard Scope(identity, facts: snapshot.facts).allows(anyOf: inCharge.map(\.repID)) else { return nil }
        guard let found = try await record(no, card) else { return nil }
        var page = HCPPage(hcp: found.record, asOf: snapshot.facts.asOf)
        page.currency = context.currency
        page.reps = inCharge
        page.consents = card.consents
        page.badges = Channel.allCases.filter { context.strategy.channels[$0] != nil }.map {
            ConsentBadge.promotional(
                $0, rows: card.consents, rule: context.consentRule($0, country: card.country), on: page.asOf)
        }
        // Rarely asked, and the dearest query of the page: only on demand.
        if question["sources"] != nil {
            page.sources = try await sources(no)
        } else {
            page.sourcesPath = card.label.path + "?sources=1#sources"
        }
        page.affiliations = try await affiliations(no)
        try await addPreferences(&page, no)
        try await addTimeline(&page, no, filter)
        page.volumes = try await volumes(no, isHidden: found.hidesVolume, country: card.country)
        page.plan = try await plan(hcpID, no)
        page.whyNot = try await whyNot(no, question, page.plan)
        return page
    }

    private func record(_ no: SQLValue, _ card: HCPCard) async throws -> (record: HCPRecord, hidesVolume: Bool)? {
        guard let table = try await snapshot.rows("hcp-record", [no]), table.rowCount > 0 else { return nil }
        let names = Set(table.schema.names)
        func text(_ name: String) throws -> String? { names.contains(name) ? try table.strings(name)[0] : nil }
        var record = HCPRecord(hcpNo: card.hcpNo, label: card.label)
        record.npi = try text("npi")
        record.profession = try text("profession")
        record.stakeholder = try text("stakeholder")
        record.email = try text("email")
        record.phone = try text("phone")
        let place = [try text("postal_code"), try text("city")].compactMap { $0 }.joined(separator: " ")
        record.address = [try text("address_line"), place, try text("region")]
            .compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
        record.country = try text("country")
        record.language = try text("language")
        record.timezone = try text("timezone")
        record.access = try text("access")
        if names.contains("sources") { record.sourceCount = Int(try table.int64s("sources")[0]) }
        return (record, names.contains("hides_volume") ? try table.bools("hides_volume")[0] : false)
    }

    private func reps(_ no: SQLValue) async throws -> [RepInCharge] {
        guard let table = try await snapshot.rows("hcp-reps", [no]) else { return [] }
        let (ids, teams, kinds) = (try table.texts("rep_id"), try table.strings("team"), try table.strings("rep_kind"))
        return ids.indices.map { row in
            let rep = snapshot.facts.reps[ids[row]]
            return RepInCharge(
                repID: ids[row], name: rep?.name ?? ids[row], kind: kinds[row] ?? rep?.kind ?? "rep",
                team: teams[row], territory: rep?.territory)
        }
    }

    private func sources(_ no: SQLValue) async throws -> [FieldSource] {
        guard let table = try await snapshot.rows("hcp-sources", [no]) else { return [] }
        let (fields, sources) = (try table.texts("column_name"), try table.texts("source"))
        let (ids, days) = (try table.texts("source_hcp_id"), try table.days("known_day"))
        return fields.indices.map {
            FieldSource(field: fields[$0], source: sources[$0], sourceID: ids[$0], knownAt: days[$0])
        }
    }

    private func affiliations(_ no: SQLValue) async throws -> [Affiliation] {
        guard let table = try await snapshot.rows("hcp-affiliations", [no]) else { return [] }
        let (sites, roles) = (try table.texts("site"), try table.strings("role"))
        let buying = try table.strings("buying_role")
        return sites.indices.map { Affiliation(site: sites[$0], role: roles[$0], buyingRole: buying[$0]) }
    }

    private func addPreferences(_ page: inout HCPPage, _ no: SQLValue) async throws {
        if let table = try await snapshot.rows("hcp-channels", [no]) {
            let (channels, touches) = (try table.texts("channel"), try table.int64s("touches"))
            let (reached, engaged) = (try table.int64s("reached"), try table.int64s("engaged"))
            let (rates, days) = (try table.doubles("response_rate"), try table.days("last_day"))
            page.channels = channels.indices.compactMap { row in
                Channel(rawValue: channels[row]).map {
                    ChannelPreference(
                        channel: $0, touches: Int(touches[row]), reached: Int(reached[row]),
                        engaged: Int(engaged[row]), responseRate: rates[row], lastDay: days[row])
                }
            }
        }
        if let table = try await snapshot.rows("hcp-topics", [no]) {
            let (topics, formats) = (try table.texts("topic"), try table.texts("format"))
            let (views, engaged) = (try table.int64s("views"), try table.int64s("engaged"))
            let affinity = try table.doubles("affinity")
            page.topics = topics.indices.map {
                TopicPreference(
                    topic: topics[$0], format: formats[$0], views: Int(views[$0]), engaged: Int(engaged[$0]),
                    affinity: affinity[$0])
            }
        }
        page.hours = [[HeatCell?]](repeating: [HeatCell?](repeating: nil, count: 24), count: 7)
        if let table = try await snapshot.rows("hcp-hours", [no]) {
            let (weekdays, hours) = (try table.int64s("weekday"), try table.int64s("hour"))
            let (sends, responses) = (try table.int64s("sends"), try table.int64s("responses"))
            let scores = try table.doubles("score")
            for row in weekdays.indices where (0..<7).contains(weekdays[row]) && (0..<24).contains(hours[row]) {
                // A row without a message is only the prior of similar HCPs, not something that was tried.
                guard sends[row] > 0 else { continue }
                page.hours[Int(weekdays[row])][Int(hours[row])] = HeatCell(
                    sends: Int(sends[row]), responses: Int(responses[row]), score: scores[row])
            }
        }
    }

    private func addTimeline(_ page: inout HCPPage, _ no: SQLValue, _ filter: TimelineFilter) async throws {
        page.timelineFilter = filter
        guard let table = try await snapshot.rows("hcp-timeline", [no, .bool(identity.role.seesMedicalContacts)])
        else { return }
        let (channels, directions) = (try table.texts("channel"), try table.texts("direction"))
        let matching = channels.indices.filter {
            (filter.channel == nil || channels[$0] == filter.channel?.rawValue)
                && (filter.direction == nil || directions[$0] == filter.direction?.rawValue)
        }
        page.timelinePaging = Paging(page: filter.page, size: TimelineFilter.pageSize, total: matching.count)
        let (times, kinds) = (try table.int64s("at"), try table.strings("kind"))
        let (contents, reps) = (try table.strings("content_id"), try table.strings("rep_id"))
        let (statuses, levels) = (try table.strings("status"), try table.int64s("level"))
        let (machine, medical) = (try table.bools("machine"), try table.bools("medical"))
        page.timeline = matching[page.timelinePaging.range].compactMap { row in
            guard let channel = Channel(rawValue: channels[row]) else { return nil }
            return TimelineEntry(
                at: times[row], channel: channel, direction: Direction(rawValue: directions[row]) ?? .push,
                kind: kinds[row] ?? "touch",
                title: contents[row].map { snapshot.facts.contents[$0]?.title ?? $0 },
                rep: reps[row].map { snapshot.facts.reps[$0]?.name ?? $0 }, status: statuses[row],
                level: ResponseLevel(code: UInt8(clamping: levels[row])) ?? .none, machine: machine[row],
                medical: medical[row])
        }
    }

    private func volumes(_ no: SQLValue, isHidden: Bool, country: String?) async throws -> VolumeSection {
        let market = country.flatMap { context.markets[$0] }?.hidesIndividualVolumes ?? false
        if (isHidden || market) && !identity.role.seesHiddenVolumes { return .hidden }
        guard let table = try await snapshot.rows("hcp-volumes", [no]), table.rowCount > 0 else { return .none }
        return .series(try VolumeSeries.read(table, facts: snapshot.facts))
    }
}

extension VolumeSeries {
    /// Series by product and measure, without holes between the first and the last month of the last two years.
    static func read(_ table: ArrowTable, facts: SnapshotFacts) throws -> [VolumeSeries] {
        let (months, products) = (try table.days("month"), try table.texts("product_id"))
        let (measures, values) = (try table.texts("measure"), try table.optionalDoubles("value"))
        guard let last = months.compactMap({ $0 }).max() else { return [] }
        let axis = Self.axis(endingAt: last, from: months.compactMap { $0 }.min() ?? last)
        var order: [String] = []
        var cells: [String: [Day: Double?]] = [:]
        for row in months.indices {
            guard let month = months[row] else { continue }
            let key = products[row] + "\u{1f}" + measures[row]
            if cells[key] == nil { order.append(key) }
            cells[key, default: [:]][month] = values[row]
        }
        return order.prefix(6).map { key in
            let parts = key.split(separator: "\u{1f}", omittingEmptySubsequences: false).map(String.init)
            return VolumeSeries(
                product: facts.brand(parts[0]) ?? parts[0], measure: parts[1], months: axis,
                values: axis.map { cells[key]?[$0] ?? nil })
        }
    }

    /// First days of months, at most 24.
    private static func axis(endingAt last: Day, from first: Day) -> [Day] {
        var months: [Day] = []
        var (year, month) = (last.civil.year, last.civil.month)
        while months.count < 24 {
            let day = Day(year: year, month: month, day: 1)
            if day < first && !months.isEmpty && day.civil.month != first.civil.month { break }
            months.append(day)
            if day <= first { break }
            (year, month) = month == 1 ? (year - 1, 12) : (year, month - 1)
        }
        return months.reversed()
    }
}
