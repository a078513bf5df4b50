internal import EngagementModel
internal import Statistics

/// Reps, their territories, calendars and booked appointments.
struct RepFiles {
    let market: SimulatedMarket
    /// Business days ahead that the calendar covers.
    static let daysAhead = 42
    init(_ market: SimulatedMarket) { self.market = market }

    func write(_ files: FileSet) throws {
        try writeReps(files.table(.rep))
        try writeAssignments(files.table(.repTerritory))
        let calendar = try files.table(.repCalendar)
        let appointments = try files.table(.appointment)
        let members = sitesByTerritory()
        for (index, rep) in market.territories.reps.enumerated() where rep.territory >= 0 {
            let away = try writeCalendar(index, rep, calendar)
            if rep.team == "field" { try writeAppointments(index, rep, away, members[rep.territory], appointments) }
        }
    }

    private func writeReps(_ w: TableWriter) throws {
        for (index, rep) in market.territories.reps.enumerated() {
            var g = Stream.rep.generator(market.parameters.seed, index)
            let book = NameBook.all[rep.country.index]
            let given = g.below(book.given.count)
            let family = g.below(book.family.count)
            w.text(Rep.id(index))
            w.text("\(book.given[given]) \(book.family[family])")
            w.text(
                String(decoding: book.givenAddress[given], as: UTF8.self) + "."
                    + String(decoding: book.familyAddress[family], as: UTF8.self) + ".\(index + 1)@rapport.example")
            w.text(rep.kind.rawValue)
            w.text(rep.team)
            w.text(rep.territory >= 0 ? market.territories.all[rep.territory].id : "")
            w.text(rep.manager >= 0 ? Rep.id(rep.manager) : "")
            w.integer(rep.minutes)
            w.decimal(rep.latitude, 4)
            w.decimal(rep.longitude, 4)
            w.text(rep.zone.name)
            try w.end()
        }
    }

    private func writeAssignments(_ w: TableWriter) throws {
        func row(_ rep: Int, _ territory: Territory, _ from: Day, _ until: Day?) throws {
            w.text(Rep.id(rep))
            w.text(territory.id)
            w.day(from)
            w.day(until)
            try w.end()
        }
        for territory in market.territories.all {
            if let handover = territory.handover {
                try row(territory.formerRep, territory, market.startDay, handover + -1)
                try row(territory.rep, territory, handover + Territory.vacancyDays, nil)
            } else {
                try row(territory.rep, territory, market.startDay, nil)
            }
        }
    }

    /// Absences of the whole history, and every business day of the weeks ahead. Returns the days without minutes.
    private func writeCalendar(_ index: Int, _ rep: Rep, _ w: TableWriter) throws -> Set<Day> {
        var g = Stream.calendar.generator(market.parameters.seed, index)
        let end = market.parameters.endDay
        var away: Set<Day> = []
        var training: Set<Day> = []
        var day = market.startDay + g.below(60)
        while day <= end + 120 {
            let length = g.chance(0.4) ? 10 : 5
            let monday = day + (7 - day.weekday) % 7
            away.formUnion([monday] + monday.businessDays(length - 1))
            training.insert(monday + 21 + g.below(5))
            day = day + 90 + g.below(70)
        }
        let future = end.businessDays(RepFiles.daysAhead)
        let known = Set(future)
        let past = away.union(training).filter { $0 >= market.startDay && $0 <= end && !$0.isWeekend }
        for day in past.sorted() + future.sorted() {
            let isAway = away.contains(day)
            guard isAway || training.contains(day) || known.contains(day) else { continue }
            w.text(Rep.id(index))
            w.day(day)
            w.integer(isAway ? 0 : training.contains(day) ? rep.minutes / 2 : rep.minutes)
            if isAway { w.plain("vacation") } else if training.contains(day) { w.plain("training") } else { w.empty() }
            // Plans are entered two months before.
            w.instant((day + -62).delivery)
            try w.end()
        }
        return away
    }

    private func sitesByTerritory() -> [[Int32]] {
        var result = [[Int32]](repeating: [], count: market.territories.fieldCount)
        for site in 0..<market.organisations.sites { result[Int(market.territories.fieldOf[site])].append(Int32(site)) }
        return result
    }

    /// On half the days of the next two weeks one visit or video call is booked.
    private func writeAppointments(
        _ index: Int, _ rep: Rep, _ away: Set<Day>, _ sites: [Int32], _ w: TableWriter
    ) throws {
        guard !sites.isEmpty else { return }
        var g = Stream.rep.generator(market.parameters.seed, 1 << 20 + index)
        let end = market.parameters.endDay
        var taken: Set<Int> = []
        for (number, day) in end.businessDays(10).enumerated()
        where g.chance(0.5) && !away.contains(day) && !day.isHoliday {
            let site = Int(sites[g.below(sites.count)])
            let hcp = Int(market.organisations.firstHCP[site]) + g.below(Int(market.organisations.size[site]))
            let minute = 9 * 60 + g.below(14) * 30
            let video = rep.kind == .hybrid || g.chance(0.2)
            let isOpen = market.hcps.stakeholder[hcp] == .clinical && market.hcps.access[hcp] != .noSee
            guard isOpen, taken.insert(hcp).inserted else { continue }
            w.compound(UInt8(ascii: "A"), index + 1, number)
            w.text(Rep.id(index))
            w.identifier(UInt8(ascii: "H"), hcp + 1, 7)
            w.instant(market.zones.utc(day: day.number, minute: minute, zone: market.zone(of: hcp)))
            w.integer(video ? 30 : 45)
            if video { w.plain("video") } else { w.plain("in_person") }
            w.plain("booked")
            w.instant((end + (-1 - g.below(14))).delivery)
            try w.end()
        }
    }
}
