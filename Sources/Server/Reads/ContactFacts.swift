import EngagementModel
import Warehouse

/// The last contact of every HCP and what is planned for each, in columns.
///
/// Every list shows both, for HCPs that lie all over the tables: reading them once, when the snapshot opens, costs a
/// second and some twenty bytes an HCP; reading them page by page costs more than the rest of the page.
struct ContactFacts: Sendable {
    /// By number of the HCP; `Int32.min` = no contact.
    private var lastDay: [Int32]
    private var lastChannel: [UInt8]
    private var lastDirection: [UInt8]
    private var lastLevel: [UInt8]
    /// Planned touches of HCP n lie at `start[n]..<start[n + 1]`.
    private var start: [Int32]
    private var days: [Int32] = []
    /// nil where a person goes, or where only medical people may know.
    private var touches: [SystemTouch?] = []

    static func read(_ rows: Tables, hcps: Int, contents: [String: ContentLabel]) async throws -> ContactFacts {
        var facts = ContactFacts(hcps: hcps)
        if let table = try await rows("contact-last") { try facts.addLast(table) }
        if let table = try await rows("contact-planned") { try facts.addPlanned(table, contents) }
        return facts
    }

    init(hcps: Int) {
        lastDay = Array(repeating: .min, count: hcps)
        lastChannel = Array(repeating: 0, count: hcps)
        lastDirection = lastChannel
        lastLevel = lastChannel
        start = Array(repeating: 0, count: hcps + 1)
    }

    private mutating func addLast(_ table: ArrowTable) throws {
        let (numbers, days) = (try table.int32s("hcp_no"), try table.days("day"))
        let (channels, directions) = (try table.texts("channel"), try table.texts("direction"))
        let levels = try table.uint8s("level")
        for row in numbers.indices {
            let n = Int(numbers[row])
            guard lastDay.indices.contains(n), let day = days[row], let channel = Channel(rawValue: channels[row])
            else { continue }
            lastDay[n] = day.number
            lastChannel[n] = channel.code
            lastDirection[n] = (Direction(rawValue: directions[row]) ?? .push).code
            lastLevel[n] = levels[row]
        }
    }

    /// `table` is in the order of HCPs and days.
    private mutating func addPlanned(_ table: ArrowTable, _ contents: [String: ContentLabel]) throws {
        let (numbers, planned) = (try table.int32s("hcp_no"), try table.days("day"))
        let (hours, channels) = (try table.ints("hour"), try table.texts("channel"))
        let (ids, bySystem) = (try table.strings("content_id"), try table.bools("by_system"))
        for row in numbers.indices {
            let n = Int(numbers[row])
            guard lastDay.indices.contains(n), let day = planned[row], let channel = Channel(rawValue: channels[row])
            else { continue }
            days.append(day.number)
            touches.append(
                bySystem[row]
                    ? SystemTouch(
                        day: day, hour: hours[row].map { Int($0) }, channel: channel,
                        title: ids[row].flatMap { contents[$0]?.title }) : nil)
            start[n + 1] += 1
        }
        for n in 1..<start.count { start[n] += start[n - 1] }
    }

    func last(_ hcpNo: Int32) -> LastContact? {
        let n = Int(hcpNo)
        guard lastDay.indices.contains(n), lastDay[n] != .min, let channel = Channel(code: lastChannel[n]) else {
            return nil
        }
        return LastContact(
            day: Day(number: lastDay[n]), channel: channel, direction: Direction(code: lastDirection[n]) ?? .push,
            level: ResponseLevel(code: lastLevel[n]) ?? .none)
    }

    /// What the system will send by itself.
    func system(_ hcpNo: Int32) -> [SystemTouch] { range(hcpNo).compactMap { touches[$0] } }

    /// Days on which somebody will contact the HCP, as planned.
    func plannedDays(_ hcpNo: Int32) -> Set<Day> { Set(range(hcpNo).map { Day(number: days[$0]) }) }

    private func range(_ hcpNo: Int32) -> Range<Int> {
        let n = Int(hcpNo)
        guard lastDay.indices.contains(n) else { return 0..<0 }
        return Int(start[n])..<Int(start[n + 1])
    }
}
