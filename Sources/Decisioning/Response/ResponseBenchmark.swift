package import EngagementModel
import Statistics

/// A synthetic history of touches with known truth, and the time that learning and scoring take on it.
///
/// The truth has an HCP's own effect, a channel effect, a topic taste and fatigue, so that a model can be judged
/// against what generated the data; it is not the market of `Simulation`.
package struct ResponseBenchmark: Sendable {
    package var hcps: Int
    package var touchesPerHCP: Int
    package var days: Int
    package var seed: UInt64
    /// Standard deviation of the HCPs' own effects on the logit scale.
    package var personSD: Double

    package init(
        hcps: Int = 100_000, touchesPerHCP: Int = 100, days: Int = 730, seed: UInt64 = 1, personSD: Double = 0.8
    ) {
        self.hcps = hcps
        self.touchesPerHCP = touchesPerHCP
        self.days = days
        self.seed = seed
        self.personSD = personSD
    }

    package struct Market: Sendable {
        package var input: ResponseInput
        /// Each HCP's own effect, and P(reached) and P(engaged | reached) of each touch.
        package var person: [Double]
        package var reach: [Float]
        package var engage: [Float]
    }

    package static let channels: [Channel] = [.inPerson, .phone, .emailRep, .email, .email, .webinar]
    package static let reachBase: [Channel: Double] = [
        .inPerson: 1.2, .phone: 0, .emailRep: 0.2, .email: -0.8, .webinar: -1.5,
    ]
    package static let engageBase: [Channel: Double] = [
        .inPerson: 0.6, .phone: 0.2, .emailRep: -0.6, .email: -1.4, .webinar: 0.3,
    ]
    static let specialties = ["cardiology", "neurology", "oncology", "general practice", "surgery"]
    static let start: Int64 = 19_000 * Microseconds.day

    /// Draws the market; as-of is the end of the last day.
    package func market() throws(Diagnostic) -> Market {
        let total = hcps * touchesPerHCP
        var random = SeededGenerator(seed: seed)
        var touches = TouchColumns(hcp: [], time: [], channel: [], level: [])
        touches.hcp.reserveCapacity(total)
        var (person, reach, engage): ([Double], [Float], [Float]) = ([], [], [])
        var specialty: [Int32] = []
        for hcp in 0..<hcps {
            let s = random.below(Self.specialties.count)
            specialty.append(Int32(s))
            let own = personSD * random.normal() + 0.3 * Double(s - 2)
            person.append(own)
            let taste = random.below(8)
            let span = Double(days) * Double(Microseconds.day)
            let times = (0..<touchesPerHCP).map { _ in Self.start + Int64(random.uniform() * span) }.sorted()
            for (k, time) in times.enumerated() {
                let channel = Self.channels[random.below(Self.channels.count)]
                let content = random.below(24)
                // Fatigue: the fourth touch of a fortnight and later ones are answered less.
                let crowded = k >= 4 && time - times[k - 4] < 14 * Microseconds.day
                let tired = crowded ? -0.5 : 0.0
                let pr = Special.sigmoid((Self.reachBase[channel] ?? 0) + own + tired)
                let liked = content % 8 == taste ? 0.8 : -0.1
                let pe = Special.sigmoid((Self.engageBase[channel] ?? 0) + 0.7 * own + liked)
                let reached = random.chance(pr)
                let engaged = reached && random.chance(pe)
                touches.hcp.append(Int32(hcp))
                touches.time.append(time)
                touches.channel.append(channel.code)
                touches.level.append(reached ? (engaged ? 2 : 1) : 0)
                touches.flags.append(0)
                touches.content.append(Int32(content))
                touches.rep.append(Int32(hcp % 100))
                touches.product.append(-1)
                reach.append(Float(pr))
                engage.append(Float(pe))
            }
        }
        let contents = ContentColumns(
            ids: (0..<24).map { "C\($0)" }, topic: (0..<24).map { Int32($0 % 8) }, topicNames: (0..<8).map { "T\($0)" },
            format: (0..<24).map { Int32($0 % 3) }, formatNames: ["email", "video", "pdf"])
        let input = try ResponseInput(
            touches: touches, hcps: HCPColumns(specialty: specialty, specialtyNames: Self.specialties),
            contents: contents, reps: (0..<100).map { "R\($0)" },
            asOf: Self.start + Int64(days) * Microseconds.day)
        return Market(input: input, person: person, reach: reach, engage: engage)
    }

    package struct Figures: Sendable, Codable {
        package var rows: Int
        package var learnSeconds: Double
        package var learnRowsPerSecond: Double
        package var deltaSeconds: Double
        package var scoredCandidates: Int
        package var scoreSeconds: Double
        package var candidatesPerSecond: Double
    }

    /// Learns the whole history, a day's delta after it, and scores 24 actions for every HCP.
    package func run() throws(Diagnostic) -> Figures {
        var input = try market().input
        let end = input.asOf
        let clock = ContinuousClock()
        var model = ResponseModel()
        input.asOf = end - Microseconds.day
        let learn = clock.measure { _ = model.learn(input) }
        input.asOf = end
        let delta = clock.measure { _ = model.learn(input) }
        let actions = (0..<24).map { ResponseAction(channel: Self.channels[$0 % 6], content: $0) }
        let scorer = ResponseScorer(model: model, input: input, actions: actions)
        var check: Float = 0
        let score = clock.measure {
            for first in stride(from: 0, to: hcps, by: 50_000) {
                check += scorer.score(first..<min(first + 50_000, hcps)).reach.last ?? 0
            }
        }
        precondition(check >= 0)  // keeps the optimiser honest
        let rows = input.touches.count
        return Figures(
            rows: rows, learnSeconds: learn.seconds, learnRowsPerSecond: Double(rows) / learn.seconds,
            deltaSeconds: delta.seconds, scoredCandidates: hcps * 24, scoreSeconds: score.seconds,
            candidatesPerSecond: Double(hcps * 24) / score.seconds)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
