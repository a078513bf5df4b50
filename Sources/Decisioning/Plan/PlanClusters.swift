/// HCPs who compete for the same reps' days, directly or through others.
struct PlanClusters {
    struct Cluster {
        var hcps: [Int32]
        var reps: [Int32]
    }

    let clusters: [Cluster]
    /// Rep → first of its dimensions in its cluster.
    let dimensionOfRep: [Int32]

    /// Clusters of more rep-days than this are left to turns.
    static let maximumDimensions = 200

    /// nil when reps hang together in clusters that are too large.
    init?(_ hcps: [Int32], layout: PlanLayout) {
        let problem = layout.problem
        let (days, reps, slots) = (layout.dayCount, problem.repCount, problem.slotCount)
        var root = (0..<reps).map { $0 }
        func find(_ rep: Int) -> Int {
            var r = rep
            while root[r] != r {
                root[r] = root[root[r]]
                r = root[r]
            }
            return r
        }
        for hcp in hcps where slots > 1 {
            var held = -1
            for slot in 0..<slots {
                let rep = Int(problem.sender[Int(hcp) * slots + slot])
                guard rep >= 0 else { continue }
                if held >= 0 { root[find(rep)] = find(held) }
                held = rep
            }
        }
        var members = [[Int32]](repeating: [], count: reps)
        for r in 0..<reps { members[find(r)].append(Int32(r)) }
        guard members.allSatisfy({ $0.count * days <= Self.maximumDimensions }) else { return nil }
        var dimension = [Int32](repeating: 0, count: reps)
        var people = [[Int32]](repeating: [], count: reps)
        var alone: [Int32] = []
        for hcp in hcps {
            var r = -1
            for slot in 0..<slots where r < 0 { r = Int(problem.sender[Int(hcp) * slots + slot]) }
            if r < 0 { alone.append(hcp) } else { people[find(r)].append(hcp) }
        }
        var result: [Cluster] = []
        for r in 0..<reps where !people[r].isEmpty {
            for (k, rep) in members[r].enumerated() { dimension[Int(rep)] = Int32(k * days) }
            result.append(Cluster(hcps: people[r], reps: members[r]))
        }
        for start in stride(from: 0, to: alone.count, by: 512) {
            result.append(Cluster(hcps: Array(alone[start..<min(alone.count, start + 512)]), reps: []))
        }
        clusters = result
        dimensionOfRep = dimension
    }
}
