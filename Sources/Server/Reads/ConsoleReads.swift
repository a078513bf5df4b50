import EngagementModel
import Warehouse

/// The console's pages of one snapshot: the same for everybody, so they are read once, before the snapshot is shown.
struct ConsoleCache: Sendable {
    var owner: OwnerPage
    var catalogue: CataloguePage

    static func read(_ rows: Tables, facts: SnapshotFacts, currency: String) async throws -> ConsoleCache {
        var owner = OwnerPage()
        owner.currency = currency
        owner.stamp = facts.stamp
        owner.totals = try await totals(rows, facts)
        owner.reach = try await reach(rows)
        owner.planned = try await planned(rows)
        owner.prices = try await prices(rows, facts)
        owner.conflicts = try await conflicts(rows)
        owner.activity = try await activity(rows, asOf: facts.asOf)
        owner.arms = try await arms(rows)
        let catalogue = try await CataloguePage.read(rows)
        owner.sources = catalogue.sources
        return ConsoleCache(owner: owner, catalogue: catalogue)
    }

    private static func totals(_ rows: Tables, _ facts: SnapshotFacts) async throws -> OwnerPage.Totals {
        var totals = OwnerPage.Totals()
        totals.hcps = Int(try await rows("owner-hcps")?.int64s("hcps").first ?? 0)
        totals.reachable = Int(try await rows("owner-reachable")?.int64s("hcps").first ?? 0)
        (totals.objective, totals.bound, totals.gap) = (facts.objective, facts.bound, facts.gap)
        guard let table = try await rows("owner-totals"), table.rowCount > 0 else { return totals }
        totals.touches = Int(try table.int64s("touches")[0])
        totals.touchedHCPs = Int(try table.int64s("hcps")[0])
        totals.value = try table.doubles("value")[0]
        totals.cost = try table.doubles("cost")[0]
        return totals
    }

    private static func reach(_ rows: Tables) async throws -> [OwnerPage.Reach] {
        guard let table = try await rows("owner-reach") else { return [] }
        var refusals: [Channel: [OwnerPage.RefusalCount]] = [:]
        if let counts = try await rows("owner-refusals") {
            let (channels, names) = (try counts.texts("channel"), try counts.texts("refusal"))
            for (row, n) in try counts.int64s("hcps").enumerated() {
                guard let channel = Channel(rawValue: channels[row]), let refusal = Refusal(rawValue: names[row])
                else { continue }
                refusals[channel, default: []].append(.init(refusal: refusal, hcps: Int(n)))
            }
        }
        var planned: [Channel: Int] = [:]
        if let counts = try await rows("owner-planned-hcps") {
            for (name, n) in zip(try counts.texts("channel"), try counts.int64s("hcps")) {
                if let channel = Channel(rawValue: name) { planned[channel] = Int(n) }
            }
        }
        let (channels, hcps) = (try table.texts("channel"), try table.int64s("hcps"))
        let eligible = try table.int64s("eligible")
        return channels.indices.compactMap { row in
            guard let channel = Channel(rawValue: channels[row]) else { return nil }
            return OwnerPage.Reach(
                channel: channel, hcps: Int(hcps[row]), eligible: Int(eligible[row]), planned: planned[channel] ?? 0,
                refusals: refusals[channel] ?? [])
        }.sorted { ($1.eligible, $0.channel.code) < ($0.eligible, $1.channel.code) }
    }

    private static func planned(_ rows: Tables) async throws -> OwnerPage.PlannedTouches {
        var planned = OwnerPage.PlannedTouches()
        guard let table = try await rows("owner-planned") else { return planned }
        var counts: [Channel: [Day: Int]] = [:]
        let (days, channels) = (try table.days("day"), try table.texts("channel"))
        for (row, n) in try table.int64s("touches").enumerated() {
            guard let day = days[row], let channel = Channel(rawValue: channels[row]) else { continue }
            counts[channel, default: [:]][day] = Int(n)
        }
        planned.days = Set(counts.values.flatMap(\.keys)).sorted()
        planned.channels = Channel.allCases.filter { counts[$0] != nil }
        planned.counts = planned.channels.map { channel in planned.days.map { counts[channel]?[$0] ?? 0 } }
        return planned
    }

    private static func prices(_ rows: Tables, _ facts: SnapshotFacts) async throws -> [OwnerPage.Price] {
        guard let table = try await rows("owner-prices") else { return [] }
        let (kinds, names) = (try table.texts("kind"), try table.strings("name"))
        let (reps, days) = (try table.strings("rep_id"), try table.days("day"))
        let (price, used) = (try table.doubles("price"), try table.doubles("used"))
        let capacity = try table.doubles("capacity")
        return kinds.indices.map { row in
            let isRep = kinds[row] == "rep_day"
            let rep = reps[row].flatMap { facts.reps[$0]?.name ?? $0 }
            return OwnerPage.Price(
                unit: isRep ? .repMinute : .limit, name: (isRep ? rep : names[row]) ?? names[row] ?? "Limit",
                day: days[row], price: price[row], used: used[row], capacity: capacity[row])
        }
    }

    private static func conflicts(_ rows: Tables) async throws -> [OwnerPage.Conflict] {
        guard let table = try await rows("owner-conflicts") else { return [] }
        var examples: [String: [OwnerPage.Conflict.Example]] = [:]
        if let some = try await rows("owner-conflict-examples") {
            let (kinds, days) = (try some.texts("kind"), try some.days("day"))
            let (ids, details) = (try some.texts("hcp_id"), try some.strings("detail"))
            let (firsts, lasts) = (try some.strings("first_name"), try some.strings("last_name"))
            let credentials = try some.strings("credential")
            for row in kinds.indices {
                let name = HCPLabel.name(first: firsts[row], last: lasts[row], credential: credentials[row])
                examples[kinds[row], default: []].append(
                    .init(hcp: HCPLabel(hcpID: ids[row], name: name), day: days[row], detail: details[row] ?? ""))
            }
        }
        let (kinds, cases) = (try table.texts("kind"), try table.int64s("cases"))
        return zip(kinds, zip(cases, try table.int64s("hcps"))).map { kind, counts in
            OwnerPage.Conflict(
                kind: kind, cases: Int(counts.0), hcps: Int(counts.1), examples: examples[kind] ?? [])
        }
    }

    private static func activity(_ rows: Tables, asOf: Day) async throws -> [OwnerPage.ChannelActivity] {
        guard let table = try await rows("owner-activity", [.day(asOf)]) else { return [] }
        let (months, channels) = (try table.days("month"), try table.texts("channel"))
        let (directions, touches) = (try table.texts("direction"), try table.int64s("touches"))
        let (reached, engaged) = (try table.int64s("reached"), try table.int64s("engaged"))
        let advanced = try table.int64s("advanced")
        let axis = Set(months.compactMap { $0 }).sorted()
        var result: [String: OwnerPage.ChannelActivity] = [:]
        for row in months.indices {
            guard let month = months[row], let place = axis.firstIndex(of: month),
                let channel = Channel(rawValue: channels[row]), let direction = Direction(rawValue: directions[row])
            else { continue }
            let key = "\(directions[row]) \(channels[row])"
            var entry =
                result[key]
                ?? .init(
                    channel: channel, direction: direction, months: axis, touches: axis.map { _ in 0 }, reached: 0,
                    engaged: 0, advanced: 0)
            entry.touches[place] += Int(touches[row])
            entry.reached += Int(reached[row])
            entry.engaged += Int(engaged[row])
            entry.advanced += Int(advanced[row])
            result[key] = entry
        }
        return result.values.sorted { ($0.direction.code, $0.channel.code) < ($1.direction.code, $1.channel.code) }
    }

    private static func arms(_ rows: Tables) async throws -> [OwnerPage.ArmResult] {
        guard let table = try await rows("owner-arms") else { return [] }
        var results: [Arm: OwnerPage.ArmResult] = [:]
        let (names, hcps, touches) = (try table.texts("arm"), try table.int64s("hcps"), try table.int64s("touches"))
        for row in names.indices {
            guard let arm = Arm(rawValue: names[row]) else { continue }
            results[arm] = .init(arm: arm, hcps: Int(hcps[row]), touches: Int(touches[row]))
        }
        if let lift = try await rows("owner-lift") {
            let (names, outcomes) = (try lift.texts("arm"), try lift.optionalDoubles("outcome"))
            let values = try lift.optionalDoubles("lift")
            let (lows, highs) = (try lift.optionalDoubles("lift_low"), try lift.optionalDoubles("lift_high"))
            for row in names.indices {
                guard let arm = Arm(rawValue: names[row]) else { continue }
                results[arm]?.outcome = outcomes[row]
                if let value = values[row], let low = lows[row], let high = highs[row] {
                    results[arm]?.lift = .init(value: value, low: low, high: high)
                }
            }
        }
        return Arm.allCases.compactMap { results[$0] }
    }
}

extension SourceRow {
    static func read(_ table: ArrowTable) throws -> [SourceRow] {
        let (sources, names) = (try table.texts("source"), try table.texts("table_name"))
        let (owners, grains) = (try table.strings("owner"), try table.strings("grain"))
        let (freshest, counts) = (try table.days("freshest"), try table.int64s("row_count"))
        let (rejected, duplicates) = (try table.int64s("rejected"), try table.int64s("duplicates"))
        let orphans = try table.int64s("orphans")
        return sources.indices.map { row in
            SourceRow(
                source: sources[row], table: names[row], owner: owners[row], grain: grains[row],
                freshest: freshest[row], rows: Int(counts[row]), rejected: Int(rejected[row]),
                duplicates: Int(duplicates[row]), orphans: Int(orphans[row]))
        }
    }
}

extension CataloguePage {
    static func read(_ rows: Tables) async throws -> CataloguePage {
        var page = CataloguePage()
        page.sources = try await rows("catalogue-sources").map { try SourceRow.read($0) } ?? []
        page.blocks = try await rows("catalogue-features").map { try Block.read($0) } ?? []
        if let table = try await rows("catalogue-completeness") {
            let (names, columns) = (try table.texts("table_name"), try table.texts("column_name"))
            for (row, filled) in try table.doubles("filled").enumerated() {
                if page.tables.last?.name != names[row] { page.tables.append(Table(name: names[row], columns: [])) }
                page.tables[page.tables.count - 1].columns.append(.init(column: columns[row], filled: filled))
            }
        }
        if let table = try await rows("catalogue-rejects") {
            let (files, columns) = (try table.texts("file"), try table.strings("column_name"))
            let (messages, counts) = (try table.texts("message"), try table.int64s("row_count"))
            let lines = try table.ints("first_line")
            page.rejects = files.indices.map {
                Reject(
                    file: files[$0], column: columns[$0], message: messages[$0], rows: Int(counts[$0]),
                    firstLine: lines[$0].map { Int($0) })
            }
        }
        if let table = try await rows("catalogue-calibration") {
            let (channels, counts) = (try table.texts("channel"), try table.int64s("n"))
            let steps = try table.texts("step")
            let (loss, base) = (try table.doubles("log_loss"), try table.doubles("base_log_loss"))
            let (auc, ece) = (try table.doubles("auc"), try table.doubles("ece"))
            page.calibration = channels.indices.compactMap { row in
                Channel(rawValue: channels[row]).map {
                    Calibration(
                        channel: $0, step: steps[row], n: Int(counts[row]), logLoss: loss[row], baseLogLoss: base[row],
                        auc: auc[row],
                        ece: ece[row])
                }
            }
        }
        if let table = try await rows("catalogue-forecast") {
            let (months, products) = (try table.days("month"), try table.texts("product_id"))
            let (measures, hcps) = (try table.texts("measure"), try table.int64s("hcps"))
            let (predicted, observed) = (try table.doubles("predicted"), try table.doubles("observed"))
            let (deviance, base) = (try table.doubles("deviance"), try table.doubles("base"))
            let lift = try table.doubles("lift")
            page.forecasts = months.indices.compactMap { row in
                months[row].map {
                    Forecast(
                        month: $0, product: products[row], measure: measures[row], hcps: Int(hcps[row]),
                        predicted: predicted[row], observed: observed[row], deviance: deviance[row],
                        baseDeviance: base[row], topDecileLift: lift[row])
                }
            }
        }
        return page
    }
}

extension CataloguePage.Block {
    static func read(_ table: ArrowTable) throws -> [CataloguePage.Block] {
        let (names, kinds) = (try table.texts("name"), try table.texts("kind"))
        let (versions, owners) = (try table.texts("version"), try table.texts("owner"))
        let (grains, inputs) = (try table.texts("grain"), try table.texts("inputs"))
        let (tests, fresh) = (try table.texts("tests"), try table.days("fresh_as_of"))
        let (counts, drifts) = (try table.int64s("n"), try table.optionalDoubles("drift"))
        let (words, places) = (try table.strings("drift_word"), try table.strings("place"))
        return names.indices.map {
            .init(
                name: names[$0], kind: kinds[$0], version: versions[$0], owner: owners[$0], grain: grains[$0],
                inputs: inputs[$0], tests: tests[$0], fresh: fresh[$0], rows: Int(counts[$0]), drift: drifts[$0],
                driftWord: words[$0] ?? "", place: places[$0] ?? "")
        }
    }
}
