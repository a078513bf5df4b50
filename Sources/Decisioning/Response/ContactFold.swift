/// The history of one HCP, read touch by touch in order of time.
///
/// The same fold gives the features of every past touch, as known just before it, and those of a touch now;
/// there is no second definition that could drift apart. An answer enters the history only when its window has
/// closed: a click that came five days later was not known to the mail of the next day.
/// A struct without copies rather than a class: its fields are read and written for every touch, and those of a class
/// would be checked for exclusive access each time.
struct ContactFold: ~Copyable {
    let columns: FoldColumns
    private let channels: UnsafeMutablePointer<ChannelState>
    private let topics: UnsafeMutablePointer<TopicState>
    private let formats: UnsafeMutablePointer<TopicState>
    var buffer = FeatureBuffer()

    private(set) var hcp = 0
    private var segmentIndex = -1
    private var specialty: Int = -1
    private var country: Int = -1
    private var utcOffset: Int64 = 0
    private var usedTopics: [Int32] = []
    private var usedFormats: [Int32] = []
    private var access = 0
    /// Day of the last conversation that engaged and is known; −1 = none.
    private var lastTalkDay: Int32 = -1
    /// Rows whose answer is not yet final, in order of time, and the earliest closing among them.
    private var open: [Int32] = []
    private var nextClose = Int64.max
    private var fatigueRow = 0
    private var fatigueCount: Int32 = 0
    private(set) var lastPullDay: Int32 = -1
    /// Answers over all channels: (count, surplus over the base rate), decayed, as of `totalsDay`.
    private var reachTotal = SIMD2<Float>.zero
    private var engageTotal = SIMD2<Float>.zero
    private var totalsDay: Int32 = 0

    init(_ columns: FoldColumns) {
        self.columns = columns
        channels = .allocate(capacity: FeatureLayout.channels)
        channels.initialize(repeating: ChannelState(), count: FeatureLayout.channels)
        topics = .allocate(capacity: FeatureLayout.topics)
        topics.initialize(repeating: TopicState(), count: FeatureLayout.topics)
        formats = .allocate(capacity: FeatureLayout.formats)
        formats.initialize(repeating: TopicState(), count: FeatureLayout.formats)
    }

    deinit {
        buffer.deallocate()
        channels.deallocate()
        topics.deallocate()
        formats.deallocate()
    }

    /// Forgets the last HCP and begins with `hcp`.
    mutating func begin(_ hcp: Int) {
        self.hcp = hcp
        for c in 0..<FeatureLayout.channels { channels[c] = ChannelState() }
        for t in usedTopics { topics[Int(t)] = TopicState() }
        usedTopics.removeAll(keepingCapacity: true)
        for f in usedFormats { formats[Int(f)] = TopicState() }
        usedFormats.removeAll(keepingCapacity: true)
        lastTalkDay = -1
        open.removeAll(keepingCapacity: true)
        nextClose = .max
        fatigueRow = columns.starts[hcp]
        fatigueCount = 0
        lastPullDay = -1
        reachTotal = .zero
        engageTotal = .zero
        totalsDay = 0
        let s = columns.hcps.specialty[hcp]
        specialty = s < 0 ? -1 : Int(columns.names.specialty[Int(s)])
        let c = columns.hcps.country[hcp]
        country = c < 0 ? -1 : Int(columns.names.country[Int(c)])
        utcOffset = Int64(columns.hcps.utcOffsetMinutes[hcp]) * Microseconds.minute
        access = min(Int(columns.hcps.access[hcp]), 4)
        let decile = FeatureLayout.decileGroup(columns.hcps.decile[hcp])
        segmentIndex = specialty < 0 ? -1 : (specialty * 4 + decile) * 5 + access
    }

    /// Brings the state to `time`: answers that became final before it are counted, old touches leave the fatigue
    /// window (14 days). Returns the day, UTC.
    @inline(__always) mutating func advance(to time: Int64, before row: Int) -> Int32 {
        if nextClose < time { close(before: time) }
        let edge = time - 14 * Microseconds.day
        while fatigueRow < row, columns.touches.time[fatigueRow] < edge {
            if columns.touches.flags[fatigueRow] & TouchFlag.pull == 0 { fatigueCount -= 1 }
            fatigueRow += 1
        }
        return Int32(truncatingIfNeeded: Microseconds.floor(time, Microseconds.day))
    }

    private mutating func close(before time: Int64) {
        var kept = 0
        var earliest = Int64.max
        for k in 0..<open.count {
            let row = Int(open[k])
            let closing = columns.closes(row)
            if closing < time {
                count(row, Int32(truncatingIfNeeded: Microseconds.floor(closing, Microseconds.day)))
            } else {
                open[kept] = open[k]
                kept += 1
                earliest = min(earliest, closing)
            }
        }
        open.removeLast(open.count - kept)
        nextClose = earliest
    }

    /// Counts a final answer into the rates.
    private mutating func count(_ row: Int, _ day: Int32) {
        let c = Int(columns.touches.channel[row])
        let level = columns.touches.level[row]
        let reached: Float = level >= 1 ? 1 : 0
        let engaged: Float = level >= 2 ? 1 : 0
        let state = channels + c
        let fade = columns.decay365(day - state.pointee.closedDay)
        state.pointee.closed = state.pointee.closed * fade + 1
        state.pointee.reached = state.pointee.reached * fade + reached
        state.pointee.engaged = state.pointee.engaged * fade + engaged
        state.pointee.closedDay = day
        state.pointee.reachedBits = state.pointee.reachedBits << 1 | (level >= 1 ? 1 : 0)
        state.pointee.engagedBits = state.pointee.engagedBits << 1 | (level >= 2 ? 1 : 0)
        state.pointee.closedCount = min(state.pointee.closedCount + 1, 8)
        let fadeAll = columns.decay365(day - totalsDay)
        reachTotal = reachTotal * fadeAll + SIMD2(1, reached - columns.baseReach[c])
        engageTotal *= fadeAll
        totalsDay = max(totalsDay, day)
        guard level >= 1 else { return }
        if engaged > 0, FeatureLayout.groupOfChannel[c] == 0 {
            let held = Int32(truncatingIfNeeded: Microseconds.floor(columns.touches.time[row], Microseconds.day))
            lastTalkDay = max(lastTalkDay, held)
        }
        let surplus = engaged - columns.baseEngage[c]
        engageTotal += SIMD2(1, surplus)
        let content = columns.touches.content[row]
        guard content >= 0 else { return }
        let topic = columns.names.contentTopic[Int(content)]
        if topic >= 0, note(topics + Int(topic), surplus, day) { usedTopics.append(topic) }
        let format = columns.names.contentFormat[Int(content)]
        if format >= 0, note(formats + Int(format), surplus, day) { usedFormats.append(format) }
    }

    /// Counts a surplus; true when it is the first.
    private func note(_ cell: UnsafeMutablePointer<TopicState>, _ surplus: Float, _ day: Int32) -> Bool {
        let isFirst = cell.pointee.shown == 0
        let fade = columns.decay365(day - cell.pointee.day)
        cell.pointee.shown = cell.pointee.shown * fade + 1
        cell.pointee.surplus = cell.pointee.surplus * fade + surplus
        cell.pointee.day = max(cell.pointee.day, day)
        return isFirst
    }

    /// Adds a touch to the history; call after `advance` to its time and after reading its features.
    @inline(__always) mutating func record(_ row: Int, day: Int32) {
        let flags = columns.touches.flags[row]
        if flags & TouchFlag.pull != 0 {
            lastPullDay = day
            return
        }
        fatigueCount += 1
        let state = channels + Int(columns.touches.channel[row])
        let days = state.pointee.lastDay < 0 ? 0 : day - state.pointee.lastDay
        state.pointee.frequency30 = state.pointee.frequency30 * columns.decay30(days) + 1
        state.pointee.frequency90 = state.pointee.frequency90 * columns.decay90(days) + 1
        state.pointee.frequency365 = state.pointee.frequency365 * columns.decay365(days) + 1
        state.pointee.lastDay = day
        if flags & TouchFlag.pending == 0 {
            open.append(Int32(truncatingIfNeeded: row))
            nextClose = min(nextClose, columns.closes(row))
        }
    }

    // MARK: Features

    /// Features of the HCP and the channel at `day`: everything but content, hour and weekday.
    @inline(__always) mutating func addContact(channel c: Int, group g: Int, rep: Int32, day: Int32) {
        typealias L = FeatureLayout
        buffer.add(L.bias + c)
        if country >= 0 { buffer.add(L.country + country * L.groups + g) }
        if specialty >= 0 {
            buffer.add(L.specialty + specialty * L.channels + c)
            buffer.add(L.segment + segmentIndex * L.groups + g)
        }
        let person = L.person + hcp * L.personWidth
        buffer.add(person)
        buffer.add(person + 1 + c)
        let state = channels[c]
        let days = day - state.lastDay
        let bucket = state.lastDay < 0 ? 8 : L.recencyBucket(days)
        buffer.add(L.recency + c * L.recencyBuckets + bucket)
        let last = state.closedCount == 0 ? 0 : 1 + Int(state.reachedBits & 1) + Int(state.engagedBits & 1)
        buffer.add(L.lastAnswer + c * 4 + last)
        if state.lastDay >= 0 {
            // x / (x + k) instead of a logarithm: bounded, concave, cheap.
            let f30 = state.frequency30 * columns.decay30(days)
            let f90 = state.frequency90 * columns.decay90(days)
            let f365 = state.frequency365 * columns.decay365(days)
            buffer.add(L.frequency + c * 3, f30 / (f30 + 2))
            buffer.add(L.frequency + c * 3 + 1, f90 / (f90 + 4))
            buffer.add(L.frequency + c * 3 + 2, f365 / (f365 + 8))
        }
        if state.closedCount > 0 {
            let fade = columns.decay365(day - state.closedDay)
            let n = state.closed * fade
            let reached = state.reached * fade
            buffer.add(L.rate + c * 2, (reached - columns.baseReach[c] * n) / (n + 3))
            buffer.add(
                L.rate + c * 2 + 1, (state.engaged * fade - columns.baseEngage[c] * reached) / (reached + 3))
        }
        let fadeAll = columns.decay365(day - totalsDay)
        if reachTotal.x > 0 {
            buffer.add(L.rateAll + g * 2, reachTotal.y * fadeAll / (reachTotal.x * fadeAll + 4))
        }
        if engageTotal.x > 0 {
            buffer.add(L.rateAll + g * 2 + 1, engageTotal.y * fadeAll / (engageTotal.x * fadeAll + 4))
        }
        buffer.add(L.fatigue + g * L.fatigueBuckets + L.fatigueBucket(fatigueCount))
        if lastPullDay >= 0 {
            let since = day - lastPullDay
            buffer.add(L.pull + g * 3 + (since < 14 ? 0 : since < 90 ? 1 : 2))
        }
        buffer.add(L.access + access * L.channels + c)
        if lastTalkDay >= 0, let since = L.talkBucket(day - lastTalkDay) {
            buffer.add(L.talk + g * L.talkBuckets + since)
        }
        if rep >= 0 { buffer.add(L.rep + Int(columns.names.rep[Int(rep)])) }
    }

    /// Weekday and hour of a moment, in the HCP's own time.
    @inline(__always) mutating func addTime(_ time: Int64, group g: Int) {
        let hours = Microseconds.floor(time + utcOffset, Microseconds.hour)
        let day = Microseconds.floor(hours, 24)
        let weekday = Int((day % 7 + 10) % 7)
        buffer.add(FeatureLayout.weekday + g * 7 + weekday)
        buffer.add(FeatureLayout.hour + g * FeatureLayout.hourBands + FeatureLayout.hourBand(Int(hours - day * 24)))
    }

    /// Features of the content alone, the same for every HCP.
    @inline(__always) mutating func addContent(_ content: Int, channel c: Int, group g: Int) {
        typealias L = FeatureLayout
        let topic = columns.names.contentTopic[content]
        if topic >= 0 { buffer.add(L.topic + Int(topic) * L.groups + g) }
        let format = columns.names.contentFormat[content]
        if format >= 0 { buffer.add(L.format + Int(format) * L.channels + c) }
        buffer.add(L.content + Int(columns.names.content[content]))
    }

    /// How far this HCP engages with the content's topic and format more than with others.
    @inline(__always) mutating func addAffinity(_ content: Int, group g: Int, day: Int32) {
        let topic = columns.names.contentTopic[content]
        if topic >= 0 {
            let value = affinity(topics[Int(topic)], day)
            if value != 0 { buffer.add(FeatureLayout.affinity + g, value) }
        }
        let format = columns.names.contentFormat[content]
        guard format >= 0 else { return }
        let value = affinity(formats[Int(format)], day)
        if value != 0 { buffer.add(FeatureLayout.formatAffinity + g, value) }
    }

    /// Surplus of engagement on a topic or format, shrunk towards 0.
    @inline(__always) private func affinity(_ cell: TopicState, _ day: Int32) -> Float {
        guard cell.shown > 0 else { return 0 }
        let fade = columns.decay365(day - cell.day)
        return cell.surplus * fade / (cell.shown * fade + 4)
    }

    // MARK: Facts for explanations

    func state(_ channel: Int) -> ChannelState { channels[channel] }
    var touchesIn14Days: Int { Int(fatigueCount) }
    var specialtyNumber: Int { specialty }
}
