package import EngagementModel
import Foundation
import Statistics

/// What the model believes before the first touch is answered.
package enum ColdStart {
    /// Share of physicians who want device representatives to contact them this way, "2021 and beyond":
    /// survey in six countries and seven specialties, November 2020, n = 876 (docs/decisioning.md).
    ///
    /// Stated preferences are relative weights among a rep's channels; they are not response rates, and they say
    /// nothing of bulk e-mail.
    package static let statedPreference: [Channel: Double] = [
        .emailRep: 0.65, .video: 0.38, .inPerson: 0.49, .phone: 0.33, .sms: 0.11,
    ]

    /// How much of a stated difference is believed: people do not act quite as they say.
    static let belief = 0.5

    /// Log-odds of a channel above the mean of the rep's channels; 0 for every other channel.
    package static func offset(_ channel: Channel) -> Double {
        guard let share = statedPreference[channel] else { return 0 }
        let channels = Channel.allCases.compactMap { statedPreference[$0] }
        let mean = channels.reduce(0) { $0 + Special.logit($1) } / Double(channels.count)
        return belief * (Special.logit(share) - mean)
    }

    /// Prior mean of the logit of *reached* on each channel: 40%, whatever the channel.
    static let reachBias = [Float](repeating: Float(Special.logit(0.4)), count: FeatureLayout.channels)

    /// Prior mean of the logit of *engaged, when reached*: 30% at the mean of the rep's channels.
    static let engageBias: [Float] = Channel.allCases.map { Float(Special.logit(0.3) + offset($0)) }

    /// Days after a touch until its answer counts as final, by channel code.
    package static let windowDays: [Int64] = Channel.allCases.map {
        switch $0 {
        case .inPerson, .video, .phone: 0
        case .sms, .messaging: 3
        case .emailRep, .email, .portal, .ad: 7
        case .webinar, .event: 14
        case .mail: 21
        }
    }

    static let longestWindow = (windowDays.max() ?? 0) * Microseconds.day
}
