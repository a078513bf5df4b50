import EngagementModel
import Statistics

/// The two steps of the response ladder that are modelled.
package enum ResponseStep: UInt8, CaseIterable, Sendable, Codable {
    case reached
    /// Engaged or advanced, given that the HCP was reached.
    case engaged
}

/// P(reached) and P(engaged | reached) of a touch, learnt from the history of touches.
///
/// Additive effects on the logit scale with priors that tighten from market over specialty and segment to the HCP,
/// a diagonal Gaussian posterior, one pass; see `FeatureLayout` for the effects and `ContactFold` for the features.
package struct ResponseModel: Sendable, Equatable {
    /// (mean, variance) of every weight: the shared part, then `FeatureLayout.personWidth` for each HCP.
    var reach: [SIMD2<Float>]
    var engage: [SIMD2<Float>]
    var vocabulary = ResponseVocabulary()
    /// Base rates that centre the features, by channel; kept from the first learning on.
    var baseReach: [Float]
    var baseEngage: [Float]
    /// Touches whose window closed up to here are learnt; microseconds, `Int64.min` = none.
    package internal(set) var learnedUntil = Int64.min
    package internal(set) var learnedRows = 0
    /// Correction of the logits by step and channel code.
    var calibration: [[LogitCalibration]]
    /// Logits predicted before their rows were learnt, of the last weeks.
    var evidence = Evidence()
    /// Trials, reached, engaged for each specialty × channel.
    var peers: [SIMD4<Float>]
    /// How often each weekday and hour band was used, by channel group: weights of the average moment.
    var moments: [Float]
    /// Hexadecimal hash of all the above.
    package internal(set) var version = ""

    /// A model that has seen nothing: published preferences and priors only.
    package init() {
        reach = FeatureLayout.prior(bias: ColdStart.reachBias)
        engage = FeatureLayout.prior(bias: ColdStart.engageBias)
        baseReach = ColdStart.reachBias.map { Float(Special.sigmoid(Double($0))) }
        baseEngage = ColdStart.engageBias.map { Float(Special.sigmoid(Double($0))) }
        let identity = [LogitCalibration](repeating: LogitCalibration(), count: FeatureLayout.channels)
        calibration = [identity, identity]
        peers = [SIMD4<Float>](repeating: .zero, count: FeatureLayout.specialties * FeatureLayout.channels)
        moments = [Float](repeating: 0, count: FeatureLayout.topic - FeatureLayout.weekday)
    }

    /// HCPs with weights of their own.
    package var hcpCount: Int { (reach.count - FeatureLayout.person) / FeatureLayout.personWidth }

    /// Adds weights, at the prior, for HCPs that are new.
    mutating func grow(to count: Int) {
        guard count > hcpCount else { return }
        let added = count - hcpCount
        let prior = (0..<FeatureLayout.personWidth).map(FeatureLayout.personPrior)
        for _ in 0..<added {
            reach.append(contentsOf: prior)
            engage.append(contentsOf: prior)
        }
    }

    func weights(_ step: ResponseStep) -> [SIMD2<Float>] { step == .reached ? reach : engage }

    /// Share of trials of a specialty that reached, or engaged, on a channel; nil below 30 trials.
    func peerRate(specialtyNumber s: Int, channel: Channel, step: ResponseStep) -> Double? {
        guard s >= 0 else { return nil }
        let cell = peers[s * FeatureLayout.channels + Int(channel.code)]
        return cell.x < 30 ? nil : Double((step == .reached ? cell.y : cell.z) / cell.x)
    }

    /// Mean contribution of weekday and hour in a channel group, when the moment is not yet chosen.
    func averageMoment(_ step: ResponseStep, group: Int) -> Float {
        let weights = weights(step)
        func mean(_ start: Int, _ width: Int) -> Float {
            var (sum, count): (Float, Float) = (0, 0)
            for i in (start + group * width)..<(start + (group + 1) * width) {
                let n = moments[i - FeatureLayout.weekday]
                sum += n * weights[i].x
                count += n
            }
            return count > 0 ? sum / count : 0
        }
        return mean(FeatureLayout.weekday, 7) + mean(FeatureLayout.hour, FeatureLayout.hourBands)
    }

    /// The recency step of a channel at which engagement is likeliest, nil when the data do not say.
    func bestRecency(channel: Int) -> Int? {
        let start = FeatureLayout.recency + channel * FeatureLayout.recencyBuckets
        let scores = (0..<8).map { reach[start + $0].x + engage[start + $0].x }
        let known = (0..<8).filter { engage[start + $0].y < 0.04 }
        guard known.count >= 3, let best = known.max(by: { scores[$0] < scores[$1] }),
            let worst = known.map({ scores[$0] }).min(), scores[best] - worst > 0.15
        else { return nil }
        return best
    }
}

/// Logits of rows at a time when the model had not learnt them, kept for four weeks.
struct Evidence: Sendable, Equatable {
    /// Step, channel code, parity of the HCP (for cross-fitting), outcome.
    var step: [UInt8] = []
    var channel: [UInt8] = []
    var half: [UInt8] = []
    var outcome: [UInt8] = []
    var logit: [Float] = []
    /// Day on which the answer became final.
    var day: [Int32] = []

    static let days: Int32 = 28

    mutating func append(_ other: Evidence) {
        step += other.step
        channel += other.channel
        half += other.half
        outcome += other.outcome
        logit += other.logit
        day += other.day
    }

    @inline(__always) mutating func add(
        step s: UInt8, channel c: UInt8, half h: UInt8, outcome y: Bool, logit z: Float, day d: Int32
    ) {
        step.append(s)
        channel.append(c)
        half.append(h)
        outcome.append(y ? 1 : 0)
        logit.append(z)
        day.append(d)
    }

    mutating func drop(before first: Int32) {
        let keep = day.indices.filter { day[$0] >= first }
        guard keep.count < day.count else { return }
        step = keep.map { step[$0] }
        channel = keep.map { channel[$0] }
        half = keep.map { half[$0] }
        outcome = keep.map { outcome[$0] }
        logit = keep.map { logit[$0] }
        day = keep.map { day[$0] }
    }
}
