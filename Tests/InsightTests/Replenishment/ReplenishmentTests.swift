import Foundation
import Insight
import Statistics
import Testing

@Suite struct ReplenishmentTests {
    @Test func demandIsANegativeBinomialSum() {
        let outlook = DemandOutlook(mean: 6, meanVariance: 0.5, dispersion: 1.8)
        let (mean, variance) = (6 * 1.5, 1.8 * 6 * 1.5 + 0.5 * 1.5 * 1.5)
        let shape = mean * mean / (variance - mean)
        var sum = 0.0
        for y in 0...40 {
            sum += exp(Distributions.logNegativeBinomial(Double(y), mean: mean, shape: shape))
            #expect(abs(outlook.chance(ofAtMost: Double(y), within: 1.5) - sum) < 1e-10)
        }
        let units = outlook.units(sufficingWith: 0.95, for: 1.5)
        #expect(outlook.chance(ofAtMost: units, within: 1.5) >= 0.95)
        #expect(outlook.chance(ofAtMost: units - 1, within: 1.5) < 0.95)
        #expect(outlook.chance(ofAtMost: -1, within: 1) == 0 && outlook.chance(ofAtMost: 0, within: 0) == 1)
    }

    /// Accounts that do two kinds of procedures, of which the second uses three units.
    private func clinics(_ count: Int, seed: UInt64) -> (data: ClinicalActivity, rates: [Double]) {
        var generator = SeededGenerator(seed: seed)
        var data = ClinicalActivity(account: [], product: [], stock: [], activities: [[], []], used: [])
        var rates: [Double] = []
        for account in 0..<count {
            let (first, second) = (3 + 10 * generator.uniform(), 1 + 4 * generator.uniform())
            let factor = generator.gamma(shape: 20) / 20
            rates.append(factor * (0.5 * first + 3 * second))
            for month in 0..<12 {
                let done = [generator.poisson(mean: first), generator.poisson(mean: second)]
                data.account.append(Int32(account))
                data.product.append(0)
                data.period.append(Int64(month))
                data.stock.append(20)
                data.activities[0].append(Double(done[0]))
                data.activities[1].append(Double(done[1]))
                let mean = factor * (0.5 * Double(done[0]) + 3 * Double(done[1]))
                data.used.append(Double(generator.poisson(mean: mean)))
            }
        }
        return (data, rates)
    }

    @Test func useAProcedureIsLearned() throws {
        let (data, _) = clinics(400, seed: 3)
        let model = try UsageModel.fit(data, productCount: 1)
        #expect(abs(model.perProcedure[0][0] - 0.5) < 0.08)
        #expect(abs(model.perProcedure[0][1] - 3) < 0.15)
        #expect(abs(model.dispersion - 1) < 0.1)
        // Factors have variance 1/20; strength is dispersion over variance.
        #expect(model.factorStrength > 12 && model.factorStrength < 32)
    }

    @Test func theServiceLevelIsKept() throws {
        let (data, rates) = clinics(1500, seed: 5)
        let model = try UsageModel.fit(data, productCount: 1)
        let policy = OrderProposal.Policy(
            leadDays: 10, reviewDays: 20, serviceLevel: 0.9, periodDays: 30, horizonDays: 0)
        let proposals = try OrderProposal.make(model, data, policy: policy)
        var generator = SeededGenerator(seed: 17)
        var served = 0
        for one in proposals {
            // An order today and its stock must last for lead time and review: one period of true demand, whose
            // procedures scatter as well (3 units each).
            let held = 20 + one.quantity
            var demand = 0.0
            for _ in 0..<20 { demand += Double(generator.poisson(mean: rates[Int(one.account)] / 20)) }
            served += demand <= held ? 1 : 0
        }
        let share = Double(served) / Double(proposals.count)
        #expect(share > 0.88 && share < 0.99)
    }

    @Test func ordersFollowStockAndPacks() throws {
        func proposal(stock: Double, onOrder: Double = 0, pack: Double = 10, lead: Double = 7) throws -> OrderProposal {
            let data = ClinicalActivity(
                account: [0], product: [0], stock: [stock], onOrder: [onOrder], activities: [[30]])
            let model = UsageModel(perProcedure: [[2]])
            return try OrderProposal.make(
                model, data, policy: .init(leadDays: lead, reviewDays: 7, packSize: pack))[0]
        }
        let empty = try proposal(stock: 0)
        #expect(empty.orderWithin == 0 && empty.stockoutProbability > 0.99)
        #expect(empty.quantity > 0 && empty.quantity.truncatingRemainder(dividingBy: 10) == 0)
        #expect(empty.demandPerPeriod == 60 && empty.safetyStock > 0)
        let half = try proposal(stock: 40)
        #expect(half.orderWithin > 0 && half.orderWithin < 20 && half.stockoutProbability < 0.05)
        let waiting = try proposal(stock: 20, onOrder: 20)
        #expect(waiting == half)
        let slow = try proposal(stock: 40, lead: 14)
        #expect(slow.orderWithin < half.orderWithin)
        let full = try proposal(stock: 1000)
        #expect(full.quantity == 0 && full.orderWithin == 90)
        // Ordering by that day serves; a day later does not.
        let outlook = DemandOutlook(mean: 60, meanVariance: 60, dispersion: 1)
        let lasts = { (days: Double) in outlook.chance(ofAtMost: 40, within: days / 30) }
        let days = Double(half.orderWithin)
        #expect(lasts(days + 7) >= 0.95)
        #expect(lasts(days + 8) < 0.95)
    }

    @Test func badActivityIsRefused() {
        func problem(
            _ change: (inout ClinicalActivity) -> Void, _ policy: OrderProposal.Policy = .init()
        ) -> HistoryProblem? {
            var data = ClinicalActivity(
                account: [0, 0], product: [0, 0], period: [1, 2], stock: [3, 4], activities: [[5, 6]], used: [1, 1])
            change(&data)
            return #expect(throws: HistoryProblem.self) {
                try OrderProposal.make(UsageModel.fit(data, productCount: 1), data, policy: policy)
            }
        }
        let none = ClinicalActivity(account: [], product: [], stock: [], activities: [[]])
        #expect(problem { $0 = none }?.code == "empty")
        #expect(problem { $0.stock[1] = -1 }?.row == 1)
        #expect(problem { $0.activities[0][1] = .infinity }?.row == 1)
        #expect(problem { $0.activities[0] = [0, 0] }?.code == "no_activity")
        #expect(problem { $0.period = [2, 2] }?.code == "duplicate_row")
        #expect(problem { $0.period = [] }?.code == "duplicate_row")
        #expect(problem { $0.account[0] = -1 }?.row == 0)
        #expect(problem({ _ in }, .init(serviceLevel: 1))?.code == "bad_service_level")
        #expect(problem({ _ in }, .init(leadDays: -1))?.code == "bad_policy")
    }
}
