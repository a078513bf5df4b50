/// What one sweep tells about the dual: its value warm and cold, expected use, and a model of its curvature.
///
/// Curvature per HCP: uses on one day are exact (a multinomial over groups); uses on two days are taken to repel
/// each other as far as a fixed number of touches would make them, `-c·m_t·m_s` with the largest c that keeps the
/// matrix positive. The model only shapes the step; prices are judged by the exact gradient and bound.
struct DualSums {
    let repCount: Int
    let dayCount: Int
    let limitCount: Int
    /// Prices of one rep: minutes of T days, then counted touches of T days where there are any.
    let width: Int
    /// Σ τ·ln Z, and the same at τ = 0 with its rounding error.
    var soft = 0.0
    var hard = 0.0
    var slip = 0.0
    /// In the order of `DualPoint`: R × T minutes, R × T counted touches or none; and per side.
    var repUse: [Double]
    var limitUse: [Double]
    /// R × W × W, R × W × L, L × L.
    var repCurvature: [Double]
    var crossCurvature: [Double]
    var limitCurvature: [Double]

    init(repCount: Int, dayCount: Int, limitCount: Int, countsVisits: Bool) {
        self.repCount = repCount
        self.dayCount = dayCount
        self.limitCount = limitCount
        width = countsVisits ? 2 * dayCount : dayCount
        repUse = [Double](repeating: 0, count: repCount * width)
        limitUse = [Double](repeating: 0, count: limitCount)
        repCurvature = [Double](repeating: 0, count: repCount * width * width)
        crossCurvature = [Double](repeating: 0, count: repCount * width * limitCount)
        limitCurvature = [Double](repeating: 0, count: limitCount * limitCount)
    }

    /// Use of what one price of a `DualPoint` is for.
    func use(_ index: Int) -> Double { index < repUse.count ? repUse[index] : limitUse[index - repUse.count] }
}

/// The sums of one chunk: only the reps that its HCPs have.
struct ChunkSums {
    let reps: [Int32]
    /// Lane × slot → position in `reps`, -1 without a sender.
    let local: [Int32]
    let dayCount: Int
    let limitCount: Int
    let slotCount: Int
    let width: Int
    let stride: Int
    var soft = 0.0
    var hard = 0.0
    var slip = 0.0
    /// Per rep: W uses, W × W (lower triangle), W × L; then L and L × L (lower triangle).
    var sums: [Double]

    init(_ partition: LanePartition, chunk: Int, layout: PlanLayout, countsVisits: Bool) {
        let slots = layout.problem.slotCount
        var indexOf: [Int32: Int32] = [:]
        var reps: [Int32] = []
        var local: [Int32] = []
        for block in partition.blocks(of: chunk) {
            for slot in 0..<slots {
                for lane in 0..<LaneMath.width {
                    let hcp = partition.lanes[block * LaneMath.width + lane]
                    let rep = hcp < 0 ? -1 : layout.problem.sender[Int(hcp) * slots + slot]
                    guard rep >= 0 else {
                        local.append(-1)
                        continue
                    }
                    if let known = indexOf[rep] {
                        local.append(known)
                    } else {
                        indexOf[rep] = Int32(reps.count)
                        local.append(Int32(reps.count))
                        reps.append(rep)
                    }
                }
            }
        }
        self.reps = reps
        self.local = local
        slotCount = slots
        dayCount = layout.dayCount
        limitCount = layout.sides.count
        width = countsVisits ? 2 * dayCount : dayCount
        stride = width * (1 + width + limitCount)
        sums = [Double](repeating: 0, count: reps.count * stride + limitCount * (limitCount + 1))
    }

    mutating func clear() {
        (soft, hard, slip) = (0, 0, 0)
        for i in sums.indices { sums[i] = 0 }
    }

    func add(to total: inout DualSums) {
        total.soft += soft
        total.hard += hard
        total.slip += slip
        let (t, w, l) = (dayCount, width, limitCount)
        for (k, rep) in reps.enumerated() {
            let r = Int(rep)
            let from = k * stride
            for d in 0..<w {
                total.repUse[d < t ? r * t + d : (total.repCount - 1 + r) * t + d] += sums[from + d]
                for e in 0...d {
                    let value = sums[from + w + d * w + e]
                    total.repCurvature[(r * w + d) * w + e] += value
                    if e != d { total.repCurvature[(r * w + e) * w + d] += value }
                }
            }
            for d in 0..<w * l { total.crossCurvature[r * w * l + d] += sums[from + w + w * w + d] }
        }
        let from = reps.count * stride
        for d in 0..<l {
            total.limitUse[d] += sums[from + d]
            for e in 0...d {
                let value = sums[from + l + d * l + e]
                total.limitCurvature[d * l + e] += value
                if e != d { total.limitCurvature[e * l + d] += value }
            }
        }
    }

    /// Adds the values of one block after its backward passes.
    mutating func addValues(_ space: TrellisWorkspace) {
        let (best, ways) = (space.ahead[0], space.ways[0])
        let gain = space.bestGain()
        for lane in 0..<LaneMath.width where space.hcps[lane] >= 0 {
            hard += Double(best[lane])
            soft += Double(best[lane]) + Double(space.tau[lane]) * LaneMath.ln(ways[lane])
            // A few roundings of 2⁻²⁴ for each of at most T touches, where there is any.
            if gain[lane] > LaneMath.never / 2 { slip += Double(space.scale[lane]) * Double(dayCount) * 3e-7 }
        }
    }

    /// Adds expected use and curvature of one block after its soft passes.
    mutating func addUse(_ space: TrellisWorkspace, blockInChunk: Int) {
        let tables = space.tables
        let (days, limits, groups) = (dayCount, limitCount, tables.groupCount)
        // Lane moments: touches a day, use of every limit a day and in all.
        let touches = space.moments
        let limitDay = touches + days
        let limitAll = limitDay + days * limits
        // Of one slot: W uses; T squares of minutes, products of minutes and counts, squares of counts.
        let demand = limitAll + limits
        let second = demand + 2 * days
        for i in 0..<days * (1 + limits) + limits { touches[i] = .zero }
        var total = Lanes.zero
        var most = Lanes.zero
        for t in 0..<days {
            for g in 0..<groups { touches[t] += space.usage[g * days + t] }
            total += touches[t]
            most = LaneMath.max(most, touches[t])
        }
        for g in 0..<groups {
            for l in 0..<limits {
                let use = tables.groupUse[g * limits + l] * tables.sideSign[l]
                guard use != 0 else { continue }
                let weight = space.member[l] * use
                for t in 0..<days { limitDay[t * limits + l] += space.usage[g * days + t] * weight }
            }
        }
        for t in 0..<days { for l in 0..<limits { limitAll[l] += limitDay[t * limits + l] } }
        let inverse = Lanes(repeating: 1) / space.tau
        let one = Lanes(repeating: 1)
        var repel = (one - most) / LaneMath.max(total - most, Lanes(repeating: 1e-6))
        repel.replace(with: one, where: repel .> one)
        repel = LaneMath.max(repel, .zero) * 0.95
        let limitFrom = reps.count * stride
        let (local, slotCount, stride, width) = (self.local, self.slotCount, self.stride, self.width)
        sums.withUnsafeMutableBufferPointer { sums in
            local.withUnsafeBufferPointer { local in
                guard let sums = sums.baseAddress else { return }
                for slot in 0..<slotCount {
                    guard let owner = local.baseAddress else { return }
                    let place = RepPlace(
                        local: owner + (blockInChunk * slotCount + slot) * LaneMath.width, sums: sums, stride: stride)
                    for k in 0..<5 * days { demand[k] = .zero }
                    for g in 0..<groups where Int(tables.groupSlot[g]) == slot {
                        let minutes = tables.groupMinutes[g]
                        for t in 0..<days {
                            let touches = space.usage[g * days + t]
                            let q = touches * minutes
                            demand[t] += q
                            second[t] += q * minutes
                            guard width > days else { continue }
                            let counts = space.counts(group: g, slot: slot, day: t)
                            demand[days + t] += touches * counts
                            second[days + t] += q * counts
                            second[2 * days + t] += touches * counts * counts
                        }
                    }
                    for k in 0..<width {
                        let t = k % days
                        let left = demand[k] * repel * inverse
                        place.put(k, demand[k])
                        for j in 0...k {
                            let value =
                                j % days == t
                                ? (second[(k / days + j / days) * days + t] - demand[k] * demand[j]) * inverse
                                : Lanes.zero - left * demand[j]
                            place.put(width + k * width + j, value)
                        }
                        for l in 0..<limits {
                            var both = Lanes.zero
                            for g in 0..<groups where Int(tables.groupSlot[g]) == slot {
                                let use = tables.groupUse[g * limits + l] * tables.sideSign[l]
                                guard use != 0 else { continue }
                                let weight =
                                    k < days
                                    ? Lanes(repeating: tables.groupMinutes[g])
                                    : space.counts(group: g, slot: slot, day: t)
                                both += space.usage[g * days + t] * weight * use
                            }
                            let same = limitDay[t * limits + l]
                            let value =
                                (both * space.member[l] - demand[k] * same) * inverse - left * (limitAll[l] - same)
                            place.put(width + width * width + k * limits + l, value)
                        }
                    }
                }
                Self.addLimits(
                    space, sums: sums + limitFrom, limitDay: limitDay, limitAll: limitAll, repel: repel,
                    inverse: inverse)
            }
        }
    }

    private static func addLimits(
        _ space: TrellisWorkspace, sums: UnsafeMutablePointer<Double>, limitDay: UnsafeMutablePointer<Lanes>,
        limitAll: UnsafeMutablePointer<Lanes>, repel: Lanes, inverse: Lanes
    ) {
        let tables = space.tables
        let (days, limits) = (tables.dayCount, tables.sideCount)
        for l in 0..<limits {
            sums[l] += Double(limitAll[l].sum())
            for m in 0...l {
                var diagonal = Lanes.zero
                var same = Lanes.zero
                for t in 0..<days { same += limitDay[t * limits + l] * limitDay[t * limits + m] }
                for g in 0..<tables.groupCount {
                    let use =
                        tables.groupUse[g * limits + l] * tables.groupUse[g * limits + m] * tables.sideSign[l]
                        * tables.sideSign[m]
                    guard use != 0 else { continue }
                    var all = Lanes.zero
                    for t in 0..<days { all += space.usage[g * days + t] }
                    diagonal += all * (space.member[l] * space.member[m] * use)
                }
                let value = (diagonal - same - repel * (limitAll[l] * limitAll[m] - same)) * inverse
                sums[limits + l * limits + m] += Double(value.sum())
            }
        }
    }
}

/// Where the lanes of one block and slot add to: one rep for all, the usual case, or one each.
private struct RepPlace {
    let local: UnsafePointer<Int32>
    let sums: UnsafeMutablePointer<Double>
    let stride: Int
    let shared: Int

    init(local: UnsafePointer<Int32>, sums: UnsafeMutablePointer<Double>, stride: Int) {
        self.local = local
        self.sums = sums
        self.stride = stride
        var shared = Int(local[0])
        // Pads have no use, so they may share.
        for lane in 1..<LaneMath.width where local[lane] >= 0 && Int(local[lane]) != shared { shared = -1 }
        self.shared = shared
    }

    @inline(__always) func put(_ offset: Int, _ value: Lanes) {
        if shared >= 0 {
            sums[shared * stride + offset] += Double(value.sum())
        } else {
            for lane in 0..<LaneMath.width where local[lane] >= 0 {
                sums[Int(local[lane]) * stride + offset] += Double(value[lane])
            }
        }
    }
}
