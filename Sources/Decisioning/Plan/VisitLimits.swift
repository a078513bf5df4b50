/// How many long touches a rep-day takes: a bound that minutes alone do not tell.
///
/// On a day of 75 minutes a price of minutes sells one and two thirds of a visit of 45. Where touches of `d` minutes
/// leave much of a day over, all touches of d minutes and more are counted, ⌊m/d⌋ times each, and the day takes ⌊C/d⌋
/// of them: a rounding cut (Chvátal 1973). Every plan in whole touches keeps to it, so the bound stays one.
struct VisitLimits: Sendable {
    /// R × T: minutes `d` of the touches that are counted, 0 = none; empty when nothing is counted anywhere.
    let minutes: [Float]

    static let none = VisitLimits(minutes: [])
    /// Less than this share of the day left over is not worth a price of its own.
    private static let leastLoss = 0.15

    private init(minutes: [Float]) { self.minutes = minutes }

    /// - Parameter room: R × T minutes.
    init(room: [Double], layout: PlanLayout) {
        let chosen = room.map { room -> Float in
            var (most, best) = (Self.leastLoss * room, Float(0))
            for duration in layout.durations where Double(duration) <= room {
                let over = room - Double(Self.times(duration, in: room)) * Double(duration)
                if over >= most { (most, best) = (over, duration) }
            }
            return best
        }
        minutes = chosen.contains { $0 > 0 } ? chosen : []
    }

    /// How many touches of a duration fit.
    private static func times(_ duration: Float, in room: Double) -> Int { Int(room / Double(duration) + 1e-6) }

    /// How often a touch of some minutes counts on a rep-day.
    func counts(_ touch: Float, at repDay: Int) -> Float {
        let least = minutes.isEmpty ? 0 : minutes[repDay]
        return least > 0 ? (touch / least + 1e-6).rounded(.down) : 0
    }

    /// How many the rep-day takes.
    func bound(room: Double, at repDay: Int) -> Double {
        minutes[repDay] > 0 ? Double(Self.times(minutes[repDay], in: room)) : 0
    }
}
