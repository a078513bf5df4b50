import EngagementModel
import Foundation
import Testing

@testable import Simulation

/// What the history must keep, and what it must get wrong on purpose.
@Suite struct HistoryTests {
    private let written: WrittenMarket

    init() throws { written = try WrittenMarket.shared.get() }

    @Test func aParentsLevelIsWhatItsHumanChildrenShow() throws {
        let file = try written[.interaction]
        let (id, kind, parent) = (file.index("interaction_id"), file.index("kind"), file.index("parent_interaction_id"))
        let (response, machine, channel) = (file.index("response"), file.index("machine"), file.index("channel"))
        let rank = ["none": 0, "reached": 1, "engaged": 2, "advanced": 3]
        var best: [String: Int] = [:]
        var machineOpens = 0
        for row in file.rows where row[kind] != "touch" {
            if row[machine] == "true" {
                machineOpens += 1
                #expect(row[response] == "none")
            }
            best[row[parent]] = max(best[row[parent]] ?? 0, try #require(rank[row[response]]))
        }
        #expect(machineOpens > 100)
        for row in file.rows where row[kind] == "touch" && ["email", "email_rep"].contains(row[channel]) {
            if row[file.index("direction")] == "push" { #expect(rank[row[response]] == best[row[id]] ?? 0) }
        }
    }

    @Test func noMessageGoesOutWithoutConsent() throws {
        let consents = try written[.consent]
        let c = (hcp: consents.index("hcp_id"), channel: consents.index("channel"), at: consents.index("captured_at"))
        let (status, expires) = (consents.index("status"), consents.index("expires_at"))
        var granted: [String: [(from: String, until: String)]] = [:]
        for row in consents.rows where row[status] == "opt_in" {
            granted[row[c.hcp] + row[c.channel], default: []].append(
                (row[c.at], row[expires].isEmpty ? "9999" : row[expires]))
        }
        let file = try written[.interaction]
        let (hcp, channel, at) = (file.index("hcp_id"), file.index("channel"), file.index("occurred_at"))
        var checked = 0
        for row in file.rows
        where row[file.index("kind")] == "touch" && row[file.index("direction")] == "push"
            && ["email", "email_rep", "sms", "messaging"].contains(row[channel])
        {
            let key = "H" + row[hcp].dropFirst() + row[channel]
            let isCovered = granted[key]?.contains { $0.from <= row[at] && row[at] <= $0.until } ?? false
            #expect(isCovered, "\(row[file.index("interaction_id")])")
            checked += 1
        }
        #expect(checked > 10_000)
    }

    @Test func medicalAndPromotionalNeverMix() throws {
        let medicalReps = Set(try written[.rep].rows.filter { $0[3] == "msl" }.map { $0[0] })
        #expect(!medicalReps.isEmpty)
        let file = try written[.interaction]
        let (rep, purpose, direction) = (file.index("rep_id"), file.index("purpose"), file.index("direction"))
        for row in file.rows where row[direction] == "push" && row[file.index("kind")] == "touch" {
            #expect(medicalReps.contains(row[rep]) == (row[purpose] == "medical"))
        }
    }

    @Test func contentWasApprovedWhenItWasSent() throws {
        let items = Dictionary(uniqueKeysWithValues: written.market.content.items.map { ($0.id, $0) })
        let countries = Dictionary(
            uniqueKeysWithValues: try written[.hcp].rows.map { ($0[0], $0[try written[.hcp].index("country")]) })
        let file = try written[.interaction]
        for row in file.rows where row[file.index("kind")] == "touch" && !row[file.index("content_id")].isEmpty {
            let item = try #require(items[row[file.index("content_id")]])
            let day = try #require(Day(row[2].prefix(10)))
            // Local days may differ from UTC's by one.
            #expect(item.isUsable(on: day) || item.isUsable(on: day + -1) || item.isUsable(on: day + 1))
            #expect(item.channels.map(\.rawValue).contains(row[file.index("channel")]))
            #expect(item.countries.map(\.rawValue).contains(try #require(countries[row[1]])))
        }
    }

    @Test func visitsFollowVolume() throws {
        let market = try SimulatedMarket(MarketParameters(hcps: 4000, seed: 3, endDay: WrittenMarket.endDay))
        var low = (visits: 0.0, count: 0.0)
        var high = low
        for hcp in 0..<market.hcps.count where market.hcps.stakeholder[hcp] == .clinical {
            let visits = Double(market.history(of: hcp).touches.count { $0.channel == .inPerson })
            if market.hcps.rank[hcp] > 0.9 { high = (high.visits + visits, high.count + 1) }
            if market.hcps.rank[hcp] < 0.5 { low = (low.visits + visits, low.count + 1) }
        }
        let ratio = (high.visits / high.count) / (low.visits / low.count)
        #expect(ratio > 2.5, "the top decile gets \(ratio) times the visits of the lower half")
    }

    @Test func comparingTheVisitedWithTheRestMisleads() throws {
        // The confounding in one figure: heavy and light contact differ in volume many times more than contact causes.
        let market = try SimulatedMarket(MarketParameters(hcps: 4000, seed: 3, endDay: WrittenMarket.endDay))
        var groups = [[Double]](repeating: [0, 0, 0], count: 2)
        for hcp in 0..<market.hcps.count where market.hcps.stakeholder[hcp] == .clinical {
            let history = market.history(of: hcp)
            let many = history.touches.count { $0.channel == .inPerson } >= 8 ? 1 : 0
            let last = history.volumes.filter { $0.slot == 0 && $0.month >= 17 }
            let base = last.reduce(0.0) { $0 + market.baseVolume(hcp: hcp, slot: 0, month: Int($1.month)) }
            groups[many][0] += last.reduce(0.0) { $0 + Double($1.value) }
            groups[many][1] += base
            groups[many][2] += 1
        }
        let naive = (groups[1][0] / groups[1][2]) / (groups[0][0] / groups[0][2])
        let causal = (groups[1][0] / groups[1][1]) / (groups[0][0] / groups[0][1])
        #expect(causal > 1.01, "visits do lift volume: \(causal)")
        #expect(causal < 1.35)
        #expect(naive - 1 > 3 * (causal - 1), "naive \(naive), causal \(causal)")
    }

    @Test func thePaidPrescribeMoreAsOpenPaymentsShow() throws {
        // Published aggregates: mean prescriptions of paid to unpaid prescribers 1.06 to 1.57, by brand and year.
        let market = try SimulatedMarket(MarketParameters(hcps: 8000, seed: 21, endDay: WrittenMarket.endDay))
        var groups = [(sum: 0.0, count: 0.0), (sum: 0.0, count: 0.0)]
        for hcp in 0..<market.hcps.count
        where market.country(of: hcp) == .us && market.hcps.product[hcp * 2] == 0 {
            let history = market.history(of: hcp)
            let paid = history.touches.contains { $0.meal > 0 && $0.at > 1_735_689_600 } ? 1 : 0
            groups[paid].sum += history.volumes.reduce(0) {
                $0 + ($1.slot == 0 && $1.month >= 12 ? Double($1.value) : 0)
            }
            groups[paid].count += 1
        }
        let ratio = (groups[1].sum / groups[1].count) / (groups[0].sum / groups[0].count)
        #expect(ratio > 1.15 && ratio < 2.0, "\(ratio)")
    }

    @Test func siloedTeamsCollide() throws {
        let teams = Dictionary(uniqueKeysWithValues: try written[.rep].rows.map { ($0[0], $0[4]) })
        let file = try written[.interaction]
        let (rep, kind) = (file.index("rep_id"), file.index("kind"))
        var days: [String: Set<String>] = [:]
        var sends: [String: [Day]] = [:]
        for row in file.rows where row[kind] == "touch" && row[file.index("direction")] == "push" {
            let day = String(row[2].prefix(10))
            if let team = teams[row[rep]] { days[row[1] + day, default: []].insert(team) }
            if ["email", "email_rep"].contains(row[file.index("channel")]) {
                sends[row[1], default: []].append(try #require(Day(day)))
            }
        }
        let collisions = days.values.count { $0.count > 1 }
        #expect(collisions > 20)
        // Broken gaps: two e-mails within two days.
        let hurried = sends.values.count { list in
            let sorted = list.sorted()
            return zip(sorted, sorted.dropFirst()).contains { $1 - $0 < 2 }
        }
        #expect(Double(hurried) / Double(sends.count) > 0.3)
    }

    @Test func notesAndInquiriesNameNoPatient() throws {
        for text in try written[.note].column("text") + written[.inquiry].column("text") {
            #expect(!text.contains("%") && !text.lowercased().contains("patient") && text.count < 160)
        }
    }
}
