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
        for number in snapshot.facts.hcps.candidates(hcpID) {
            if let page = try await page(number, hcpID, filter, question) { return page }
        }
        return nil
    }

    /// Asks for all parts at once: they are independent, and several connections answer side by side.
    private func page(
        _ number: Int32, _ hcpID: String, _ filter: TimelineFilter, _ question: FormFields
    ) async throws -> HCPPage? {
        let no = SQLValue.int(Int64(number))
        async let foundRecord = record(number, no)
        async let foundTimeline = HCPTimelineReads(context: context, snapshot: snapshot, identity: identity)
            .timeline(hcpID, no, filter)
        async let foundReps = reps(no)
        async let foundConsents = consents(no)
        async let foundVolumes = volumes(no)
        async let foundPreferences = preferences(no)
        async let foundAffiliations = affiliations(no)
        async let foundPlan = plan(hcpID, no)
        let inCharge = try await foundReps
        guard let found = try await foundRecord, found.record.label.hcpID == hcpID,
            Scope(identity, facts: snapshot.facts).allows(anyOf: inCharge.map(\.repID))
        else { return nil }
        var page = HCPPage(hcp: found.record, asOf: snapshot.facts.asOf)
        page.currency = context.currency
        page.reps = inCharge
        page.consents = try await foundConsents
        page.badges = Channel.allCases.filter { context.strategy.channels[$0] != nil }.map {
            ConsentBadge.promotional(
                $0, rows: page.consents, rule: context.consentRule($0, country: found.record.country), on: page.asOf)
        }
        page.affiliations = try await foundAffiliations
        (page.channels, page.topics, page.hours) = try await foundPreferences
        page.timelineFilter = filter
        (page.timeline, page.timelinePaging, page.openRequests) = try await foundTimeline
        page.volumes = hidesVolumes(found) ? .hidden : try await foundVolumes
        page.plan = try await foundPlan
        page.goals = try await GoalReads(snapshot: snapshot).goals(ofHCP: no)
        page.insight = try await HCPInsightReads(snapshot: snapshot, identity: identity)
            .insight(number, hidesVolumes: hidesVolumes(found))
        page.whyNot = try await whyNot(no, question, page.plan)
        if Operation.hcpConsents.allows(identity.role) { page.consentsPath = ConsentPage.path(hcpID) }
        page.takesConsent = Operation.recordConsent.allows(identity.role)
        // Rarely asked, and the dearest query of the page: only on demand.
        if question["sources"] != nil {
            page.sources = try await sources(no)
        } else {
            page.sourcesPath = page.path + "?sources=1#sources"
        }
        return page
    }

    private struct Found: Sendable {
        var record: HCPRecord
        var hidesVolume: Bool
    }

    private func record(_ number: Int32, _ no: SQLValue) async throws -> Found? {
        guard let table = try await snapshot.rows("hcp-record", [no]), table.rowCount > 0 else { return nil }
        let names = Set(table.schema.names)
        func text(_ name: String) throws -> String? { names.contains(name) ? try table.strings(name)[0] : nil }
        let label = HCPLabel(
            hcpID: try text("hcp_id") ?? "",
            name: HCPLabel.name(
                first: try text("first_name"), last: try text("last_name"), credential: try text("credential")),
            specialty: try text("specialty"), site: try text("hco_name"), city: try text("city"))
        var record = HCPRecord(hcpNo: number, label: label)
        record.npi = try text("npi")
        record.profession = try text("profession")
        record.stakeholder = try text("stakeholder")
        record.email = try text("email")
        record.phone = try text("phone")
        let place = [try text("postal_code"), label.city].compactMap { $0 }.joined(separator: " ")
        record.address = [try text("address_line"), place, try text("region")]
            .compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
        record.country = try text("country")
        record.language = try text("language")
        record.timezone = try text("timezone")
        record.access = try text("access")
        if names.contains("sources") { record.sourceCount = Int(try table.int64s("sources")[0]) }
        return Found(
            record: record, hidesVolume: names.contains("hides_volume") ? try table.bools("hides_volume")[0] : false)
    }

    private func consents(_ no: SQLValue) async throws -> [ConsentRow] {
        guard let table = try await snapshot.rows("hcp-consent", [no]) else { return [] }
        return try ConsentRow.read(table).compactMap { $0 }
    }

    /// A data right of the HCP or of the country, which binds the field and its managers.
    private func hidesVolumes(_ found: Found) -> Bool {
        let market = found.record.country.flatMap { context.markets[$0] }?.hidesIndividualVolumes ?? false
        return (found.hidesVolume || market) && !identity.role.seesHiddenVolumes
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

    private func preferences(_ no: SQLValue) async throws
        -> (channels: [ChannelPreference], topics: [TopicPreference], hours: [[HeatCell?]])
    {
        async let channels = channelPreferences(no)
        async let topics = topicPreferences(no)
        async let hours = hours(no)
        async let shrunk = shrunkShares(no)
        var (known, seen) = (try await channels, try await topics)
        let shares = try await shrunk
        for place in known.indices { known[place].shrunk = shares["channel|\(known[place].channel.rawValue)|"] }
        for place in seen.indices { seen[place].shrunk = shares["topic|\(seen[place].topic)|\(seen[place].format)"] }
        // Best first, as the shrunk rates say.
        known.sort {
            ($1.shrunk?.value ?? $1.responseRate, $0.channel.code) < (
                $0.shrunk?.value ?? $0.responseRate, $1.channel.code
            )
        }
        return (known, seen, try await hours)
    }

    private func shrunkShares(_ no: SQLValue) async throws -> [String: ShrunkShare] {
        guard let table = try await snapshot.rows("hcp-preference", [no]) else { return [:] }
        let (kinds, names, formats) = (try table.texts("kind"), try table.texts("name"), try table.texts("format"))
        let (rates, lows, highs) = (try table.doubles("rate"), try table.doubles("low"), try table.doubles("high"))
        var shares: [String: ShrunkShare] = [:]
        for row in kinds.indices {
            shares["\(kinds[row])|\(names[row])|\(formats[row])"] = ShrunkShare(
                value: rates[row], low: lows[row], high: highs[row])
        }
        return shares
    }

    private func channelPreferences(_ no: SQLValue) async throws -> [ChannelPreference] {
        guard let table = try await snapshot.rows("hcp-channels", [no]) else { return [] }
        let (channels, touches) = (try table.texts("channel"), try table.int64s("touches"))
        let (reached, engaged) = (try table.int64s("reached"), try table.int64s("engaged"))
        let (rates, days) = (try table.doubles("response_rate"), try table.days("last_day"))
        return channels.indices.compactMap { row in
            Channel(rawValue: channels[row]).map {
                ChannelPreference(
                    channel: $0, touches: Int(touches[row]), reached: Int(reached[row]), engaged: Int(engaged[row]),
                    responseRate: rates[row], lastDay: days[row])
            }
        }
    }

    private func topicPreferences(_ no: SQLValue) async throws -> [TopicPreference] {
        guard let table = try await snapshot.rows("hcp-topics", [no]) else { return [] }
        let (topics, formats) = (try table.texts("topic"), try table.texts("format"))
        let (views, engaged) = (try table.int64s("views"), try table.int64s("engaged"))
        let affinity = try table.doubles("affinity")
        return topics.indices.map {
            TopicPreference(
                topic: topics[$0], format: formats[$0], views: Int(views[$0]), engaged: Int(engaged[$0]),
                affinity: affinity[$0])
        }
    }

    private func hours(_ no: SQLValue) async throws -> [[HeatCell?]] {
        var hours = [[HeatCell?]](repeating: [HeatCell?](repeating: nil, count: 24), count: 7)
        guard let table = try await snapshot.rows("hcp-hours", [no]) else { return hours }
        let (weekdays, hourOfDay) = (try table.int64s("weekday"), try table.int64s("hour"))
        let (sends, responses) = (try table.int64s("sends"), try table.int64s("responses"))
        let scores = try table.doubles("score")
        for row in weekdays.indices where (0..<7).contains(weekdays[row]) && (0..<24).contains(hourOfDay[row]) {
            // A row without a message is only the prior of similar HCPs, not something that was tried.
            guard sends[row] > 0 else { continue }
            hours[Int(weekdays[row])][Int(hourOfDay[row])] = HeatCell(
                sends: Int(sends[row]), responses: Int(responses[row]), score: scores[row])
        }
        return hours
    }

    private func volumes(_ no: SQLValue) async throws -> VolumeSection {
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
