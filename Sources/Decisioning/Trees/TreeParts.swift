package import EngagementModel
import Statistics

/// What trees say of chosen candidates, taken apart: logits, and parts of single columns that add up to them.
package struct TreeParts: Sendable {
    private var rows: [UInt64] = []
    private var logits: [Float] = []
    /// (reached, engaged) × (columns + 1), cell by cell; the last of each is where every row starts.
    private var values: [Float] = []
    /// Numbers of the columns that affinity sentences look at.
    private var tastes: [Float] = []

    /// Cells whose rows are held at once.
    private static let cellsAtOnce = 8192
    private static let width = TreeFeatures.columns.count + 1

    package init() {}

    /// - Parameters:
    ///   - cells: those of one HCP side by side, so that each history is read once.
    ///   - isShapley: parts are Shapley values, 0.7 ms a cell and step with 200 trees; else of `TreePaths`.
    package init(_ cells: [TreeCell], _ scorer: TreeScorer, isShapley: Bool) throws(Diagnostic) {
        values.reserveCapacity(cells.count * 2 * Self.width)
        var first = 0
        while first < cells.count {
            let end = min(first + Self.cellsAtOnce, cells.count)
            let rows = scorer.rows(of: Array(cells[first..<end]))
            var logits: [[Double]] = []
            var parts: [[Double]] = []
            for model in [scorer.model.reach, scorer.model.engage] {
                // One walk gives both; what LightGBM would say is the same to the bit.
                let ways = Self.ways(rows, try model.paths())
                logits.append(ways.logits)
                parts.append(isShapley ? try model.contributions(rows) : ways.parts)
            }
            for cell in 0..<(end - first) {
                let row = rows.values[(cell * rows.columns)..<((cell + 1) * rows.columns)]
                self.rows.append(TreeFeatures.digest(row))
                for k in TreeFeatures.tastes { tastes.append(row[row.startIndex + k]) }
                for step in 0..<2 {
                    self.logits.append(Float(logits[step][cell]))
                    for k in 0..<Self.width { values.append(Float(parts[step][cell * Self.width + k])) }
                }
            }
            first = end
        }
    }

    package var count: Int { rows.count }

    /// Logits, and parts in the same shape as Shapley values, by the ways through the trees.
    private static func ways(_ rows: TreeRows, _ paths: TreePaths) -> (logits: [Double], parts: [Double]) {
        let parts = rows.count < 64 ? 1 : Cores.count * 2
        let chunks = Cores.map(parts) { part -> (logits: [Double], parts: [Double]) in
            let mine = (part * rows.count / parts)..<((part + 1) * rows.count / parts)
            var logits = [Double](repeating: 0, count: mine.count)
            var out = [Double](repeating: 0, count: mine.count * width)
            rows.values.withUnsafeBufferPointer { rowsIn in
                out.withUnsafeMutableBufferPointer { out in
                    guard let from = rowsIn.baseAddress, let to = out.baseAddress else { return }
                    for (place, row) in mine.enumerated() {
                        logits[place] = paths.walk(from + row * rows.columns, into: to + place * width)
                        to[place * width + rows.columns] = paths.base
                    }
                }
            }
            return (logits, out)
        }
        return (chunks.flatMap(\.logits), chunks.flatMap(\.parts))
    }

    /// One step's score as a trace: a term for each column, and the logit that they add up to.
    func trace(_ cell: Int, _ step: ResponseStep, spread: Float, _ line: LogitCalibration) -> ScoreTrace {
        let place = cell * 2 + Int(step.rawValue)
        let columns = TreeFeatures.columns
        func part(_ k: Int) -> Float { values[place * Self.width + k] }
        func term(_ k: Int) -> ScoreTerm {
            // What the HCP's taste is, the sentences want to know: the weight is then that of one unit.
            let taste = TreeFeatures.tastes.firstIndex(of: k).map { tastes[cell * TreeFeatures.tastes.count + $0] } ?? 1
            let value = taste == 0 ? 1 : taste
            return ScoreTerm(
                theme: columns[k].theme, name: columns[k].name, value: value, mean: part(k) / value, variance: 0)
        }
        let mean = ScoreTerm(
            theme: .base, name: "where all start", value: 1, mean: part(columns.count), variance: 0)
        let ofContact = columns.indices.filter { !TreeFeatures.ofContent.contains($0) }
        let ofContent = TreeFeatures.ofContent.filter { columns[$0].theme == .content }
        // Without a taste there is nothing to say of one, whatever its absence is worth.
        let (known, unknown) = split(cell)
        return ScoreTrace(
            contact: [mean] + ofContact.map(term), action: (ofContent + unknown).map(term), cross: known.map(term),
            calibration: line, trees: TreeLogit(value: logits[place], spread: spread, row: rows[cell]))
    }

    private func split(_ cell: Int) -> (known: [Int], unknown: [Int]) {
        let width = TreeFeatures.tastes.count
        let known = TreeFeatures.tastes.indices.filter { tastes[cell * width + $0] != 0 }
        return (
            known.map { TreeFeatures.tastes[$0] },
            TreeFeatures.tastes.indices.filter { !known.contains($0) }.map { TreeFeatures.tastes[$0] }
        )
    }
}

/// What scores a plan: the online model, or released trees with the online model beside them.
///
/// Outcomes and values are the same either way; trees give the probabilities, the online model the doubt and what the
/// sentences say of histories.
package struct PlanScorer: Sendable {
    package let online: CandidateScorer
    package let trees: TreeScorer?

    package init(online: CandidateScorer, trees: TreeResponse? = nil, input: ResponseInput) {
        self.online = online
        self.trees = trees.map { TreeScorer(model: $0, input: input, actions: online.response.actions) }
    }

    package var outcomes: [OutcomeModel] { online.outcomes }
    package var terms: [ValueTerms] { online.terms }
    /// Of the model that gives the probabilities.
    package var version: String { trees?.model.version ?? online.response.model.version }

    /// All candidates of a range of HCPs; call it range by range to bound memory.
    package func score(_ hcps: Range<Int>) throws(Diagnostic) -> CandidateColumns {
        guard let trees else { return online.score(hcps) }
        return online.score(try trees.score(hcps, doubt: online.response.score(hcps)))
    }

    /// What the trees say of chosen candidates; nothing without trees.
    package func parts(_ cells: [TreeCell], isShapley: Bool = false) throws(Diagnostic) -> TreeParts {
        guard let trees else { return TreeParts() }
        return try TreeParts(cells, trees, isShapley: isShapley)
    }

    /// Everything behind the scores of several actions of one HCP.
    ///
    /// - Parameters:
    ///   - parts: of the trees; not looked at without them.
    ///   - first: the place of the first action in `parts`.
    package func traces(hcp: Int, actions: [Int], _ parts: TreeParts, from first: Int) -> [CandidateTrace] {
        var traces = online.traces(hcp: hcp, actions: actions)
        guard let trees else { return traces }
        for (k, action) in actions.enumerated() {
            let channel = Int(trees.actions[action].channel.code)
            func trace(_ step: ResponseStep, _ own: ScoreTrace) -> ScoreTrace {
                let (p, sd) = own.replay()
                return parts.trace(
                    first + k, step, spread: TreeLogit.spread(p, sd),
                    trees.model.calibration[Int(step.rawValue)][channel])
            }
            traces[k].reach = trace(.reached, traces[k].reach)
            traces[k].engage = trace(.engaged, traces[k].engage)
            // When touches work best is what the online model says: not a reason of the trees.
            traces[k].contact.bestRecency = nil
            traces[k].contact.isBestRecency = false
        }
        return traces
    }

    /// Everything behind one candidate's score; of trees with Shapley values.
    package func trace(hcp: Int, action: Int) throws(Diagnostic) -> CandidateTrace {
        traces(hcp: hcp, actions: [action], try parts([TreeCell(hcp: hcp, action: action)], isShapley: true), from: 0)[
            0]
    }
}
