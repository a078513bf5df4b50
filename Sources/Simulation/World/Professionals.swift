package import EngagementModel
internal import Foundation
internal import Statistics

/// The HCPs' hidden truth as columns, indexed by HCP number. HCPs of a site are contiguous.
package struct Professionals: Sendable {
    package let count: Int
    /// Site of the HCP (index of `Organisations`).
    var site: [Int32] = []
    /// Index of `Specialty.all`.
    var specialty: [UInt8] = []
    var profession: [Profession] = []
    package internal(set) var stakeholder: [Stakeholder] = []
    package internal(set) var access: [Access] = []
    var age: [Float] = []
    /// Latent liking of each channel, in standard deviations, `hcp * 12 + channel code`; for the survey's five
    /// channels above 0 exactly when the HCP would name it.
    package internal(set) var affinity: [Float] = []
    /// Liking of topics and formats, `hcp * 5 + index`.
    package internal(set) var topic: [Float] = []
    package internal(set) var format: [Float] = []
    /// Favourite weekday (0 Monday) and hour of day, and how much they matter.
    package internal(set) var weekday: [UInt8] = []
    package internal(set) var hour: [UInt8] = []
    package internal(set) var habit: [Float] = []
    /// Multiplier of the market's fatigue.
    package internal(set) var fatigue: [Float] = []
    /// Greatest relative rise of volume that promotion can reach, `hcp * 2 + slot`.
    package internal(set) var responsiveness: [Float] = []
    /// log of the monthly volume without promotion, `hcp * 2 + slot`; −20 where the slot is empty.
    package internal(set) var baseline: [Float] = []
    /// Product of each slot, −1 = none.
    package internal(set) var product: [Int8] = []
    /// Change of log volume a year.
    package internal(set) var trend: [Float] = []
    /// Rank of the volume within the specialty, 0...1: what the historical policy looked at.
    var rank: [Float] = []
    /// Whether a privacy proxy opens every e-mail.
    var proxy: [Bool] = []

    enum Profession: String, Sendable, CaseIterable {
        case physician
        case nursePractitioner = "nurse_practitioner"
        case physicianAssistant = "physician_assistant"
        case dentist, procurement, manager
    }

    init(parameters: MarketParameters, organisations: Organisations, coefficients: Coefficients) {
        count = parameters.hcps
        reserve()
        let specialties = AliasTable(Specialty.all.map { $0.share(parameters.kind) })
        let demands = Specialty.all.map { $0.demand(parameters.kind) }
        for site in 0..<organisations.sites {
            let first = Int(organisations.firstHCP[site])
            for hcp in first..<first + Int(organisations.size[site]) {
                var g = Stream.truth.generator(parameters.seed, hcp)
                append(
                    site, organisations, specialties, demands, coefficients, isLast: hcp - first >= 24, &g)
            }
        }
        calibratePreferences()
        rankVolumes()
    }

    private mutating func reserve() {
        affinity.reserveCapacity(count * 12)
        topic.reserveCapacity(count * 5)
        format.reserveCapacity(count * 5)
    }

    /// `isLast`: sites with more than two dozen HCPs also have people who buy and manage.
    private mutating func append(
        _ siteIndex: Int, _ o: Organisations, _ specialties: AliasTable, _ demands: [[(product: Int, median: Double)]],
        _ coefficients: Coefficients, isLast: Bool, _ g: inout SeededGenerator
    ) {
        let country = o.country[siteIndex]
        site.append(Int32(siteIndex))
        let focus = Int(o.focus[siteIndex])
        let drawn = specialties.sample(using: &g)
        let s = focus >= 0 && g.chance(o.size[siteIndex] <= 3 ? 0.97 : 0.8) ? focus : drawn
        let buyer = isLast && g.chance(0.10)
        let role: Stakeholder = buyer ? (g.chance(0.5) ? .procurement : .management) : .clinical
        stakeholder.append(role)
        specialty.append(UInt8(s))
        let job = Professionals.draw(profession: role, Specialty.all[s].name, country, &g)
        profession.append(job)
        let ageZ = g.normal()
        age.append(Float(min(max(47 + 10.5 * ageZ, 27), 72)))
        let entry = Professionals.draw(access: o.kind[siteIndex], &g)
        access.append(entry)
        appendAffinities(Specialty.all[s], ageZ, entry, &g)
        for t in 0..<5 { topic.append(Specialty.all[s].topics[t] + 0.6 * Float(g.normal())) }
        for _ in 0..<5 { format.append(0.5 * Float(g.normal())) }
        weekday.append(UInt8(g.below(5)))
        let part = g.uniform()
        hour.append(UInt8(part < 0.3 ? 7 + g.below(3) : part < 0.6 ? 12 + g.below(2) : 16 + g.below(4)))
        habit.append(Float(exp(0.5 * g.normal())))
        fatigue.append(Float(exp(0.4 * g.normal())))
        trend.append(Float(0.08 * g.normal()))
        proxy.append(g.chance(0.3))
        appendVolumes(
            role == .clinical ? demands[s] : [], scale: job == .physician || job == .dentist ? 1 : 0.55, coefficients,
            &g)
    }

    private static func draw(
        profession role: Stakeholder, _ specialty: String, _ country: Country, _ g: inout SeededGenerator
    ) -> Profession {
        let u = g.uniform()
        if role == .procurement { return .procurement }
        if role != .clinical { return .manager }
        if specialty == "general_dentistry" { return .dentist }
        guard country == .us else { return .physician }
        let nurses = specialty == "primary_care" ? 0.25 : 0.08
        return u < nurses ? .nursePractitioner : u < nurses + 0.07 ? .physicianAssistant : .physician
    }

    private static func draw(access kind: String, _ g: inout SeededGenerator) -> Access {
        let u = g.uniform()
        if kind == "hospital" { return u < 0.36 ? .open : u < 0.64 ? .limited : u < 0.82 ? .vendorCredentials : .noSee }
        return u < 0.60 ? .open : u < 0.86 ? .limited : .noSee
    }

    /// Older HCPs lean to visits and the telephone, younger ones to video, text and everything digital; who does
    /// not see reps leans to e-mail. The survey fixes only how many like each channel, not who.
    private mutating func appendAffinities(
        _ s: Specialty, _ age: Double, _ access: Access, _ g: inout SeededGenerator
    ) {
        let closed = access == .noSee ? 1.0 : access == .open ? -0.25 : 0.2
        let digital = -0.4 * age + 0.9 * g.normal()
        func mix(_ channel: Channel, _ g: inout SeededGenerator) -> Double {
            let own = g.normal()
            return switch channel {
            case .inPerson: 0.35 * age - 0.7 * closed + s.lean[0] + 0.8 * own
            case .video: 0.35 * digital + 0.2 * closed + s.lean[1] + 0.85 * own
            case .phone: 0.25 * age + s.lean[2] + 0.95 * own
            case .emailRep: -0.05 * age + 0.25 * closed + 0.2 * digital + s.lean[3] + 0.9 * own
            case .sms: 0.35 * digital + s.lean[4] + 0.9 * own
            case .email: 0.45 * digital + 0.85 * own
            case .messaging, .portal, .webinar: 0.6 * digital + 0.75 * own
            case .event: 0.15 * age - 0.3 * closed + 0.95 * own
            case .ad, .mail: own
            }
        }
        for channel in Channel.allCases { affinity.append(Float(mix(channel, &g))) }
    }

    private mutating func appendVolumes(
        _ demand: [(product: Int, median: Double)], scale: Double, _ coefficients: Coefficients,
        _ g: inout SeededGenerator
    ) {
        let shared = g.normal()
        // One in five does not respond to promotion whatever the company does.
        let indifferent = g.chance(0.2)
        for slot in 0..<2 {
            let own = g.normal()
            let response = exp(0.5 * g.normal() - 0.125) * (indifferent ? 0.1 : 1)
            guard slot < demand.count else {
                product.append(-1)
                baseline.append(-20)
                responsiveness.append(0)
                continue
            }
            product.append(Int8(demand[slot].product))
            // Mean to median of prescribers' volumes is about 1.6 in the Open Payments aggregates: sigma 0.95.
            baseline.append(Float(log(demand[slot].median * scale) + 0.95 * (0.8 * shared + 0.6 * own)))
            responsiveness.append(Float(min(coefficients.responsiveness * response, 1.2)))
        }
    }

    /// Moves each of the survey's channels so that exactly the published share of HCPs stands above 0.
    private mutating func calibratePreferences() {
        for (channel, share) in zip(PublishedPreference.channels, PublishedPreference.shares) {
            let code = channel.ordinal
            var values = (0..<count).map { affinity[$0 * 12 + code] }
            values.sort()
            let below = min(max(Int((1 - share) * Double(count)), 1), count - 1)
            let threshold = (values[below - 1] + values[below]) / 2
            for hcp in 0..<count { affinity[hcp * 12 + code] -= threshold }
        }
    }

    private mutating func rankVolumes() {
        rank = [Float](repeating: 0.3, count: count)
        for s in Specialty.all.indices {
            var members = (0..<count).filter { Int(specialty[$0]) == s && stakeholder[$0] == .clinical }
            let value = baseline
            members.sort { (value[$0 * 2], $0) < (value[$1 * 2], $1) }
            for (i, hcp) in members.enumerated() { rank[hcp] = (Float(i) + 0.5) / Float(members.count) }
        }
    }

    /// The slot of a product, nil when the HCP neither prescribes nor uses it.
    package func slot(of product: Int, hcp: Int) -> Int? {
        (0..<2).first { Int(self.product[hcp * 2 + $0]) == product }
    }

    /// Whether the HCP names a channel as a preferred way of a representative's contact.
    package func prefers(_ channel: Channel, hcp: Int) -> Bool { affinity[hcp * 12 + channel.ordinal] > 0 }
}
