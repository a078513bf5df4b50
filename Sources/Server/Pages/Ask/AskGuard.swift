import EngagementModel
import Synchronization

/// How many messages the public form takes: of all together a minute, and of one network address an hour.
///
/// Rooms fill with time; addresses are forgotten when their room is full again, so that what is held stays small.
final class AskGuard: Sendable {
    private struct Room {
        var left: Double
        var at: Int64
    }

    private struct State {
        var all: Room?
        var addresses: [String: Room] = [:]
    }

    private static let most = 20_000
    private let state = Mutex(State())

    /// Takes one message.
    /// - Returns: seconds to wait when there is no room.
    func take(_ address: String?, now: Int64, rules: InquiryRules.Form) -> Int? {
        let perAddress = Double(rules.perAddressHour)
        let speed = perAddress / 3600
        return state.withLock { state in
            let all = Self.filled(
                state.all, most: Double(rules.perMinute), perSecond: Double(rules.perMinute) / 60, now)
            let key = address ?? "-"
            let own = Self.filled(state.addresses[key], most: perAddress, perSecond: speed, now)
            guard all >= 1, own >= 1 else {
                return own < 1 ? max(1, Int((1 - own) / speed)) : 60
            }
            if state.addresses.count >= Self.most {
                state.addresses = state.addresses.filter {
                    Self.filled($0.value, most: perAddress, perSecond: speed, now) < perAddress
                }
                // Still full: an attack from many addresses; the limit of all together holds it.
                if state.addresses.count >= Self.most { state.addresses = [:] }
            }
            state.all = Room(left: all - 1, at: now)
            state.addresses[key] = Room(left: own - 1, at: now)
            return nil
        }
    }

    private static func filled(_ room: Room?, most: Double, perSecond: Double, _ now: Int64) -> Double {
        guard let room else { return most }
        return min(most, room.left + Double(max(0, now - room.at)) * 1e-6 * perSecond)
    }
}
