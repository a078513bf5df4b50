import Decisioning
import EngagementModel
import Statistics
import Testing

@Suite struct ResponseModelTests {
    static let day: Int64 = 86_400_000_000
    /// 4,000 HCPs × 60 touches: enough for every promise below.
    static let market = try? ResponseBenchmark(hcps: 4000, touchesPerHCP: 60, seed: 11).market()

    @Test func isCalibratedAndBeatsTheBaseOnTheNextPeriod() throws {
        let market = try #require(Self.market)
        var model = ResponseModel()
        let report = model.learn(market.input)
        for channel in [Channel.inPerson, .phone, .emailRep, .email] {
            let reached = try #require(report[.reached, channel])
            #expect(reached.auc > 0.64, "\(channel) \(reached.auc)")
            #expect(reached.logLoss < 0.95 * reached.baseLogLoss, "\(channel)")
            #expect(reached.ece < 0.05, "\(channel) \(reached.ece)")
            #expect(try #require(report[.engaged, channel]).auc > 0.55)
        }
    }

    @Test func comesCloseToTheTruthThatGeneratedTheData() throws {
        let market = try #require(Self.market)
        var model = ResponseModel()
        let report = model.learn(market.input)
        let since = market.input.asOf - 28 * Self.day
        for channel in [Channel.inPerson, .email] {
            let rows = market.input.touches.time.indices.filter {
                market.input.touches.channel[$0] == channel.code && market.input.touches.time[$0] > since
            }
            let oracle = ProbabilityScore(
                probabilities: rows.map { Double(market.reach[$0]) },
                outcomes: rows.map { market.input.touches.level[$0] >= 1 })
            let own = try #require(report[.reached, channel])
            #expect(own.logLoss - oracle.logLoss < 0.35 * (oracle.baseLogLoss - oracle.logLoss), "\(channel)")
        }
    }

    @Test func learnsWhoAnswersAndShrinksWhereItKnowsLittle() throws {
        let market = try #require(Self.market)
        var model = ResponseModel()
        _ = model.learn(market.input)
        let scorer = ResponseScorer(model: model, input: market.input, actions: [ResponseAction(channel: .phone)])
        let scores = scorer.score(0..<4000)
        let fitted = scores.reach.map { Special.logit(Double($0)) }
        #expect(correlation(fitted, market.person) > 0.75)
        #expect(spread(fitted) < spread(market.person))  // shrunk, never blown up
        // With 3 touches each, the same HCPs are drawn much nearer to their segment, and doubt is larger.
        let few = try ResponseBenchmark(hcps: 4000, touchesPerHCP: 3, seed: 11).market()
        var thin = ResponseModel()
        _ = thin.learn(few.input)
        let thinScores = ResponseScorer(model: thin, input: few.input, actions: [ResponseAction(channel: .phone)])
            .score(0..<4000)
        #expect(spread(thinScores.reach.map { Special.logit(Double($0)) }) < 0.8 * spread(fitted))
        #expect(mean(thinScores.reachSD) > mean(scores.reachSD))
    }

    @Test func neverSeesTheFuture() throws {
        let market = try #require(Self.market)
        var early = market.input
        early.asOf -= 200 * Self.day
        var changed = early
        for row in changed.touches.time.indices where changed.touches.time[row] > early.asOf {
            changed.touches.level[row] = 3
            changed.touches.channel[row] = Channel.sms.code
        }
        var (a, b) = (ResponseModel(), ResponseModel())
        #expect(a.learn(early) == b.learn(changed))
        #expect(a.version == b.version)
        let actions = [ResponseAction(channel: .email, content: 3)]
        let x = ResponseScorer(model: a, input: early, actions: actions).score(0..<4000)
        let y = ResponseScorer(model: b, input: changed, actions: actions).score(0..<4000)
        #expect(x.reach == y.reach && x.engage == y.engage)
    }

    @Test func anAnswerInsideItsWindowIsNeitherSuccessNorFailure() throws {
        // One e-mail two days before as-of: whatever its level, the model and the scores are the same.
        func model(_ level: UInt8) throws -> (ResponseModel, ResponseReport, Float) {
            let asOf: Int64 = 20_000 * Self.day
            let touches = TouchColumns(
                hcp: [0, 0], time: [asOf - 50 * Self.day, asOf - 2 * Self.day],
                channel: [Channel.email.code, Channel.email.code], level: [1, level])
            let input = try ResponseInput(
                touches: touches, hcps: HCPColumns(specialty: [0], specialtyNames: ["cardiology"]), asOf: asOf)
            var model = ResponseModel()
            let report = model.learn(input)
            let scorer = ResponseScorer(model: model, input: input, actions: [ResponseAction(channel: .email)])
            return (model, report, scorer.score(0..<1).reach[0])
        }
        let (none, report, score) = try model(0)
        let (engaged, _, same) = try model(2)
        #expect(none.version == engaged.version)
        #expect(score == same)
        #expect(report.pending == 1)
        #expect(report.learnedTotal == 1)
    }

    @Test func aDayLearntOnItsOwnEndsWhereItShould() throws {
        let market = try #require(Self.market)
        var input = market.input
        let end = input.asOf
        var whole = ResponseModel()
        let all = whole.learn(input)
        var daily = ResponseModel()
        input.asOf = end - 3 * Self.day
        var learned = daily.learn(input).learned
        for day in [2, 1, 0] as [Int64] {
            input.asOf = end - day * Self.day
            learned += daily.learn(input).learned
        }
        #expect(learned == all.learned)  // no touch twice, none forgotten
        let actions = [ResponseAction(channel: .inPerson, content: 1)]
        let x = ResponseScorer(model: whole, input: market.input, actions: actions).score(0..<4000).reach
        let y = ResponseScorer(model: daily, input: market.input, actions: actions).score(0..<4000).reach
        #expect(correlation(x.map(Double.init), y.map(Double.init)) > 0.995)
        // Nothing new: nothing changes but the date.
        let before = daily.encoded().count
        #expect(daily.learn(market.input).learned == 0)
        #expect(daily.encoded().count == before)
    }

    @Test func sameInputSameModelByteForByte() throws {
        let market = try #require(Self.market)
        var (a, b) = (ResponseModel(), ResponseModel())
        _ = a.learn(market.input)
        _ = b.learn(market.input)
        #expect(a.encoded() == b.encoded())
        #expect(a.version.count == 32)
    }

    @Test func aModelOfALaterDayIsNotUsedForAnEarlierOne() throws {
        let market = try #require(Self.market)
        var later = ResponseModel()
        _ = later.learn(market.input)
        var early = market.input
        early.asOf -= 100 * Self.day
        var fresh = ResponseModel()
        _ = fresh.learn(early)
        _ = later.learn(early)
        #expect(later.version == fresh.version)
    }

    @Test func survivesTheWayToDiskAndBack() throws {
        let market = try #require(Self.market)
        var model = ResponseModel()
        _ = model.learn(market.input)
        let bytes = model.encoded()
        let back = try ResponseModel(decoding: bytes)
        #expect(back == model)
        #expect(back.version == model.version)
        for length in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
            #expect(throws: Diagnostic.self) { try ResponseModel(decoding: Array(bytes.prefix(length))) }
        }
    }

    @Test func coldStartFollowsStatedPreferencesOfTheRepsChannelsOnly() throws {
        let channels: [Channel] = [.emailRep, .inPerson, .video, .phone, .sms, .email]
        let input = try ResponseInput(
            touches: TouchColumns(hcp: [], time: [], channel: [], level: []),
            hcps: HCPColumns(specialty: [-1], specialtyNames: []), asOf: 0)
        let scorer = ResponseScorer(
            model: ResponseModel(), input: input, actions: channels.map { ResponseAction(channel: $0) })
        let scores = scorer.score(0..<1)
        let engaged = zip(scores.reach, scores.engage).map { $0 * $1 }
        #expect(engaged[0..<5].sorted(by: >) == Array(engaged[0..<5]))  // as the survey orders them
        #expect(engaged[0] < 2.5 * engaged[3])  // relative weights, believed by half
        #expect(ColdStart.offset(.email) == 0)  // stated preferences say nothing of bulk e-mail
        let repChannels = ColdStart.statedPreference.keys.map { ColdStart.offset($0) }
        #expect(abs(repChannels.reduce(0, +)) < 1e-12)
    }

    @Test func unsortedTouchesAreRefused() {
        #expect(throws: Diagnostic.self) {
            try ResponseInput(
                touches: TouchColumns(hcp: [1, 0], time: [0, 0], channel: [0, 0], level: [0, 0]),
                hcps: HCPColumns(specialty: [0, 0], specialtyNames: ["x"]), asOf: 0)
        }
    }

    @Test func codesOutsideTheirListsAreRefused() {
        #expect(throws: Diagnostic.self) {
            try ResponseInput(
                touches: TouchColumns(hcp: [0], time: [0], channel: [12], level: [0]),
                hcps: HCPColumns(specialty: [0], specialtyNames: ["x"]), asOf: 0)
        }
        #expect(throws: Diagnostic.self) {
            try ResponseInput(
                touches: TouchColumns(hcp: [0], time: [0], channel: [0], level: [0], content: [3]),
                hcps: HCPColumns(specialty: [0], specialtyNames: ["x"]), asOf: 0)
        }
    }

    private func mean(_ x: [Float]) -> Double { x.reduce(0) { $0 + Double($1) } / Double(x.count) }

    private func spread(_ x: [Double]) -> Double {
        let mean = x.reduce(0, +) / Double(x.count)
        return (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)).squareRoot()
    }

    private func correlation(_ x: [Double], _ y: [Double]) -> Double {
        let n = Double(x.count)
        let (mx, my) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
        let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) } / n
        return covariance / (spread(x) * spread(y))
    }
}
