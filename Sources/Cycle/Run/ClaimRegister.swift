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
enum ClaimRegister {
    static func run(_ context: RunContext) async throws {
        try await context.ledger.registerRecipients(recipients(context))
        // The library was registered as the run began: what is written there is not open under a version of the sources.
        let authored = try await context.ledger.authoredContents()
        let contents = try await contents(context).filter { !authored.contains($0.contentID) }
        try await context.ledger.registerContent(contents, by: .system)
        try await registerAlignments(context)
        try await assignArms(context)
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

    private static func contents(_ context: RunContext) async throws -> [ContentApproval] {
        try await ContentShelf.read(context.connection).items.map(\.approval)
    }

    private static func registerAlignments(_ context: RunContext) async throws {
        let reps = try await context.connection.query("SELECT rep_id, kind FROM mart.rep ORDER BY rep_no")
        let (repIDs, kinds) = (try reps.texts("rep_id"), try reps.texts("kind"))
        let links = try await context.connection.query(
            "SELECT DISTINCT rep_id, hcp_id FROM mart.hcp_rep ORDER BY hcp_id, rep_id")
        // mart.hcp_rep knows who is in charge on the as-of day; until the next run says otherwise, it holds.
        let (carriers, hcps) = (try links.texts("rep_id"), try links.texts("hcp_id"))
        try await context.ledger.replaceAlignments(
            senders: repIDs.indices.map { (repIDs[$0], RepKind(rawValue: kinds[$0]) ?? .field) },
            alignments: carriers.indices.map { (carriers[$0], hcps[$0], Day(number: 0), nil) })
    }

    /// The standing control groups. Their shares and seed are part of the experiment's name: other shares are another
    /// experiment, and the old one binds nobody any more.
    private static func assignArms(_ context: RunContext) async throws {
        let strategy = context.workspace.strategy
        let experiment = "standing:\(strategy.arms.random):\(strategy.arms.rules):\(strategy.seed)"
        try await context.ledger.endExperiments(named: "standing:", except: experiment, by: .system)
        guard !context.request.rulesOnly else { return }
        let ids = try await context.connection.query("SELECT hcp_id FROM mart.hcp ORDER BY hcp_no").texts("hcp_id")
        let rows = zip(ids, PlanInputs.arms(ids: ids, strategy)).compactMap { id, arm in
            arm == .engine
                ? nil : (hcpID: id, arm: arm == .random ? Arm.random.rawValue : Arm.rules.rawValue, isHoldout: false)
        }
        try await context.ledger.assignArms(experiment: experiment, rows)
    }
}
