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
        /// Bytes of files.
        var files: Room?
        var uploads = 0
        var addresses: [String: Room] = [:]
    }

    private static let most = 20_000
    /// Bytes of files an hour, of all together: a form that is open to everybody must not fill the disk.
    static let filesAnHour = 512.0 * 1_048_576
    /// Forms with files that are received at once: each is held in memory until it is whole.
    static let mostUploads = 8
    private let state = Mutex(State())

    func beginUpload() -> Bool {
        state.withLock { state in
            guard state.uploads < Self.mostUploads else { return false }
            state.uploads += 1
            return true
        }
    }

    func endUpload() { state.withLock { $0.uploads -= 1 } }

    /// Takes one message with so many bytes of files.
    /// - Returns: seconds to wait when there is no room.
    func take(_ address: String?, bytes: Int = 0, now: Int64, rules: InquiryRules.Form) -> Int? {
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
            let room = Self.filled(state.files, most: Self.filesAnHour, perSecond: Self.filesAnHour / 3600, now)
            guard room >= Double(bytes) else {
                return max(1, Int((Double(bytes) - room) / (Self.filesAnHour / 3600)))
            }
            state.files = Room(left: room - Double(bytes), at: now)
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
