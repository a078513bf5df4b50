internal import EngagementModel
internal import Statistics

/// Volumes, and what people left behind: inquiries, notes, surveys, attendances, transfers of value.
struct OutcomeFiles {
    private let market: SimulatedMarket
    private let cut: Cut
    private let volume: TableWriter
    private let volumeDeltas: [TableWriter]
    private let inquiry: TableWriter
    private let note: TableWriter
    private let survey: TableWriter
    private let attendance: TableWriter
    private let transfer: TableWriter
    private let notes: [[String]]
    private let productIDs = Product.all.map { Array($0.id.utf8) }
    private let measures = Product.all.map { Array($0.measure.utf8) }

    init(_ market: SimulatedMarket, _ files: FileSet) throws {
        self.market = market
        cut = Cut(market)
        volume = try files.table(.volume)
        volumeDeltas = try cut.deltas.indices.map { try files.table(.volume, delta: market.parameters.endDay + $0 + 1) }
        inquiry = try files.table(.inquiry)
        note = try files.table(.note)
        survey = try files.table(.survey)
        attendance = try files.table(.eventAttendance)
        transfer = try files.table(.transferOfValue)
        notes = Country.allCases.map { NoteTexts.texts($0.language) }
    }

    func write(_ hcp: Int, _ history: HCPHistory) throws {
        try writeVolumes(hcp, history.volumes)
        for touch in history.touches where touch.at <= cut.end {
            if touch.inquiry >= 0 { try writeInquiry(hcp, touch) }
            if touch.note >= 0 { try writeNote(hcp, touch) }
            if touch.event >= 0 { try writeAttendance(hcp, touch) }
            if touch.meal > 0 {
                try writeTransfer(hcp, touch, 0, "food_and_beverage", Double(touch.meal) / 100, event: nil)
            }
        }
        try writeSurvey(hcp)
    }

    // MARK: Volumes

    private func writeVolumes(_ hcp: Int, _ volumes: [MonthlyVolume]) throws {
        let end = market.parameters.endDay
        // Germany hides small cells.
        let hides = market.country(of: hcp) == .de
        for (i, item) in volumes.enumerated() {
            let known = market.knownDay(month: Int(item.month))
            guard known > end else {
                try writeVolume(hcp, item, Int(item.value), known, hides, volume)
                continue
            }
            let w = volumeDeltas[known - end - 1]
            try writeVolume(hcp, item, Int(item.value), known, hides, w)
            // With a new month one in fifty figures of the month before is restated.
            guard let earlier = volumes[..<i].last(where: { $0.month == item.month - 1 && $0.slot == item.slot })
            else { continue }
            var g = Stream.dirt.generator(market.parameters.seed, (hcp + 1) << 20 + Int(item.month) + 1 << 60)
            if g.chance(0.02) { try writeVolume(hcp, earlier, Int(earlier.value) + 1 + g.below(3), known, hides, w) }
        }
    }

    private func writeVolume(
        _ hcp: Int, _ item: MonthlyVolume, _ value: Int, _ known: Day, _ hides: Bool, _ w: TableWriter
    ) throws {
        let product = Int(market.hcps.product[hcp * 2 + Int(item.slot)])
        let suppressed = hides && value > 0 && value < 3
        w.day(market.months[Int(item.month)])
        w.plain("hcp")
        w.identifier(UInt8(ascii: "H"), hcp + 1, 7)
        w.plain(productIDs[product])
        w.plain(measures[product])
        if suppressed { w.empty() } else { w.integer(value) }
        suppressed ? w.plain("true") : w.plain("false")
        w.instant(known.delivery)
        try w.end()
    }

    // MARK: What people left behind

    private func filled(_ text: String, _ product: Int8) -> String {
        text.replacing("%", with: product >= 0 ? Product.all[Int(product)].brand : "the product")
    }

    private func productID(_ product: Int8, _ w: TableWriter) {
        if product >= 0 { w.plain(productIDs[Int(product)]) } else { w.empty() }
    }

    private func writeInquiry(_ hcp: Int, _ touch: Touch) throws {
        inquiry.compound(UInt8(ascii: "Q"), hcp + 1, Int(touch.number))
        inquiry.identifier(UInt8(ascii: "H"), hcp + 1, 7)
        inquiry.instant(touch.at)
        inquiry.plain(touch.channel.name)
        productID(touch.product, inquiry)
        inquiry.text(filled(InquiryTexts.all[Int(touch.inquiry)].text, touch.product))
        try inquiry.end()
    }

    private func writeNote(_ hcp: Int, _ touch: Touch) throws {
        let written = touch.at + Int64(max(0, touch.seconds)) + 900
        guard written <= cut.end else { return }
        note.compound(UInt8(ascii: "N"), hcp + 1, Int(touch.number))
        note.text(Rep.id(Int(touch.rep)))
        note.identifier(UInt8(ascii: "H"), hcp + 1, 7)
        note.instant(written)
        note.text(filled(notes[market.country(of: hcp).index][Int(touch.note)], touch.product))
        try note.end()
    }

    private func writeAttendance(_ hcp: Int, _ touch: Touch) throws {
        let event = market.calendar.events[Int(touch.event)]
        let starts = market.zones.utc(day: event.day.number, minute: event.minute, zone: event.zone)
        let level = touch.level(at: cut.end).level.ordinal
        let reported = min(starts + 86_400, cut.end)
        var g = Stream.event.generator(market.parameters.seed, (hcp + 1) << 20 + Int(touch.number))
        let minutes = 15 + g.below(45)
        let questions = level == 3 ? 1 + g.below(3) : 0
        let demo = g.chance(0.3)
        attendance.text(event.id)
        attendance.identifier(UInt8(ascii: "H"), hcp + 1, 7)
        if level >= 2 {
            attendance.plain("attended")
            attendance.integer(minutes)
            attendance.integer(questions)
            attendance.bool(level == 3 && demo)
            attendance.instant(reported)
        } else {
            let missed = level == 1 && starts + 3600 <= cut.end
            if missed {
                attendance.plain("no_show")
            } else if level == 1 {
                attendance.plain("registered")
            } else {
                attendance.plain("invited")
            }
            attendance.empty()
            attendance.empty()
            attendance.plain("false")
            attendance.instant(missed ? reported : level == 1 ? touch.reachedAt : touch.at)
        }
        try attendance.end()
        guard level >= 2, !event.isWebinar else { return }
        if event.kind == "congress" {
            try writeTransfer(hcp, touch, 1, "registration_fee", 350, event: event.id)
        } else {
            let speaks = market.hcps.rank[hcp] > 0.97
            try writeTransfer(
                hcp, touch, 1, speaks ? "speaker_fee" : "food_and_beverage", speaks ? 1500 : 60, event: event.id)
        }
    }

    private func writeTransfer(
        _ hcp: Int, _ touch: Touch, _ part: Int, _ nature: StaticString, _ amount: Double, event: String?
    ) throws {
        transfer.compound(UInt8(ascii: "V"), hcp + 1, Int(touch.number) * 2 + part)
        transfer.identifier(UInt8(ascii: "H"), hcp + 1, 7)
        transfer.instant(part == 1 ? touch.engagedAt : touch.at)
        transfer.plain(nature)
        transfer.decimal(amount, 2)
        transfer.text(market.country(of: hcp).currency)
        productID(touch.product, transfer)
        transfer.text(event ?? "")
        try transfer.end()
    }

    /// One in seven HCPs was asked how representatives should contact them, and how content they are.
    private func writeSurvey(_ hcp: Int) throws {
        var g = Stream.survey.generator(market.parameters.seed, hcp)
        guard g.chance(0.15), market.hcps.stakeholder[hcp] == .clinical else { return }
        let span = market.parameters.endDay - market.startDay
        let asked = market.startDay + span / 2 + g.below(max(1, span / 2))
        let score = min(10, max(0, Int((7.2 + 1.8 * g.normal()).rounded())))
        func row(_ part: Int, _ question: StaticString, _ answer: String, _ score: Int?) throws {
            survey.compound(UInt8(ascii: "Y"), hcp + 1, part)
            survey.identifier(UInt8(ascii: "H"), hcp + 1, 7)
            survey.instant(asked.delivery)
            survey.plain(question)
            survey.text(answer)
            if let score { survey.integer(score) } else { survey.empty() }
            try survey.end()
        }
        let named = PublishedPreference.channels.filter { market.hcps.prefers($0, hcp: hcp) }
        try row(1, "preferred_channels", named.isEmpty ? "none" : named.map(\.rawValue).joined(separator: ";"), nil)
        try row(2, "satisfaction", "", score)
    }
}
