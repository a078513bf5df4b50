import EngagementModel
import Warehouse

/// Reads what the insight step wrote about one HCP.
struct HCPInsightReads: Sendable {
    let snapshot: Snapshot
    let identity: Identity

    /// - Parameter hidesVolumes: a data right keeps volumes, and whatever was read from them, from this person.
    func insight(_ number: Int32, hidesVolumes: Bool) async throws -> HCPInsight {
        let no = SQLValue.int(Int64(number))
        async let needs = needs(no, hidesVolumes)
        async let triggers = triggers(no, hidesVolumes)
        async let segment = segment(no)
        async let advice = advice(no)
        async let ties = ties(no)
        async let practices = practices(no)
        async let moments = moments(no)
        var insight = HCPInsight()
        insight.needs = try await needs
        insight.triggers = try await triggers
        insight.segment = try await segment
        insight.advice = try await advice
        (insight.ties, insight.standing) = try await ties
        insight.practices = try await practices
        insight.moments = try await moments
        return insight
    }

    private func moments(_ no: SQLValue) async throws -> [HCPInsight.BestMoment] {
        guard let table = try await snapshot.rows("hcp-hour", [no]) else { return [] }
        let (channels, weekdays) = (try table.texts("channel"), try table.int32s("weekday"))
        let (hours, lifts) = (try table.int32s("hour"), try table.doubles("lift"))
        let (lows, highs) = (try table.doubles("low"), try table.doubles("high"))
        let (tried, answered) = (try table.int64s("tried"), try table.int64s("answered"))
        return channels.indices.compactMap { row in
            guard let channel = Channel(rawValue: channels[row]) else { return nil }
            return .init(
                channel: channel, weekday: Int(weekdays[row]), hour: Int(hours[row]), lift: lifts[row],
                low: lows[row], high: highs[row], tried: Int(tried[row]), answered: Int(answered[row]))
        }
    }

    private func needs(_ no: SQLValue, _ hidesVolumes: Bool) async throws -> [HCPInsight.Need] {
        async let own = snapshot.rows("hcp-needs", [no])
        async let accounts = snapshot.rows("hcp-account-needs", [no])
        var needs: [(need: HCPInsight.Need, urgency: Double)] = []
        for table in [try await own, try await accounts] {
            guard let table else { continue }
            let (kinds, products) = (try table.texts("subject_kind"), try table.texts("product_id"))
            let (accounts, days) = (try table.strings("account"), try table.days("due_day"))
            let (overdue, evidence) = (try table.int64s("overdue"), try table.texts("evidence"))
            let urgencies = try table.doubles("urgency")
            // Months of prescribing are individual volumes in other words.
            for row in kinds.indices where !(hidesVolumes && kinds[row] == "hcp") {
                let need = HCPInsight.Need(
                    product: snapshot.facts.brand(products[row]) ?? products[row], account: accounts[row],
                    dueDay: days[row], overdueDays: Int(overdue[row]), evidence: evidence[row])
                needs.append((need, urgencies[row]))
            }
        }
        return needs.sorted {
            ($1.urgency, $0.need.dueDay?.number ?? .max, $0.need.product)
                < ($0.urgency, $1.need.dueDay?.number ?? .max, $1.need.product)
        }.prefix(8).map(\.need)
    }

    private func triggers(_ no: SQLValue, _ hidesVolumes: Bool) async throws -> [HCPInsight.Trigger] {
        guard let table = try await snapshot.rows("hcp-triggers", [no]) else { return [] }
        let (kinds, products) = (try table.texts("kind"), try table.strings("product_id"))
        let (evidence, scores) = (try table.texts("evidence"), try table.doubles("score"))
        let (alarms, audiences) = (try table.bools("alarm"), try table.texts("audience"))
        return kinds.indices.compactMap { row in
            switch audiences[row] {
            case "all": break
            case "console" where !hidesVolumes: break
            case "safety" where identity.role == .safety || identity.role == .compliance: break
            default: return nil
            }
            return .init(
                kind: kinds[row], product: snapshot.facts.brand(products[row]), evidence: evidence[row],
                score: scores[row], isAlarm: alarms[row])
        }
    }

    private func segment(_ no: SQLValue) async throws -> HCPInsight.Segment? {
        guard let table = try await snapshot.rows("hcp-segment", [no]), table.rowCount > 0 else { return nil }
        return .init(
            number: Int(try table.int64s("segment_no")[0]), name: try table.texts("name")[0],
            rule: try table.texts("rule")[0], size: Int(try table.int64s("size")[0]))
    }

    private func advice(_ no: SQLValue) async throws -> HCPInsight.Advice? {
        guard let table = try await snapshot.rows("hcp-target", [no]), table.rowCount > 0 else { return nil }
        return .init(
            word: try table.texts("advice")[0], propensity: try table.optionalDoubles("propensity")[0],
            uplift: try table.optionalDoubles("uplift")[0], low: try table.optionalDoubles("uplift_low")[0],
            high: try table.optionalDoubles("uplift_high")[0])
    }

    private func ties(_ no: SQLValue) async throws -> ([HCPInsight.Tie], HCPInsight.Standing?) {
        var standing: HCPInsight.Standing?
        var community: Int64 = -2
        if let own = try await snapshot.rows("hcp-influence", [no]), own.rowCount > 0 {
            community = try own.int64s("community")[0]
            standing = .init(
                centrality: try own.doubles("centrality")[0], rank: Int(try own.int64s("centrality_rank")[0]),
                people: Int(try own.int64s("people")[0]), ties: Int(try own.int64s("ties")[0]))
        }
        guard let table = try await snapshot.rows("hcp-ties", [no, no]) else { return ([], standing) }
        let (ids, firsts) = (try table.texts("hcp_id"), try table.strings("first_name"))
        let (lasts, credentials) = (try table.strings("last_name"), try table.strings("credential"))
        let specialties = try table.strings("specialty")
        let (asks, asked) = (try table.doubles("asks"), try table.doubles("asked"))
        let (referred, received) = (try table.doubles("referred"), try table.doubles("received"))
        let (shared, places) = (try table.doubles("shared"), try table.int64s("places"))
        let (events, centrality) = (try table.int64s("events"), try table.doubles("centrality"))
        let (communities, reps) = (try table.int64s("community"), try table.strings("reps"))
        let scope = Scope(identity, facts: snapshot.facts)
        let ties = ids.indices.map { row -> HCPInsight.Tie in
            // Other people's HCPs have no names here.
            let isOwn = scope.allows(anyOf: (reps[row] ?? "").split(separator: ";").map(String.init))
            let name =
                isOwn
                ? HCPLabel.name(first: firsts[row], last: lasts[row], credential: credentials[row]) : "A colleague"
            return .init(
                hcp: HCPLabel(hcpID: isOwn ? ids[row] : "", name: name, specialty: specialties[row]), asks: asks[row],
                asked: asked[row], referred: referred[row], received: received[row], sharedPatients: shared[row],
                places: Int(places[row]), events: Int(events[row]), centrality: centrality[row],
                isNear: communities[row] == community)
        }
        return (ties, standing)
    }

    private func practices(_ no: SQLValue) async throws -> [String] {
        guard let table = try await snapshot.rows("hcp-practices", [no]) else { return [] }
        let (names, lines) = (try table.strings("name"), try table.strings("address_line"))
        let (codes, cities) = (try table.strings("postal_code"), try table.strings("city"))
        return names.indices.map { row in
            let city = [codes[row], cities[row]].compactMap { $0 }.joined(separator: " ")
            return [names[row], lines[row], city.isEmpty ? nil : city].compactMap { $0 }.joined(separator: ", ")
        }
    }
}
