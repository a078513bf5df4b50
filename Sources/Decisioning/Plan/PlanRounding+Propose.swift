import Statistics

/// A sequence per lane and what the lane stands to gain by it.
struct Proposals {
    /// Lane × T.
    var choice: [Int16]
    /// -infinity = nothing proposed.
    var score: [Float]

    /// Lanes with a proposal by falling score, then by HCP.
    func order(_ partition: LanePartition) -> [Int] {
        var keyed: [(score: Float, hcp: Int32, lane: Int)] = []
        keyed.reserveCapacity(partition.lanes.count)
        for lane in partition.lanes.indices where partition.lanes[lane] >= 0 && score[lane] > -.infinity {
            keyed.append((score[lane], partition.lanes[lane], lane))
        }
        keyed.sort { $0.score != $1.score ? $0.score > $1.score : $0.hcp < $1.hcp }
        return keyed.map(\.lane)
    }
}

extension PlanRounding {
    /// The kernels' view of one block and where its results go.
    struct Block {
        let space: TrellisWorkspace
        let view: PriceView
        let hcps: UnsafePointer<Int32>
        /// Index of the block's first lane in the partition.
        let first: Int
        let choice: UnsafeMutablePointer<Int16>
        let score: UnsafeMutablePointer<Float>
    }

    private func forEachBlock(
        _ partition: LanePartition, _ point: DualPoint, _ body: (Block) -> Void
    ) -> Proposals {
        let prices = PriceArrays(point, capacity: room.capacity, bounds: room.bounds, layout: layout)
        var proposals = Proposals(
            choice: [Int16](repeating: -1, count: partition.lanes.count * days),
            score: [Float](repeating: 0, count: partition.lanes.count))
        proposals.choice.withUnsafeMutableBufferPointer { choice in
            proposals.score.withUnsafeMutableBufferPointer { score in
                // Chunks write to disjoint lanes.
                nonisolated(unsafe) let (choice, score) = (choice, score)
                crew.forEachChunk(partition.chunkCount) { space, chunk in
                    prices.withView { view in
                        partition.lanes.withUnsafeBufferPointer { lanes in
                            guard let lanes = lanes.baseAddress, let choice = choice.baseAddress,
                                let score = score.baseAddress
                            else { return }
                            for block in partition.blocks(of: chunk) {
                                let first = block * LaneMath.width
                                body(
                                    Block(
                                        space: space, view: view, hcps: lanes + first, first: first,
                                        choice: choice + first * days, score: score + first))
                            }
                        }
                    }
                }
            }
        }
        return proposals
    }

    /// A sequence for every lane.
    ///
    /// - Parameters:
    ///   - ranked: whether the score is what the HCP loses without scarce capacity (else 0).
    ///   - closed: no scarce capacity at all.
    func propose(
        _ partition: LanePartition, at point: DualPoint, manner: Manner, round: Int, ranked: Bool, closed: Bool
    ) -> Proposals {
        let rate = Float(layout.problem.randomTouchRate)
        return forEachBlock(partition, point) { block in
            let space = block.space
            func prepare(_ temperature: LaneTemperature, even: Bool, soft: Bool) {
                space.load(block.hcps, temperature: temperature)
                if even { space.rateEvenly(rate: rate) } else { space.rateActions(soft: soft) }
                space.fillPrices(block.view)
                if even { space.dropPrices() }
                if closed { space.closeScarceGroups() }
                space.spreadGains(soft: soft)
                _ = space.hardBackward()
                if soft { space.softBackward() }
            }
            func draw(even: Bool, where isWanted: (Int) -> Bool) {
                for lane in 0..<LaneMath.width where block.hcps[lane] >= 0 && isWanted(Int(block.hcps[lane])) {
                    var random = SeededGenerator(seed: self.seed, stream: UInt64(block.hcps[lane]) << 6 | UInt64(round))
                    space.sampleSequence(
                        lane: lane, even: even, random: &random, into: block.choice + lane * self.days)
                }
            }
            switch manner {
            case .best:
                prepare(LaneTemperature(relative: 1), even: false, soft: false)
                for lane in 0..<LaneMath.width where block.hcps[lane] >= 0 {
                    space.bestSequence(lane: lane, into: block.choice + lane * self.days)
                }
            case .even:
                prepare(LaneTemperature(relative: 1), even: true, soft: true)
                draw(even: true) { _ in true }
                for lane in 0..<LaneMath.width where block.hcps[lane] >= 0 {
                    block.score[lane] = PlanNoise.uniform(seed: self.seed ^ 0x5EED, hcp: Int(block.hcps[lane]), day: 62)
                }
                return
            case .sample(let temperature, let floor):
                let explores = (0..<LaneMath.width).contains {
                    block.hcps[$0] >= 0 && self.explores(Int(block.hcps[$0]), floor: floor)
                }
                if explores {
                    prepare(temperature, even: true, soft: true)
                    draw(even: true) { self.explores($0, floor: floor) }
                }
                prepare(temperature, even: false, soft: true)
                draw(even: false) { !self.explores($0, floor: floor) }
            }
            guard ranked else { return }
            let with = space.ahead[0]
            space.closeScarceGroups()
            space.spreadGains(soft: false)
            let without = space.hardBackward()
            for lane in 0..<LaneMath.width { block.score[lane] = with[lane] - without[lane] }
        }
    }

    /// Whether an HCP of the engine is decided like the random arm this time.
    func explores(_ hcp: Int, floor: Double) -> Bool {
        floor > 0 && Double(PlanNoise.uniform(seed: seed ^ 0xF1_00_12, hcp: hcp, day: 63)) < floor
    }

    /// Expected minutes per lane, slot and day, then use per side; and what each lane loses without scarce capacity.
    func expect(_ partition: LanePartition, at point: DualPoint, temperature: LaneTemperature)
        -> (demand: [Float], scores: [Float])
    {
        let slots = layout.problem.slotCount
        let sides = layout.sides.count
        let width = slots * days + sides
        var demand = [Float](repeating: 0, count: partition.lanes.count * width)
        let proposals = demand.withUnsafeMutableBufferPointer { demand in
            // Chunks write to disjoint lanes.
            nonisolated(unsafe) let demand = demand
            return forEachBlock(partition, point) { block in
                let space = block.space
                let tables = space.tables
                space.load(block.hcps, temperature: temperature)
                space.rateActions(soft: true)
                space.fillPrices(block.view)
                space.solveSoft()
                space.softUsage()
                let with = space.ahead[0]
                for g in 0..<tables.groupCount where tables.groupIsScarce[g] {
                    var touches = Lanes.zero
                    for t in 0..<self.days {
                        let usage = space.usage[g * self.days + t]
                        touches += usage
                        guard tables.groupSlot[g] >= 0 else { continue }
                        let column = Int(tables.groupSlot[g]) * self.days + t
                        for lane in 0..<LaneMath.width {
                            demand[(block.first + lane) * width + column] += usage[lane] * tables.groupMinutes[g]
                        }
                    }
                    for l in 0..<sides where tables.groupUse[g * sides + l] > 0 {
                        let use = touches * space.member[l] * tables.groupUse[g * sides + l]
                        for lane in 0..<LaneMath.width {
                            demand[(block.first + lane) * width + slots * self.days + l] += use[lane]
                        }
                    }
                }
                space.closeScarceGroups()
                space.spreadGains(soft: false)
                let without = space.hardBackward()
                for lane in 0..<LaneMath.width { block.score[lane] = with[lane] - without[lane] }
            }
        }
        return (demand, proposals.score)
    }

    /// What each HCP would lose by keeping a given sequence, as a negative score; the sequence is the proposal.
    func regrets(_ partition: LanePartition, at point: DualPoint, of sequences: [Int16]) -> Proposals {
        let audit = PlanAudit(problem: layout.problem)
        return sequences.withUnsafeBufferPointer { sequences in
            nonisolated(unsafe) let sequences = sequences
            return forEachBlock(partition, point) { block in
                guard let sequences = sequences.baseAddress else { return }
                let space = block.space
                space.load(block.hcps, temperature: LaneTemperature(relative: 1))
                space.rateActions(soft: false)
                space.fillPrices(block.view)
                space.spreadGains(soft: false)
                let best = space.hardBackward()
                for lane in 0..<LaneMath.width where block.hcps[lane] >= 0 {
                    let hcp = Int(block.hcps[lane])
                    let sequence = sequences + hcp * self.days
                    var kept = Float(audit.value(hcp, sequence))
                    for t in 0..<self.days where sequence[t] >= 0 {
                        kept -= space.price[self.layout.groupOfAction[Int(sequence[t])] * self.days + t][lane]
                    }
                    block.score[lane] = kept.isFinite ? kept - best[lane] : -.infinity
                }
            }
        }
    }

    /// Better sequences than what is held, within the room left and one's own.
    func proposeBetter(_ partition: LanePartition, at point: DualPoint) -> Proposals {
        choice.withUnsafeBufferPointer { own in
            held.withUnsafeBufferPointer { held in
                nonisolated(unsafe) let (own, held) = (own, held)
                return forEachBlock(partition, point) { block in
                    guard let own = own.baseAddress else { return }
                    let space = block.space
                    space.load(block.hcps, temperature: LaneTemperature(relative: 1))
                    space.rateActions(soft: false)
                    space.fillPrices(block.view, own: own)
                    space.spreadGains(soft: false)
                    let best = space.hardBackward()
                    for lane in 0..<LaneMath.width {
                        block.score[lane] = -.infinity
                        guard block.hcps[lane] >= 0 else { continue }
                        let hcp = Int(block.hcps[lane])
                        var now = Float(held[hcp])
                        for t in 0..<self.days where own[hcp * self.days + t] >= 0 {
                            let g = self.layout.groupOfAction[Int(own[hcp * self.days + t])]
                            now -= space.price[g * self.days + t][lane]
                        }
                        let gain = best[lane] - now
                        guard gain > 1e-5 * space.scale[lane] else { continue }
                        space.bestSequence(lane: lane, into: block.choice + lane * self.days)
                        block.score[lane] = gain
                    }
                }
            }
        }
    }
}
