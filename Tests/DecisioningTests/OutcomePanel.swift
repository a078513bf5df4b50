import Decisioning
import EngagementModel
import Foundation
import Statistics

/// A simulated panel with known effects: HCPs with high levels are called on more, as in life.
struct OutcomePanel {
    var volumes = VolumeColumns()
    var input: ResponseInput
    let start: Int32
    let months: Int
    /// Expected outcome of the month after the last, without any touch.
    var untouched: [Double] = []

    init(
        hcps n: Int, months: Int = 24, beta: [Channel: Double], carryOver: Double = 0.4, seed: UInt64,
        segmentShift: Double = 0
    ) throws {
        var random = SeededGenerator(seed: seed)
        start = Month.index(of: Day(year: 2024, month: 1, day: 1))
        self.months = months
        var touches = TouchColumns(hcp: [], time: [], channel: [], level: [])
        var specialty: [Int32] = []
        let channels = beta.keys.sorted { $0.code < $1.code }
        for hcp in 0..<n {
            let s = random.below(2)
            specialty.append(Int32(s))
            let level = random.gamma(shape: 1.5) * 4
            var stock = [Double](repeating: 0, count: channels.count)
            var times: [(Int64, UInt8)] = []
            for t in 0..<months {
                var eta = 0.15 * Double(t % 4)
                for (k, channel) in channels.enumerated() {
                    let calls = random.poisson(mean: 0.3 + 0.08 * level)
                    stock[k] = Double(calls) + carryOver * stock[k]
                    let shift = s == 1 ? segmentShift : 0
                    eta += ((beta[channel] ?? 0) + shift) * log1p(stock[k])
                    let first = Int64(Month.firstDay(of: start + Int32(t)).number) * 86_400_000_000
                    for _ in 0..<calls {
                        times.append((first + Int64(random.below(27)) * 86_400_000_000, channel.code))
                    }
                }
                volumes.hcp.append(Int32(hcp))
                volumes.month.append(start + Int32(t))
                // Overdispersed, as real counts are.
                let noise = random.gamma(shape: 6) / 6
                volumes.value.append(Double(random.poisson(mean: level * exp(eta) * noise)))
            }
            for (time, channel) in times.sorted(by: { $0 < $1 }) {
                touches.hcp.append(Int32(hcp))
                touches.time.append(time)
                touches.channel.append(channel)
                touches.level.append(2)
                touches.flags.append(0)
                touches.content.append(-1)
                touches.rep.append(-1)
                touches.product.append(-1)
            }
        }
        input = try ResponseInput(
            touches: touches, hcps: HCPColumns(specialty: specialty, specialtyNames: ["cardiology", "neurology"]),
            asOf: .max / 2)
    }

    var lastMonth: Int32 { start + Int32(months) - 1 }
}
