/// Shadow prices and room as the kernels read them.
struct PriceView {
    /// R × T × D, currency per touch of each duration, and R × T minutes left.
    let repPrice: UnsafeBufferPointer<Float>
    let repRoom: UnsafeBufferPointer<Float>
    /// R × T × D: how often a touch of each duration counts on the rep-day; empty when nothing is counted.
    let repCounts: UnsafeBufferPointer<Float>
    /// Per side of a limit: price per unit of (signed) use, and use left; sides that are floors have infinite room.
    let limitPrice: UnsafeBufferPointer<Float>
    let limitRoom: UnsafeBufferPointer<Float>
}

extension TrellisWorkspace {
    /// Prices every group on every day for the loaded block; no room for one touch makes it `-never`.
    ///
    /// - Parameter own: N × T choices whose use is added back to the room: an HCP may always keep what it holds.
    func fillPrices(_ view: PriceView, own: UnsafePointer<Int16>? = nil) {
        let days = tables.dayCount
        gatherReps(view)
        for l in 0..<tables.sideCount { limitRoom[l] = Lanes(repeating: view.limitRoom[l]) }
        if let own { addBack(own) }
        let closed = Lanes(repeating: -LaneMath.never)
        for g in 0..<tables.groupCount {
            var fixed = Lanes.zero
            for l in 0..<tables.sideCount {
                let use = tables.groupUse[g * tables.sideCount + l]
                guard use > 0 else { continue }
                let weighted = member[l] * use
                fixed += weighted * (view.limitPrice[l] * tables.sideSign[l])
                if tables.sideSign[l] > 0 { fixed.replace(with: closed, where: weighted .> limitRoom[l] * 1.000_000_1) }
            }
            // A floor's negative price must not reopen what a ceiling has closed.
            fixed.replace(with: closed, where: fixed .> -LaneMath.never / 2)
            let slot = Int(tables.groupSlot[g])
            let minutes = tables.groupMinutes[g]
            let duration = Int(tables.groupDuration[g])
            let out = price + g * days
            for t in 0..<days {
                var p = fixed
                if slot >= 0 {
                    p += repPrice[(slot * days + t) * tables.durationCount + duration]
                    p.replace(with: closed, where: repRoom[slot * days + t] * 1.000_000_1 .< Lanes(repeating: minutes))
                }
                out[t] = p
            }
        }
        if !layout.blockedCells.isEmpty { closeBlocked() }
    }

    private func closeBlocked() {
        for lane in 0..<LaneMath.width where hcps[lane] >= 0 {
            let hcp = Int(hcps[lane])
            for k in Int(layout.blockedStart[hcp])..<Int(layout.blockedStart[hcp + 1]) {
                Self.lane(price, Int(layout.blockedCells[k]), lane).pointee = -LaneMath.never
            }
        }
    }

    /// Prices and room of each lane's reps; lanes of one rep, the usual case, share one load.
    private func gatherReps(_ view: PriceView) {
        let (days, slots, durations) = (tables.dayCount, tables.slotCount, tables.durationCount)
        let (cells, isCounted) = (days * durations, !view.repCounts.isEmpty)
        layout.problem.sender.withUnsafeBufferPointer { sender in
            for slot in 0..<slots {
                let first = sender[Int(hcps[0]) * slots + slot]
                var isShared = first >= 0
                for lane in 1..<LaneMath.width where hcps[lane] >= 0 {
                    if sender[Int(hcps[lane]) * slots + slot] != first { isShared = false }
                }
                let (prices, rooms) = (repPrice + slot * cells, repRoom + slot * days)
                let counts = repCounts + slot * cells
                if isShared {
                    let from = Int(first) * cells
                    for k in 0..<cells { prices[k] = Lanes(repeating: view.repPrice[from + k]) }
                    if isCounted { for k in 0..<cells { counts[k] = Lanes(repeating: view.repCounts[from + k]) } }
                    for t in 0..<days { rooms[t] = Lanes(repeating: view.repRoom[Int(first) * days + t]) }
                    continue
                }
                for lane in 0..<LaneMath.width {
                    let rep = hcps[lane] < 0 ? -1 : Int(sender[Int(hcps[lane]) * slots + slot])
                    for k in 0..<cells {
                        Self.lane(prices, k, lane).pointee = rep < 0 ? 0 : view.repPrice[rep * cells + k]
                        guard isCounted else { continue }
                        Self.lane(counts, k, lane).pointee = rep < 0 ? 0 : view.repCounts[rep * cells + k]
                    }
                    for t in 0..<days {
                        Self.lane(rooms, t, lane).pointee = rep < 0 ? 0 : view.repRoom[rep * days + t]
                    }
                }
            }
        }
    }

    private func addBack(_ own: UnsafePointer<Int16>) {
        for lane in 0..<LaneMath.width where hcps[lane] >= 0 {
            for t in 0..<tables.dayCount {
                let a = Int(own[Int(hcps[lane]) * tables.dayCount + t])
                guard a >= 0 else { continue }
                let g = layout.groupOfAction[a]
                let slot = Int(tables.groupSlot[g])
                if slot >= 0 {
                    Self.lane(repRoom, slot * tables.dayCount + t, lane).pointee += tables.groupMinutes[g]
                }
                for l in 0..<tables.sideCount where tables.sideSign[l] > 0 {
                    Self.lane(limitRoom, l, lane).pointee += tables.groupUse[g * tables.sideCount + l] * member[l][lane]
                }
            }
        }
    }

    /// How often a touch of a group counts on a day, for each lane's rep (see `VisitLimits`).
    @inline(__always) func counts(group: Int, slot: Int, day: Int) -> Lanes {
        repCounts[(slot * tables.dayCount + day) * tables.durationCount + Int(tables.groupDuration[group])]
    }

    /// The random arm looks at room, not at prices.
    func dropPrices() {
        for i in 0..<tables.groupCount * tables.dayCount {
            price[i].replace(with: 0, where: price[i] .< -LaneMath.never / 2)
        }
    }

    /// Leaves only groups that use no shared capacity.
    func closeScarceGroups() {
        for g in 0..<tables.groupCount where tables.groupIsScarce[g] {
            for t in 0..<tables.dayCount { price[g * tables.dayCount + t] = Lanes(repeating: -LaneMath.never) }
        }
    }
}

enum PlanNoise {
    /// A number in [0, 1) for an HCP and day: the same on every machine, without state.
    @inline(__always) static func uniform(seed: UInt64, hcp: Int, day: Int) -> Float {
        var z = seed &+ UInt64(truncatingIfNeeded: hcp &* 64 &+ day) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Float((z ^ (z >> 31)) >> 40) * 0x1.0p-24
    }
}
