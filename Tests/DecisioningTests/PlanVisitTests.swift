import Statistics
import Testing

@testable import Decisioning

/// Days with room for few long touches: what minutes alone do not tell.
@Suite struct PlanVisitTests {
    private func layout(minutes: [Float], room: [Float]) throws -> PlanLayout {
        var problem = PlanProblem(
            hcpCount: 1, actionCount: minutes.count, dayOffsets: Array(1...room.count),
            dayWeekdays: room.indices.map { $0 % 7 }, value: minutes.map { _ in 1 },
            actionClass: minutes.map { _ in 0 }, senderSlot: minutes.map { _ in 0 }, actionMinutes: minutes)
        problem.slotCount = 1
        problem.sender = [0]
        problem.repCount = 1
        problem.repMinutes = room
        return try PlanLayout(problem)
    }

    @Test func `no day of whole touches breaks a visit limit`() throws {
        var random = SeededGenerator(seed: 5, stream: 0)
        var counted = 0
        for _ in 0..<300 {
            let minutes = Set((0..<3).map { _ in Float(5 * (1 + random.below(12))) }).sorted()
            let rooms = (0..<12).map { _ in Float(5 * random.below(40)) }
            let limits = VisitLimits(
                room: rooms.map { Double($0) }, layout: try layout(minutes: minutes, room: rooms))
            for (day, room) in rooms.enumerated() where !limits.minutes.isEmpty && limits.minutes[day] > 0 {
                counted += 1
                let bound = limits.bound(room: Double(room), at: day)
                /// The most that any set of touches counts within the room.
                func most(_ k: Int, _ left: Float) -> Double {
                    guard k < minutes.count else { return 0 }
                    return (0...Int(left / minutes[k])).reduce(0) { best, n in
                        max(
                            best,
                            Double(n) * Double(limits.counts(minutes[k], at: day))
                                + most(k + 1, left - Float(n) * minutes[k]))
                    }
                }
                #expect(most(0, room) <= bound, "\(minutes) in \(room)")
            }
        }
        #expect(counted > 300)
    }

    @Test func `a day that touches fill to the minute needs no limit`() throws {
        let layout = try layout(minutes: [15, 30, 45], room: [90, 75, 360, 10, 0])
        // 75 minutes hold one visit of 45 and leave 30; the other days are filled, or too short for anything.
        #expect(VisitLimits(room: [90, 75, 360, 10, 0], layout: layout).minutes == [0, 45, 0, 0, 0])
        #expect(VisitLimits(room: [90, 360], layout: layout).minutes.isEmpty)
    }

    @Test func `two visits a rep-day are planned within one per cent of the bound`() throws {
        for (minutes, seed) in [(90, 1), (45, 1), (90, 2)] as [(Float, UInt64)] {
            var instance = PlanInstance(hcps: 2000, reps: 4, seed: seed)
            instance.repDayMinutes = minutes
            var problem = instance.problem()
            problem.temperature = .fixed(0)
            let plan = try Planner.plan(problem)
            #expect(plan.violations == 0)
            #expect(plan.gap <= 0.01, "\(minutes) minutes: \(plan.gap)")
            // A minute of a day whose visits are counted is worth something although minutes are left over.
            #expect(plan.prices.repDay.allSatisfy { $0 >= 0 && $0.isFinite })
        }
    }

    @Test func `settled prices make the columns fill the days, and bound what they are worth`() throws {
        var random = SeededGenerator(seed: 11, stream: 0)
        let layout = try layout(minutes: [10, 30], room: [100, 100, 100])
        for _ in 0..<40 {
            var set = ColumnSet(layout, width: 3, dimensionOfRep: [0], units: [1, 3], credit: [])
            for hcp in 0..<60 {
                set.begin(0, best: 0)
                var least = Float.infinity
                var columns: [(Float, [Int16])] = [(Float(random.uniform()) * 4, [-1, -1, -1])]
                for _ in 0..<4 {
                    columns.append(
                        (Float(random.uniform()) * 4, (0..<3).map { _ in Int16(random.below(3)) - 1 }))
                }
                for column in columns { least = min(least, column.0) }
                for (regret, choice) in columns {
                    choice.withUnsafeBufferPointer { buffer in
                        if let choice = buffer.baseAddress { set.add(regret: regret - least, choice) }
                    }
                }
                #expect(set.hcps.count == hcp + 1)
            }
            let room: [Int32] = [25, 40, 60]
            var prices = ClusterPrices(
                set, room: room, visitBound: [], price: [0.1, 0.1, 0.1], visit: [], worth: 4, counts: { _, _ in 0 })
            prices.settle()
            #expect(prices.price.allSatisfy { $0 >= 0 })
            var use = [Double](repeating: 0, count: 3)
            for column in 0..<set.count {
                for d in 0..<3 { use[d] += prices.share[column] * Double(set.use[column * 3 + d]) }
            }
            for d in 0..<3 {
                #expect(use[d] <= Double(room[d]) + 0.5, "\(use) in \(room)")
                if prices.price[d] > 1e-3 { #expect(use[d] >= Double(room[d]) - 0.5, "\(use) in \(room)") }
            }
            // At these prices no column beats its HCP's best, and the chosen ones use what the shares use.
            let regrets = prices.regrets()
            #expect(regrets.allSatisfy { $0 >= -1e-5 })
            var chosen = [Double](repeating: 0, count: 3)
            for column in prices.diffused() {
                for d in 0..<3 { chosen[d] += Double(set.use[Int(column) * 3 + d]) }
            }
            for d in 0..<3 { #expect(abs(chosen[d] - use[d]) <= 6) }
        }
    }
}
