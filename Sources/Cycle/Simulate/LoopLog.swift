internal import Decisioning
internal import EngagementModel
internal import Simulation

/// What a company has on record: touches with their responses, contacts that count against caps, volumes as they
/// become known, consents, and hours. Each policy has its own; all begin with the same two years.
struct LoopLog: Sendable {
    private(set) var touches: TouchColumns
    /// Push touches of the last weeks, sorted by HCP and day.
    private(set) var contacts: [LoopContact]
    /// By objective, sorted by HCP and month.
    private(set) var volumes: [VolumeColumns]
    private var pending: [DeliveredVolume] = []
    private var consentRows: [LoopConsent]
    /// Sends, responses, and answers to what was sent then: HCP × channel × hour of the week.
    private var sends: [UInt16]
    private var responses: [UInt16]
    private var answered: [UInt16]
    private let objectiveOfProduct: [Int]
    let hcps: Int

    /// Reads the history of a market as the company delivered it: no medical rows, nothing that failed.
    init(_ market: SimulatedMarket, _ company: LoopCompany, windowDays: Int, states: inout [ContactState]) {
        let count = market.hcps.count
        hcps = count
        objectiveOfProduct = Product.all.map { product in
            company.strategy.objectives.firstIndex { $0.product == product.id } ?? -1
        }
        let productNumber = Product.all.map { company.products.known($0.id) }
        var shelfOfContent = [Int32](repeating: -1, count: market.content.items.count)
        for (position, index) in company.contentOfShelf.enumerated() { shelfOfContent[index] = Int32(position) }
        touches = TouchColumns(hcp: [], time: [], channel: [], level: [])
        contacts = []
        consentRows = []
        volumes = company.strategy.objectives.map { _ in VolumeColumns() }
        sends = [UInt16](repeating: 0, count: count * Channel.allCases.count * 168)
        responses = sends
        answered = sends
        states = []
        states.reserveCapacity(count)
        let end = market.parameters.endDay
        let lastSecond = Int64(end.number) * 86_400 + 86_399
        var history = HCPHistory()
        for hcp in 0..<count {
            market.walk(hcp, into: &history)
            states.append(history.finalState)
            let offset = Int64(company.population.utcOffsetMinutes[hcp]) * 60
            let inOrder = history.touches.filter { $0.status == .delivered }.sorted {
                ($0.at, $0.number) < ($1.at, $1.number)
            }
            for touch in inOrder {
                let local = touch.at + offset
                let day = Day(number: Int32(local / 86_400))
                if touch.direction == .push, day > end + -windowDays {
                    contacts.append(LoopContact(hcp: Int32(hcp), day: day, channel: touch.channel))
                }
                guard touch.purpose != .medical else { continue }
                let (level, at) = touch.level(at: lastSecond)
                touches.hcp.append(Int32(hcp))
                touches.time.append(touch.at * 1_000_000)
                touches.channel.append(touch.channel.code)
                touches.level.append(level.code)
                touches.flags.append(touch.direction == .pull ? TouchFlag.pull : 0)
                touches.content.append(touch.content < 0 ? -1 : shelfOfContent[Int(touch.content)])
                touches.rep.append(Int(touch.rep) < company.population.reps.count ? touch.rep : -1)
                touches.product.append(touch.product < 0 ? -1 : productNumber[Int(touch.product)])
                guard day > end + -365 else { continue }
                let base = Self.cell(hcp, touch.channel)
                let answers = Self.answers(touch.channel, level)
                if touch.direction == .push {
                    sends[base + Self.hour(local)] += 1
                    if answers { answered[base + Self.hour(local)] += 1 }
                }
                if answers { responses[base + Self.hour(at + offset)] += 1 }
            }
            for volume in history.volumes {
                let product = Int(market.hcps.product[hcp * 2 + Int(volume.slot)])
                let objective = product < 0 ? -1 : objectiveOfProduct[product]
                guard objective >= 0 else { continue }
                volumes[objective].hcp.append(Int32(hcp))
                volumes[objective].month.append(Month.index(of: market.firstDay(ofMonth: Int(volume.month))))
                volumes[objective].value.append(Double(volume.value))
            }
            consentRows += LoopConsent.latest(history.consents, hcp: hcp, through: lastSecond)
        }
    }

    /// Hour of the week of a local second; 1970-01-01 was a Thursday.
    private static func hour(_ local: Int64) -> Int { Int((local / 3600 + 72) % 168) }

    private static func cell(_ hcp: Int, _ channel: Channel) -> Int {
        (hcp * Channel.allCases.count + Int(channel.code)) * 168
    }

    private static func answers(_ channel: Channel, _ level: ResponseLevel) -> Bool {
        channel.isHuman ? level == .engaged || level == .advanced : level != .none
    }

    // MARK: What models and rules read

    /// The best hours as a run of the day would find them.
    func bestHours(_ company: LoopCompany) -> BestHours {
        var columns = ChannelHourColumns()
        let timed = Channel.allCases.filter { !HourPart.hourless.contains($0) }
        for hcp in 0..<hcps {
            for hour in 0..<168 {
                for channel in timed {
                    let cell = Self.cell(hcp, channel) + hour
                    guard sends[cell] > 0 || responses[cell] > 0 else { continue }
                    columns.append(
                        hcp: Int32(hcp), weekday: UInt8(hour / 24), hour: UInt8(hour % 24), channel: channel,
                        sends: Float(sends[cell]), responses: Float(responses[cell]), answered: Float(answered[cell]))
                }
            }
        }
        let people = company.population
        let model = ChannelHours(columns, specialty: people.specialty, specialties: people.specialtyNames.count)
        let quiet = company.strategy.quietHours
        return BestHours(
            model.rows(channels: Set(timed)) { _ in quiet }, specialty: people.specialty,
            specialties: people.specialtyNames.count)
    }

    /// Volume deciles of the last twelve months known: equal volumes share one, 0 without any.
    func deciles() -> [UInt8] {
        var sums = [Double](repeating: 0, count: hcps)
        for columns in volumes {
            let last = columns.month.max() ?? 0
            for i in columns.hcp.indices where columns.month[i] > last - 12 {
                sums[Int(columns.hcp[i])] += columns.value[i]
            }
        }
        let sorted = sums.filter { $0 > 0 }.sorted()
        return sums.map { sum in
            guard sum > 0 else { return 0 }
            var (low, high) = (0, sorted.count)
            while low < high {
                let middle = (low + high) / 2
                if sorted[middle] <= sum { low = middle + 1 } else { high = middle }
            }
            return UInt8((Double(10 * low) / Double(sorted.count)).rounded(.up))
        }
    }

    func consents() -> ConsentColumns {
        var columns = ConsentColumns()
        for row in consentRows {
            columns.append(
                hcp: Int(row.hcp), channel: row.channel, purpose: row.purpose, status: row.status,
                captured: row.captured * 1_000_000, expires: row.expires.map { $0 + -1 })
        }
        return columns
    }

    func frozen(within days: Int, of asOf: Day, only: Set<Channel>? = nil) -> FrozenTouches {
        var result = FrozenTouches()
        for contact in contacts where contact.day > asOf + -days && only?.contains(contact.channel) != false {
            result.hcp.append(contact.hcp)
            result.day.append(contact.day)
            result.channel.append(contact.channel)
        }
        return result
    }

    // MARK: What happens

    /// Volumes that were made; they are shown when they become known.
    mutating func expect(_ volumes: [DeliveredVolume]) { pending += volumes }

    /// Takes over the volumes known by a day. True when there were any.
    mutating func receiveVolumes(by day: Day) -> Bool {
        let arrived = pending.filter { $0.knownOn <= day }
        guard !arrived.isEmpty else { return false }
        pending.removeAll { $0.knownOn <= day }
        for k in volumes.indices {
            var rows = volumes[k].hcp.indices.map {
                (hcp: volumes[k].hcp[$0], month: volumes[k].month[$0], value: volumes[k].value[$0])
            }
            for volume in arrived where objectiveOfProduct[volume.product] == k {
                rows.append((volume.hcp, Month.index(of: volume.month), Double(volume.value)))
            }
            rows.sort { ($0.hcp, $0.month) < ($1.hcp, $1.month) }
            volumes[k] = VolumeColumns(hcp: rows.map(\.hcp), month: rows.map(\.month), value: rows.map(\.value))
        }
        return true
    }

    /// Adds a week of carried touches.
    mutating func record(_ done: [LoopTouch], _ company: LoopCompany, windowDays: Int, through day: Day) {
        let ordered = done.sorted { ($0.touch.hcp, $0.outcome.at) < ($1.touch.hcp, $1.outcome.at) }
        merge(ordered, company)
        contacts.removeAll { $0.day <= day + -windowDays }
        contacts += ordered.map {
            LoopContact(hcp: Int32($0.touch.hcp), day: $0.day, channel: $0.touch.channel)
        }
        contacts.sort { ($0.hcp, $0.day, $0.channel.code) < ($1.hcp, $1.day, $1.channel.code) }
        for item in ordered {
            let base = Self.cell(item.touch.hcp, item.touch.channel)
            let cell = base + item.day.weekday * 24 + item.touch.minute / 60
            sends[cell] += 1
            guard Self.answers(item.touch.channel, item.outcome.level) else { continue }
            answered[cell] += 1
            let minute = item.day.weekday * 1440 + item.touch.minute + item.outcome.reachedAfter / 60
            responses[base + minute / 60 % 168] += 1
        }
        let leavers = Dictionary(
            ordered.filter(\.outcome.unsubscribes).map { (Int32($0.touch.hcp), $0.outcome.at) },
            uniquingKeysWith: { first, _ in first })
        guard !leavers.isEmpty else { return }
        consentRows.removeAll {
            $0.channel == .email && $0.purpose == .promotional && leavers[$0.hcp] != nil
        }
        consentRows += leavers.map {
            LoopConsent(
                hcp: $0, channel: .email, purpose: .promotional, status: .optOut, captured: $1, expires: nil)
        }
        consentRows.sort {
            ($0.hcp, $0.channel.code, $0.purpose.code) < ($1.hcp, $1.channel.code, $1.purpose.code)
        }
    }

    /// Merges rows that are sorted by HCP and lie after all earlier ones of their HCP.
    private mutating func merge(_ new: [LoopTouch], _ company: LoopCompany) {
        var out = TouchColumns(hcp: [], time: [], channel: [], level: [])
        let total = touches.count + new.count
        out.hcp.reserveCapacity(total)
        out.time.reserveCapacity(total)
        out.channel.reserveCapacity(total)
        out.level.reserveCapacity(total)
        out.flags.reserveCapacity(total)
        out.content.reserveCapacity(total)
        out.rep.reserveCapacity(total)
        out.product.reserveCapacity(total)
        var copied = 0
        func copy(_ upTo: Int) {
            let rows = copied..<upTo
            out.hcp += touches.hcp[rows]
            out.time += touches.time[rows]
            out.channel += touches.channel[rows]
            out.level += touches.level[rows]
            out.flags += touches.flags[rows]
            out.content += touches.content[rows]
            out.rep += touches.rep[rows]
            out.product += touches.product[rows]
            copied = upTo
        }
        var place = 0
        for item in new {
            while place < touches.count, Int(touches.hcp[place]) <= item.touch.hcp { place += 1 }
            copy(place)
            let offer = company.catalogue.offers[item.offer]
            out.hcp.append(Int32(item.touch.hcp))
            out.time.append(item.outcome.at * 1_000_000)
            out.channel.append(item.touch.channel.code)
            out.level.append(item.outcome.level.code)
            out.flags.append(0)
            out.content.append(Int32(item.shelf ?? -1))
            out.rep.append(
                offer.slot < 0 ? -1 : company.population.sender[item.touch.hcp * Population.slots + Int(offer.slot)])
            out.product.append(offer.product)
        }
        copy(touches.count)
        touches = out
    }
}

/// A touch that counts against caps and gaps.
struct LoopContact: Sendable, Hashable {
    var hcp: Int32
    var day: Day
    var channel: Channel
}

/// A touch of the loop with what became of it.
struct LoopTouch: Sendable {
    var touch: CarriedTouch
    var outcome: CarriedOutcome
    var day: Day
    var offer: Int
    /// Position of the content on the shelf.
    var shelf: Int?
}

/// The latest word of an HCP on a channel and purpose.
struct LoopConsent: Sendable {
    var hcp: Int32
    var channel: Channel
    var purpose: Purpose
    var status: ConsentStatus
    /// Seconds since 1970 UTC.
    var captured: Int64
    /// The day from which an opt-in no longer holds.
    var expires: Day?

    static func latest(_ records: [ConsentRecord], hcp: Int, through second: Int64) -> [LoopConsent] {
        var rows: [LoopConsent] = []
        for record in records where record.capturedAt <= second {
            let row = LoopConsent(
                hcp: Int32(hcp), channel: record.channel, purpose: record.purpose, status: record.status,
                captured: record.capturedAt, expires: record.expires)
            if let known = rows.firstIndex(where: { $0.channel == row.channel && $0.purpose == row.purpose }) {
                if rows[known].captured <= row.captured { rows[known] = row }
            } else {
                rows.append(row)
            }
        }
        return rows.sorted { ($0.channel.code, $0.purpose.code) < ($1.channel.code, $1.purpose.code) }
    }
}
