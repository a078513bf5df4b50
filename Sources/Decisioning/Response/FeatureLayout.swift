package import EngagementModel

/// Channels that people answer alike; HCP and segment effects are shared within a group.
package enum ChannelGroup: UInt8, CaseIterable, Sendable {
    case human, repDigital, bulk, gathering

    package init(_ channel: Channel) {
        switch channel {
        case .inPerson, .video, .phone: self = .human
        case .emailRep, .sms, .messaging: self = .repDigital
        case .email, .portal, .ad, .mail: self = .bulk
        case .webinar, .event: self = .gathering
        }
    }
}

/// What a group of features is about: the unit in which a score is explained.
package enum Theme: String, Codable, Sendable, CaseIterable {
    case base, market, segment, person, history, recency, fatigue, interest, timing, content, affinity, sender

    /// Place in `allCases`, without looking for it.
    var position: Int {
        switch self {
        case .base: 0
        case .market: 1
        case .segment: 2
        case .person: 3
        case .history: 4
        case .recency: 5
        case .fatigue: 6
        case .interest: 7
        case .timing: 8
        case .content: 9
        case .affinity: 10
        case .sender: 11
        }
    }
}

/// Where each family of weights lies in the model's one array, and how tight its prior is.
///
/// The tightening priors from market to HCP are the hierarchy: with little history the wide families explain
/// the data and the narrow ones stay near zero, so an HCP is scored like the segment, the specialty, the market.
enum FeatureLayout {
    static let channels = 12
    static let groupOfChannel: [Int] = Channel.allCases.map { Int(ChannelGroup($0).rawValue) }
    static let groups = 4
    static let specialties = 128
    static let countries = 64
    static let topics = 64
    static let formats = 32
    static let contents = 4096
    static let reps = 4096
    static let recencyBuckets = 9
    static let fatigueBuckets = 7
    static let hourBands = 8

    struct Block: Sendable {
        let name: String
        let theme: Theme
        let start: Int
        let count: Int
        /// Standard deviation of the zero-mean Gaussian prior on the logit scale.
        let priorSD: Float
    }

    static let bias = 0
    static let country = bias + channels
    static let specialty = country + countries * groups
    static let segment = specialty + specialties * channels
    static let recency = segment + specialties * 20 * groups
    static let lastAnswer = recency + recencyBuckets * channels
    /// None yet, missed, reached, engaged.
    static let frequency = lastAnswer + 4 * channels
    static let rate = frequency + 3 * channels
    static let rateAll = rate + 2 * channels
    static let fatigue = rateAll + 2 * groups
    static let pull = fatigue + fatigueBuckets * groups
    static let weekday = pull + 3 * groups
    static let hour = weekday + 7 * groups
    static let topic = hour + hourBands * groups
    static let format = topic + topics * groups
    static let content = format + formats * channels
    static let affinity = content + contents
    static let formatAffinity = affinity + groups
    /// Closed doors close one channel, not a group of them.
    static let access = formatAffinity + groups
    static let accesses = 5
    /// The last conversation that engaged, on any channel: within a week, two, a month.
    static let talk = access + accesses * channels
    static let talkBuckets = 3
    static let rep = talk + talkBuckets * groups
    /// First weight of HCP 0; each HCP has one weight for all channels and one for each channel.
    static let person = rep + reps
    static let personWidth = 1 + channels

    static let blocks: [Block] = [
        Block(name: "channel", theme: .base, start: bias, count: country - bias, priorSD: 1),
        Block(name: "country", theme: .market, start: country, count: specialty - country, priorSD: 0.35),
        Block(name: "specialty", theme: .segment, start: specialty, count: segment - specialty, priorSD: 0.35),
        Block(name: "segment", theme: .segment, start: segment, count: recency - segment, priorSD: 0.25),
        Block(name: "recency", theme: .recency, start: recency, count: lastAnswer - recency, priorSD: 0.4),
        Block(name: "last answer", theme: .history, start: lastAnswer, count: frequency - lastAnswer, priorSD: 0.4),
        Block(name: "frequency", theme: .recency, start: frequency, count: rate - frequency, priorSD: 0.4),
        Block(name: "answers on the channel", theme: .history, start: rate, count: rateAll - rate, priorSD: 1),
        Block(name: "answers", theme: .history, start: rateAll, count: fatigue - rateAll, priorSD: 1),
        Block(name: "touches in 14 days", theme: .fatigue, start: fatigue, count: pull - fatigue, priorSD: 0.4),
        Block(name: "own visits", theme: .interest, start: pull, count: weekday - pull, priorSD: 0.4),
        Block(name: "weekday", theme: .timing, start: weekday, count: hour - weekday, priorSD: 0.25),
        Block(name: "hour", theme: .timing, start: hour, count: topic - hour, priorSD: 0.25),
        Block(name: "topic", theme: .content, start: topic, count: format - topic, priorSD: 0.3),
        Block(name: "format", theme: .content, start: format, count: content - format, priorSD: 0.3),
        Block(name: "content", theme: .content, start: content, count: affinity - content, priorSD: 0.2),
        Block(name: "topic affinity", theme: .affinity, start: affinity, count: formatAffinity - affinity, priorSD: 1),
        Block(
            name: "format affinity", theme: .affinity, start: formatAffinity, count: access - formatAffinity,
            priorSD: 0.5),
        Block(name: "access", theme: .segment, start: access, count: talk - access, priorSD: 0.5),
        Block(name: "last conversation", theme: .recency, start: talk, count: rep - talk, priorSD: 0.4),
        Block(name: "rep", theme: .sender, start: rep, count: person - rep, priorSD: 0.2),
    ]

    /// Priors of an HCP's own weights: all channels, then each channel.
    static let personSD: Float = 0.3
    static let personChannelSD: Float = 0.4

    private static let own = Block(name: "this HCP", theme: .person, start: person, count: 0, priorSD: personSD)

    static func block(of index: Int) -> Block {
        if index >= person { return own }
        var (low, high) = (0, blocks.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if blocks[middle].start <= index { low = middle } else { high = middle }
        }
        return blocks[low]
    }

    /// Weights before any data: (mean, variance) of the shared part.
    static func prior(bias means: [Float]) -> [SIMD2<Float>] {
        var weights = [SIMD2<Float>](repeating: .zero, count: person)
        for block in blocks {
            for i in block.start..<(block.start + block.count) {
                weights[i] = SIMD2(0, block.priorSD * block.priorSD)
            }
        }
        for c in 0..<channels { weights[bias + c].x = means[c] }
        return weights
    }

    static func personPrior(_ slot: Int) -> SIMD2<Float> {
        let sd = slot == 0 ? personSD : personChannelSD
        return SIMD2(0, sd * sd)
    }

    /// Days since the last touch on the channel, in steps that grow; 8 = never.
    @inline(__always) static func recencyBucket(_ days: Int32) -> Int {
        switch days {
        case ..<3: 0
        case ..<7: 1
        case ..<14: 2
        case ..<21: 3
        case ..<35: 4
        case ..<63: 5
        case ..<120: 6
        default: 7
        }
    }

    static let recencyNames = [
        "within 3 days", "after 3–7 days", "after 1–2 weeks", "after 2–3 weeks", "after 3–5 weeks", "after 5–9 weeks",
        "after 2–4 months", "after more than 4 months", "as a first contact",
    ]

    @inline(__always) static func fatigueBucket(_ touches: Int32) -> Int {
        switch touches {
        case ..<4: Int(max(touches, 0))
        case ..<6: 4
        case ..<9: 5
        default: 6
        }
    }

    /// Days since the last conversation that engaged; nil after a month.
    @inline(__always) static func talkBucket(_ days: Int32) -> Int? {
        switch days {
        case ..<8: 0
        case ..<15: 1
        case ..<31: 2
        default: nil
        }
    }

    @inline(__always) static func hourBand(_ hour: Int) -> Int {
        switch hour {
        case ..<7: 0
        case ..<9: 1
        case ..<11: 2
        case ..<13: 3
        case ..<15: 4
        case ..<17: 5
        case ..<20: 6
        default: 7
        }
    }

    /// 0 none, 1 low (1...3), 2 middle (4...7), 3 high (8...10).
    @inline(__always) static func decileGroup(_ decile: UInt8) -> Int {
        decile == 0 ? 0 : decile <= 3 ? 1 : decile <= 7 ? 2 : 3
    }
}
