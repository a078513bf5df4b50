import Decisioning
import EngagementModel
import Statistics
import Testing

@Suite struct OutcomeModelTests {
    @Test func recoversTheEffectsWithinTheirIntervals() throws {
        let truth: [Channel: Double] = [.inPerson: 0.25, .email: 0.05]
        var inside = 0
        for seed in 1...5 as ClosedRange<UInt64> {
            let panel = try OutcomePanel(hcps: 1500, beta: truth, seed: seed)
            let model = OutcomeModel(volumes: panel.volumes, touches: panel.input, lastMonth: panel.lastMonth)
            #expect(model.effects.map(\.channel) == [.inPerson, .email])
            #expect(abs(model.carryOver - 0.4) <= 0.2)
            for effect in model.effects {
                let error = abs(effect.beta - (truth[effect.channel] ?? 0))
                if error < 1.96 * effect.sd { inside += 1 }
                #expect(error < 0.06, "\(effect)")
            }
        }
        #expect(inside >= 7, "\(inside) of 10 nominal 95% intervals hold the truth")
    }

    @Test func aStoredModelIsTheSameModelUntilItsInputsChange() throws {
        let panel = try OutcomePanel(hcps: 800, beta: [.inPerson: 0.2, .email: 0.1], seed: 3)
        let model = OutcomeModel(volumes: panel.volumes, touches: panel.input, lastMonth: panel.lastMonth)
        let bytes = model.encoded()
        let stored = try OutcomeModel(decoding: bytes)
        #expect(stored.encoded() == bytes && stored.effects == model.effects && stored.expected == model.expected)
        for hcp in stride(from: 0, to: 800, by: 37) {
            #expect(stored.gain(hcp: hcp, channel: 0) == model.gain(hcp: hcp, channel: 0))
        }
        for length in stride(from: 0, to: bytes.count, by: 997) {
            #expect(throws: Diagnostic.self) { try OutcomeModel(decoding: Array(bytes.prefix(length))) }
        }
        func name(_ volumes: VolumeColumns, month: Int32) -> String {
            OutcomeModel.inputs(volumes: volumes, hcps: panel.input.hcps, lastMonth: month, product: nil)
        }
        let same = name(panel.volumes, month: panel.lastMonth)
        var restated = panel.volumes
        restated.value[5] += 1
        #expect(name(restated, month: panel.lastMonth) != same)
        #expect(name(panel.volumes, month: panel.lastMonth - 1) != same)
        #expect(name(panel.volumes, month: panel.lastMonth) == same)
    }

    @Test func isNotFooledByCallsThatFollowThePrescribers() throws {
        // High writers get more calls; without any effect the model must find (almost) none.
        let panel = try OutcomePanel(hcps: 3000, beta: [.inPerson: 0], seed: 9)
        let model = OutcomeModel(volumes: panel.volumes, touches: panel.input, lastMonth: panel.lastMonth)
        let effect = try #require(model.effects.first)
        #expect(abs(effect.beta) < 3 * effect.sd + 0.005, "\(effect)")
    }

    @Test func segmentsDifferAsFarAsTheDataSay() throws {
        let panel = try OutcomePanel(hcps: 4000, beta: [.inPerson: 0.1], seed: 4, segmentShift: 0.25)
        let model = OutcomeModel(volumes: panel.volumes, touches: panel.input, lastMonth: panel.lastMonth)
        #expect(try #require(model.effects.first).spread > 0.05)
        let gains = (0..<4000).map { hcp in
            (
                panel.input.hcps.specialty[hcp],
                model.gain(hcp: hcp, channel: 0).engaged / max(model.untouched[hcp], 0.01)
            )
        }
        func mean(_ s: Int32) -> Float {
            let own = gains.filter { $0.0 == s }.map(\.1)
            return own.reduce(0, +) / Float(own.count)
        }
        #expect(mean(1) > 1.5 * mean(0))
        let same = try OutcomePanel(hcps: 4000, beta: [.inPerson: 0.1], seed: 5)
        let flat = OutcomeModel(volumes: same.volumes, touches: same.input, lastMonth: same.lastMonth)
        #expect(try #require(flat.effects.first).spread < 0.05)
    }

    @Test func predictsTheNextMonthBetterThanSimpleRules() throws {
        let panel = try OutcomePanel(hcps: 2000, beta: [.inPerson: 0.2], seed: 2)
        let report = try #require(
            OutcomeReport.backtest(volumes: panel.volumes, touches: panel.input, month: panel.lastMonth))
        #expect(report.deviance < report.devianceLastMonth)
        #expect(report.deviance < report.devianceThreeMonths)
        #expect(abs(report.calibrationSlope - 1) < 0.1, "\(report.calibrationSlope)")
        #expect(report.topDecileLift > 2)
        #expect(report.note.contains("not assigned at random"))
    }

    @Test func laterMonthsChangeNothing() throws {
        let panel = try OutcomePanel(hcps: 400, beta: [.inPerson: 0.2], seed: 3)
        var changed = panel.volumes
        for k in changed.month.indices where changed.month[k] > panel.lastMonth - 3 { changed.value[k] = 999 }
        let a = OutcomeModel(volumes: panel.volumes, touches: panel.input, lastMonth: panel.lastMonth - 3)
        let b = OutcomeModel(volumes: changed, touches: panel.input, lastMonth: panel.lastMonth - 3)
        #expect(a.expected == b.expected && a.effects == b.effects)
    }

    @Test func withoutVolumesTheEffectIsAnAssumptionThatSaysSo() throws {
        let panel = try OutcomePanel(hcps: 10, beta: [.inPerson: 0.2], seed: 3)
        let model = OutcomeModel(volumes: VolumeColumns(), touches: panel.input, lastMonth: panel.lastMonth)
        #expect(model.isAssumption)
        let effect = model.gain(hcp: 3, channel: 0).effect(reach: 0.5, reachSD: 0.05, engage: 0.4, engageSD: 0.05)
        #expect(effect.low < effect.mean && effect.mean < effect.high)
        #expect(abs(effect.mean - 0.5 * (0.35 * 0.6 + 1 * 0.4) * 0.05) < 1e-6)
    }

    @Test func aNewTouchAddsLessWhereMuchIsCarriedOver() throws {
        let panel = try OutcomePanel(hcps: 2000, beta: [.inPerson: 0.2], seed: 6)
        let model = OutcomeModel(volumes: panel.volumes, touches: panel.input, lastMonth: panel.lastMonth)
        let gain = model.gain(hcp: 0, channel: 0)
        #expect(gain.engaged > gain.reached && gain.reached > 0)
        // A channel without history keeps the prior's small effect, with much doubt.
        let unknown = model.gain(hcp: 0, channel: Int(Channel.sms.code))
        #expect(unknown.relativeVariance > gain.relativeVariance)
        #expect(unknown.engaged > 0)
    }
}
