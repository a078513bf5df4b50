internal import Content
internal import Decisioning
internal import EngagementModel
internal import Foundation
internal import Ledger
internal import Warehouse

/// Tells the ledger what every claim must know: who the recipients are, which contents are approved, who looks after
/// whom, and which arm an HCP belongs to.
///
/// It goes before the plan, so that nothing published can meet a claim that does not know it yet.
struct ClaimRegister: Sendable {
    private let recipients: [Recipient]
    private let contents: [ContentApproval]
    private let senders: [(repID: String, kind: RepKind)]
    private let alignments: [(repID: String, hcpID: String, first: Day, last: Day?)]
    private let experiment: String
    /// nil in a run without models: then arms stay as they are.
    private let arms: [(hcpID: String, arm: String, isHoldout: Bool)]?

    /// Reads it from the warehouse.
    init(_ context: RunContext) async throws {
        recipients = try await Self.recipients(context)
        contents = try await ContentShelf.read(context.connection).items.map(\.approval)
        (senders, alignments) = try await Self.alignments(context.connection)
        // Shares and seed of the standing control groups are part of the experiment's name: other shares are another
        // experiment, and the old one binds nobody any more.
        let strategy = context.workspace.strategy
        experiment = "standing:\(strategy.arms.random):\(strategy.arms.rules):\(strategy.seed)"
        let ids = recipients.map(\.hcpID)
        arms =
            context.request.rulesOnly
            ? nil
            : zip(ids, PlanInputs.arms(ids: ids, strategy)).compactMap {
                id, arm -> (hcpID: String, arm: String, isHoldout: Bool)? in
                guard arm != .engine else { return nil }
                return (hcpID: id, arm: (arm == .random ? Arm.random : .rules).rawValue, isHoldout: false)
            }
    }

    func write(_ ledger: Ledger) async throws {
        try await ledger.registerRecipients(recipients)
        // The library was registered as the run began: what is written there is not open under a version of the sources.
        let authored = try await ledger.authoredContents()
        try await ledger.registerContent(contents.filter { !authored.contains($0.contentID) }, by: .system)
        try await ledger.replaceAlignments(senders: senders, alignments: alignments)
        try await ledger.endExperiments(named: "standing:", except: experiment, by: .system)
        if let arms { try await ledger.assignArms(experiment: experiment, arms) }
    }

    private static func recipients(_ context: RunContext) async throws -> [Recipient] {
        let table = try await context.connection.query(
            """
            SELECT hcp_id, country, timezone, language, stakeholder, specialty, access FROM mart.hcp ORDER BY hcp_no
            """)
        let ids = try table.texts("hcp_id")
        let (countries, zones) = (try table.strings("country"), try table.strings("timezone"))
        let (languages, stakeholders) = (try table.strings("language"), try table.strings("stakeholder"))
        let (specialties, accesses) = (try table.strings("specialty"), try table.strings("access"))
        let markets = Set(context.workspace.markets.map(\.code))
        let fallback = context.workspace.settings.timezone
        var known: [String: Bool] = [:]
        func zone(_ name: String?) -> String {
            guard let name else { return fallback }
            let isZone = known[name] ?? (TimeZone(identifier: name) != nil)
            known[name] = isZone
            return isZone ? name : fallback
        }
        return ids.indices.map { i in
            Recipient(
                hcpID: ids[i], market: countries[i].flatMap { markets.contains($0) ? $0 : nil }, country: countries[i],
                zone: zone(zones[i]), language: languages[i],
                stakeholder: stakeholders[i].flatMap(Stakeholder.init(rawValue:)), specialty: specialties[i],
                access: accesses[i].flatMap(Access.init(rawValue:)))
        }
    }

    private static func alignments(
        _ connection: WarehouseConnection
    ) async throws -> ([(repID: String, kind: RepKind)], [(repID: String, hcpID: String, first: Day, last: Day?)]) {
        let reps = try await connection.query("SELECT rep_id, kind FROM mart.rep ORDER BY rep_no")
        let (repIDs, kinds) = (try reps.texts("rep_id"), try reps.texts("kind"))
        let links = try await connection.query(
            "SELECT DISTINCT rep_id, hcp_id FROM mart.hcp_rep ORDER BY hcp_id, rep_id")
        // mart.hcp_rep knows who is in charge on the as-of day; until the next run says otherwise, it holds.
        let (carriers, hcps) = (try links.texts("rep_id"), try links.texts("hcp_id"))
        return (
            repIDs.indices.map { (repIDs[$0], RepKind(rawValue: kinds[$0]) ?? .field) },
            carriers.indices.map { (carriers[$0], hcps[$0], Day(number: 0), nil) }
        )
    }
}
