package import EngagementModel
internal import Foundation
package import Statistics

/// How likely an HCP is to climb each step of the response ladder.
package struct ResponseChances: Sendable, Hashable {
    /// P(reached).
    package var reached: Double
    /// P(engaged | reached).
    package var engaged: Double
    /// P(advanced | engaged).
    package var advanced: Double
}

/// What one touch led to.
package struct TouchResponse: Sendable, Hashable {
    package var level: ResponseLevel
    /// Seconds after the touch at which each step was taken; 0 = at once or not at all.
    package var reachedAfter = 0
    package var engagedAfter = 0
    package var advancedAfter = 0
    /// Asked never to be written to again.
    package var unsubscribes = false
}

extension SimulatedMarket {
    /// Chances of a touch on a day, given what came before. Pure.
    ///
    /// `minute` is the local minute of the day (nil = an hour that the HCP neither likes nor dislikes); `state` must
    /// stand at the day of the touch.
    package func chances(
        hcp: Int, channel: Channel, content item: Int?, minute: Int? = nil, weekday: Int? = nil, state: ContactState
    ) -> ResponseChances {
        let c = channel.ordinal
        let k = coefficients
        let liking = k.channelSlope * Double(hcps.affinity[hcp * 12 + c])
        let tired = k.fatigue * Double(hcps.fatigue[hcp]) * state.load
        var reach = k.reach[c] + liking - tired
        if channel == .inPerson { reach += SimulatedMarket.door(hcps.access[hcp]) }
        if let minute { reach += timing(hcp: hcp, minute: minute, weekday: weekday) }
        let afterTalk = (channel == .email || channel == .emailRep) && state.hadConversation(within: k.synergyDays)
        if afterTalk { reach += k.synergy }
        var engage = k.engage[c] + 0.5 * liking - 0.5 * tired + (afterTalk ? 0.5 * k.synergy : 0)
        if let item {
            let content = self.content.items[item]
            engage +=
                k.contentSlope * Double(hcps.topic[hcp * 5 + content.topic] + hcps.format[hcp * 5 + content.format])
        }
        // The portal is pull: who is there is there.
        return ResponseChances(
            reached: channel == .portal ? 1 : Special.sigmoid(reach),
            engaged: Special.sigmoid(engage),
            advanced: Special.sigmoid(k.advance[c] + 0.3 * liking))
    }

    private static func door(_ access: Access) -> Double {
        switch access {
        case .open: 0
        case .limited: -0.7
        case .vendorCredentials: -0.6
        case .noSee: -3
        }
    }

    /// A bump around the favourite hour, higher on the favourite weekday, and a dip at night.
    private func timing(hcp: Int, minute: Int, weekday: Int?) -> Double {
        let away = Double(minute) / 60 - Double(hcps.hour[hcp]) - 0.5
        let today = weekday == Int(hcps.weekday[hcp]) ? 1.3 : 0.9
        let bump = coefficients.timing * Double(hcps.habit[hcp]) * today * exp(-away * away / 5)
        return bump - (minute < 7 * 60 || minute >= 20 * 60 ? 0.5 : 0.15)
    }

    /// Samples the response to a touch.
    package func respond(
        hcp: Int, channel: Channel, content item: Int?, minute: Int? = nil, weekday: Int? = nil, state: ContactState,
        using g: inout SeededGenerator
    ) -> TouchResponse {
        let p = chances(hcp: hcp, channel: channel, content: item, minute: minute, weekday: weekday, state: state)
        // Always the same number of draws for the ladder, whatever comes out.
        let u = (g.uniform(), g.uniform(), g.uniform())
        guard u.0 < p.reached else { return TouchResponse(level: .none, unsubscribes: false) }
        var response = TouchResponse(
            level: u.1 >= p.engaged ? .reached : u.2 >= p.advanced ? .engaged : .advanced)
        switch channel {
        case .email, .emailRep:
            response.reachedAfter = delay(hcp: hcp, minute: minute ?? 600, &g)
            response.unsubscribes = channel == .email && g.chance(0.002 + 0.001 * state.load)
        case .sms, .messaging, .webinar, .event: response.reachedAfter = delay(hcp: hcp, minute: minute ?? 600, &g)
        case .mail: response.reachedAfter = 86_400 * (2 + g.below(2))
        case .inPerson, .video, .phone, .portal, .ad: break
        }
        if response.level.ordinal >= 2 { response.engagedAfter = response.reachedAfter + 5 + Int(60 * g.exponential()) }
        if response.level == .advanced {
            response.advancedAfter = response.engagedAfter + 60 + Int(3600 * g.exponential())
        }
        return response
    }

    /// Seconds until a message is read: at once, or at the next favourite hour.
    private func delay(hcp: Int, minute: Int, _ g: inout SeededGenerator) -> Int {
        if g.chance(0.45) {
            let wait = (Int(hcps.hour[hcp]) * 60 + g.below(60) - minute + 1440) % 1440
            return wait * 60 + 20 + g.below(40)
        }
        return 20 + Int(9000 * g.exponential())
    }

    /// The state that a list of touches (any order) leaves on a day. Touches after the day are ignored.
    package func state(of hcp: Int, on day: Day, after touches: [RecentTouch]) -> ContactState {
        let past = touches.filter { $0.day <= day }.enumerated().sorted {
            ($0.element.day, $0.offset) < ($1.element.day, $1.offset)
        }
        var state = ContactState(day: past.first?.element.day ?? day)
        for (_, touch) in past {
            state.advance(to: touch.day.number, decay: decay)
            let slot = touch.product.flatMap { hcps.slot(of: $0, hcp: hcp) }
            state.record(touch.channel, level: touch.level, slot: slot, direction: touch.direction, coefficients)
        }
        state.advance(to: day.number, decay: decay)
        return state
    }
}
