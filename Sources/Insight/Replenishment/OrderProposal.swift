internal import Foundation
internal import Statistics

/// What to order of one product for one account, and by when.
package struct OrderProposal: Sendable, Hashable {
    package var account: Int32
    package var product: Int32
    /// Units, a multiple of the pack; 0 when the stock outlasts the planning horizon.
    package var quantity: Double
    /// Days from today until the last day on which an order still arrives in time at the service level; 0 is today.
    package var orderWithin: Int
    /// Chance that stock and what is on order run out before an order placed today arrives.
    package var stockoutProbability: Double
    /// Units expected a period, and units held against scatter over lead time and review interval.
    package var demandPerPeriod: Double
    package var safetyStock: Double

    /// How orders are placed.
    package struct Policy: Sendable {
        /// Days from order to delivery, and between two looks at the stock.
        package var leadDays: Double
        package var reviewDays: Double
        /// Chance that stock suffices until the delivery after next.
        package var serviceLevel: Double
        package var packSize: Double
        /// Length of a period of the activity, in days.
        package var periodDays: Double
        /// Days ahead beyond which no order is proposed.
        package var horizonDays: Int
        /// Periods after which activity counts half.
        package var halfLife: Double

        package init(
            leadDays: Double = 7, reviewDays: Double = 7, serviceLevel: Double = 0.95, packSize: Double = 1,
            periodDays: Double = 30, horizonDays: Int = 90, halfLife: Double = 6
        ) {
            self.leadDays = leadDays
            self.reviewDays = reviewDays
            self.serviceLevel = serviceLevel
            self.packSize = packSize
            self.periodDays = periodDays
            self.horizonDays = horizonDays
            self.halfLife = halfLife
        }

        func validate() throws {
            let times = [leadDays, reviewDays].allSatisfy { $0 >= 0 && $0.isFinite }
            guard times, periodDays > 0, periodDays.isFinite, packSize > 0, halfLife > 0, horizonDays >= 0 else {
                throw HistoryProblem(
                    "bad_policy", "a time, a pack size or a half-life is out of range",
                    remedy: "times are 0 or more, lengths and packs above 0")
            }
            guard serviceLevel > 0, serviceLevel < 1 else {
                throw HistoryProblem(
                    "bad_service_level", "the service level lies between 0 and 1",
                    remedy: "write 0.95 for a chance of 95%")
            }
        }
    }

    /// Proposals for every account and product, in order of first appearance.
    package static func make(
        _ model: UsageModel, _ data: ClinicalActivity, policy: Policy
    ) throws -> [OrderProposal] {
        try data.validate()
        try policy.validate()
        let pairs = try data.pairs()
        return ParallelRanges.map(pairs.count, piece: 512) { range in
            range.map { propose(model, data, rows: pairs[$0], policy) }
        }.flatMap { $0 }
    }

    private static func propose(
        _ model: UsageModel, _ data: ClinicalActivity, rows: [Int], _ policy: Policy
    ) -> OrderProposal {
        let last = rows[rows.count - 1]
        let outlook = DemandOutlook(model, data, rows: rows, halfLife: policy.halfLife)
        let position = data.stock[last] + (data.onOrder.isEmpty ? 0 : data.onOrder[last])
        func periods(_ days: Double) -> Double { days / policy.periodDays }
        func lasts(_ wait: Int) -> Bool {
            outlook.chance(ofAtMost: position, within: periods(Double(wait) + policy.leadDays)) >= policy.serviceLevel
        }
        var wait = 0
        if lasts(policy.horizonDays) {
            wait = policy.horizonDays
        } else if lasts(0) {
            // Largest wait that still lasts: more days can only use more.
            var high = policy.horizonDays
            while high - wait > 1 {
                let middle = (wait + high) / 2
                if lasts(middle) { wait = middle } else { high = middle }
            }
        }
        let covered = periods(Double(wait) + policy.leadDays + policy.reviewDays)
        let target = outlook.units(sufficingWith: policy.serviceLevel, for: covered)
        let missing = max(target - position, 0)
        let needed = wait < policy.horizonDays || !lasts(policy.horizonDays)
        let cycle = periods(policy.leadDays + policy.reviewDays)
        let held = outlook.units(sufficingWith: policy.serviceLevel, for: cycle)
        return OrderProposal(
            account: data.account[last], product: data.product[last],
            quantity: needed ? (missing / policy.packSize).rounded(.up) * policy.packSize : 0, orderWithin: wait,
            stockoutProbability: 1 - outlook.chance(ofAtMost: position, within: periods(policy.leadDays)),
            demandPerPeriod: outlook.mean, safetyStock: max(held - outlook.mean * cycle, 0))
    }
}
