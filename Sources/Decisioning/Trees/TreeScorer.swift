package import EngagementModel
import Statistics

/// Scores every HCP × action at as-of with trees, in the columns that the online scorer gives.
package struct TreeScorer: Sendable {
    package let model: TreeResponse
    let columns: FoldColumns
    let actions: [ResponseAction]

    package init(model: TreeResponse, input: ResponseInput, actions: [ResponseAction]) {
        var vocabulary = model.vocabulary
        columns = TreeResponse.columns(input, &vocabulary)
        self.model = model
        self.actions = actions
    }

    /// Rows that are written at once: about 6 MB of features.
    private static let rowsAtOnce = 65_536

    /// Probabilities of all actions for a range of HCPs; features are held for some 65,000 candidates at a time.
    ///
    /// - Parameter doubt: the online model's scores of the same candidates, whose doubt is carried over (`TreeLogit`);
    ///   nil = standard deviations of 0.
    package func score(_ hcps: Range<Int>, doubt: ResponseScores? = nil) throws(Diagnostic) -> ResponseScores {
        let width = actions.count
        var out = ResponseScores(
            hcps: hcps, actions: width, reach: [], engage: [], reachSD: [], engageSD: [])
        out.reach.reserveCapacity(hcps.count * width)
        out.engage.reserveCapacity(hcps.count * width)
        let block = max(1, Self.rowsAtOnce / max(width, 1))
        var first = hcps.lowerBound
        while first < hcps.upperBound {
            let part = first..<min(first + block, hcps.upperBound)
            let rows = rows(part)
            let reach = try model.reach.paths().logits(rows)
            let engage = try model.engage.paths().logits(rows)
            let offset = (first - hcps.lowerBound) * width
            for k in reach.indices {
                let channel = Int(actions[k % width].channel.code)
                let at = offset + k
                let spread = doubt.map {
                    (
                        TreeLogit.spread($0.reach[at], $0.reachSD[at]),
                        TreeLogit.spread($0.engage[at], $0.engageSD[at])
                    )
                }
                let r = TreeLogit(value: Float(reach[k]), spread: spread?.0 ?? 0)
                    .probability(model.calibration[0][channel])
                let e = TreeLogit(value: Float(engage[k]), spread: spread?.1 ?? 0)
                    .probability(model.calibration[1][channel])
                out.reach.append(r.probability)
                out.reachSD.append(r.sd)
                out.engage.append(e.probability)
                out.engageSD.append(e.sd)
            }
            first = part.upperBound
        }
        return out
    }

    /// Rows of a touch now, HCP by HCP and action by action.
    private func rows(_ hcps: Range<Int>) -> TreeRows {
        let width = TreeFeatures.columns.count
        var rows = TreeRows(columns: width)
        rows.values = [Float](repeating: 0, count: hcps.count * actions.count * width)
        let (actions, everything) = (actions.count, actions.indices)
        rows.values.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let out = Shared([base])
            let parts = Cores.count * 2
            _ = Cores.map(parts) { part in
                let mine = (part * hcps.count / parts)..<((part + 1) * hcps.count / parts)
                write(
                    mine.lazy.map { ($0 + hcps.lowerBound, everything) },
                    to: out.value[0] + mine.lowerBound * actions * width)
            }
        }
        return rows
    }

    /// Rows of some actions of some HCPs.
    func rows(of cells: [TreeCell]) -> TreeRows {
        let width = TreeFeatures.columns.count
        var rows = TreeRows(columns: width)
        rows.values = [Float](repeating: 0, count: cells.count * width)
        rows.values.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let out = Shared(base)
            let parts = cells.count < 256 ? 1 : Cores.count * 2
            _ = Cores.map(parts) { part in
                let mine = (part * cells.count / parts)..<((part + 1) * cells.count / parts)
                write(
                    cells[mine].lazy.map { (Int($0.hcp), Int($0.action)..<(Int($0.action) + 1)) },
                    to: out.value + mine.lowerBound * width)
            }
        }
        return rows
    }

    /// The moment of the touch is not yet chosen; the rep is the one in charge where a rep would send it.
    private func write(_ people: some Sequence<(Int, Range<Int>)>, to start: UnsafeMutablePointer<Float>) {
        let width = TreeFeatures.columns.count
        var fold = ContactFold(columns)
        var row = start
        var (known, day) = (-1, Int32(0))
        for (hcp, places) in people {
            if hcp != known { (known, day) = (hcp, fold.runToNow(hcp)) }
            var channel = -1
            var model = row
            for place in places {
                let action = actions[place]
                let c = Int(action.channel.code)
                let g = FeatureLayout.groupOfChannel[c]
                if c == channel {
                    // The contact's part is that of the last action of the channel.
                    for k in 0..<width { row[k] = model[k] }
                    for k in TreeFeatures.ofContent { row[k] = TreeFeatures.columns[k].absent }
                } else {
                    TreeFeatures.begin(decile: columns.hcps.decile[hcp], access: columns.hcps.access[hcp], row)
                    fold.addContactNow(channel: c, day: day)
                    TreeFeatures.add(fold.buffer, to: row)
                }
                (channel, model) = (c, row)
                if let content = action.content {
                    fold.buffer.count = 0
                    fold.addContent(content, channel: c, group: g)
                    fold.addAffinity(content, group: g, day: day)
                    TreeFeatures.add(fold.buffer, to: row)
                }
                row += width
            }
        }
    }
}

/// One HCP × action of a `TreeScorer`.
package struct TreeCell: Sendable, Hashable {
    package var hcp: Int32
    package var action: Int32

    package init(hcp: Int, action: Int) {
        self.hcp = Int32(hcp)
        self.action = Int32(action)
    }
}

/// What trees say of a row, and the doubt that goes with it.
package struct TreeLogit: Sendable, Hashable, Codable {
    /// Log odds before calibration.
    package var value: Float
    /// Standard deviation of the calibrated log odds. Trees know none: it is the online model's for the same candidate, which
    /// says how little the HCP's history tells, not how far the trees may err by themselves.
    package var spread: Float
    /// Digest of the row of features; 0 where none is needed.
    package var row: UInt64 = 0

    func probability(_ line: LogitCalibration) -> (probability: Float, sd: Float) {
        let p = LogitParts.sigmoid(Float(line.slope) * value + Float(line.shift))
        return (p, p * (1 - p) * spread)
    }

    /// Of a probability and its standard deviation, by the delta method.
    static func spread(_ probability: Float, _ sd: Float) -> Float {
        let slope = probability * (1 - probability)
        return slope > 0 ? sd / slope : 0
    }
}
