internal import EngagementModel
internal import Statistics

/// Interactions and consents: the rows of the base delivery, and of each delta day what changed on it.
struct HistoryFiles {
    private let market: SimulatedMarket
    private let cut: Cut
    private let interaction: TableWriter
    private let consent: TableWriter
    private let interactionDeltas: [TableWriter]
    private let consentDeltas: [TableWriter]
    private let contentIDs: [[UInt8]]
    private let productIDs = Product.all.map { Array($0.id.utf8) }
    private let campaignIDs: [[UInt8]]
    private let repIDs: [[UInt8]]
    private let breaksRows: Bool

    init(_ market: SimulatedMarket, _ files: FileSet) throws {
        self.market = market
        cut = Cut(market)
        interaction = try files.table(.interaction)
        consent = try files.table(.consent)
        let end = market.parameters.endDay
        var deltas: ([TableWriter], [TableWriter]) = ([], [])
        for i in cut.deltas.indices {
            deltas.0.append(try files.table(.interaction, delta: end + i + 1))
            deltas.1.append(try files.table(.consent, delta: end + i + 1))
        }
        (interactionDeltas, consentDeltas) = deltas
        contentIDs = market.content.items.map { Array($0.id.utf8) }
        campaignIDs = market.calendar.campaigns.map { Array($0.id.utf8) }
        repIDs = market.territories.reps.indices.map { Array(Rep.id($0).utf8) }
        let dirt = market.parameters.dirt
        breaksRows = dirt.badDates > 0 || dirt.unknownChannels > 0 || dirt.repeatedRows > 0
    }

    func write(_ hcp: Int, _ history: HCPHistory) throws {
        for touch in history.touches {
            if touch.lastEvent <= cut.end {
                try write(hcp, touch, after: .min, until: cut.end, interaction)
                continue
            }
            if touch.at <= cut.end { try write(hcp, touch, after: .min, until: cut.end, interaction) }
            for (i, end) in cut.deltas.enumerated() {
                try write(hcp, touch, after: i == 0 ? cut.end : cut.deltas[i - 1], until: end, interactionDeltas[i])
            }
        }
        try writeConsents(hcp, history.consents)
    }

    // MARK: Interactions

    /// The touch as it was known at `until`, when anything about it is newer than `after`, and its newer children.
    private func write(
        _ hcp: Int, _ touch: Touch, after: Int64, until: Int64, _ w: TableWriter
    ) throws {
        func isNew(_ at: Int64) -> Bool { at != 0 && at > after && at <= until }
        let climbed = isNew(touch.reachedAt) || isNew(touch.engagedAt) || isNew(touch.advancedAt)
        if isNew(touch.at) || climbed { try writeParent(hcp, touch, until, w) }
        guard touch.inquiry < 0 else { return }
        if isNew(touch.machineAt) { try writeChild(hcp, touch, "m", "open", touch.machineAt, .none, w) }
        switch touch.channel {
        case .email, .emailRep:
            if isNew(touch.reachedAt) { try writeChild(hcp, touch, "o", "open", touch.reachedAt, .reached, w) }
            if isNew(touch.engagedAt) { try writeChild(hcp, touch, "c", "click", touch.engagedAt, .engaged, w) }
            if isNew(touch.advancedAt) { try writeChild(hcp, touch, "r", "reply", touch.advancedAt, .advanced, w) }
            if isNew(touch.bouncedAt) { try writeChild(hcp, touch, "b", "bounce", touch.bouncedAt, .none, w) }
            if isNew(touch.unsubscribedAt) {
                try writeChild(hcp, touch, "u", "unsubscribe", touch.unsubscribedAt, .none, w)
            }
        case .sms, .messaging, .ad, .mail:
            if isNew(touch.engagedAt) { try writeChild(hcp, touch, "c", "click", touch.engagedAt, .engaged, w) }
            if isNew(touch.advancedAt) { try writeChild(hcp, touch, "r", "reply", touch.advancedAt, .advanced, w) }
        case .webinar, .event:
            if isNew(touch.engagedAt) { try writeChild(hcp, touch, "a", "attend", touch.engagedAt, .engaged, w) }
            if isNew(touch.advancedAt) { try writeChild(hcp, touch, "q", "question", touch.advancedAt, .advanced, w) }
        case .portal:
            if isNew(touch.engagedAt) { try writeChild(hcp, touch, "v", "view", touch.engagedAt, .engaged, w) }
            if isNew(touch.advancedAt) { try writeChild(hcp, touch, "q", "question", touch.advancedAt, .advanced, w) }
        case .inPerson, .video, .phone: break
        }
    }

    private func writeParent(_ hcp: Int, _ touch: Touch, _ until: Int64, _ w: TableWriter) throws {
        let broken = breaksRows ? Breakage(market, hcp, touch) : .none
        let start = w.mark
        w.compound(UInt8(ascii: "I"), hcp + 1, Int(touch.number))
        w.identifier(UInt8(ascii: touch.aliased ? "X" : "H"), hcp + 1, 7)
        if broken == .date { w.plain("2025-02-30T25:61:00Z") } else { w.instant(touch.at) }
        if broken == .channel { w.plain("carrier_pigeon") } else { w.plain(touch.channel.name) }
        touch.direction == .push ? w.plain("push") : w.plain("pull")
        w.plain(touch.purpose.name)
        w.plain("touch")
        reference(touch.rep, repIDs, w)
        reference(touch.content, contentIDs, w)
        reference(Int32(touch.product), productIDs, w)
        reference(Int32(touch.campaign), campaignIDs, w)
        w.empty()
        w.plain(touch.status.name)
        let (level, at) = touch.level(at: until)
        w.plain(level.name)
        if at != 0 { w.instant(at) } else { w.empty() }
        if touch.seconds >= 0 { w.integer(Int(touch.seconds)) } else { w.empty() }
        w.empty()
        w.plain("false")
        if broken == .repeated {
            // The row's last comma becomes its end before the copy is taken.
            try w.end()
            if w.mark > start { try w.repeatRow(from: start) }
        } else {
            try w.end()
        }
    }

    private func writeChild(
        _ hcp: Int, _ touch: Touch, _ suffix: Unicode.Scalar, _ kind: StaticString, _ at: Int64, _ level: ResponseLevel,
        _ w: TableWriter
    ) throws {
        w.compound(UInt8(ascii: "I"), hcp + 1, Int(touch.number), suffix: UInt8(ascii: suffix))
        w.identifier(UInt8(ascii: touch.aliased ? "X" : "H"), hcp + 1, 7)
        w.instant(at)
        w.plain(touch.channel.name)
        touch.direction == .push ? w.plain("push") : w.plain("pull")
        w.plain(touch.purpose.name)
        w.plain(kind)
        w.empty()
        reference(touch.content, contentIDs, w)
        reference(Int32(touch.product), productIDs, w)
        reference(Int32(touch.campaign), campaignIDs, w)
        w.empty()
        w.empty()
        w.plain(level.name)
        w.empty()
        if suffix == "v" { w.integer(Int(max(0, touch.seconds))) } else { w.empty() }
        w.compound(UInt8(ascii: "I"), hcp + 1, Int(touch.number))
        suffix == "m" ? w.plain("true") : w.plain("false")
        try w.end()
    }

    @inline(__always) private func reference(_ index: Int32, _ ids: [[UInt8]], _ w: TableWriter) {
        if index >= 0 { w.plain(ids[Int(index)]) } else { w.empty() }
    }

    // MARK: Consents

    private func writeConsents(_ hcp: Int, _ records: [ConsentRecord]) throws {
        guard !records.isEmpty else { return }
        let email = Identity(market, hcp).email
        for (number, record) in records.enumerated() {
            let w: TableWriter
            if record.capturedAt <= cut.end {
                w = consent
            } else if let i = cut.deltas.firstIndex(where: { record.capturedAt <= $0 }) {
                w = consentDeltas[i]
            } else {
                continue
            }
            w.compound(UInt8(ascii: "S"), hcp + 1, number)
            w.identifier(UInt8(ascii: "H"), hcp + 1, 7)
            w.plain(record.channel.name)
            if record.channel == .email || record.channel == .emailRep { w.plain(email) } else { w.empty() }
            w.plain(record.purpose.name)
            w.empty()
            w.text(record.status.rawValue)
            w.text(record.basis.rawValue)
            if record.status == .optIn || record.status == .pending { w.plain("2023-1") } else { w.empty() }
            w.instant(record.capturedAt)
            w.day(record.expires)
            w.text(record.evidence.rawValue)
            try w.end()
        }
    }
}

/// What is wrong with a row, when dirt is asked for.
private enum Breakage {
    case none, date, channel, repeated

    init(_ market: SimulatedMarket, _ hcp: Int, _ touch: Touch) {
        var g = Stream.dirt.generator(market.parameters.seed, (hcp + 1) << 20 + Int(touch.number))
        let dirt = market.parameters.dirt
        let u = g.uniform()
        if u < dirt.badDates {
            self = .date
        } else if u < dirt.badDates + dirt.unknownChannels {
            self = .channel
        } else {
            self = u < dirt.badDates + dirt.unknownChannels + dirt.repeatedRows ? .repeated : .none
        }
    }
}

extension Touch {
    /// The latest thing known about the touch.
    fileprivate var lastEvent: Int64 {
        max(at, max(reachedAt, engagedAt), max(advancedAt, machineAt), max(bouncedAt, unsubscribedAt))
    }
}
