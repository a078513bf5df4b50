import Dispatch
import Statistics

/// Choices of a learning run.
package struct ResponseOptions: Sendable {
    /// Length of the evaluation period that ends at as-of.
    package var evaluationDays: Int64 = 28
    /// Variance that every shared weight regains in a day, as a share of its prior: lets the model follow a market
    /// that moves.
    package var driftPerDay: Float = 0.0005
    /// About so many rows, of HCPs spread over all, settle the shared weights before the pass.
    package var warmUpRows = 150_000
    package init() {}
}

extension ResponseModel {
    /// Learns from the touches whose window has closed by as-of and that this model has not learnt yet.
    ///
    /// A fresh model is first fitted to what was known `evaluationDays` ago, judged on the period since then, and
    /// then taught the rest. A model that goes on is judged on the new rows before it learns them; only HCPs with
    /// such rows are read. The result does not depend on the number of cores.
    package mutating func learn(_ input: ResponseInput, options: ResponseOptions = ResponseOptions()) -> ResponseReport
    {
        // A model that knows later days than as-of would bring back the future: begin anew.
        if learnedUntil > input.asOf { self = ResponseModel() }
        var report = ResponseReport()
        let fresh = learnedUntil == .min
        let cut = fresh ? input.asOf - options.evaluationDays * Microseconds.day : learnedUntil
        let names = Translation(input, &vocabulary)
        grow(to: input.hcps.count)
        if fresh {
            measureBases(input, until: cut)
        } else {
            drift(Float(max(0, input.asOf - learnedUntil)) / Float(Microseconds.day) * options.driftPerDay)
        }
        let columns = FoldColumns(input, names, baseReach: baseReach, baseEngage: baseEngage)
        if fresh {
            warmUp(columns, until: cut, rows: options.warmUpRows)
            report.learned += pass(columns, from: .min, until: cut)
        }
        let (found, pending) = predict(columns, from: cut, occurredAfter: fresh ? cut : .min)
        evidence.append(found)
        evidence.drop(
            before: Int32(Microseconds.floor(input.asOf, Microseconds.day))
                - max(Evidence.days, Int32(options.evaluationDays)))
        (calibration, report.rows) = evidence.judge()
        report.learned += pass(columns, from: cut, until: input.asOf)
        learnedUntil = max(learnedUntil, input.asOf)
        learnedRows += report.learned
        report.learnedTotal = learnedRows
        report.pending = pending
        report.evaluated = found.step.count { $0 == ResponseStep.reached.rawValue }
        version = contentHash()
        return report
    }

    /// Base rates and the table of peers, from rows final by `limit`.
    private mutating func measureBases(_ input: ResponseInput, until limit: Int64) {
        var counts = [SIMD4<Double>](repeating: .zero, count: FeatureLayout.channels)
        let columns = FoldColumns(input, Translation(input, &vocabulary), baseReach: baseReach, baseEngage: baseEngage)
        for row in 0..<input.touches.count where columns.isTrial(row) && columns.closes(row) <= limit {
            let level = input.touches.level[row]
            counts[Int(input.touches.channel[row])] += SIMD4(1, level >= 1 ? 1 : 0, level >= 2 ? 1 : 0, 0)
        }
        for c in 0..<FeatureLayout.channels {
            // Twenty imagined rows at the cold start keep a rare channel from an extreme base.
            let reached = counts[c].y + 20 * Double(baseReach[c])
            baseEngage[c] = Float((counts[c].z + 10 * Double(baseEngage[c])) / (counts[c].y + 10))
            baseReach[c] = Float(reached / (counts[c].x + 20))
            reach[FeatureLayout.bias + c].x = Float(Special.logit(Double(baseReach[c])))
            engage[FeatureLayout.bias + c].x = Float(Special.logit(Double(baseEngage[c])))
        }
    }

    private mutating func drift(_ share: Float) {
        for block in FeatureLayout.blocks {
            let prior = block.priorSD * block.priorSD
            for i in block.start..<(block.start + block.count) {
                reach[i].y = min(prior, reach[i].y + share * prior)
                engage[i].y = min(prior, engage[i].y + share * prior)
            }
        }
    }

    /// Settles the shared means on a sample, so that the first HCPs of the pass do not take the market's effects for
    /// their own; afterwards the HCPs' weights are forgotten and most of the certainty is given back.
    private mutating func warmUp(_ columns: FoldColumns, until limit: Int64, rows: Int) {
        let total = columns.touches.count
        let step = max(1, total / max(rows, 1))
        let before = (reach, engage)
        learnRows(columns, from: .min, until: limit, everyHCP: step)
        for i in 0..<FeatureLayout.person {
            reach[i].y = Self.tempered(reach[i].y, prior: before.0[i].y)
            engage[i].y = Self.tempered(engage[i].y, prior: before.1[i].y)
        }
        for i in FeatureLayout.person..<reach.count {
            reach[i] = before.0[i]
            engage[i] = before.1[i]
        }
    }

    /// Keeps a tenth of the precision that the sample added: its rows will be learnt again.
    private static func tempered(_ variance: Float, prior: Float) -> Float {
        1 / (1 / prior + 0.1 * max(0, 1 / variance - 1 / prior))
    }

    /// Learns rows that became final in (from, until]; returns how many.
    private mutating func pass(_ columns: FoldColumns, from: Int64, until: Int64) -> Int {
        countPeers(columns, from: from, until: until)
        return learnRows(columns, from: from, until: until, everyHCP: 1)
    }

    /// The two steps learn side by side: they share features but no weights.
    @discardableResult
    private mutating func learnRows(_ columns: FoldColumns, from: Int64, until: Int64, everyHCP: Int) -> Int {
        var learned = 0
        reach.withUnsafeMutableBufferPointer { reachBuffer in
            engage.withUnsafeMutableBufferPointer { engageBuffer in
                guard let r = reachBuffer.baseAddress, let e = engageBuffer.baseAddress else { return }
                let targets = [r, e]
                let counts = Cores.map(2) { [targets = Shared(targets)] step in
                    Self.learnStep(
                        columns, from: from, until: until, everyHCP: everyHCP, targets.value[step],
                        engaged: step == 1)
                }
                learned = counts[0]
            }
        }
        return learned
    }

    private static func learnStep(
        _ columns: FoldColumns, from: Int64, until: Int64, everyHCP: Int,
        _ weights: UnsafeMutablePointer<SIMD2<Float>>, engaged: Bool
    ) -> Int {
        var fold = ContactFold(columns)
        let order = ScatteredOrder(columns.hcpCount)
        var learned = 0
        var k = 0
        while k < order.count {
            let hcp = order[k]
            k += everyHCP
            guard columns.hasFinalRow(hcp, after: from, until: until) else { continue }
            fold.walk(hcp, until: until) { fold, row, closes, day in
                guard closes > from, closes <= until else { return }
                let level = columns.touches.level[row]
                if engaged && level == 0 { return }
                fold.addTouch(row, day: day)
                OnlineLogistic.learn(weights, fold.buffer, outcome: level > (engaged ? 1 : 0))
                learned += 1
            }
        }
        return learned
    }

    /// Predicts, without learning, rows that became final after `from`.
    private func predict(
        _ columns: FoldColumns, from: Int64, occurredAfter: Int64
    ) -> (Evidence, pending: Int) {
        let parts = Cores.count * 4
        let n = columns.hcpCount
        let results = Cores.map(parts) { part in
            predict(columns, (part * n / parts)..<((part + 1) * n / parts), from, occurredAfter)
        }
        var all = Evidence()
        for result in results { all.append(result.0) }
        return (all, results.reduce(0) { $0 + $1.1 })
    }

    private func predict(
        _ columns: FoldColumns, _ range: Range<Int>, _ from: Int64, _ occurredAfter: Int64
    ) -> (Evidence, Int) {
        var fold = ContactFold(columns)
        var found = Evidence()
        var pending = 0
        reach.withUnsafeBufferPointer { reach in
            engage.withUnsafeBufferPointer { engage in
                guard let r = reach.baseAddress, let e = engage.baseAddress else { return }
                for hcp in range where columns.hasFinalRow(hcp, after: from, until: .max) {
                    fold.walk(hcp, until: columns.asOf) { fold, row, closes, day in
                        if closes > columns.asOf { pending += 1 }
                        guard closes > from, closes <= columns.asOf, columns.touches.time[row] > occurredAfter
                        else { return }
                        fold.addTouch(row, day: day)
                        let level = columns.touches.level[row]
                        let channel = columns.touches.channel[row]
                        let closeDay = Int32(Microseconds.floor(closes, Microseconds.day))
                        let half = UInt8(SeededGenerator.mix(UInt64(hcp)) & 1)
                        let a = OnlineLogistic.moments(r, fold.buffer)
                        found.add(
                            step: 0, channel: channel, half: half, outcome: level >= 1,
                            logit: OnlineLogistic.moderated(a.mean, a.variance), day: closeDay)
                        guard level >= 1 else { return }
                        let b = OnlineLogistic.moments(e, fold.buffer)
                        found.add(
                            step: 1, channel: channel, half: half, outcome: level >= 2,
                            logit: OnlineLogistic.moderated(b.mean, b.variance), day: closeDay)
                    }
                }
            }
        }
        return (found, pending)
    }

    /// Adds the rows to the rates of peers and to the counts of moments.
    private mutating func countPeers(_ columns: FoldColumns, from: Int64, until: Int64) {
        for hcp in 0..<columns.hcpCount where columns.hasFinalRow(hcp, after: from, until: until) {
            let s = columns.hcps.specialty[hcp]
            let specialty = s < 0 ? -1 : Int(columns.names.specialty[Int(s)])
            let offset = Int64(columns.hcps.utcOffsetMinutes[hcp]) * Microseconds.minute
            for row in columns.starts[hcp]..<columns.starts[hcp + 1] where columns.isTrial(row) {
                let closes = columns.closes(row)
                guard closes > from, closes <= until else { continue }
                let level = columns.touches.level[row]
                let channel = Int(columns.touches.channel[row])
                let group = FeatureLayout.groupOfChannel[channel]
                if specialty >= 0 {
                    peers[specialty * FeatureLayout.channels + channel] += SIMD4(
                        1, level >= 1 ? 1 : 0, level >= 2 ? 1 : 0, level >= 3 ? 1 : 0)
                }
                let hours = Microseconds.floor(columns.touches.time[row] + offset, Microseconds.hour)
                let day = Microseconds.floor(hours, 24)
                moments[group * 7 + Int((day % 7 + 10) % 7)] += 1
                let band = FeatureLayout.hourBand(Int(hours - day * 24))
                moments[FeatureLayout.hour - FeatureLayout.weekday + group * FeatureLayout.hourBands + band] += 1
            }
        }
    }
}

extension FoldColumns {
    /// Whether some touch of the HCP may become final in (after, until]; looks at the last touches only.
    @inline(__always) func hasFinalRow(_ hcp: Int, after: Int64, until: Int64) -> Bool {
        var row = starts[hcp + 1] - 1
        let first = starts[hcp]
        let longest = ColdStart.longestWindow
        while row >= first, after == .min || touches.time[row] > after - longest {
            if isTrial(row), closes(row) > after { return true }
            row -= 1
        }
        return false
    }
}

extension ContactFold {
    /// Reads one HCP's touches up to `until`; `visit` is called for every trial before it enters the history.
    @inline(__always) mutating func walk(
        _ hcp: Int, until: Int64,
        _ visit: (_ fold: inout ContactFold, _ row: Int, _ closes: Int64, _ day: Int32) -> Void
    ) {
        begin(hcp)
        for row in columns.starts[hcp]..<columns.starts[hcp + 1] {
            let time = columns.touches.time[row]
            guard time <= until else { break }
            let day = advance(to: time, before: row)
            if columns.isTrial(row) { visit(&self, row, columns.closes(row), day) }
            record(row, day: day)
        }
    }

    /// All features of a past touch.
    @inline(__always) mutating func addTouch(_ row: Int, day: Int32) {
        let c = Int(columns.touches.channel[row])
        let g = FeatureLayout.groupOfChannel[c]
        buffer.count = 0
        addContact(channel: c, group: g, rep: columns.touches.rep[row], day: day)
        addTime(columns.touches.time[row], group: g)
        let content = Int(columns.touches.content[row])
        if content >= 0 {
            addContent(content, channel: c, group: g)
            addAffinity(content, group: g, day: day)
        }
    }
}
