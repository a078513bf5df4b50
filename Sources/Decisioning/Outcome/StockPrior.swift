import EngagementModel
import Foundation

/// What is believed of a shared stock before its own months are read.
///
/// From the field's common knowledge at first: a conversation or an event leaves several times what a message leaves that
/// was clicked, a mass message least, and a touch that only reached leaves a small part. Where a company has several
/// objectives, what the months of the others say takes its place: a visit is a visit, whichever product it speaks of.
struct StockPrior: Sendable, Equatable {
    struct Belief: Sendable, Equatable {
        var mean: Double
        var sd: Double
    }

    /// By channel code: slope of an engaged touch, and what one that only reached adds as a share of it.
    var engaged: [Belief]
    var reachedShare: [Belief]
    /// Days, greatest relative rise, and the standard deviation of both logarithms.
    var halfLife = 40.0
    var limit = 0.4
    var spread = 0.5

    /// How far slopes of two objectives differ, as a share of them.
    private static let difference = 0.35

    static let usual = StockPrior(
        engaged: Channel.allCases.map {
            switch ChannelGroup($0) {
            case .human, .gathering: Belief(mean: 0.05, sd: 0.1)
            case .repDigital: Belief(mean: 0.02, sd: 0.05)
            case .bulk: Belief(mean: 0.01, sd: 0.03)
            }
        },
        reachedShare: Channel.allCases.map {
            switch ChannelGroup($0) {
            case .human: Belief(mean: 0.2, sd: 0.1)
            // Who registers and stays away has learnt little.
            case .gathering: Belief(mean: 0.05, sd: 0.05)
            case .repDigital, .bulk: Belief(mean: 0.1, sd: 0.1)
            }
        })

    private init(engaged: [Belief], reachedShare: [Belief]) {
        (self.engaged, self.reachedShare) = (engaged, reachedShare)
    }

    /// What curves of other objectives say, each by its precision; nil without any.
    init?(_ others: [(curve: SharedStock, channels: [Int])]) {
        guard !others.isEmpty else { return nil }
        self = .usual
        for channel in engaged.indices {
            var (precision, weighted) = (0.0, 0.0)
            for other in others {
                guard let k = other.channels.firstIndex(of: channel) else { continue }
                let mean = other.curve.slope[2 * k + 1]
                let apart = Self.difference * max(mean, engaged[channel].mean)
                let p = 1 / (pow(other.curve.sd[2 * k + 1], 2) + apart * apart)
                precision += p
                weighted += p * mean
            }
            guard precision > 0 else { continue }
            engaged[channel] = Belief(mean: max(weighted / precision, 1e-3), sd: 1 / precision.squareRoot())
        }
        let n = Double(others.count)
        let days = others.map { log(log(2) * StockPanel.daysPerMonth / $0.curve.fade) }
        halfLife = exp((days.reduce(0, +) + log(halfLife)) / (n + 1))
        limit = exp((others.reduce(log(limit)) { $0 + log($1.curve.limit) }) / (n + 1))
    }
}
