internal import EngagementModel
internal import Foundation
internal import Ledger
internal import Warehouse

/// The response models of a workspace: which one plans, how well each predicts, and the release of another.
public struct ModelDesk: Sendable {
    let workspace: Workspace
    let ledger: Ledger
    let book: DecisionBook

    public init(workspace: Workspace, now: @escaping @Sendable () -> Int64) throws {
        self.workspace = workspace
        book = try DecisionBook(workspace: workspace, now: now)
        ledger = book.ledger
    }

    /// One model as the newest snapshot holds it.
    public struct Line: Sendable, Codable {
        public var name: String
        public var kind: String
        /// `champion` plans; `released` will from the next run on; `challenger` learns beside it.
        public var role: String
        /// Empty until a run has learnt it.
        public var version: String
        public var learnedUntil: String
        /// Touches of the last period on which it was judged before it learnt them.
        public var judged: Int
        /// Means over channels by touches, of P(engaged | reached): lower log loss and calibration error are better.
        public var logLoss: Double?
        public var auc: Double?
        public var calibrationError: Double?
        /// The same by channel.
        public var channels: [ChannelLine] = []
    }

    /// How well a model predicts P(engaged | reached) on one channel.
    public struct ChannelLine: Sendable, Codable {
        public var channel: String
        public var touches: Int
        public var logLoss: Double
        /// Of always saying the channel's mean.
        public var baseLogLoss: Double
        public var auc: Double
        public var calibrationError: Double
    }

    public func models() async throws -> [Line] {
        let released = try await ModelRegister.released(workspace, ledger)
        var lines = ModelRegister.models(workspace).map {
            Line(
                name: $0.name, kind: $0.kind.rawValue, role: $0.name == released ? "released" : "challenger",
                version: "", learnedUntil: "", judged: 0)
        }
        guard let file = SnapshotStore(directory: workspace.snapshotDirectory).current else { return lines }
        return try await book.withConnection(file) { connection in
            let tables = Set(
                try await connection.query(
                    "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables"
                ).texts("name"))
            guard tables.contains("history.model") else { return lines }
            let holder = try await ModelRegister.holder(connection)
            let planned = try await ModelRegister.planned(connection)
            for place in lines.indices {
                let name = lines[place].name
                if name == planned, name == released { lines[place].role = "champion" }
                let stored = try await connection.query(
                    "SELECT version, as_of FROM history.model WHERE name = ?",
                    [.text(ModelRegister.stored(name, released: holder))])
                guard stored.rowCount > 0 else { continue }
                lines[place].version = String(try stored.texts("version")[0].prefix(12))
                lines[place].learnedUntil = try stored.days("as_of")[0]?.description ?? ""
                let source = name == holder ? "report.calibration" : "report.challenger"
                guard tables.contains(source) else { continue }
                // A ranking counts by what there was to rank: a channel that nobody answered says nothing about it.
                let figures = try await connection.query(
                    """
                    SELECT CAST(coalesce(sum(n), 0) AS BIGINT) AS n, sum(n * log_loss) / sum(n) AS loss,
                      sum(n * base_log_loss * auc) / nullif(sum(n * base_log_loss), 0) AS auc, sum(n * ece) / sum(n) AS ece
                    FROM \(source) WHERE step = 'engaged' \(name == holder ? "" : "AND model = ?")
                    """, name == holder ? [] : [.text(name)])
                lines[place].channels = try await Self.channels(
                    connection, "\(source) WHERE step = 'engaged' \(name == holder ? "" : "AND model = ?")",
                    name == holder ? [] : [.text(name)])
                lines[place].judged = Int(try figures.int64s("n")[0])
                lines[place].logLoss = try figures.optionalDoubles("loss")[0]
                lines[place].auc = try figures.optionalDoubles("auc")[0]
                lines[place].calibrationError = try figures.optionalDoubles("ece")[0]
            }
            return lines
        }
    }

    private static func channels(
        _ connection: WarehouseConnection, _ source: String, _ values: [SQLValue]
    ) async throws -> [ChannelLine] {
        let table = try await connection.query(
            "SELECT channel, n, log_loss, base_log_loss, auc, ece FROM \(source) ORDER BY n DESC, channel", values)
        let (channels, counts) = (try table.texts("channel"), try table.int64s("n"))
        let (loss, base) = (try table.doubles("log_loss"), try table.doubles("base_log_loss"))
        let (auc, error) = (try table.doubles("auc"), try table.doubles("ece"))
        return channels.indices.map {
            ChannelLine(
                channel: channels[$0], touches: Int(counts[$0]), logLoss: loss[$0], baseLogLoss: base[$0],
                auc: auc[$0], calibrationError: error[$0])
        }
    }

    /// Releases a model after its evaluation on logged decisions; from the next run on it plans.
    ///
    /// The way back to the `standard` model is always open: it needs neither log nor library, and the report is nil.
    ///
    /// - Throws: `release_refused` when the log says too little or the model would have earned less than the one that
    ///   planned; `unknown_model`, `no_log`; `library_missing` for trees that could not plan here.
    public func promote(
        _ name: String, by principal: String, options: EvaluationOptions
    ) async throws -> PolicyEvaluationReport? {
        let released = try await ModelRegister.released(workspace, ledger)
        guard name != released else {
            throw Diagnostic("release_refused", "the model `\(name)` is the released one already")
        }
        if name == ModelRegister.champion {
            let who = Principal(id: principal)
            try await ledger.audit(
                "model.released", subject: name, by: who, before: ["model": released],
                after: ["model": name, "estimator": "none: the way back"])
            try await ledger.setSetting(ModelRegister.setting, to: name, by: who)
            return nil
        }
        if ModelRegister.trees(name, workspace) != nil { _ = try TreeStep.library(workspace) }
        let report = try await book.evaluate(model: name, options: options)
        if let refusal = report.refusal { throw Self.refused(name, refusal) }
        guard let decisive = report.decisive, decisive.lead >= 0 else {
            let lead = report.decisive?.lead.formatted5 ?? "–"
            throw Self.refused(name, "it would have earned less: \(lead) per HCP and day, doubly robust")
        }
        let who = Principal(id: principal)
        // The evaluation goes into the trail with the release: what was known when it was decided.
        try await ledger.audit(
            "model.released", subject: name, by: who, before: ["model": released],
            after: [
                "model": name, "reward": report.reward.rawValue, "decisions": "\(report.decisions)",
                "days": "\(report.firstDay) to \(report.lastDay)", "estimator": decisive.estimator,
                "lead": "\(decisive.lead)", "lead_low": "\(decisive.leadLow)", "lead_high": "\(decisive.leadHigh)",
                "effective_sample_size": "\(report.effectiveSampleSize)",
            ])
        try await ledger.setSetting(ModelRegister.setting, to: name, by: who)
        return report
    }

    private static func refused(_ name: String, _ why: String) -> Diagnostic {
        Diagnostic(
            "release_refused", "the model `\(name)` is not released: \(why)",
            remedy: "`rapport model evaluate \(name)` shows the figures")
    }
}
