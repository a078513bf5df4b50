import EngagementModel
import Statistics

/// Scores every HCP × action at as-of.
///
/// A logit is an HCP × channel part, a part of the action alone, and a cross of HCP and topic; the first is computed
/// once per channel, the second once per run, so that most of a score is shared between actions.
package struct ResponseScorer: Sendable {
    package let model: ResponseModel
    let columns: FoldColumns
    package let actions: [ResponseAction]
    /// Distinct channels of the actions, and each action's position among them.
    let channels: [Int]
    let channelOfAction: [Int]
    /// (reached, engaged) parts of each action.
    private let actionTerms: [([ScoreTerm], [ScoreTerm])]
    private let actionParts: [(LogitParts, LogitParts)]
    /// The recency step at which each channel works best, by channel code.
    private let bestRecency: [Int?]

    package init(model: ResponseModel, input: ResponseInput, actions: [ResponseAction]) {
        var model = model
        model.grow(to: input.hcps.count)
        let names = Translation(input, &model.vocabulary)
        let columns = FoldColumns(input, names, baseReach: model.baseReach, baseEngage: model.baseEngage)
        let codes = actions.map { Int($0.channel.code) }
        let channels = Set(codes).sorted()
        channelOfAction = codes.map { channels.firstIndex(of: $0) ?? 0 }
        var fold = ContactFold(columns)
        actionTerms = actions.map { action in
            (
                Self.actionTerms(&fold, model, .reached, action),
                Self.actionTerms(&fold, model, .engaged, action)
            )
        }
        actionParts = actionTerms.map { (LogitParts(terms: $0), LogitParts(terms: $1)) }
        let trained = model
        bestRecency = (0..<FeatureLayout.channels).map { trained.bestRecency(channel: $0) }
        self.model = model
        self.columns = columns
        self.actions = actions
        self.channels = channels
    }

    /// Probabilities of all actions for a range of HCPs; call it range by range to bound memory.
    package func score(_ hcps: Range<Int>) -> ResponseScores {
        let size = hcps.count * actions.count
        var scores = ResponseScores(
            hcps: hcps, actions: actions.count, reach: [Float](repeating: 0, count: size),
            engage: [Float](repeating: 0, count: size), reachSD: [Float](repeating: 0, count: size),
            engageSD: [Float](repeating: 0, count: size))
        let parts = Cores.count * 4
        scores.reach.withUnsafeMutableBufferPointer { reach in
            scores.engage.withUnsafeMutableBufferPointer { engage in
                scores.reachSD.withUnsafeMutableBufferPointer { reachSD in
                    scores.engageSD.withUnsafeMutableBufferPointer { engageSD in
                        let out = Shared([reach, engage, reachSD, engageSD])
                        _ = Cores.map(parts) { part in
                            let first = hcps.lowerBound + part * hcps.count / parts
                            let last = hcps.lowerBound + (part + 1) * hcps.count / parts
                            score(first..<last, offset: hcps.lowerBound, out.value)
                        }
                    }
                }
            }
        }
        return scores
    }

    private func score(_ hcps: Range<Int>, offset: Int, _ out: [UnsafeMutableBufferPointer<Float>]) {
        var fold = ContactFold(columns)
        let (reachOut, engageOut, reachSD, engageSD) = (out[0], out[1], out[2], out[3])
        var reachParts = [LogitParts](repeating: LogitParts(), count: channels.count)
        var engageParts = reachParts
        let lines = actions.map {
            (model.calibration[0][Int($0.channel.code)], model.calibration[1][Int($0.channel.code)])
        }
        let groups = actions.map { FeatureLayout.groupOfChannel[Int($0.channel.code)] }
        model.reach.withUnsafeBufferPointer { reachWeights in
            model.engage.withUnsafeBufferPointer { engageWeights in
                guard let r = reachWeights.baseAddress, let e = engageWeights.baseAddress else { return }
                for hcp in hcps {
                    let day = fold.runToNow(hcp)
                    for k in channels.indices {
                        fold.addContactNow(channel: channels[k], day: day)
                        reachParts[k] = LogitParts(r, fold.buffer)
                        engageParts[k] = LogitParts(e, fold.buffer)
                    }
                    var cell = (hcp - offset) * actions.count
                    for a in actions.indices {
                        var reach = reachParts[channelOfAction[a]] + actionParts[a].0
                        var engage = engageParts[channelOfAction[a]] + actionParts[a].1
                        if let content = actions[a].content {
                            fold.buffer.count = 0
                            fold.addAffinity(content, group: groups[a], day: day)
                            reach = reach + LogitParts(r, fold.buffer)
                            engage = engage + LogitParts(e, fold.buffer)
                        }
                        (reachOut[cell], reachSD[cell]) = reach.probability(lines[a].0)
                        (engageOut[cell], engageSD[cell]) = engage.probability(lines[a].1)
                        cell += 1
                    }
                }
            }
        }
    }

    // MARK: Explanation

    /// The terms of one candidate's two scores, and the facts behind them; `replay()` of a trace gives the bits that
    /// `score` gave.
    package func trace(hcp: Int, action a: Int) -> (reach: ScoreTrace, engage: ScoreTrace, facts: ContactFacts) {
        traces(hcp: hcp, actions: [a])[0]
    }

    /// The same for several actions of one HCP, whose history is read once.
    func traces(hcp: Int, actions places: [Int]) -> [(reach: ScoreTrace, engage: ScoreTrace, facts: ContactFacts)] {
        var fold = ContactFold(columns)
        let day = fold.runToNow(hcp)
        return places.map { a in
            let action = actions[a]
            let c = Int(action.channel.code)
            let facts = facts(fold, day: day, channel: action.channel)
            fold.addContactNow(channel: c, day: day)
            let contact = (Self.terms(fold.buffer, model.reach), Self.terms(fold.buffer, model.engage))
            fold.buffer.count = 0
            if let content = action.content {
                fold.addAffinity(content, group: FeatureLayout.groupOfChannel[c], day: day)
            }
            let cross = (Self.terms(fold.buffer, model.reach), Self.terms(fold.buffer, model.engage))
            return (
                ScoreTrace(
                    contact: contact.0, action: actionTerms[a].0, cross: cross.0, calibration: model.calibration[0][c]),
                ScoreTrace(
                    contact: contact.1, action: actionTerms[a].1, cross: cross.1, calibration: model.calibration[1][c]),
                facts
            )
        }
    }

    private func facts(_ fold: borrowing ContactFold, day: Int32, channel: Channel) -> ContactFacts {
        let c = Int(channel.code)
        let state = fold.state(c)
        let width = min(Int(state.closedCount), 5)
        let mask = UInt8((1 << width) - 1)
        let best = bestRecency[c]
        return ContactFacts(
            lastTouchDaysAgo: state.lastDay < 0 ? nil : Int(day - state.lastDay), recentTrials: width,
            recentReached: (state.reachedBits & mask).nonzeroBitCount,
            recentEngaged: (state.engagedBits & mask).nonzeroBitCount,
            peerReachRate: model.peerRate(specialtyNumber: fold.specialtyNumber, channel: channel, step: .reached),
            peerEngageRate: model.peerRate(specialtyNumber: fold.specialtyNumber, channel: channel, step: .engaged),
            touchesIn14Days: fold.touchesIn14Days,
            ownContactDaysAgo: fold.lastPullDay < 0 ? nil : Int(day - fold.lastPullDay),
            bestRecency: best.map { FeatureLayout.recencyNames[$0] },
            isBestRecency: best != nil && state.lastDay >= 0
                && FeatureLayout.recencyBucket(day - state.lastDay) == best)
    }

    private static func actionTerms(
        _ fold: inout ContactFold, _ model: ResponseModel, _ step: ResponseStep, _ action: ResponseAction
    ) -> [ScoreTerm] {
        let c = Int(action.channel.code)
        let group = FeatureLayout.groupOfChannel[c]
        fold.buffer.count = 0
        if let content = action.content { fold.addContent(content, channel: c, group: group) }
        let moment = ScoreTerm(
            theme: .timing, name: "average moment", value: 1, mean: model.averageMoment(step, group: group),
            variance: 0)
        return [moment] + terms(fold.buffer, model.weights(step))
    }

    private static func terms(_ buffer: FeatureBuffer, _ weights: [SIMD2<Float>]) -> [ScoreTerm] {
        (0..<buffer.count).map { k in
            let i = Int(buffer.index[k])
            let block = FeatureLayout.block(of: i)
            return ScoreTerm(
                theme: block.theme, name: block.name, value: buffer.value[k], mean: weights[i].x,
                variance: weights[i].y)
        }
    }
}

/// What is known of an HCP on one channel, in words' reach.
package struct ContactFacts: Sendable, Hashable, Codable {
    package var lastTouchDaysAgo: Int?
    /// Of the last `recentTrials` (at most 5) closed touches, how many reached and engaged.
    package var recentTrials = 0
    package var recentReached = 0
    package var recentEngaged = 0
    /// Shares of touches that reach, and that engage, colleagues of the specialty.
    package var peerReachRate: Double?
    package var peerEngageRate: Double?
    package var touchesIn14Days = 0
    /// Days since the HCP last came by itself.
    package var ownContactDaysAgo: Int?
    package var bestRecency: String?
    package var isBestRecency = false
}

extension ContactFold {
    /// Reads the whole history of one HCP up to as-of; returns the day.
    @inline(__always) mutating func runToNow(_ hcp: Int) -> Int32 {
        begin(hcp)
        var row = columns.starts[hcp]
        let end = columns.starts[hcp + 1]
        while row < end {
            let time = columns.touches.time[row]
            if time > columns.asOf { break }
            record(row, day: advance(to: time, before: row))
            row += 1
        }
        // One microsecond later: what closes at as-of is known.
        return advance(to: columns.asOf + 1, before: row)
    }

    /// Contact features of a touch now, by the rep in charge where a rep would send it.
    @inline(__always) mutating func addContactNow(channel c: Int, day: Int32) {
        let g = FeatureLayout.groupOfChannel[c]
        buffer.count = 0
        addContact(channel: c, group: g, rep: g <= 1 ? columns.hcps.rep[hcp] : -1, day: day)
    }
}
