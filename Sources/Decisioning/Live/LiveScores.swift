package import EngagementModel
import Statistics

/// One touch that the response model has not seen in its snapshot.
package struct LiveTouch: Sendable, Hashable {
    /// Microseconds since 1970, UTC.
    package var time: Int64
    package var channel: Channel
    package var level: ResponseLevel
    package var isPull: Bool
    /// Position among the contents, −1 = none.
    package var content: Int32

    package init(time: Int64, channel: Channel, level: ResponseLevel, isPull: Bool, content: Int32) {
        self.time = time
        self.channel = channel
        self.level = level
        self.isPull = isPull
        self.content = content
    }
}

/// Scores one HCP anew, as a run would: the whole history of the HCP, the touches since, the same model.
///
/// Recency, frequency, fatigue, the rates of answers and the affinity to topics move as the model says. A positive
/// answer counts at once; *no answer yet* counts when the channel's window has closed, as in a run.
///
/// Where released trees made the plan: the log odds that they gave the candidate in the plan, and the change of the online
/// model's log odds since, both calibrated.
package struct LiveScorer: Sendable {
    private let model: ResponseModel
    private let trees: TreeResponse?
    private let outcomes: [OutcomeModel]
    private let terms: [ValueTerms]
    private let actions: [ResponseAction]
    private let contents: ContentColumns
    private let reps: [String]
    private let hcps: HCPColumns

    /// - Parameters: `actions` and `terms` by variant; `hcps` the whole population, in the model's numbers.
    package init(
        model: ResponseModel, trees: TreeResponse? = nil, outcomes: [OutcomeModel], actions: [ResponseAction],
        terms: [ValueTerms],
        contents: ContentColumns, reps: [String], hcps: HCPColumns
    ) {
        precondition(actions.count == terms.count, "one set of terms for each action")
        self.model = model
        self.trees = trees
        self.outcomes = outcomes
        self.terms = terms
        self.actions = actions
        self.contents = contents
        self.reps = reps
        self.hcps = hcps
    }

    /// Scores of every variant at `now`.
    ///
    /// - Parameters:
    ///   - history: the HCP's touches of the snapshot, by time; `hcp` in them is not looked at.
    ///   - planned: the moment of the plan, which the trees' scores are of; looked at where there are trees.
    /// - Throws: `columns_invalid` when a code lies outside its list.
    package func score(
        hcp: Int, history: TouchColumns, live: [LiveTouch], now: Int64, planned: Int64
    ) throws -> [CandidateScore] {
        var touches = history
        touches.hcp = [Int32](repeating: 0, count: history.count)
        let own = model.alone(hcp)
        let before = trees == nil ? nil : try input(hcp, touches, planned)
        for touch in live where touch.time <= now { touches.insert(touch) }
        var scores = ResponseScorer(model: own, input: try input(hcp, touches, now), actions: actions).score(0..<1)
        if let trees, let before {
            scores = scores.moved(
                from: ResponseScorer(model: own, input: before, actions: actions).score(0..<1),
                to: try TreeScorer(model: trees, input: before, actions: actions).score(0..<1))
        }
        return actions.indices.map { a in
            let (reach, engage) = (scores.reach[a], scores.engage[a])
            var effect: (mean: Float, low: Float, high: Float) = (0, 0, 0)
            if let objective = terms[a].objective {
                effect = outcomes[objective].gain(hcp: hcp, channel: Int(actions[a].channel.code)).effect(
                    reach: reach, reachSD: scores.reachSD[a], engage: engage, engageSD: scores.engageSD[a])
            }
            return CandidateScore(
                reach: reach, engage: engage, probability: reach * engage, effect: effect.mean,
                effectLow: effect.low, effectHigh: effect.high, value: terms[a].value(effect: effect.mean))
        }
    }

    private func input(_ hcp: Int, _ touches: TouchColumns, _ asOf: Int64) throws -> ResponseInput {
        try ResponseInput(touches: touches, hcps: hcps.row(hcp), contents: contents, reps: reps, asOf: asOf)
    }
}

extension ResponseScores {
    /// Other scores of the same candidates, moved as far as these have moved since `old` on the logit scale; the doubt is
    /// that of these.
    func moved(from old: ResponseScores, to planned: ResponseScores) -> ResponseScores {
        func moved(
            _ p: [Float], _ sd: [Float], _ old: [Float], _ planned: [Float]
        ) -> (p: [Float], sd: [Float]) {
            var out = (p: p, sd: sd)
            for k in p.indices {
                let change = Special.logit(Double(p[k])) - Special.logit(Double(old[k]))
                // What has not moved is the plan's, bit for bit.
                let q =
                    change == 0 ? planned[k] : Float(Special.sigmoid(Special.logit(Double(planned[k])) + change))
                out.p[k] = q
                out.sd[k] = q * (1 - q) * TreeLogit.spread(p[k], sd[k])
            }
            return out
        }
        var result = self
        (result.reach, result.reachSD) = moved(reach, reachSD, old.reach, planned.reach)
        (result.engage, result.engageSD) = moved(engage, engageSD, old.engage, planned.engage)
        return result
    }
}

extension TouchColumns {
    /// Adds a touch at its place in time, after others of the same moment; an answer to a touch on file (of the same
    /// day, UTC, and channel) is counted there instead.
    mutating func insert(_ touch: LiveTouch) {
        let day = Microseconds.floor(touch.time, Microseconds.day)
        let known = time.indices.last {
            channel[$0] == touch.channel.code && (flags[$0] & TouchFlag.pull != 0) == touch.isPull
                && Microseconds.floor(time[$0], Microseconds.day) == day
        }
        if let known {
            guard touch.level != .none else { return }
            level[known] = Swift.max(level[known], touch.level.code)
            flags[known] = flags[known] & ~TouchFlag.pending | TouchFlag.known
            return
        }
        let place = time.firstIndex { $0 > touch.time } ?? time.count
        hcp.insert(0, at: place)
        time.insert(touch.time, at: place)
        channel.insert(touch.channel.code, at: place)
        level.insert(touch.level.code, at: place)
        let isKnown = touch.level != .none
        flags.insert((touch.isPull ? TouchFlag.pull : 0) | (isKnown ? TouchFlag.known : 0), at: place)
        content.insert(touch.content, at: place)
        rep.insert(-1, at: place)
        product.insert(-1, at: place)
    }
}

extension HCPColumns {
    /// The population of one.
    func row(_ hcp: Int) -> HCPColumns {
        HCPColumns(
            specialty: [specialty[hcp]], specialtyNames: specialtyNames, decile: [decile[hcp]], access: [access[hcp]],
            country: [country[hcp]], countryNames: countryNames, utcOffsetMinutes: [utcOffsetMinutes[hcp]],
            rep: [rep[hcp]])
    }
}

extension ResponseModel {
    /// The model of one HCP, as number 0: the shared weights and the HCP's own; at the prior for one it does not know.
    func alone(_ hcp: Int) -> ResponseModel {
        typealias L = FeatureLayout
        let own = L.person + hcp * L.personWidth
        var one = self
        one.reach = Array(reach[..<L.person])
        one.engage = Array(engage[..<L.person])
        guard own + L.personWidth <= reach.count else { return one }
        one.reach += reach[own..<(own + L.personWidth)]
        one.engage += engage[own..<(own + L.personWidth)]
        return one
    }
}
