import EngagementModel

@testable import Ledger

/// What happens to one HCP in a random world, told to the ledger and to the oracle alike.
final class RandomStory {
    private let hcp: String
    private let ledger: Ledger
    private let desk: ClaimDesk
    private let clock: Wrist
    private var oracle: ClaimOracle
    private var tally = ClaimHistoryTests.Tally()
    private var steps = 0
    private var consentNumber = 0
    /// Claims by number → position in the oracle's touches.
    private var open: [(number: Int64, touch: Int, address: String?, request: ClaimRequest)] = []
    private static let papers = ["a", "b", "c"]

    init(_ hcp: String, ledger: Ledger, desk: ClaimDesk, clock: Wrist, world: inout RandomWorld) async throws {
        self.hcp = hcp
        self.ledger = ledger
        self.desk = desk
        self.clock = clock
        var person = Recipient(
            hcpID: hcp, market: world.chance(50) ? "M" : nil, country: world.pick(["DE", "US", nil]),
            zone: world.pick(RandomWorld.zones), language: world.pick(["de", "en", nil]),
            access: world.chance(10) ? .noSee : .open, isRestricted: world.chance(2))
        if world.chance(30) {
            var schedule = OwnSchedule()
            for weekday in 0..<world.draw(0..<7) {
                schedule.windows.append(
                    .init(weekday: weekday, startMinute: world.draw(0..<700), endMinute: 701 + world.draw(0..<739)))
            }
            let first = Day(microseconds: clock.now) + world.draw(0..<10)
            schedule.pauses = world.chance(50) ? [.init(first: first, last: first + 2)] : []
            person.schedule = schedule
            try await ledger.setSchedule(schedule, ofHCP: hcp, by: .user(1))
        }
        oracle = ClaimOracle(
            strategy: world.strategy, markets: world.markets, rules: world.rules, doubleOptIn: world.doubleOptIn,
            tolerance: world.tolerance, person: person)
        try await ledger.registerRecipients([person])
        try await ledger.replaceAlignments(
            senders: [("r", .field), ("m", .msl), ("far", .field)],
            alignments: [("r", hcp, monday + -9, nil), ("m", hcp, monday + -9, nil)])
        try await loadHistory(&world)
        for _ in 0..<world.draw(1..<8) { try await consent(&world) }
        for paper in Self.papers { try await review(paper, &world) }
        if world.chance(5) {
            oracle.holdout = true
            try await ledger.assignArms(experiment: "x-\(hcp)", [(hcp, "none", true)])
        }
    }

    func run(_ world: inout RandomWorld) async throws -> ClaimHistoryTests.Tally {
        tally.histories = 1
        for _ in 0..<world.draw(6..<16) {
            clock.set(clock.now + Int64(world.draw(1..<2200)) * 60_000_000)
            switch world.draw(0..<20) {
            case 0...10: try await claim(&world)
            case 11...13: try await settle(&world)
            case 14, 15: try await consent(&world)
            case 16, 17: try await review(world.pick(Self.papers), &world)
            case 18 where world.chance(30): try await suppress(&world)
            case 18: try await hold(&world)
            default: try await claim(&world)
            }
        }
        return tally
    }

    // MARK: - What happens

    private func claim(_ world: inout RandomWorld) async throws {
        steps += 1
        let paper = world.chance(90) ? world.pick(Self.papers) : nil
        // Mostly what the content was approved for, and a sender who may say it.
        let fitting: Purpose = paper == "c" ? .medical : paper == "b" ? .educational : .promotional
        let purpose = world.chance(90) ? fitting : world.pick([.promotional, .educational, .medical, .service])
        let sender = world.chance(80) ? (purpose == .medical ? "m" : world.pick(["system", "r"])) : nil
        var request = ClaimRequest(
            key: ClaimKey(campaign: "c", step: "s\(steps)"), hcpID: hcp, channel: world.pick(RandomWorld.channels),
            address: world.chance(95) ? "a@x.org" : nil,
            purpose: purpose, productID: world.pick(["P1", "P2", nil]), contentID: paper, contentVersion: "1",
            sender: sender ?? world.pick(["system", "r", "m", "far", "nobody"]))
        if request.channel == .sms && request.address != nil { request.address = "+491701234567" }
        if world.chance(10) { request.plannedAt = clock.now + Int64(world.draw(1..<9)) * 12 * hour }
        let kinds: [String: RepKind] = ["r": .field, "m": .msl, "far": .field]
        let expected = oracle.answer(
            request, at: clock.now, senderKind: kinds[request.sender],
            aligned: request.sender == "r" || request.sender == "m")
        let outcome = try await desk.claim(request)
        tally.claims += 1
        tally.answers[expected ?? "granted", default: 0] += 1
        guard outcome.refusal?.rawValue == expected else { return fail(request, outcome, expected) }
        if let claim = outcome.claim {
            guard case .claimed = outcome else { return fail(request, outcome, expected) }
            oracle.touches.append(touch(request, at: claim.occurredAt))
            open.append((claim.number, oracle.touches.count - 1, request.address, request))
        } else if case .refused(_, .some(let retry)) = outcome {
            checkRetry(request, retry, &world)
        }
    }

    /// At the time that the refusal names everything that time changes is open, and not at random times before it.
    private func checkRetry(_ request: ClaimRequest, _ retry: Int64, _ world: inout RandomWorld) {
        let from = max(clock.now, request.plannedAt ?? 0)
        if oracle.timing(request, at: retry) != nil { tally.violations += 1 }
        let minutes = Int((retry - from) / 60_000_000)
        for _ in 0..<4 where minutes > 1 {
            let between = from + Int64(world.draw(0..<minutes)) * 60_000_000
            if oracle.timing(request, at: between) == nil { tally.violations += 1 }
        }
    }

    private func settle(_ world: inout RandomWorld) async throws {
        guard !open.isEmpty else { return }
        let item = open.remove(at: world.draw(0..<open.count))
        // A visit that lies ahead stays booked.
        guard (item.request.plannedAt ?? 0) <= clock.now else { return }
        let permit = try await desk.beginSending([(item.number, item.address)], worker: "w")[0]
        oracle.touches[item.touch].counts = false
        let kinds: [String: RepKind] = ["r": .field, "m": .msl, "far": .field]
        var request = item.request
        request.plannedAt = nil
        let expected = oracle.answer(
            request, at: clock.now, senderKind: kinds[request.sender], aligned: request.sender != "far")
        switch permit {
        case .send(let ticket):
            if expected != nil { return fail(request, nil, expected) }
            oracle.touches[item.touch] = touch(request, at: ticket.claim.occurredAt)
            let result = world.pick([
                SendResult.sent, .sent, .failed(code: "x"), .uncertain(code: "y"), .deferred(code: "z"),
            ])
            try await desk.finish([(item.number, result)])
            if case .failed = result { oracle.touches[item.touch].counts = false }
            if case .deferred = result { open.append(item) }
        case .notNow(let reason, _):
            if expected != reason.rawValue { return fail(request, nil, expected) }
            oracle.touches[item.touch].counts = true
            open.append(item)
        case .withdrawn(let reason):
            if expected != reason.rawValue { return fail(request, nil, expected) }
        default: fail(request, nil, expected)
        }
    }

    private func fail(_ request: ClaimRequest, _ outcome: ClaimOutcome?, _ expected: String?) {
        tally.violations += 1
        print(
            "T10 \(hcp): the oracle says \(expected ?? "granted"), the ledger \(outcome.map { "\($0)" } ?? "otherwise")"
        )
        print("    \(request)")
    }

    private func touch(_ request: ClaimRequest, at: Int64) -> ClaimOracle.Touch {
        ClaimOracle.Touch(
            at: at, day: oracle.dayAndMinute(at).day, channel: request.channel, purpose: request.purpose,
            product: request.productID, sender: request.sender, counts: true)
    }

    private func loadHistory(_ world: inout RandomWorld) async throws {
        var columns = ContactColumns()
        for index in 0..<world.draw(0..<6) {
            let at = clock.now - Int64(world.draw(0..<400)) * hour
            let status = world.pick(TouchStatus.allCases)
            let direction = world.pick([Direction.push, .push, .push, .pull])
            let row = Contact(
                hcpID: hcp, channel: world.pick(RandomWorld.channels), direction: direction,
                purpose: world.pick([.promotional, .medical, nil]), productID: world.pick(["P1", "P2", nil]),
                sender: world.pick(["system", "r"]), occurredAt: at,
                day: Day(number: Int32(oracle.dayAndMinute(at).day)), status: status)
            columns.append(row, interactionID: "\(hcp)-\(index)")
            let counts = direction == .push && [.sent, .delivered, .uncertain].contains(status)
            oracle.touches.append(
                .init(
                    at: at, day: Int(row.day.number), channel: row.channel, purpose: row.purpose,
                    product: row.productID, sender: row.sender ?? "", counts: counts))
        }
        _ = try await ledger.replaceLoadedContacts(
            window: Day(microseconds: clock.now) + -40...Day(microseconds: clock.now) + 9, columns)
    }

    private func consent(_ world: inout RandomWorld) async throws {
        consentNumber += 1
        let loaded = world.chance(60)
        let channel = world.pick(RandomWorld.channels)
        let at = clock.now - Int64(world.draw(0..<60)) * hour
        let row = Consent(
            // Ids are drawn, not counted, so that id order and insertion order differ.
            consentID: "\(world.draw(0..<1_000_000))-\(hcp)-\(consentNumber)", hcpID: hcp, channel: channel,
            address: world.chance(30) ? (channel == .sms ? "+491701234567" : world.pick(["a@x.org", "b@x.org"])) : nil,
            purpose: world.pick([.promotional, .promotional, .educational, .medical, .service]),
            productID: world.pick([nil, nil, "P1"]),
            status: world.pick([.optIn, .optIn, .optIn, .optIn, .optIn, .optIn, .optOut, .pending, .objection]),
            basis: .consent, capturedAt: at,
            expiresAt: world.chance(40) ? clock.now + Int64(world.draw(0..<400)) * hour : nil,
            origin: loaded ? .loaded : .rapport)
        let signed = world.chance(50)
        if loaded {
            var columns = ConsentColumns()
            columns.append(row)
            _ = try await ledger.recordConsents(columns)
        } else {
            // Written on paper and filed: no means that touches the suppression list.
            try await ledger.recordConsent(
                row, evidence: ConsentEvidence(means: .written, signature: signed ? [1, 2] : nil), by: .user(1))
        }
        oracle.consents.append(.init(row: row, number: consentNumber, confirmed: loaded || signed))
    }

    private func review(_ paper: String, _ world: inout RandomWorld) async throws {
        let today = Day(microseconds: clock.now)
        let content = ContentApproval(
            contentID: "\(paper)", version: "1",
            purpose: paper == "c" ? .medical : paper == "b" ? .educational : .promotional,
            state: world.chance(80) ? .approvedForDistribution : world.pick(MLRState.allCases),
            approvedOn: world.pick([nil, today + -3, today + -1, today + 1]),
            expiresOn: world.pick([nil, nil, today + 8, today]),
            channels: world.chance(80) ? [] : [.email, .inPerson], countries: world.chance(80) ? [] : ["DE"],
            language: world.chance(85) ? nil : "de")
        try await ledger.registerContent([content], by: .user(1))
        oracle.content["\(paper)/1"] = content
    }

    private func suppress(_ world: inout RandomWorld) async throws {
        let all = world.chance(30)
        try await ledger.suppress(hcpID: hcp, all ? .all : .promotional, cause: .manual, by: .user(1))
        if all { oracle.suppressedAll = true } else { oracle.suppressedPromotional = true }
    }

    private func hold(_ world: inout RandomWorld) async throws {
        let channel: Channel? = world.chance(50) ? nil : world.pick(RandomWorld.channels)
        let until: Int64? = world.chance(80) ? clock.now + Int64(world.draw(1..<90)) * hour : nil
        try await ledger.placeHold(onHCP: hcp, channel: channel, until: until, by: .user(1))
        oracle.holds.append((channel, until))
    }
}
