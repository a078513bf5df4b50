import EngagementModel
import Warehouse

/// What every page needs and nobody changes while the snapshot lives: names, actions, the index of HCPs.
struct SnapshotFacts: Sendable {
    struct Rep: Sendable, Hashable {
        var repID: String
        var name: String
        var kind: String
        var team: String?
        var territory: String?
        var managerID: String?
        var minutesPerDay: Double?
    }

    struct Action: Sendable, Hashable {
        var channel: Channel
        var productID: String?
        var sender: Strategy.Sender
        var objective: String?
    }

    struct ShelfItem: Sendable, Hashable {
        var contentID: String
        var productID: String?
        var channels: Set<Channel>
    }

    var stamp: PlanStamp?
    var gap: Double?
    var objective: Double?
    var bound: Double?
    var asOf: Day
    var contents: [String: ContentLabel] = [:]
    /// What a rep may choose from: approved contents with their channels and product, in the order of ids.
    var shelf: [ShelfItem] = []
    var brands: [String: String] = [:]
    var reps: [String: Rep] = [:]
    /// In the order of names.
    var repOrder: [String] = []
    var actions: [Int32: Action] = [:]
    var hcps: HCPIndex
    var contacts: ContactFacts

    static func read(_ rows: Tables) async throws -> SnapshotFacts {
        let index = HCPIndex(try await rows("hcp-index")?.texts("hcp_id") ?? [])
        let clock = try await rows("facts-clock")?.days("as_of").first ?? nil
        var facts = SnapshotFacts(
            asOf: clock ?? Day(number: 0), hcps: index, contacts: ContactFacts(hcps: index.count))
        try await facts.readRun(rows)
        try await facts.readNames(rows)
        try await facts.readReps(rows)
        try await facts.readActions(rows)
        facts.contacts = try await ContactFacts.read(rows, hcps: index.count, contents: facts.contents)
        return facts
    }

    private mutating func readRun(_ rows: Tables) async throws {
        guard let run = try await rows("facts-run"), run.rowCount > 0 else { return }
        let names = Set(run.schema.names)
        func text(_ name: String) throws -> String { names.contains(name) ? try run.texts(name)[0] : "" }
        func number(_ name: String) throws -> Double? { names.contains(name) ? try run.optionalDoubles(name)[0] : nil }
        if names.contains("as_of"), let day = try run.days("as_of")[0] { asOf = day }
        stamp = PlanStamp(
            runID: try text("run_id"), asOf: asOf, strategyVersion: try text("strategy_version"),
            modelVersion: try text("model_version"))
        (gap, objective, bound) = (try number("gap"), try number("objective"), try number("upper_bound"))
    }

    private mutating func readNames(_ rows: Tables) async throws {
        if let table = try await rows("facts-contents") {
            let (ids, titles) = (try table.texts("content_id"), try table.strings("title"))
            let (topics, formats) = (try table.strings("topic"), try table.strings("format"))
            let (products, channels) = (try table.strings("product_id"), try table.texts("channels"))
            let approved = try table.bools("approved")
            for row in ids.indices {
                contents[ids[row]] = ContentLabel(
                    contentID: ids[row], title: titles[row] ?? ids[row], topic: topics[row], format: formats[row])
                guard approved[row] else { continue }
                shelf.append(
                    ShelfItem(
                        contentID: ids[row], productID: products[row],
                        channels: Set(channels[row].split(separator: ";").compactMap { Channel(rawValue: String($0)) }))
                )
            }
        }
        if let table = try await rows("facts-products") {
            for (id, brand) in zip(try table.texts("product_id"), try table.texts("brand")) { brands[id] = brand }
        }
    }

    private mutating func readReps(_ rows: Tables) async throws {
        var territories: [String: String] = [:]
        if let table = try await rows("facts-territories") {
            for (id, name) in zip(try table.texts("territory_id"), try table.strings("name")) {
                territories[id] = name ?? id
            }
        }
        guard let table = try await rows("facts-reps") else { return }
        let (ids, names, kinds) = (try table.texts("rep_id"), try table.strings("name"), try table.texts("kind"))
        let (teams, places) = (try table.strings("team"), try table.strings("territory_id"))
        let (managers, minutes) = (try table.strings("manager_id"), try table.optionalDoubles("minutes"))
        for row in ids.indices {
            reps[ids[row]] = Rep(
                repID: ids[row], name: names[row] ?? ids[row], kind: kinds[row], team: teams[row],
                territory: places[row].map { territories[$0] ?? $0 }, managerID: managers[row],
                minutesPerDay: minutes[row])
        }
        repOrder = ids
    }

    private mutating func readActions(_ rows: Tables) async throws {
        guard let table = try await rows("facts-actions") else { return }
        let (numbers, channels) = (try table.int32s("action_no"), try table.texts("channel"))
        let (products, senders) = (try table.strings("product_id"), try table.texts("sender_kind"))
        let objectives = try table.strings("objective")
        for row in numbers.indices {
            guard let channel = Channel(rawValue: channels[row]) else { continue }
            actions[numbers[row]] = Action(
                channel: channel, productID: products[row], sender: senders[row] == "system" ? .system : .rep,
                objective: objectives[row])
        }
    }

    /// Brand of a product where it is known, else its identifier.
    func brand(_ productID: String?) -> String? { productID.map { brands[$0] ?? $0 } }

    /// The reps whose manager a person is, in the order of names.
    func team(of managerID: String) -> [Rep] {
        repOrder.compactMap { reps[$0] }.filter { $0.managerID == managerID && $0.repID != managerID }
    }

    /// Approved contents for a channel (nil = any) and product; one that names no channel fits every one.
    func contents(on channel: Channel?, product: String? = nil) -> [ContentLabel] {
        shelf.compactMap { item in
            guard channel.map({ item.channels.isEmpty || item.channels.contains($0) }) ?? true,
                product == nil || item.productID == nil || item.productID == product
            else { return nil }
            return contents[item.contentID]
        }
    }
}

/// From the identifier of an HCP to its number: twelve bytes an HCP instead of a dictionary of texts.
struct HCPIndex: Sendable {
    private let hashes: [UInt64]
    private let numbers: [Int32]
    let count: Int

    /// `identifiers` in the order of numbers, from 0.
    init(_ identifiers: [String]) {
        count = identifiers.count
        let sorted = identifiers.enumerated().map { (Self.hash($0.element), Int32($0.offset)) }
            .sorted { $0.0 < $1.0 }
        hashes = sorted.map(\.0)
        numbers = sorted.map(\.1)
    }

    /// Numbers that may belong to an identifier: nearly always one. The row that is read next settles it.
    func candidates(_ identifier: String) -> ArraySlice<Int32> {
        let wanted = Self.hash(identifier)
        var (low, high) = (0, hashes.count)
        while low < high {
            let middle = (low + high) / 2
            if hashes[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < hashes.count && hashes[end] == wanted { end += 1 }
        return numbers[low..<end]
    }

    /// FNV-1a, 64 bits.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
